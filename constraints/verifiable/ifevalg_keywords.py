"""IFEvalG's keywords: where and how often words stand, and what words are like."""

from __future__ import annotations

import re
from itertools import compress, pairwise
from operator import eq, itemgetter
from random import Random
from typing import Annotated, Any

from pydantic import Field, field_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import MARGIN, Document, Span
from ._abbreviations import joined, one_form
from ._counted import Count
from ._fit import content_words, free_length, has_case, names_words, wants_code
from ._ifbench_keywords import keyword_at
from ._ifbench_text import first_places
from ._ifevalg_palindromes import folded, phrase_palindrome, word_palindrome
from ._keyword import Written
from ._literal import without
from ._published import Adapted, NoParams, Published, PublishedRelation

__all__ = [
    "ExcludeWordHarder",
    "KeywordSpecificPosition",
    "NoAdjacentConsecutive",
    "Palindrome",
    "StartEnd",
    "WordCountDifferentNumbers",
    "WordOnce",
]

_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]")
_POSSESSIVE = re.compile(r"['’]s?", re.IGNORECASE)


def _free(instruction: Instruction) -> NoParams | None:
    return NoParams() if has_case(instruction.language) and not wants_code(instruction) else None


class KeywordParams(ConstraintParams):
    """A keyword."""

    keyword: Written


class WordOnce(Adapted):
    """The keyword stands exactly once, as a word of its own; the published one counts parts of words too."""

    id = "keywords:word_once"
    ours = "keywords.frequency"
    Params = KeywordParams
    categories = ("Content", "Numerical")

    def adapt(self, params: KeywordParams) -> dict[str, Any]:
        """Asks for exactly one."""
        return {"keyword": params.keyword, "relation": "exactly", "n": 1}

    def sample(self, instruction: Instruction, rng: Random) -> KeywordParams | None:
        """Draws a word of the request."""
        words = content_words(instruction, rng, 1)
        return KeywordParams(keyword=words[0]) if words else None


class CountParams(KeywordParams):
    """A keyword, how often it shall stand, and a relation that the published wording does not say."""

    frequency: Count
    relation: PublishedRelation


class WordCountDifferentNumbers(Adapted):
    """The keyword stands exactly ``frequency`` times, whatever the relation: the published wording does not say it.

    The published check compares by the relation, and counts parts of words too.
    """

    id = "keywords:word_count_different_numbers"
    ours = "keywords.frequency"
    Params = CountParams
    categories = ("Content", "Numerical")

    def adapt(self, params: CountParams) -> dict[str, Any]:
        """Asks for exactly the number."""
        return {"keyword": params.keyword, "relation": "exactly", "n": params.frequency}

    def sample(self, instruction: Instruction, rng: Random) -> CountParams | None:
        """Draws a word of the request and a small number."""
        words = content_words(instruction, rng, 1)
        return CountParams(keyword=words[0], frequency=rng.choice((1, 2, 3)), relation="at least") if words else None


class ExcludeWordHarder(Adapted):
    """The keyword does not stand as a word of its own, in any case; the published one finds it between spaces only."""

    id = "keywords:exclude_word_harder"
    ours = "keywords.exclude"
    Params = KeywordParams
    categories = ("Content", "Linguistic")
    one_word = True

    def adapt(self, params: KeywordParams) -> dict[str, Any]:
        """Excludes the one word."""
        return {"words": [params.keyword]}

    def sample(self, instruction: Instruction, rng: Random) -> KeywordParams | None:
        """Draws a word of the request, which an answer would likely use."""
        words = [] if names_words(instruction) else content_words(instruction, rng, 1)
        return KeywordParams(keyword=words[0]) if words else None


class PositionParams(KeywordParams):
    """A keyword, the sentence and the place in it, both from 1."""

    n: Annotated[int, Field(ge=1, le=1000)]
    m: Annotated[int, Field(ge=1, le=1000)]

    @field_validator("keyword")
    @classmethod
    def _has_word(cls, keyword: str) -> str:
        if not Document(keyword).words:
            raise ValueError(f"{keyword!r} holds no word")
        return keyword


