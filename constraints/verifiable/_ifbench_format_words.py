"""Words on lines, indentation of lines, words after a quotation."""

from __future__ import annotations

import re

from ..document import Document, Span
from ._ifbench_format_lists import written_lines

__all__ = ["crowded_lines", "explained", "indents"]

_HAN = "\u3041-\u3096\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Marks between which words stand though no space separates them: one,two
_JOINED = re.compile(r"[^\W_][,;:!?…，；：！？。、—–][*_\"'”’)]*[^\W\d_]")
_LONG = re.compile(rf"[{_HAN}]{{5}}")
_LETTER = re.compile(r"[^\W\d_]")
_READS = re.compile(r"[^\W_]")
_SPACED = re.compile(r"\s")
_TOKEN = re.compile(r"[^\W_]+")
_JOINING = frozenset(
    "and or nor but y o e u ni et ou und oder och also too plus ed または と や 和 与 或 及 以及".split()
)
_BRIEF = 24
"""Characters: what is longer is more than a joining word."""


def crowded_lines(document: Document) -> tuple[int, list[Span]]:
    """Gives how many lines hold a word, and those that hold several."""
    text = document.text
    count = 0
    crowded: list[Span] = []
    for line in written_lines(document):
        if text[slice(*line)].isalnum() and text.isascii():
            count += 1
            continue
        first = _READS.search(text, *line)
        if first is None:
            continue
        count += 1
        # A second word stands after the white space behind the first.
        rest = _SPACED.search(text, first.end(), line[1])
        if rest and _READS.search(text, rest.start(), line[1]):
            crowded.append(line)
            continue
        words = [token for token in text[slice(*line)].split() if any(map(str.isalnum, token))]
        if _JOINED.search(words[0]) or _LONG.search(words[0]):
            crowded.append(line)
    return count, crowded


def indents(text: str, lines: list[Span]) -> list[int]:
    """Gives how far each line is indented, a tab reaching to the next multiple of four."""
    depths = []
    for start, end in lines:
        line = text[start:end]
        depths.append(len(line[: len(line) - len(line.lstrip())].expandtabs(4)))
    return depths


def explained(text: str, start: int, end: int) -> bool:
    """Tells whether words stand between two offsets that do more than join what is around them."""
    if not _LETTER.search(text, start, end):
        return False
    return end - start > _BRIEF or any(
        token.lower() not in _JOINING for token in _TOKEN.findall(text[start:end]) if not token.isdigit()
    )
