"""How the word constraints of IFBench judge: rules for each word, for neighbours, for sentences and paragraphs."""

from __future__ import annotations

import unicodedata
from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import compress
from operator import eq, itemgetter
from random import Random
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import Document, Span
from ._fit import content_words, free_length, has_case, wants_code
from ._ifbench_syllables import syllables
from ._ifbench_text import first_places
from ._ifbench_words_text import (
    base_letter,
    ends_of,
    is_unspaced,
    plain,
    prose_sentences,
    same,
    spoken_one_by_one,
    told,
)
from ._published import NoParams, Published

__all__ = [
    "EVERY_WORD",
    "KeywordParams",
    "PositionParams",
    "RepeatsParams",
    "Rule",
    "alternation",
    "drawn_word",
    "each_word",
    "fits",
    "follows_alphabet",
    "none_there",
    "paragraphs_close",
    "sentences_chain",
    "shared_initials",
]

EVERY_WORD = frozenset({"wording", "letter"})
"""Slots of what decides every word."""


def fits(instruction: Instruction) -> bool:
    """Tells whether the answer is prose in a script with words and letters that can be counted."""
    return has_case(instruction.language) and free_length(instruction) and not wants_code(instruction)


class Rule(Published):
    """A published id of this group."""

    Params: ClassVar[type[ConstraintParams]] = NoParams
    categories: ClassVar[tuple[str, ...]] = ("Linguistic",)
    conflicts: ClassVar[frozenset[str]] = frozenset({"language", "format.json"})
    examples: ClassVar[Witness]
    english: ClassVar[bool] = False
    """Whether only English answers can be judged."""

    def draw(self, instruction: Instruction, rng: Random) -> Any | None:
        """Draws the parameters; null where the request offers none."""
        return NoParams()

    def sample(self, instruction: Instruction, rng: Random) -> Any | None:
        """Draws parameters where the answer is prose whose words can be told."""
        if not fits(instruction) or (self.english and instruction.language != "en"):
            return None
        return self.draw(instruction, rng)

    @abstractmethod
    def judge(self, params: Any, document: Document) -> Check:
        """Judges a response that is not blank."""

    def check(self, params: Any, document: Document) -> Check:
        """Judges a response; a blank one satisfies nothing."""
        return blank_check(document) if document.blank else self.judge(params, document)

    def witness(self, params: Any, rng: Random) -> Witness:
        """Gives two short texts."""
        return self.examples


class RepeatsParams(ConstraintParams):
    """How often a word may occur."""

    small_n: Annotated[int, Field(ge=1, le=10_000)]


class KeywordParams(ConstraintParams):
    """A word."""

    keyword: Annotated[str, Field(min_length=1, max_length=200)]

    @field_validator("keyword")
    @classmethod
    def _readable(cls, keyword: str) -> str:
        if not any(map(str.isalnum, keyword)):
            raise ValueError(f"{keyword!r} holds no letter or digit")
        if len(keyword.split()) > 1:
            raise ValueError(f"{keyword!r} is more than one word")
        return unicodedata.normalize("NFC", keyword.strip())


class PositionParams(KeywordParams):
    """A word and its place."""

    n: Annotated[int, Field(ge=1, le=1000)]
    m: Annotated[int, Field(ge=1, le=1000)]


def drawn_word(instruction: Instruction, rng: Random) -> str:
    """Draws a word of the request, or an English one that is about nothing."""
    words = content_words(instruction, rng, 1) if instruction.language == "en" else []
    return words[0] if words else rng.choice(("vibrant", "journey", "moment", "reason", "garden", "winter"))


def none_there(document: Document, what: str) -> Check:
    """Gives the verdict where there is nothing to judge."""
    return Check(Outcome.of(None if document.cut else False), f"no {what}", 0)


def each_word(document: Document, rule: Callable[[str], bool | None], broken: str) -> Check:
    """Judges every word by a rule; null from the rule is unknown, one false violates.

    Args:
        broken: what a word is that breaks the rule: ``without a consonant cluster``.
    """
    words, spans = told(document)
    count, verdicts = len(words), list(map(rule, words))
    if False in verdicts:
        wrong = [at for at, verdict in enumerate(verdicts) if verdict is False]
        reason = f"{len(wrong)} of {count} words {broken}: {words[wrong[0]][:40]}"
        return Check(Outcome.VIOLATED, reason, len(wrong), first_places(document, wrong, spans))
    if not count:
        return none_there(document, "words")
    if document.cut or None in verdicts:
        return Check(Outcome.UNKNOWN, "the reply was cut" if document.cut else "words of another script", 0)
    return Check(Outcome.SATISFIED, f"none of {count} words {broken}", 0)


