"""How the ``custom`` constraints of IFBench judge: lists of facts, delimited data, questions, reversed sentences."""

from __future__ import annotations

import re
from abc import abstractmethod
from calendar import monthrange
from functools import lru_cache
from random import Random
from typing import Any, ClassVar

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ...schemas.text import words
from ..constraint import Check, Witness, blank_check
from ..document import Document, Span
from ._fit import wants_code, wants_data
from ._ifbench_places import AFRICA, CAPITALS, DISPUTED, plain_name
from ._ifbench_tables import Field, begins_otherwise, body, fenced, read_rows
from ._judged import ALL_FAMILIES
from ._published import NoParams, Published

__all__ = [
    "Task",
    "african_line",
    "capitals_in_order",
    "dates_problem",
    "lines_of",
    "numbers_listed",
    "question_blocks",
    "table",
]

_WHOLE = "whole_form start end title bullets highlights placeholders words sentences paragraphs numbers language case"
_ITEM = re.compile(r"[\s>]*(?:[-*+•–—][ \t]+|\(?\d{1,3}[.)][ \t]*)?")
_MARKER = re.compile(r"^[ \t]*\(?(\d{1,2})[.)]\**[ \t]+(?=\S)", re.MULTILINE)
_DIGITS = re.compile(r"\d+")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
MOST_NUMBERS = 100
"""Numbers that are read; no list that is asked for has as many."""
YEARS = range(1793, 1816)
"""From Napoleon's first battles to his last."""


class Task(Published):
    """A published id that is a whole task: the response is what is asked for, and nothing that follows a request."""

    Params = NoParams
    categories = ("Content", "Format")
    slots: ClassVar[frozenset[str]] = frozenset(_WHOLE.split()) | {"wording", "letter", "comma"}
    conflicts: ClassVar[frozenset[str]] = ALL_FAMILIES
    examples: ClassVar[Witness]

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits requests whose answer could be data."""
        return NoParams() if wants_data(instruction) and not wants_code(instruction) else None

    @abstractmethod
    def judge(self, document: Document) -> Check:
        """Judges a response that is whole and not blank."""

    def check(self, params: Any, document: Document) -> Check:
        """Judges a response; one that was cut is unknown."""
        if document.blank:
            return blank_check(document)
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut")
        return self.judge(document)

    def witness(self, params: Any, rng: Random) -> Witness:
        """Gives two texts."""
        return self.examples


def numbers_listed(text: str, start: int, end: int) -> list[tuple[str, int, int]]:
    """Gives the numbers of a text as written; the numerals 1, 2, 3 … that mark list items are none.

    A minus sign belongs to its number unless it is a bullet; so do decimals.
    """
    markers: list[int] = []
    for match in _MARKER.finditer(text[start:end]):
        if int(match.group(1)) == len(markers) + 1:
            markers.append(start + match.start(1))
    skipped = set(markers) if len(markers) > 1 else set()
    found: list[tuple[str, int, int]] = []
    for match in _DIGITS.finditer(text, start, end):
        first, last = match.span()
        if first in skipped:
            continue
        if len(found) > MOST_NUMBERS:
            break
        negative = first > start and text[first - 1] in "-−" and not _bullet(text, start, first - 1)
        decimal = first > start + 1 and text[first - 1] == "." and text[first - 2].isdigit()
        found.append((("-" if negative else "." if decimal else "") + match.group(), first, last))
    return found


def _bullet(text: str, start: int, at: int) -> bool:
    """Tells whether a sign opens a line or joins two numbers: then it is no minus."""
    before = text[max(start, at - 1) : at]
    return not before or before in "\r\n" or before.isdigit()


@lru_cache(maxsize=4096)
def african_line(line: str) -> tuple[str, tuple[str, ...]] | None:
    """Reads a line as an African country.

    Returns:
        The country, and the names that it may be sorted by; null where it is none.
    """
    if not 3 <= len(line) <= 200:
        return None
    name = _ITEM.sub("", line, count=1)
    bare = re.sub(r"\([^()]*\)", " ", name)
    for form in (name, bare):
        plain = plain_name(form)
        for key in (plain, plain.removeprefix("the ")):
            if key in AFRICA or key in DISPUTED:
                return AFRICA.get(key, key), tuple(dict.fromkeys((plain, key, plain_name(bare))))
    return None


def capitals_in_order(text: str) -> str | None:
    """Says what is wrong with a comma-separated list of the capitals; null where nothing is."""
    if text.count(",") >= 2 * len(CAPITALS):
        return f"{text.count(',') + 1} cities, not {len(CAPITALS)}"
    listed = text.rstrip().rstrip(".。").split(",")
    if "\n" in text and any("\n" in item.strip() for item in text.split(",")):
        return "cities that no comma parts"
    for at, names in enumerate(CAPITALS):
        if at >= len(listed):
            return f"{len(listed)} cities, not {len(CAPITALS)}"
        city = plain_name(listed[at]).removeprefix("and ")
        if city not in names:
            return f"city {at + 1} is {city[:40] or 'missing'}, not {names[0]}"
    return None if len(listed) == len(CAPITALS) else f"{len(listed)} cities, not {len(CAPITALS)}"


def dates_problem(text: str) -> str | None:
    """Says what is wrong with a comma-separated list of dates of Napoleon's battles; null where nothing is."""
    items = [item.strip() for item in text.rstrip().removesuffix(".").split(",")]
    if len(items) < 2:
        return "fewer than two dates"
    for item in items:
        match = _DATE.fullmatch(item)
        if match is None:
            return f"{item[:40]!r} is no date of the form YYYY-MM-DD"
        year, month, day = map(int, match.groups())
        if year not in YEARS:
            return f"{item}: Napoleon fought from {YEARS[0]} to {YEARS[-1]}"
        if not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
            return f"{item} is no day of the calendar"
    return None


