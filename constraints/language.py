"""The language a text is in: told by its script or its common words, else what its letters make likeliest."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from ..schemas.language import likely_language
from .common_words import by_common_words, by_script

__all__ = ["ENOUGH", "language_of", "letters_in", "told_language"]

ENOUGH = 20
"""Letters from which a text has a language; a quarter of them in a script that few languages share."""
_LOOKED = 400
"""Characters that mostly hold these."""
# Latin, Cyrillic, Arabic and Devanagari letters are those of many languages.
_SHARED = re.compile(r"[A-Za-z\u00c0-\u024f\u0400-\u052f\u0600-\u06ff\u0900-\u097f]")
_LINK = re.compile(r"https?://\S+")
_HAN, _KANA, _HANGUL = (
    re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]"),
    re.compile(r"[\u3040-\u30ff]"),
    re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]"),
)
_EAST = re.compile("|".join(script.pattern for script in (_HAN, _KANA, _HANGUL)).replace("]|[", ""))


def letters_in(counts: Counter[str]) -> int:
    """Counts letters and combining marks among counted characters."""
    return sum(count for one, count in counts.items() if unicodedata.category(one)[0] in "LM")


def _enough(text: str) -> bool:
    """Tells whether a text without Han, kana and Hangul has letters enough to have a language."""
    if sum(map(str.isalpha, text[:_LOOKED])) >= ENOUGH:
        return True
    letters = letters_in(Counter(text))
    return letters >= (ENOUGH if 2 * len(_SHARED.findall(text)) > letters else ENOUGH // 4)


def told_language(text: str) -> str | None:
    """Tells a text's language by its script or its common words; null where these leave a doubt."""
    if text.isascii() or not _EAST.search(text):
        return by_script(text) or by_common_words(text)
    counts = Counter(text)
    letters, distinct = letters_in(counts), "".join(counts)
    han, kana, hangul = (sum(map(counts.__getitem__, script.findall(distinct))) for script in (_HAN, _KANA, _HANGUL))
    if 2 * (han + kana + hangul) <= letters or letters < ENOUGH // 4:
        return None
    if hangul > han + kana:
        return "ko"
    return "ja" if 10 * kana > han + kana else "zh"


def language_of(prose: str) -> str | None:
    """Gives the ISO 639-1 code of a text's language, links left out; null where it cannot be told.

    Where script and common words leave a doubt the likeliest language is taken, in lower case: capitals read as German.
    """
    text = _LINK.sub(" ", prose) if "://" in prose else prose
    return told_language(text) or (likely_language(text.lower()) if _enough(text) else None)
