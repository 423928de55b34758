"""Reading comma-separated values as RFC 4180 writes them; space around a field does not matter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ._judged import Wrong

__all__ = ["csv_rows"]

_FIELD = re.compile(r'[ \t]*+(?:"([^"]*+(?:""[^"]*+)*+)"[ \t]*+|([^",\r\n]*+))(,|\r\n|\n|\r|\Z)')
_LINE = re.compile(r"[^\r\n]+")
_ENDS = re.compile(r"[\r\n]*+")

Row = tuple[int, list[str]]


def csv_rows(text: str) -> Iterator[Row]:
    """Gives each row's place and fields; blank lines are no rows. A text with a fault gives none.

    Raises:
        Wrong: where a quotation mark stands where none may stand.
    """
    return iter(_quoted_rows(text)) if '"' in text else _plain_rows(text)


def _quoted_rows(text: str) -> list[Row]:
    rows: list[Row] = []
    fields: list[str] = []
    at = start = 0
    while at <= len(text):
        if not fields:
            blank = _ENDS.match(text, at)
            at = start = blank.end() if blank else at
        match = _FIELD.match(text, at)
        if match is None:
            raise Wrong("a quotation mark inside a field, or one that is not closed", at)
        quoted = match.group(1)
        fields.append(match.group(2).strip() if quoted is None else quoted.replace('""', '"'))
        at = match.end()
        if match.group(3) == ",":
            continue
        if len(fields) > 1 or fields[0] or quoted is not None:
            rows.append((start, fields))
        fields, start = [], at
        if not match.group(3):
            break
    return rows


def _plain_rows(text: str) -> Iterator[Row]:
    """Gives the rows of a text without quotation marks."""
    for match in _LINE.finditer(text):
        line = match.group()
        if "," in line:
            yield match.start(), [field.strip() for field in line.split(",")]
        elif line := line.strip():
            yield match.start(), [line]
