"""The lists of a response: bullets and numbered items, line by line, outside code."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from .document import RULE, Document, Span

__all__ = ["Item", "List", "lists_of"]

_ITEM = re.compile(
    r"(?P<indent>[ \t\u00a0\u3000\u200b-\u200f\ufeff]*)(?P<dress>[*_]{0,3})"
    r"(?:(?P<bullet>[-*+•‣◦▪–])[ \t\u00a0]+"
    r"|[(（]?(?P<number>[0-9０-９]{1,3})(?:[.)．）](?P<close>[*_]{0,3})[ \t\u00a0]+|[、．）]))"
    r"(?P<text>[^\s].*)"
)
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]|[ \t]*\*\*[^*\r\n]+\*\*[:：]?[ \t]*\Z")
_FIRST = frozenset("-*+•‣◦▪–_(（0123456789０１２３４５６７８９\u200b\u200c\u200d\u200e\u200f\ufeff")
_LEADS_ON = (":", "：", ":**", "：**", "**:")


class Item(NamedTuple):
    """One item, its own line of it."""

    span: Span
    text: str
    """Without its marker."""
    number: int | None
    indent: int


@dataclass
class List:
    """Items at one depth that nothing separates; what is indented below them is left out."""

    items: list[Item] = field(default_factory=list)

    @property
    def numbered(self) -> bool:
        """Whether numerals mark the items."""
        return self.items[0].number is not None


def _width(indent: str) -> int:
    return len(indent.expandtabs(4)) if "\t" in indent else len(indent)


def _item(text: str, span: Span) -> Item | None:
    match = _ITEM.match(text, *span)
    if match is None:
        return None
    indent, dress, _, number, close, written = match.groups()
    written = written.rstrip()
    # A divider ends with its mark.
    if written[-1] in "-*_" and RULE.fullmatch(text, *span):
        return None
    if number is None:
        # Two stars before the mark would be emphasis, not a bullet.
        return None if dress else Item(span, written, None, _width(indent))
    if dress:
        if close != dress:
            written = dress + written
    elif close:
        written = close + written
    return Item(span, written, int(number), _width(indent))


def _belongs(item: Item, current: List, apart: bool) -> bool:
    """Tells whether an item goes on with a list."""
    if (current.items[0].number is None) != (item.number is None):
        return False
    return not apart or (item.number is not None and item.number == (current.items[-1].number or 0) + 1)


def lists_of(document: Document) -> list[List]:
    """Finds the lists at the outer depth, in order.

    Text at the margin after a blank line, a heading and a line that leads on (``Fruit:``) end a list; one whose
    numerals go on is still the same.
    """
    found: list[List] = []
    current: List | None = None
    apart = blank = False
    text = document.text
    for span in document.prose_lines:
        start, end = span
        line = text[start:end].strip()
        if not line:
            blank = True
            continue
        item = _item(text, span) if line[0] in _FIRST else None
        if item is None:
            margin = not text[start].isspace()
            leads = line.endswith(_LEADS_ON) or _HEADING.match(text, start, end) is not None
            apart = apart or (margin and (blank or leads))
        elif current is not None and not apart and item.indent > current.items[0].indent + 1:
            pass
        else:
            if current is None or not _belongs(item, current, apart):
                current = List()
                found.append(current)
            current.items.append(item)
            apart = False
        blank = False
    return found
