"""The sentences of prose as a reader takes them: a heading, a list item and a paragraph end one too, marks or not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...schemas.text import words
from ..document import MARGIN, Document, Span
from ..sentences import sentence_spans
from ._tables import tables

__all__ = ["read_words", "spoken_sentences"]

_RULE = re.compile(r"[ \t]*([-*_=])[ \t]*(?:\1[ \t]*){2,}")
_MARKER = re.compile(
    r"[ \t]*(?:(?:[-*+•‣◦>][ \t]+|#{1,6}[ \t]+|\(?[0-9]{1,3}[.)、．][ \t]*(?![0-9])|\(?[A-Za-z]\)[ \t]+){1,3})"
    r"(?:\[[ xX]\][ \t]+)?"
)
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]|[ \t]*\*\*[^*\r\n]{1,300}\*\*[:：]?[ \t]*\Z|[ \t]*<<[^<>\r\n]+>>")
_MARKS = frozenset("-*+•‣◦>#(0123456789\u200b")
_END = re.compile(r"[.!?…؟۔‽。！？｡．।॥։።។៕]")
_ROW = re.compile(r"[ \t]*\|")
_TARGET = re.compile(r"\]\([^()\r\n]{1,1000}\)|\]\[[^\[\]\r\n]{0,300}\]")
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9])(?:https?://|www\.)[^\s<>()\[\]\"'）。，、]+|(?<![\w.])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+"
)


def _blocks(document: Document) -> Iterator[tuple[bool, list[Span]]]:
    """Gives lines that belong together, each with whether it is a heading."""
    text = document.text
    spans = [table.span for table in tables(document)] if "|" in text and not document.cut else []
    rows = iter([*spans, (len(text) + 1, len(text) + 1)])
    table = next(rows)
    block: list[Span] = []
    before = 0
    for start, end in document.prose_lines:
        if block and start - before > 2:
            yield False, block
            block = []
        before = end
        line = text[start:end].strip(MARGIN)
        while table[1] < start:
            table = next(rows)
        if not line or start >= table[0] or _ROW.match(text, start, end) or _RULE.fullmatch(text, start, end):
            if block:
                yield False, block
                block = []
            continue
        marked = line[0] in _MARKS or line[1:2] == ")"
        marker = _MARKER.match(text, start, end) if marked else None
        heading = line[0] in "#*<" and _HEADING.match(text, start, end) is not None
        if (marker or heading) and block:
            yield False, block
            block = []
        if heading:
            yield True, [(marker.end() if marker else start, end)]
        else:
            block.append((marker.end() if marker else start, end))
    if block:
        yield False, block


def spoken_sentences(document: Document, with_headings: bool = True) -> list[Span]:
    """Gives the sentences outside code and tables."""
    found: list[Span] = []
    for heading, lines in _blocks(document):
        if heading and not with_headings:
            continue
        if len(lines) == 1 and not _END.search(document.text, *lines[0]):
            found += _whole(document.text, *lines[0])
        else:
            found += sentence_spans(document.text, [line for line in lines if line[0] < line[1]])
    return found


def _whole(text: str, start: int, end: int) -> list[Span]:
    """Gives a line that no mark ends as a sentence, where there is anything to read."""
    line = text[start:end]
    if not (line[:1].isalnum() or any(map(str.isalnum, line))):
        return []
    return [(start + len(line) - len(line.lstrip()), start + len(line.rstrip()))]


def read_words(text: str) -> list[str]:
    """Gives the words of a sentence as they are read: an address is one, a link's target none."""
    if "](" in text or "][" in text:
        text = _TARGET.sub("]", text)
    if "://" in text or "www." in text or "@" in text:
        text = _ADDRESS.sub("address", text)
    return words(text)
