"""Alphabetical order, as any of the usual conventions has it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from enum import Enum
from functools import reduce
from itertools import pairwise, product

__all__ = ["Order", "misplaced"]

_MOST = 500
"""Items of a list that are compared; more are not."""
_LONGEST = 100
"""Characters of an item that are compared."""


class Order(Enum):
    """What is said of items that are not out of order."""

    RIGHT = "right"
    UNKNOWN = "unknown"


_EMPHASISED = re.compile(r"[^\w\s]*(\*{1,3}|_{1,3})(?=[^\s*_])([^*_\r\n]+)\1")
_LINKED = re.compile(r"\[([^\[\]\r\n]+)\]\([^()\r\n]*\)")
_HEAD = re.compile(r"[^:：(（|—=]+?(?=\s*(?:[:：(（|—=]|\s[-–]\s|\Z))")
_ARTICLE = re.compile(
    r"(?:the|an?|el|la|los|las|un|una|le|les|une|des|der|die|das|ein|eine|il|lo|gli|uno|o|os|as|um|uma)\s+(?=\w)"
    r"|(?:l|d)['’](?=\w)"
)
_NUMBER = re.compile(r"\d+")
_SCRIPTS = (
    ("han", re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")),
    ("kana", re.compile(r"[\u3041-\u30ff]")),
    ("latin", re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")),
    ("greek", re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")),
    ("cyrillic", re.compile(r"[\u0400-\u052f]")),
    ("hangul", re.compile(r"[\u1100-\u11ff\uac00-\ud7af]")),
    ("hebrew", re.compile(r"[\u0590-\u05ff]")),
    ("arabic", re.compile(r"[\u0600-\u06ff]")),
)
_PLAIN = {ord(one): other for one, other in zip("ßæœøłđ", ("ss", "ae", "oe", "o", "l", "d"), strict=True)}
_SMALL_KANA = str.maketrans("ぁぃぅぇぉっゃゅょゎ", "あいうえおつやゆよわ")


def _head(text: str) -> str:
    """Gives what an item is sorted by: what it emphasises first, or stands before a colon, dash or bracket."""
    text = _LINKED.sub(r"\1", text[:_LONGEST])
    emphasised = _EMPHASISED.match(text)
    if emphasised:
        text = emphasised[2]
    text = re.sub(r"^[\W_]+", "", text)
    head = _HEAD.match(text)
    return (head.group() if head else text).strip(" *_`\"'“”«».,;")


def _script(text: str) -> str:
    """Names the script of the first letter, or ``digit``."""
    for character in text:
        if character.isdigit():
            return "digit"
        if character.isalpha():
            return next((name for name, letters in _SCRIPTS if letters.match(character)), "other")
    return "none"


def _folded(text: str) -> str:
    """Takes accents off; katakana is read as hiragana."""
    kana = "".join(chr(ord(one) - 0x60) if "\u30a1" <= one <= "\u30f6" else one for one in text)
    plain = unicodedata.normalize("NFD", kana.translate(_SMALL_KANA))
    return "".join(one for one in plain if not unicodedata.combining(one)).translate(_PLAIN)


def _letters_kept(text: str) -> str:
    """Sorts ñ behind n, å, ä and ö behind z, as Spanish and Swedish do."""
    kept = unicodedata.normalize("NFC", text)
    kept = (
        kept.replace("ñ", "n\uffff")
        .replace("å", "{")
        .replace("ä", "|")
        .replace("ö", "}")
        .replace("ø", "}")
        .replace("æ", "|")
    )
    return _folded(kept)


def _padded(text: str) -> str:
    return _NUMBER.sub(lambda found: found.group().zfill(20), text)


def _by_word(text: str) -> str:
    """Spaces and hyphens sort before letters: *New York* before *Newark*."""
    return " ".join(re.sub(r"[^\w\s{|}\uffff-]|_", "", text).replace("-", " ").split())


def _by_letter(text: str) -> str:
    """Only letters and digits count: *Newark* before *New York*."""
    return re.sub(r"[^\w{|}\uffff]|_", "", text)


def _unarticled(text: str) -> str:
    return _ARTICLE.sub("", text, count=1) if _ARTICLE.match(text) else text


def _same(text: str) -> str:
    return text


def _keys(heads: Sequence[str]) -> list[Callable[[str], str]]:
    """Gives the conventions in which these items may differ: how letters, spaces, articles and numbers sort."""
    joined = "\n".join(heads)
    folds = (_folded, _letters_kept) if re.search("[ñåäöøæ\u0303\u0308\u030a]", joined) else (_folded,)
    spaces = (_by_word, _by_letter) if re.search(r"[^\w\n]", joined) else (_by_letter,)
    articles = (_same, _unarticled) if any(map(_ARTICLE.match, heads)) else (_same,)
    numbers = (_same, _padded) if _NUMBER.search(joined) else (_same,)
    chains = product(articles, folds, numbers, spaces)
    return [lambda text, chain=chain: reduce(lambda done, step: step(done), chain, text) for chain in chains]  # type: ignore[misc]


def misplaced(items: Sequence[str]) -> Order | int:
    """Gives the index of the first item that comes too early in the alphabet by every convention.

    Returns:
        The index, at least 1; that all are in order; or that it cannot be told.
    """
    if len(items) < 2:
        return Order.RIGHT
    if len(items) > _MOST:
        return Order.UNKNOWN
    heads = [_head(item).casefold() for item in items]
    # Where an item begins with its own numeral or sign only, its letters say nothing.
    scripts = {_script(head) for head in heads} - {"digit"}
    if scripts & {"han", "other", "none"} or len(scripts) > 1:
        return Order.UNKNOWN
    furthest = 0
    for key in _keys(heads):
        keys = map(key, heads)
        wrong = next((at + 1 for at, (one, other) in enumerate(pairwise(keys)) if one > other), None)
        if wrong is None:
            return Order.RIGHT
        furthest = max(furthest, wrong)
    return furthest
