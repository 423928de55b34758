"""Constraints that count, worded in the file of their family and shown by texts at the bound."""

from __future__ import annotations

from random import Random
from typing import Any

from ...schemas.instruction import Instruction
from ..constraint import Witness
from ._counted import Counted, Quantity
from ._worded import Worded

__all__ = ["Amounted", "right_and_wrong"]


def right_and_wrong(params: Quantity) -> tuple[int, int]:
    """Gives a count that is as asked and one that misses it by one."""
    right = params.n + {"less_than": -1, "more_than": 1}.get(params.relation, 0)
    return right, right - 1 if params.relation in ("at_least", "more_than") else right + 1


class Amounted(Worded, Counted):
    """Counts places and compares the number with the one asked for."""

    categories = ("Format", "Numerical")

    def sample(self, instruction: Instruction, rng: Random) -> Any | None:
        """Draws a relation and a number where the constraint suits the request."""
        if not self.fits(instruction):
            return None
        relation, n = self.draw(rng)
        return self.Params.model_validate({"relation": relation, "n": n})

    def witness(self, params: Any, rng: Random) -> Witness:
        """Gives a text with the number and one that misses it by one."""
        right, wrong = right_and_wrong(params)
        return Witness(self.text_with(params, right), self.text_with(params, wrong))
