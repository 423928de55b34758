"""The single characters that the package emoji calls an emoji."""

from __future__ import annotations

from functools import cache

from .package_data import read_data

__all__ = ["is_emoji"]


@cache
def _emoji() -> frozenset[str]:
    runs = (line.partition("-") for line in read_data("emoji.txt").split())
    return frozenset(
        chr(point) for first, _, last in runs for point in range(int(first, 16), int(last or first, 16) + 1)
    )


def is_emoji(character: str) -> bool:
    """Says whether one character is an emoji: ``emoji.is_emoji`` of emoji 2.15; characters of several do not count."""
    return character in _emoji()
