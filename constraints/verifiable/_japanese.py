"""What M-IFEval's Japanese ids share: relations in Japanese, scripts, where sentences end."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from random import Random
from typing import ClassVar, Literal

from ...schemas.instruction import Instruction
from ..constraint import ConstraintParams, Relation
from ..document import Document, Span
from ._fit import wants_code
from ._published import NoParams, Published

__all__ = [
    "KANJI",
    "LANGUAGE_CONFLICTS",
    "Japanese",
    "JapaneseRelation",
    "Unit",
    "asks_japanese",
    "core_end",
    "ours_relation",
    "units",
]

JapaneseRelation = Literal["以上", "未満", "at least", "less than"]
"""How M-IFEval's Japanese ids compare: as published or in English."""
KANJI = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
"""Chinese characters, without the marks that repeat or stand for one (々, 〆, 〇)."""
LANGUAGE_CONFLICTS = frozenset({"language", "ifeval_language"})
"""An answer in another language than Japanese cannot be written so."""

_JAPANESE = re.compile(f"[\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\uff66-\uff9d々{KANJI}]")
# A Western full stop ends a sentence after a Japanese character alone.
_STOP = re.compile(f"[。｡！？!?][。｡！？!?．.]*|(?<={_JAPANESE.pattern})[．.]+(?![A-Za-z0-9])")
_PAIRS = {
    "」": "「",
    "』": "『",
    "）": "（",
    ")": "(",
    "】": "【",
    "》": "《",
    "”": "“",
    "〉": "〈",
    "］": "［",
    "]": "[",
}
_ANY = re.escape("".join([*_PAIRS, *_PAIRS.values()]))
_SIMPLE = "|".join(f"{re.escape(opener)}[^{_ANY}]*{re.escape(closer)}" for closer, opener in _PAIRS.items())
_BRACKETS = re.compile(f"{_SIMPLE}|[{_ANY}]")
"""A pair with no other brackets in it, or one bracket."""
_ROUND = {"）": "（", ")": "("}
_QUOTES = "「『“"
_OPENINGS = frozenset(_QUOTES + " *_\u3000\t")
_MARKER = re.compile(
    r"[ \t\u3000]*(?:[-*+–](?=[ \t\u3000])|[•・●○■□◆◇▪◦‣]|[(（]?\d{1,3}[.．、)）](?!\d)|[①-⑳])[ \t\u3000]*"
)
_HEADING = re.compile(r"[ \t\u3000]*(?:#{1,6}(?!#)|<<|『[^『』]*』[ \t*_]*\Z|\|)")
_DRESSED = re.compile(r"[*_]{2,3}[^*_]*[*_]{2,3}|【[^【】]*】")
_SIDES = " \t\u3000"
_LAST = frozenset(":：*_】")
_WORD = re.compile(r"[^\W_]")
_BUSY = re.compile(f"[。｡！？!?．.{_ANY}]")
_DEEP = 8
"""Brackets that may stay open between two that belong together."""
_REACH = 400
"""Characters of a sentence's end that are looked at."""


Unit = tuple[int, int, bool, bool, bool, bool]
"""A sentence, or what stands on a line after the last one without an end mark: where it begins and ends, its end mark
left out; whether one follows; whether it belongs to a list item; whether it is a heading, a title, or leads on to
something by a colon; whether quotation marks enclose it all."""


def ours_relation(relation: JapaneseRelation) -> Relation:
    """Gives our name for a relation."""
    return "at_least" if relation in ("以上", "at least") else "less_than"


def asks_japanese(instruction: Instruction) -> bool:
    """Tells whether a request is to be answered in Japanese, not in code."""
    return instruction.language == "ja" and not wants_code(instruction)


