"""The lines of a poem, and the syllables or morae each may have."""

from __future__ import annotations

import re
from typing import NamedTuple

from ...schemas.text import words
from ..document import Document, Span
from ._syllable_range import syllable_range

__all__ = ["Verse", "beats", "reads_as_english", "script_of", "verse_lines"]

_MARKER = re.compile(r"(?:[ \t]*(?:>|[-*+•–—](?=[ \t])|\(?[0-9]{1,2}[.)](?=[ \t])))*[\s*_`\"“”«»「『'‘’¡¿(]*")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3005\U00020000-\U0003ffff]")
_MORA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u30fc]")
_SMALL = re.compile(r"[ぁぃぅぇぉゃゅょゎァィゥェォャュョヮ]")
_LETTER = re.compile(r"[^\W\d_]")
_HAN_MOST = 6
"""Morae that one Chinese character is read as in Japanese, at most."""
_ENGLISH = frozenset(
    """the and of is with my your in on to a an that this it for from by at as are was we you i they she he his her our
    its all where when while through into over under but not no so like""".split()
)


class Verse(NamedTuple):
    """A line of a poem."""

    span: Span
    text: str
    """Without list marks, emphasis and quotation marks before it."""


def verse_lines(document: Document, most: int) -> list[Verse]:
    """Gives the lines with something to read; of an answer that is one code block, those in it.

    Args:
        most: lines that are wanted; of more, one more is given.
    """
    text = document.text
    found: list[Verse] = []
    for start, end in document.prose_lines:
        line = text[start:end]
        if line[:1].isalnum() or any(map(str.isalnum, line)):
            found.append(_verse(text, start, end))
            if len(found) > most:
                return found
    if not found and (block := next(iter(document.code_blocks), None)):
        begin, stop = block.body
        inside = [
            line for line in document.lines if begin <= line[0] < stop and any(map(str.isalnum, text[slice(*line)]))
        ]
        found = [_verse(text, *line) for line in inside[: most + 1]]
    return found


def _verse(text: str, start: int, end: int) -> Verse:
    marker = _MARKER.match(text, start, end)
    return Verse((start, end), text[marker.end() if marker else start : end])


def reads_as_english(document: Document) -> bool:
    """Tells whether a poem is English; short ones that cannot be told are taken for it."""
    language = document.language
    if language in ("en", None):
        return True
    found = [word.lower() for word in words(document.text[:4000])]
    return 4 * sum(word in _ENGLISH for word in found) >= len(found)


def beats(line: str, script: str) -> tuple[int, int] | None:
    """Gives the fewest and the most syllables or morae of a line; null where it has signs nobody can tell the sound of.

    Args:
        script: ``latin``, ``kana`` (with Chinese characters) or ``han``.
    """
    if script == "latin":
        low = high = 0
        for word in words(line):
            fewest, most = syllable_range(word)
            low, high = low + fewest, high + most
        return low, high
    han = len(_HAN.findall(line))
    if script == "han":
        return None if re.search(r"[A-Za-z0-9０-９]", line) else (han, han)
    if re.search(r"[A-Za-z0-9０-９（(]", line):
        return None
    morae = len(_MORA.findall(line)) - len(_SMALL.findall(line))
    return morae + han, morae + _HAN_MOST * han


def script_of(document: Document) -> str | None:
    """Names the script that syllables are counted by; null where they cannot be."""
    text = document.text
    if _KANA.search(text):
        return "kana"
    if _HAN.search(text):
        return "han"
    letters = len(_LETTER.findall(text[:4000]))
    latin = len(re.findall(r"[A-Za-z\u00c0-\u024f]", text[:4000]))
    return "latin" if letters and latin == letters and reads_as_english(document) else None
