"""Numbers as users write them: in digits, and in words of English, Spanish, French, Chinese and Japanese."""

from __future__ import annotations

import re

from .phrases import bounded

__all__ = ["HAN", "LATIN", "number"]

_UNITS = {
    "en": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen",
    "es": "una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis",
    "fr": "une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "fr": "vingt trente quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix",
}
_WORDS: dict[str, int] = {
    **{word: at for words in _UNITS.values() for at, word in enumerate(words.split(), 1)},
    **{word: 10 * at for words in _TENS.values() for at, word in enumerate(words.split(), 2)},
    **{"un": 1, "uno": 1, "hundred": 100, "thousand": 1000, "a hundred": 100, "a thousand": 1000},
    **{"cien": 100, "doscientas": 200, "doscientos": 200, "trescientas": 300, "trescientos": 300, "cuatrocientas": 400},
    **{"quinientas": 500, "quinientos": 500, "cent": 100, "deux cents": 200, "trois cents": 300, "cinq cents": 500},
    **{"mil": 1000, "mille": 1000},
}
for _scale, _value in (("hundred", 100), ("thousand", 1000)):
    _WORDS |= {f"{word} {_scale}": _value * at for at, word in enumerate(_UNITS["en"].split()[:9], 1)}

_DIGITS = r"\d{1,3}(?:,\d{3})+(?!\d)|\d{1,6}"
LATIN = bounded(rf"(?:{_DIGITS}|{'|'.join(sorted(_WORDS, key=len, reverse=True))})")
"""A number in digits or in English, Spanish or French words; no more may stand before it in the pattern."""
_HAN_DIGITS = {**dict(zip("一二三四五六七八九", range(1, 10), strict=True)), "两": 2, "兩": 2, "〇": 0, "零": 0}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
HAN = rf"(?:\d{{1,6}}|[{''.join(_HAN_DIGITS)}{''.join(_SCALES)}]{{1,9}})"
"""A number in digits or in Chinese characters."""


def _han(text: str) -> int | None:
    """Reads a number in Chinese characters, below a hundred million."""
    total, digit = 0, None
    least = 10**5
    for character in text:
        if character in _HAN_DIGITS:
            if digit:
                return None
            digit = _HAN_DIGITS[character]
            continue
        scale = _SCALES[character]
        # Scales fall: 一百二十 is a number, 十百 is none.
        if scale >= least or digit == 0:
            return None
        least = scale
        total += (1 if digit is None else digit) * scale
        digit = None
    return total + (digit or 0)


def number(text: str) -> int | None:
    """Reads a number; null where it is none that a count has."""
    plain = re.sub(r"\s+", " ", text.lower()).replace(",", "")
    if plain.isdecimal():
        return int(plain)
    if plain in _WORDS:
        return _WORDS[plain]
    if plain and all(character in _HAN_DIGITS or character in _SCALES for character in plain):
        return _han(plain)
    return None
