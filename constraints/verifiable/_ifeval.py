"""IFEval's ids that mean what ours mean: parameters translated both ways, relations, conflicts."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from ...schemas.instruction import Instruction
from ..constraint import CONSTRAINTS, ConstraintParams, VerifiableConstraint
from ._published import Adapted, NoParams, ours_relation

__all__ = ["Meaning", "N", "Translated"]

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


class Meaning(ConstraintParams):
    """Published parameters that stand for parameters of ours; read only where those make sense."""

    theirs: ClassVar[type[ConstraintParams]]
    """Our parameter model."""
    names: ClassVar[Mapping[str, str]]
    """The published names by ours."""
    fixed: ClassVar[Mapping[str, Any]] = {}
    """Ours that the published id does not leave open."""

    def kwargs(self) -> dict[str, Any]:
        """Gives our parameters."""
        ours = {name: getattr(self, published) for name, published in self.names.items()}
        if "relation" in ours:
            ours["relation"] = ours_relation(ours["relation"])
        return {**self.fixed, **ours}

    @classmethod
    def of(cls, drawn: Any) -> Self:
        """Gives the published parameters for drawn ones of ours; ``exactly`` becomes *at least*."""
        ours = dict(drawn)
        if "relation" in cls.names:
            below = drawn.relation in ("at_most", "less_than")
            ours["n"] += drawn.relation in ("at_most", "more_than")
            ours["relation"] = "less than" if below else "at least"
        elif "n" in cls.names:
            ours["n"] = max(1, drawn.n)
        return cls.model_validate({published: ours[name] for name, published in cls.names.items()})

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        self.theirs.model_validate(self.kwargs())
        return self


class Translated(Adapted):
    """A published id that means what one of ours means; drawn as ours is drawn, with the same slots."""

    Params: ClassVar[type[ConstraintParams]] = NoParams

    def __init_subclass__(cls, means: type[VerifiableConstraint] | None = None) -> None:
        """Takes over what ours says of itself.

        Args:
            means: ours of the same meaning; null where the class it derives from has one.
        """
        super().__init_subclass__()
        if means is not None:
            cls.ours, cls.categories, cls.slots = means.id, means.categories, means.slots
            # What ours conflicts with it conflicts with under the published names too.
            cls.conflicts = means.conflicts | {_SAME[name] for name in means.conflicts if name in _SAME}

    def adapt(self, params: Any) -> dict[str, Any]:
        """Gives our parameters; none where the published id has none."""
        return params.kwargs() if isinstance(params, Meaning) else {}

    def sample(self, instruction: Instruction, rng: Random) -> Any | None:
        """Draws as ours."""
        drawn = CONSTRAINTS.get(self.ours).sample(instruction, rng)
        if drawn is None:
            return None
        return self.Params.of(drawn) if issubclass(self.Params, Meaning) else self.Params()
