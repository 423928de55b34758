"""langdetect's profiles, loaded once, and what they know of a text: the features by which its language is guessed."""

from __future__ import annotations

import re
import threading
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

__all__ = ["loaded", "read_features"]

_WORD = 24
"""Longest word whose features are kept; Chinese and Japanese know no shorter ones than a whole clause."""
_FEW = 8
"""Characters that are replaced one by one."""
_FOREIGN = re.compile("[^\0-\x7f]")
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


def read_features(text: str) -> list[str]:
    """Gives the features of a text in their order: a space ends every feature, so they are those of its words."""
    text = _normal(text)
    words = _LETTERS.findall(text)
    last = words.pop() if words and _LETTERS.match(text, len(text) - 1) else ""
    if max(map(len, words), default=0) <= _WORD:
        found = list(map(_kept_features, words))
    else:
        found = [_kept_features(word) if len(word) <= _WORD else _word_features(word) for word in words]
    return [*chain.from_iterable(found), *_features(last)]


def _normal(text: str) -> str:
    """Gives a text as langdetect reads its characters; those of ASCII that are no letters are left as they are."""
    if text.isascii():
        return text
    changed = [character for character in set(_FOREIGN.findall(text)) if _NORMAL[ord(character)] != character]
    if len(changed) > _FEW or any(_NORMAL[ord(character)] != " " for character in changed):
        return text.translate(_NORMAL)
    for character in changed:
        text = text.replace(character, " ")
    return text


def _word_features(word: str) -> tuple[str, ...]:
    return _features(word + " ")


_kept_features = lru_cache(maxsize=1 << 15)(_word_features)


def _features(word: str) -> tuple[str, ...]:
    """Gives the one to three characters that end at each character of a word, as far as a profile knows them.

    None end at a capital behind a capital.
    """
    known = _factory().word_lang_prob_map
    text = " " + word
    ends = [i for i in range(1, len(text)) if not (text[i].isupper() and text[i - 1].isupper())]
    spans = [text[i - n : i + 1] for i in ends for n in range(min(i, 2) + 1)]
    return tuple(span for span in spans if span != " " and span in known)
