"""Reading comma-separated values as RFC 4180 writes them; space around a field does not matter."""

from __future__ import annotations

import re

from ._judged import Wrong

__all__ = ["csv_rows"]

_FIELD = re.compile(r'[ \t]*+(?:"([^"]*+(?:""[^"]*+)*+)"[ \t]*+|([^",\r\n]*+))(,|\r\n|\n|\r|\Z)')
_ENDS = re.compile(r"[\r\n]*+")

Row = tuple[int, list[str]]


def csv_rows(text: str) -> list[Row]:
    """Gives each row's place and fields; blank lines are no rows.

    Raises:
        Wrong: where a quotation mark stands where none may stand.
    """
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
