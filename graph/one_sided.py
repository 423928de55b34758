"""Checks that every released response passes, or none: they tell nothing, and their instructions may be left out."""

from __future__ import annotations

from collections import defaultdict

import polars as pl

from ..schemas.drop import Drop
from .derive import STAGE, Derived

__all__ = ["drop_one_sided"]


def _one_sided(rated: pl.DataFrame, verdicts: pl.DataFrame) -> set[str]:
    """Gives the checkers that lack a satisfied or a violated verdict among the released responses."""
    seen: dict[str, set[str]] = defaultdict(set)
    joined = rated.explode("responses").join(
        verdicts, left_on=["responses", "constraint_id"], right_on=["response_id", "constraint_id"], how="left"
    )
    for checker, outcome in joined.select("checker", "outcome").unique().iter_rows():
        seen[checker].add(outcome)
    return {checker for checker, outcomes in seen.items() if not {"satisfied", "violated"} <= outcomes}


def drop_one_sided(derived: Derived, constraints: pl.DataFrame, verdicts: pl.DataFrame) -> Derived:
    """Drops instructions until every check used has at least one satisfied and one violated response.

    Dropping one can leave another check one-sided, so it goes on until none is. Soft constraints and positions that
    are not compared do not count.
    """
    graphs, edges, drops = derived.graphs, derived.edges, list(derived.drops)
    checks = constraints.filter(pl.col("checker").is_not_null()).select(
        "instruction_id", "position", "checker", pl.col("id").alias("constraint_id")
    )
    while True:
        rated = graphs.join(checks, on="instruction_id").filter(pl.col("position").is_in(pl.col("rated_positions")))
        bad = _one_sided(rated, verdicts)
        if not bad:
            return derived._replace(graphs=graphs, edges=edges, drops=drops)
        hit = rated.filter(pl.col("checker").is_in(sorted(bad))).sort("instruction_id", "position")
        for instruction, responses, checker in (
            hit.unique("instruction_id", keep="first", maintain_order=True)
            .select("instruction_id", "responses", "checker")
            .iter_rows()
        ):
            detail = f"no response left satisfies {checker}, or none violates it"
            drops.append(Drop(STAGE, instruction, "one_sided_check", detail))
            drops += [Drop(STAGE, id, "instruction_dropped", f"{instruction}: one_sided_check") for id in responses]
        gone = hit["instruction_id"].unique().implode()
        graphs = graphs.filter(~pl.col("instruction_id").is_in(gone))
        edges = edges.filter(~pl.col("instruction_id").is_in(gone))
