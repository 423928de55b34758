"""The first palindrome of a text: a word, or words of one line; case, accents, spaces and signs do not matter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from ..document import Document, Span
from ._ifbench_words_text import SIGNS_BLANK

__all__ = ["folded", "phrase_palindrome", "word_palindrome"]

LETTERS = 3
"""Letters that a palindrome of one word has at least."""
PHRASE = 7
"""Letters that a palindrome of several words has at least: shorter ones come about by chance."""
IDEOGRAPHS = 5
"""Chinese or Japanese characters of one, words of which are not told apart: 好不好 comes about by chance."""
_MIDDLES, _REACH = 400, 100
"""Middles of phrases that are tried, and letters to either side of one: texts made to have more are no prose."""
_INNER = re.compile(r"['’\-‐‑]")
_ACCENT = re.compile("[\u0300-\u036f]")
_KEPT = frozenset("\r\n" + "".join(map(chr, range(0x900, 0xE00))))
"""Beyond letters and digits: line ends, so that nothing is read across them, and signs that are vowels in India."""
_ASCII_SIGNS = {code: None for code in range(128) if not (chr(code).isalnum() or chr(code) in _KEPT)}
_DECIMAL = re.compile(r"[0-9][.,][0-9]")
# abba and abcba, not aaaa or aaaaa, on one line.
_MIDDLE = re.compile(r"(?=([^\r\n])(?:(?!\1)([^\r\n])(?:\2\1|[^\r\n]\2\1)|\1(?!\1)[^\r\n]\1\1))")
_SAME = re.compile(rb"\0")
_IS_ZERO = b"\1" + bytes(255)
_IS_END = bytes(code in b"\r\n" for code in range(256))


class _Folding(dict[int, str]):
    """Base letters, small and without accents, by character; filled as they are asked for."""

    def __missing__(self, code: int) -> str:
        return self.setdefault(code, unicodedata.normalize("NFD", chr(code).casefold())[0])


_FOLDING = _Folding((code, chr(code)) for code in range(0x3040, 0xA000))


def folded(text: str) -> str:
    """Gives a text in base letters, each character's at its offset."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)


def word_palindrome(document: Document) -> Span | None:
    """Gives the first word of three letters or more, or part of a hyphenated one, that is a palindrome."""
    text = document.text
    # Such a part stands between signs, unless digits are joined by one; many texts have none.
    if text.isascii() and not _DECIMAL.search(text):
        runs = {run for run in text.lower().translate(SIGNS_BLANK).split() if run == run[::-1] and len(run) >= LETTERS}
        if not any(map(_varied, runs)):
            return None
    return next(_words(document), None)


def _words(document: Document) -> Iterator[Span]:
    for at, word in enumerate(document.words):
        if not LETTERS <= len(word) <= 2 * _REACH:
            continue
        start = 0
        for piece in (word,) if word.isalpha() else _INNER.split(word):
            plain = folded(piece if piece.isascii() else _ACCENT.sub("", piece))
            if len(plain) >= LETTERS and plain == plain[::-1] and _varied(plain):
                begin, end = document.word_spans[at]
                if not (document.cut and end == len(document.text)):
                    yield begin + start, begin + start + len(piece)
            start += len(piece) + 1


def phrase_palindrome(document: Document) -> Span | None:
    """Gives the first palindrome that begins and ends with a word."""
    text = document.text
    small = folded(text)
    ascii_ = text.isascii()
    at: list[int] = []
    if ascii_:
        # Where the letters stand is asked rarely.
        letters = small.translate(_ASCII_SIGNS)
    else:
        at = _offsets(small)
        letters = "".join([small[offset] for offset in at])
    begins: set[int] = set()
    last = len(letters) - 1
    for left, right in _middles(letters):
        seen = set(filter(str.isalpha, letters[left : right + 1]))
        for _ in range(_REACH):
            if letters[left] in "\r\n":
                break
            if letters[left].isalpha():
                seen.add(letters[left])
            if len(seen) > 1 and _enough(letters, left, right):
                at = at or _offsets(small)
                begins = begins or {start for start, _ in document.word_spans}
                if at[left] in begins and _closed(letters, right, at, begins, document.cut):
                    return at[left], at[right] + 1
            if left == 0 or right == last or letters[left - 1] != letters[right + 1]:
                break
            left, right = left - 1, right + 1
    return None


def _offsets(small: str) -> list[int]:
    """Gives where the letters and digits of a text stand, and its line ends."""
    return [offset for offset, character in enumerate(small) if character.isalnum() or character in _KEPT]


def _closed(letters: str, right: int, at: list[int], begins: set[int], cut: bool) -> bool:
    """Tells whether a word ends with a letter; that at the end of a cut text may go on."""
    if right == len(letters) - 1:
        return not cut
    return letters[right + 1] in "\r\n" or at[right + 1] in begins


def _varied(letters: str) -> bool:
    """Tells whether there are two different letters: *III* and *aaa* are no palindromes worth the name."""
    return len({letter for letter in letters if letter.isalpha()}) > 1


def _is_ideograph(letter: str) -> bool:
    return (
        "\u3040" <= letter <= "\u30ff"
        or "\u3400" <= letter <= "\u4dbf"
        or "\u4e00" <= letter <= "\u9fff"
        or "\uf900" <= letter <= "\ufaff"
        or "\U00020000" <= letter <= "\U0002fa1f"
    )


def _enough(letters: str, left: int, right: int) -> bool:
    """Tells whether a part that reads the same backwards is long enough for a phrase."""
    length = right - left + 1
    return length >= PHRASE or (length >= IDEOGRAPHS and all(map(_is_ideograph, letters[left : right + 1])))


def _middles(letters: str) -> list[Span]:
    """Gives the first and last offset of the first runs of 4 and 5 letters, not all the same, that are palindromes."""
    starts = islice(_ascii_middles(letters) if letters.isascii() else _any_middles(letters), _MIDDLES)
    return [(at, at + 3 if letters[at : at + 4] == letters[at : at + 4][::-1] else at + 4) for at in starts]


def _any_middles(letters: str) -> Iterator[int]:
    return (match.start() for match in _MIDDLE.finditer(letters))


def _ascii_middles(letters: str) -> Iterator[int]:
    """Gives the same of ASCII characters: where two are alike, their difference is a zero."""
    data = letters.encode("ascii")
    ends = data.translate(_IS_END)
    found: set[int] = set()
    # abba where a and b are two, and abcba where not all are one; nothing is read across the end of a line.
    for length, inner in ((4, 0), (5, 1)):
        last = len(data) - length + 1
        if last <= 0:
            break
        a, b, c, d, e = (int.from_bytes(data[at : at + last], "big") for at in (0, 1, 2, length - 2, length - 1))
        crossed = int.from_bytes(ends[:last], "big") | int.from_bytes(ends[1 : last + 1], "big")
        crossed |= int.from_bytes(ends[2 : last + 2], "big") * inner
        one = ((a ^ b) | (b ^ c) * inner).to_bytes(last, "big").translate(_IS_ZERO)
        open_ = (a ^ e) | (b ^ d) | crossed | int.from_bytes(one, "big")
        found.update(match.start() for match in _SAME.finditer(open_.to_bytes(last, "big")))
    yield from sorted(found)
