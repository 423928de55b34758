"""Counts of a release: rows, graph, constraints, labels. The card prints them, the manifest keeps them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from ..graph.edges import Pair, compare_pair, same_text_key

__all__ = ["OutcomeCounts", "family", "graph_statistics", "label_sources", "outcomes_by"]

_LAST_PART = re.compile(r"[.:][^.:]*$")


class OutcomeCounts(NamedTuple):
    """Outcomes of the (response, constraint) pairs of one group."""

    group: str
    constraints: int
    satisfied: int
    violated: int
    unknown: int
    unrated: int
    """Pairs without a verdict: nobody was asked."""


def family(checker: str | None) -> str:
    """Gives a check's family, what is left of the last dot or colon of its id; ``soft`` where there is no check."""
    return "soft" if checker is None else _LAST_PART.sub("", checker)


def graph_statistics(items: pl.DataFrame) -> dict[str, int]:
    """Counts edges and unordered pairs by what is known of them, over the items' labels at their rated positions."""
    counts: Counter[str] = Counter()
    for item in items.select("responses", "rated_positions", "preference_graph").iter_rows(named=True):
        counts["instructions"] += 1
        counts["instructions_with_edges"] += bool(item["preference_graph"])
        counts["responses"] += len(item["responses"])
        counts["edges"] += len(item["preference_graph"])
        keys = [same_text_key(row["response"]) for row in item["responses"]]
        labels = [row["labels"] for row in item["responses"]]
        for u in range(len(labels)):
            for v in range(u + 1, len(labels)):
                pair = compare_pair(labels[u], labels[v], item["rated_positions"], keys[u] == keys[v])
                counts[f"pairs_{pair.value}"] += 1
    names = ["instructions", "instructions_with_edges", "responses", "edges", *(f"pairs_{pair.value}" for pair in Pair)]
    return {name: counts[name] for name in names}


def _pairs(constraints: pl.DataFrame, responses: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """Gives each (response, constraint) with its outcome, null where it is unrated."""
    return (
        constraints.select("instruction_id", "checker", "categories", constraint_id="id")
        .join(responses.select("instruction_id", response_id="id"), on="instruction_id")
        .join(
            verdicts.select("response_id", "constraint_id", "outcome"), on=["response_id", "constraint_id"], how="left"
        )
    )


def _counted(pairs: pl.DataFrame) -> list[OutcomeCounts]:
    outcome = pl.col("outcome")
    rows = (
        pairs.group_by("group")
        .agg(
            pl.col("constraint_id").n_unique(),
            *[(outcome == name).sum().alias(name) for name in ("satisfied", "violated", "unknown")],
            outcome.is_null().sum().alias("unrated"),
        )
        .sort("group")
    )
    return [OutcomeCounts(*row) for row in rows.iter_rows()]


def outcomes_by(
    constraints: pl.DataFrame, responses: pl.DataFrame, verdicts: pl.DataFrame
) -> Mapping[str, list[OutcomeCounts]]:
    """Counts outcomes by ``family`` of the check and by ``category``; a constraint of two categories counts in both."""
    pairs = _pairs(constraints, responses, verdicts)
    names = {checker: family(checker) for checker in pairs["checker"].unique().to_list()}
    by_family = pl.DataFrame(
        {"checker": list(names), "group": list(names.values())}, schema=dict.fromkeys(("checker", "group"), pl.String)
    )
    return {
        "family": _counted(pairs.join(by_family, on="checker", nulls_equal=True)),
        "category": _counted(pairs.explode("categories").rename({"categories": "group"}).drop_nulls("group")),
    }


def label_sources(labels: pl.DataFrame) -> list[dict[str, Any]]:
    """Counts labels by kind of rater: ``rater_kind, raters`` (a sorted list), ``labels``, and one count an outcome."""
    outcome = pl.col("outcome")
    return (
        labels.group_by("rater_kind")
        .agg(
            pl.col("rater_id").unique().sort().alias("raters"),
            pl.len().alias("labels"),
            *[(outcome == name).sum().alias(name) for name in ("satisfied", "violated", "unknown")],
        )
        .sort("rater_kind")
        .to_dicts()
    )
