"""IFBench's constraints on how often something occurs: words, different words, keywords, names, pronouns, marks."""

from __future__ import annotations

from itertools import islice
from random import Random
from typing import Any

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, Witness, blank_check, compare
from ..document import EVIDENCE, Document
from ._fit import free_length, wants_code
from ._ifbench_japanese import is_japanese, is_other, places_of, spaced_words
from ._ifbench_keywords import keyword_places
from ._ifbench_lists import CONJUNCTIONS, PERSON_NAMES
from ._ifbench_names import names_in
from ._ifbench_params import TIMES, ConjunctionCount, Keywords, Least, NameCount, NumberCount, WordLimits
from ._ifbench_pronouns import pronouns
from ._ifbench_text import first_places, folded, keywords_for, settled
from ._published import Adapted, NoParams, Published
from ._wording import quoted

__all__ = [
    "Conjunctions",
    "JapaneseWords",
    "KeywordsMultiple",
    "Numbers",
    "PersonNames",
    "Pronouns",
    "Punctuation",
    "UniqueWords",
    "WordRange",
]


class WordRange(Published):
    """Between so many and so many words, both included; *don't*, *well-known* and *3.14* are one word each.

    Published: pieces of letters and digits, so that these are two each, and a Chinese sentence is one.
    """

    id = "count:word_count_range"
    Params = WordLimits
    categories = ("Numerical",)
    slots = frozenset({"words"})

    def sample(self, instruction: Instruction, rng: Random) -> WordLimits | None:
        """Draws a narrow range."""
        if not free_length(instruction):
            return None
        least = rng.choice((25, 30, 40, 50, 60, 80))
        return WordLimits(min_words=least, max_words=least + rng.choice((5, 10, 15)))

    def check(self, params: WordLimits, document: Document) -> Check:
        """Counts the words."""
        if document.blank:
            return blank_check(document)
        count = document.word_count
        outcome = compare(count, "at_most", params.max_words, document.cut)
        if count < params.min_words and not document.cut:
            outcome = Outcome.VIOLATED
        return Check(outcome, f"{count} words; asked: {params.min_words} to {params.max_words}", count)

    def witness(self, params: WordLimits, rng: Random) -> Witness:
        """Repeats a word."""
        return Witness(" ".join(["word"] * params.max_words), " ".join(["word"] * (params.max_words + 1)))


class UniqueWords(Published):
    """At least so many different words; capitals make no difference, marks that stand alone are no words.

    Published: what space separates, so that a lone dash is a word and ``one,two`` is one.
    """

    id = "count:unique_word_count"
    Params = Least
    categories = ("Numerical", "Linguistic")
    slots = frozenset({"words"})

    def sample(self, instruction: Instruction, rng: Random) -> Least | None:
        """Draws a number."""
        return Least(N=rng.choice((20, 25, 30, 40, 50))) if free_length(instruction) else None

    def check(self, params: Least, document: Document) -> Check:
        """Counts the different words."""
        if document.blank:
            return blank_check(document)
        count = len(set(folded(settled(document, document.words), document.text.isascii())))
        outcome = compare(count, "at_least", params.N, document.cut)
        return Check(outcome, f"{count} different words; asked: at least {params.N}", count)

    def witness(self, params: Least, rng: Random) -> Witness:
        """Counts on, and repeats a word."""
        right = [f"w{i}" for i in range(params.N)]
        return Witness(" ".join(right), " ".join([*right[1:], "-", *right[1:]]) if params.N > 1 else "-")


class Numbers(Adapted):
    """Exactly so many numbers in digits: ``1,2,3`` are three, ``2023-2024`` two, ``1,000.5`` one.

    Published: marks are deleted first, so that the first two are one number each.
    """

    id = "count:numbers"
    ours = "count.numbers"
    Params = NumberCount
    categories = ("Numerical", "Content")
    slots = frozenset({"numbers"})

    def adapt(self, params: NumberCount) -> dict[str, Any]:
        """Exactly that many."""
        return {"relation": "exactly", "n": params.N}

    def sample(self, instruction: Instruction, rng: Random) -> NumberCount | None:
        """Draws a number where the request is not about code, which has numbers of its own."""
        return None if wants_code(instruction) else NumberCount(N=rng.choice((1, 2, 3, 4, 5)))


_CONJUNCTIONS = frozenset(CONJUNCTIONS)


