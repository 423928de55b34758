"""Labels in parts that fit together: what is worked out of one response never needs another's."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

__all__ = ["BLOCK", "blocks"]

BLOCK = 50_000
"""Labels of a part, or a few more: what is held beside the table does not grow with it."""


def blocks(labels: pl.DataFrame, size: int = BLOCK) -> Iterator[pl.DataFrame]:
    """Yields the rows in order of their response, in parts of whole responses.

    Args:
        labels: with ``response_id``; sorted by it already, nothing is copied.
    """
    ordered = labels if labels["response_id"].is_sorted() else labels.sort("response_id")
    ids, start = ordered["response_id"], 0
    while start < ordered.height:
        last = ids[min(start + size, ordered.height) - 1]
        end = int(ids.search_sorted(last, side="right"))
        yield ordered.slice(start, end - start)
        start = end
