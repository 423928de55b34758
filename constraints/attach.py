"""Attaching verifiable constraints to an instruction: those that fit it, hold together and go against nothing asked.

What is drawn depends on the seed, the instruction's id, its text, and the constraints there are; on nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from ..schemas.canonical import digest
from ..schemas.instruction import Instruction
from .compatible import compatible, counted_alike
from .constraint import CONSTRAINTS, check_ids, family_of
from .difficulty import difficulty_of, share_each
from .joint import Held, as_ours, joint_witness
from .published import is_checked
from .verifiable._wording import LANGUAGES

__all__ = ["Attached", "attach", "wording_language"]

_PULL = 8.0
"""How strongly a wanted difficulty draws: one that is 0.1 off is half as likely."""


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
    if instruction.language in LANGUAGES:
        return instruction.language
    return "en" if other_languages == "english" else None


def _order(ids: Sequence[str], rng: Random, wanted: int, difficulty: float | None) -> list[str]:
    """Shuffles so that every family has had a turn before one has its second.

    With a difficulty, ids whose own is near what each must have come early more often.
    """
    shuffled = rng.sample(ids, len(ids))
    if difficulty is not None:
        share = share_each(difficulty, wanted)
        # A draw without replacement by weights (Efraimidis and Spirakis 2006).
        keys = {id: rng.random() ** math.exp(_PULL * abs(difficulty_of(id) - share)) for id in shuffled}
        return sorted(shuffled, key=keys.__getitem__, reverse=True)
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
    taken: Sequence[Held],
    seed: str | int,
    other_languages: Literal["english", "skip"],
    difficulty: float | None = None,
) -> list[Attached]:
    """Draws constraints for an instruction, of which one text is known to satisfy all.

    Args:
        instruction: what is asked.
        allowed: ids or families that may be attached.
        count: fewest and most wanted; fewer come out where fewer fit.
        taken: ids and parameters of constraints that hold already; ids that are not ours are passed over.
        seed: with the instruction's id, decides what is drawn.
        other_languages: what an instruction in a language without wordings gets.
        difficulty: the chance, from 0 to 1, that a model's answer misses at least one of them; null draws evenly.

    Raises:
        UsageError: when ``allowed`` names what does not exist.
    """
    ids = check_ids(allowed)
    language = wording_language(instruction, other_languages)
    if language is None:
        return []
    rng = Random(digest([seed, instruction.id]))
    wanted = rng.randint(*count)
    held = [as_ours(one) for one in taken if is_checked(one[0])]
    # What the user's own wishes ask may be meant loosely: then only the drawn ones must be met together.
    together = held if held and joint_witness(held, instruction.language or "en") else []
    made: list[Attached] = []
    for id in _order(ids, rng, wanted, difficulty):
        if len(made) == wanted:
            break
        constraint = CONSTRAINTS.get(id)
        params = constraint.sample(instruction, rng)
        variant = rng.randrange(60)
        if params is None:
            continue
        plain = params.model_dump(mode="json")
        ours = as_ours((id, plain))
        fits = all(compatible(ours, one) and counted_alike(ours, one, language) for one in held)
        if fits and joint_witness([*together, ours], instruction.language or "en"):
            held, together = [*held, ours], [*together, ours]
            made.append(Attached(id, plain, constraint.render(params, language, variant)))
    return made
