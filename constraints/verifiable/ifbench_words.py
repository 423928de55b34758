"""IFBench's ``words`` constraints, repaired: what each word is like, where words stand, how sentences hang together."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import ClassVar

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, compare
from ..document import Document, Span
from ._ifbench_text import first_places
from ._ifbench_verbs import first_word, opens_with_verb
from ._ifbench_words_rules import (
    EVERY_WORD,
    KeywordParams,
    PositionParams,
    RepeatsParams,
    Rule,
    alternation,
    drawn_word,
    each_word,
    follows_alphabet,
    none_there,
    paragraphs_close,
    sentences_chain,
    shared_initials,
)
from ._ifbench_words_text import (
    has_cluster,
    heading,
    is_unspaced,
    numerals,
    palindromes,
    plain,
    prime_length,
    prose_sentences,
    settled,
    spoken,
    stands_at,
    told,
    vowel_places,
    whole_lines,
    words_in,
)

__all__ = [
    "Alphabet",
    "Consonants",
    "KeywordPosition",
    "LastFirst",
    "NoConsecutive",
    "OddEvenSyllables",
    "Palindrome",
    "ParagraphLastFirst",
    "PrimeLengths",
    "Repeats",
    "SecondWords",
    "StartVerb",
    "Vowel",
]

_BINDING = frozenset({"language", "format.json", "keywords", "start_end", "count"})
"""What cannot hold where the letters of every word are bound."""
PALINDROMES, VOWEL_KINDS = 10, 3
_VERB_TEXT = 600
"""Characters after which no more text turns the verdict on the first word round."""


class Alphabet(Rule):
    """Each word begins with the letter after the previous word's, A after Z; two words at least, any first letter.

    The published check takes *and/or* for one word and passes a single word.
    """

    id = "words:alphabet"
    slots = EVERY_WORD | {"start", "initials"}
    conflicts = _BINDING
    examples = Witness("All birds can dance.", "All cats bite dogs.")

    def judge(self, params: ConstraintParams, document: Document) -> Check:
        """Reads the first letters; an accent does not make another letter."""
        return follows_alphabet(document)


class Vowel(Rule):
    """One paragraph of words with at most three of the vowels a, e, i, o, u in all of them; y is none.

    Lines of a paragraph may wrap, which the published check does not allow; accented vowels count; a list, a single
    word and a text without vowels are no such paragraph.
    """

    id = "words:vowel"
    slots = EVERY_WORD | {"paragraphs", "bullets"}
    conflicts = _BINDING
    examples = Witness("Big red pins fill ten bins.", "The old house is up on a hill.")

    def judge(self, params: ConstraintParams, document: Document) -> Check:
        """Counts the vowels, then the paragraphs."""
        places = vowel_places(document.text)
        kinds, spans = len(places), tuple(sorted(places.values()))
        if kinds > VOWEL_KINDS:
            return Check(Outcome.VIOLATED, f"{kinds} vowels: {', '.join(sorted(places))}", kinds, spans)
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut", kinds)
        if not kinds and any(is_unspaced(word) or not plain(word).isascii() for word in document.words):
            return Check(Outcome.UNKNOWN, "no Latin vowels")
        if len(document.paragraphs) != 1 or len(document.bullets) > 1:
            return Check(Outcome.VIOLATED, f"{len(document.paragraphs)} paragraphs, {len(document.bullets)} bullets")
        if not kinds or len(spoken(document)) < 2:
            return Check(Outcome.VIOLATED, "no paragraph of words with vowels", kinds)
        return Check(Outcome.SATISFIED, f"{kinds} vowels: {', '.join(sorted(places))}", kinds)


class Consonants(Rule):
    """Each word has two consonant letters together; a number has none, y is one only before a vowel (*canyon*).

    The published check takes lone signs for words and y for a consonant everywhere.
    """

    id = "words:consonants"
    slots = EVERY_WORD
    conflicts = _BINDING
    one_word = True
    examples = Witness("Strong winds blast branches.", "We see it.")

    def judge(self, params: ConstraintParams, document: Document) -> Check:
        """Looks at each word."""
        return each_word(document, has_cluster, "without a consonant cluster")


class Palindrome(Rule):
    """At least ten words of at least five letters that read the same backwards; a repeated one counts each time.

    A number (12321), one letter repeated (aaaaa) and words joined with a hyphen are none.
    """

    id = "words:palindrome"
    categories = ("Linguistic", "Numerical")
    slots = frozenset({"palindromes"})
    examples = Witness("level radar civic kayak refer rotor madam tenet stats solos", "level radar civic")

    def judge(self, params: ConstraintParams, document: Document) -> Check:
        """Counts them."""
        spans = palindromes(document)
        sure = len(spans)
        # The last word of all may go on.
        if document.cut and spans and spans[-1] == document.word_spans[-1]:
            sure = len(settled(document, list(spans)))
        outcome = compare(sure, "at_least", PALINDROMES, document.cut)
        return Check(outcome, f"{len(spans)} palindromes; asked: at least {PALINDROMES}", len(spans), spans)


class PrimeLengths(Rule):
    """Each word has a prime number of letters and digits; apostrophes, hyphens and accents do not count.

    The published check counts a curly apostrophe and knows no prime above 97. Unknown for scripts without spaces.
    """

    id = "words:prime_lengths"
    categories = ("Linguistic", "Numerical")
    slots = EVERY_WORD
    conflicts = _BINDING
    examples = Witness("Seven of the birds are in.", "Four birds sing.")

    def judge(self, params: ConstraintParams, document: Document) -> Check:
        """Measures each word."""
        return each_word(document, prime_length, "of a length that is not prime")


class StartVerb(Rule):
    """The first word is a verb in any form: imperative, question, -ing, past, third person, auxiliary or modal.

    The published tagger misses most capitalised imperatives. Unknown for words that may be nouns or adjectives where
    they stand, and for languages other than English. Marks, emphasis and list numerals before the word do not count.
    """

    id = "words:start_verb"
    english = True
    slots = frozenset({"start"})
    conflicts = frozenset({"language", "format.json", "format.title"})
    examples = Witness("Explore the old town.", "The old town is worth a visit.")

    def judge(self, params: ConstraintParams, document: Document) -> Check:
        """Looks at the first word and, where it may be a noun, at what follows."""
        if document.cut and len(document.text) < _VERB_TEXT:
            return Check(Outcome.UNKNOWN, "the reply was cut")
        text = document.text[: 4 * _VERB_TEXT]
        place = first_word(text)
        if place is None:
            return none_there(document, "word at the beginning")
        fenced = "```" in document.text or "~~~" in document.text
        prose = not fenced or any(a <= place[0] < b for a, b in document.prose_lines)
        found = opens_with_verb(text) if prose else False
        word = text[slice(*place)]
        said = {True: "a verb", False: "no verb", None: "a verb or not"}[found]
        return Check(Outcome.of(found), f"begins with {word[:40]}: {said}", word[:40], (place,))


class Repeats(Rule):
    """No word occurs more than ``small_n`` times, in any case; inflected forms are other words.

    The published check deletes hyphens, so that *well-known* and *wellknown* are one word, and splits at space only.
    """

    id = "words:repeats"
    Params = RepeatsParams
    categories = ("Linguistic", "Numerical")
    slots = frozenset({"repeats"})
    conflicts = frozenset({"language", "format.json", "keywords.frequency", "words:palindrome"})
    one_word = True

    def draw(self, instruction: Instruction, rng: Random) -> RepeatsParams:
        """Draws a small number."""
        return RepeatsParams(small_n=rng.choice((2, 3, 4, 5)))

    def judge(self, params: RepeatsParams, document: Document) -> Check:
        """Counts each word."""
        words, places = told(document)
        small = list(map(plain if not document.text.isascii() else str.lower, words))
        if not small:
            return none_there(document, "words")
        # Of words as frequent the first one.
        times = Counter(small)
        word = max(times, key=times.__getitem__)
        most = times[word]
        outcome = compare(most, "at_most", params.small_n, document.cut)
        spans: tuple[Span, ...] = ()
        if outcome is Outcome.VIOLATED:
            spans = first_places(document, [at for at, one in enumerate(small) if one == word], places)
        return Check(outcome, f"{word[:40]}: {most} times; asked: at most {params.small_n}", most, spans)

    def witness(self, params: RepeatsParams, rng: Random) -> Witness:
        """Gives different words, and one word too often."""
        return Witness("Birds sing.", " ".join(["bird"] * (params.small_n + 1)))


class OddEvenSyllables(Rule):
    """Words with odd and even numbers of syllables alternate; two words at least; either may begin.

    Syllables are counted by rule; unknown where the verdict hangs on a word that is said in two ways or whose spelling
    leaves its number open. The published dictionary gives every word one number.
    """

    id = "words:odd_even_syllables"
    categories = ("Linguistic", "Numerical")
    english = True
    slots = EVERY_WORD
    conflicts = _BINDING
    examples = Witness("Rivers run over stones.", "Birds sing songs.")

    def judge(self, params: ConstraintParams, document: Document) -> Check:
        """Counts the syllables of each word."""
        return alternation(document)


class LastFirst(Rule):
    """Each sentence begins with the last word of the one before, in any case; two sentences at least.

    The published check passes a single sentence and any text without end marks; headings are no sentences.
    """

    id = "words:last_first"
    slots = frozenset({"wording", "sentences", "bullets"})
    conflicts = frozenset({"language", "format.json", "keywords.frequency"})
    examples = Witness("We love tea. Tea is warm.", "We love tea. It is warm.")

    def judge(self, params: ConstraintParams, document: Document) -> Check:
        """Compares neighbouring sentences; of a cut response its whole lines."""
        found = sentences_chain(whole_lines(document))
        if document.cut and (found.outcome is not Outcome.VIOLATED or not found.spans):
            return Check(Outcome.UNKNOWN, "the reply was cut", found.measured)
        return found


class ParagraphLastFirst(Rule):
    """Each paragraph ends with the word it begins with, in any case and without the marks around it.

    Each line is a paragraph; where blank lines part the text, lines may wrap. Headings, titles, dividers and code are
    none; a paragraph of one word passes. The published check compares the first word with the marks after it.
    """

    id = "words:paragraph_last_first"
    slots = frozenset({"paragraphs", "bullets", "start", "end"})
    conflicts = frozenset({"language", "format.json", "format.title", "keywords.frequency"})
    one_word = True
    examples = Witness("Tea, as I say, is only tea.", "Tea is warm.")

    def judge(self, params: ConstraintParams, document: Document) -> Check:
        """Compares the first and the last word of each; a cut response has no last paragraph."""
        whole = whole_lines(document)
        lines = [(a, b) for a, b in whole.prose_lines if a < b and not heading(whole.text, a, b)]
        found = paragraphs_close(whole, lines)
        if not document.cut:
            return found
        # The last block may go on, and then what ends otherwise is no end.
        if found.spans and paragraphs_close(whole, whole.paragraphs[:-1]).spans:
            return found
        return Check(Outcome.UNKNOWN, "the reply was cut", found.measured)


class NoConsecutive(Rule):
    """No two neighbouring words begin with the same letter; digits are no letters, an accent makes another letter.

    The published check compares digits too, and takes *and/or* for one word.
    """

    id = "words:no_consecutive"
    slots = EVERY_WORD
    one_word = True
    examples = Witness("Birds sing at dawn.", "Big birds sing.")

    def judge(self, params: ConstraintParams, document: Document) -> Check:
        """Compares the first letters; a cut response is judged as far as it goes."""
        if not document.words:
            return none_there(document, "words")
        if all(map(is_unspaced, set(document.words))):
            return Check(Outcome.UNKNOWN, "words of a script without spaces")
        count, spans = shared_initials(document)
        reason = f"{count} words begin as the one before" if count else "no neighbours begin alike"
        return Check(Outcome.of(not count), reason, count, spans)


class KeywordPosition(Rule):
    """The keyword is the m-th word of the n-th sentence, in any case; signs are no words.

    The published check counts commas and quotation marks as words and minds capitals.
    """

    id = "words:keywords_specific_position"
    Params = PositionParams
    categories = ("Content", "Numerical")
    slots = frozenset({"sentences", "bullets"})
    conflicts = frozenset({"language", "format.json", "keywords", "length"})

    def draw(self, instruction: Instruction, rng: Random) -> PositionParams:
        """Draws a word of the request and a place near the beginning."""
        return PositionParams(keyword=drawn_word(instruction, rng), n=rng.randint(2, 4), m=rng.randint(3, 7))

    def judge(self, params: PositionParams, document: Document) -> Check:
        """Looks at the place; of a cut response at its whole lines, but for the last sentence."""
        whole = whole_lines(document)
        sentences = prose_sentences(whole)
        reached = len(sentences) >= params.n
        here = words_in(whole.text, sentences[params.n - 1], numerals(whole)) if reached else []
        if document.cut and len(sentences) <= params.n:
            return Check(Outcome.UNKNOWN, "the reply was cut", len(sentences))
        if len(here) < params.m:
            reason = f"{len(sentences)} sentences, sentence {params.n} has {len(here)} words"
            return Check(Outcome.VIOLATED, reason, len(here))
        span = here[params.m - 1]
        holds = stands_at(params.keyword, whole, span)
        return Check(Outcome.of(holds), f"there stands {whole.text[slice(*span)][:40]}", None, (span,))

    def witness(self, params: PositionParams, rng: Random) -> Witness:
        """Gives the keyword at its place, and one place later."""
        filler = "so" if plain(params.keyword) != "so" else "thus"
        before = "It is so. " * (params.n - 1)
        right, wrong = (" ".join([filler] * count + [params.keyword, "again."]) for count in (params.m - 1, params.m))
        return Witness(before + right, before + wrong)


class SecondWords(Rule):
    """The second word and the second to last word are the keyword, in any case; signs are no words.

    The published check counts signs as words, so that two of them at the end shift the place, and minds capitals.
    """

    id = "words:words_position"
    Params: ClassVar[type[ConstraintParams]] = KeywordParams
    categories = ("Content", "Linguistic")
    slots = frozenset({"start", "end"})
    conflicts = frozenset({"language", "format.json", "format.title", "keywords.exclude", "keywords.frequency"})

    def draw(self, instruction: Instruction, rng: Random) -> KeywordParams:
        """Draws a word of the request."""
        return KeywordParams(keyword=drawn_word(instruction, rng))

    def judge(self, params: KeywordParams, document: Document) -> Check:
        """Looks at both places; a cut response has no end."""
        spans = settled(document, spoken(document))
        if len(spans) < 2:
            return none_there(document, "two words")
        wrong = tuple(span for span in (spans[1], spans[-2]) if not stands_at(params.keyword, document, span))
        if document.cut and (not wrong or wrong[0] != spans[1]):
            return Check(Outcome.UNKNOWN, "the reply was cut")
        found = (
            f"second: {document.text[slice(*spans[1])][:40]}, second to last: {document.text[slice(*spans[-2])][:40]}"
        )
        return Check(Outcome.of(not wrong), found, None, wrong or (spans[1], spans[-2]))

    def witness(self, params: KeywordParams, rng: Random) -> Witness:
        """Gives the word at both places, and at neither."""
        return Witness(f"The {params.keyword} is a {params.keyword} indeed.", f"{params.keyword}, once seen, stays.")
