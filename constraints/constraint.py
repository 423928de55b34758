"""What a verifiable constraint is: closed parameters, sampling, wording, check with evidence, witnesses.

Each is pure functions over a frozen parameter model. A missing or unknown parameter is an error when the parameters are
read, never a draw when the check runs; a check holds no state between responses.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from random import Random
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from ..errors import UsageError, nearest
from ..schemas.instruction import Instruction
from ..schemas.messages import Messages
from ..schemas.outcome import Outcome
from ..schemas.plugin import Registry
from .document import Document

__all__ = [
    "CONSTRAINTS",
    "Check",
    "ConstraintParams",
    "Relation",
    "VerifiableConstraint",
    "Witness",
    "blank_check",
    "check_ids",
    "compare",
    "families",
    "family_of",
]

Relation = Literal["at_least", "at_most", "exactly", "less_than", "more_than"]


class ConstraintParams(BaseModel):
    """Parameters of a constraint: required, closed, frozen."""

    # Built when first read: most runs use a few of all constraints.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Check(NamedTuple):
    """What a check found."""

    outcome: Outcome
    reason: str
    """What was measured against what was asked, in a few words."""
    measured: int | float | str | None = None
    spans: tuple[tuple[int, int], ...] = ()
    """[start, end) character offsets in the response that decide it: the offending or the matching places; of more
    than ``EVIDENCE`` perhaps the first so many."""


class Witness(NamedTuple):
    """Two texts that show a constraint is neither empty nor impossible."""

    satisfies: str
    violates: str
    messages: Messages = ()
    """The conversation both answer; empty where the check does not read it."""


class VerifiableConstraint(ABC):
    """A constraint that code checks."""

    id: ClassVar[str]
    """Ours: ``family.name``, the family being the file's name. Published: as published, ``group:name``; the file is
    ``<suite>_<group>.py``."""
    version: ClassVar[int] = 1
    """Bumped by hand when the check's or the wording's meaning changes."""
    Params: ClassVar[type[ConstraintParams]]
    categories: ClassVar[tuple[str, ...]]
    """Of ``schemas.instruction.CATEGORIES``."""
    compositions: ClassVar[tuple[str, ...]] = ("Single",)
    slots: ClassVar[frozenset[str]] = frozenset()
    """What of a response it decides (``length``, ``case``, ``whole_form``, ``start``, ``end`` …): two constraints that
    share a slot are never attached together."""
    conflicts: ClassVar[frozenset[str]] = frozenset()
    """Ids or families that cannot hold together with it, beyond shared slots."""
    one_word: ClassVar[bool] = False
    """Whether one word that has nothing to do with the parameters may satisfy it: bans and maxima."""

    @abstractmethod
    def sample(self, instruction: Instruction, rng: Random) -> Any | None:
        """Draws parameters that fit an instruction; null where the constraint does not fit it."""

    @abstractmethod
    def render(self, params: Any, language: str, variant: int = 0) -> str:
        """Words the constraint as one sentence to the model, in ``en``, ``zh``, ``es``, ``fr`` or ``ja``.

        Args:
            language: any other gets English.
            variant: any integer from 0; picks one of several wordings that mean the same.
        """

    @abstractmethod
    def check(self, params: Any, document: Document) -> Check:
        """Checks a response."""

    def settled(self, params: Any) -> tuple[VerifiableConstraint, Any]:
        """Gives the constraint and parameters that check in place of these: others where this one adapts another."""
        return self, params

    @abstractmethod
    def witness(self, params: Any, rng: Random) -> Witness:
        """Gives a text that satisfies and one that violates the constraint under these parameters.

        Args:
            params: of this constraint.
            rng: draws among the texts that a constraint knows; one that knows a single pair gives that.
        """


def compare(count: int, relation: Relation, wanted: int, cut: bool) -> Outcome:
    """Compares a count that grows with the text.

    A text cut by the token limit has no end of its own: what more text could change is unknown. A count over a maximum
    stays over, a minimum that is reached stays reached; anything else of a cut text is unknown.
    """
    if relation == "more_than":
        relation, wanted = "at_least", wanted + 1
    elif relation == "less_than":
        relation, wanted = "at_most", wanted - 1
    if relation == "at_least":
        return Outcome.SATISFIED if count >= wanted else Outcome.of(None if cut else False)
    if count > wanted:
        return Outcome.VIOLATED
    if cut:
        return Outcome.UNKNOWN
    return Outcome.of(relation == "at_most" or count == wanted)


def blank_check(document: Document) -> Check:
    """Gives the verdict on a reply in which nothing is written: it satisfies no constraint, not even a maximum."""
    return Check(Outcome.of(None if document.cut else False), "the reply is blank")


CONSTRAINTS: Registry[VerifiableConstraint] = Registry(
    "constraint",
    "benchwright.constraints.verifiable",
    VerifiableConstraint,
    "benchwright.constraints",
)


def family_of(id: str) -> str:
    """Gives a constraint's family: the name of the file that defines it.

    Raises:
        UsageError: when no constraint bears the id.
    """
    return type(CONSTRAINTS.get(id)).__module__.rpartition(".")[2]


def families(ids: Sequence[str]) -> tuple[str, ...]:
    """Gives the families of constraint ids, each once, sorted."""
    return tuple(sorted(set(map(family_of, ids))))


def check_ids(ids: Sequence[str]) -> tuple[str, ...]:
    """Gives the constraints that ids and families name, each once, sorted.

    Raises:
        UsageError: when some are neither; each problem names the nearest.
    """
    known = CONSTRAINTS.ids()
    allowed = [*known, *families(known)]
    if unknown := [id for id in ids if id not in allowed]:
        problems = [f"no constraint or family is called {id!r}: {nearest(id, allowed)}" for id in unknown]
        raise UsageError("constraints are named that do not exist", problems)
    return tuple(id for id in known if id in ids or family_of(id) in ids)
