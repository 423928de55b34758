"""The Wilson score interval of a share."""

from __future__ import annotations

import math

__all__ = ["wilson"]


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float] | None:
    """Gives the interval of a share, 95 % by default (Wilson 1927), to three places; null where nothing was counted."""
    if not n:
        return None
    share, square = hits / n, z * z / n
    centre = (share + square / 2) / (1 + square)
    reach = z * math.sqrt((share * (1 - share) + square / 4) / n) / (1 + square)
    return round(max(0.0, centre - reach), 3), round(min(1.0, centre + reach), 3)
