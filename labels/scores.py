"""Closed forms over judges' probabilities and verdicts: what is null or unknown counts on no side, and is told."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from ..errors import MissingExtra
from ..sampling.strategies.pass_rate import PassRate

__all__ = [
    "Predicted",
    "Rates",
    "Score",
    "battle",
    "blended",
    "log_ratio",
    "logistic",
    "mixing_weight",
    "pass_rates",
    "predict",
    "prefer",
    "unsupervised",
    "yes_probability",
]

FLOOR = -50.0
"""Where the log-ratio holds a log-probability, below the highest (model card of RLBFF's judge, arXiv 2509.21319)."""
_CLASSES = 10
"""Of RocketEval's histogram."""

Preference = Literal["first", "second", "tie"]


def yes_probability(yes: float | None, no: float | None) -> float | None:
    """Gives p(yes) among yes and no: e^yes / (e^yes + e^no) (RocketEval, arXiv 2503.05142).

    Args:
        yes, no: log-probabilities; null for a word that was not listed, which is taken as impossible.

    Returns:
        Null where both are: never 0.5.
    """
    if yes is None or no is None:
        return None if yes is no else 0.0 if yes is None else 1.0
    return logistic(yes - no)


def logistic(x: float) -> float:
    """Gives 1 / (1 + e^-x) without overflow."""
    small = math.exp(-abs(x))
    return 1 / (1 + small) if x >= 0 else small / (1 + small)


def log_ratio(yes: float | None, no: float | None, likeliest: float) -> float | None:
    """Gives log p(yes) - log p(no), each first held at -50 below the likeliest token at least (RLBFF's model card).

    Args:
        yes, no: log-probabilities; null for a word that was not listed, which is taken to lie at the floor.
        likeliest: the highest log-probability at that place.

    Returns:
        Null where both are null.
    """
    if yes is None and no is None:
        return None
    held = [FLOOR if value is None else max(value - likeliest, FLOOR) for value in (yes, no)]
    return held[0] - held[1]


class Score(NamedTuple):
    """A score over what is known, and what is not."""

    value: float | None
    """Null where nothing is known."""
    used: int
    missing: int
    """Nulls, left out."""


def unsupervised(probabilities: Sequence[float | None]) -> Score:
    """Gives RocketEval's score of a response without training: 9 times the mean p(yes) plus 1, from 1 to 10."""
    known = [p for p in probabilities if p is not None]
    value = 9 * math.fsum(known) / len(known) + 1 if known else None
    return Score(value, len(known), len(probabilities) - len(known))


def mixing_weight(scores: Sequence[float]) -> float:
    """Gives how far RocketEval trusts what was learned from these scores: their entropy over ln 10, from 0 to 1.

    The paper's (KLmax - KL(h || uniform)) / KLmax over ten classes is this. Up to ten distinct scores are classes of
    their own; more, where the published code fails, are put into ten of equal width between the least and the most.
    Without scores there is nothing to trust: 0.
    """
    if not scores:
        return 0.0
    classes: Sequence[float] = scores
    if len(set(scores)) > _CLASSES:
        least, most = min(scores), max(scores)
        classes = [min(_CLASSES - 1, int(_CLASSES * (score - least) / (most - least))) for score in scores]
    shares = [count / len(scores) for count in Counter(classes).values()]
    entropy = -math.fsum(share * math.log(share) for share in shares)
    return min(1.0, max(0.0, entropy / math.log(_CLASSES)))


def blended(mean: float, learned: float | None, weight: float) -> float:
    """Gives RocketEval's final score: the learned one by its weight, the unsupervised one by the rest.

    Args:
        learned: null where nothing was learned; the unsupervised score then stands alone.
    """
    return mean if learned is None else weight * learned + (1 - weight) * mean


class Predicted(NamedTuple):
    """Scores that were learned."""

    values: list[float] | None
    """One a response asked about; null where no item is known of all."""
    items: int
    left_out: int
    """Items of which somebody's probability is null."""


def predict(
    known: Sequence[Sequence[float | None]], scores: Sequence[float], asked: Sequence[Sequence[float | None]]
) -> Predicted:
    """Learns one instruction's scores from its items' probabilities (RocketEval: extremely randomised trees).

    Items of which a probability is null, in what is learned from or asked about, are left out of both and told.

    Args:
        known: probabilities of scored responses, a row each, an item a column.
        scores: theirs.
        asked: rows of the responses whose scores are wanted.

    Raises:
        MissingExtra: when scikit-learn is not installed.
    """
    try:
        from sklearn.ensemble import ExtraTreesRegressor
    except ImportError:
        raise MissingExtra("scikit-learn", "labels") from None
    columns = list(zip(*known, *asked, strict=True))
    kept = [index for index, column in enumerate(columns) if None not in column]
    left_out = len(columns) - len(kept)
    if not kept or not known or not asked:
        return Predicted(None, len(kept), left_out)
    trees = ExtraTreesRegressor(n_estimators=10, max_depth=2, random_state=42)
    trees.fit([[row[index] for index in kept] for row in known], list(scores))
    found = trees.predict([[row[index] for index in kept] for row in asked])
    return Predicted([float(value) for value in found], len(kept), left_out)


class Rates(NamedTuple):
    """Pass rates over a set of responses (TICK, arXiv 2410.03608)."""

    micro: float | None
    """DRFR: satisfied items over decided ones of all responses together."""
    mean: float | None
    """The mean of the responses' own rates."""
    undecided: int
    """Responses without a decided item: in neither."""
    unknown: int
    """Items that are unknown: in neither."""


def pass_rates(rates: Iterable[PassRate]) -> Rates:
    """Gives both averages: they differ where responses have different numbers of items."""
    listed = list(rates)
    decided = sum(rate.decided for rate in listed)
    own = [rate.rate for rate in listed if rate.rate is not None]
    return Rates(
        sum(rate.satisfied for rate in listed) / decided if decided else None,
        math.fsum(own) / len(own) if own else None,
        len(listed) - len(own),
        sum(rate.unknown for rate in listed),
    )


def prefer(first: PassRate, second: PassRate) -> Preference | None:
    """Gives the response with the higher pass rate; equal rates tie, as in TICK; null where one has none."""
    if not first.decided or not second.decided:
        return None
    # By whole numbers: equal rates are equal.
    ours, theirs = first.satisfied * second.decided, second.satisfied * first.decided
    return _preferred(ours - theirs)


def battle(first: float, second: float, margin: float = 0.1) -> Preference:
    """Gives the response with the higher score; scores no further apart than the margin tie (RocketEval's export)."""
    return "tie" if abs(first - second) <= margin else _preferred(first - second)


def _preferred(gap: float) -> Preference:
    return "first" if gap > 0 else "second" if gap < 0 else "tie"
