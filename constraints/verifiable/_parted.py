"""The parts of an answer between lines with asterisks alone."""

from __future__ import annotations

import re

from ..document import MARGIN, Document, Span

__all__ = ["dividers", "parts_of"]

# The markdown divider of asterisks: ***, * * *, *****.
_DIVIDER = re.compile(r"\*(?:[ \t]*\*){2,}")
_THREE = re.compile(r"\*[ \t]*\*[ \t]*\*")


def dividers(document: Document) -> list[Span]:
    """Gives the lines outside code that are dividers of asterisks."""
    text = document.text
    return [
        line
        for line in (document.prose_lines if _THREE.search(text) else ())
        if text.count("*", *line) > 2 and _DIVIDER.fullmatch(text[slice(*line)].strip(MARGIN))
    ]


def parts_of(document: Document) -> list[Span]:
    """Gives the parts, without the space around them; one between two dividers may be empty.

    A divider in fenced code is none. An empty part before the first divider or after the last is left out. What ends a
    cut text in the middle of a line is no divider yet: ``***`` may go on as emphasis.
    """
    text = document.text
    stop = len(text)
    bounds: list[Span] = []
    start = 0
    for line in dividers(document):
        if document.cut and line[1] == len(text):
            stop = line[0]
            break
        bounds.append((start, line[0]))
        start = line[1]
    parts = [_trimmed(text, *span) for span in bounds]
    parts.append(_trimmed(text, start, stop, open_=document.cut))
    if not text[slice(*parts[0])].strip(MARGIN):
        del parts[0]
    if parts and not text[slice(*parts[-1])].strip(MARGIN):
        del parts[-1]
    return parts


def _trimmed(text: str, start: int, end: int, open_: bool = False) -> Span:
    """Leaves out white space at both ends; that at the end of a cut text shows that its last word is whole."""
    part = text[start:end]
    left = len(part) - len(part.lstrip())
    return start + left, start + max(left, len(part) if open_ else len(part.rstrip()))
