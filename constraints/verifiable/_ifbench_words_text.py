"""What the word constraints read off a response: its words without list numerals, first letters, prose sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from ...schemas.text import word_spans
from ..document import Document, Span
from ..sentences import sentence_spans
from ._ifbench_keywords import keyword_at

__all__ = [
    "SIGNS_BLANK",
    "base_letter",
    "ends_of",
    "has_cluster",
    "heading",
    "is_unspaced",
    "numerals",
    "palindromes",
    "plain",
    "prime_length",
    "prose_sentences",
    "same",
    "settled",
    "spoken",
    "spoken_one_by_one",
    "stands_at",
    "told",
    "vowel_places",
    "whole_lines",
    "words_in",
]

VOWELS = frozenset("aeiou")
PALINDROME = 5
"""Letters that a palindrome has at least."""
# y is a consonant inside a word before a vowel: *canyon*, but not *my*, *type*, *cyan*.
_CLUSTER = re.compile(r"[b-df-hj-np-tv-xz]{2}|\B[b-df-hj-np-tv-xz]y(?=[aeou])")
_NUMERAL = re.compile(r"[ \t>*_]*(?:[-*+•][ \t]+)?[*_]{0,3}(\d{1,3})[.)][*_]{0,3}[ \t]")
# What every numeral of a list has; most texts have none.
_COUNTS = re.compile(r"[0-9][.)][*_]{0,3}[ \t]")
_COUNTS_ANYWHERE = re.compile(r"\d[.)][*_]{0,3}[ \t]")
_HEADING = re.compile(r"#{1,6}[ \t]+[^\r\n]*|[*_#\s]*<<[^<>\r\n]+>>[*_\s]*|\*\*[^*\r\n]*[^*\r\n.!?…。]\*\*")
_UNSPACED = (
    ("\u0e00", "\u0eff"),
    ("\u1000", "\u109f"),
    ("\u1780", "\u17ff"),
    ("\u3040", "\u30ff"),
    ("\u3400", "\u9fff"),
    ("\uf900", "\ufaff"),
    ("\U00020000", "\U0003ffff"),
)
_FOLDED = {"ø": "o", "ł": "l", "æ": "a", "đ": "d", "œ": "o", "þ": "t", "ð": "d", "ı": "i"}
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "‐": "-", "‑": "-"})
SIGNS_BLANK = "".join(chr(code) if chr(code).isalnum() else " " for code in range(128))
"""Puts spaces for signs in a text of ASCII characters."""
_GOES_ON = re.compile(r"['-]?[a-z0-9]")
_JOINED_ON = re.compile(r"(?:.?[a-z0-9]|[a-z0-9]['-])\Z", re.DOTALL)
_FEW = 20
"""Different palindromes that are looked for one by one."""
_SHORT = 30
"""Characters of a sentence or line that is a short one."""
_REACH = 200
"""Characters at either end of a longer one among which there is a word."""
_FIRST = 8
"""Words that are read at first by those who stop early."""


def numerals(document: Document) -> frozenset[int] | set[int]:
    """Gives where the numerals stand that only mark a list item (``1.``)."""
    text = document.text
    if not (_COUNTS if text.isascii() else _COUNTS_ANYWHERE).search(text):
        return frozenset()
    return {match.start(1) for start, end in document.prose_lines if (match := _NUMERAL.match(text, start, end))}


def spoken(document: Document) -> list[Span]:
    """Gives where the words stand; a numeral that only marks a list item is none."""
    skipped = numerals(document)
    return [span for span in document.word_spans if span[0] not in skipped] if skipped else document.word_spans


def told(document: Document) -> tuple[list[str], list[Span] | None]:
    """Gives the words that no more text changes, without the numerals of a list, and where they stand.

    Null for that where they are all words of the document.
    """
    if not (document.cut or numerals(document)):
        return document.words, None
    spans = settled(document, spoken(document))
    return [document.text[start:end] for start, end in spans], spans


def spoken_one_by_one(document: Document) -> Iterator[Span]:
    """Gives where the words stand, in order; the first ones without reading the whole text."""
    if document.cut:
        yield from settled(document, spoken(document))
        return
    text = document.text
    first = word_spans(text, _FIRST)
    whole = len(first) < _FIRST
    if any(text[start].isdecimal() for start, _ in first):
        skipped = numerals(document)
        first = [span for span in first if span[0] not in skipped]
    yield from first
    if not whole:
        yield from islice(spoken(document), len(first), None)


def words_in(text: str, part: Span, skipped: frozenset[int] | set[int]) -> list[Span]:
    """Gives where the words of a sentence, line or paragraph stand.

    Args:
        skipped: where numerals begin that are no words.
    """
    start, end = part
    found = [(start + first, start + last) for first, last in word_spans(text[start:end])]
    return [span for span in found if span[0] not in skipped] if skipped else found


def ends_of(document: Document, parts: Sequence[Span]) -> Iterator[tuple[Span, Span]]:
    """Gives the places of the first and the last word of each part that has any.

    Args:
        parts: sentences, lines or paragraphs, in order.
    """
    skipped = numerals(document)
    if _SHORT * len(parts) > len(document.text):
        yield from _ends_among(spoken(document), parts)
        return
    for part in parts:
        if ends := _ends_in(document.text, part, skipped):
            yield ends


def _ends_among(spans: list[Span], parts: Sequence[Span]) -> Iterator[tuple[Span, Span]]:
    """Gives the same where there are many short parts: reads all words once."""
    at, count = 0, len(spans)
    for start, end in parts:
        while at < count and spans[at][0] < start:
            at += 1
        first = at
        while at < count and spans[at][0] < end:
            at += 1
        if at > first:
            yield spans[first], spans[at - 1]


def _ends_in(text: str, part: Span, skipped: frozenset[int] | set[int]) -> tuple[Span, Span] | None:
    start, end = part
    # No word goes beyond white space: what stands before the first and after the last space decides nearly always.
    for reach in (1, _REACH):
        stop = text.find(" ", start + reach, end)
        last = text.rfind(" ", start, max(start, end - reach)) + 1 or start
        opening, closing = word_spans(text[start : end if stop < 0 else stop], 1), word_spans(text[last:end])
        if opening and closing:
            first, final = opening[0], closing[-1]
            if start + first[0] not in skipped and last + final[0] not in skipped:
                return (start + first[0], start + first[1]), (last + final[0], last + final[1])
    found = words_in(text, part, skipped)
    return (found[0], found[-1]) if found else None


def settled(document: Document, spans: list[Span]) -> list[Span]:
    """Leaves out the word that the token limit may have cut: *well-* may become *well-known*, *1.* a numeral."""
    if document.cut and spans and not any(map(str.isspace, document.text[spans[-1][1] :])):
        return spans[:-1]
    return spans


def whole_lines(document: Document) -> Document:
    """Gives what no more text can change of a response that was cut: the lines before its last."""
    return Document(document.text[: document.text.rfind("\n") + 1]) if document.cut else document


@lru_cache(maxsize=16384)
def plain(word: str) -> str:
    """Gives what words are compared by: composed, small, with one kind of apostrophe and hyphen."""
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFC", word).lower().translate(_APOSTROPHES)


def same(a: str, b: str) -> bool:
    """Tells whether two words are the same in any case."""
    return plain(a) == plain(b)


@lru_cache(maxsize=16384)
def prime_length(word: str) -> bool | None:
    """Tells whether a word has a prime number of letters and digits; a letter and its accents are one.

    Returns:
        Null for words of scripts without spaces, which may be parts of one.
    """
    if is_unspaced(word):
        return None
    length = len(word) if word.isalnum() and word.isascii() else sum(map(str.isalnum, plain(word)))
    return length > 1 and all(length % divisor for divisor in range(2, int(length**0.5) + 1))


def vowel_places(text: str) -> dict[str, Span]:
    """Gives the vowels that the text has, each with its first place; accents do not matter."""
    if text.isascii():
        firsts = {vowel: [text.find(vowel), text.find(vowel.upper())] for vowel in VOWELS}
        least = {vowel: min((at for at in found if at >= 0), default=-1) for vowel, found in firsts.items()}
        return {vowel: (at, at + 1) for vowel, at in least.items() if at >= 0}
    places: dict[str, Span] = {}
    for character in sorted(set(text)):
        if character.isalpha() and (letter := base_letter(character)) in VOWELS:
            at = text.find(character)
            places[letter] = min(places.get(letter, (at, at + 1)), (at, at + 1))
    return places


def palindromes(document: Document) -> tuple[Span, ...]:
    """Finds the words of five letters or more that read the same backwards."""
    text = document.text
    if not text.isascii():
        return tuple(span for span in spoken(document) if _reads_backwards(plain(text[slice(*span)])))
    small = text.lower()
    # One stands between signs, which may join it to others, as in level-headed; few texts have any.
    runs = {run for run in small.translate(SIGNS_BLANK).split() if len(run) >= PALINDROME and run == run[::-1]}
    runs = set(filter(_reads_backwards, runs))
    if len(runs) > _FEW:
        return tuple(span for span in document.word_spans if small[slice(*span)] in runs)
    return tuple(sorted(span for run in runs for span in _words_like(run, small)))


def _reads_backwards(word: str) -> bool:
    return len(word) >= PALINDROME and word == word[::-1] and word.isalpha() and len(set(word)) > 1


def _words_like(run: str, small: str) -> Iterator[Span]:
    """Finds where letters are a word of a small text of ASCII characters."""
    at = small.find(run)
    while at >= 0:
        end = at + len(run)
        if not (_GOES_ON.match(small, end) or (at and _JOINED_ON.match(small, max(0, at - 2), at))):
            yield at, end
        at = small.find(run, at + 1)


@lru_cache(maxsize=4096)
def base_letter(character: str) -> str:
    """Gives the letter that a letter with an accent is written with: ``é`` is ``e``."""
    small = character.lower()[:1]
    return _FOLDED.get(small) or unicodedata.normalize("NFKD", small)[:1]


def is_unspaced(word: str) -> bool:
    """Tells whether a word is of a script that does not put spaces between words: it may be a part of one."""
    letter = word[:1]
    return letter > "\u0dff" and any(first <= letter <= last for first, last in _UNSPACED)


@lru_cache(maxsize=16384)
def has_cluster(word: str) -> bool | None:
    """Tells whether two consonant letters stand together; hyphens part them, apostrophes do not.

    Returns:
        Null where the word has letters of a script other than the Latin one.
    """
    small = (word.lower() if word.isascii() else plain(word)).replace("'", "")
    if small.isascii():
        return _CLUSTER.search(small) is not None
    small = "".join(base_letter(letter) for letter in small if not unicodedata.combining(letter))
    if _CLUSTER.search(small):
        return True
    return None if any(letter.isalpha() and not letter.isascii() for letter in small) else False


def stands_at(keyword: str, document: Document, span: Span) -> bool:
    """Tells whether a keyword, of one word or several, begins at a word and holds the whole of it."""
    place = keyword_at(keyword, document.text, span[0])
    return place is not None and place[1] >= span[1]


def heading(text: str, start: int, end: int) -> bool:
    """Tells whether a line is a heading, a title, or words in bold without an end mark."""
    if text[start : start + 1].isalnum():
        return False
    line = text[start:end].strip()
    return line[:1] in ("#", "*", "_", "<") and _HEADING.fullmatch(line) is not None


def prose_sentences(document: Document) -> list[Span]:
    """Gives the sentences without headings and titles, which would run into the sentence after them."""
    if not any(mark in document.text for mark in "#*_<"):
        return document.sentences
    lines = [line for line in document.prose_lines if not heading(document.text, *line)]
    if len(lines) == len(document.prose_lines):
        return document.sentences
    return sentence_spans(document.text, lines)
