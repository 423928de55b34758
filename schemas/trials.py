"""The trials by which langdetect guesses a language from its features, run in a fraction of the time.

A trial multiplies what the profiles say of features drawn at random until one language is all but certain; the answer
is the language likeliest over seven trials. Here trials end once the rest could change nothing, and logarithms are
added: those of all languages at once, in one integer with a lane for each. That is near enough to tell of almost every
look whether a language is certain; where it is not, the odds are worked out, and where even their rounding might tell,
all is done over as langdetect does it, to the last bit. So no answer changes. The sampling is langdetect 1.0.9's
(Apache-2.0, after N. Shuyo), with seed 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from itertools import islice
from math import ceil, cos, exp, floor, log, prod, sin, sqrt, tau
from operator import length_hint
from random import Random
from struct import pack, unpack

from .likelihood import LANE, UNIT, WEIGHT, log_lanes
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

_SLOPE_UNIT = 1 << 7
"""Steps to a slope of 1."""
_STEEP = 0.4
"""How much another weight may differ, as a share, for a lane to stay above nothing."""
_OTHERS = 1 / _CERTAIN - 1
_LEAD = -log(_OTHERS)
"""What all others together have against the first when that is certain; how far it is ahead of any, as a logarithm."""
_WORD = 32
_KEPT = 4096
_SPARE = 64
"""Bits of a word of the random generator, words kept, and how many of them are not drawn from."""
_FAR = 20
"""How far behind, as a logarithm, a language is next to nothing."""
_FACTORS = 50
"""Shares multiplied at once: their product is a float that is not too small."""
_CLOSE = 1e-4
"""Difference of averages below which all is done over."""
_SURE, _UNSURE = 1 - 1e-6, 1 + 1e-6
"""What others may have, and must have, to be sure that a language is certain or not, whatever the rounding."""

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
        place = _place(_KeptChance(features), _quick_trial)
    except _TooCloseError:
        place = _place(_Chance(features), _exact_trial)
    code: str = UNKNOWN if place is None else loaded().langlist[place]
    return code


def _place(chance: _Chance, trial: Trial) -> int | None:
    """Gives the place of the likeliest language in the list of languages, if one is likely."""
    totals: defaultdict[int, float] = defaultdict(float)
    for left in reversed(range(_TRIALS)):
        alpha = _ALPHA + chance.gauss() * _ALPHA_WIDTH
        for place, share in trial(alpha / _BASE, chance.draw).items():
            totals[place] += share / _TRIALS
        second, best = sorted([0.0, *totals.values()])[-2:]
        # Each trial still to come adds 1 in all.
        if best - second > left / _TRIALS + _CLOSE:
            break
    if trial is _quick_trial and (best - second < _CLOSE or abs(best - _LIKELY) < _CLOSE):
        raise _TooCloseError
    return max(totals, key=totals.__getitem__) if best > _LIKELY else None


class _Chance:
    """What langdetect draws."""

    def __init__(self, features: Sequence[str]) -> None:
        self.features = features
        self.random = Random(0)

    def gauss(self) -> float:
        """Gives the next number of a normal distribution."""
        return self.random.gauss(0.0, 1.0)

    def draw(self, count: int) -> list[Row]:
        """Gives the rows of features drawn."""
        return [_row(self.random.choice(self.features)) for _ in range(count)]


class _KeptChance(_Chance):
    """The same, from words of the generator that are kept, for they are the same for all texts."""

    def __init__(self, features: Sequence[str]) -> None:
        self.words = iter(_words(len(features).bit_length()))
        self.rows = map(_row, map(features.__getitem__, filter(len(features).__gt__, self.words)))
        self.next: float | None = None

    def gauss(self) -> float:
        """Gives what ``Random.gauss`` makes of two random numbers, or has left of them, each made of two words."""
        if self.next is not None:
            value, self.next = self.next, None
            return value
        done = _KEPT - length_hint(self.words)
        a, b, c, d = _words(_WORD)[done : done + 4]
        angle, radius = (((high >> 5) * (1 << 26) + (low >> 6)) / (1 << 53) for high, low in ((a, b), (c, d)))
        for _ in range(4):
            next(self.words)
        angle, radius = angle * tau, sqrt(-2.0 * log(1.0 - radius))
        self.next = sin(angle) * radius
        return cos(angle) * radius

    def draw(self, count: int) -> list[Row]:
        """Gives the rows of features drawn. ``Random.choice`` passes over words that are too great."""
        rows = list(islice(self.rows, count))
        if not length_hint(self.words) > _SPARE:
            raise _TooCloseError
        return rows


@cache
def _words(bits: int) -> tuple[int, ...]:
    """Gives the first bits of each of the generator's first words of 32 bits."""
    rng = Random(0)
    return tuple(rng.getrandbits(_WORD) >> _WORD - bits for _ in range(_KEPT))


