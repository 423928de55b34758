"""IFEvalG's letters: how many there are, and how often one stands."""

from __future__ import annotations

import re
import string
from random import Random
from typing import Any

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check, compare
from ..document import Document
from ._fit import free_length, has_case, wants_code
from ._ifeval import N
from ._published import Published, PublishedRelation, ours_relation
from ._worded import Amount
from .ifeval_keywords import IfevalLetterFrequency

__all__ = ["LetterCounting", "LetterCounting2"]

_ASCII_LETTERS = string.ascii_letters.encode("ascii")
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


class Letters(ConstraintParams):
    """A number of letters and how the count relates to it."""

    N: N
    relation: PublishedRelation


class LetterCounting(Published):
    """At least or fewer than ``N`` letters of any alphabet, accented ones too; digits, signs and spaces are none.

    The published check counts a to z only. Where it matters whether Chinese or Japanese characters are letters, it
    cannot be told.
    """

    id = "letters:letter_counting"
    Params = Letters
    categories = ("Numerical",)
    slots = frozenset({"letters", "words"})
    one_word = True

    def sample(self, instruction: Instruction, rng: Random) -> Letters | None:
        """Draws a length of some words to some sentences."""
        if not has_case(instruction.language) or not free_length(instruction) or wants_code(instruction):
            return None
        relation: PublishedRelation = rng.choice(("at least", "less than"))
        return Letters(
            N=rng.choice((100, 150, 200, 300) if relation == "at least" else (200, 300, 400)), relation=relation
        )

    def values(self, params: Letters, language: str, variant: int) -> dict[str, Any]:
        """Gives the number with its relation."""
        return {"q": Amount(ours_relation(params.relation), params.N, language, variant)}

    def check(self, params: Letters, document: Document) -> Check:
        """Counts the letters; accents that stand as characters of their own are none."""
        if document.blank:
            return blank_check(document)
        text = document.text
        if text.isascii():
            data = text.encode("ascii")
            everything, doubtful = len(data) - len(data.translate(None, _ASCII_LETTERS)), 0
        else:
            everything, doubtful = sum(map(str.isalpha, text)), len(_IDEOGRAPH.findall(text))
        least, most = (
            compare(count, ours_relation(params.relation), params.N, document.cut)
            for count in (everything - doubtful, everything)
        )
        count = everything - doubtful
        reason = f"{count} letters" + (f" and {doubtful} characters" if doubtful else "")
        outcome = least if least is most else Outcome.UNKNOWN
        return Check(outcome, f"{reason}; asked: {params.relation} {params.N}", count)

    def witness(self, params: Letters, rng: Random) -> Witness:
        """Gives just enough letters, and one too few; or the other way round."""
        enough, few = "a" * params.N, "1 " + "a" * (params.N - 1)
        return Witness(enough, few) if params.relation == "at least" else Witness(few, enough)


class LetterCounting2(IfevalLetterFrequency):
    """As IFEval's ``keywords:letter_frequency``: one character, capital or small, at least or fewer times."""

    id = "letters:letter_counting2"
