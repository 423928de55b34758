"""The answer's own words: code, addresses, formulas and what it quotes blanked out, at their own offsets."""

from __future__ import annotations

import re

from ..document import Document
from ._prose import blanked, prose_only

__all__ = ["open_code", "own_words"]

_QUOTED = re.compile(
    r'(?<![\w"])"(?=[^\s"])[^"\r\n]{1,3000}"(?![\w"])'
    r"|“[^“”]{1,5000}”|«[^«»]{1,5000}»|„[^„“”]{1,5000}[“”]|「[^「」]{1,5000}」|『[^『』]{1,5000}』|《[^《》\r\n]{1,300}》"
    r"|(?<!\w)‘[^‘’\r\n]{1,2000}(?:’(?=\w)[^‘’\r\n]{0,500}){0,20}’(?!\w)"
    r"|(?<!\w)'(?=[^\s'])[^'\r\n]{1,2000}(?:(?<=\w)'(?=\w)[^'\r\n]{1,500}){0,20}(?<=\S)'(?!\w)"
)
_QUOTES = re.compile("[\"“«„「『《‘']")
"""What one of them begins with."""
_OPEN = re.compile(r'(?<![\w"])"(?=[^\s"])|[“«„「『《]|(?<!\w)‘|(?<!\w)\'(?=[^\s\'])')
_FORMULA = re.compile(
    r"\$\$[^$]{1,2000}\$\$|(?<![\w$\\])\$(?=[^\s$])[^$\r\n]{1,300}(?<=\S)\$(?![\w$])|\\\([^\r\n\\]{1,300}\\\)"
)
_BLOCK = re.compile(r"^[ \t]{0,3}>[^\r\n]*", re.MULTILINE)
_WRITTEN = re.compile(r"\w")


def own_words(document: Document) -> tuple[str, int]:
    """Gives the text with everything else replaced by spaces, and from where on more text could show it quoted.

    An answer that is nothing but one quotation is its own words. The offset is the text's length unless the response
    was cut inside an open quotation.
    """
    prose = prose_only(document)
    if "$" in prose or "\\(" in prose:
        prose = _FORMULA.sub(blanked, prose)
    kept = _QUOTED.sub(blanked, prose) if _QUOTES.search(prose) else prose
    if ">" in kept:
        kept = _BLOCK.sub(blanked, kept)
    if not _WRITTEN.search(kept):
        return prose, len(prose)
    doubtful = open_code(document, kept)
    if document.cut and (open_ := _OPEN.search(kept)):
        doubtful = min(doubtful, open_.start())
    return kept, doubtful


def open_code(document: Document, kept: str) -> int:
    """Gives where code in a line begins that a cut response has not closed; the text's length where nothing is open.

    Args:
        kept: the text, closed code blanked out.
    """
    tick = kept.find("`", kept.rfind("\n") + 1) if document.cut else -1
    return len(kept) if tick < 0 else tick
