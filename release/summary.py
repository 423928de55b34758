"""The figures of a build, drawn from its tables: what the screen, ``--json`` and ``run.json`` show."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl

from .reduce import Reduced

__all__ = ["summarise"]


def _shares(reduced: Reduced) -> dict[str, dict[str, int]]:
    """Counts verdicts by checker (``soft`` for those without one) and outcome; unrated positions have no verdict."""
    named = reduced.constraints.select(pl.col("id").alias("constraint_id"), pl.col("checker").fill_null("soft"))
    counted = reduced.verdicts.join(named, on="constraint_id").group_by("checker", "outcome").len()
    shares: dict[str, dict[str, int]] = {
        checker: {"satisfied": 0, "violated": 0, "unknown": 0} for checker in sorted(counted["checker"].unique())
    }
    for checker, outcome, count in counted.iter_rows():
        shares[checker][outcome] = count
    return shares


def _models(reduced: Reduced) -> dict[str, dict[str, Any]]:
    """Counts released responses and their tokens by model."""
    figures: dict[str, dict[str, Any]] = {}
    counted = reduced.responses.group_by("model").agg(
        pl.len().alias("responses"),
        pl.col("revision").unique().sort().alias("revisions"),
        pl.col("prompt_tokens").sum().alias("prompt_tokens"),
        pl.col("completion_tokens").sum().alias("completion_tokens"),
        (pl.col("finish_reason") == "length").sum().alias("cut"),
    )
    for row in counted.sort("model").iter_rows(named=True):
        figures[row.pop("model")] = row
    return figures


def _edges(reduced: Reduced, stats: dict[str, int]) -> dict[str, Any]:
    """Gives the graph's statistics and how many instructions have how many edges."""
    per_instruction = Counter(reduced.edges["instruction_id"].to_list())
    histogram = Counter(per_instruction[id] for id in reduced.graphs["instruction_id"])
    return {
        **stats,
        "edges": reduced.edges.height,
        "per_instruction": {str(n): histogram[n] for n in sorted(histogram)},
    }


def summarise(reduced: Reduced, graph_stats: dict[str, int]) -> dict[str, Any]:
    """Gives ``counts``, ``models``, ``constraints`` and ``edges`` of what is released."""
    return {
        "counts": {
            "instructions": reduced.instructions.height,
            "constraints": reduced.constraints.height,
            "responses": reduced.responses.height,
            "labels": reduced.labels.height,
            "verdicts": reduced.verdicts.height,
            "edges": reduced.edges.height,
        },
        "models": _models(reduced),
        "constraints": _shares(reduced),
        "edges": _edges(reduced, graph_stats),
    }
