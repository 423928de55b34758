"""Words between spaces, and which of them are Japanese or hold letters of another script."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..document import EVIDENCE, Document, Span

__all__ = ["is_japanese", "is_other", "places_of", "spaced_words"]

_READS = re.compile(r"[^\W_]")
_LETTER = re.compile(r"[^\W\d_]")
# Ranges of characters rather than a pattern, which takes milliseconds to compile.
_JAPANESE = (
    ("\u3005", "\u3007"),
    ("\u3041", "\u3096"),
    ("\u309d", "\u309f"),
    ("\u30a1", "\u30fa"),
    ("\u30fc", "\u30ff"),
    ("\u31f0", "\u31ff"),
    ("\u3400", "\u4dbf"),
    ("\u4e00", "\u9fff"),
    ("\uf900", "\ufaff"),
    ("\uff66", "\uff9f"),
)


def is_japanese(word: str) -> bool:
    """Tells whether a word has a Japanese character."""
    if word.isascii():
        return False
    return any(first <= letter <= last for letter in set(word) for first, last in _JAPANESE)


def is_other(word: str) -> bool:
    """Tells whether a word has letters, and none of them is Japanese."""
    return _LETTER.search(word) is not None and not is_japanese(word)


def spaced_words(document: Document) -> list[str]:
    """Gives what spaces separate, without marks that stand alone, and without the last word of a cut text."""
    text = document.text
    found = text.split()
    if any(not word[0].isalnum() and not _READS.search(word) for word in found):
        found = [word for word in found if _READS.search(word)]
    if document.cut and found and not text[-1].isspace() and text.endswith(found[-1]):
        found.pop()
    return found


def places_of(found: Sequence[str], wanted: Sequence[int], text: str) -> tuple[Span, ...]:
    """Gives where the words at some positions, in order, stand in the text; of many those that are kept as evidence."""
    wanted = wanted[:EVIDENCE]
    spans: list[Span] = []
    at = 0
    for word in found[: wanted[-1] + 1] if wanted else ():
        start = text.find(word, at)
        at = start + len(word)
        spans.append((start, at))
    return tuple(spans[position] for position in wanted)
