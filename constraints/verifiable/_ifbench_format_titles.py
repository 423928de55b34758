"""Title case: which words of a text are written against it."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import compress

from ..document import Document, Span

__all__ = ["against_title_case", "settled_end"]

_CODE = re.compile(
    r"(?<!`)(`{1,2})(?!`)[^`\r\n]{1,999}\1(?!`)|(?<!<)</?[A-Za-z][^<>\r\n]{0,200}>|\$[^$\r\n]{1,999}\$|https?://\S+|www\.\S+"
)
_SPECIAL = re.compile(r"[`<$]|http|www")
_TOKEN = re.compile(r"[^\s—–‒…/|,;:!?()\[\]\"“”«»]+")
_ASCII_TOKEN = re.compile(r"[^\t-\r\x1c- /|,;:!?()\[\]\"]+")
# Addresses, files, formulas, commands: they have a case of their own.
_OWN = re.compile(r"\\|[=@_{}^#$%&+<>~]|[^\W_]\.[^\W_]|\d")
_MARKS = "*_~'‘’`.-‐‑<>"
# Articles, conjunctions and prepositions: minor words, which may be small.
_MINOR = frozenset(
    """a an the and but or nor for so yet as if than that vs via etc al cf
    about above across after against along amid among around at before behind below beneath beside besides between
    beyond by despite down during except from in inside into like near of off on onto out outside over past per since
    through throughout till to toward towards under underneath until unto up upon versus with within without once
    de del la el los las al y e o u en con por para un una unos unas le les du des et ou au aux von van der da di
    n o'er amidst amongst atop minus plus""".split()
)


_SPELLINGS = frozenset("pH dB iOS iQOO iSCSI mRNA tRNA rRNA cDNA gRNA eSIM eGPU eBPF eVTOL xAI".split())
"""Spelled with a small letter before capitals."""


@lru_cache(maxsize=16384)
def _kind(token: str) -> str:
    """Tells how a token is written.

    Returns:
        ``capital``, ``small``, ``minor`` (small and may be), ``capitals``, ``letter`` (a or i), or nothing to judge.
    """
    # What most words are, told apart at once.
    if token[0].isupper() and token.isalpha() and token[1:].islower():
        return "capital"
    word = token.strip(_MARKS)
    if not word or _OWN.search(word) or word[0].upper() == word[0].lower():
        return ""
    if len(word) == 1:
        # A letter alone is a name (x) or numbers an item (b.); but for "a" and "i", which are words.
        return "letter" if token in ("a", "i") else ""
    if _small(word):
        return "minor" if word.lower() in _MINOR else "small"
    return "capitals" if word.isupper() else "capital"


def _small(word: str) -> bool:
    """Tells whether a word is not written as a title's: it begins small, unless its own spelling does (iPhone, pH)."""
    if not word[0].islower():
        return False
    rest = word[1:]
    # hELLO and cAT are no spellings of their own, iPhone and mRNA are.
    return rest == rest.lower() or (rest.isupper() and word not in _SPELLINGS)


def against_title_case(document: Document) -> tuple[int, list[Span], list[Span]]:
    """Finds the words that break title case.

    Returns:
        How many words have a case to judge; the places of those that begin small though they are not minor, or come
        first; those of the words in capitals if they are most of the words, else none: acronyms are few.
    """
    text = _prose(document)
    pattern = _ASCII_TOKEN if text.isascii() else _TOKEN
    tokens = pattern.findall(text)
    kinds = list(map(_kind, tokens))
    if "letter" in kinds:
        kinds = ["small" if token == "i" else kind for token, kind in zip(tokens, kinds, strict=True)]
        if "a)" in text or "i)" in text:
            # A letter before a bracket is a name or a numeral, as in a).
            ends = [match.end() for match in pattern.finditer(text)]
            numerals = [one in ("a", "i") and text.startswith(")", end) for one, end in zip(tokens, ends, strict=True)]
            kinds = ["" if numeral else kind for numeral, kind in zip(numerals, kinds, strict=True)]
    judged = len(kinds) - kinds.count("")
    first = next((at for at, kind in enumerate(kinds) if kind), 0)
    if judged and kinds[first] in ("minor", "letter"):
        kinds[first] = "small"
    capitals = 2 * kinds.count("capitals") > judged
    if not capitals and "small" not in kinds:
        return judged, [], []
    spans = [match.span() for match in pattern.finditer(text)]
    small = list(compress(spans, map("small".__eq__, kinds)))
    return judged, small, list(compress(spans, map("capitals".__eq__, kinds))) if capitals else []


def settled_end(text: str) -> int:
    """Gives where a cut text is decided up to: what a mark opens on its last line may turn out to be code."""
    line = max(text.rfind("\n"), text.rfind("\r")) + 1
    opened = _SPECIAL.search(text, line)
    return opened.start() if opened else len(text)


def _prose(document: Document) -> str:
    """Gives the text with code, formulas and addresses blanked out, all at their own offsets."""
    text = document.text
    if "```" in text or "~~~" in text:
        parts, at = [], 0
        for start, end in document.prose_lines:
            parts += [" " * (start - at), text[start:end]]
            at = end
        text = "".join(parts)
    if _SPECIAL.search(text):
        text = _CODE.sub(lambda match: " " * len(match.group()), text)
    return text
