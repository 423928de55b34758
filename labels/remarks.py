"""Labels by people's remarks: what those who read a response agree on of a principle (RLBFF, arXiv 2509.21319)."""

from __future__ import annotations

import polars as pl

from ..schemas.canonical import canonical_json
from ..schemas.label import Labels
from ..schemas.tables import frame_of

__all__ = ["RATER", "remark_labels"]

RATER = "human:feedback"
"""The people of one response together: by the gates they agree, and each alone says no more."""


def remark_labels(principles: pl.DataFrame, responses: pl.DataFrame) -> pl.DataFrame:
    """Gives a label for each response whose text was remarked on, table ``Labels``; of other texts nothing is known.

    Args:
        principles: table ``Principles``.
        responses: table ``Responses``.
    """
    known = responses.select("instruction_id", pl.col("text").alias("response"), response_id="id")
    rows = [
        {
            "instruction_id": row["instruction_id"],
            "response_id": row["response_id"],
            "constraint_id": row["constraint_id"],
            "rater_id": RATER,
            "rater_kind": "human",
            "outcome": row["outcome"],
            "reason": "remarks differ" if row["outcome"] == "unknown" else "remarks agree",
            "evidence": canonical_json({"annotators": row["annotators"], "quotes": row["quotes"]}),
        }
        for row in principles.join(known, on=["instruction_id", "response"]).iter_rows(named=True)
    ]
    return frame_of(Labels, rows)
