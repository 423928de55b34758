"""Finding numbered lists whose number of items is said."""

from __future__ import annotations

from .extract_reading import Reading
from .phrases import DIRECTIVE, anything, one_of
from .phrases_numbers import HAN, LATIN, number

__all__ = ["lists"]

_LIST = one_of(
    r"\bnumbered lists?\b|\blistas? numeradas?\b|\blistes? numérotées?\b|(?:编号|数字|有序)列表|番号付き(?:の)?リスト"
)
_COUNT = one_of(
    rf"\bnumbered list (?:of|with)\s+(?:exactly\s+|precisely\s+)?(?P<of>{LATIN})\s+[a-z]",
    rf"(?<![\w.,-])(?P<items>{LATIN})[ -](?:items?|points|entries|elementos?|ítems|puntos|éléments?)\b",
    r"\b(?:from )?1 (?:up )?to (?P<to>\d{1,3})\b|\bdel 1 al (?P<al>\d{1,3})\b|\bde 1 à (?P<a>\d{1,3})\b",
    rf"(?<![第\d])(?P<han>{HAN})(?:项|項目|条)|1(?:编)?到(?P<han2>\d{{1,3}})|1から(?P<kara>\d{{1,3}})",
)
_LOOSE = anything(
    r"(?:\b(?:at least|at most|about|around|up to|more than|less than|fewer than|al menos|como máximo|au moins|au plus"
    r"|no more than|or)|至少|最多|约|不少于|不超过|最低|最大)\s*\Z"
)
_SEVERAL = one_of(r"\b(?:each|every|lists\b|cada|chaque)|每个|各")


def lists(reading: Reading) -> None:
    """Notes a numbered list with a number of items; several numbers in a sentence leave it open."""
    for match in _LIST.finditer(reading.text):
        first, last = reading.sentence(*match.span())
        before, after = reading.text[first : match.start()], reading.text[match.end() : last]
        found = [
            one
            for one in _COUNT.finditer(reading.text, first, last)
            if not _LOOSE.search(reading.text, first, one.start())
        ]
        said = [next(value for value in one.groupdict().values() if value) for one in found]
        # *One item a line* counts no items.
        counts = {number(value) for value in said} - {1}
        if len(counts) != 1 or not DIRECTIVE.search(before + match.group() + after):
            continue
        n = counts.pop()
        if not n or n > 500:
            continue
        span = min(match.start(), *(one.start() for one in found)), max(match.end(), *(one.end() for one in found))
        part = reading.is_of_part(match.start(), before) or _SEVERAL.search(before[-60:] + match.group())
        reading.add("lists.numbered", {"n": n}, span, not part)
        return
