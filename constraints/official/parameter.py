"""What a published check takes of its parameters, where it would draw one at random instead, and what it does with it.

There is no verdict to reproduce of a value drawn at random, so the functions here raise. They are stricter than a test
for absence: some checks draw anew for a negative number, some for an empty string or a zero.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from .text import OfficialText

__all__ = ["Params", "Verdict", "at_least_zero", "compare", "has_keyword", "keyword_count", "not_empty", "nth_of"]

Params = Mapping[str, Any]
"""A check's parameters as published, without nulls."""
Verdict = Callable[[Params, OfficialText], bool]

_PLAIN = re.compile(r"[A-Za-z0-9 ',-]+")


def at_least_zero(params: Params, name: str) -> Any:
    """Gives a number that the published code takes unless it is negative.

    Raises:
        KeyError: when it is missing.
        ValueError: when it is negative.
    """
    value = params[name]
    if value < 0:
        raise ValueError(f"{name} is {value!r}: for a negative number the published code draws another at random")
    return value


def not_empty(params: Params, name: str) -> Any:
    """Gives a value that the published code takes unless it counts as false: empty, or zero.

    Raises:
        KeyError: when it is missing.
        ValueError: when it counts as false.
    """
    if not (value := params[name]):
        raise ValueError(f"{name} is {value!r}: in its place the published code draws another at random, or refuses")
    return value


def nth_of(params: Params) -> tuple[int, int]:
    """Gives which paragraph is looked at, counted from 1, and how many are wanted.

    Raises:
        KeyError: when one is missing.
        ValueError: for a paragraph that is not wanted.
    """
    wanted, nth = at_least_zero(params, "num_paragraphs"), params["nth_paragraph"]
    if not 0 < nth <= wanted:
        raise ValueError(f"nth_paragraph is {nth!r} of {wanted!r}: the published code draws another at random")
    return nth, wanted


def compare(found: int, relation: Any, wanted: Any) -> bool:
    """Compares a count with the one asked for.

    Raises:
        ValueError: for another relation than the two that are published.
    """
    if relation == "less than":
        return bool(found < wanted)
    if relation == "at least":
        return bool(found >= wanted)
    raise ValueError(f"relation is {relation!r}; the published code knows 'less than' and 'at least'")


@lru_cache(maxsize=4096)
def _pattern(keyword: str) -> re.Pattern[str]:
    """Gives a keyword as the regular expression that the published code takes it for: not escaped, case ignored."""
    return re.compile(keyword, re.IGNORECASE)


@lru_cache(maxsize=4096)
def _plain(keyword: str) -> str | None:
    """Gives a keyword of ASCII letters, digits and signs that mean themselves in small letters, null for another."""
    return keyword.lower() if _PLAIN.fullmatch(keyword) else None


def keyword_count(keyword: str, text: OfficialText) -> int:
    """Counts what a keyword matches as a regular expression."""
    if (plain := _plain(keyword)) and text.text.isascii():
        return text.lower.count(plain)
    return len(_pattern(keyword).findall(text.text))


def has_keyword(keyword: str, text: OfficialText, whole: bool = False) -> bool:
    r"""Tells whether a keyword matches as a regular expression, between two ``\b`` where it has to be whole."""
    if (plain := _plain(keyword)) and text.text.isascii():
        # Letters that lose or gain a dot, and the like, make small letters and case ignored differ elsewhere.
        if plain not in text.lower:
            return False
        if not whole:
            return True
    return _pattern(rf"\b{keyword}\b" if whole else keyword).search(text.text) is not None
