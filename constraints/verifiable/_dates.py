"""Dates in a text: where they stand, which format they are written in, whether the calendar has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Literal, NamedTuple, get_args

from ..document import Span

__all__ = ["FORMATS", "Date", "DateFormat", "dates", "written"]

DateFormat = Literal[
    "YYYY-MM-DD", "YYYY/MM/DD", "DD/MM/YYYY", "MM/DD/YYYY", "DD.MM.YYYY", "D Month YYYY", "Month D, YYYY"
]
FORMATS: tuple[DateFormat, ...] = get_args(DateFormat)

_MONTHS: dict[str, str] = {
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
_SHORT = {name: at for at, name in enumerate("jan feb mar apr  jun jul aug sep oct nov dec".split(" "), 1) if name}
_SHORT["sept"] = 9
_NUMBER = {name.casefold(): at for names in _MONTHS.values() for at, name in enumerate(names.split(), 1)} | _SHORT
_GERMAN = frozenset(_MONTHS["de"].casefold().split())
# Common words too: alone with a number they make no date.
_WORDS = frozenset({"may", "mar", "mars", "march", "sept", "dec", "mai"})

_S = r"[ \t\u00a0\u202f]{1,3}"
_YEAR = r"[0-9]{4}(?!\w|[-/.,][0-9])"
# Each begins with a digit or letter, so that the search is fast, and looks back from there.
_DIGITS = re.compile(
    rf"""
    [\d](?<![A-Za-z\u00c0-\u024f_\d/.,\-][\d])(?:
        \d{{0,3}}(?P<mark>[-/.])\d{{1,2}}(?P=mark)\d{{1,4}}(?!\d|[-/.]\d)
        |\d{{1,3}}[ ]?[年년][ ]?\d{{1,2}}[ ]?[月월][ ]?\d{{1,2}}[ ]?[日号號일]
        |\d?[ ]?[月월][ ]?\d{{1,2}}[ ]?[日号號일]
        |\d?(?P<th>st|nd|rd|th|er|º|\.)?{_S}(?P<of>(?:of|de){_S})?(?P<name>[^\W\d_]{{3,10}})(?![^\W\d_])
         (?!\.?{_S}[0-9]{{1,2}}(?:st|nd|rd|th)?(?!\w))(?P<dot>\.)?
         (?:(?P<joint>,?{_S}(?:(?:del?|of){_S})?)(?P<year>{_YEAR}))?
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"""
    (?P<name>[^\W\d_](?<![\w][^\W\d_])[^\W\d_]{{2,9}}+)(?P<dot>\.)?{_S}(?P<day>[0-9]{{1,2}})(?P<th>st|nd|rd|th)?(?!\w|[.:/-][0-9]|,[0-9]{{3}}|%)
    (?:(?P<joint>,?{_S}|,)(?P<year>{_YEAR}))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:\b(?:on|by|until|till|from|since|before|after|of|for|due|el|le|am|vom|bis)|[(:,;–-])\s{0,3}\Z", re.IGNORECASE
)
_AFTER = re.compile(r"[ \t]{0,3}(?:[.,;:)!?–\n-]|\Z)")


class Date(NamedTuple):
    """A date as it stands in a text."""

    span: Span
    formats: dict[str, bool]
    """The formats it is written in, each with whether the calendar has it so; none for any other."""


def _is_real(year: str, month: str | int, day: str) -> bool:
    try:
        return bool(date(int(year), int(month), int(day)))
    except ValueError:
        return False


def _numeric(match: re.Match[str]) -> Date | None:
    """Reads year, month and day in digits; null for what is no date: a version, a score."""
    text, mark = match.group(), match["mark"]
    a, b, c = re.split(r"[-/.]", text)
    formats: dict[str, bool] = {}
    if len(a) == 4 and len(c) <= 2:
        if not 1000 <= int(a) <= 2999:
            return None
        if len(text) == 10 and text.isascii():
            formats = {f"YYYY{mark}MM{mark}DD": _is_real(a, b, c)}
    elif len(a) <= 2 and len(c) == 4:
        if not 1000 <= int(c) <= 2999:
            return None
        if len(text) == 10 and text.isascii():
            formats = {f"DD{mark}MM{mark}YYYY": _is_real(c, b, a)}
            if mark == "/":
                formats["MM/DD/YYYY"] = _is_real(c, a, b)
    elif not (mark == "/" and len(a) <= 2 and len(c) == 2):
        return None
    elif not (1 <= min(int(a), int(b)) <= 12 and 1 <= max(int(a), int(b)) <= 31):
        return None
    return Date(match.span(), formats)


def _is_said(text: str, match: re.Match[str], day_first: bool) -> bool:
    """Tells a day and month without a year from what only looks like them: *may 5 people*, *mars 3 times*."""
    if match["th"] and match["th"] != ".":
        return True
    if match["name"] in _WORDS:
        return False
    if day_first or _AFTER.match(text, match.end()):
        return True
    return _BEFORE.search(text, max(0, match.start() - 12), match.start()) is not None


def _day_first(text: str, match: re.Match[str]) -> Date | None:
    """Reads ``5 March 2024``, ``5 de marzo de 2024``, ``5. März 2024`` and their other forms."""
    name, year = match["name"].casefold(), match["year"]
    at = match.start()
    day = text[at : at + 2] if text[at + 1].isdecimal() else text[at]
    if name not in _NUMBER or not 1 <= int(day) <= 31:
        return None
    if not year and not match["of"] and not _is_said(text, match, True):
        return None
    joint, of = (match["joint"] or "").strip().lower(), (match["of"] or "").strip().lower()
    plain = (not of and not joint) or (of == "de" and joint in ("de", "del"))
    ordinal = match["th"] and not (match["th"] == "." and name in _GERMAN)
    whole = name not in _SHORT and not match["dot"] and not day.startswith("0") and day.isascii()
    if not (year and plain and whole and not ordinal):
        return Date(match.span(), {})
    return Date(match.span(), {"D Month YYYY": _is_real(year, _NUMBER[name], day)})


def _month_first(text: str, match: re.Match[str]) -> Date | None:
    """Reads ``March 5, 2024`` and its other forms."""
    name, day, year = match["name"].casefold(), match["day"], match["year"]
    if name not in _NUMBER or not 1 <= int(day) <= 31 or not (year or _is_said(text, match, False)):
        return None
    good = (match["joint"] or "").startswith(",") and len(match["joint"]) == 2 and not match["th"]
    if not (year and good and name not in _SHORT and not match["dot"] and not day.startswith("0")):
        return Date(match.span(), {})
    return Date(match.span(), {"Month D, YYYY": _is_real(year, _NUMBER[name], day)})


def dates(text: str) -> Iterator[Date]:
    """Finds the dates: year, month and day in digits or with a month's name, and day and month without a year."""
    for match in _DIGITS.finditer(text):
        if match["mark"]:
            found = _numeric(match)
        else:
            found = _day_first(text, match) if match["name"] else Date(match.span(), {})
        if found is not None:
            yield found
    for match in _MONTH_FIRST.finditer(text):
        if (found := _month_first(text, match)) is not None:
            yield found


def written(format: DateFormat, year: int, month: int, day: int, language: str = "en") -> str:
    """Writes a date in a format, months in a language, English where their names are not known."""
    if format == "D Month YYYY":
        name = _MONTHS.get(language, _MONTHS["en"]).split()[month - 1]
        return f"{day} de {name} de {year}" if language == "es" else f"{day} {name} {year}"
    if format == "Month D, YYYY":
        return f"{_MONTHS['en'].split()[month - 1]} {day}, {year}"
    return format.replace("YYYY", f"{year:04}").replace("MM", f"{month:02}").replace("DD", f"{day:02}")
