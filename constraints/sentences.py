"""Splitting prose into sentences by rule, for the terminators of Western, Chinese, Japanese, Hindi and Arabic scripts.

Only a terminator ends a sentence: a heading, a greeting or a list item without one belongs to the sentence after it;
what is left at the end is one. A list numeral (``1.``), an abbreviation, an initial or a decimal ends none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["sentence_spans"]

_CLOSERS = "\"'”’»)\\]*_」』）》】"
_END = re.compile(
    rf"(?P<wide>[。！？｡．।॥]+[{_CLOSERS}]*)"
    rf"|(?P<narrow>[.!?…؟۔‽]+)(?P<closers>[{_CLOSERS}]*)(?=\s|\Z|[\u3040-\u30ff\u3400-\u9fff])"
)
_MARKER = re.compile(r"[ \t]*(?:[-*+•‣◦]|#{1,6}|>|\(?\d{1,3}[.)、．]|\(?[a-z][.)]|\(?[A-Z]\))(?:[ \t]+|(?<=[、．]))")
_BEFORE = re.compile(r"[^\s(\"'“‘«\[*_]*\Z")
_OPENERS = " \t\r\n\"'“‘«([*_¿¡「『（"
# Never the end of a sentence, then never but before a capital.
_ALWAYS = frozenset(
    "dr mr mrs ms prof sr sra srta dra mt rev gen col capt lt sgt hon e.g i.e cf vs viz p.ej ej núm pág "
    "ud uds fig figs eq eqs approx".split()
)
_OFTEN = frozenset("etc inc ltd co corp jr st dept no nos vol ed eds al a.m p.m u.s u.k ee.uu ph.d a.c d.c".split())
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
    if plain in _ALWAYS:
        return False
    if plain in _OFTEN or _DOTTED.fullmatch(token):
        return follows.isupper()
    # An initial: J. Smith. The pronoun I may end a sentence.
    return not (len(token) == 1 and token.isupper() and token != "I")


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
            if match.group("narrow") is None or _ends(text, begin, last, match):
                spans.append((at, match.end()))
                at = begin = match.end()
        if at == last:
            at = None
    if at is not None:
        spans.append((at, lines[-1][1]))
    return [span for span in map(lambda span: _strip(text, *span), spans) if _reads(text, *span)]


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    """Narrows a span to what is not white space."""
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip())


def _reads(text: str, start: int, end: int) -> bool:
    """Tells whether there is anything to read."""
    return any(character.isalnum() for character in text[start:end])
