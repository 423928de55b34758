"""Which language a text is likeliest to be in by all of its features, not by some that are drawn at random.

langdetect's profiles say how often a feature, one to three characters, occurs in each language. The likelihood of a
language is the product over a text's features, so its logarithm is a sum: that of all languages at once is kept in one
integer with a lane for each, and that of a word is kept, because words come again. The weight that is added to each
share is the mean of what langdetect 1.0.9 draws for it (Apache-2.0, after N. Shuyo).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import log
from struct import pack, unpack

from .profiles import loaded, word_features

__all__ = ["LANE", "UNIT", "WEIGHT", "lead", "lead_plain", "log_lanes"]

WEIGHT = 0.5 / 10_000
"""What is added to each share."""
LANE = 32
UNIT = 1 << 14
"""Bits of a lane; steps to a logarithm of 1: no sum over 10,000 features reaches the last bit."""
_NONE = round(UNIT * log(2.0))
"""Lane of a language that does not know the feature."""
_KEPT = 24
"""Longest word that is kept."""


@lru_cache(maxsize=1 << 15)
def log_lanes(feature: str) -> int:
    """Gives a lane for each language: the logarithm of twice the feature's share with the weight, over the weight."""
    shares: list[float] = loaded().word_lang_prob_map[feature]
    lanes = [int(UNIT * log(2.0 * (share / WEIGHT + 1.0)) + 0.5) if share else _NONE for share in shares]
    return int.from_bytes(pack(f"<{len(lanes)}I", *lanes), "little")


def _lanes(word: str) -> int:
    return sum(map(log_lanes, word_features(word)))


_word_lanes = lru_cache(maxsize=1 << 14)(_lanes)


def lead(words: Sequence[str]) -> tuple[str, float] | None:
    """Gives the code of the likeliest language, and how far it is ahead of the next.

    Args:
        words: a text's words as langdetect reads them.

    Returns:
        A code such as ``en`` or ``zh-cn``, and a natural logarithm; null where no profile knows any feature.
    """
    total = sum([_word_lanes(word) if len(word) <= _KEPT else _lanes(word) for word in words])
    if not total:
        return None
    count = len(loaded().langlist)
    lanes = unpack(f"<{count}I", total.to_bytes(count * LANE // 8, "little"))
    second, first = sorted(lanes)[-2:]
    return loaded().langlist[lanes.index(first)], (first - second) / UNIT


def lead_plain(words: Sequence[str]) -> tuple[str, float] | None:
    """Gives the same from the shares themselves: the reference for ``lead``."""
    rows: list[list[float]] = [loaded().word_lang_prob_map[each] for word in words for each in word_features(word)]
    if not rows:
        return None
    logs = [sum(log(share + WEIGHT) for share in shares) for shares in zip(*rows, strict=True)]
    second, first = sorted(logs)[-2:]
    return loaded().langlist[logs.index(first)], first - second
