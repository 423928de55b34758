"""Labels taken over from a source that published its verdicts beside its responses."""

from __future__ import annotations

import polars as pl

from ..schemas.label import Labels
from ..schemas.tables import frame_of

__all__ = ["published_labels"]


def published_labels(constraints: pl.DataFrame, responses: pl.DataFrame, published: pl.DataFrame) -> pl.DataFrame:
    """Gives a label per published verdict, table ``Labels``.

    Args:
        published: table ``Published``; its positions count the constraints that came with the instruction, which are
            the first of its constraints.
    """
    joined = (
        published.join(responses.select(pl.col("id").alias("response_id"), "instruction_id"), on="response_id")
        .join(
            constraints.select("instruction_id", "position", pl.col("id").alias("constraint_id")),
            on=["instruction_id", "position"],
        )
        .sort("response_id", "position")
    )
    rows = [
        {
            "instruction_id": row["instruction_id"],
            "response_id": row["response_id"],
            "constraint_id": row["constraint_id"],
            "rater_id": row["rater"],
            "rater_kind": "published",
            "outcome": {1: "satisfied", 0: "violated"}.get(row["label"], "unknown"),
            "probability": None,
            "reason": None if row["label"] is not None else row["reason"] or "the source gives no verdict",
            "evidence": None,
            "raw_reply": None,
            "order": None,
            "version": None,
        }
        for row in joined.iter_rows(named=True)
    ]
    return frame_of(Labels, rows)
