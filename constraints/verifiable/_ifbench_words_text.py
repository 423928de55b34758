"""What the word constraints read off a response: its words without list numerals, first letters, prose sentences."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ..document import Document, Span
from ..sentences import sentence_spans
from ._literal import starts_with

__all__ = [
    "VOWELS",
    "base_letter",
    "has_cluster",
    "heading",
    "is_prime",
    "is_unspaced",
    "letters",
    "plain",
    "prose_sentences",
    "same",
    "settled",
    "spoken",
    "stands_at",
    "whole_lines",
    "within",
]

VOWELS = frozenset("aeiou")
# y is a consonant inside a word before a vowel: *canyon*, but not *my*, *type*, *cyan*.
_CLUSTER = re.compile(r"[b-df-hj-np-tv-xz]{2}|\B[b-df-hj-np-tv-xz]y(?=[aeou])")
_NUMERAL = re.compile(r"[ \t>*_]*(?:[-*+•][ \t]+)?[*_]{0,3}(\d{1,3})[.)][*_]{0,3}[ \t]")
_HEADING = re.compile(r"#{1,6}[ \t]+[^\r\n]*|[*_#\s]*<<[^<>\r\n]+>>[*_\s]*|\*\*[^*\r\n]*[^*\r\n.!?…。]\*\*")
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_FOLDED = {"ø": "o", "ł": "l", "æ": "a", "đ": "d", "œ": "o", "þ": "t", "ð": "d", "ı": "i"}
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "‐": "-", "‑": "-"})


def spoken(document: Document) -> list[Span]:
    """Gives where the words stand; a numeral that only marks a list item (``1.``) is none."""
    numerals = {
        match.start(1) for start, end in document.prose_lines if (match := _NUMERAL.match(document.text, start, end))
    }
    return [span for span in document.word_spans if span[0] not in numerals]


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
def letters(word: str) -> str:
    """Gives a word's letters and digits, small; a letter and its accents are one."""
    return "".join(filter(str.isalnum, plain(word)))


@lru_cache(maxsize=4096)
def base_letter(character: str) -> str:
    """Gives the letter that a letter with an accent is written with: ``é`` is ``e``."""
    small = character.lower()[:1]
    return _FOLDED.get(small) or unicodedata.normalize("NFKD", small)[:1]


def is_unspaced(word: str) -> bool:
    """Tells whether a word is of a script that does not put spaces between words: it may be a part of one."""
    return _UNSPACED.match(word) is not None


@lru_cache(maxsize=16384)
def has_cluster(word: str) -> bool | None:
    """Tells whether two consonant letters stand together; hyphens part them, apostrophes do not.

    Returns:
        Null where the word has letters of a script other than the Latin one.
    """
    small = plain(word).replace("'", "")
    if not small.isascii():
        small = "".join(base_letter(letter) for letter in small if not unicodedata.combining(letter))
    if _CLUSTER.search(small):
        return True
    return None if any(letter.isalpha() and not letter.isascii() for letter in small) else False


def is_prime(number: int) -> bool:
    """Tells whether a number is prime."""
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))


def stands_at(keyword: str, document: Document, span: Span) -> bool:
    """Tells whether a keyword, of one word or several, begins at a word and holds the whole of it."""
    place = starts_with(keyword, document.text, span[0])
    return place is not None and place[1] >= span[1]


def heading(text: str, start: int, end: int) -> bool:
    """Tells whether a line is a heading, a title, or words in bold without an end mark."""
    line = text[start:end].strip()
    return line[:1] in ("#", "*", "_", "<") and _HEADING.fullmatch(line) is not None


def prose_sentences(document: Document) -> list[Span]:
    """Gives the sentences without headings and titles, which would run into the sentence after them."""
    lines = [line for line in document.prose_lines if not heading(document.text, *line)]
    if len(lines) == len(document.prose_lines):
        return document.sentences
    return sentence_spans(document.text, lines)


def within(spans: list[Span], parts: list[Span]) -> list[list[Span]]:
    """Sorts words into the parts of the text that hold them; both in order."""
    found: list[list[Span]] = [[] for _ in parts]
    at = 0
    for span in spans:
        while at < len(parts) and parts[at][1] <= span[0]:
            at += 1
        if at == len(parts):
            break
        if parts[at][0] <= span[0]:
            found[at].append(span)
    return found
