"""Which instructions a release takes when there are more than it wants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from ..schemas.canonical import digest
from ..schemas.drop import Drop
from ..schemas.instruction import Instruction
from ..schemas.recipe import ScenarioUse

__all__ = ["select"]

T = TypeVar("T")


def select(
    instructions: Sequence[Instruction], uses: Sequence[ScenarioUse], limit: int | None, seed: int
) -> tuple[list[Instruction], list[Drop]]:
    """Gives at most each scenario's quota and ``limit`` in all, spread over languages and over scenarios.

    A scenario's languages take turns, those with most instructions first; within a language the order is drawn from
    the seed and the ids alone. Then the scenarios take turns, in the recipe's order. The same instructions in another
    order give the same; a larger quota or limit only adds.

    Returns:
        Those that stay, by id, and a drop of stage ``select`` for each of the others: ``over_quota``, ``over_limit``.
    """
    scenarios: dict[str, list[Instruction]] = {use.id: [] for use in uses}
    for instruction in instructions:
        scenarios[instruction.scenario].append(instruction)
    drops: list[Drop] = []
    chosen: list[list[Instruction]] = []
    for use in uses:
        order = _in_turns(scenarios[use.id], seed)
        quota = len(order) if use.quota is None else use.quota
        detail = f"scenario {use.id} has {len(order)}, its quota is {use.quota}"
        drops += [Drop("select", instruction.id, "over_quota", detail) for instruction in order[quota:]]
        chosen.append(order[:quota])
    order = list(_turns(chosen))
    wanted = len(order) if limit is None else limit
    detail = f"{len(order)} are left after quotas, the limit is {limit}"
    drops += [Drop("select", instruction.id, "over_limit", detail) for instruction in order[wanted:]]
    return sorted(order[:wanted], key=lambda instruction: instruction.id), sorted(drops)


def _in_turns(instructions: Iterable[Instruction], seed: int) -> list[Instruction]:
    """Orders a scenario's instructions so that any first part of them is spread over its languages."""
    strata: dict[str, list[Instruction]] = defaultdict(list)
    for instruction in instructions:
        strata[instruction.language or ""].append(instruction)
    languages = sorted(strata, key=lambda language: (-len(strata[language]), language))
    drawn = [sorted(strata[language], key=lambda one: (digest([seed, one.id]), one.id)) for language in languages]
    return list(_turns(drawn))


def _turns(groups: Sequence[Sequence[T]]) -> Iterator[T]:
    """Yields the first of each group, then the second of each, until all are given."""
    for place in range(max(map(len, groups), default=0)):
        yield from (group[place] for group in groups if place < len(group))
