"""IFEvalG's ``last_word`` constraints: the last word of the response, or of each of its sentences."""

from __future__ import annotations

import re
from functools import partial
from random import Random

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import MARGIN, Document, Span
from ._fit import wants_code
from ._literal import ends_with
from ._published import Published
from .ifevalg_first_word import OneWord, differ, sentences_check

__all__ = ["LastWordAnswer", "LastWordSent"]

_BEFORE = re.compile(r"[^\W_]['’\-‐‑]\Z|\d[.,]\Z")
# A footnote's mark: [1].
_NOTE = re.compile(r"(?:\[\^?\d{1,3}\]){1,3}\W{0,3}\Z")


class LastWordParams(ConstraintParams):
    """The word."""

    last_word: OneWord


_WORDS = {
    "en": ("now", "again", "together", "here", "today", "too"),
    "zh": ("今天", "朋友", "这里"),
    "es": ("hoy", "siempre", "aquí", "también"),
    "fr": ("aujourd'hui", "toujours", "ici", "ensemble"),
    "ja": ("今日", "世界", "場所"),
}


def finishes_with(word: str, text: str, start: int, end: int) -> Span | None:
    """Gives the place of the word if it is the last of a part, whatever marks or emoji follow it.

    The word of a longer one with a hyphen or apostrophe (*like* of *cat-like*) is not.
    """
    if text[end - 1 : end] == "]" or "]" in text[max(start, end - 3) : end]:
        note = _NOTE.search(text, max(start, end - 24), end)
        end = note.start() if note else end
    last = end
    while last > start and not text[last - 1].isalnum():
        last -= 1
    if last == start:
        return None
    wanted = next(character for character in reversed(word) if character.isalnum())
    if differ(text[last - 1], wanted):
        return None
    first = last - len(word)
    whole = first == start or (first > start and text[first - 1] == " ")
    if whole and word.isascii() and text[first:last].lower() == word.lower():
        return first, last
    # Signs and combining marks may belong to the word: C++.
    signs = 0 if word.isascii() and word[-1].isalnum() else min(len(word), 8)
    for stop in range(last, min(end, last + signs) + 1):
        place = ends_with(word, text, stop)
        if place and place[0] >= start and not _BEFORE.search(text, max(start, place[0] - 2), place[0]):
            return place
    return None


class _Last(Published):
    """The word stands last."""

    Params = LastWordParams
    categories = ("Content", "Format")

    def sample(self, instruction: Instruction, rng: Random) -> LastWordParams | None:
        """Draws a word that a sentence in the request's language may end with."""
        known = _WORDS.get(instruction.language or "")
        return LastWordParams(last_word=rng.choice(known)) if known and not wants_code(instruction) else None


class LastWordAnswer(_Last):
    """The last word is the word, in any case; marks and emoji after it do not matter, its own apostrophes count."""

    id = "last_word:last_word_answer"
    slots = frozenset({"end"})

    def check(self, params: LastWordParams, document: Document) -> Check:
        """Compares the end; a cut response has none."""
        if document.blank:
            return blank_check(document)
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut")
        place = finishes_with(params.last_word, document.text, 0, len(document.text))
        if place:
            return Check(Outcome.SATISFIED, "ends with the word", None, (place,))
        return Check(Outcome.VIOLATED, "ends otherwise", document.text.strip(MARGIN)[-40:])

    def witness(self, params: LastWordParams, rng: Random) -> Witness:
        """Gives a text that ends with the word, and one that goes on."""
        return Witness(f"So it is {params.last_word}.", f"So it is {params.last_word} zzz.")


class LastWordSent(_Last):
    """Every sentence ends with the word before its marks, in any case; headings are none."""

    id = "last_word:last_word_sent"
    slots = frozenset({"end", "sentence_ends"})
    conflicts = frozenset({"start_end.start_phrase", "start_end.end_phrase", "format.title"})

    def check(self, params: LastWordParams, document: Document) -> Check:
        """Looks at each sentence; the last two of a cut response are open."""
        return sentences_check(document, partial(finishes_with, params.last_word), 2, "end")

    def witness(self, params: LastWordParams, rng: Random) -> Witness:
        """Gives two sentences that end with the word, and two of which the second does not."""
        word = params.last_word
        return Witness(f"It is {word}. So we go {word}.", f"It is {word}. So we go {word} zzz.")
