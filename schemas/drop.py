"""A record that left the flow, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import dataframely as dy
import polars as pl

__all__ = ["Drop", "Drops", "drops_frame"]


class Drop(NamedTuple):
    """One row that left the flow."""

    stage: str
    """The stage that dropped it."""
    record: str
    """The record's id or, before it has one, where it lies: ``file:line``."""
    reason: str
    """A code in snake_case; ``filter:reason`` where a filter gave it."""
    detail: str
    """What was found, in words."""


class Drops(dy.Schema):
    """Rows that left the flow."""

    stage = dy.String(min_length=1)
    record = dy.String(min_length=1)
    reason = dy.String(regex=r"^[a-z0-9_]+(:[a-z0-9_]+)?$")
    detail = dy.String()


def drops_frame(drops: Iterable[Drop] | Sequence[Drop]) -> pl.DataFrame:
    """Gives the drops as a table, in their order."""
    return pl.DataFrame([drop._asdict() for drop in drops], schema=pl.Schema(Drops))