class KeywordSpecificPosition(Published):
    """The m-th word of the n-th sentence is the keyword, in any case; a possessive ``'s`` may follow.

    Signs are no words: the published check counts commas, and minds the case.
    """

    id = "keywords:keyword_specific_position"
    Params = PositionParams
    categories = ("Content", "Numerical")

    def sample(self, instruction: Instruction, rng: Random) -> PositionParams | None:
        """Draws a word of the request and a place near the beginning, past the articles and before the end."""
        words = [] if wants_code(instruction) or not free_length(instruction) else content_words(instruction, rng, 1)
        return PositionParams(keyword=words[0], n=rng.choice((1, 2, 3)), m=rng.choice((2, 3, 4, 5))) if words else None

    def check(self, params: PositionParams, document: Document) -> Check:
        """Looks at the one word; in a cut text sentences near the end may still run together."""
        if document.blank:
            return blank_check(document)
        sentences = document.sentences
        if document.cut and len(sentences) < params.n + 2:
            return Check(Outcome.UNKNOWN, f"the reply was cut after {len(sentences)} sentences", len(sentences))
        if len(sentences) < params.n:
            return Check(Outcome.VIOLATED, f"{len(sentences)} sentences; asked: number {params.n}", len(sentences))
        start, end = sentences[params.n - 1]
        spans = joined(Document(document.text[start:end])).word_spans
        if len(spans) < params.m:
            return Check(Outcome.VIOLATED, f"{len(spans)} words; asked: number {params.m}", len(spans), ((start, end),))
        found = tuple((start + first, start + last) for first, last in spans)
        word = found[params.m - 1]
        place = self._place(params.keyword, document.text, word[0], found[params.m - 1 :])
        said = document.text[slice(*word)]
        reason = f"word {params.m} of sentence {params.n} is {said[:40]!r}; asked: {params.keyword}"
        return Check(Outcome.of(place is not None), reason, said[:200], (place or word,))

    @staticmethod
    def _place(keyword: str, text: str, at: int, words: tuple[Span, ...]) -> Span | None:
        """Gives the keyword's place when its first word begins at an offset and its last is a whole one."""
        lead = Document(keyword).word_spans[0][0]
        place = keyword_at(keyword, text, at - lead) if at >= lead else None
        if place is None:
            return None
        inside = next((end for start, end in words if start < place[1] < end), None)
        return place if inside is None or _POSSESSIVE.fullmatch(text, place[1], inside) else None

    def witness(self, params: PositionParams, rng: Random) -> Witness:
        """Puts the keyword there, and leaves it out."""
        other = "word" if params.keyword.casefold() != "word" else "thing"
        before = f"{other.capitalize()} {other}. " * (params.n - 1)
        begun = " ".join([other] * (params.m - 1))
        return Witness(f"{before}{begun} {params.keyword} {other}.".strip(), without((params.keyword,)))


_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "αβγδεζηθικλμνξοπρστυφχψω", "абвгдежзийклмнопрстуфхцчшщъыьэюя")
_LETTERS = frozenset("".join(_ALPHABETS))


class _Following(dict[int, str]):
    """The letter after a letter in its alphabet; a space, which is no letter, after any other character."""

    def __missing__(self, code: int) -> str:
        return " "


_NEXT = _Following({ord(a): b for alphabet in _ALPHABETS for a, b in pairwise(alphabet)})


