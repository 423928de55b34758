"""IFEval's ids that mean what ours mean: parameters translated both ways, relations, conflicts."""

from __future__ import annotations

from abc import abstractmethod
from random import Random
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from ...schemas.instruction import Instruction
from ..constraint import CONSTRAINTS, ConstraintParams, VerifiableConstraint
from ._published import Adapted, PublishedRelation

__all__ = ["Meaning", "N", "Translated", "conflicts_of", "published_count"]

N = Annotated[int, Field(ge=1, le=100_000)]
"""A published number: *at least 0* asks for nothing, *less than 0* for what cannot be."""

_SAME = {
    "case": "ifeval_change_case",
    "count.letter": "keywords:letter_frequency",
    "count.placeholders": "detectable_content:number_placeholders",
    "format.bullets": "detectable_format:number_bullet_lists",
    "keywords": "ifeval_keywords",
    "keywords.exclude": "keywords:forbidden_words",
    "keywords.frequency": "keywords:frequency",
    "language": "ifeval_language",
    "length.sentences": "length_constraints:number_sentences",
    "length.words": "length_constraints:number_words",
    "punctuation": "ifeval_punctuation",
    "start_end": "ifeval_startend",
    "start_end.end_phrase": "startend:end_checker",
    "start_end.quotation": "startend:quotation",
}
"""Published ids and families by ours of the same meaning."""


def conflicts_of(ours: type[VerifiableConstraint] | frozenset[str]) -> frozenset[str]:
    """Gives conflicts with the published names of what they name."""
    named = ours if isinstance(ours, frozenset) else ours.conflicts
    return named | {_SAME[name] for name in named if name in _SAME}


def published_count(drawn: Any) -> tuple[PublishedRelation, int]:
    """Gives the published relation and number for drawn ones of ours; ``exactly`` becomes *at least*."""
    if drawn.relation in ("at_most", "less_than"):
        return "less than", drawn.n + (drawn.relation == "at_most")
    return "at least", drawn.n + (drawn.relation == "more_than")


class Meaning(ConstraintParams):
    """Published parameters that stand for parameters of ours; read only where those make sense."""

    theirs: ClassVar[type[ConstraintParams]]
    """Our parameter model."""

    @abstractmethod
    def kwargs(self) -> dict[str, Any]:
        """Gives our parameters."""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        self.theirs.model_validate(self.kwargs())
        return self


class Translated(Adapted):
    """A published id that means what one of ours means; drawn as ours is drawn."""

    @abstractmethod
    def back(self, drawn: Any) -> dict[str, Any]:
        """Gives the published parameters for drawn ones of ours."""

    def adapt(self, params: Any) -> dict[str, Any]:
        """Gives our parameters; none where the published id has none."""
        ours: dict[str, Any] = params.kwargs() if isinstance(params, Meaning) else {}
        return ours

    def sample(self, instruction: Instruction, rng: Random) -> Any | None:
        """Draws as ours."""
        drawn = CONSTRAINTS.get(self.ours).sample(instruction, rng)
        return None if drawn is None else self.Params.model_validate(self.back(drawn))
