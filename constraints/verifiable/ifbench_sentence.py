"""IFBench's constraints on sentences: a keyword in one of them, growing lengths, growing alliteration."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from random import Random
from typing import Annotated, Any

from pydantic import Field

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import Document, Span
from ._fit import free_length, has_case, wants_code
from ._ifbench_keywords import keyword_places
from ._ifbench_text import keywords_for, sentence_words
from ._keyword import Written
from ._literal import appears
from ._published import NoParams, Published
from ._wording import quoted

__all__ = ["AlliterationIncrement", "Increment", "KeywordInSentence"]


class SentenceKeyword(ConstraintParams):
    """A keyword and the number of the sentence it stands in, the first being 1."""

    word: Written
    N: Annotated[int, Field(ge=1, le=1000)]


class KeywordInSentence(Published):
    """The sentence with the number holds the keyword, in any case, at word boundaries.

    Published (first version): any part of a word will do. Abbreviations and list numerals end no sentence here.
    """

    id = "sentence:keyword"
    Params = SentenceKeyword
    categories = ("Content", "Numerical")
    slots = frozenset({"sentences"})

    def values(self, params: SentenceKeyword, language: str, variant: int) -> dict[str, Any]:
        """Puts the keyword between quotation marks."""
        return super().values(params, language, variant) | {"w": quoted(params.word, language)}

    def sample(self, instruction: Instruction, rng: Random) -> SentenceKeyword | None:
        """Draws a word and one of the first sentences."""
        if not free_length(instruction) or wants_code(instruction):
            return None
        drawn = keywords_for(instruction, rng, 1)
        return SentenceKeyword(word=drawn[0], N=rng.choice((1, 2, 3, 4))) if drawn else None

    def check(self, params: SentenceKeyword, document: Document) -> Check:
        """Looks for the keyword in the sentence."""
        if document.blank:
            return blank_check(document)
        sentences, text = document.sentences, document.text
        if len(sentences) < params.N:
            outcome = Outcome.of(None if document.cut else False)
            return Check(outcome, f"{len(sentences)} sentences; asked: number {params.N}", len(sentences))
        start, end = sentences[params.N - 1]
        found = [(a + start, b + start) for a, b in keyword_places(params.word, text[start:end])]
        if document.cut:
            found = [span for span in found if span[1] < len(text)]
        if found:
            return Check(Outcome.SATISFIED, f"in sentence {params.N}", len(found), tuple(found))
        # What follows may join the last sentence of a cut text to the one before it.
        settled = not document.cut or len(sentences) > params.N + 1
        return Check(Outcome.of(False if settled else None), f"not in sentence {params.N}", 0, ((start, end),))

    def witness(self, params: SentenceKeyword, rng: Random) -> Witness:
        """Puts the keyword into the sentence, and into the one before or after it."""
        other = next(text for text in ("It is so.", "We go on.", "Yes.", "7.") if not appears(params.word, text))
        right = [other] * params.N
        right[-1] = f"{other[:-1]} {params.word}."
        return Witness(" ".join(right), " ".join([*[other] * params.N, right[-1]]))


class WordIncrement(ConstraintParams):
    """How many words more."""

    small_n: Annotated[int, Field(ge=1, le=1000)]


class Increment(Published):
    """Each sentence has just so many words more than the one before it; there are two at least.

    Published: one sentence passes. Headings are no part of a sentence; words are counted as ``length.words`` does.
    """

    id = "sentence:increment"
    Params = WordIncrement
    categories = ("Numerical",)
    slots = frozenset({"sentence_lengths"})

    def sample(self, instruction: Instruction, rng: Random) -> WordIncrement | None:
        """Draws a small number."""
        if not free_length(instruction) or wants_code(instruction):
            return None
        return WordIncrement(small_n=rng.choice((1, 2, 3, 4)))

    def check(self, params: WordIncrement, document: Document) -> Check:
        """Compares neighbouring sentences."""
        if document.blank:
            return blank_check(document)
        measured = ((span, len(own)) for span, own in sentence_words(document))
        return _growing(measured, document.cut, "words", lambda a, b: b == a + params.small_n)

    def witness(self, params: WordIncrement, rng: Random) -> Witness:
        """Gives three sentences, and a fourth that does not grow."""
        lengths = [2 + i * params.small_n for i in range(3)]
        right = [" ".join(["word"] * n) + "." for n in lengths]
        return Witness(" ".join(right), " ".join([*right, " ".join(["word"] * lengths[-1]) + "."]))


class AlliterationIncrement(Published):
    """Each sentence's longest run of neighbouring words with one first letter is longer than the one before it has.

    There are two sentences at least; accents and capitals make no difference. Published: one sentence passes, and all
    alliterative words of a sentence are added up, in however many runs they stand.
    """

    id = "sentence:alliteration_increment"
    Params = NoParams
    categories = ("Linguistic", "Numerical")
    slots = frozenset({"alliteration"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits prose in an alphabet."""
        fits = has_case(instruction.language) and free_length(instruction)
        return NoParams() if fits and not wants_code(instruction) else None

    def check(self, params: NoParams, document: Document) -> Check:
        """Compares neighbouring sentences."""
        if document.blank:
            return blank_check(document)
        measured = ((span, _longest_run(own)) for span, own in sentence_words(document))
        return _growing(measured, document.cut, "alliterative words in a row", lambda a, b: b > a)

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives growing runs, and one that does not grow."""
        right = "We sing. Big bears dance. Five fine foxes feast."
        return Witness(right, f"{right} Seven sly snakes run.")


def _growing(measured: Iterator[tuple[Span, int]], cut: bool, unit: str, grows: Callable[[int, int], bool]) -> Check:
    """Compares what neighbouring sentences have, up to the first that breaks the rule.

    Of a cut text the last two sentences are open: what follows may join them.
    """
    told: list[tuple[Span, int]] = []
    for read, (span, count) in enumerate(measured, 1):
        told.append((span, count))
        settled = told[read - 4 : read - 2] if cut and read > 3 else [] if cut else told[-2:]
        if len(settled) == 2 and not grows(settled[0][1], settled[1][1]):
            (_, before), (place, after) = settled
            return Check(Outcome.VIOLATED, f"{after} {unit} after {before}", after, (place,))
    counts = ", ".join(str(count) for _, count in told[:20])
    if cut:
        return Check(Outcome.UNKNOWN, "the reply was cut", counts)
    if len(told) < 2:
        return Check(Outcome.VIOLATED, "fewer than two sentences", counts)
    return Check(Outcome.SATISFIED, f"{unit}: {counts}", counts)


_RUN = re.compile(r"([a-z])\1+")
"""First letters that stand side by side."""


def _first_letter(word: str) -> str:
    """Gives a word's first letter without its accent, small; a digit or sign stands for itself, as none."""
    if word.isascii():
        return word[0].lower() if word[0].isalpha() else ""
    first = unicodedata.normalize("NFD", word[0])[0].casefold()
    return first if first.isalpha() else ""


def _longest_run(own: list[str]) -> int:
    """Gives the length of the longest run of words with one first letter; 1 where no neighbours share it.

    Args:
        own: the words of a sentence, one at least.
    """
    firsts = "".join(map(itemgetter(0), own))
    if firsts.isascii():
        return max([len(run.group()) for run in _RUN.finditer(firsts.lower())], default=1)
    return max(len(list(run)) if letter else 1 for letter, run in groupby(own, key=_first_letter))
