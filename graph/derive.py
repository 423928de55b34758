"""From verdicts to preference graphs, instruction by instruction, under the recipe's graph policy."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

from ..schemas.drop import Drop
from ..schemas.edge import Edges, Graphs
from ..schemas.outcome import Outcome
from ..schemas.recipe import GraphPolicy
from ..schemas.tables import frame_of
from .edges import Edge, Pair, Row, certain_edges, compare_pair, same_text_key
from .pair_checks import Check, apply_pair_checks, checks_by_instruction

__all__ = ["Derived", "derive_graphs", "response_order"]

STAGE = "graph"


class Derived(NamedTuple):
    """The graphs of a build."""

    graphs: pl.DataFrame
    """Table ``Graphs``: a row per instruction that stays, with the responses that stay."""
    edges: pl.DataFrame
    """Table ``Edges``."""
    drops: list[Drop]
    stats: dict[str, int]
    """Pairs by kind and instructions with an edge, over all instructions compared, edgeless ones among them: as labels
    give them. Then what checks of pairs confirmed, rejected and left unchecked of the edges."""


@dataclass
class _Work:
    """What one pass over the instructions gathers."""

    graphs: list[dict[str, Any]] = field(default_factory=list)
    edges: list[dict[str, Any]] = field(default_factory=list)
    drops: list[Drop] = field(default_factory=list)
    stats: Counter[str] = field(default_factory=Counter)

    def drop(self, record: str, reason: str, detail: str) -> None:
        self.drops.append(Drop(STAGE, record, reason, detail))

    def drop_instruction(self, id: str, responses: list[dict[str, Any]], reason: str, detail: str) -> None:
        """Drops an instruction and, each with its own row, the responses it still had."""
        self.drop(id, reason, detail)
        for row in responses:
            self.drop(row["id"], "instruction_dropped", f"{id}: {reason}")


def response_order(row: dict[str, Any]) -> tuple[str, int, str]:
    """Gives the order of an instruction's responses: model, sample index, id."""
    return row["model"], row["sample_index"], row["id"]


def _rows_by(frame: pl.DataFrame, column: str) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in frame.iter_rows(named=True):
        groups[row[column]].append(row)
    return groups


def _usable(responses: list[dict[str, Any]], keep_repeated: bool, work: _Work) -> list[dict[str, Any]]:
    """Drops failed responses and, by policy, repeated texts; gives the rest in order."""
    kept: list[dict[str, Any]] = []
    first: dict[str, str] = {}
    for row in sorted(responses, key=response_order):
        if row["text"] is None:
            work.drop(row["id"], "missing_response", row["error"] or "the response has no text")
            continue
        key = same_text_key(row["text"])
        if key in first and not keep_repeated:
            work.drop(row["id"], "duplicate_response", f"the same text as {first[key]}")
            continue
        first.setdefault(key, row["id"])
        kept.append(row)
    return kept


def _blocked(labels: Sequence[Row], positions: Sequence[int]) -> list[int]:
    """Gives the compared positions whose outcome is unknown for every response."""
    return [k for k in positions if all(row[k] is None for row in labels)]


def _count_pairs(labels: Sequence[Row], positions: Sequence[int], texts: Sequence[str], work: _Work) -> None:
    keys = [same_text_key(text) for text in texts]
    for u in range(len(labels)):
        for v in range(u + 1, len(labels)):
            pair = compare_pair(labels[u], labels[v], positions, keys[u] == keys[v])
            work.stats[f"pairs_{pair.value}"] += 1


def _after_checks(
    ids: list[str], edges: list[Edge], checks: Sequence[Check[str]], policy: GraphPolicy, work: _Work
) -> dict[Edge, bool | None]:
    """Drops the edges that checks of pairs take away; gives the others with what people said of them."""
    of = {(ids[edge.better], ids[edge.worse]): edge for edge in edges}
    checked = apply_pair_checks(list(of), checks, policy.pair_checks, policy.unchecked_pairs)
    for better, worse, reason, detail in checked.rejected:
        work.drop(f"{better}>{worse}", reason, detail)
        work.stats["edges_rejected"] += reason == "edge_rejected"
        work.stats["edges_unchecked"] += reason == "edge_unchecked"
    for confirmed in checked.kept.values():
        work.stats["edges_unchecked" if confirmed is None else "edges_confirmed"] += 1
    return {of[pair]: confirmed for pair, confirmed in checked.kept.items()}


def _keep(
    instruction: str,
    responses: list[dict[str, Any]],
    edges: dict[Edge, bool | None],
    positions: list[int],
    work: _Work,
) -> None:
    ids = [row["id"] for row in responses]
    work.graphs.append({"instruction_id": instruction, "rated_positions": positions, "responses": ids})
    for edge, confirmed in edges.items():
        work.edges.append(
            {
                "instruction_id": instruction,
                "better": ids[edge.better],
                "worse": ids[edge.worse],
                "constraints": list(edge.positions),
                "basis": "certain",
                "confidence": 1.0,
                "confirmed": confirmed,
                "margin": len(edge.positions),
            }
        )


