"""From selected instructions to instructions as sampled, with their constraints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ..constraints.constrain import constrain
from ..schemas.drop import Drop
from ..schemas.instruction import Instruction
from ..schemas.recipe import ConstraintPolicy
from .scenario import Scenario

__all__ = ["AllConstrained", "constrain_all"]


class AllConstrained(NamedTuple):
    """What instructions became."""

    instructions: list[Instruction]
    """Those that stay, with their final messages."""
    constraints: list[dict[str, Any]]
    """Rows of table ``Constraints``."""
    drops: list[Drop]


def constrain_all(
    instructions: Iterable[Instruction], scenarios: Mapping[str, Scenario], policy: ConstraintPolicy, seed: int
) -> AllConstrained:
    """Lays down every instruction's constraints, as its scenario allows.

    Args:
        scenarios: by id.

    Raises:
        UsageError: when an id or family of constraints does not exist.
    """
    found = AllConstrained([], [], [])
    for instruction in instructions:
        scenario = scenarios[instruction.scenario]
        checklist = scenario.checklist if policy.checklist else ()
        made = constrain(instruction, policy, scenario.attach, checklist, seed)
        if made.drop is not None:
            found.drops.append(made.drop)
            continue
        found.instructions.append(replace(instruction, messages=made.messages))
        found.constraints.extend(made.constraints)
    return found
