"""Labels as arrays, for fitting: who said what of which (response, constraint)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .blocks import BLOCK, blocks

__all__ = ["KEY", "Votes", "gather", "kinds_of", "votes_of"]

KEY = ("response_id", "constraint_id")


class Votes(NamedTuple):
    """Labels that are not unknown, in an order that does not hang on the table's: sums come out the same."""

    raters: tuple[str, ...]
    """Ids of all raters, sorted, those too whose every label is unknown."""
    cells: NDArray[np.int64]
    """Of each vote, its (response, constraint), counted from 0 and ascending."""
    voices: NDArray[np.int64]
    """Of each vote, twice the rater's place in ``raters``, and one more where it says *satisfied*."""
    times: NDArray[np.int64]
    """Of each cell, how many (response, constraint) it stands for."""

    @property
    def tally(self) -> NDArray[np.int64]:
        """How often each rater says *violated* and *satisfied*, in the order of ``voices``."""
        counts = np.bincount(self.voices, self.times[self.cells], minlength=2 * len(self.raters))
        return np.rint(counts).astype(np.int64)


def _raters(labels: pl.DataFrame) -> pl.DataFrame:
    return labels.select(pl.col("rater_id").unique().sort()).with_row_index("rater")


def votes_of(labels: pl.DataFrame, raters: pl.DataFrame | None = None) -> Votes:
    """Gives a table ``Labels`` as votes, sorted by response, constraint and rater, each cell once.

    Args:
        raters: ``rater_id`` of all that there are, and each one's place, ``rater``; null takes those of the labels.
    """
    raters = _raters(labels) if raters is None else raters
    voice = 2 * pl.col("rater").cast(pl.Int64) + (pl.col("outcome") == "satisfied").cast(pl.Int64)
    votes = (
        labels.lazy()
        .filter(pl.col("outcome") != "unknown")
        .select(*KEY, "rater_id", "outcome")
        .join(raters.lazy(), on="rater_id")
        .sort(*KEY, "rater")
        .select(pl.struct(KEY).rle_id().cast(pl.Int64).alias("cell"), voice.alias("voice"))
        .collect()
    )
    cells = votes["cell"].to_numpy()
    times = np.ones(int(cells[-1]) + 1 if cells.size else 0, dtype=np.int64)
    return Votes(tuple(raters["rater_id"]), cells, votes["voice"].to_numpy(), times)


def kinds_of(labels: pl.DataFrame, size: int = BLOCK) -> Votes:
    """Gives ``gather(votes_of(labels))``, worked out block by block: only the kinds of cells are held together."""
    raters = _raters(labels)
    parts = [gather(votes_of(block, raters)) for block in blocks(labels.select(*KEY, "rater_id", "outcome"), size)]
    if not parts:
        return votes_of(labels, raters)
    before = np.cumsum([0, *(part.times.size for part in parts)])
    cells = np.concatenate([part.cells + first for part, first in zip(parts, before, strict=False)])
    voices, times = (np.concatenate([part[place] for part in parts]) for place in (2, 3))
    return gather(Votes(parts[0].raters, cells, voices, times))


def gather(votes: Votes) -> Votes:
    """Makes one cell of all that have the same votes: a fit then goes over the kinds of cells, which are fewer."""
    kinds = (
        pl.DataFrame({"cell": votes.cells, "voice": votes.voices})
        .group_by("cell", maintain_order=True)
        .agg("voice")
        .with_columns(pl.Series("times", votes.times))
        .group_by("voice", maintain_order=True)
        .agg(pl.col("times").sum())
        .with_row_index("cell")
    )
    long = kinds.select(pl.col("cell").cast(pl.Int64), "voice").explode("voice")
    return Votes(votes.raters, long["cell"].to_numpy(), long["voice"].to_numpy(), kinds["times"].to_numpy())