class Conjunctions(Published):
    """At least so many different ones of and, but, for, nor, or, so, yet, as words; capitals make no difference.

    Published: *And* and *and* are two, those in ``and/or`` none. Neither tells the preposition *for* from the
    conjunction.
    """

    id = "count:conjunctions"
    Params = ConjunctionCount
    categories = ("Linguistic", "Numerical")

    def values(self, params: ConjunctionCount, language: str, variant: int) -> dict[str, Any]:
        """Adds the seven."""
        return super().values(params, language, variant) | {"list": ", ".join(CONJUNCTIONS)}

    def sample(self, instruction: Instruction, rng: Random) -> ConjunctionCount | None:
        """Fits English prose."""
        if instruction.language != "en" or wants_code(instruction):
            return None
        return ConjunctionCount(small_n=rng.choice((2, 3, 4, 5)))

    def check(self, params: ConjunctionCount, document: Document) -> Check:
        """Counts those that occur."""
        if document.blank:
            return blank_check(document)
        found = folded(settled(document, document.words), document.text.isascii())
        spans = first_places(document, sorted(map(found.index, _CONJUNCTIONS.intersection(found))))
        outcome = compare(len(spans), "at_least", params.small_n, document.cut)
        return Check(outcome, f"{len(spans)} different ones; asked: at least {params.small_n}", len(spans), spans)

    def witness(self, params: ConjunctionCount, rng: Random) -> Witness:
        """Gives as many, and one fewer in two forms."""
        right, wrong = CONJUNCTIONS[: params.small_n], CONJUNCTIONS[: params.small_n - 1]
        return Witness(" ".join(["We", *right]), " ".join(["We", *wrong, *map(str.upper, wrong)]))


class PersonNames(Published):
    """At least so many different ones of the fifty names, as whole words with their capital, or all in capitals.

    Earlier published versions also find *Leo* in *Leonard*.
    """

    id = "count:person_names"
    Params = NameCount
    categories = ("Content", "Numerical")
    conflicts = frozenset({"case.lower"})

    def values(self, params: NameCount, language: str, variant: int) -> dict[str, Any]:
        """Adds the fifty."""
        names = ("、" if language in ("zh", "ja") else ", ").join(PERSON_NAMES)
        return super().values(params, language, variant) | {"names": names}

    def sample(self, instruction: Instruction, rng: Random) -> NameCount | None:
        """Fits all but code."""
        return None if wants_code(instruction) else NameCount(N=rng.choice((1, 2, 3, 4)))

    def check(self, params: NameCount, document: Document) -> Check:
        """Looks for the names."""
        if document.blank:
            return blank_check(document)
        found = names_in(document.text, document.cut)
        outcome = compare(len(found), "at_least", params.N, document.cut)
        reason = f"{len(found)} of the names; asked: at least {params.N}"
        return Check(outcome, reason, len(found), found)

    def witness(self, params: NameCount, rng: Random) -> Witness:
        """Gives as many, and one fewer."""
        right, wrong = ", ".join(PERSON_NAMES[: params.N]), ", ".join(PERSON_NAMES[: params.N - 1])
        return Witness(f"Guests: {right}.", f"Guests: {wrong} and Leonard.")


class Pronouns(Published):
    """At least so many English pronouns, every occurrence counted, *it's* and *they've* too.

    No pronouns are *i.e.*, a Roman numeral, the *US* and *IT* in capitals. *That* counts as pronoun and as conjunction.
    """

    id = "count:pronouns"
    Params = Least
    categories = ("Linguistic", "Numerical")

    def sample(self, instruction: Instruction, rng: Random) -> Least | None:
        """Fits English prose."""
        if instruction.language != "en" or wants_code(instruction):
            return None
        return Least(N=rng.choice((2, 3, 4, 5, 6, 8)))

    def check(self, params: Least, document: Document) -> Check:
        """Counts the pronouns."""
        if document.blank:
            return blank_check(document)
        hits = pronouns(settled(document, document.words), document)
        outcome = compare(len(hits), "at_least", params.N, document.cut)
        spans = first_places(document, hits)
        return Check(outcome, f"{len(hits)} pronouns; asked: at least {params.N}", len(hits), spans)

    def witness(self, params: Least, rng: Random) -> Witness:
        """Repeats one."""
        return Witness(" ".join(["See", *["them"] * params.N]), " ".join(["See", *["them"] * (params.N - 1)]))


_INTERROBANGS = (*(a + b for pair in (("?？؟", "!！"), ("!！", "?？؟")) for a in pair[0] for b in pair[1]), *"‽⁈⁉")
_STANDARD = {"period": ".。．｡۔", "comma": ",，、،", "exclamation mark": "!！", "question mark": "?？؟"}
_STANDARD |= {"semicolon": ";；؛", "colon": ":："}


