"""M-IFEval's Japanese length: how many characters (文字)."""

from __future__ import annotations

from random import Random
from typing import Annotated, Any

from pydantic import Field

from ...schemas.instruction import Instruction
from ..constraint import Check, ConstraintParams, Witness, blank_check, compare
from ..document import Document
from ._graphemes import seen_length
from ._japanese import JapaneseRelation, asks_japanese, ours_relation
from ._published import Published
from ._worded import Amount
from ._wording import asked

__all__ = ["NumberLetters"]

_WRITTEN = "静かな朝の港に小さな船が着いた。"


class LettersParams(ConstraintParams):
    """A number of characters; *at least* and *less than* in Japanese or English."""

    num_letters: Annotated[int, Field(ge=1, le=100_000)]
    relation: JapaneseRelation


class NumberLetters(Published):
    """At least or fewer than so many characters (文字), marks included, white space and ends of line not.

    The published check counts spaces, ends of line, and every code point of an emoji or of a decomposed character.
    """

    id = "ja:length_constraints:number_letters"
    Params = LettersParams
    categories = ("Numerical",)
    slots = frozenset({"characters", "words"})
    one_word = True

    def sample(self, instruction: Instruction, rng: Random) -> LettersParams | None:
        """Draws lengths of short and middling answers."""
        if not asks_japanese(instruction):
            return None
        relation: JapaneseRelation = rng.choice(("以上", "未満"))
        return LettersParams(num_letters=rng.choice((60, 100, 150, 200, 300)), relation=relation)

    def values(self, params: LettersParams, language: str, variant: int) -> dict[str, Any]:
        """Gives the number with its relation."""
        return {"q": Amount(ours_relation(params.relation), params.num_letters, language, variant)}

    def check(self, params: LettersParams, document: Document) -> Check:
        """Counts."""
        if document.blank:
            return blank_check(document)
        count = seen_length("".join(document.text.split()))
        relation = ours_relation(params.relation)
        outcome = compare(count, relation, params.num_letters, document.cut)
        return Check(outcome, f"{count} characters; asked: {asked(relation, params.num_letters)}", count)

    def witness(self, params: LettersParams, rng: Random) -> Witness:
        """Gives texts of just enough, and of one character too few or too many."""
        n = params.num_letters
        text = _WRITTEN * (n // len(_WRITTEN) + 1)
        enough, short = text[:n], text[: n - 1]
        return Witness(enough, short) if ours_relation(params.relation) == "at_least" else Witness(short, enough)
