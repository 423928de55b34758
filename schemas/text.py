"""Plain text operations that filters, splits and constraints share: normal form, words, n-grams."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

__all__ = ["grams", "jaccard", "normalise", "word_spans", "words"]

_SPACE = re.compile(r"\s+")
# Scripts without spaces whose characters each count as a word: kana and ideographs.
_CJK = (
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)


@cache
def _word() -> re.Pattern[str]:
    # Python's \w leaves out combining marks (Mn, Mc, Me), which would cut every Hindi or Bengali word into pieces.
    marks = "".join(chr(c) for c in range(0x300, 0x10000) if unicodedata.category(chr(c))[0] == "M")
    letter = rf"(?:[^\W_{_CJK}]|[{marks}])"
    return re.compile(rf"[{_CJK}][{marks}]*|{letter}+(?:(?:['’\-‐‑]|(?<=\d)[.,](?=\d)){letter}+)*")


# The same for a text of ASCII characters, which is most of them: a short class is matched several times as fast.
_ASCII_WORD = re.compile(r"[a-zA-Z0-9]+(?:(?:['\-]|(?<=[0-9])[.,](?=[0-9]))[a-zA-Z0-9]+)*")


def _pattern_for(text: str) -> re.Pattern[str]:
    return _ASCII_WORD if text.isascii() else _word()


def normalise(text: str) -> str:
    """Gives the form in which two texts count as the same: NFC, case folded, white space collapsed, stripped."""
    # Folding can take composed letters apart, hence NFC on both sides of it.
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return _SPACE.sub(" ", folded).strip()


def words(text: str) -> list[str]:
    """Gives a text's words, in order.

    A word is a run of letters, digits and combining marks; apostrophes and hyphens inside it belong to it, and so do
    dots and commas between digits: ``don't`` and ``3.14`` are one word. A Chinese or Japanese character is a word of
    its own. Thai, Lao, Khmer and Burmese, which write no spaces either, count one word a run.
    """
    return _pattern_for(text).findall(text)


def word_spans(text: str) -> list[tuple[int, int]]:
    """Gives the [start, end) offsets of a text's words, in order."""
    return [match.span() for match in _pattern_for(text).finditer(text)]


def grams(text: str, n: int = 5) -> frozenset[str]:
    """Gives the set of character n-grams of the normalised text; a shorter text is its own single gram."""
    plain = normalise(text)
    if len(plain) <= n:
        return frozenset({plain}) if plain else frozenset()
    return frozenset(plain[i : i + n] for i in range(len(plain) - n + 1))


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    """Gives the Jaccard similarity of two gram sets, 0 when both are empty."""
    union = len(a | b)
    return len(a & b) / union if union else 0.0
