"""ASCII punctuation, as the checks of IFBench delete it from a text or strip it off a word."""

from __future__ import annotations

import re
import string

__all__ = ["EDGES", "without_punctuation"]

EDGES = string.punctuation + " "
"""What is stripped off words: no other white space than spaces."""

_DELETE = str.maketrans("", "", string.punctuation)
_RUN = re.compile(r"[!-/:-@\[-`{-~]+")


def without_punctuation(text: str) -> str:
    """Deletes ASCII punctuation; words that it joined run together."""
    # Translating is fastest in ASCII and slowest elsewhere.
    return text.translate(_DELETE) if text.isascii() else _RUN.sub("", text)
