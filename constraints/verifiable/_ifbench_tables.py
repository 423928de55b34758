"""Reading delimited data as written: rows of fields that know whether they were quoted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..document import MARGIN, Document

__all__ = ["Field", "begins_otherwise", "body", "fenced", "read_rows"]

_FENCE_LINE = re.compile(r"[ \t]*(?:`{3,}|~{3,})[ \t]*[\w+-]*[ \t]*")
_LINE_END = re.compile(r"[\r\n]")
_QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')
MOST_LINES = 200
"""Lines that are read, blank ones too; no table that is asked for has as many."""


class Field(NamedTuple):
    """One field of a row."""

    value: str
    """Without quotation marks and the space around it."""
    quoted: bool
    start: int
    """Where it begins in the text that was read."""
    end: int


def _fences(document: Document) -> list[tuple[int, int]]:
    if "```" not in document.text and "~~~" not in document.text:
        return []
    return [line for line in document.lines if _FENCE_LINE.fullmatch(document.text, *line)]


def fenced(document: Document) -> tuple[int, int] | None:
    """Gives the place of what the only code block holds; null where there is none, or more than one.

    One that is not closed runs to the end.
    """
    fences = _fences(document)
    if not fences or len(fences) > 2:
        return None
    start = min(fences[0][1] + 1, len(document.text))
    return start, max(start, fences[1][0]) if len(fences) == 2 else len(document.text)


def body(document: Document) -> tuple[int, int]:
    """Gives the place of the answer itself: the whole, or what one code block holds that is the whole."""
    text = document.text
    start, end = len(text) - len(text.lstrip(MARGIN)), len(text.rstrip(MARGIN))
    fences = _fences(document)
    if fences and fences[0][0] <= start and (len(fences) == 1 or (len(fences) == 2 and fences[1][1] >= end)):
        inside = fenced(document)
        if inside is not None:
            start, end = inside
    inner = text[start:end]
    return start + len(inner) - len(inner.lstrip(MARGIN)), start + len(inner.rstrip(MARGIN))


def begins_otherwise(text: str, header: Sequence[str], delimiter: str) -> bool:
    """Tells at once of most texts that nothing but their header is wrong with their form; false where it cannot."""
    if '"' in text or text.count("\n") + text.count("\r") >= MOST_LINES:
        return False
    first = next((line for line in _LINE_END.split(text) if line.strip()), "")
    return [field.strip() for field in first.split(delimiter)] != list(header)


def read_rows(text: str, start: int, end: int, delimiter: str) -> list[list[Field]] | str:
    """Reads delimited rows; blank lines are none.

    Returns:
        The rows, or what is wrong: a quotation mark that is not closed, text beside a quoted field.
    """
    rows: list[list[Field]] = [[]]
    plain = re.compile(rf"[^{re.escape(delimiter)}\r\n]*")
    # A delimiter that is a tab is no space around a field.
    space = re.compile(r"[ \t]*" if delimiter != "\t" else r" *")
    at = start
    while True:
        if len(rows) > MOST_LINES:
            return f"more than {MOST_LINES} lines"
        begin = _after(space, text, at, end)
        if text.startswith('"', begin, end):
            match = _QUOTED.match(text, begin, end)
            if match is None:
                return "a quotation mark is not closed"
            at = _after(space, text, match.end(), end)
            rows[-1].append(Field(match.group()[1:-1].replace('""', '"'), True, begin, match.end()))
        else:
            at = _after(plain, text, at, end)
            rows[-1].append(Field(text[begin:at].strip(), False, begin, at))
            if '"' in text[begin:at]:
                return "a quotation mark inside a field without quotation marks"
        if at >= end:
            break
        if text[at] in "\r\n":
            rows.append([])
        elif text[at] != delimiter:
            return "text beside a quoted field"
        at += 1
    return [row for row in rows if not (len(row) == 1 and not row[0].quoted and not row[0].value)]


def _after(pattern: re.Pattern[str], text: str, at: int, end: int) -> int:
    match = pattern.match(text, at, end)
    return match.end() if match else at
