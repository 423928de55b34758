"""Brackets and quotation marks inside each other: which close, and how deep they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from ..document import MARGIN, Document, Span

__all__ = ["Quotation", "deepest_brackets", "outermost", "quotations", "wholly_quoted"]

_CLOSERS = {"(": ")", "[": "]", "{": "}", "（": ")", "［": "]", "｛": "}", "【": "】", "〔": "〕"}
_CLOSES = {")": ")", "]": "]", "}": "}", "）": ")", "］": "]", "｝": "}", "】": "】", "〕": "〕"}
_ASCII_BRACKET = re.compile(r"[()\[\]{}]")
_BRACKET = re.compile(r"[()\[\]{}（）［］｛｝【】〔〕]")


def deepest_brackets(text: str) -> tuple[int, Span | None]:
    """Gives how deep brackets are nested, round, square, curly or lenticular, and where the deepest nesting stands.

    Only brackets that are closed by their own kind count. A closing one without its opener, as in ``a)``, changes
    nothing; an opener that something around it closes is dropped.
    """
    bracket = _ASCII_BRACKET if text.isascii() else _BRACKET
    best, place = _deepest(bracket.findall(text))
    if place is None:
        return 0, None
    first, last = place
    found = list(islice(bracket.finditer(text), last + 1))
    return best, (found[first].start(), found[last].end())


def _deepest(brackets: Iterable[str]) -> tuple[int, Span | None]:
    """Gives the depth of the deepest nesting, and which brackets open and close it."""
    kinds: list[str] = []
    depths: list[int] = []
    starts: list[int] = []
    waiting = dict.fromkeys(_CLOSES.values(), 0)
    best, place = 0, None
    for at, character in enumerate(brackets):
        if character in _CLOSERS:
            kind = _CLOSERS[character]
            kinds.append(kind)
            depths.append(0)
            starts.append(at)
            waiting[kind] += 1
        elif waiting[_CLOSES[character]]:
            wanted, inner, kind = _CLOSES[character], 0, ""
            while kind != wanted:
                kind = kinds.pop()
                inner = max(inner, depths.pop())
                start = starts.pop()
                waiting[kind] -= 1
            inner += 1
            if depths and depths[-1] < inner:
                depths[-1] = inner
            if inner > best:
                best, place = inner, (start, at)
    return best, place


class Quotation(NamedTuple):
    """A quotation that is closed and holds a letter or digit."""

    start: int
    end: int
    double: bool
    """Whether its marks are double ones."""
    levels: int
    """Itself and the quotations inside it, as far as double and single marks alternate."""


_DOUBLE = '"“”„‟«»＂「」'
_SINGLE = "'‘’‚‛‹›＇『』"
_DOUBLES = frozenset(_DOUBLE)
_LOW = frozenset("„‚")
_ANY = _DOUBLE + _SINGLE
# So many marks in a row quote nothing.
_MARK = re.compile(f"[{_ANY}](?:[{_ANY}]{{8,}})?")
# Marks around words that hold none and need no look at what is open: "so", ‘so’.
_STRAIGHT = rf"(?<![^\W_])([\"'])[A-Za-z0-9][^{_ANY}]*(?<=[A-Za-z0-9])\1(?![^\W_]|[{_ANY}])"
_CURLED = rf"“[A-Za-z0-9][^{_ANY}]*”(?![{_ANY}])"
_PAIR_OR_MARK = re.compile(f"{_STRAIGHT}|{_CURLED}|{_MARK.pattern}")
_ASCII_PAIR_OR_MARK = re.compile(
    r"(?<![A-Za-z0-9])([\"'])[A-Za-z0-9][^\"']*(?<=[A-Za-z0-9])\1(?![A-Za-z0-9\"'])|[\"'](?:[\"']{8,})?"
)
# In a text of ASCII characters all marks but apostrophes inside words.
_ASCII_MARK = re.compile(r"\"|'(?:(?<![A-Za-z0-9]')|(?![A-Za-z0-9]))")
_READS = re.compile(r"[^\W_]")
# Code in a line holds no quotations.
_CODE = re.compile(r"(?<!`)(`{1,2})(?!`)[^`\r\n]+\1(?!`)")
_POINTING = {"«": "»", "»": "«", "‹": "›", "›": "‹"}


class _Kinds(dict[int, str]):
    """What a character beside a mark is.

    ``s`` space, ``b`` what an opening mark may follow, ``w`` part of a word, ``c`` a character of a script in which no
    space shows where words end, ``p`` anything else.
    """

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character.isspace():
            kind = "s"
        elif character in "([{<>*_~`—–-/=:¿¡" or character in _DOUBLE or character in _SINGLE:
            kind = "b"
        elif character.isalnum():
            kind = "w" if code < 0x2E80 and not 0x0E00 <= code <= 0x0EFF else "c"
        else:
            kind = "p"
        self[code] = kind
        return kind


def _role(before: str, after: str) -> str:
    """Tells what a mark that may open and close does between two kinds: open, close, either, or nothing."""
    opens = after != "s" and before != "w" and (before in "sb" or after in "wc")
    closes = before != "s" and after != "w"
    return "either" if opens and closes else "open" if opens else "close" if closes else ""


_KINDS = _Kinds()
_ROLES = {before + after: _role(before, after) for before in "sbwcp" for after in "sbwcp"}
_FIXED = {"„": "open", "‟": "open", "‚": "open", "‛": "open", "「": "open", "『": "open", "」": "close", "』": "close"}


class _Reader:
    """Pairs the marks of a text, line by line."""

    def __init__(self) -> None:
        self.open: list[tuple[int, bool, str]] = []
        """Where a quotation that is not closed begins, whether with a double mark, and the mark."""
        self.inside: list[list[int]] = []
        """Levels of the deepest quotation inside each, with single and with double marks."""
        self.doubles = 0
        self.pointing = dict.fromkeys(_POINTING, 0)
        self.written = -1
        """Where a letter or digit stands before the line that is read."""
        self.found: list[Quotation] = []

    def forget(self) -> None:
        """Ends a paragraph: what is open stays open for ever."""
        self.open.clear()
        self.inside.clear()
        self.doubles = 0
        self.pointing = dict.fromkeys(_POINTING, 0)

    def read(self, line: str, offset: int, marks: re.Pattern[str] = _MARK) -> None:
        """Takes the marks of a line.

        Args:
            marks: finds them; what it finds that begins with a mark, holds a letter and ends with a mark is quoted.
        """
        kinds = ""
        written, last = -1, 0
        for match in marks.finditer(line):
            at, end = match.span()
            mark = line[at]
            if end > at + 2 and line[at + 1] not in _ANY:
                # Nothing but itself is opened and closed.
                double, last, written = mark in _DOUBLES, end, offset + end - 1
                if self.inside and not self.inside[-1][double]:
                    self.inside[-1][double] = 1
                self.found.append(Quotation(offset + at, offset + end, double, 1))
                continue
            kinds = kinds or f"s{line.translate(_KINDS)}s"
            if at > last and (kinds[at] in "wc" or (at > last + 1 and _READS.search(line, last, at))):
                written = offset + at
            last = end
            if end > at + 1:
                continue
            double = mark in _DOUBLES
            role = self._role(mark, double, kinds[at] + kinds[at + 2])
            if role == "open":
                self.open.append((offset + at, double, mark))
                self.inside.append([0, 0])
                self.doubles += double
                if mark in _POINTING:
                    self.pointing[mark] += 1
            # A single mark that nothing opened just before is an apostrophe; a double one ends what is in it.
            elif role == "close" and self.open and (self.doubles if double else not self.open[-1][1]):
                self._close(offset + at, double, written)
        if self.open and _READS.search(line, last):
            self.written = offset + len(line)

    def _role(self, mark: str, double: bool, around: str) -> str:
        """Tells what a mark does by its shape, else by what stands around it, else by what is open."""
        role = _ROLES[around]
        if mark not in "\"'":
            role = self._shaped(mark) or role
        if role == "either":
            return "close" if self.open and self.open[-1][1] == double else "open"
        return role

    def _shaped(self, mark: str) -> str:
        """Tells what a mark does by its shape; nothing where what stands around it says."""
        if mark in _POINTING:
            return "close" if self.pointing[_POINTING[mark]] else "open"
        if mark in "“‘":
            return "close" if self.open and self.open[-1][2] in _LOW else "open"
        if mark == "”" and self.doubles:
            return "close"
        return _FIXED.get(mark, "")

    def _close(self, end: int, double: bool, written: int) -> None:
        singles = doubles = 0
        start, kind = end, not double
        while kind != double:
            start, kind, mark = self.open.pop()
            inside = self.inside.pop()
            singles, doubles = max(singles, inside[0]), max(doubles, inside[1])
            if mark in _POINTING:
                self.pointing[mark] -= 1
        self.doubles -= double
        if max(written, self.written) <= start:
            return
        levels = 1 + (singles if double else doubles)
        if self.open:
            around = self.inside[-1]
            around[0] = max(around[0], singles, 0 if double else levels)
            around[1] = max(around[1], doubles, levels if double else 0)
        self.found.append(Quotation(start, end + 1, double, levels))


def quotations(document: Document) -> list[Quotation]:
    """Finds the quotations outside fenced code, inner ones before those around them.

    Marks of any script; straight ones open before a word and close after one. Apostrophes are none. No quotation goes
    beyond its paragraph.
    """
    text, reader = document.text, _Reader()
    plain = text.isascii()
    marks = _ASCII_PAIR_OR_MARK if plain else _MARK if any(map(text.__contains__, _LOW)) else _PAIR_OR_MARK
    if plain and not _ASCII_MARK.search(text):
        return []
    for start, end in document.prose_lines:
        line = text[start:end]
        # Where no quotation is open, a line without marks tells nothing.
        if plain and not reader.open and not ('"' in line or "'" in line):
            continue
        if not line or line.isspace():
            reader.forget()
            continue
        reader.read(_CODE.sub(lambda match: " " * len(match.group()), line) if "`" in line else line, start, marks)
    # What follows a mark at the very end of a cut text may make an apostrophe of it.
    if document.cut and reader.found and reader.found[-1].end == len(text):
        reader.found.pop()
    return reader.found


def outermost(found: list[Quotation]) -> list[Quotation]:
    """Gives the quotations that stand in no other, in the order of the text."""
    kept: list[Quotation] = []
    for each in sorted(found):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def wholly_quoted(document: Document) -> bool:
    """Tells whether double marks begin and end the whole text, which may have several paragraphs."""
    text = document.text.strip(MARGIN + "*_")
    return len(text) > 1 and text[0] in _DOUBLES and text[-1] in _DOUBLES
