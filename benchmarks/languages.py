"""The likeliest language of short parts of real answers, beside what seeded langdetect says of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from random import Random

from benchwright.constraints.common_words import by_common_words
from benchwright.schemas.language import detect_language, likely_language

from .proof import Proof
from .recorded import m_ifeval

__all__ = ["prove"]

SIZES = (30, 60, 120)
"""Characters of a part."""
BEHIND = 0.01
"""How much seldomer the likeliest language may be the right one than langdetect's."""


def _parts(language: str, every: int) -> list[tuple[int, str]]:
    """Gives parts of the answers that their common words tell to be in a language."""
    rng = Random(language)
    found = []
    for answer in list(m_ifeval(language))[::every]:
        words = answer.response.lower().split()
        if by_common_words(answer.response) != language or len(words) < 11:
            continue
        for size in SIZES:
            at = rng.randrange(len(words) - 10)
            found.append((size, " ".join(words[at:])[:size]))
    return found


def _told(parts: list[tuple[int, str]], tell: Callable[[str], str | None]) -> tuple[list[str | None], float]:
    began = time.perf_counter()
    return [tell(text) for _, text in parts], time.perf_counter() - began


def prove(small: bool) -> Proof:
    """Parts of 30, 60 and 120 characters of M-IFEval's English and Spanish answers."""
    figures = {}
    for language in ("en", "es"):
        parts = _parts(language, 20 if small else 1)
        likely_language("Esto es solo un texto corto.")  # loads the profiles for both
        (theirs, slow), (ours, fast) = (_told(parts, tell) for tell in (detect_language, likely_language))
        right = {"langdetect": Counter[int](), "likeliest": Counter[int](), "open": Counter[int]()}
        for (size, _), their, our in zip(parts, theirs, ours, strict=True):
            right["langdetect"][size] += their == language
            right["likeliest"][size] += our == language
            right["open"][size] += our is None
        each = len(parts) // len(SIZES)
        shares = {name: {size: round(count[size] / each, 3) for size in SIZES} for name, count in right.items()}
        figures[language] = {"parts": len(parts), **shares, "langdetect_over_ours": round(slow / fast, 1)}
        for size in SIZES:
            told = shares["likeliest"][size] + shares["open"][size]
            assert told >= shares["langdetect"][size] - BEHIND, (language, size, shares)
    return Proof("languages", "python -m benchmarks.run languages", figures)
