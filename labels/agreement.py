"""Coefficients of agreement over nominal answers: Cohen's kappa, Fleiss' kappa, Krippendorff's alpha.

Kappas come from scikit-learn and statsmodels. Beside each stands the plain formula over sums, by which its interval is
drawn; tests hold the two equal. Alpha is the formula alone, held equal to NLTK's by tests: the package krippendorff is
under the GPL, and what uses it would be too. A value that is not there (no two answers to compare, no variation) is
null with a reason.

Sources: Cohen 1960, Educational and Psychological Measurement 20(1); Fleiss 1971, Psychological Bulletin 76(5);
Krippendorff 2011, Computing Krippendorff's Alpha-Reliability.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..errors import MissingExtra
from .intervals import Array, Clusters, Estimate, Sampling, interval, summed

__all__ = [
    "Cells",
    "Fleiss",
    "alpha_formula",
    "cohen_formula",
    "cohen_kappa",
    "fleiss_formula",
    "fleiss_kappa",
    "krippendorff_alpha",
    "shared_cells",
    "unanimous_share",
]

NO_PAIR = "no cell has two known answers"
NO_VARIATION = "no variation: all known answers are the same"


class Cells(NamedTuple):
    """What is rated, cell by cell."""

    counts: Array
    """(cells, answers): how many raters gave each answer; those who gave none, or could not tell, are in no column."""
    clusters: Clusters
    """(cells): a number for each cell's instruction."""


class Fleiss(NamedTuple):
    """Fleiss' kappa, which needs as many answers of every cell."""

    kappa: Estimate
    raters: int | None
    """Answers of each cell it is over: the number that most cells have; null where there is none."""
    cells: int


def shared_cells(cells: Cells) -> Cells:
    """Gives the cells that have two known answers or more: only they say anything of agreement."""
    keep = cells.counts.sum(axis=1) >= 2
    return Cells(cells.counts[keep], cells.clusters[keep])


def unanimous_share(cells: Cells) -> float | None:
    """Gives the share of shared cells whose known answers are all the same; null without a shared cell."""
    counts = shared_cells(cells).counts
    return float((counts.max(axis=1) == counts.sum(axis=1)).mean()) if len(counts) else None


def krippendorff_alpha(cells: Cells, sampling: Sampling, *name: str) -> Estimate:
    """Gives Krippendorff's alpha for nominal answers; any number of raters, each of any cells.

    Args:
        name: what it is of: the seed of its interval.
    """
    counts, clusters = shared_cells(cells)
    if not len(counts):
        return Estimate.undefined(NO_PAIR)
    if (counts.sum(axis=0) > 0).sum() < 2:
        return Estimate.undefined(NO_VARIATION)
    ones = counts.sum(axis=1)[:, None, None] - 1
    pairs = (counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(counts.shape[1])) / ones
    tallies = _by_cluster(pairs.reshape(len(counts), -1), clusters)
    value = float(alpha_formula(tallies.sum(axis=0)))
    return interval(value, tallies, alpha_formula, sampling.generator("alpha", *name), sampling.draws)


def alpha_formula(sums: Array) -> Array:
    """Gives alpha = 1 - observed / expected disagreement.

    Args:
        sums: (..., answers x answers): the coincidence matrix, sum over cells of n_c (n_k - [c = k]) / (m - 1).
    """
    matrix = _square(sums)
    margins = matrix.sum(axis=-1)
    total = margins.sum(axis=-1)
    observed = total - np.trace(matrix, axis1=-2, axis2=-1)
    expected = total**2 - (margins**2).sum(axis=-1)
    return _complement(observed * (total - 1), expected)