def table(document: Document, header: tuple[str, ...], count: int, delimiter: str) -> list[list[Field]] | str:
    """Reads delimited data with a header and so many rows of as many fields, alone or in the only code block.

    Returns:
        The rows with the header, or what is wrong.
    """
    start, end = fenced(document) or body(document)
    if begins_otherwise(document.text[start:end], header, delimiter):
        return "the header is another"
    rows = read_rows(document.text, start, end, delimiter)
    if isinstance(rows, str):
        return rows
    if not rows or [field.value.strip() for field in rows[0]] != list(header):
        return "the header is another"
    if len(rows) != count + 1:
        return f"{len(rows) - 1} rows below the header, not {count}"
    for at, row in enumerate(rows[1:], 1):
        if len(row) != len(header):
            return f"row {at} has {len(row)} fields, not {len(header)}"
        if not any(field.value.strip() for field in row):
            return f"row {at} is empty"
    return rows


_LABEL = re.compile(
    r"[\s>#*_-]*Question\b[\s*_]*(?:#?\s?\d{1,3}|one|two|three|four)?[ \t]*[\s*_]*[.):;,–—-]*[\s*_]*", re.IGNORECASE
)
_OPTION = re.compile(r"[\s>*_+-]*[(\[]?(?:[A-Ea-e]|[1-5]|i{1,3}|iv|v)[*_]*[.):\]][*_]*[ \t]*\S")
_PLAIN_OPTION = re.compile(r"[\s>]*[-*+•○●◯☐][ \t]+\S")
_INLINE = re.compile(r"(?:^|\s)[(\[]?([A-Ea-e])[.)\]]\s")
_EXPLAINS = re.compile(r"[\s>*_#-]*(?:explanations?|rationale|reason(?:ing)?|because|note|why)\b", re.IGNORECASE)
_KEY = re.compile(r"[\s>*_#-]*(?:(?:correct |right )?answers?(?: key)?|solution)\b.{0,200}", re.IGNORECASE)


class Question:
    """One question: how long it is asked, how many options it has, whether anything else follows."""

    def __init__(self, lines: list[str]) -> None:
        asked: list[str] = []
        self.options = 0
        self.extra: str | None = None
        for line in lines:
            if _OPTION.match(line) or (_PLAIN_OPTION.match(line) and asked):
                self.options += 1
            elif not self.options and not _EXPLAINS.match(line):
                asked.append(line.strip())
            elif _EXPLAINS.match(line) or (not _KEY.fullmatch(line) and len(words(line)) > 3):
                self.extra = self.extra or line.strip()
        text = " ".join(filter(None, asked))
        if not self.options and (inline := list(_INLINE.finditer(text))):
            letters = [match.group(1).lower() for match in inline]
            self.options = len(letters) if letters == list("abcdefghij")[: len(letters)] else 0
            text = text[: inline[0].start()]
        self.length = len(text.strip(" *_"))


def question_blocks(document: Document) -> list[Question] | None:
    """Splits a response into its questions; null where it does not begin with one."""
    text = document.text
    lines = [text[start:end] for start, end in document.prose_lines if text[start:end].strip(" \t-*_=")]
    blocks: list[list[str]] = []
    for line in lines:
        if match := _LABEL.match(line):
            blocks.append([line[match.end() :]])
        elif not blocks:
            return None
        else:
            blocks[-1].append(line)
    return [Question(block) for block in blocks]


def lines_of(document: Document) -> list[Span]:
    """Gives the lines of the answer itself that are not blank."""
    start, end = body(document)
    text = document.text
    return [(a, b) for a, b in document.lines if a >= start and b <= end and text[a:b].strip()]
