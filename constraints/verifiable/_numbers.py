"""Numbers in a text that show how thousands are grouped and which mark decimals have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from ..document import Span

__all__ = ["Decimal", "Shown", "Thousands", "shown_numbers", "written"]

Thousands = Literal["comma", "point", "space", "none"]
Decimal = Literal["point", "comma"]

_SPACE = " \u00a0\u2009\u202f"
_THOUSANDS: dict[str, Thousands] = {",": "comma", ".": "point", **dict.fromkeys(_SPACE, "space")}
_DECIMALS: dict[str, Decimal] = {".": "point", ",": "comma"}
# Digits joined by one mark each; a space joins only three digits that stand alone.
_BODY = rf"(?:[0-9]*+(?:[.,'’·_][0-9]++|[{_SPACE}][0-9]{{3}}(?![0-9]))++|[0-9]{{4,}}+)"
_TOKEN = re.compile(
    rf"[0-9](?<![A-Za-z\u00c0-\u024f0-9#+/:.,_–-][0-9]){_BODY}"
    r"(?![:/][0-9]|[A-Za-z]{1,9}+[0-9]|[.,][0-9]|-[0-9]{3,4}(?![0-9])|-[0-9]{1,2}-[0-9])"
)
# The second of *10,000–20,000*, and what stands after a minus or dash.
_DASHED = re.compile(rf"(?<=[0-9\s(][–-])[0-9]{_BODY}(?![-–:/.,]?[0-9])")
_MARK = re.compile(r"[^0-9]")
# *CA 90210*: a postal code.
_POSTAL = re.compile(r"(?:\b[A-Z]{2}|\bUSA)[ ]\Z")
_SPACED = re.compile(f"[{_SPACE}]")
_SHAPE = str.maketrans("012345678", "9" * 9)
"""Which digits they are does not matter, but for a zero at the beginning."""
_PHONE = re.compile(r"(?:\+[0-9]{0,3}[ \u00a0]?\(?|[0-9)][ \u00a0-])\Z")


class Shown(NamedTuple):
    """A number that shows a style."""

    span: Span
    styles: frozenset[tuple[str, str]]
    """Thousands and decimals of the styles it is in; none for a style of its own."""
    unclear: frozenset[tuple[str, str]] = frozenset()
    """Those it may be in too: *1.618* and *12,500* can be decimals, or groups of three."""


_EITHER = frozenset({("none", "point"), ("none", "comma")})


def _grouped(parts: list[str]) -> bool:
    return 1 <= len(parts[0]) <= 3 and parts[0][0] != "0" and all(len(part) == 3 for part in parts[1:])


@lru_cache(maxsize=4096)
def _styles(token: str) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]] | None:
    """Gives the styles a number is in and may be in; null for what shows none: small numbers, lists, versions."""
    parts, marks = _MARK.split(token), _MARK.findall(token)
    if not marks:
        return (_EITHER, frozenset()) if len(token) >= 5 and token[0] != "0" else None
    last, kinds = marks[-1], {_THOUSANDS.get(mark) for mark in marks[:-1]}
    found: set[tuple[str, str]] = set()
    as_decimal: set[tuple[str, str]] = set()
    kind = _THOUSANDS.get(last)
    if kind is not None and kinds <= {kind} and _grouped(parts):
        found |= {(kind, decimal) for decimal in _DECIMALS.values() if decimal != kind}
    decimal = _DECIMALS.get(last)
    if decimal is not None:
        if len(marks) == 1 and (parts[0] == "0" or parts[0][0] != "0"):
            as_decimal.add(("none", decimal))
            if len(parts[0]) <= 4:
                as_decimal |= {(other, decimal) for other in ("comma", "point", "space") if other != decimal}
        elif len(marks) > 1 and len(kinds) == 1 and None not in kinds and _grouped(parts[:-1]):
            other = kinds.pop()
            as_decimal |= {(str(other), decimal)} if other != decimal else set()
    if found or as_decimal:
        return (frozenset(found), frozenset(as_decimal)) if found else (frozenset(as_decimal), frozenset())
    odd = set(marks) <= set("'’·_") and _grouped(parts)
    lakh = set(marks) == {","} and len(parts[0]) <= 2 and len(parts[-1]) == 3 and {*map(len, parts[1:-1])} == {2}
    return (frozenset(), frozenset()) if odd or lakh else None


def shown_numbers(text: str) -> Iterator[Shown]:
    """Finds the numbers that show a style; no dates, times, versions, telephone numbers, years, codes."""
    for pattern in (_TOKEN, _DASHED):
        for match in pattern.finditer(text):
            start, end = match.span()
            # An identity number of a hundred thousand digits is no number to group.
            token = match.group()
            styles = _styles(token[0] + token[1:].translate(_SHAPE)) if end - start <= 60 else None
            if styles is None:
                continue
            if len(token) == 5 and token.isdigit() and _POSTAL.search(text, max(0, start - 5), start):
                continue
            if not (_SPACED.search(token) and _PHONE.search(text, max(0, start - 6), start)):
                yield Shown((start, end), *styles)


def written(thousands: Thousands, decimal: Decimal) -> tuple[str, str]:
    """Writes a large number and one with decimals in a style."""
    group = {"comma": ",", "point": ".", "space": " ", "none": ""}[thousands]
    return f"12{group}500", f"3{'.' if decimal == 'point' else ','}5"
