"""How many characters a reader sees: a letter with its accents, a flag, a joined emoji are one each."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

__all__ = ["seen_length"]

_INDICATOR = "\U0001f1e6-\U0001f1ff"


@cache
def _unseen() -> re.Pattern[str]:
    """Compiles what belongs to the character before it, or is not seen: marks, joiners, skin tones, variation signs."""
    marks = "".join(
        chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code)) in ("Mn", "Me", "Mc")
    )
    hidden = "\u00ad\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
    others = "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\U000e0100-\U000e01ef"
    return re.compile(rf"\u200d[^\s\u200d]?|[{marks}{hidden}{others}]+|\r(?=\n)")


_FLAG = re.compile(f"([{_INDICATOR}])[{_INDICATOR}]")


def seen_length(text: str) -> int:
    """Counts characters as they are seen; an end of line is one, a tab too."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    return len(_unseen().sub("", _FLAG.sub(r"\1", text)))
