"""langdetect's profiles, loaded once, and what they know of a text: the features by which its language is guessed."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import chain, compress
from operator import add
from pathlib import Path
from typing import Any

from .text import foreign

__all__ = ["loaded", "read_features", "read_words", "word_features"]

_WORD = 24
"""Longest word whose features are kept; Chinese and Japanese know no shorter ones than a whole clause."""
_FEW = 8
"""Characters that are replaced one by one."""
_LETTERS = re.compile("[^\0-@\\[-`{-\x7f]+")
_LOCK = threading.Lock()


@cache
def _factory() -> Any:
    from langdetect import detector_factory

    # load_profile would take the files as the folder lists them, which differs between machines.
    files = sorted(path for path in Path(detector_factory.PROFILES_DIRECTORY).iterdir() if path.suffix != ".py")
    factory = detector_factory.DetectorFactory()
    factory.load_json_profile([path.read_text(encoding="utf-8") for path in files if path.is_file()])
    return factory


def loaded() -> Any:
    """Gives langdetect's factory of detectors with all profiles, in the order of their names."""
    with _LOCK:
        return _factory()


class _Normal(dict[int, str]):
    """What langdetect reads each character as, asked once a character."""

    def __missing__(self, point: int) -> str:
        from langdetect.utils.ngram import NGram

        self[point] = read = str(NGram.normalize(chr(point)))
        return read


_NORMAL = _Normal()


def read_words(text: str) -> tuple[list[str], bool]:
    """Gives the words of a text as langdetect reads its characters, and whether it ends with the last of them."""
    if text.isascii():
        words = text.translate(_NORMAL).split()
    else:
        text = _normal(text)
        words = _LETTERS.findall(text)
    return words, bool(words) and text.endswith(words[-1])


def read_features(text: str) -> list[str]:
    """Gives the features of a text in their order: a space ends every feature, so they are those of its words."""
    words, ends = read_words(text)
    last = words.pop() if ends else ""
    if max(map(len, words), default=0) <= _WORD:
        found = list(map(_kept_features, words))
    else:
        found = [_kept_features(word) if len(word) <= _WORD else word_features(word) for word in words]
    features: list[str] = []
    for each in found:
        features += each
    features += _features(last)
    return features


def _normal(text: str) -> str:
    """Gives a text as langdetect reads its characters; those of ASCII that are no letters are left as they are."""
    changed = [character for character in set(foreign(text)) if _NORMAL[ord(character)] != character]
    if len(changed) > _FEW or any(_NORMAL[ord(character)] != " " for character in changed):
        return text.translate(_NORMAL)
    for character in changed:
        text = text.replace(character, " ")
    return text


def word_features(word: str) -> tuple[str, ...]:
    """Gives the features of a word before a space, in their order, each as often as it occurs."""
    return _features(word + " ")


_kept_features = lru_cache(maxsize=1 << 15)(word_features)


def _features(word: str) -> tuple[str, ...]:
    """Gives the one to three characters that end at each character of a word, as far as a profile knows them.

    The space before a word counts, and so does one behind it, though not alone. None end at a capital behind a capital.
    """
    if not word:
        return ()
    before = " " + word
    ones = [*word[:-1], "" if word[-1] == " " else word[-1]]
    twos = map(add, before, word)
    threes = ["", *map(add, before, map(add, word, word[1:]))]
    ends: Iterable[tuple[str, str, str]] = zip(ones, twos, threes, strict=True)
    if not word[1:].islower() and sum(map(str.isupper, word)) > 1:
        pairs = zip(before, word, strict=False)
        ends = compress(ends, [not (first.isupper() and second.isupper()) for first, second in pairs])
    return tuple(filter(loaded().word_lang_prob_map.__contains__, chain.from_iterable(ends)))
