"""IFEvalG's counts: small words, paragraphs of sentences of words, words used once, keywords once and twice."""

from __future__ import annotations

import re
from itertools import compress
from random import Random
from typing import Annotated, Self

from pydantic import Field, model_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ...schemas.text import words
from ..constraint import Check, ConstraintParams, Witness, blank_check, compare
from ..document import Document, Span
from ._abbreviations import joined, one_form
from ._counted import Count
from ._fit import content_words, free_length, has_case, names_words, wants_code, wants_data
from ._ifbench_keywords import keyword_places
from ._ifbench_text import first_places
from ._keyword import Written
from ._literal import places, without
from ._published import NoParams, Published

__all__ = ["CountIncrementWord", "CountUnique", "CountingComposition", "LowercaseCounting"]


class Most(ConstraintParams):
    """A maximum."""

    N: Count


class LowercaseCounting(Published):
    """At most ``N`` words in all small letters, in any script that has them; ``don't`` and ``café`` are one each.

    The published check counts runs of a to z, so that *café* is none and *don't* two.
    """

    id = "count:lowercase_counting"
    Params = Most
    categories = ("Numerical", "Format")
    slots = frozenset({"case"})
    one_word = True

    def sample(self, instruction: Instruction, rng: Random) -> Most | None:
        """Draws a small maximum where capitals can be chosen freely."""
        if not has_case(instruction.language) or wants_code(instruction):
            return None
        return Most(N=rng.choice((3, 5, 8, 10)))

    def check(self, params: Most, document: Document) -> Check:
        """Counts the words; the last one of a cut text may still get a capital letter."""
        if document.blank:
            return blank_check(document)
        words = document.words
        is_small = str.islower if document.text.isascii() else _is_small
        small = list(compress(range(len(words)), map(is_small, words)))
        settled = len(small)
        if document.cut and small:
            settled -= document.word_spans[small[-1]][1] + 1 >= len(document.text)
        outcome = compare(settled, "at_most", params.N, document.cut)
        reason = f"{len(small)} lowercase words; asked: at most {params.N}"
        return Check(outcome, reason, len(small), first_places(document, small))

    def witness(self, params: Most, rng: Random) -> Witness:
        """Gives that many small words, and one more."""
        return Witness(" ".join(["YES", *["so"] * params.N]), " ".join(["YES", *["so"] * (params.N + 1)]))


def _is_small(word: str) -> bool:
    return word == word.lower() and word != word.upper()


_DIVIDER = re.compile(r"[ \t]*\*[ \t]*\*[ \t]*\*[ \t*]*")
PARTS = 3
"""Paragraphs that the published id asks for."""


class Composition(ConstraintParams):
    """Sentences a paragraph, and words a sentence."""

    n_sent: Annotated[int, Field(ge=1, le=100)]
    n_words: Annotated[int, Field(ge=1, le=200)]


class CountingComposition(Published):
    """Three paragraphs with lines of ``* * *`` or ``***`` between them, each with so many sentences of so many words.

    Signs are no words, and ``* * *`` is a divider: the published check counts full stops, and knows ``***`` only.
    """

    id = "count:counting_composition"
    Params = Composition
    categories = ("Numerical", "Format")
    slots = frozenset({"words", "sentences", "paragraphs", "whole_form", "bullets", "title"})

    def sample(self, instruction: Instruction, rng: Random) -> Composition | None:
        """Draws small numbers for requests in prose."""
        if not free_length(instruction) or wants_code(instruction) or wants_data(instruction):
            return None
        return Composition(n_sent=rng.choice((1, 2, 3)), n_words=rng.choice((5, 6, 8, 10, 12)))

    def check(self, params: Composition, document: Document) -> Check:
        """Takes the text apart; of a cut text the last part is open."""
        if document.blank:
            return blank_check(document)
        parts = self._parts(document)
        wish = f"asked: {PARTS} paragraphs of {params.n_sent} sentences of {params.n_words} words"
        if len(parts) != PARTS and not document.cut:
            return Check(Outcome.VIOLATED, f"{len(parts)} paragraphs; {wish}", len(parts))
        asked = [params.n_words] * params.n_sent
        # Four parts are too many, whatever is in them.
        shapes = [self._shape(document.text[start:end], sum(asked)) for start, end in parts[: PARTS + 1]]
        closed = list(zip(parts[:-1] if document.cut else parts, shapes, strict=False))
        wrong = tuple(part for part, shape in closed if shape != asked)
        measured = " / ".join("+".join(map(str, shape[:20])) for shape in shapes)
        reason = f"words: {measured[:200]}; {wish}"
        if document.cut and not wrong and len(closed) <= PARTS:
            return Check(Outcome.UNKNOWN, reason, measured)
        return Check(
            Outcome.of(not wrong and not document.cut),
            reason,
            measured,
            tuple(part for part in wrong or parts if part[0] < part[1]),
        )

    @staticmethod
    def _parts(document: Document) -> list[Span]:
        """Gives what dividers separate; nothing before the first or after the last divider is no part."""
        text = document.text
        if "*" not in text:
            return [(0, len(text))]
        cuts = [
            (start, end)
            for start, end in document.prose_lines
            if _DIVIDER.fullmatch(text, start, end) and not (document.cut and end == len(text))
        ]
        edges = [0, *(edge for cut in cuts for edge in cut), len(text)]
        parts = list(zip(edges[::2], edges[1::2], strict=True))
        empty = [not text[start:end].strip() for start, end in parts]
        if empty[0] and len(parts) > 1:
            parts, empty = parts[1:], empty[1:]
        return parts[:-1] if empty[-1] and not document.cut and len(parts) > 1 else parts

    @staticmethod
    def _shape(part: str, asked: int) -> list[int]:
        """Gives the number of words of each sentence; of a part far too long that of all together."""
        count = len(words(part))
        if count > 2 * asked + 50:
            return [count]
        said = joined(Document(part)).text
        return [len(words(said[start:end])) for start, end in Document(part).sentences]

    def witness(self, params: Composition, rng: Random) -> Witness:
        """Repeats a word, and leaves one out."""
        sentence = " ".join(["Word"] + ["word"] * (params.n_words - 1)) + "."
        part = " ".join([sentence] * params.n_sent)
        return Witness("\n* * *\n".join([part] * PARTS), "\n* * *\n".join([part] * (PARTS - 1) + [f"{part} And more."]))


