"""The English stop words of nltk's list."""

from __future__ import annotations

from .package_data import read_data

__all__ = ["STOP_WORDS"]

STOP_WORDS: frozenset[str] = frozenset(read_data("stop_words.txt").split())
"""The 198 of nltk_data since 2024; the 179 before lack only words with an apostrophe, which no run of letters is."""
