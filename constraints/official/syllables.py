"""The syllables of a word, as syllapy 0.7.2 counts them: by its list of words, else by groups of vowels."""

from __future__ import annotations

import re
from functools import cache
from string import punctuation

from .package_data import read_data

__all__ = ["listed_syllables", "syllable_count"]

_DIGIT = re.compile(r"\d")
_COMPOUND = re.compile(r"([^-]+)-(.+)")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?<![aeiouy])le\Z")


@cache
def listed_syllables() -> dict[str, int]:
    """Gives the list of words that comes with the published checks."""
    lines = (line.split(" ") for line in read_data("syllables.txt.xz").split("\n"))
    return {word: int(count) for count, *words in lines for word in words}


def syllable_count(word: str) -> int:
    """Gives the number of syllables of a word, white space and punctuation around it aside; 0 where it has a digit."""
    plain = word.strip().lower().strip(punctuation)
    if not plain or _DIGIT.search(plain):
        return 0
    known = listed_syllables().get(plain)
    if known is not None:
        return known
    compound = _COMPOUND.match(plain)
    if compound is None:
        return _spoken(plain)
    first, second = syllable_count(compound[1]), syllable_count(compound[2])
    return first + second if first and second else 0


def _spoken(word: str) -> int:
    """Counts groups of vowels; a last e is mute, except behind a consonant and l."""
    count = len(_VOWELS.findall(word)) - word.endswith("e")
    if len(word) > 2 and _SILENT.search(word):
        count += 1
    return count or 1