class Japanese(Published):
    """An id without parameters that fits Japanese requests."""

    Params: ClassVar[type[ConstraintParams]] = NoParams

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits Japanese requests, not code."""
        return NoParams() if asks_japanese(instruction) else None


def _enclosed(text: str, start: int, end: int) -> list[Span]:
    """Gives the outermost pairs of brackets of a line; what opens and does not close is none."""
    marks: list[str] = []
    places: list[int] = []
    found: list[Span] = []
    for match in _BRACKETS.finditer(text, start, end):
        at, after = match.span()
        if after > at + 1:
            if not marks:
                found.append((at, after))
            continue
        mark = match.group()
        opener = _PAIRS.get(mark)
        if opener is None:
            marks.append(mark)
            places.append(at)
            continue
        if opener not in marks[-_DEEP:]:
            continue
        while marks.pop() != opener:
            places.pop()
        begin = places.pop()
        while found and found[-1][0] > begin:
            found.pop()
        found.append((begin, at + 1))
    return found


def _wrapping(document: Document) -> Span | None:
    """Gives the inside of quotation marks that enclose the whole response on one line."""
    text = document.text.strip()
    if text[:1] not in ("「", "『") or "\n" in text or "\r" in text:
        return None
    begin = document.text.find(text[0])
    enclosed = _enclosed(document.text, begin, begin + len(text))
    return (begin + 1, begin + len(text) - 1) if enclosed == [(begin, begin + len(text))] else None


def units(document: Document) -> Iterator[Unit]:
    """Yields the sentences and unended lines outside code, in order; what stands in brackets does not end one.

    Table rows, rules, and lines without a Japanese character are none. Linear in the text.
    """
    text, wrapped = document.text, _wrapping(document)
    lines = [wrapped] if wrapped else document.prose_lines
    at = 0
    while at < len(lines):
        start, end = lines[at]
        begins = start < end and "\u3041" <= text[start] <= "\u3096"
        if not begins:
            first = _JAPANESE.search(text, start)
            if first is None:
                return
            if first.start() >= end:
                at = max(at + 1, bisect_right(lines, (first.start(), len(text))) - 1)
                continue
            begins = first.start() == start
        at += 1
        if begins and text[end - 1] not in _LAST and not _BUSY.search(text, start, end):
            yield start, end, False, False, False, False
        else:
            yield from _line_units(text, start, end)


def _line_units(text: str, start: int, end: int) -> Iterator[Unit]:
    """Yields those of a line with marks, brackets or a list marker; marks inside brackets end nothing."""
    word = _WORD.search(text, start, end)
    prefix = text[start : word.start()] if word else "|"
    if "|" in prefix:
        return
    # Where a line begins with a letter it bears no marker.
    marked = bool(prefix) or text[start].isdigit()
    marker = _MARKER.match(text, start, end) if marked else None
    item, heading = marker is not None, marked and _HEADING.match(text[start:end]) is not None
    begin = marker.end() if marker else start
    enclosed = _enclosed(text, begin, end)
    inside = iter(enclosed)
    pair = next(inside, None)
    for stop in _STOP.finditer(text, begin, end):
        at = stop.start()
        while pair is not None and pair[1] <= at:
            pair = next(inside, None)
        if pair is not None and pair[0] < at:
            continue
        if begin < at and (text[at - 1].isalnum() or _WORD.search(text, begin, at)):
            yield begin, at, True, item, heading, bool(enclosed) and _quoted(text, begin, at, enclosed)
        begin = stop.end()
    if begin < end and _WORD.search(text, begin, end):
        label = heading or _leads_on(text[begin:end].strip(_SIDES))
        yield begin, end, False, item, label, bool(enclosed) and _quoted(text, begin, end, enclosed)


def _leads_on(line: str) -> bool:
    """Tells whether a line is a label: emphasised as a whole, in lenticular brackets, or ending with a colon."""
    if line[-1:] not in _LAST:
        return False
    return line.rstrip("*_ ").endswith((":", "：")) or _DRESSED.fullmatch(line) is not None


def _quoted(text: str, start: int, end: int, enclosed: list[Span]) -> bool:
    """Tells whether quotation marks enclose everything between two places that is read."""
    if text[start] not in _OPENINGS:
        return False
    at = bisect_left(enclosed, (start, start))
    if at == len(enclosed):
        return False
    opens, closes = enclosed[at]
    if text[opens] not in _QUOTES or (opens > start and _WORD.search(text, start, opens)):
        return False
    return closes >= end or not _WORD.search(text, closes, end)


def core_end(text: str, start: int, end: int) -> int:
    """Gives where the last letter of a sentence ends: marks, emoji, closing quotes and (notes) after it left out."""
    if text[end - 1].isalnum():
        return end
    floor = max(start, end - _REACH)
    while end > floor:
        mark = text[end - 1]
        if mark.isalnum() or mark in "々ー〜":
            return end
        opener = text.rfind(_ROUND[mark], floor, end) if mark in _ROUND else -1
        end = opener if opener > start else end - 1
    return end