class Punctuation(Published):
    """A period, comma, semicolon, colon, question mark, exclamation mark and, apart from these, an interrobang.

    Marks of Chinese and Arabic script count as theirs.
    """

    id = "count:punctuation"
    Params = NoParams
    categories = ("Format", "Linguistic")
    conflicts = frozenset({"punctuation.no_comma", "punctuation.no_exclamation"})
    slots = frozenset({"comma", "exclamation"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits prose."""
        return None if wants_code(instruction) else NoParams()

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for each mark outside the first interrobang."""
        if document.blank:
            return blank_check(document)
        text = document.text
        firsts = ((text.find(mark), len(mark)) for mark in _INTERROBANGS)
        both = min(((start, start + size) for start, size in firsts if start >= 0), default=None)
        rest = text[: both[0]] + " " * (both[1] - both[0]) + text[both[1] :] if both else text
        places = {
            name: min((rest.find(m) for m in marks if m in rest), default=-1) for name, marks in _STANDARD.items()
        }
        missing = [name for name, place in places.items() if place < 0] + ([] if both else ["interrobang"])
        spans = [(place, place + 1) for place in places.values() if place >= 0] + ([both] if both else [])
        reason = f"missing: {', '.join(missing)}" if missing else "every mark is there"
        outcome = Outcome.of(None if missing and document.cut else not missing)
        return Check(outcome, reason, len(spans), tuple(sorted(spans)))

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives all of them, and all without a question mark of its own."""
        return Witness("Well, look: it works; does it? Yes! Really?! Yes.", "Well, look: it works; yes! Really?! Yes.")


class JapaneseWords(Published):
    """Every Nth of the words that spaces separate has a Japanese character or is a number, one at least is Japanese.

    Published: a lone dash counts as a word, and an answer of fewer words passes. Chinese characters pass in both.
    """

    id = "count:words_japanese"
    Params = Least
    categories = ("Linguistic", "Numerical")
    slots = frozenset({"language"})

    def values(self, params: Least, language: str, variant: int) -> dict[str, Any]:
        """Adds the English ordinal."""
        teen = 10 <= params.N % 100 <= 20
        ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(params.N % 10, "th")
        return super().values(params, language, variant) | {"nth": f"{params.N}{ending}"}

    def sample(self, instruction: Instruction, rng: Random) -> Least | None:
        """Fits prose in a script with spaces."""
        if instruction.language not in ("en", "es", "fr", "de", "pt") or wants_code(instruction):
            return None
        return Least(N=rng.choice((3, 4, 5, 6, 8, 10)))

    def check(self, params: Least, document: Document) -> Check:
        """Looks at every Nth word."""
        if document.blank:
            return blank_check(document)
        found, text = spaced_words(document), document.text
        every = range(params.N - 1, len(found), params.N)
        due = [found[at] for at in every]
        if offending := list(islice((at for at in every if is_other(found[at])), EVIDENCE)):
            reason = f"{found[offending[0]][:40]!r} stands where a Japanese word is asked for"
            return Check(Outcome.VIOLATED, reason, len(due), places_of(found, offending, text))
        japanese = sum(map(is_japanese, due))
        outcome = Outcome.of(None if document.cut else japanese > 0)
        spans = places_of(found, every, text)
        return Check(outcome, f"{japanese} of the {len(due)} words to look at are Japanese", japanese, spans)

    def witness(self, params: Least, rng: Random) -> Witness:
        """Ends two rounds in Japanese, and one in English."""
        others = ["word"] * (params.N - 1)
        right = [*others, "言葉"]
        return Witness(" ".join(right + right), " ".join([*right, *others, "word"]))


class KeywordsMultiple(Published):
    """The five keywords occur exactly once, twice, three, five and seven times, in any case, at word boundaries.

    Published: any part of a word counts.
    """

    id = "count:keywords_multiple"
    Params = Keywords
    categories = ("Content", "Numerical")
    conflicts = frozenset({"keywords"})
    slots = frozenset({"words"})

    def values(self, params: Keywords, language: str, variant: int) -> dict[str, Any]:
        """Puts the keywords between quotation marks."""
        return {f"w{i}": quoted(word, language) for i, word in enumerate(params.listed, 1)}

    def sample(self, instruction: Instruction, rng: Random) -> Keywords | None:
        """Draws five words."""
        drawn = keywords_for(instruction, rng, len(TIMES))
        if len(drawn) < len(TIMES) or wants_code(instruction):
            return None
        return Keywords(**{f"keyword{i}": word for i, word in enumerate(drawn, 1)})

    def check(self, params: Keywords, document: Document) -> Check:
        """Counts each keyword, up to one more than asked for."""
        if document.blank:
            return blank_check(document)
        text, wrong, over, spans = document.text, [], False, []
        for word, times in zip(params.listed, TIMES, strict=True):
            found = list(islice(keyword_places(word, text), times + 1))
            if document.cut and found and found[-1][1] == len(text):
                found.pop()
            spans += found
            over |= len(found) > times
            if len(found) != times:
                count = f"more than {times}" if len(found) > times else str(len(found))
                wrong.append(f"{word}: {count} instead of {times}")
        outcome = Outcome.VIOLATED if over else Outcome.of(None if document.cut else not wrong)
        reason = "; ".join(wrong) if wrong else "each occurs as often as asked"
        return Check(outcome, reason, len(spans), tuple(sorted(spans)))

    def witness(self, params: Keywords, rng: Random) -> Witness:
        """Repeats them, and leaves one out."""
        lines = ["\n".join([word] * times) for word, times in zip(params.listed, TIMES, strict=True)]
        return Witness("\n".join(lines), "\n".join(lines[:-1]))
