"""Reading one rating out of a judge's text, where it says ``[[7]]``: FastChat's convention, as MT-Bench uses it.

FastChat's code takes the first match and falls back on single brackets. Here a text says one rating or none: a list
inside code looks the same. Pure.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..schemas.thought import visible

__all__ = ["Rating", "read_rating"]

_RATING = re.compile(r"\[\[[ \t]*(\d{1,4}(?:\.\d{1,4})?)[ \t]*\]\]")


class Rating(NamedTuple):
    """What a text rates."""

    value: float | None
    """Null where it cannot be told."""
    reason: str | None
    """Why it cannot: ``no_rating``, ``two_ratings: …``, ``out_of_range: …``; null beside a value."""


def read_rating(text: str | None, least: float = 1, most: float = 10) -> Rating:
    """Reads the rating of a text: the one number between double brackets, however often it stands there.

    Args:
        text: a judge's reply; thought in it is passed over. Null is no reply.
        least, most: the scale's ends, both on it.
    """
    if text is None:
        return Rating(None, "no_reply")
    found = sorted({float(number) for number in _RATING.findall(visible(text) or "")})
    if not found:
        return Rating(None, "no_rating: no number stands between double brackets")
    if len(found) > 1:
        return Rating(None, f"two_ratings: {', '.join(f'{value:g}' for value in found[:5])}")
    if not least <= found[0] <= most:
        return Rating(None, f"out_of_range: {found[0]:g} is not from {least:g} to {most:g}")
    return Rating(found[0], None)