def fleiss_kappa(cells: Cells, sampling: Sampling, *name: str) -> Fleiss:
    """Gives Fleiss' kappa over the cells with the number of known answers that most shared cells have.

    Raises:
        MissingExtra: without statsmodels.
    """
    counts, clusters = shared_cells(cells)
    if not len(counts):
        return Fleiss(Estimate.undefined(NO_PAIR), None, 0)
    answers = counts.sum(axis=1)
    numbers, how_many = np.unique(answers, return_counts=True)
    raters = int(numbers[len(numbers) - 1 - np.argmax(how_many[::-1])])
    keep = answers == raters
    counts, clusters = counts[keep], clusters[keep]
    if (counts.sum(axis=0) > 0).sum() < 2:
        return Fleiss(Estimate.undefined(NO_VARIATION), raters, len(counts))
    try:
        from statsmodels.stats import inter_rater
    except ImportError:
        raise MissingExtra("statsmodels", "labels") from None
    value = float(inter_rater.fleiss_kappa(counts))
    same = (counts * (counts - 1)).sum(axis=1, keepdims=True) / (raters * (raters - 1))
    tallies = _by_cluster(np.concatenate([np.ones_like(same), same, counts], axis=1), clusters)
    drawn = sampling.generator("fleiss", *name)
    return Fleiss(interval(value, tallies, fleiss_formula, drawn, sampling.draws), raters, len(counts))


def fleiss_formula(sums: Array) -> Array:
    """Gives kappa = (P - P_e) / (1 - P_e).

    Args:
        sums: (..., 2 + answers): the number of cells, the sum of their shares of agreeing pairs, and of each answer
            how often it was given.
    """
    cells, same, given = sums[..., 0], sums[..., 1], sums[..., 2:]
    total = given.sum(axis=-1)
    squares = (given**2).sum(axis=-1)
    # 1 - kappa = (1 - P) / (1 - P_e), each side times what keeps whole numbers whole: no variation is exactly 0.
    return _complement((cells - same) * total**2, cells * (total**2 - squares))


def cohen_kappa(table: Array, clusters: Clusters, sampling: Sampling, *name: str) -> Estimate:
    """Gives Cohen's kappa of two raters.

    Args:
        table: (rows, answers, answers): how often the first rater gave one answer and the second another, of a cell or
            of any set of cells of one instruction; only cells that both know.
        clusters: (rows): a number for the instruction of each.

    Raises:
        MissingExtra: without scikit-learn.
    """
    whole = table.sum(axis=0)
    if not whole.sum():
        return Estimate.undefined(NO_PAIR)
    if ((whole.sum(axis=0) > 0) | (whole.sum(axis=1) > 0)).sum() < 2:
        return Estimate.undefined(NO_VARIATION)
    try:
        from sklearn.metrics import cohen_kappa_score
    except ImportError:
        raise MissingExtra("scikit-learn", "labels") from None
    first, second = (index.ravel() for index in np.indices(whole.shape))
    value = float(cohen_kappa_score(first, second, sample_weight=whole.ravel()))
    keep = table.sum(axis=(1, 2)) > 0
    tallies = _by_cluster(table[keep].reshape(int(keep.sum()), -1), clusters[keep])
    return interval(value, tallies, cohen_formula, sampling.generator("cohen", *name), sampling.draws)


def cohen_formula(sums: Array) -> Array:
    """Gives kappa = (p_o - p_e) / (1 - p_e).

    Args:
        sums: (..., answers x answers): the table of the first rater's answers by the second's.
    """
    matrix = _square(sums)
    total = matrix.sum(axis=(-2, -1))
    same = np.trace(matrix, axis1=-2, axis2=-1)
    chance = (matrix.sum(axis=-1) * matrix.sum(axis=-2)).sum(axis=-1)
    return _complement((total - same) * total, total**2 - chance)


def _by_cluster(rows: Array, clusters: Clusters) -> Array:
    """Adds rows up by cluster; clusters without a row do not count."""
    found, numbers = np.unique(clusters, return_inverse=True)
    return summed(rows, numbers, len(found))


def _square(sums: Array) -> Array:
    size = round(sums.shape[-1] ** 0.5)
    return sums.reshape(*sums.shape[:-1], size, size)


def _complement(part: Array, whole: Array) -> Array:
    """Gives 1 - part / whole, NaN where the whole is 0."""
    part, whole = np.asarray(part), np.asarray(whole)
    return np.asarray(1 - np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole != 0))
