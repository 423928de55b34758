"""What several IFBench constraints read off a response: folded words, words by sentence, kinds of sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from random import Random

from ...schemas.instruction import Instruction
from ...schemas.text import word_spans, words
from ..document import EVIDENCE, MARGIN, Document, Span
from ._fit import content_words

__all__ = [
    "composed",
    "first_places",
    "folded",
    "keywords_for",
    "kind_of",
    "sentence_words",
    "settled",
    "unwrapped",
]

_COMBINING = re.compile(r"[\u0300-\u036f]")
_LONGEST = 64
"""Longer words are not composed: reordering endless combining marks takes quadratic time."""
_JOINTS = "'’-‐‑.,"
"""After these a word may go on."""

# A line that names what follows it: # Heading, **Heading**, <<Title>>.
_HEADING = re.compile(
    r"[ \t]{0,9}(?:#{1,6}[ \t][^\r\n]*|\*\*[^*\r\n.!?。！？]{1,300}\*\*[ \t]{0,9}:?[ \t]{0,9}|<<[^<>\r\n]+>>[ \t]{0,9})"
)

_CLOSERS = "\"'”’»)]*_」』）》】 \t\r\n" + MARGIN
_MARKS = "?？؟‽⁇⁈⁉!！.…。．｡۔।॥։።។"
_PLAIN = {".": "statement", "?": "question", "!": "exclamation", "。": "statement"}
_REACH = 60
"""Marks that end a sentence stand within so many characters of its end."""

_NEUTRAL = {
    "en": ("garden", "window", "silver", "market", "simple", "morning", "paper", "reason", "bridge", "value"),
    "es": ("jardín", "ventana", "plata", "mercado", "sencillo", "camino", "papel", "razón", "puente", "valor"),
    "fr": ("jardin", "fenêtre", "argent", "marché", "simple", "chemin", "papier", "raison", "pont", "valeur"),
    "zh": ("重要", "结果", "例如", "简单", "世界", "变化", "原因", "时间", "价值", "方法"),
}


def composed(tokens: Sequence[str], ascii_: bool = False) -> list[str]:
    """Gives words with straight apostrophes and composed accents.

    Args:
        ascii_: they are known to be of ASCII characters alone.
    """
    if ascii_ or not tokens:
        return list(tokens)
    joined = "\n".join(tokens)
    if joined.isascii():
        return list(tokens)
    joined = joined.replace("’", "'").replace("‘", "'").replace("‑", "-").replace("‐", "-")
    joined = joined.replace("“", '"').replace("”", '"')
    parts = joined.split("\n")
    if not _COMBINING.search(joined):
        return parts
    return [unicodedata.normalize("NFC", part) if len(part) <= _LONGEST else part for part in parts]


def folded(tokens: Sequence[str], ascii_: bool = False) -> list[str]:
    """Gives words in the form in which two count as one: small letters, straight apostrophes, composed accents."""
    return list(map(str.lower, tokens) if ascii_ else map(str.casefold, composed(tokens)))


def first_places(document: Document, wanted: Sequence[int], spans: list[Span] | None = None) -> tuple[Span, ...]:
    """Gives where words stand that are given by their numbers, in order; of many those that are kept as evidence.

    Args:
        spans: where the words stand that are numbered; null where they are all of the document.
    """
    wanted = wanted[:EVIDENCE]
    if spans is None and wanted:
        # Nobody needs to know where those behind them stand.
        known = "word_spans" in vars(document)
        spans = document.word_spans if known else word_spans(document.text, wanted[-1] + 1)
    return tuple([spans[at] for at in wanted]) if spans else ()


def settled(document: Document, found: list[str]) -> list[str]:
    """Gives those of a document's words that no more text changes: the last one of a cut text may go on."""
    if not (document.cut and found):
        return found
    rest = document.text[document.text.rfind(found[-1]) + len(found[-1]) :]
    return found[:-1] if not rest or rest in _JOINTS else found


def sentence_words(document: Document) -> Iterator[tuple[Span, list[str]]]:
    """Gives each sentence's place and its words; headings are no part of a sentence, and none by themselves."""
    text, parts, at = document.text, [], 0
    if "#" in text or "**" in text or "<<" in text:
        for start, end in document.prose_lines:
            if end > start and _HEADING.fullmatch(text, start, end):
                parts += [text[at:start], " " * (end - start)]
                at = end
    told = "".join([*parts, text[at:]])
    found = ((span, words(told[slice(*span)])) for span in document.sentences)
    return ((span, own) for span, own in found if own)


def kind_of(text: str, span: Span) -> str | None:
    """Tells by its end marks whether a sentence is a ``statement``, a ``question`` or an ``exclamation``.

    A question mark among several makes a question; without a mark it is none of them.
    """
    last = span[1] - (1 if text[span[1] - 1] in '"”’)*' else 0)
    if (kind := _PLAIN.get(text[last - 1])) and text[max(0, last - 2) : last - 1].isalnum():
        return kind
    end = text[max(span[0], span[1] - _REACH) : span[1]].rstrip(_CLOSERS)
    marks = end[len(end.rstrip(_MARKS)) :]
    if not marks:
        return None
    if any(mark in "?？؟‽⁇⁈⁉" for mark in marks):
        return "question"
    return "exclamation" if any(mark in "!！" for mark in marks) else "statement"


_WRAPS = ("***", "**", "*", "___", "__", "_", "```", "`", '"', "'")
_PAIRS = (("“", "”"), ("‘", "’"), ("«", "»"), ("「", "」"), ("『", "』"), *((wrap, wrap) for wrap in _WRAPS))


def unwrapped(text: str, cut: bool = False) -> Iterator[str]:
    """Gives a text without space around it, then without the quotation marks or emphasis that enclose it.

    Args:
        cut: the closing ones may not be there yet.
    """
    text = text.strip(MARGIN)
    yield text
    for _ in range(3):
        for left, right in _PAIRS:
            if text.startswith(left) and (cut or (text.endswith(right) and len(text) > len(left + right))):
                text = text[len(left) : None if cut else -len(right)].strip(MARGIN)
                yield text
                if cut:
                    yield text.rstrip(_CLOSERS + "`")
                break
        else:
            return


def keywords_for(instruction: Instruction, rng: Random, count: int) -> list[str]:
    """Draws words of the request or, where it has too few, neutral ones of its language; none in other languages."""
    if instruction.language in ("en", "es"):
        own = content_words(instruction, rng, count)
        if len(own) == count:
            return own
    neutral = _NEUTRAL.get(instruction.language or "", ())
    return rng.sample(neutral, count) if neutral else []
