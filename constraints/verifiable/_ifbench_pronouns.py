"""Finding English pronouns by their forms; what only looks like one is left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..document import Document
from ._ifbench_lists import PRONOUNS
from ._ifbench_text import folded

__all__ = ["pronouns"]

# i.e., (i), the first numeral of a list, an index as in x_i.
_NO_PRONOUN = re.compile(
    r"\b([Ii])(?=\.\s?[Ee]\b)|(?<=\()([Ii])(?=\))|^[ \t#*>(]*([Ii])[.)](?=\s)|(?<=[_^{$\\])([Ii])\b", re.MULTILINE
)
_BEFORE_ONE = frozenset("War Part Chapter Type Phase Section Act Scene Volume Book Class Stage Level Article".split())
_ACRONYMS = frozenset({"IT", "US", "WHO"})
_DOUBTFUL = _ACRONYMS | {"I", "i"}


def pronouns(found: Sequence[str], document: Document) -> list[int]:
    """Gives the positions of the pronouns among the document's first words.

    Contracted ones count (``it's``), *no one* counts once.

    Args:
        found: the document's words, all or the first ones.
    """
    plain = folded(found)
    hits = [at for at, word in enumerate(plain) if word in PRONOUNS or ("'" in word and _head(word) in PRONOUNS)]
    hits += [at for at, word in enumerate(plain) if word == "one" and at and plain[at - 1] == "no"]
    numerals: set[int] = set()
    if any(_head(plain[at]) == "i" for at in hits):
        numerals = {match.start(match.lastindex or 0) for match in _NO_PRONOUN.finditer(document.text)}
    return sorted(at for at in hits if found[at] not in _DOUBTFUL or not _other(found, at, document, numerals))


def _head(word: str) -> str:
    """Gives what stands before the apostrophe."""
    return word.partition("'")[0]


def _other(found: Sequence[str], at: int, document: Document, numerals: set[int]) -> bool:
    """Tells whether a word is a numeral or an acronym: *World War I*, *IT staff*, *the US*."""
    word = found[at]
    if word in ("I", "i"):
        return (at > 0 and found[at - 1] in _BEFORE_ONE) or document.word_spans[at][0] in numerals
    if word not in _ACRONYMS:
        return False
    # Where all is in capitals they say nothing.
    before, after = found[at - 1] if at else "", found[at + 1] if at + 1 < len(found) else ""
    return not ((len(before) > 1 and before.isupper()) or (len(after) > 1 and after.isupper()))
