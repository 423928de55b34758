"""An item of a checklist, and the reader that all ways share: a marked part of a reply, one item a line.

A line may begin with a list mark or a number, then comes its type: ``[Format, Style; Single] Does …?``. Names of types
are read in any case and order; names that do not exist are noted and leave the item as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from ...schemas.instruction import CATEGORIES, COMPOSITIONS

__all__ = [
    "LONGEST",
    "Item",
    "LeftOut",
    "Line",
    "Listed",
    "Span",
    "is_question",
    "marked_lines",
    "notes_of",
    "read_line",
    "types",
]

LONGEST = 600
"""Characters of an item at most: what is longer is no short question."""

T = TypeVar("T")


class Span(NamedTuple):
    """Where somebody wrote it, in ``source_messages``."""

    message: int
    start: int
    end: int
    """Of [start, end) character offsets."""


@dataclass(frozen=True)
class Item:
    """A soft constraint before it has an instruction and a place."""

    text: str
    categories: tuple[str, ...] = ()
    compositions: tuple[str, ...] = ("Single",)
    span: Span | None = None


class LeftOut(NamedTuple):
    """A line of a reply that became no item."""

    reason: str
    """``not_a_question``, ``not_verbatim``, ``span_taken``, ``out_of_order``, ``too_long``, ``too_many``,
    ``duplicate_item``, ``names_reference``."""
    text: str


@dataclass(frozen=True)
class Listed(Generic[T]):
    """What a reply holds."""

    items: tuple[T, ...] = ()
    left: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    """What is worth counting: ``unknown_type:NAME``, ``repaired``, ``reference_cut``."""
    problem: str | None = None
    """Why nothing could be read, in words that the model can act on; null where it could."""


class Line(NamedTuple):
    """One line of the marked part, taken apart."""

    number: int | None
    """As it is numbered; null where it is not."""
    text: str
    categories: tuple[str, ...]
    compositions: tuple[str, ...]
    unknown: tuple[str, ...]
    """Names of types that do not exist."""


_MARK = re.compile(r"\s*(?:[-+*•‣·–]\s+)?(?:\**\s*[(（]?(\d{1,4})\s*(?:[.．:：](?!\d)|[)）、])\**\s*)?")
_TYPE = re.compile(r"\s*\**\s*(?:\[([^\[\]]{0,120})\]|【([^【】]{0,120})】)\**[ \t:：]*")
_SEPARATOR = re.compile(r"[;,/|&+、，；]")
_JOINED = re.compile(r"\s+and\s+|\s+", re.IGNORECASE)
_QUESTION = re.compile(r"[?？؟\u037e][\s\"'”’»)）\]*_」』`]*$")
_KNOWN = {name.casefold(): name for name in (*CATEGORIES, *COMPOSITIONS)}


def marked_lines(text: str, mark: str) -> list[str] | None:
    """Gives the lines that follow the last line that says ``mark``, blank ones and mere rules left out.

    The mark stands alone on its line, or with a colon and the first item behind it; case, headings' ``#`` and ``*``
    around it make no difference. What a JSON escape can smuggle in, half of a character, becomes U+FFFD.

    Returns:
        Null where no line says it.
    """
    whole = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    heading = re.compile(rf"[\s#*_>]*{mark}[\s*_]*(?:[:：][\s*_]*(.*))?", re.IGNORECASE)
    lines: list[str] | None = None
    for line in whole.splitlines():
        if found := heading.fullmatch(line):
            lines = [found[1] or ""]
        elif lines is not None:
            lines.append(line)
    return None if lines is None else [line for line in lines if re.search(r"[^\W_]", line)]


def types(names: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Reads names of types: the categories, the compositions, and those that do not exist, each once.

    ``And`` is a composition where it stands alone between separators; elsewhere it joins two names.
    """
    found: list[str] = []
    for part in _SEPARATOR.split(names):
        whole = part.strip(" \t*_'\"")
        known = whole.casefold() in _KNOWN
        found += [whole] if known else [one for one in _JOINED.split(whole) if one]
    known_names = list(dict.fromkeys(_KNOWN[name.casefold()] for name in found if name.casefold() in _KNOWN))
    unknown = dict.fromkeys(name[:40] for name in found if name.casefold() not in _KNOWN)
    return (
        tuple(name for name in known_names if name in CATEGORIES),
        tuple(name for name in known_names if name in COMPOSITIONS),
        tuple(unknown),
    )


def read_line(line: str) -> Line:
    """Takes a line apart; what follows mark and type is its text, stripped."""
    mark = _MARK.match(line)
    rest = line[mark.end() :] if mark else line
    number = int(mark[1]) if mark and mark[1] else None
    categories: tuple[str, ...] = ()
    compositions: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    if bracket := _TYPE.match(rest):
        categories, compositions, unknown = types(bracket[1] or bracket[2] or "")
        rest = rest[bracket.end() :]
    return Line(number, rest.strip(), categories, compositions or ("Single",), unknown)


def is_question(text: str) -> bool:
    """Tells whether a text ends with a question mark, of whatever script, quotes and brackets behind it aside."""
    return _QUESTION.search(text) is not None


def notes_of(lines: Sequence[Line]) -> tuple[str, ...]:
    """Gives a note for each name of a type that does not exist."""
    return tuple(f"unknown_type:{name}" for line in lines for name in line.unknown)
