"""Sentences as nltk 3.9 splits them: the Punkt algorithm with its trained English parameters.

Kiss and Strunk, Unsupervised Multilingual Sentence Boundary Detection, Computational Linguistics 32 (2006). A full
stop, question or exclamation mark may end a sentence where a space and a word follow, or further punctuation. Whether a
full stop does is judged by the word before it and the word behind: abbreviations, initials, numbers and pairs that
stand together (``collocations``) were learnt from newspapers, and so was in which case a word was seen where.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from .package_data import read_data

__all__ = ["each_sentence", "split_sentences"]

# How a word was seen: a bit each for upper and lower case at the begin of a sentence, inside one, and unknown where.
_BEGIN_UPPER, _INSIDE_UPPER, _SOMEWHERE_UPPER, _BEGIN_LOWER, _INSIDE_LOWER, _SOMEWHERE_LOWER = (
    1 << n for n in range(1, 7)
)
_UPPER = _BEGIN_UPPER | _INSIDE_UPPER | _SOMEWHERE_UPPER
_LOWER = _BEGIN_LOWER | _INSIDE_LOWER | _SOMEWHERE_LOWER

_CLOSES = r"""[)";}\]*:@'({\[!?]"""
"""What cannot be inside a word."""
_RUN = r"(?:-{2,}|\.{2,}|(?:\.\s){2,}\.)"
_CANDIDATE = re.compile(rf"[.?!](?=({_CLOSES})|\s+(\S+))")
_TOKEN = re.compile(
    rf"{_RUN}|(?=[^(\"`{{\[:;&\#*@)}}\]\-,])\S+?(?=\s|$|{_CLOSES}|{_RUN}|,(?=$|\s|{_CLOSES}|{_RUN}))|\S"
)
_TRAILING = re.compile(r"""["')\]}]+?(?:\s+|(?=--)|$)""", re.MULTILINE)
"""Quotes and brackets that belong to the sentence before them."""
_DOTS = re.compile(r"\.\.+$")
_NUMBER = re.compile(r"^-?[.,]?\d[\d,.-]*\.?$")
_INITIAL = re.compile(r"[^\W\d]\.$")
_NUMBER_TYPE = "##number##"
_SPACES = "\t\n\r\x0b\x0c"
"""ASCII's, without the blank: the only ones at which a word before a mark is taken to begin."""


@dataclass(frozen=True)
class _Trained:
    """What was learnt from English text."""

    abbreviations: frozenset[str]
    collocations: frozenset[tuple[str, str]]
    starters: frozenset[str]
    contexts: dict[str, int]
    unsure: frozenset[str]
    """Words whose full stop needs a second look: abbreviations, and words that a collocation begins with."""


@cache
def _trained() -> _Trained:
    data = json.loads(read_data("punkt.json.xz"))
    abbreviations = frozenset(data["abbreviations"])
    collocations = frozenset((first, second) for first, second in data["collocations"])
    contexts = {word: int(bits) for bits, words in data["contexts"].items() for word in words}
    unsure = abbreviations | {first for first, _ in collocations}
    return _Trained(abbreviations, collocations, frozenset(data["starters"]), contexts, unsure)


def split_sentences(text: str) -> list[str]:
    """Gives the sentences of a text, each without the space around it: nltk's ``sent_tokenize``.

    White space before the first sentence stays with it.
    """
    return list(each_sentence(text))


def each_sentence(text: str) -> Iterator[str]:
    """Gives the sentences of a text one after the other; the first are found without reading the rest of the text."""
    parts = _parts(text)
    start, end = next(parts)
    for next_start, next_end in parts:
        trailing = _TRAILING.match(text, next_start, next_end)
        if trailing:
            yield text[start : next_start + len(trailing[0].rstrip())]
            next_start = trailing.end()
        elif start < end:
            yield text[start:end]
        start, end = next_start, next_end
    if start < end:
        yield text[start:end]


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Gives start and end of each sentence, before trailing quotes and brackets are moved; the last may be empty."""
    start = 0
    for mark, word_start in _candidates(text):
        if _is_end(text, mark, word_start):
            yield start, mark.end()
            start = mark.end() if mark[2] is None else mark.start(2)
    yield start, len(text.rstrip())


def _candidates(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Gives the marks that may end a sentence, each with the start of its word; of marks in one word only the last."""
    held: re.Match[str] | None = None
    held_start = held_end = 0
    for mark in _CANDIDATE.finditer(text):
        end = mark.start()
        space = text.rfind(" ", held_end, end)
        for character in _SPACES:
            space = max(space, text.rfind(character, max(space, held_end), end))
        start = space + 1 if space > held_end else held_start
        if held is not None and held_end <= start:
            yield held, held_start
        held, held_start, held_end = mark, start, end
    if held is not None:
        yield held, held_start


def _is_end(text: str, mark: re.Match[str], word_start: int) -> bool:
    if mark[0] != ".":
        return True  # A question or exclamation mark is a token of its own, and something follows it.
    word = text[word_start : mark.start()]
    if len(word) > 1 and word.isalpha() and word.lower() not in _trained().unsure:
        return True
    context = f"{word}.{text[mark.end() : mark.end(2 if mark[1] is None else 1)]}"
    tokens = [token for line in context.split("\n") for token in _TOKEN.findall(line)]
    return any(map(_breaks, tokens, tokens[1:]))


def _breaks(token: str, following: str) -> bool:
    """Says whether a sentence ends with a token, by what follows it."""
    if not token.endswith("."):
        return token in ("?", "!")
    trained = _trained()
    kind = _without_stop(_type(token))
    next_kind = _without_stop(_type(following)) if _stops(following) else _type(following)
    if (kind, next_kind) in trained.collocations:
        return False
    starts = _starts_sentence(following, next_kind)
    stops = _stops(token)
    initial = bool(_INITIAL.match(token))
    # A full stop that does not stop belongs to an abbreviation or to dots.
    if not stops and not initial and (token == "." or not token.endswith("..") or _DOTS.match(token)):
        if starts or (following[0].isupper() and next_kind in trained.starters):
            return True
    if initial or kind == _NUMBER_TYPE:
        if starts is False:
            return False
        never_lower = not trained.contexts.get(next_kind, 0) & _LOWER
        if starts is None and initial and following[0].isupper() and never_lower:
            return False
    return stops


def _stops(token: str) -> bool:
    """Says whether a token by itself looks like the end: a mark, or a word with a full stop that is no abbreviation."""
    if token in (".", "?", "!"):
        return True
    if not token.endswith(".") or token.endswith(".."):
        return False
    word = token[:-1].lower()
    known = _trained().abbreviations
    return word not in known and word.split("-")[-1] not in known


def _starts_sentence(token: str, kind: str) -> bool | None:
    """Says whether a token begins a sentence, by its case and those it was seen in; null where that tells nothing."""
    if token in (";", ":", ",", ".", "!", "?"):
        return False
    seen = _trained().contexts.get(kind, 0)
    if token[0].isupper() and seen & _LOWER and not seen & _INSIDE_UPPER:
        return True
    if token[0].islower() and (seen & _UPPER or not seen & _BEGIN_LOWER):
        return False
    return None


def _type(token: str) -> str:
    return _NUMBER.sub(_NUMBER_TYPE, token.lower())


def _without_stop(kind: str) -> str:
    return kind[:-1] if len(kind) > 1 and kind.endswith(".") else kind
