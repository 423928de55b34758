"""Telling items alike, so that none is rated twice.

Two items are alike when

- they are equal but for case, punctuation and white space; or
- they have the same words in the same order but for the endings of words (one is the other with one letter more, of
  four at least), English articles, and the name of what is rated (response, answer, reply, output).

That is the n-gram of all words at once. Shorter ones would not do: of the 5,375 pairs of questions that infobench puts
beside each other in one instruction, which all ask different things, it calls none alike; character 5-grams with a
Jaccard of 0.8, near copies elsewhere, call 42 alike that one word or number keeps apart. A requirement that is lost
weighs more than one that is asked twice. Other wordings of the same are for vectors: a cosine above 0.95 between texts
with the same numbers.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from operator import mul
from typing import NamedTuple

from ...schemas.text import normalise, words

__all__ = ["SAME_MEANING", "Known", "Vector", "alike", "cosine", "plain", "wording"]

SAME_MEANING = 0.95
"""The cosine above which two items say the same."""

Vector = Sequence[float]

_LAST = ".?!。？！؟…"
_KEPT = "#%&*-/@\\_"
_ARTICLES = frozenset({"a", "an", "the"})
_RATED = frozenset({"response", "answer", "reply", "output"})
_STEM = 4


def plain(text: str) -> str:
    """Gives an item without case, white space beyond single spaces, and the punctuation of its sentence.

    That is its last mark and what touches a word. Marks that stand apart are what is talked about (*ends with "!"*) and
    stay, as do those within numbers, and ``#%&*+-/@`` everywhere: ``C#`` is not ``C``, 3.5 is not 35.
    """
    folded = normalise(text)
    if folded and folded[-1] in _LAST:
        folded = folded[:-1]
    kept = [c for at, c in enumerate(folded) if not _loose(c) or not _touches(folded, at)]
    return normalise("".join(kept))


def _loose(character: str) -> bool:
    return unicodedata.category(character)[0] == "P" and character not in _KEPT


def _touches(text: str, at: int) -> bool:
    """Tells whether punctuation stands beside a word, and not within a number."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return (before.isalnum() or after.isalnum()) and not (before.isdigit() and after.isdigit())


def wording(text: str) -> tuple[str, ...]:
    """Gives an item's words as they are compared: folded, without articles, what is rated by one name."""
    found = words(normalise(text))
    return tuple("response" if word in _RATED else word for word in found if word not in _ARTICLES)


def _same_word(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= _STEM and len(long) == len(short) + 1 and long.startswith(short))


def _signs(text: str) -> str:
    """Gives what is no part of words and yet tells items apart: ``#``, ``+``, ``€``, marks that stand apart."""
    return "".join(c for c in plain(text) if not c.isspace() and unicodedata.category(c)[0] in "PS")


class _Form(NamedTuple):
    """An item as it is compared."""

    plain: str
    words: tuple[str, ...]
    signs: str
    numbers: list[str]


def _form(text: str) -> _Form:
    return _Form(plain(text), wording(text), _signs(text), re.findall(r"\d+", text))


def _alike(one: _Form, other: _Form) -> bool:
    if one.plain == other.plain:
        return True
    if not one.words or len(one.words) != len(other.words) or one.signs != other.signs:
        return False
    return all(map(_same_word, one.words, other.words))


def alike(one: str, other: str) -> bool:
    """Tells whether two items say the same in nearly the same words."""
    return _alike(_form(one), _form(other))


def cosine(one: Vector, other: Vector) -> float:
    """Gives the cosine between two vectors, 0 where one has no length."""
    length = math.hypot(*one) * math.hypot(*other)
    return sum(map(mul, one, other)) / length if length else 0.0


class Known:
    """The items of one instruction so far, each with the name of where it came from."""

    def __init__(self) -> None:
        self._items: list[tuple[str, _Form, str, Vector | None]] = []

    def add(self, text: str, origin: str, vector: Vector | None = None) -> None:
        """Notes an item."""
        self._items.append((text, _form(text), origin, vector))

    def same(self, text: str, vector: Vector | None = None) -> tuple[str, str] | None:
        """Gives text and origin of the first item that says the same, or null."""
        form = _form(text)
        for known, other, origin, its in self._items:
            if _alike(form, other):
                return known, origin
            if vector is not None and its is not None and form.numbers == other.numbers:
                if cosine(vector, its) > SAME_MEANING:
                    return known, origin
        return None
