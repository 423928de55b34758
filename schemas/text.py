"""Plain text operations that filters, splits and constraints share: normal form, words, n-grams."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["grams", "jaccard", "normalise", "words"]

_SPACE = re.compile(r"\s+")
# A word: letters, digits and combining marks, with inner apostrophes, hyphens, dots and commas between digits;
# a CJK ideograph or kana is a word of its own, as its scripts put no spaces.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
_LETTER = rf"[^\W_{_CJK}]|[\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e4e\u064b-\u065f]"
_WORD = re.compile(rf"[{_CJK}]|(?:{_LETTER})+(?:['’\-‐‑.,](?:{_LETTER})+)*")


def normalise(text: str) -> str:
    """Gives the form in which two texts count as the same: NFC, case folded, white space collapsed, stripped."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text).casefold()).strip()


def words(text: str) -> list[str]:
    """Gives a text's words; a Chinese or Japanese character counts as one, ``don't`` and ``3.14`` as one."""
    return _WORD.findall(text)


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