class NoAdjacentConsecutive(Published):
    """No word begins with the letter of the alphabet that comes right after the first letter of the word before it.

    Words, not tokens between spaces, are looked at; accents do not matter; digits and signs are no letters. A text
    without a word in a Latin, Greek or Cyrillic alphabet is unknown.
    """

    id = "keywords:no_adjacent_consecutive"
    Params = NoParams
    categories = ("Linguistic",)
    slots = frozenset({"initials"})
    one_word = True

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits alphabets, not code."""
        return _free(instruction)

    def check(self, params: NoParams, document: Document) -> Check:
        """Compares the first letters of neighbours; a text cut before two offend is judged as it stands."""
        if document.blank:
            return blank_check(document)
        initials = folded("".join(map(itemgetter(0), document.words)))
        if not any(map(_LETTERS.__contains__, initials)):
            return Check(Outcome.UNKNOWN, "no word in a known alphabet", 0)
        # What follows the letter that each word but the last begins with; nothing is next to a last letter.
        wrong = list(compress(range(1, len(initials)), map(eq, initials.translate(_NEXT), initials[1:])))
        firsts, lasts = (first_places(document, [at - before for at in wrong]) for before in (1, 0))
        spans = tuple((first[0], last[1]) for first, last in zip(firsts, lasts, strict=True))
        return Check(Outcome.of(not wrong), f"{len(wrong)} pairs with consecutive first letters", len(wrong), spans)

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a text without such a pair and one with it."""
        return Witness("Good night to all.", "A big night.")


class Palindrome(Published):
    """A palindrome stands on one line: a word of 3 letters or more, or a phrase of 7 or more.

    It has two different letters at least; case, accents, spaces and signs do not matter. The published check takes *a*
    for one, minds the case, and finds no phrase.
    """

    id = "keywords:palindrome"
    Params = NoParams
    categories = ("Linguistic", "Content")
    slots = frozenset({"palindromes"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits alphabets, not code."""
        return _free(instruction)

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for a word, then for a phrase; at the very end of a cut text either may go on."""
        if document.blank:
            return blank_check(document)
        place = word_palindrome(document) or phrase_palindrome(document)
        if place is None:
            return Check(Outcome.of(None if document.cut else False), "no palindrome found", 0)
        said = document.text[slice(*place)]
        return Check(Outcome.SATISFIED, f"{said[:60]!r} is a palindrome", said[:200], (place,))

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a palindrome, and a text without one."""
        return Witness("The boat is level.", "The boat is flat.")


class StartEnd(Published):
    """The first and the last word are the same, in any case, and nothing follows the last one, no sign either.

    Space and markdown emphasis do not count. In Chinese and Japanese, which mark no words, two characters or more must
    agree; where one does, it cannot be told.
    """

    id = "keywords:start_end"
    Params = NoParams
    categories = ("Format", "Content")
    slots = frozenset({"start", "end"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits scripts with spaces, not code."""
        return _free(instruction)

    def check(self, params: NoParams, document: Document) -> Check:
        """Compares the words; a cut text has no last one."""
        if document.blank:
            return blank_check(document)
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut before its end")
        text, spans = document.text, document.word_spans
        if len(spans) < 2:
            return Check(Outcome.VIOLATED, f"{len(spans)} words", len(spans))
        if after := text[spans[-1][1] :].strip(MARGIN + "*_"):
            return Check(Outcome.VIOLATED, f"{after[:20]!r} follows the last word", after[:40])
        first, last = (one_form(document.words[at]) for at in (0, -1))
        outcome = Outcome.of(first == last)
        if _IDEOGRAPH.match(first) and _IDEOGRAPH.match(last):
            outcome = _ideographs(text[spans[0][0] : spans[-1][1]], first == last)
        return Check(outcome, f"begins with {first[:40]!r}, ends with {last[:40]!r}", None, (spans[0], spans[-1]))

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Ends with the first word, and with another."""
        return Witness("Home is where we feel at home", "Home is where we live")


def _ideographs(text: str, one: bool) -> Outcome:
    """Judges a text between ideographs: a word of several characters begins and ends it, or maybe one of one."""
    longest = min(8, len(text) // 2)
    if any(text[:count] == text[-count:] for count in range(2, longest + 1)):
        return Outcome.SATISFIED
    return Outcome.of(None if one else False)
