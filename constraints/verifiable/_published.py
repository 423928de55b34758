"""Published ids: their parameters under their published names, their meaning repaired.

Two kinds: a ``Published`` constraint has a check of its own; an ``Adapted`` one means just what one of ours means, and
hands its parameters over. What the published code itself says, mistakes and all, is ``constraints.official``.
"""

from __future__ import annotations

from abc import abstractmethod
from random import Random
from typing import Any, ClassVar, Literal

from ...schemas.instruction import Instruction
from ..constraint import CONSTRAINTS, Check, ConstraintParams, Relation, VerifiableConstraint, Witness
from ..document import Document
from ._worded import Worded

__all__ = ["Adapted", "NoParams", "Published", "PublishedRelation", "ours_relation"]

PublishedRelation = Literal["at least", "less than"]
"""How IFEval and its descendants compare."""


class NoParams(ConstraintParams):
    """No parameters."""


class Published(Worded):
    """A published id with a check of its own."""


def ours_relation(relation: PublishedRelation) -> Relation:
    """Gives our name for a published relation."""
    return "at_least" if relation == "at least" else "less_than"


class Adapted(VerifiableConstraint):
    """A published id that means what one of our constraints means."""

    ours: ClassVar[str]
    """The id of ours; its slots, conflicts and categories hold."""

    @abstractmethod
    def adapt(self, params: Any) -> dict[str, Any]:
        """Gives our parameters for the published ones."""

    @abstractmethod
    def sample(self, instruction: Instruction, rng: Random) -> Any | None:
        """Draws published parameters that fit an instruction; null where the constraint does not fit it."""

    def inner(self, params: Any) -> tuple[VerifiableConstraint, ConstraintParams]:
        """Gives our constraint and its parameters."""
        constraint = CONSTRAINTS.get(self.ours)
        return constraint, constraint.Params.model_validate(self.adapt(params))

    def settled(self, params: Any) -> tuple[VerifiableConstraint, Any]:
        """Gives ours, unless the check is more than ours."""
        return self.inner(params) if type(self).check is Adapted.check else (self, params)

    def render(self, params: Any, language: str, variant: int = 0) -> str:
        """Words it as ours."""
        constraint, inner = self.inner(params)
        return constraint.render(inner, language, variant)

    def check(self, params: Any, document: Document) -> Check:
        """Checks as ours."""
        constraint, inner = self.inner(params)
        return constraint.check(inner, document)

    def witness(self, params: Any, rng: Random) -> Witness:
        """Gives ours."""
        constraint, inner = self.inner(params)
        return constraint.witness(inner, rng)
