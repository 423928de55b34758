"""Splitting prose into sentences by rule, for the terminators of Western, Chinese, Japanese, Hindi and Arabic scripts.

Only a terminator ends a sentence: a heading, a greeting or a list item without one belongs to the sentence after it;
what is left at the end is one. A list numeral (``1.``), an abbreviation, an initial or a decimal ends none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["sentence_spans"]

_UNSEEN = "\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_CLOSERS = rf"\"'”’»)\]*_」』）》】{_UNSEEN}"
_PICTURES = "\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff"
_END = re.compile(
    rf"(?P<wide>[。！？｡．।॥։።။៕។]+[{_CLOSERS}]*)"
    rf"|(?P<narrow>[.!?…؟۔‽]+)(?P<closers>[{_CLOSERS}]*)(?=\s|\Z|[\u3040-\u30ff\u3400-\u9fff{_PICTURES}])"
)
_MARKER = re.compile(r"[ \t]*(?:[-*+•‣◦]|#{1,6}|>|\(?\d{1,3}[.)、．]|\(?[a-z][.)]|\(?[A-Z]\))(?:[ \t]+|(?<=[、．]))")
_BEFORE = re.compile(r"[^\s(\"'“‘«\[*_]*\Z")
_OPENERS = " \t\r\n\"'“‘«([*_¿¡「『（"
# Never the end of a sentence, then never but before a capital.
_ALWAYS = frozenset(
    "dr mr mrs ms prof sr sra srta dra dña lic ing arq gral mt rev capt lt sgt e.g i.e cf vs viz p.ej ej núm pág págs "
    "ud uds ee approx".split()
)
_TITLES = frozenset({"Gen", "Col", "Hon"})
"""Abbreviations with a capital, words without one: *col* is cabbage."""
_OFTEN = frozenset(
    "etc inc ltd co corp jr st dept no nos vol ed eds al fig figs eq eqs art a.m p.m uu ee.uu ph.d a.c d.c".split()
)
# 44 a. C., siglo: s. XIX, p. ej., p. 12
_SPACED = re.compile(r"(?:[ad]\.\s?C\b|s\.\s?[IVX]+\b|p\.\s?(?:ej\b|\d))")
# After one capital letter these begin a sentence more often than a name: Vitamin C. It helps.
_STARTER = re.compile(
    r"(?:The|This|That|These|Those|It|Its|He|She|They|We|You|In|On|At|For|But|And|Then|If|There|When|El|La|Los|Las|Es"
    r"|Un|Una|Pero|Y|En|Si|Luego)\b",
    re.IGNORECASE,
)
_QUOTES = '”』」"’'
_SAID = re.compile(r"[^\s。！？“「『，,：]{0,6}?(?:说|問|问|道|答|喊|叫|笑|想)|と")
_READS = re.compile(r"[^\W_]")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")


def _ends(text: str, start: int, end: int, match: re.Match[str]) -> bool:
    """Tells whether a Western terminator ends a sentence; ``start`` and ``end`` bound what is looked at."""
    rest = match.end()
    while rest < end and text[rest] in _OPENERS:
        rest += 1
    if rest >= end:
        return True
    follows = text[rest]
    marks = match.group("narrow")
    if marks != ".":
        # An ellipsis, or a mark inside quotes, followed by a small letter goes on: "Why?" he asked.
        goes_on = follows.islower() and (match.group("closers") or "…" in marks or marks.startswith(".."))
        return not goes_on
    before = _BEFORE.search(text, max(start, match.start() - 24), match.start())
    token = before.group() if before else ""
    plain = token.lower()
    if plain in _ALWAYS or token in _TITLES or (len(token) == 1 and _SPACED.match(text, match.start() - 1, end)):
        return False
    # Initials: J. Smith, J.K. Rowling, U.S. Navy. The pronoun I may end a sentence, and so may Plan B.
    dotted = _DOTTED.fullmatch(token)
    if token.isupper() and token != "I" and (dotted or len(token) == 1):
        return _STARTER.match(text, rest, end) is not None
    return follows.isupper() if dotted or plain in _OFTEN else True


def _ends_wide(text: str, start: int, end: int, match: re.Match[str]) -> bool:
    """Tells whether a Chinese, Hindi … terminator ends a sentence: in ``“好吗？”他问。`` the first does not."""
    return match.group()[-1] not in _QUOTES or _SAID.match(text, match.end(), end) is None


def sentence_spans(text: str, lines: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Gives the [start, end) spans of the sentences; what holds no letter or digit is none.

    Args:
        lines: the spans of the lines to read, in order.
    """
    spans: list[tuple[int, int]] = []
    at: int | None = None
    for first, last in lines:
        marker = _MARKER.match(text, first, last)
        begin = marker.end() if marker else first
        at = begin if at is None else at
        for match in _END.finditer(text, begin, last):
            ends = _ends if match.group("narrow") else _ends_wide
            if ends(text, begin, last, match):
                spans.append((at, match.end()))
                at = begin = match.end()
        if at == last:
            at = None
    if at is not None:
        spans.append((at, lines[-1][1]))
    return [_strip(text, *span) for span in spans if _READS.search(text, *span)]


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    """Narrows a span to what is not white space."""
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip())
