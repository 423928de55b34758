"""Each rater's confusion and the share of *satisfied*, estimated from labels alone.

The model is that of A. P. Dawid and A. M. Skene, *Maximum Likelihood Estimation of Observer Error-Rates Using the EM
Algorithm*, Applied Statistics 28 (1979) 20-28, for two outcomes: a (response, constraint) is satisfied with one
probability, and given that, raters err independently, each with two rates of his own. Three things are added. Rates
known from elsewhere are held fixed. The others have a prior, so that few labels move them little. And a rater is at
worst without information, ``sensitivity + specificity >= 1``: no label is read as its opposite. The last also settles
what the labels cannot: a model with all outcomes swapped explains them as well, and it breaks that rule.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .votes import Votes, gather

__all__ = ["BELIEFS", "START", "Beliefs", "Fit", "fit", "fit_plain"]

Floats = NDArray[np.float64]
Fixed = Mapping[int, tuple[float, float]]
"""Sensitivity and specificity that are not to be estimated, by the rater's place."""

ROUNDS, TOLERANCE = 5_000, 1e-9
"""EM ends when no number moves by more in a round."""
START, WARY = 0.8, 0.55
"""Sensitivity and specificity of the first round: better than chance, and equal, so that it is a vote. Where some
raters' rates are known, EM also starts where the others hardly count, lest many of them outvote these for good."""
_BETTER = 1e-6
"""By how much a later start must be the better one: not by the last bits of two ways to the same end."""
_LEAST = 1e-12
"""Keeps logarithms finite where there is no prior."""


class Beliefs(NamedTuple):
    """What is held to be likely before labels are seen, in labels that nobody gave: pseudo-counts of Beta priors."""

    right: float = 4.0
    """Of each rater and each outcome, correct labels."""
    wrong: float = 1.0
    """Of each rater and each outcome, wrong ones."""
    even: float = 1.0
    """Of the share of *satisfied*: (response, constraint) of each outcome."""


BELIEFS = Beliefs()


class Fit(NamedTuple):
    """What was estimated."""

    prior: float
    sensitivity: Floats
    """By the rater's place."""
    specificity: Floats
    evidence: float
    """Natural logarithm of the probability of the votes, times that of the estimates under the priors."""
    rounds: int


def _logit(share: float) -> float:
    return math.log(max(share, _LEAST)) - math.log(max(1.0 - share, _LEAST))


def _sigmoid(logits: NDArray[Any]) -> Floats:
    small = np.exp(-np.abs(logits))
    return np.asarray(np.where(logits >= 0, 1.0, small) / (1.0 + small))


def _weights(sensitivity: Floats, specificity: Floats) -> Floats:
    """Gives the logarithm of how much likelier each voice is of what is satisfied than of what is violated."""
    says_satisfied = np.log(np.maximum(sensitivity, _LEAST)) - np.log(np.maximum(1.0 - specificity, _LEAST))
    says_violated = np.log(np.maximum(1.0 - sensitivity, _LEAST)) - np.log(np.maximum(specificity, _LEAST))
    return np.column_stack([says_violated, says_satisfied]).ravel()


def _odds(votes: Votes, prior: float, sensitivity: Floats, specificity: Floats) -> NDArray[Any]:
    """Gives the logarithm of the odds of *satisfied* of each cell, by Bayes."""
    weights = _weights(sensitivity, specificity)[votes.voices]
    return _logit(prior) + np.bincount(votes.cells, weights, minlength=votes.times.size)


def _rates(counts: Floats) -> tuple[Floats, Floats]:
    """Gives the likeliest rates for weighted counts of labels, none worse than chance.

    The likelihood is concave in both rates. Where its peak lies below chance, its greatest allowed value is on the
    line ``sensitivity + specificity = 1``: one probability of saying *satisfied*, whatever the truth.

    Args:
        counts: of shape (raters, truth, label), 0 violated and 1 satisfied.
    """
    totals = np.maximum(counts.sum(axis=2), _LEAST)
    sensitivity, specificity = counts[:, 1, 1] / totals[:, 1], counts[:, 0, 0] / totals[:, 0]
    says = counts[:, :, 1].sum(axis=1) / totals.sum(axis=1)
    below = sensitivity + specificity < 1.0
    return np.where(below, says, sensitivity), np.where(below, 1.0 - says, specificity)


def _log(shares: Any) -> Any:
    return np.log(np.maximum(shares, _LEAST))


def _evidence(
    votes: Votes, prior: float, sensitivity: Floats, specificity: Floats, held: NDArray[Any], beliefs: Beliefs
) -> float:
    if_violated = np.column_stack([_log(specificity), _log(1.0 - specificity)]).ravel()[votes.voices]
    of_violated = _log(1.0 - prior) + np.bincount(votes.cells, if_violated, minlength=votes.times.size)
    # log(P(votes, violated) + P(votes, satisfied)), from the first and the odds.
    cells = of_violated + np.logaddexp(0.0, _odds(votes, prior, sensitivity, specificity))
    free = np.concatenate([sensitivity[~held], specificity[~held]])
    believed = beliefs.right * _log(free).sum() + beliefs.wrong * _log(1.0 - free).sum()
    return float(cells @ votes.times + believed + beliefs.even * (_log(prior) + _log(1.0 - prior)))


def _starts(fixed: Fixed) -> tuple[float, ...]:
    return (START, WARY) if fixed else (START,)


def _best(found: list[Fit]) -> Fit:
    best = found[0]
    for other in found[1:]:
        best = other if other.evidence > best.evidence + _BETTER else best
    return best


