"""The trials by which langdetect guesses a language from its features, run in a fraction of the time.

A trial multiplies what the profiles say of features drawn at random until one language is all but certain; the answer is
the language likeliest over seven trials. Here trials end once the rest could change nothing, and logarithms are added:
those of all languages at once, in one integer with a lane for each. That is near enough to tell of almost every look
whether a language is certain; where it is not, the odds are worked out, and where even their rounding might tell, all is
done over as langdetect does it, to the last bit. So no answer changes. The sampling is langdetect 1.0.9's (Apache-2.0,
after N. Shuyo), with seed 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from math import exp, log, prod
from random import Random
from struct import pack, unpack

from .profiles import loaded

__all__ = ["UNKNOWN", "likeliest"]

UNKNOWN = "unknown"
"""What langdetect says where no language is likely."""
_TRIALS = 7
_ALPHA = 0.5
_ALPHA_WIDTH = 0.05
_BASE = 10_000
_CERTAIN = 0.99999
_LIKELY = 0.1
_DRAWS = 1000
"""A trial ends undecided after these draws and one."""
_AT_ONCE = 5
"""Draws between two looks at how certain it is."""

_WEIGHT = _ALPHA / _BASE
"""What is added to each share where alpha is what it is on average: the lanes are made with it."""
_LANE = 32
_UNIT = 1 << 14
_SLOPE_UNIT = 1 << 7
"""Bits of a lane; steps to a logarithm of 1, and to a slope of 1: no sum of ``_DRAWS`` reaches the last bit."""
_STEEP = 0.5
"""How much another weight may differ, as a share, for a lane to stay above nothing."""
_OTHERS = 1 / _CERTAIN - 1
_LEAD = -log(_OTHERS)
"""What all others together have against the first when that is certain; how far it is ahead of any, as a logarithm."""
_FACTORS = 50
"""Shares multiplied at once: their product is a float that is not too small."""
_CLOSE = 1e-4
_CLOSE_SHARE = 1e-10
"""Differences of averages, and of one trial's shares, below which all is done over."""

Row = tuple[list[float], int]
"""A feature's shares by language, and its lanes."""
Draw = Callable[[int], list[Row]]
Trial = Callable[[float, Draw], dict[int, float]]


class _TooCloseError(Exception):
    """A comparison is too close to call without langdetect's own rounding."""


def likeliest(features: Sequence[str]) -> str:
    """Gives the code of the likeliest language, or ``unknown``; the same as langdetect seeded with 0.

    Args:
        features: of the text, in their order; at least one.
    """
    try:
        place = _place(features, _quick_trial)
    except _TooCloseError:
        place = _place(features, _exact_trial)
    code: str = UNKNOWN if place is None else loaded().langlist[place]
    return code


def _place(features: Sequence[str], trial: Trial) -> int | None:
    """Gives the place of the likeliest language in the list of languages, if one is likely."""
    rng = Random(0)
    bits, count, random_bits = len(features).bit_length(), len(features), rng.getrandbits

    def draw(wanted: int) -> list[Row]:
        """Does what so many times ``rng.choice`` does."""
        rows: list[Row] = []
        while len(rows) < wanted:
            number = random_bits(bits)
            if number < count:
                rows.append(_row(features[number]))
        return rows

    totals: defaultdict[int, float] = defaultdict(float)
    for left in reversed(range(_TRIALS)):
        alpha = _ALPHA + rng.gauss(0.0, 1.0) * _ALPHA_WIDTH
        for place, share in trial(alpha / _BASE, draw).items():
            totals[place] += share / _TRIALS
        second, best = sorted([0.0, *totals.values()])[-2:]
        # Each trial still to come adds 1 in all.
        if best - second > left / _TRIALS + _CLOSE:
            break
    if trial is _quick_trial and (best - second < _CLOSE or abs(best - _LIKELY) < _CLOSE):
        raise _TooCloseError
    return max(totals, key=totals.__getitem__) if best > _LIKELY else None


@cache
def _row(feature: str) -> Row:
    """Gives the shares of a feature by language, and two lanes for each: its logarithm, and further up how that grows.

    The logarithm is that of twice the share with the weight added, over the weight; it grows with the weight as the
    weight's share in it.
    """
    shares: list[float] = loaded().word_lang_prob_map[feature]
    sums = [(share + _WEIGHT) / _WEIGHT for share in shares]
    lanes = [round(_UNIT * log(2 * each)) for each in sums] + [round(_SLOPE_UNIT / each) for each in sums]
    return shares, int.from_bytes(pack(f"<{len(lanes)}I", *lanes), "little")


@cache
def _ones(count: int) -> int:
    """Gives a one in each of so many lanes."""
    return sum(1 << _LANE * place for place in range(count))


