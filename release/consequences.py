"""What hangs on a label: the edges it decides, and the pairs and lists made of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ..graph.edges import certain_edges
from ..graph.pair_checks import Check, apply_pair_checks
from ..schemas.outcome import Outcome
from ..schemas.recipe import GraphPolicy

__all__ = ["Graph", "Released", "checked_graph", "graph_of", "hangs_on", "outcomes_of", "published_graph"]

Row = dict[str, Any]
Outcomes = Mapping[tuple[str, str], str]
"""Outcome by (response id, constraint id); no entry is unrated."""
Graph = dict[tuple[str, str], tuple[int, ...]]
"""Deciding positions by (better, worse) response id."""


def outcomes_of(verdicts: pl.DataFrame) -> dict[tuple[str, str], str]:
    """Gives the verdicts' outcomes by (response id, constraint id)."""
    rows = verdicts.select("response_id", "constraint_id", "outcome").iter_rows()
    return {(response, constraint): outcome for response, constraint, outcome in rows}


def labels_of(item: Row, outcomes: Outcomes) -> list[list[int | None]]:
    """Gives an item's labels [responses, constraints] as the verdicts have them; null for unknown and unrated."""
    return [
        [Outcome(outcomes.get((response["id"], row["id"]), "unknown")).label for row in item["constraints"]]
        for response in item["responses"]
    ]


def graph_of(item: Row, labels: Sequence[Sequence[int | None]], positions: Sequence[int]) -> Graph:
    """Derives an item's certain edges from labels over the positions compared."""
    ids = [row["id"] for row in item["responses"]]
    texts = [row["response"] for row in item["responses"]]
    return {(ids[u], ids[v]): tuple(deciding) for u, v, deciding in certain_edges(labels, positions, texts)}


def checked_graph(item: Row, graph: Graph, policy: GraphPolicy) -> tuple[Graph, dict[tuple[str, str], bool | None]]:
    """Gives what the item's checks of pairs leave of a graph, and of each edge whether people confirmed it."""
    ids = [row["id"] for row in item["responses"]]
    checks = [Check(ids[row["first"]], ids[row["second"]], row["answer"]) for row in item["pair_checks"]]
    confirmed = apply_pair_checks(list(graph), checks, policy.pair_checks, policy.unchecked_pairs).kept
    return {pair: graph[pair] for pair in confirmed}, confirmed


def published_graph(item: Row) -> Graph:
    """Gives an item's edges as the release has them."""
    ids = [row["id"] for row in item["responses"]]
    return {
        (ids[edge["chosen"]], ids[edge["rejected"]]): tuple(edge["constraints"]) for edge in item["preference_graph"]
    }


class Released:
    """Finds the rows of ``preferences`` and ``bon`` that an edge is in."""

    def __init__(self, preferences: pl.DataFrame, bon: pl.DataFrame) -> None:
        self._rows: dict[tuple[str, str], list[str]] = defaultdict(list)
        for id, chosen, rejected in preferences.select("id", "chosen_id", "rejected_id").iter_rows():
            self._rows[chosen, rejected].append(f"preferences row {id}")
        for id, chosen_ids, rejected_ids in bon.select("id", "chosen_ids", "rejected_ids").iter_rows():
            for chosen in chosen_ids:
                for rejected in rejected_ids:
                    self._rows[chosen, rejected].append(f"bon row {id}")

    def rows(self, edge: tuple[str, str]) -> list[str]:
        """Gives one line for each row."""
        return self._rows.get(edge, [])


def _line(pair: tuple[str, str], published: Graph, right: Graph) -> str:
    now, then = published.get(pair), right.get(pair)
    if now is None:
        what = f"not in the release, would appear, decided by positions {list(then or ())}"
    elif then is None:
        what = f"decided by positions {list(now)}, would not be there"
    elif now == then:
        what = f"decided by positions {list(now)}"
    else:
        what = f"decided by positions {list(now)}, would be by {list(then)}"
    return f"edge {pair[0]} -> {pair[1]}: {what}"


def hangs_on(
    response: str, position: int | None, published: Graph, right: Graph, wrong: Graph, released: Released
) -> list[str]:
    """Lists what rests on one label: a line per edge, then one per row of ``preferences`` and ``bon`` that has it.

    An edge rests on the label of a response at a position if it joins the response and that position decides it, or if
    it is in only one of the graphs that follow from the right and from the wrong labels.

    Args:
        position: of the constraint; null where it is none of the item's.
        published: the edges in the release; right: as derived; wrong: as they follow from the labels in the release.
    """
    edges: list[str] = []
    rows: list[str] = []
    for pair in sorted({*published, *right, *wrong}):
        if response not in pair:
            continue
        graphs = (published.get(pair), right.get(pair), wrong.get(pair))
        decides = any(position in deciding for deciding in graphs if deciding is not None)
        if decides or len(set(graphs)) > 1:
            edges.append(_line(pair, published, right))
            rows += released.rows(pair)
    return edges + list(dict.fromkeys(rows))
