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
    table, table_end = next(rows)
    block: list[Span] = []
    before = 0
    for span in document.prose_lines:
        start, end = span
        if block and start - before > 2:
            yield False, block
            block = []
        before = end
        line = text[start:end].strip(MARGIN)
        while table_end < start:
            table, table_end = next(rows)
        if start < table and line[:1].isalpha() and line[1:2] != ")":
            # It begins with a word: neither marker nor heading nor divider.
            block.append(span)
            continue
        if not line or start >= table or _divides(line, text, start, end):
            if block:
                yield False, block
                block = []
            continue
        marked = line[0] in _MARKS or line[1:2] == ")"
        marker = _MARKER.match(text, start, end) if marked else None
        heading = line.startswith(("#", "**", "<<")) and _HEADING.match(text, start, end) is not None
        if (marker or heading) and block:
            yield False, block
            block = []
        if heading:
            yield True, [(marker.end() if marker else start, end)]
        else:
            block.append((marker.end() if marker else start, end))
    if block:
        yield False, block


def _divides(line: str, text: str, start: int, end: int) -> bool:
    """Tells whether a line is a table's or a divider.

    Args:
        line: without its margins: only of a row it begins with a bar, only of a divider it ends with a mark.
    """
    if line[0] == "|" and _ROW.match(text, start, end):
        return True
    return line[-1] in "-*_=" and _RULE.fullmatch(text, start, end) is not None


def spoken_sentences(document: Document, with_headings: bool = True) -> list[Span]:
    """Gives the sentences outside code and tables."""
    found: list[Span] = []
    text = document.text
    marked = _END.search(text) is not None
    for heading, lines in _blocks(document):
        if heading and not with_headings:
            continue
        if len(lines) == 1 and not (marked and _END.search(text, *lines[0])):
            start, end = lines[0]
            if start < end and text[start].isalnum() and not text[end - 1].isspace():
                found.append(lines[0])
            else:
                found += _whole(text, start, end)
        else:
            found += sentence_spans(text, [line for line in lines if line[0] < line[1]])
    return found


def _whole(text: str, start: int, end: int) -> list[Span]:
    """Gives a line that no mark ends as a sentence, where there is anything to read."""
    line = text[start:end]
    if not (line[:1].isalnum() or any(map(str.isalnum, line))):
        return []
    return [(start + len(line) - len(line.lstrip()), start + len(line.rstrip()))]


def read_words(text: str) -> list[str]:
    """Gives the words of a sentence as they are read: an address is one, a link's target none."""
    if text.isascii() and text.isalnum():
        return [text]
    if "](" in text or "][" in text:
        text = _TARGET.sub("]", text)
    if "://" in text or "www." in text or "@" in text:
        text = _ADDRESS.sub("address", text)
    return words(text)
