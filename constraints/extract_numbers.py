"""One amount as it is said: its number, unit and relation, and whether it is asked of the whole answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .extract_reading import Reading
from .phrases import DEFINITE, DIRECTIVE, KANA, MODAL, NEGATED, PART_AFTER, PART_BEFORE, REPORT
from .phrases_amounts import TONGUES, Said, Tongue
from .phrases_counts import ALONE_BEFORE, ENGLISH, FRENCH, HAVE, LIST_ITEM, NEGATED_VERB, VERB_AFTER
from .phrases_numbers import number

__all__ = ["CHECKERS", "Amount", "bounds", "is_asked", "is_of_part", "read_amount"]

_WINDOW = 80

CHECKERS = {
    "words": "length.words",
    "sentences": "length.sentences",
    "paragraphs": "length.paragraphs",
    "bullets": "format.bullets",
    "lines": "layout.lines",
    "characters": "layout.characters",
    "placeholders": "count.placeholders",
    "parts": "format.highlights",
    "numbers": "count.numbers",
    "rows": "table.rows",
    "capitals": "case.capital_words",
}
"""Checks by what is counted."""
_UNITS = frozenset({*CHECKERS, "times"})
_AFTER = 40


class Amount(NamedTuple):
    """An amount as it is said."""

    unit: str
    """Of ``CHECKERS``, or ``times``."""
    relation: str
    """As ``phrases_amounts.Said`` has it, or ``plain``: only the number is said."""
    n: int
    high: int | None
    """The end of a range."""
    start: int
    end: int
    before: str
    after: str
    """The rest of the sentence."""
    plain: bool
    """Whether only the number is said, without a relation."""


class _Bound(NamedTuple):
    """How a count relates to its number, and where that is said."""

    relation: str
    shift: int
    start: int
    end: int
    low: int | None = None
    """The beginning of a range."""


def _ends_with(rows: tuple[Said, ...], text: str, start: int, end: int) -> tuple[Said, re.Match[str]] | None:
    return next(((row, match) for row in rows if (match := row.pattern.search(text, start, end))), None)


def _begins_with(rows: tuple[Said, ...], text: str, start: int, end: int) -> tuple[Said, re.Match[str]] | None:
    return next(((row, match) for row in rows if (match := row.pattern.match(text, start, end))), None)


def _unit(match: re.Match[str]) -> str:
    return next(name for name, value in match.groupdict().items() if value is not None and name in _UNITS)


def _is_spoken(code: str, reading: Reading, match: re.Match[str]) -> bool:
    """Tells whether a sentence is in the tongue, as far as its words could be another's."""
    first, last = reading.sentence(*match.span())
    sentence = reading.text[first:last]
    if code in ("zh", "ja"):
        return bool(KANA.search(sentence)) == (code == "ja")
    if code == "en" and match["parts"]:
        return len(FRENCH.findall(sentence)) <= len(ENGLISH.findall(sentence))
    if code == "fr":
        return len(FRENCH.findall(sentence)) >= len(ENGLISH.findall(sentence))
    return True


def _said_before(tongue: Tongue, text: str, match: re.Match[str]) -> _Bound:
    """Reads what stands before the number, and what is joined to it."""
    (start, end), low = match.span(), max(0, match.start() - _WINDOW)
    groups = match.groupdict()
    if more := groups.get("more"):
        return _Bound("at_least" if more.lower().endswith("more") else "at_most", 0, start, end)
    said = _ends_with(tongue.before, text, low, start)
    if said is None:
        return _Bound("at_least" if groups.get("plus") else "plain", 0, start, end)
    row, words = said
    start = words.start()
    if row.relation != "range":
        return _Bound(row.relation, row.shift, start, end)
    # *About* may stand before a range too.
    outer = _ends_with(tongue.before, text, low, start)
    about = outer is not None and outer[0].relation == "about"
    if outer is not None and outer[0].relation in ("in", "about"):
        start = outer[1].start()
    return _Bound("about" if about else "range", 0, start, end, number(words["low"]) or 0)


def _said_after(tongue: Tongue, text: str, bound: _Bound) -> _Bound:
    """Reads what stands after the noun: *or less*, *at least*, 左右."""
    said = _begins_with(tongue.after, text, bound.end, bound.end + _AFTER)
    if said is None:
        return bound
    row, words = said
    if bound.relation in ("plain", "in") or (row.relation == "about" and bound.relation in ("range", "exactly")):
        return bound._replace(relation=row.relation, shift=row.shift, end=words.end())
    if row.relation == bound.relation:
        # *Within 100 words or less* ends after these words.
        return bound._replace(end=words.end())
    if row.relation == "about" and tongue in (TONGUES["zh"], TONGUES["ja"]):
        return bound._replace(relation="about", end=words.end())
    return bound


def read_amount(reading: Reading, code: str, match: re.Match[str]) -> Amount | None:
    """Reads an amount around its number and noun; null where it is none, or of another tongue.

    Args:
        reading: the message.
        code: of ``TONGUES``.
        match: of the tongue's ``amount``.
    """
    tongue, n = TONGUES[code], number(match["n"])
    if n is None or not _is_spoken(code, reading, match):
        return None
    bound = _said_after(tongue, reading.text, _said_before(tongue, reading.text, match))
    high = None
    if bound.low is not None:
        n, high = bound.low, n
        if not n or high < n:
            return None
    before, after = reading.around(bound.start, bound.end)
    relation, shift = bound.relation, bound.shift
    negated = NEGATED.search(before) or (match.groupdict().get("times") and NEGATED_VERB.search(before))
    if negated and shift:
        relation, shift = {"at_least": "at_most", "at_most": "at_least"}[relation], 0
    plain = relation in ("plain", "in")
    return Amount(_unit(match), relation, n + shift, high, bound.start, bound.end, before, after, plain)


def is_asked(amount: Amount, middle: str) -> bool:
    """Tells whether an amount is asked for: *500 words is a lot* is a remark."""
    alone = bool(ALONE_BEFORE.fullmatch(amount.before)) and not VERB_AFTER.match(amount.after)
    if not alone and not DIRECTIVE.search(amount.before + middle + amount.after):
        return False
    if (amount.plain or amount.relation == "range") and DEFINITE.search(amount.before):
        return False
    wished = MODAL.search(amount.before) or HAVE.search(amount.before)
    return not REPORT.search(amount.before) or bool(wished)


def is_of_part(reading: Reading, amount: Amount) -> bool:
    """Tells whether an amount is said of a part of the answer, of one step or under a condition."""
    before, after = amount.before, amount.after
    if reading.is_of_part(amount.start, before) or PART_AFTER.match(after):
        return True
    if PART_BEFORE.search(before) and amount.unit not in ("times", "numbers", "rows", "parts"):
        return True
    if before.rstrip().endswith(("(", "（", "[", "【")):
        # In brackets a length is said of what stands before them: of all only at the end of a request.
        last = re.match(r"[^)）\]】\n]{0,40}[)）\]】][\s.。!]*(?:\n|\Z)", after) and DIRECTIVE.search(before)
        return not last or bool(LIST_ITEM.search(reading.text[max(0, amount.start - 200) : amount.start]))
    return False


def bounds(amount: Amount) -> Iterator[tuple[str, int]]:
    """Gives an amount's relations and numbers: two for a range."""
    if amount.relation == "range" and amount.high is not None:
        yield "at_least", amount.n
        yield "at_most", amount.high
    elif amount.relation in ("at_least", "at_most"):
        yield amount.relation, amount.n
    else:
        yield "exactly", amount.n
        if amount.high is not None and amount.high != amount.n:
            yield "exactly", amount.high
