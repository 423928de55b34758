"""A list of options written as one text, and which of them a response is."""

from __future__ import annotations

import re
from functools import lru_cache

from ...schemas.text import normalise
from ..document import MARGIN

__all__ = ["chosen", "options_of"]

_SLASH = re.compile(r"(?<!\d)[/／|](?!\d)")
_OTHER = re.compile(r"[,;，；、\n]\s*(?:(?:or|o|ou|或|または)\s+)?|\s(?:or|o|ou)\s|或者|还是|或|または")
# *either yes or no* names two; *either* may also be an option itself.
_EITHER = re.compile(r"^\s*either\s(?=.*\sor\s)", re.IGNORECASE)
_EDGE = MARGIN + "\"'“”‘’«»「」『』*_`.。!！…"


@lru_cache(maxsize=1024)
def options_of(text: str) -> tuple[str, ...]:
    """Splits a list of options at its slashes; where it has none, at commas and the word *or*."""
    parts = (_SLASH if _SLASH.search(text) else _OTHER).split(_EITHER.sub("", text))
    return tuple(dict.fromkeys(part for part in map(_light, parts) if part))


def _light(text: str) -> str:
    """Gives a text without what may stand around an answer: space, quotation marks, emphasis, a final stop."""
    plain = normalise(text.strip(MARGIN)).replace("’", "'")
    return plain.strip(_EDGE) or plain


def _bare(text: str) -> str:
    """Gives a text from its first to its last letter or digit."""
    at = [index for index, character in enumerate(text) if character.isalnum()]
    return text[at[0] : at[-1] + 1] if at else ""


def _exceeds(text: str, length: int) -> bool:
    """Tells at once of most long texts of ASCII characters that what they say is longer."""
    begin = text.lstrip(_EDGE)[: 4 * length].rstrip(_EDGE)
    return len(" ".join(begin.split())) > length


def chosen(options: tuple[str, ...], text: str) -> str | None:
    """Gives the option that a text is, whatever its case and the marks around it; null for any other text."""
    longest = max(map(len, options)) + 100
    if text.isascii() and _exceeds(text, longest):
        return None
    answer = _light(text)
    if answer in options:
        return answer
    if len(answer) > longest:
        return None
    bare = [_bare(option) for option in options]
    plain = _bare(answer)
    # Options that differ by their signs alone (c, c++) are told by these.
    if plain and len(set(bare)) == len(bare) and plain in bare:
        return options[bare.index(plain)]
    return None
