"""Text made safe to show: what steers a screen becomes visible, what joins letters stays.

Nothing here makes markup. A page puts what it gets from here into text nodes alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["Block", "Parts", "blocks", "highlighted", "shown", "span_in"]

_JOINERS = "\u200c\u200d"
"""Between letters they are spelling (Persian, Hindi), between signs they make one emoji of several."""
_BREAKS = "\u2028\u2029"
_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters and marks that draw nothing (of Unicode's Default_Ignorable_Code_Point, and the empty pattern of Braille)."""
_VARIANTS = "\U000e0100", "\U000e01ef"
"""First and last of the selectors of a variant (Unicode 23.4): after an ideograph they are spelling."""


class Block(NamedTuple):
    """A paragraph of the guidelines."""

    kind: str
    """``head``, ``point`` or ``text``."""
    text: str


class Parts(NamedTuple):
    """A text in three, the middle one marked."""

    before: str
    marked: str
    after: str


def shown(text: str) -> str:
    r"""Gives a text whose control, direction, blank and half characters are written out, as in ``⟨U+202E⟩``.

    Line ends become ``\n``, tabs stay. Joiners stay where they join two letters or signs.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    return "".join(_visible(text, at, char) for at, char in enumerate(text))


def _visible(text: str, at: int, char: str) -> str:
    if char in "\n\t" or (char.isprintable() and not _blank(text, at, char)):
        return char
    if char in _JOINERS and 0 < at < len(text) - 1 and _joins(text[at - 1]) and _joins(text[at + 1]):
        return char
    if char in _BREAKS:
        return f"⟨U+{ord(char):04X}⟩\n"
    written = char.isprintable() or unicodedata.category(char) in {"Cc", "Cf", "Cs"}
    return f"⟨U+{ord(char):04X}⟩" if written else char


def _blank(text: str, at: int, char: str) -> bool:
    if _VARIANTS[0] <= char <= _VARIANTS[1]:
        return at == 0 or unicodedata.category(text[at - 1]) != "Lo"
    return char in _BLANKS


def _joins(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMS"


def highlighted(text: str, start: int, end: int) -> Parts:
    """Cuts a text at a span and makes each part safe to show.

    Args:
        start: of the span, in characters; a span that does not lie in the text marks nothing.
        end: where it ends, exclusive.
    """
    if not 0 <= start < end <= len(text):
        return Parts(shown(text), "", "")
    return Parts(shown(text[:start]), shown(text[start:end]), shown(text[end:]))


def span_in(span: Mapping[str, Any] | None, message: int) -> tuple[int, int] | None:
    """Gives a constraint's span as (start, end) where it lies in the given message, else null."""
    if span is None or span.get("message") != message:
        return None
    start, end = span.get("start"), span.get("end")
    return (start, end) if isinstance(start, int) and isinstance(end, int) else None


def blocks(markdown: str) -> list[Block]:
    """Reads guidelines as plain paragraphs: headings, points of lists, and text; other Markdown stays as typed."""
    found: list[Block] = []
    fresh = True
    for line in shown(markdown).splitlines():
        bare = line.strip()
        kind, text = _block(bare)
        if bare and kind == "text" and not fresh and found and found[-1].kind != "head":
            found[-1] = found[-1]._replace(text=f"{found[-1].text} {text}")
        elif bare:
            found.append(Block(kind, text))
        fresh = not bare
    return found


def _block(line: str) -> tuple[str, str]:
    plain = line.replace("**", "").replace("`", "")
    if line.startswith("#"):
        return "head", plain.lstrip("#").strip()
    if line.startswith(("- ", "* ")):
        return "point", plain[2:].strip()
    return "text", plain
