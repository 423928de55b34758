"""From labels to verdicts."""

from __future__ import annotations

import polars as pl

from ..schemas.label import Verdicts
from ..schemas.tables import frame_of

__all__ = ["aggregate"]


def aggregate(labels: pl.DataFrame, method: str = "majority") -> pl.DataFrame:
    """Gives the verdict of each labelled (response, constraint), table ``Verdicts``, sorted by its key.

    ``majority``: the outcome most raters gave, unknown ones not counted; a tie, or nothing but unknown, is unknown. It
    has no model of the raters and so no posterior.
    """
    assert method == "majority", method
    if labels.is_empty():
        return frame_of(Verdicts, [])
    key = ["instruction_id", "response_id", "constraint_id"]
    balance = (pl.col("outcome") == "satisfied").sum().cast(pl.Int64) - (pl.col("outcome") == "violated").sum().cast(
        pl.Int64
    )
    return (
        labels.group_by(key)
        .agg(balance.alias("balance"), pl.len().cast(pl.Int32).alias("raters"))
        .select(
            *key,
            pl.when(pl.col("balance") > 0)
            .then(pl.lit("satisfied"))
            .when(pl.col("balance") < 0)
            .then(pl.lit("violated"))
            .otherwise(pl.lit("unknown"))
            .alias("outcome"),
            pl.lit(None, dtype=pl.Float64).alias("posterior"),
            pl.lit(method).alias("method"),
            "raters",
        )
        .sort(key)
    )
