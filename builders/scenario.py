"""What a scenario is: one real situation, from which sources, with which constraints, proven by gold pairs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from ..schemas.instruction import Given
from ..schemas.messages import Messages
from ..schemas.plugin import Registry
from ..schemas.recipe import Use
from .source import Candidate

__all__ = ["SCENARIOS", "Gold", "GoldConstraint", "Scenario"]


@dataclass(frozen=True)
class GoldConstraint:
    """A check and its parameters, as a gold pair uses it."""

    checker: str
    kwargs: dict[str, Any]


@dataclass(frozen=True)
class Gold:
    """An instruction with a response that satisfies each constraint and one that violates each."""

    messages: Messages
    constraints: tuple[GoldConstraint, ...]
    satisfies: str
    violates: str


class Scenario(ABC):
    """One situation in which people ask. One class a file; the file's name is the id."""

    id: ClassVar[str]
    version: ClassVar[int] = 1
    """Bumped by hand when what it selects or allows changes."""
    instruction_type: ClassVar[str]
    """``single_turn``, ``multi_turn`` or ``system_prompt``."""
    sources: ClassVar[tuple[Use, ...]]
    """Where its instructions come from unless the recipe says otherwise."""
    attach: ClassVar[tuple[str, ...]]
    """Ids or families of verifiable constraints that may be attached."""
    responses: ClassVar[int] = 8
    """Responses per instruction, unless the recipe says otherwise."""
    checklist: ClassVar[tuple[Given, ...]] = ()
    """Soft constraints that every instruction of the scenario carries."""
    gold: ClassVar[tuple[Gold, ...]]
    """At least two."""

    @abstractmethod
    def select(self, candidate: Candidate) -> bool:
        """Tells whether a candidate belongs to the scenario; a candidate goes to the first that takes it."""


SCENARIOS: Registry[Scenario] = Registry(
    "scenario",
    "benchwright.builders.scenarios",
    Scenario,
    "benchwright.scenarios",
)
