r"""Tokens as nltk 3.9's ``word_tokenize`` gives them: the rules of the Penn treebank, on Punkt's sentences.

The rules are substitutions in a fixed order. All they look at lies between two blanks, except at the two ends of a
sentence: so each piece between blanks is tokenised alone and kept, and only first and last pieces go as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from .punkt import each_sentence

__all__ = ["apply_rules", "each_token", "tokenize", "tokenize_sentences"]

_PIECE = 24
"""Longest piece that is kept."""
Rules = list[tuple[frozenset[str], re.Pattern[str], str]]
"""Substitutions: characters of which one has to occur, a pattern, what it is replaced by."""


def _rules(*rows: tuple[str, str, str]) -> Rules:
    return [(frozenset(needed), re.compile(pattern), replacement) for needed, pattern, replacement in rows]


_OPENING = _rules(
    # Opening quotes.
    ("«“‘„`", r"([«“‘„]|`+)", r" \1 "),
    ('"', r'^"', r"``"),
    ("`", r"(``)", r" \1 "),
    ("\"'", r"([ (\[{<])(\"|'{2})", r"\1 `` "),
    ("'", r"(?i)(')(?!re|ve|ll|m|t|s|d|n)(\w)\b", r"\1 \2"),
    # Punctuation; the last full stop, with what may close behind it.
    (".", r"([^.])(\.)([\])}>\"'»”’ ]*+)\s*$", r"\1 \2 \3 "),
    (":,", r"([:,])([^\d])", r" \1 \2"),
    (":,", r"([:,])$", r" \1 "),
    (".", r"\.{2,}", r" \g<0> "),
    (";@#$%&", r"[;@#$%&]", r" \g<0> "),
    (".", r"([^.])(\.)([\])}>\"']*)\s*$", r"\1 \2\3 "),
    ("?!", r"[?!]", r" \g<0> "),
    ("'", r"([^'])' ", r"\1 ' "),
    ("*", r"[*]", r" \g<0> "),
    ("[](){}<>", r"[\]\[(){}<>]", r" \g<0> "),
    ("-", r"--", r" -- "),
)
"""What is done to a sentence first."""
_CLOSING = _rules(
    ("»”’", r"([»”’])", r" \1 "),
    ("'", r"''", r" '' "),
    ('"', r'"', r" '' "),
    (" ", r"\s+", r" "),
    ("'", r"([^' ])('[sS]|'[mM]|'[dD]|') ", r"\1 \2 "),
    ("'", r"([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", r"\1 \2 "),
)
"""What is done once the sentence has a blank before and behind it: closing quotes, clitics."""
_TWO_WORDS = [
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in [
        (r"\b(can)(not)\b", r" \1 \2 "),
        (r"\b(d)('ye)\b", r" \1 \2 "),
        (r"\b(gim)(me)\b", r" \1 \2 "),
        (r"\b(gon)(na)\b", r" \1 \2 "),
        (r"\b(got)(ta)\b", r" \1 \2 "),
        (r"\b(lem)(me)\b", r" \1 \2 "),
        (r"\b(more)('n)\b", r" \1 \2 "),
        (r"\b(wan)(na)(?=\s)", r" \1 \2 "),
        (r" ('t)(is)\b", r" \1 \2 "),
        (r" ('t)(was)\b", r" \1 \2 "),
    ]
]
"""Words that are two, last of all."""
_ANY_TWO = re.compile("|".join(pattern.pattern for pattern, _ in _TWO_WORDS), re.IGNORECASE)
_PLAIN = re.compile(r"([A-Za-z0-9]+)([.,;:?!]?)")
"""A word, perhaps with a mark behind it: no rule but the one for the mark, unless the word is two."""
_TWO = frozenset({"cannot", "gimme", "gonna", "gotta", "lemme", "wanna"})
_TAIL = re.compile(r"[\])}>\"'»”’\s]*")
"""What may stand behind the last full stop."""


def tokenize(text: str) -> list[str]:
    """Gives the tokens of a text: nltk's ``word_tokenize``, which splits it into sentences first."""
    return tokenize_sentences(each_sentence(text))


def tokenize_sentences(sentences: Iterable[str]) -> list[str]:
    """Gives the tokens of a text that was split into sentences."""
    return [token for sentence in sentences for token in _sentence_tokens(sentence)]


def each_token(text: str) -> Iterator[str]:
    """Gives the tokens of a text one after the other; the first are found without reading the whole text."""
    for sentence in each_sentence(text):
        yield from _sentence_tokens(sentence)


def _sentence_tokens(sentence: str) -> list[str]:
    pieces = sentence.split(" ")
    last = len(pieces) - 1
    while last > 0 and _TAIL.fullmatch(pieces[last]):
        last -= 1
    if last == 0:
        return apply_rules(sentence)
    first, tail = pieces[0], " ".join(pieces[last:])
    tokens = list(_first_piece(first) if len(first) <= _PIECE else _read_first_piece(first))
    for piece in pieces[1:last]:
        if piece:
            tokens += _piece(piece) if len(piece) <= _PIECE else _read_piece(piece)
    tokens += _last_piece(tail) if len(tail) <= _PIECE else _read_last_piece(tail)
    return tokens


def _rewritten(sentence: str, rules: Rules, present: set[str]) -> str:
    for needed, pattern, replacement in rules:
        if not needed.isdisjoint(present):
            sentence = pattern.sub(replacement, sentence)
    return sentence


def apply_rules(sentence: str) -> list[str]:
    """Gives the tokens of one sentence by all rules in their order: the reference for what is kept piece by piece."""
    present = {*sentence, " "}
    if '"' in present:
        present |= {"'", "`"}  # These are what it becomes.
    sentence = _rewritten(f" {_rewritten(sentence, _OPENING, present)} ", _CLOSING, present)
    if _ANY_TWO.search(sentence):
        for pattern, replacement in _TWO_WORDS:
            sentence = pattern.sub(replacement, sentence)
    return sentence.split()


def _read_piece(piece: str) -> tuple[str, ...]:
    """Gives the tokens of a piece that has others before and behind it."""
    plain = _PLAIN.fullmatch(piece)
    if plain and plain[1].lower() not in _TWO:
        return (plain[1], plain[2]) if plain[2] not in (".", "") else (piece,)
    return tuple(apply_rules(f"x {piece} x")[1:-1])


def _read_first_piece(piece: str) -> tuple[str, ...]:
    return _read_piece(piece) if piece.isalnum() else tuple(apply_rules(f"{piece} x")[:-1])


def _read_last_piece(piece: str) -> tuple[str, ...]:
    plain = _PLAIN.fullmatch(piece)
    if plain and plain[1].lower() not in _TWO:
        return (plain[1], plain[2]) if plain[2] else (piece,)
    return tuple(apply_rules(f"x {piece}")[1:])


_piece = lru_cache(maxsize=1 << 15)(_read_piece)
_first_piece = lru_cache(maxsize=1 << 12)(_read_first_piece)
_last_piece = lru_cache(maxsize=1 << 12)(_read_last_piece)
