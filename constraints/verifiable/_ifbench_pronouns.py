"""Finding English pronouns by their forms; what only looks like one is left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import compress

from ..document import Document
from ._ifbench_lists import PRONOUNS
from ._ifbench_text import folded

__all__ = ["pronouns"]

# i.e., (i), an index as in x_i; the first numeral of a list where nothing else stands before it on its line.
_NO_PRONOUN = re.compile(r"\b[Ii]\.\s?[Ee]\b|(?<=\()[Ii]\)|(?<=[_^{$\\])[Ii]\b")
_NUMBERED = tuple(
    form for letter in "Ii" for form in (f"{letter}.", f"{letter})", *(f"{mark}{letter}" for mark in "_^{$\\"))
)
"""One of these stands where the letter is no pronoun."""
_NUMERAL = re.compile(r"[Ii][.)]\s")
_BEFORE_NUMERAL = " \t#*>("
_BEFORE_ONE = frozenset("War Part Chapter Type Phase Section Act Scene Volume Book Class Stage Level Article".split())
_ACRONYMS = frozenset({"IT", "US", "WHO"})
_DOUBTFUL = _ACRONYMS | {"I", "i"}


def pronouns(found: Sequence[str], document: Document) -> list[int]:
    """Gives the positions of the pronouns among the document's first words.

    Contracted ones count (``it's``), *no one* counts once.

    Args:
        found: the document's words, all or the first ones.
    """
    plain = folded(found, document.text.isascii())
    hits = list(compress(range(len(plain)), map(PRONOUNS.__contains__, plain)))
    if any(mark in document.text for mark in "'’‘"):
        contracted = [at for at, word in enumerate(plain) if "'" in word and word not in PRONOUNS]
        hits += [at for at in contracted if _head(plain[at]) in PRONOUNS]
    if "one" in document.lower:
        hits += [at for at, word in enumerate(plain) if word == "one" and at and plain[at - 1] == "no"]
    numbered = any(form in document.text for form in _NUMBERED)
    return sorted([at for at in hits if found[at] not in _DOUBTFUL or not _other(found, at, document, numbered)])


def _head(word: str) -> str:
    """Gives what stands before the apostrophe."""
    return word.partition("'")[0]


def _is_numeral(text: str, at: int) -> bool:
    """Tells whether the letter I at an offset is a numeral, an index, or the first letter of *i.e.*."""
    if _NO_PRONOUN.match(text, at):
        return True
    if not _NUMERAL.match(text, at):
        return False
    while at and text[at - 1] in _BEFORE_NUMERAL:
        at -= 1
    return at == 0 or text[at - 1] == "\n"


def _other(found: Sequence[str], at: int, document: Document, numbered: bool) -> bool:
    """Tells whether a word is a numeral or an acronym: *World War I*, *IT staff*, *the US*.

    Args:
        numbered: whether a numeral may stand anywhere that is told by what is around it.
    """
    word = found[at]
    if word in ("I", "i"):
        if at > 0 and found[at - 1] in _BEFORE_ONE:
            return True
        return numbered and _is_numeral(document.text, document.word_spans[at][0])
    if word not in _ACRONYMS:
        return False
    # Where all is in capitals they say nothing.
    before, after = found[at - 1] if at else "", found[at + 1] if at + 1 < len(found) else ""
    return not ((len(before) > 1 and before.isupper()) or (len(after) > 1 and after.isupper()))