def follows_alphabet(document: Document) -> Check:
    """Judges whether each word begins with the letter after the one that the word before begins with."""
    before, count = "", 0
    for count, span in enumerate(spoken_one_by_one(document), 1):
        letter = base_letter(document.text[span[0]])
        wanted = chr((ord(before) - 96) % 26 + 97) if before else letter
        if letter != wanted or not "a" <= letter <= "z":
            reason = f"word {count} begins with {letter}" + (f", not {wanted}" if before else "")
            return Check(Outcome.VIOLATED, reason, count, (span,))
        before = letter
    if count < 2 or document.cut:
        return none_there(document, "two words") if count < 2 else Check(Outcome.UNKNOWN, "the reply was cut")
    return Check(Outcome.SATISFIED, f"{count} words follow the alphabet", count)


def shared_initials(document: Document) -> tuple[int, tuple[Span, ...]]:
    """Counts neighbours that begin with the same letter, and gives the second ones; a digit is no letter."""
    words, spans = told(document)
    if document.text.isascii():
        initials = "".join(map(itemgetter(0), words)).lower()
    else:
        initials = "".join(map(itemgetter(0), map(plain, words)))
    alike = compress(range(1, len(initials)), map(eq, initials, initials[1:]))
    second = [at for at in alike if initials[at].isalpha() and not is_unspaced(initials[at])]
    return len(second), first_places(document, second, spans)


_EVEN, _ODD = 1, 2
_AFTER = (0, _ODD, _EVEN, _EVEN | _ODD)
"""What a word may be after what the word before may be."""


@lru_cache(maxsize=16384)
def _parity(word: str) -> int:
    return sum({_ODD if count % 2 else _EVEN for count in syllables(word)})


def alternation(document: Document) -> Check:
    """Judges whether words with odd and even numbers of syllables alternate; unknown where a number is open."""
    text, may = document.text, _EVEN | _ODD
    last: Span = (0, 0)
    open_ = count = 0
    for count, span in enumerate(spoken_one_by_one(document), 1):
        parity = _parity(text[span[0] : span[1]])
        open_ += parity == _EVEN | _ODD
        may = parity & _AFTER[may]
        if not may:
            return Check(Outcome.VIOLATED, f"word {count} cannot alternate with the one before", count, (last, span))
        last = span
    if count < 2:
        return none_there(document, "two words")
    if document.cut:
        return Check(Outcome.UNKNOWN, "the reply was cut")
    if open_:
        return Check(Outcome.UNKNOWN, f"the syllables of {open_} words can be told in two ways", open_)
    return Check(Outcome.SATISFIED, f"{count} words alternate", count)


def sentences_chain(document: Document) -> Check:
    """Judges whether each sentence begins with the last word of the one before."""
    text, said = document.text, ""
    before: Span = (0, 0)
    count = 0
    for count, (first, last) in enumerate(ends_of(document, prose_sentences(document)), 1):
        word = text[first[0] : first[1]]
        if word != said and count > 1 and not same(word, said):
            return Check(Outcome.VIOLATED, "a sentence begins otherwise than the last ends", None, (before, first))
        before, said = last, text[last[0] : last[1]]
    if count < 2:
        return none_there(document, "two sentences")
    return Check(Outcome.SATISFIED, f"{count} sentences are linked", count)


def _open_ends(document: Document, parts: Sequence[Span]) -> tuple[int, list[Span]]:
    """Gives how many parts hold words, and the last words of those that end otherwise than they begin."""
    text = document.text
    held = list(ends_of(document, parts))
    return len(held), [
        last for first, last in held if first != last and not same(text[slice(*first)], text[slice(*last)])
    ]


def paragraphs_close(document: Document, parts: list[Span]) -> Check:
    """Judges whether each paragraph ends with its first word.

    Args:
        parts: the lines; where blank lines part the text, what they part may be the paragraphs instead.
    """
    count, wrong = _open_ends(document, parts)
    if wrong and len(document.paragraphs) > 1 and not _open_ends(document, document.paragraphs[:1])[1]:
        blocks, open_blocks = _open_ends(document, document.paragraphs)
        if not open_blocks:
            count, wrong = blocks, []
    if wrong:
        return Check(Outcome.VIOLATED, f"{len(wrong)} of {count} paragraphs end otherwise", len(wrong), tuple(wrong))
    if not count:
        return none_there(document, "paragraphs")
    return Check(Outcome.SATISFIED, f"{count} paragraphs end as they begin", count)
