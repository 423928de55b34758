"""The headings of a response, in Markdown, outside code."""

from __future__ import annotations

import re
from typing import NamedTuple

from .document import Document, Span, reads

__all__ = ["Heading", "headings_of"]

_ATX = re.compile(r"[ \t]{0,3}#{1,6}(?:[ \t]+(?P<text>[^\r\n]*)|\Z)")
_SETEXT = re.compile(r"[ \t]{0,3}={2,}[ \t]*")
_CLOSING = re.compile(r"(?:^|[ \t])#+[ \t]*\Z")
_BLOCK = re.compile(r"[ \t]*(?:[-*+>|#]|\d{1,3}[.)])(?:[ \t]|\Z)")


class Heading(NamedTuple):
    """A heading."""

    text: str
    span: Span


def headings_of(document: Document) -> list[Heading]:
    """Finds the headings with something to read: ``# One`` to ``###### One``, and a line underlined by ``===``."""
    text = document.text
    if "#" not in text and "==" not in text:
        return []
    found: list[Heading] = []
    above: Span | None = None
    for start, end in document.prose_lines:
        line = text[start:end].strip(" \t")
        if line.startswith("#"):
            atx = _ATX.fullmatch(text, start, end)
            named = (atx["text"] or "").strip() if atx else ""
            named = _CLOSING.sub("", named).strip() if named.endswith("#") else named
            if reads(named):
                found.append(Heading(named, (start, end)))
        elif line.startswith("==") and above is not None and start - above[1] <= 2:
            # A line below may still go on where a response was cut.
            underlined = _SETEXT.fullmatch(text, start, end) and not (document.cut and end == len(text))
            if underlined and reads(text[slice(*above)]) and not _BLOCK.match(text, *above):
                found.append(Heading(text[slice(*above)].strip(), (above[0], end)))
        above = (start, end)
    return found