_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


class CountUnique(Published):
    """No word stands twice, in any case. Where only characters of a script without spaces do, it cannot be told.

    The published check takes signs for words, and *The* for another word than *the*.
    """

    id = "count:count_unique"
    Params = NoParams
    categories = ("Linguistic", "Numerical")
    slots = frozenset({"repeats"})
    # A long answer without a word twice, or a word asked for twice, cannot be.
    conflicts = frozenset({"length", "keywords.frequency"})
    one_word = True

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits short answers in scripts with spaces."""
        if not has_case(instruction.language) or wants_code(instruction) or wants_data(instruction):
            return None
        return NoParams()

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for words seen before; the last one of a cut text may go on."""
        if document.blank:
            return blank_check(document)
        # 5 a.m. and 6 p.m. repeat nothing.
        document = joined(document)
        seen: set[str] = set()
        again: list[int] = []
        doubtful = 0
        forms = {word: one_form(word) for word in set(document.words)}
        for at, plain in enumerate(map(forms.__getitem__, document.words)):
            if plain not in seen:
                seen.add(plain)
            elif plain >= "\u0e00" and _UNSPACED.match(plain):
                doubtful += 1
            else:
                again.append(at)
        if document.cut:
            sure = [at for at in again if document.word_spans[at][1] + 1 < len(document.text)]
            again, doubtful = sure, doubtful + len(again) - len(sure)
        reason = f"{len(again)} words stand there already"
        if not again and doubtful:
            return Check(Outcome.UNKNOWN, f"{reason}, {doubtful} characters or open words cannot be told", 0)
        return Check(Outcome.of(not again), reason, len(again), first_places(document, again))

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a text without and one with a word that comes back."""
        return Witness("Every word here differs.", "Every word is a word.")


class TwoKeywords(ConstraintParams):
    """A keyword to use once and another to use twice."""

    keyword1: Written
    keyword2: Written

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if any(places(self.keyword1, self.keyword2)) or len(list(places(self.keyword2, self.keyword1))) > 2:
            raise ValueError(f"{self.keyword1!r} once and {self.keyword2!r} twice cannot both be")
        return self


class CountIncrementWord(Published):
    """One keyword stands exactly once and another exactly twice, as words of their own, in any case.

    The published check counts parts of words too (*dog* in *dogma*).
    """

    id = "count:count_increment_word"
    Params = TwoKeywords
    categories = ("Content", "Numerical")

    def sample(self, instruction: Instruction, rng: Random) -> TwoKeywords | None:
        """Draws two words of the request."""
        drawn = [] if names_words(instruction) else content_words(instruction, rng, 2)
        return TwoKeywords(keyword1=drawn[0], keyword2=drawn[1]) if len(drawn) == 2 else None

    def check(self, params: TwoKeywords, document: Document) -> Check:
        """Counts both; more of a cut text may add to either."""
        if document.blank:
            return blank_check(document)
        found = [list(keyword_places(keyword, document.text)) for keyword in (params.keyword1, params.keyword2)]
        end = len(document.text) if document.cut else len(document.text) + 1
        settled = [sum(span[1] < end for span in spans) for spans in found]
        outcomes = [
            compare(count, "exactly", wanted, document.cut) for count, wanted in zip(settled, (1, 2), strict=True)
        ]
        outcome = next((one for one in (Outcome.VIOLATED, Outcome.UNKNOWN) if one in outcomes), Outcome.SATISFIED)
        once, twice = map(len, found)
        reason = f"{params.keyword1}: {once}, {params.keyword2}: {twice}; asked: 1 and 2"
        return Check(outcome, reason, f"{once}, {twice}", tuple(sorted(span for spans in found for span in spans)))

    def witness(self, params: TwoKeywords, rng: Random) -> Witness:
        """Repeats the second keyword, then leaves it out."""
        held = len(list(places(params.keyword2, params.keyword1)))
        right = "\n".join([params.keyword1, *[params.keyword2] * (2 - held)])
        return Witness(right, without((params.keyword1, params.keyword2)))
