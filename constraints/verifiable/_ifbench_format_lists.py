"""Bullets of a given kind and the text around them, line by line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..document import RULE, Document, Span
from ..fences import FENCE_LINE
from ..sentences import sentence_spans

__all__ = ["HEADING", "bare_stars", "marked_items", "period_sentences", "written_lines"]

# A bullet denoted by a star: before a space, or the only star of its line; a divider (* * *) is none.
_STAR = re.compile(r"[ \t]*(?!(?:\*[ \t]*){3,}\Z)\*(?:[ \t]+\S|[^\s*][^*\r\n]*\Z)")
_DASH = re.compile(r"[ \t]*[-–—](?:[ \t]+\S|[^\W\d_])")
_BULLET = re.compile(r"[ \t]*[-*+•][ \t]+\S")
_NUMERAL = re.compile(r"[ \t]*\(?(?:[IVXLivxl]{1,6}|[A-Za-z]|\d{1,3})[.)][ \t]+")
HEADING = re.compile(r"[ \t]*#{1,6}[ \t]")
_FEW = 2000
"""Characters in which two sentences nearly always end."""
_PERIOD = re.compile(r"(?:(?<![.…])\.|[。．।])[\"'”’»)\]*_」』）】]*\Z")


def written_lines(document: Document) -> list[Span]:
    """Gives the lines that are not blank, those of code too but not its fences."""
    text = document.text
    return [
        (start, end)
        for start, end in document.lines
        if start < end
        and (part := text[start:end].lstrip())
        and not (part[0] in "`~" and FENCE_LINE.fullmatch(text, start, end))
    ]


def _indent(text: str, start: int, end: int) -> int:
    line = text[start:end].expandtabs(4)
    return len(line) - len(line.lstrip())


def bare_stars(document: Document) -> tuple[int, list[Span], list[Span]]:
    """Finds the bullets denoted by a star that have no dash bullet among what stands under them.

    Under a bullet stands what follows until the next star at its depth or above, a heading, or a paragraph that is not
    indented.

    Returns:
        How many bullets there are; those without; those without to which later text would belong. The last line of a
        cut response is left out.
    """
    text = document.text
    count = 0
    bare: list[Span] = []
    waiting: list[tuple[int, Span]] = []
    blank = False
    if "*" not in text:
        return count, bare, []
    for line in document.prose_lines[: -1 if document.cut else None]:
        if line[0] == line[1] or text[line[0] : line[1]].isspace():
            blank = True
            continue
        if _STAR.match(text, *line):
            count += 1
            depth = _indent(text, *line)
            while waiting and waiting[-1][0] >= depth:
                bare.append(waiting.pop()[1])
            waiting.append((depth, line))
        elif not waiting:
            pass
        elif _DASH.match(text, *line) and not RULE.fullmatch(text, *line):
            waiting.clear()
        elif HEADING.match(text, *line) or (blank and not text[line[0]].isspace()):
            bare += [span for _, span in waiting]
            waiting.clear()
        blank = False
    return count, sorted(bare), [span for _, span in waiting]


def period_sentences(document: Document, least: int) -> tuple[int, list[Span]]:
    """Looks for a stretch of text with so many sentences that end in a period, and for the star bullets after it.

    Returns:
        The most such sentences before a bullet, as far as they were counted, and the bullets after the first stretch
        that has enough.
    """
    text = document.text
    most = 0
    bullets: list[Span] = []
    if "*" not in text:
        return most, bullets
    stretch: list[Span] = []
    for line in document.prose_lines:
        if line[0] == line[1]:
            continue
        if _STAR.match(text, *line):
            if stretch and most < least:
                most = max(most, _periods(text, stretch, least))
            stretch = []
            if most >= least:
                bullets.append(line)
        elif not _BULLET.match(text, *line) and not RULE.fullmatch(text, *line):
            numeral = _NUMERAL.match(text, *line)
            stretch.append((numeral.end() if numeral else line[0], line[1]))
    return (most if most >= least else max(most, _periods(text, stretch, least))), bullets


def _periods(text: str, lines: Sequence[Span], least: int) -> int:
    """Counts the sentences that end in a period; of a long text no more than are needed."""
    count = 0
    for reach in (_FEW, 100 * _FEW, None):
        part = [line for line in lines if reach is None or line[0] - lines[0][0] < reach]
        last = len(text)
        if reach is not None and part and part[-1][1] - lines[0][0] > reach:
            last = lines[0][0] + reach
            part[-1] = (part[-1][0], last)
        spans = [span for span in sentence_spans(text, part) if last == len(text) or span[1] < last]
        count = sum(1 for start, end in spans if _PERIOD.search(text, max(start, end - 12), end))
        if count >= least or (len(part) == len(lines) and last == len(text)):
            break
    return count


def marked_items(document: Document, mark: str) -> tuple[list[Span], list[Span]]:
    """Finds the items of a list whose bullet is the mark, and the ordinary bullets.

    An item begins with the mark at the start of a line and has something to read before the next; after the first mark
    of a line one of at least three characters begins further items, between spaces.
    """
    text, quoted = document.text, re.escape(mark)
    guard = r"(?!\w)" if mark[-1].isalnum() else f"(?!{re.escape(mark[-1])})"
    start = re.compile(rf"[ \t]*[*_`\"“]{{0,3}}{quoted}{guard}")
    further = re.compile(rf"(?<=[ \t]){quoted}{guard}(?=[ \t])") if len(mark) >= 3 else None
    marks: list[Span] = []
    bullets: list[Span] = []
    lines = written_lines(document)
    for line in lines:
        match = start.match(text, *line)
        if match and (mark.isalnum() or not RULE.fullmatch(text, *line)):
            marks.append(match.span())
            marks += [found.span() for found in further.finditer(text, match.end(), line[1])] if further else []
        elif _BULLET.match(text, *line) and not RULE.fullmatch(text, *line):
            bullets.append(line)
    ends = [begin for begin, _ in marks[1:]] + [len(text)]
    items = [span for span, end in zip(marks, ends, strict=False) if any(map(str.isalnum, text[span[1] : end]))]
    return items, bullets
