"""What a wish's parameters mean: at most 79 and fewer than 80 are one wish, the order of words is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["bounds", "meaning"]

_NAMES = ("language", "letter", "keyword", "phrase")


def bounds(kwargs: Mapping[str, Any]) -> tuple[int, int | None] | None:
    """Gives the least and the most that a count may be, the most null where it has none; null where none is given."""
    relation, n = kwargs.get("relation"), kwargs.get("n")
    if not isinstance(relation, str) or not isinstance(n, int):
        return None
    limits: dict[str, tuple[int, int | None]] = {
        "at_least": (n, None),
        "more_than": (n + 1, None),
        "at_most": (0, n),
        "less_than": (0, n - 1),
        "exactly": (n, n),
    }
    return limits.get(relation)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.replace("’", "'").casefold().split()).strip(" ,")
    if isinstance(value, list | tuple):
        return tuple(_plain(one) for one in value)
    return value


def meaning(checker: str, kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
    """Gives a key that two wishes share when they ask for the same."""
    limits = bounds(kwargs)
    rest = {name: value for name, value in kwargs.items() if limits is None or name not in ("relation", "n")}
    plain = {name: _plain(value) for name, value in rest.items()}
    if "words" in plain:
        plain["words"] = tuple(sorted(set(plain["words"])))
    if "language" in plain:
        plain["language"] = plain["language"].split("-")[0]
    return checker, limits, tuple(sorted(plain.items()))