def fit(
    votes: Votes, fixed: Fixed, beliefs: Beliefs = BELIEFS, rounds: int = ROUNDS, tolerance: float = TOLERANCE
) -> Fit:
    """Estimates what is not fixed: the most probable values under the priors, by EM.

    Args:
        votes: labels that are not unknown.
        fixed: rates known from elsewhere.
        beliefs: the priors; all zero is maximum likelihood.
        rounds: of EM at most.
        tolerance: EM ends when no number moves by more.
    """
    kinds = gather(votes)
    return _best([_climb(kinds, fixed, beliefs, rounds, tolerance, start) for start in _starts(fixed)])


def _climb(votes: Votes, fixed: Fixed, beliefs: Beliefs, rounds: int, tolerance: float, start: float) -> Fit:
    size, prior, done = len(votes.raters), 0.5, 0
    sensitivity, specificity, held = np.full(size, start), np.full(size, start), np.zeros(size, dtype=bool)
    for rater, known in fixed.items():
        held[rater], (sensitivity[rater], specificity[rater]) = True, known
    pseudo = np.array([[beliefs.right, beliefs.wrong], [beliefs.wrong, beliefs.right]])
    tally, number = votes.tally, votes.times.sum()
    while number and done < rounds:
        truth = _sigmoid(_odds(votes, prior, sensitivity, specificity)) * votes.times
        satisfied = np.bincount(votes.voices, truth[votes.cells], minlength=2 * size)
        # From (rater and label, truth) to (rater, truth, label).
        counts = np.stack([tally - satisfied, satisfied], axis=1).reshape(size, 2, 2).transpose(0, 2, 1) + pseudo
        free = _rates(counts)
        rates = np.where(held, sensitivity, free[0]), np.where(held, specificity, free[1])
        share = float((truth.sum() + beliefs.even) / (number + 2 * beliefs.even))
        moved = max(np.abs(rates[0] - sensitivity).max(), np.abs(rates[1] - specificity).max(), abs(share - prior))
        prior, (sensitivity, specificity), done = share, rates, done + 1
        if moved <= tolerance:
            break
    evidence = _evidence(votes, prior, sensitivity, specificity, held, beliefs)
    return Fit(prior, sensitivity, specificity, evidence, done)


def fit_plain(
    votes: Votes, fixed: Fixed, beliefs: Beliefs = BELIEFS, rounds: int = ROUNDS, tolerance: float = TOLERANCE
) -> Fit:
    """Does what ``fit`` does, vote by vote."""
    said: dict[int, list[tuple[int, bool]]] = {}
    for cell, voice in zip(votes.cells.tolist(), votes.voices.tolist(), strict=True):
        said.setdefault(cell, []).append((voice // 2, voice % 2 == 1))
    cells, raters = list(said.values()), range(len(votes.raters))
    return _best([_climb_plain(cells, raters, fixed, beliefs, rounds, tolerance, start) for start in _starts(fixed)])


def _climb_plain(
    cells: list[list[tuple[int, bool]]],
    raters: range,
    fixed: Fixed,
    beliefs: Beliefs,
    rounds: int,
    tolerance: float,
    start: float,
) -> Fit:
    right, wrong, even = beliefs
    prior, done = 0.5, 0
    rates = {rater: fixed.get(rater, (start, start)) for rater in raters}
    while cells and done < rounds:
        # By truth and label: how often it was so, in expectation.
        counts = {rater: {(1, 1): right, (1, 0): wrong, (0, 0): right, (0, 1): wrong} for rater in raters}
        satisfied = even
        for votes in cells:
            share, _ = _truth(prior, rates, votes)
            satisfied += share
            for rater, says in votes:
                counts[rater][1, says] += share
                counts[rater][0, says] += 1.0 - share
        before, old = rates, prior
        prior = satisfied / (len(cells) + 2 * even)
        rates = {rater: fixed.get(rater) or _rates_plain(counts[rater]) for rater in raters}
        moved = [abs(before[rater][at] - rates[rater][at]) for rater in raters for at in (0, 1)]
        done += 1
        if max(*moved, abs(old - prior)) <= tolerance:
            break
    evidence = sum(_truth(prior, rates, votes)[1] for votes in cells)
    for share in [share for rater in raters if rater not in fixed for share in rates[rater]]:
        evidence += right * _log(share) + wrong * _log(1.0 - share)
    evidence += even * (_log(prior) + _log(1.0 - prior))
    one, two = zip(*rates.values(), strict=True) if rates else ((), ())
    return Fit(prior, np.array(one), np.array(two), evidence, done)


def _truth(
    prior: float, rates: Mapping[int, tuple[float, float]], votes: list[tuple[int, bool]]
) -> tuple[float, float]:
    """Gives the probability of *satisfied*, given who said what, and the logarithm of the probability of the votes."""
    satisfied, violated = math.log(max(prior, _LEAST)), math.log(max(1.0 - prior, _LEAST))
    for rater, says in votes:
        sensitivity, specificity = rates[rater]
        satisfied += math.log(max(sensitivity if says else 1.0 - sensitivity, _LEAST))
        violated += math.log(max(1.0 - specificity if says else specificity, _LEAST))
    most = max(satisfied, violated)
    whole = math.exp(satisfied - most) + math.exp(violated - most)
    return math.exp(satisfied - most) / whole, most + math.log(whole)


def _rates_plain(counts: Mapping[tuple[int, int], float]) -> tuple[float, float]:
    of_satisfied = max(counts[1, 1] + counts[1, 0], _LEAST)
    of_violated = max(counts[0, 0] + counts[0, 1], _LEAST)
    sensitivity, specificity = counts[1, 1] / of_satisfied, counts[0, 0] / of_violated
    if sensitivity + specificity >= 1.0:
        return sensitivity, specificity
    says = (counts[1, 1] + counts[0, 1]) / (of_satisfied + of_violated)
    return says, 1.0 - says
