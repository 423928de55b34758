"""The answer's prose with what is no prose blanked out, at its own offsets: code, web and mail addresses."""

from __future__ import annotations

import re

from ..document import PROSE, Document

__all__ = ["blanked", "prose_only"]

_CODE = re.compile(r"(?<!`)(`{1,2})(?!`)[^`\r\n]{1,999}+\1(?!`)")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"'）。，]++", re.IGNORECASE)
_MAIL = re.compile(r"@[\w-]{1,64}+\.[\w.-]{2,100}+")


def blanked(found: re.Match[str]) -> str:
    """Gives as many spaces as a match has characters."""
    return " " * len(found.group())


def _something(found: re.Match[str]) -> str:
    """Keeps the place of an address: a list entry may be nothing else."""
    return "\ufffc" * len(found.group())


def prose_only(document: Document) -> str:
    """Gives the text with code as so many spaces, web and mail addresses as so many signs without a meaning."""
    pieces: list[str] = []
    text, at = document.text, 0
    for block in document.code_blocks:
        start, end = block.span
        if block.language not in PROSE:
            pieces += [text[at:start], " " * (end - start)]
            at = end
    text = "".join([*pieces, text[at:]])
    if "`" in text:
        text = _CODE.sub(blanked, text)
    if "://" in text or "www." in text.lower():
        text = _ADDRESS.sub(_something, text)
    return _MAIL.sub(_something, text) if "@" in text else text
