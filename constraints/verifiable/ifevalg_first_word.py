"""IFEvalG's ``first_word`` constraints: the first word of the response, or of each of its sentences."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Annotated

from pydantic import AfterValidator, Field

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import MARGIN, Document, Span
from ._fit import wants_code
from ._ifbench_format_emoji import sentences_of
from ._literal import starts_with
from ._published import Published

__all__ = ["FirstWordAnswer", "FirstWordSent"]

_EDGE = MARGIN + "\"'“”‘’«»「」『』*_#>`~([{-–—•¿¡"
_NUMERAL = re.compile(r"\d{1,3}[.)][ \t]+")
_GOES_ON = re.compile(r"['’\-‐‑][^\W_]|(?<=\d)[.,]\d")


def _one_word(text: str) -> str:
    """Reads a parameter that is one word.

    Raises:
        ValueError: when it holds a space, or neither letter nor digit.
    """
    text = text.strip()
    if len(text.split()) != 1 or not any(map(str.isalnum, text)):
        raise ValueError(f"{text!r} is not one word")
    return text


OneWord = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_one_word)]


class FirstWordParams(ConstraintParams):
    """The word."""

    first_word: OneWord


_WORDS = {
    "en": ("Today", "Perhaps", "Look", "Here", "Surely", "Often"),
    "zh": ("今天", "也许", "其实", "首先"),
    "es": ("Hoy", "Quizás", "Mira", "Siempre", "Así"),
    "fr": ("Aujourd'hui", "Parfois", "Voici", "Souvent"),
    "ja": ("今日", "まず", "実は"),
}


def differ(one: str, other: str) -> bool:
    """Tells at once that two letters are not the same in any case or form; most are told so."""
    if one.isascii() and other.isascii():
        return one.isalpha() and other.isalpha() and one.lower() != other.lower()
    if one.isascii():
        return one.isalpha() and other >= "\u3400"
    return one >= "\u3400" and one.isalpha() and other.isascii()


def begins_with(word: str, text: str, start: int, end: int) -> Span | None:
    """Gives the place of the word if it is the first of a part, after marks, emphasis or a list numeral.

    The word of a longer one with a hyphen or apostrophe (*cat* of *cat-like*) is not.
    """
    if differ(text[start : start + 1], word[0]):
        return None
    stop = start + len(word)
    if word.isascii() and stop < end and text[start:stop].lower() == word.lower():
        follows = text[stop : stop + 2]
        if follows[0] in " ;:!?)\n" or (follows[0] in ".," and not follows[1:].isalnum()):
            return start, stop
    part = text[start : min(end, start + 2000)]
    at = start + len(part) - len(part.lstrip(_EDGE))
    if numeral := _NUMERAL.match(text, at, end):
        at = numeral.end() if starts_with(word, text, at) is None else at
        rest = text[at : min(end, at + 2000)]
        at += len(rest) - len(rest.lstrip(_EDGE))
    # After whatever else holds no letter or digit: ...Hello, <<Hello>>, an emoji.
    shown = next((offset for offset, character in enumerate(part) if character.isalnum()), 0)
    for begin in dict.fromkeys((at, start + len(part) - len(part.lstrip(MARGIN)), start + shown)):
        place = starts_with(word, text, begin)
        if place and place[1] <= end and not _GOES_ON.match(text, place[1]):
            return place
    return None


def sentences_check(document: Document, holds: Callable[[str, int, int], object], last: int, doing: str) -> Check:
    """Judges a text by its sentences, headings left out; the last ones of a cut text are open.

    Args:
        holds: given the text and a sentence's place, tells whether the word stands in its place.
        last: how many are open.
        doing: ``begin`` or ``end``.
    """
    if document.blank:
        return blank_check(document)
    sentences = sentences_of(document)
    settled = sentences[:-last] if document.cut else sentences
    wrong = tuple(span for span in settled if not holds(document.text, *span))
    reason = f"{len(wrong)} of {len(sentences)} sentences {doing} otherwise"
    outcome = Outcome.VIOLATED if wrong else Outcome.UNKNOWN if document.cut else Outcome.SATISFIED
    return Check(outcome, reason, len(wrong), wrong)


class _First(Published):
    """The word stands first."""

    Params = FirstWordParams
    categories = ("Content", "Format")

    def sample(self, instruction: Instruction, rng: Random) -> FirstWordParams | None:
        """Draws a word that a sentence in the request's language may begin with."""
        known = _WORDS.get(instruction.language or "")
        return FirstWordParams(first_word=rng.choice(known)) if known and not wants_code(instruction) else None


class FirstWordAnswer(_First):
    """The first word is the word, in any case; marks around it and a list numeral before it do not matter."""

    id = "first_word:first_word_answer"
    slots = frozenset({"start"})

    def check(self, params: FirstWordParams, document: Document) -> Check:
        """Compares the beginning; a response cut inside the word is unknown."""
        if document.blank:
            return blank_check(document)
        text, word = document.text, params.first_word
        place = begins_with(word, text, 0, len(text))
        begun = text.strip(_EDGE).casefold()
        if document.cut and (place[1] == len(text) if place else word.casefold().startswith(begun)):
            return Check(Outcome.UNKNOWN, "the reply was cut where the word may go on")
        if place:
            return Check(Outcome.SATISFIED, "begins with the word", None, (place,))
        return Check(Outcome.VIOLATED, "begins otherwise", text.strip()[:40])

    def witness(self, params: FirstWordParams, rng: Random) -> Witness:
        """Gives a text that begins with the word, and one where it comes second."""
        return Witness(f"{params.first_word}, so it is.", f"Zzz {params.first_word} so it is.")


class FirstWordSent(_First):
    """Every sentence begins with the word, in any case, as in ``first_word:first_word_answer``; headings are none."""

    id = "first_word:first_word_sent"
    slots = frozenset({"start", "sentence_starts"})
    conflicts = frozenset({"start_end.start_phrase", "start_end.end_phrase", "format.title"})

    def check(self, params: FirstWordParams, document: Document) -> Check:
        """Looks at each sentence; the last of a cut response is open."""
        return sentences_check(document, partial(begins_with, params.first_word), 1, "begin")

    def witness(self, params: FirstWordParams, rng: Random) -> Witness:
        """Gives two sentences that begin with the word, and two of which the second does not."""
        word = params.first_word
        return Witness(f"{word} is here. {word} is there.", f"{word} is here. Zzz is there.")
