"""Title case: which words of a text are written against it."""

from __future__ import annotations

import re

from ..document import Document, Span

__all__ = ["against_title_case"]

_CODE = re.compile(
    r"(?<!`)(`{1,2})(?!`)[^`\r\n]{1,999}\1(?!`)|(?<!<)</?[A-Za-z][^<>\r\n]{0,200}>|\$[^$\r\n]{1,999}\$|https?://\S+|www\.\S+"
)
_SPECIAL = re.compile(r"[`<$]|http|www")
_TOKEN = re.compile(r"[^\s—–‒…/|,;:!?()\[\]\"“”«»]+")
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
    # hELLO is no spelling of its own, mRNA and iPhone are.
    return rest == rest.lower() or (rest.isupper() and len(rest) > 3)


def against_title_case(document: Document) -> tuple[int, list[Span], list[Span]]:
    """Finds the words that break title case.

    Returns:
        How many words have a case to judge; the places of those that begin small though they are not minor, or come
        first; those of the words in capitals if they are most of the words, else none: acronyms are few.
    """
    text, judged = document.text, 0
    against: list[Span] = []
    capitals: list[Span] = []
    kinds: dict[str, str] = {}
    for start, end in document.prose_lines:
        line = text[start:end]
        if _SPECIAL.search(line):
            line = _CODE.sub(lambda match: " " * len(match.group()), line)
        for match in _TOKEN.finditer(line):
            token = match.group()
            kind = kinds.get(token)
            if kind is None:
                kind = kinds[token] = _kind(token)
            if kind == "letter" and line[match.end() : match.end() + 1] == ")":
                continue
            judged += bool(kind)
            if (
                kind == "small"
                or (kind == "letter" and (token == "i" or judged == 1))
                or (kind == "minor" and judged == 1)
            ):
                against.append((start + match.start(), start + match.end()))
            elif kind == "capitals":
                capitals.append((start + match.start(), start + match.end()))
    return judged, against, capitals if 2 * len(capitals) > judged else []
