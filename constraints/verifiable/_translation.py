"""Texts to translate: where one stands in the user's turn, and its lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..document import BREAK, MARGIN

__all__ = ["asks_to_translate", "stanzas", "text_to_translate"]

_ASKS = re.compile(
    r"\b(?:translat\w*|traduc\w*|tradu[iz]\w*|traduire|übersetz\w*|how (?:would|do|can|should) (?:i|you|one|we) say"
    r"|cómo se dice|comment dit-on|wie sagt man)\b|翻译|翻譯|译成|翻訳|訳し|перевед|перевест|ترجم|अनुवाद",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"\"([^\"]{2,3000})\"|“([^“”]{2,3000})”|«([^«»]{2,3000})»|「([^「」]{2,3000})」|„([^„“”]{2,3000})[“”]"
)
_FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})[^`]*")
_LEADS = (":", "：", ":**", "：**")


def asks_to_translate(text: str) -> bool:
    """Tells whether a turn asks for a translation."""
    return _ASKS.search(text) is not None


def _blocks(lines: Sequence[str]) -> list[list[str]]:
    """Gives the runs of lines that are not blank."""
    found: list[list[str]] = [[]]
    for line in lines:
        if line.strip(MARGIN):
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [block for block in found if block]


def text_to_translate(turn: str) -> str | None:
    """Gives the text that a turn wants translated; null where it cannot be told.

    It stands below the request, or above it; after a line that ends with a colon; else in the only quotation marks, or
    after the only colon. The request is the paragraph that speaks of translating.
    """
    blocks = _blocks(BREAK.split(turn))
    asking = [at for at, block in enumerate(blocks) if any(map(_ASKS.search, block))]
    if not asking:
        return None
    at = asking[0]
    block = blocks[at]
    led = next((n for n, line in enumerate(block[:-1]) if line.rstrip().endswith(_LEADS)), None)
    inside = [block[led + 1 :]] if led is not None else []
    below = inside + blocks[at + 1 :]
    if below:
        return "\n\n".join("\n".join(part) for part in below)
    if at > 0 and len(asking) == 1:
        return "\n\n".join("\n".join(part) for part in blocks[:at]) if at == len(blocks) - 1 else None
    request = "\n".join(block)
    quoted = [next(filter(None, match.groups())) for match in _QUOTED.finditer(request)]
    if quoted:
        return quoted[0] if len(quoted) == 1 else None
    head, colon, rest = request.replace("：", ":").partition(":")
    return rest if colon and rest.strip(MARGIN) and ":" not in rest and _ASKS.search(head) else None


def stanzas(text: str) -> list[int]:
    """Gives how many lines stand between blank ones; the fence around a whole text is none of its lines."""
    lines = BREAK.split(text.strip(MARGIN))
    if lines and _FENCE.fullmatch(lines[0]):
        del lines[0]
        if lines and _FENCE.fullmatch(lines[-1]):
            del lines[-1]
    return [len(block) for block in _blocks(lines)]