def _compared(
    constraints: list[dict[str, Any]], outcomes: dict[tuple[str, str], str], policy: GraphPolicy
) -> list[int]:
    """Gives the positions that somebody rated and the policy compares."""
    rated = {constraint for response, constraint in outcomes if constraint}
    return [
        row["position"]
        for row in constraints
        if row["id"] in rated and (policy.over == "rated" or row["kind"] == "verifiable")
    ]


def _labels(
    constraints: list[dict[str, Any]], responses: list[dict[str, Any]], outcomes: dict[tuple[str, str], str]
) -> list[list[int | None]]:
    """Gives a row of labels per response, by position; what has no verdict counts as unknown."""
    return [
        [Outcome(outcomes.get((response["id"], row["id"]), "unknown")).label for row in constraints]
        for response in responses
    ]


def _without_isolated(
    responses: list[dict[str, Any]], edges: dict[Edge, bool | None], work: _Work
) -> tuple[list[dict[str, Any]], dict[Edge, bool | None]]:
    """Drops the responses that no edge joins and renumbers the others."""
    joined = sorted({index for edge in edges for index in edge[:2]})
    for index in sorted(set(range(len(responses))) - set(joined)):
        work.drop(responses[index]["id"], "isolated_response", "has no edge")
    new = {old: i for i, old in enumerate(joined)}
    kept = {Edge(new[edge.better], new[edge.worse], edge.positions): confirmed for edge, confirmed in edges.items()}
    return [responses[old] for old in joined], kept


def _derive_one(
    instruction: str,
    constraints: list[dict[str, Any]],
    responses: list[dict[str, Any]],
    outcomes: dict[tuple[str, str], str],
    checks: Sequence[Check[str]],
    policy: GraphPolicy,
    keep_repeated: bool,
    work: _Work,
) -> None:
    """Derives one instruction's graph, or drops the instruction with its reason."""
    usable = _usable(responses, keep_repeated, work)
    if len(usable) < policy.min_responses:
        detail = f"{len(usable)} usable, {policy.min_responses} needed"
        work.drop_instruction(instruction, usable, "too_few_responses", detail)
        return
    positions = _compared(constraints, outcomes, policy)
    if not positions:
        detail = f"none of its {len(constraints)} constraints has a verdict to compare"
        work.drop_instruction(instruction, usable, "nothing_rated", detail)
        return
    labels = _labels(constraints, usable, outcomes)
    texts = [row["text"] for row in usable]
    if blocked := _blocked(labels, positions):
        detail = f"unknown for every response at position {blocked[0]}"
        work.drop_instruction(instruction, usable, "constraint_unknown", detail)
        return
    work.stats["instructions_compared"] += 1
    _count_pairs(labels, positions, texts, work)
    derived = certain_edges(labels, positions, texts)
    work.stats["instructions_with_edges"] += bool(derived)
    edges = _after_checks([row["id"] for row in usable], derived, checks, policy, work)
    if not edges and policy.edgeless_instructions == "drop":
        detail = f"no response of {len(usable)} certainly beats another"
        if derived:
            detail = f"none of its {len(derived)} edges stays after the checks of pairs"
        work.drop_instruction(instruction, usable, "no_edge", detail)
        return
    if policy.isolated_responses == "drop" and edges:
        usable, edges = _without_isolated(usable, edges, work)
    _keep(instruction, usable, edges, positions, work)


def derive_graphs(
    instructions: Sequence[str],
    constraints: pl.DataFrame,
    responses: pl.DataFrame,
    verdicts: pl.DataFrame,
    policy: GraphPolicy,
    *,
    recorded: bool,
    pair_checks: pl.DataFrame | None = None,
) -> Derived:
    """Derives every instruction's graph.

    Args:
        instructions: ids, in the order their rows are to have.
        constraints: table ``Constraints``; positions count from 0 without gaps.
        recorded: whether the responses were recorded, not sampled: then repeated texts stay unless the policy says so.
        pair_checks: table ``PairChecks``: edges that people did not confirm go, by policy; null where nobody was shown
            any. What is isolated or edgeless without them goes as it always does.
    """
    keep_repeated = policy.repeated_texts == "keep" or (policy.repeated_texts is None and recorded)
    by_constraint = _rows_by(constraints.sort("instruction_id", "position"), "instruction_id")
    by_response = _rows_by(responses, "instruction_id")
    by_verdict = _rows_by(verdicts, "instruction_id")
    checks = checks_by_instruction(pair_checks)
    work = _Work()
    for instruction in instructions:
        outcomes = {(row["response_id"], row["constraint_id"]): row["outcome"] for row in by_verdict[instruction]}
        _derive_one(
            instruction,
            by_constraint[instruction],
            by_response[instruction],
            outcomes,
            checks.get(instruction, []),
            policy,
            keep_repeated,
            work,
        )
    names = ["instructions_compared", "instructions_with_edges", *(f"pairs_{pair.value}" for pair in Pair)]
    names += ["edges_confirmed", "edges_rejected", "edges_unchecked"]
    return Derived(
        frame_of(Graphs, work.graphs),
        frame_of(Edges, work.edges),
        work.drops,
        {name: work.stats[name] for name in names},
    )
