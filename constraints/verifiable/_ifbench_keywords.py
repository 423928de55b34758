"""Finding one word of plain letters in a text of ASCII characters, as ``_literal`` does, without a pattern for it.

Compiling a pattern takes longer than most texts take to read.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..document import Span
from ._literal import places, starts_with

__all__ = ["keyword_at", "keyword_places"]


def _plain(keyword: str, text: str) -> bool:
    return keyword.isalnum() and keyword.isascii() and text.isascii()


def _alone(text: str, start: int, end: int) -> bool:
    """Tells whether neither a letter nor a digit stands beside a place."""
    return not (text[end : end + 1].isalnum() or (start > 0 and text[start - 1].isalnum()))


def keyword_places(keyword: str, text: str) -> Iterator[Span]:
    """Finds where the keyword stands, without overlap, in any case and at word boundaries."""
    if not _plain(keyword, text):
        yield from places(keyword, text)
        return
    sought, small = keyword.lower(), text.lower()
    start = small.find(sought)
    while start >= 0:
        end = start + len(sought)
        if _alone(text, start, end):
            yield start, end
        start = small.find(sought, end)


def keyword_at(keyword: str, text: str, start: int) -> Span | None:
    """Gives the keyword's place if it stands at an offset."""
    if not _plain(keyword, text):
        return starts_with(keyword, text, start)
    end = start + len(keyword)
    stands = text[start:end].lower() == keyword.lower() and _alone(text, start, end)
    return (start, end) if stands else None
