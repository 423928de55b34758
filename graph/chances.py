"""The chance that one response beats another while labels are uncertain, and how much of it a further label settles.

Labels are taken as independent: ``q[u, k]`` is the probability that response ``u`` satisfies position ``k``. Then

    P(u beats v) = prod_k P(u_k >= v_k) - prod_k P(u_k = v_k).

Before people answer, the chance of an edge after some labels are known is itself a random number, whose mean is the
chance now: knowing labels spreads it towards 0 and 1. Its variance is what they settle. Both products run over
positions, so the second moment does, too, and needs no enumeration of the answers to come:

    E[P(edge | asked)^2] = prod E[ge_k^2] - 2 prod E[ge_k eq_k] + prod E[eq_k^2],

``ge_k`` and ``eq_k`` being the two probabilities of a position, given what is asked there. So labels that are asked
together are weighed together: two that settle the same pair overlap, two that settle it only jointly help each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

__all__ = ["edge_chances", "edge_chances_plain", "settled", "settled_plain", "settling"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Moments = tuple[Floats, Floats, Floats]
"""E[ge^2], E[ge eq] and E[eq^2], each [better, worse, position]."""


def edge_chances_plain(q: Sequence[Sequence[float]]) -> list[list[float]]:
    """Gives what ``edge_chances`` gives, by going through every way the labels may turn out."""
    found = [[0.0] * len(q) for _ in q]
    cells = [(u, k) for u, row in enumerate(q) for k in range(len(row))]
    for values in product((0, 1), repeat=len(cells)):
        labels, chance = dict(zip(cells, values, strict=True)), 1.0
        for (u, k), value in labels.items():
            chance *= q[u][k] if value else 1.0 - q[u][k]
        for u in range(len(q)):
            for v in range(len(q)):
                pairs = [(labels[u, k], labels[v, k]) for k in range(len(q[0]))]
                if all(a >= b for a, b in pairs) and any(a > b for a, b in pairs):
                    found[u][v] += chance
    return found


def _sides(q: Floats) -> tuple[Floats, Floats]:
    """Gives each position's probability for the better and for the worse response, each [better, worse, position]."""
    shape = (len(q), *q.shape)
    return np.broadcast_to(q[:, None, :], shape), np.broadcast_to(q[None, :, :], shape)


def edge_chances(q: Floats) -> Floats:
    """Gives the chance of each edge, [better, worse].

    Args:
        q: probability of *satisfied*, [responses, positions]; 0 or 1 where it is known.
    """
    a, b = _sides(q)
    at_least, equal = 1.0 - b + a * b, a * b + (1.0 - a) * (1.0 - b)
    chances = np.maximum(at_least.prod(axis=2) - equal.prod(axis=2), 0.0)
    np.fill_diagonal(chances, 0.0)
    return np.asarray(chances)


def settled_plain(q: Sequence[Sequence[float]], asked: Sequence[Sequence[bool]]) -> float:
    """Gives the sum over all edges of E[P(edge | asked)^2], by going through every set of answers."""
    cells = [(u, k) for u, row in enumerate(asked) for k, flag in enumerate(row) if flag]
    found = 0.0
    for values in product((0.0, 1.0), repeat=len(cells)):
        known, chance = [list(row) for row in q], 1.0
        for (u, k), value in zip(cells, values, strict=True):
            chance *= q[u][k] if value else 1.0 - q[u][k]
            known[u][k] = value
        found += chance * sum(p * p for row in edge_chances_plain(known) for p in row)
    return found


def _by_asked(a: Floats, b: Floats) -> tuple[Moments, Moments, Moments, Moments]:
    """Gives the moments of a position where nothing is asked, the better one's label, the worse one's, and both.

    An asked label is 1 or 0; what is averaged is over that. With both known ``ge`` and ``eq`` are 0 or 1 themselves.
    """
    no_a, no_b = 1.0 - a, 1.0 - b
    at_least, equal = no_b + a * b, a * b + no_a * no_b
    better_low, worse_high = no_a * no_b * no_b, b * a * a
    neither = at_least * at_least, at_least * equal, equal * equal
    better = a + better_low, a * b + better_low, a * b * b + better_low
    worse = worse_high + no_b, worse_high + no_b * no_a, worse_high + no_b * no_a * no_a
    return neither, better, worse, (at_least, equal, equal)


def _moments(asked: Flags, cases: tuple[Moments, Moments, Moments, Moments]) -> Moments:
    """Chooses each position's moments by what is asked there."""
    ours, theirs = asked[:, None, :], asked[None, :, :]
    chosen = [
        np.where(ours, np.where(theirs, both, better), np.where(theirs, worse, neither))
        for neither, better, worse, both in zip(*cases, strict=True)
    ]
    return chosen[0], chosen[1], chosen[2]


def _others(factors: Floats) -> Floats:
    """Gives at each position the product of the factors at all others: nothing is divided, a factor may be 0."""
    before, after = np.ones_like(factors), np.ones_like(factors)
    np.cumprod(factors[..., :-1], axis=-1, out=before[..., 1:])
    after[..., :-1] = np.cumprod(factors[..., :0:-1], axis=-1)[..., ::-1]
    return np.asarray(before * after)


def settled(q: Floats, asked: Flags) -> float:
    """Gives the sum over all edges of E[P(edge | asked)^2]: what ``settled_plain`` gives, in closed form."""
    squares, crossed, equals = (part.prod(axis=2) for part in _moments(asked, _by_asked(*_sides(q))))
    return float((squares - 2.0 * crossed + equals)[~np.eye(len(q), dtype=bool)].sum())


def settling(q: Floats, asked: Flags, apart: Flags) -> Floats:
    """Gives how much one further label settles, [responses, positions]: by how much ``settled`` grows with it.

    It is the sum over edges of the expected square by which the edge's chance moves. Labels asked already add nothing.

    Args:
        q: probability of *satisfied*, [responses, positions].
        asked: labels that will be known.
        apart: pairs that count, [responses, responses], symmetric, the diagonal false: those of unlike texts.
    """
    cases = _by_asked(*_sides(q))
    _, better, worse, both = cases
    now = _moments(asked, cases)
    squares, crossed, equals = (_others(part) for part in now)
    ours, theirs = asked[:, None, :], asked[None, :, :]

    def grows(with_it: list[Floats]) -> Floats:
        moved = [new - old for new, old in zip(with_it, now, strict=True)]
        return np.where(apart[:, :, None], squares * moved[0] - 2.0 * crossed * moved[1] + equals * moved[2], 0.0)

    as_better = grows([np.where(theirs, two, one) for one, two in zip(better, both, strict=True)])
    as_worse = grows([np.where(ours, two, one) for one, two in zip(worse, both, strict=True)])
    return np.where(asked, 0.0, as_better.sum(axis=1) + as_worse.sum(axis=0))
