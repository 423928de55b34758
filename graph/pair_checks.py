"""What people who were shown two responses take away from a graph: edges go, none comes.

IF-RewardBench (arXiv 2603.04738) shows each derived pair to two further annotators and keeps it only where both agree
with it; 71.2 % of its pairs stay. Its edges follow from labels; what people see beside them (both responses fail, or
something else sets them apart) does not, and no check puts it into the labels. So a check takes an edge away and
leaves the labels alone, and nothing brings the edge back: no closure is taken afterwards.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, Literal, NamedTuple, TypeVar

import polars as pl

__all__ = ["MIN_RATERS", "Check", "Checked", "Count", "Rejected", "apply_pair_checks", "checks_by_instruction", "count"]

Id = TypeVar("Id", str, int)

MIN_RATERS = 2
"""People who must have seen a pair before it counts as checked."""


class Check(NamedTuple, Generic[Id]):
    """What one person said of a pair of responses."""

    first: Id
    second: Id
    answer: str
    """``better``, ``worse``, ``same`` or ``unsure``: of the first against the second."""


class Count(NamedTuple):
    """What people said of one edge."""

    agree: int
    """The better one is better."""
    disagree: int
    """It is worse, or there is no difference."""
    unsure: int
    """They cannot tell: no confirmation, for a pair that somebody cannot tell apart is no sure one."""

    @property
    def raters(self) -> int:
        """How many were asked."""
        return sum(self)

    def confirms(self, rule: Literal["unanimous", "majority"]) -> bool | None:
        """Says whether the edge stays; null while fewer than two people have seen the pair.

        ``unanimous``: all of them agree. ``majority``: more than half of them do, those who are unsure among them.
        """
        if self.raters < MIN_RATERS:
            return None
        return self.agree == self.raters if rule == "unanimous" else 2 * self.agree > self.raters


class Rejected(NamedTuple, Generic[Id]):
    """An edge that goes."""

    better: Id
    worse: Id
    reason: str
    """``edge_rejected``, or ``edge_unchecked`` where edges that too few people saw are to go."""
    detail: str


class Checked(NamedTuple, Generic[Id]):
    """What checks leave of a graph."""

    kept: dict[tuple[Id, Id], bool | None]
    """By (better, worse), in the order given: true where people confirmed it, null where too few were asked."""
    rejected: list[Rejected[Id]]


def count(edges: Iterable[tuple[Id, Id]], checks: Iterable[Check[Id]]) -> dict[tuple[Id, Id], Count]:
    """Counts what was said of each edge, whichever of the two was named first; of other pairs nothing is counted."""
    tally = {edge: [0, 0, 0] for edge in edges}
    for first, second, answer in checks:
        for edge, agreeing in (((first, second), "better"), ((second, first), "worse")):
            if edge in tally:
                tally[edge][2 if answer == "unsure" else 0 if answer == agreeing else 1] += 1
    return {edge: Count(*counts) for edge, counts in tally.items()}


def apply_pair_checks(
    edges: Sequence[tuple[Id, Id]],
    checks: Iterable[Check[Id]],
    pair_checks: Literal["unanimous", "majority", "ignore"],
    unchecked_pairs: Literal["keep", "drop"],
) -> Checked[Id]:
    """Gives the edges that stay, and each that goes with its reason.

    A release's audit calls it too: ids are those of the tables, or the numbers of an item's responses.

    Args:
        edges: (better, worse).
        checks: one a person and pair, in any order.
        pair_checks: ``ignore`` leaves all edges as they are.
        unchecked_pairs: what becomes of edges that fewer than two people saw.
    """
    if pair_checks == "ignore":
        return Checked(dict.fromkeys(edges), [])
    kept: dict[tuple[Id, Id], bool | None] = {}
    rejected = []
    for (better, worse), said in count(edges, checks).items():
        confirmed = said.confirms(pair_checks)
        if confirmed is False:
            detail = f"{said.agree} of {said.raters} confirm it, {said.disagree} disagree, {said.unsure} are unsure"
            rejected.append(Rejected(better, worse, "edge_rejected", detail))
        elif confirmed is None and unchecked_pairs == "drop":
            detail = f"seen by {said.raters} of {MIN_RATERS} people: {said.agree} confirm it"
            rejected.append(Rejected(better, worse, "edge_unchecked", detail))
        else:
            kept[better, worse] = confirmed
    return Checked(kept, rejected)


def checks_by_instruction(pair_checks: pl.DataFrame | None) -> Mapping[str, list[Check[str]]]:
    """Gives the rows of a table ``PairChecks`` by instruction; an instruction without any has an empty list."""
    found: dict[str, list[Check[str]]] = defaultdict(list)
    if pair_checks is not None:
        for id, *said in pair_checks.select("instruction_id", "first", "second", "answer").iter_rows():
            found[id].append(Check(*said))
    return found