@lru_cache(maxsize=1 << 15)
def _row(feature: str) -> Row:
    """Gives the shares of a feature by language, and two lanes for each: its logarithm, and further up how that grows.

    The logarithm is that of twice the share with the weight added, over the weight; it grows with the weight as the
    weight's share in it.
    """
    shares: list[float] = loaded().word_lang_prob_map[feature]
    count = len(shares)
    slopes = [int(_SLOPE_UNIT / (share / WEIGHT + 1.0) + 0.5) for share in shares]
    return shares, log_lanes(feature) | int.from_bytes(pack(f"<{count}I", *slopes), "little") << LANE * count


@cache
def _ones(count: int) -> int:
    """Gives a one in each of so many lanes."""
    return sum(1 << LANE * place for place in range(count))


def _quick_trial(weight: float, draw: Draw) -> dict[int, float]:
    """Gives the share of the language that is certain as 1, which is near enough, or the shares of all if none is.

    The first draw alone makes no language certain, because no profile's share is over 1.
    """
    first, sums = draw(1)[0]
    odds = _Odds(weight, first)
    count, drawn = len(first), odds.drawn
    growth = weight / WEIGHT - 1
    if abs(growth) > _STEEP:
        raise _TooCloseError
    # A logarithm is below its tangent, but not further than this times the slope: with a slope of r at a draw, which is
    # not over 1, a language gains growth * r, less at most growth² * r² / 2 / (1 - |growth|).
    bend = growth * growth / 2 / (1 - abs(growth))
    highest, lowest = ceil(growth * UNIT / _SLOPE_UNIT), floor((growth - bend) * UNIT / _SLOPE_UNIT)
    # What two languages may be off against each other each draw besides, because lanes are rounded.
    slack = abs(growth) / _SLOPE_UNIT + 2 / UNIT
    ones = _ones(count)
    signs, size, low, lane = ones << LANE - 1, LANE * count, (1 << LANE * count) - 1, (1 << LANE) - 1
    shift = 0  # To the lane of the leader: of the language that was first when all were last looked at.
    for _ in range(_DRAWS // _AT_ONCE):
        for shares, lanes in draw(_AT_ONCE):
            drawn.append(shares)
            sums += lanes
        straight, slopes = sums & low, sums >> size
        most, least = straight + slopes * highest, straight + slopes * lowest
        own_most, own_least = most >> shift & lane, least >> shift & lane
        off = slack * len(drawn)
        lead = int((_LEAD - off) * UNIT) - 1
        # A lane is not over a limit where limit - lane, with the sign bit set before, leaves it set. One that follows
        # the leader closely, and none that is far ahead of it: no language is certain.
        close = own_most < lead or (signs - least + (own_least << shift) + (own_most - lead) * ones) & signs != signs
        if close and lead > 0 and (signs - most + (own_most << shift) + (own_least + lead) * ones) & signs == signs:
            continue
        form, bytes_ = f"<{count}I", size // 8
        highs, lows = unpack(form, most.to_bytes(bytes_, "little")), unpack(form, least.to_bytes(bytes_, "little"))
        leader = highs.index(max(highs))
        shift = leader * LANE
        if odds.certain(leader, highs, lows, off):
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

    def certain(self, leader: int, highs: Sequence[int], lows: Sequence[int], off: float) -> bool:
        """Says whether a language is certain, of which none is far ahead.

        Args:
            leader: its place.
            highs: the lanes of all with the most they can have.
            lows: and with the least.
            off: what two of these may be off against each other besides, as a logarithm.
        """
        high, low = highs[leader], lows[leader]
        if (high - low) / UNIT + 2 * off > _LEAD / 2:
            raise _TooCloseError
        least, more = low - _FAR * UNIT, exp(off)
        near = [value for value in highs if value > least]
        others = sum([exp((value - low) / UNIT) for value in near]) - exp((high - low) / UNIT)
        if (others + (len(highs) - len(near)) * exp(-_FAR)) * more < _OTHERS * _SURE:
            return True
        others = sum([exp((value - high) / UNIT) for value in lows if value > least]) - exp((low - high) / UNIT)
        if others > _OTHERS * _UNSURE * more:
            return False
        return self._worked_out(
            leader,
            [exp((value - low) / UNIT) for value in highs],
            [exp((value - high) / UNIT) for value in lows],
            more,
        )

    def _worked_out(self, leader: int, highs: list[float], lows: list[float], more: float) -> bool:
        """Says whether a language is certain where the lanes alone do not tell.

        Args:
            leader: its place.
            highs: the most that all can have, against it.
            lows: the least.
            more: by how much these may be off besides, as a factor.
        """
        highs[leader] = lows[leader] = 0.0
        others, top = 0.0, self.of(leader)
        # What all others together have is worked out for one after the other, from the first, until it is clear.
        order = sorted(range(len(highs)), key=highs.__getitem__)
        while (place := order.pop()) != leader:
            others += exp(self.of(place) - top)
            if others + sum(highs[each] for each in order) * more < _OTHERS * _SURE:
                return True
            if others + sum(lows[each] for each in order) / more > _OTHERS * _UNSURE:
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
