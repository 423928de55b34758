"""Markdown tables: a header, a line of dashes, rows; a line without a bar ends them. Nothing in code is one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from ..document import Document, Span

__all__ = ["Row", "Table", "read_row", "same_name", "tables"]

_DASHES = re.compile(r"[ \t|:-]*+")
# Without such a line there is no table: most answers need no more than this look.
_SOME = re.compile(r"(?<=[\r\n])(?=[^\r\n]*\|)[ \t|:-]++(?=[\r\n]|\Z)")
_DASH = re.compile(r":?-+:?")
_BAR = re.compile(r"\\.|\|", re.DOTALL)
_DRESS = "*_` \t\u00a0"


class Row(NamedTuple):
    """One line of a table."""

    span: Span
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """A table and its rows below the header."""

    header: Row
    rows: list[Span]
    """Those below the header that are not empty."""
    ended: bool
    """Whether a line after it ends it."""

    @property
    def span(self) -> Span:
        """From the header to the last row."""
        return self.header.span[0], (self.rows[-1] if self.rows else self.header.span)[1]


def same_name(cell: str, name: str) -> bool:
    """Tells whether a header cell is a column's name, in any case, with or without emphasis."""
    return _plain(cell) == _plain(name)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\\|", "|")).strip(_DRESS)
    return " ".join(unicodedata.normalize("NFC", text.casefold()).split())


def read_row(text: str, start: int, end: int) -> Row:
    """Splits a line at its bars; an escaped one splits nothing."""
    if text.find("\\", start, end) < 0:
        cells = text[start:end].split("|")
    else:
        cells, at = [], start
        for match in _BAR.finditer(text, start, end):
            if match.group() == "|":
                cells.append(text[at : match.start()])
                at = match.end()
        cells.append(text[at:end])
    # The bars at both edges are no columns.
    if len(cells) > 1 and not cells[0].strip():
        cells = cells[1:]
    if len(cells) > 1 and not cells[-1].strip():
        cells = cells[:-1]
    return Row((start, end), [cell.strip() for cell in cells])


def _dashes(text: str, line: Span) -> int:
    """Gives how many columns a line of dashes has; 0 where it is none."""
    if "|" not in text[slice(*line)] or not _DASHES.fullmatch(text, *line):
        return 0
    cells = read_row(text, *line).cells
    return len(cells) if all(_DASH.fullmatch(cell) for cell in cells) else 0


def tables(document: Document) -> list[Table]:
    """Finds the tables, in order."""
    found: list[Table] = []
    if not _SOME.search(document.text):
        return found
    text, lines = document.text, document.prose_lines
    at = 1
    while at < len(lines):
        width = _dashes(text, lines[at]) if lines[at][0] - lines[at - 1][1] <= 2 else 0
        header = read_row(text, *lines[at - 1]) if width else None
        if header is None or len(header.cells) != width or not any(header.cells):
            at += 1
            continue
        rows: list[Span] = []
        at += 1
        while at < len(lines) and lines[at][0] - lines[at - 1][1] <= 2 and "|" in text[slice(*lines[at])]:
            if text[slice(*lines[at])].strip(" \t|"):
                rows.append(lines[at])
            at += 1
        found.append(Table(header, rows, at < len(lines)))
        at += 1
    return found
