"""Intervals of what is computed over labels: instructions are drawn anew, each with all its labels, as a bootstrap.

Labels of one instruction hang together, so the instruction is the unit that is drawn (cluster bootstrap; Davison and
Hinkley 1997, Bootstrap Methods and their Application, section 3.8). What is drawn are tallies: a row of sums for each
instruction, of which the statistic is a function. So no label is copied, and instructions with equal tallies are drawn
together, as one multinomial.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..schemas.canonical import digest

__all__ = ["DRAWS", "LEVEL", "Array", "Clusters", "Estimate", "Formula", "Sampling", "interval", "summed"]

Array = np.ndarray[Any, np.dtype[np.float64]]
Clusters = np.ndarray[Any, np.dtype[Any]]
"""A whole number for the instruction of each row."""
Formula = Callable[[Array], Array]
"""From sums, last axis the tally, to the statistic, NaN where it is undefined; works on many draws at once."""

DRAWS = 1000
LEVEL = 0.95
_DEFINED = 0.95
"""Share of draws that must have a value: fewer, and leaving the others out would bend the interval."""


@dataclass(frozen=True)
class Sampling:
    """How intervals are drawn."""

    seed: int = 0
    draws: int = DRAWS

    def generator(self, *name: str) -> np.random.Generator:
        """Gives the generator of what bears a name, so that no interval hangs on what else was computed."""
        return np.random.default_rng(int(digest([self.seed, *name])[:16], 16))


@dataclass(frozen=True)
class Estimate:
    """A value with its interval."""

    value: float | None
    """Null where it is undefined."""
    low: float | None
    high: float | None
    """The ends of the percentile interval, of 95 % where nothing else is said; null where there is none."""
    reason: str | None
    """Why something is null; null where nothing is."""

    @classmethod
    def undefined(cls, reason: str) -> Estimate:
        """Gives what has no value."""
        return cls(None, None, None, reason)


def summed(rows: Array, clusters: Clusters, count: int) -> Array:
    """Adds rows up by cluster.

    Args:
        rows: (n, size).
        clusters: (n), the cluster of each row, 0 to ``count`` - 1.

    Returns:
        (count, size).
    """
    columns = [np.bincount(clusters, weights=column, minlength=count) for column in rows.T]
    return np.stack(columns, axis=1) if columns else np.zeros((count, 0))


def interval(
    value: float, tallies: Array, formula: Formula, draw: np.random.Generator, draws: int, level: float = LEVEL
) -> Estimate:
    """Gives a value with the percentile interval of its formula over redrawn clusters.

    Args:
        tallies: (clusters, size).
    """
    clusters = len(tallies)
    if clusters < 2:
        return Estimate(value, None, None, "no interval: one instruction")
    kinds, counts = np.unique(tallies, axis=0, return_counts=True)
    drawn = draw.multinomial(clusters, counts / clusters, size=draws)
    values = formula(drawn @ kinds)
    known = values[~np.isnan(values)]
    if len(known) < _DEFINED * draws:
        without = f"{draws - len(known):,} of {draws:,} draws have no variation"
        return Estimate(value, None, None, f"no interval: {without}")
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(value, float(low), float(high), None)