def _quick_trial(weight: float, draw: Draw) -> dict[int, float]:
    """Gives the share of the language that is certain as 1, which is near enough, or the shares of all if none is.

    The first draw alone makes no language certain, because no profile's share is over 1.
    """
    first, sums = draw(1)[0]
    odds = _Odds(weight, first)
    count, drawn = len(first), odds.drawn
    growth = weight / _WEIGHT - 1
    if abs(growth) > _STEEP:
        raise _TooCloseError
    factor = round(growth * _UNIT / _SLOPE_UNIT)
    # What two languages may be off against each other each draw: the logarithm is no straight line; rounding.
    bend = growth * growth / 2 / (1 - abs(growth))
    slack = bend + abs(growth - factor * _SLOPE_UNIT / _UNIT) + abs(growth) / _SLOPE_UNIT + 1 / _UNIT
    ones = _ones(count)
    signs, size, low = ones << _LANE - 1, _LANE * count, (1 << _LANE * count) - 1
    leader = 0
    for _ in range(_DRAWS // _AT_ONCE):
        for shares, lanes in draw(_AT_ONCE):
            drawn.append(shares)
            sums += lanes
        lanes = (sums & low) + (sums >> size) * factor
        off = slack * len(drawn)
        lead = int((_LEAD - off) * _UNIT) - 1
        if lead > 0:
            own = lanes >> _LANE * leader & (1 << _LANE) - 1
            others = signs - lanes + (own << _LANE * leader)
            # A lane is not over a limit where limit - lane, with the sign bit set before, leaves it set.
            followed = own < lead or (others + (own - lead) * ones) & signs != signs
            if followed and (others + (own + lead) * ones) & signs == signs:
                continue
        gains = unpack(f"<{count}I", lanes.to_bytes(size // 8, "little"))
        most = max(gains)
        leader = gains.index(most)
        if odds.certain(leader, [(gain - most) / _UNIT for gain in gains], off):
            return {leader: 1.0}
    return odds.undecided()


class _Odds:
    """What languages have after the draws of a trial, as logarithms, worked out when asked for."""

    def __init__(self, weight: float, first: list[float]) -> None:
        self.weight = weight
        self.drawn = [first]
        self.known: dict[int, tuple[float, int]] = {}

    def of(self, place: int) -> float:
        """Gives the logarithm of a language's odds after all draws."""
        value, done = self.known.get(place, (0.0, 0))
        while done < len(self.drawn):
            factors = [self.weight + shares[place] for shares in self.drawn[done : done + _FACTORS]]
            value += log(prod(factors))
            done += len(factors)
        self.known[place] = value, done
        return value

    def certain(self, leader: int, behind: list[float], off: float) -> bool:
        """Says whether a language is certain.

        Args:
            leader: its place.
            behind: the logarithms of what all have against it.
            off: what these may be off.
        """
        more, less = exp(off), exp(-off)
        rest = sum(map(exp, behind)) - 1
        if rest * more < _OTHERS - _CLOSE_SHARE:
            return True
        if rest * less > _OTHERS + _CLOSE_SHARE:
            return False
        others = 0.0
        top = self.of(leader)
        # One after the other is worked out until it is clear what all others together have.
        for place in sorted(range(len(behind)), key=behind.__getitem__, reverse=True):
            if place != leader:
                others += exp(self.of(place) - top)
                rest -= exp(behind[place])
            if others + rest * more < _OTHERS - _CLOSE_SHARE:
                return True
            if others + rest * less > _OTHERS + _CLOSE_SHARE:
                return False
        raise _TooCloseError

    def undecided(self) -> dict[int, float]:
        """Gives the shares of all languages."""
        odds = [self.of(place) for place in range(len(self.drawn[0]))]
        top = max(odds)
        parts = [exp(value - top) for value in odds]
        whole = sum(parts)
        return {place: part / whole for place, part in enumerate(parts)}


def _exact_trial(weight: float, draw: Draw) -> dict[int, float]:
    """Gives all languages and their shares. The products are langdetect's, in its order, to the last bit."""
    first, _ = draw(1)[0]
    start = 1.0 / len(first)
    odds = [start * (weight + share) for share in first]
    for drawn in range(0, _DRAWS + 1, _AT_ONCE):
        whole = sum(odds)
        odds = [p / whole for p in odds]
        if max(odds) > _CERTAIN or drawn >= _DRAWS:
            break
        block = [shares for shares, _ in draw(_AT_ONCE)]
        odds = [
            p * (weight + a) * (weight + b) * (weight + c) * (weight + d) * (weight + e)
            for p, a, b, c, d, e in zip(odds, *block, strict=True)
        ]
    return dict(enumerate(odds))
