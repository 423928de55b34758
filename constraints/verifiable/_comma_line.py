"""A line split at its commas: not at those in quotation marks, brackets and numbers."""

from __future__ import annotations

import re

from ..document import Span

__all__ = ["parts_of"]

_HELD = re.compile(
    r'(?<!\w)"[^"\r\n]{1,1000}"(?!\w)|“[^“”\r\n]{1,1000}”|«[^«»\r\n]{1,1000}»|「[^「」\r\n]{1,1000}」'
    r"|\([^()\r\n]{1,1000}\)|（[^（）\r\n]{1,1000}）|\[[^\[\]\r\n]{1,1000}\]"
)
_THOUSANDS = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])|(?<=\d),(?=\d)")
_COMMA = re.compile(r"[,，、،﹐﹑､]")
_OPENERS = re.compile(r'["“«「(（\[]')


def parts_of(text: str, cut: bool = False) -> list[Span]:
    """Gives the [start, end) of what stands between the commas; a full stop at the end is left out.

    In a line with commas before spaces those between digits belong to numbers: ``1,000, 2,000`` are two.

    Args:
        cut: more text could close what is open, or make a number: gives the parts that are certain.
    """
    held = _HELD.sub(lambda found: "x" * len(found.group()), text)
    if cut and (open_ := _OPENERS.search(held)):
        held = held[: open_.start()]
    spaced = re.search(r",\s", held) is not None
    if spaced or cut:
        held = _THOUSANDS.sub(lambda found: "0" * len(found.group()), held)
    end = len(held) if cut else len(held.rstrip())
    if not cut and held[:end].endswith((".", "。", "．")):
        end -= 1
    marks = [match.start() for match in _COMMA.finditer(held, 0, end)]
    if cut and marks and marks[-1] == end - 1:
        marks.pop()
    edges = [-1, *marks, end]
    return [(edges[at] + 1, edges[at + 1]) for at in range(len(edges) - 1)]
