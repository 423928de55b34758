"""Attaching verifiable constraints to an instruction: those that fit it, hold together and go against nothing asked.

What is drawn depends on the seed, the instruction's id, its text, and the constraints there are; on nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from ..schemas.canonical import digest
from ..schemas.instruction import Instruction
from .compatible import compatible, counted_alike
from .constraint import CONSTRAINTS, check_ids, family_of

__all__ = ["Attached", "attach", "wording_language"]

WORDED = ("en", "zh", "es")


@dataclass(frozen=True)
class Attached:
    """A constraint that was attached."""

    checker: str
    params: dict[str, Any]
    """JSON types only."""
    text: str
    """Its sentence in the prompt."""


def wording_language(instruction: Instruction, other_languages: Literal["english", "skip"]) -> str | None:
    """Gives the language constraints are worded in: the instruction's, else English; null where policy skips it."""
    if instruction.language in WORDED:
        return instruction.language
    return "en" if other_languages == "english" else None


def _order(ids: Sequence[str], rng: Random) -> list[str]:
    """Shuffles so that every family has had a turn before one has its second."""
    shuffled = rng.sample(ids, len(ids))
    turns: dict[str, int] = {}
    turn: dict[str, int] = {}
    for id in shuffled:
        family = family_of(id)
        turn[id] = turns.get(family, 0)
        turns[family] = turn[id] + 1
    return sorted(shuffled, key=turn.__getitem__)


def attach(
    instruction: Instruction,
    *,
    allowed: Sequence[str],
    count: tuple[int, int],
    taken: Sequence[tuple[str, dict[str, Any]]],
    seed: str | int,
    other_languages: Literal["english", "skip"],
) -> list[Attached]:
    """Draws constraints for an instruction.

    Args:
        allowed: ids or families that may be attached.
        count: fewest and most wanted; fewer come out where fewer fit.
        taken: ids and parameters of constraints that hold already; ids that are not ours are passed over.
        seed: with the instruction's id, decides what is drawn.
        other_languages: what an instruction in a language without wordings gets.

    Raises:
        UsageError: when ``allowed`` names what does not exist.
    """
    ids = check_ids(allowed)
    language = wording_language(instruction, other_languages)
    if language is None:
        return []
    rng = Random(digest([seed, instruction.id]))
    wanted = rng.randint(*count)
    held = [(id, dict(params)) for id, params in taken if CONSTRAINTS.has(id)]
    made: list[Attached] = []
    for id in _order(ids, rng):
        if len(made) == wanted:
            break
        constraint = CONSTRAINTS.get(id)
        params = constraint.sample(instruction, rng)
        variant = rng.randrange(60)
        if params is None:
            continue
        plain = params.model_dump(mode="json")
        if all(compatible((id, plain), one) and counted_alike((id, plain), one, language) for one in held):
            held.append((id, plain))
            made.append(Attached(id, plain, constraint.render(params, language, variant)))
    return made
