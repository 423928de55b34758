"""How the word constraints of IFBench judge: rules for each word, for neighbours, for sentences and paragraphs."""

from __future__ import annotations

import unicodedata
from abc import abstractmethod
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import Document, Span
from ._fit import content_words, free_length, has_case, wants_code
from ._ifbench_syllables import syllables
from ._ifbench_words_text import base_letter, is_unspaced, plain, prose_sentences, same, settled, spoken, within
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

    def witness(self, params: Any) -> Witness:
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
    spans = settled(document, spoken(document))
    verdicts = [rule(document.text[start:end]) for start, end in spans]
    wrong = tuple(span for span, verdict in zip(spans, verdicts, strict=True) if verdict is False)
    if wrong:
        first = document.text[slice(*wrong[0])][:40]
        return Check(Outcome.VIOLATED, f"{len(wrong)} of {len(spans)} words {broken}: {first}", len(wrong), wrong)
    if not spans:
        return none_there(document, "words")
    if document.cut or None in verdicts:
        return Check(Outcome.UNKNOWN, "the reply was cut" if document.cut else "words of another script", 0)
    return Check(Outcome.SATISFIED, f"none of {len(spans)} words {broken}", 0)


def follows_alphabet(document: Document) -> Check:
    """Judges whether each word begins with the letter after the one that the word before begins with."""
    spans = settled(document, spoken(document))
    initials = [base_letter(document.text[start]) for start, _ in spans]
    for at, letter in enumerate(initials):
        wanted = chr((ord(initials[at - 1]) - 96) % 26 + 97) if at else letter
        if letter != wanted or not "a" <= letter <= "z":
            reason = f"word {at + 1} begins with {letter}" + (f", not {wanted}" if at else "")
            return Check(Outcome.VIOLATED, reason, at + 1, (spans[at],))
    if len(spans) < 2 or document.cut:
        return none_there(document, "two words") if len(spans) < 2 else Check(Outcome.UNKNOWN, "the reply was cut")
    return Check(Outcome.SATISFIED, f"{len(spans)} words follow the alphabet", len(spans))


def shared_initials(document: Document) -> list[Span]:
    """Gives the second of each two neighbours that begin with the same letter; a digit is no letter."""
    spans = settled(document, spoken(document))
    initials = [plain(document.text[start:end])[0] for start, end in spans]
    return [
        span
        for (a, b), span in zip(pairwise(initials), spans[1:], strict=True)
        if a == b and a.isalpha() and not is_unspaced(a)
    ]


@lru_cache(maxsize=16384)
def _parity(word: str) -> frozenset[int]:
    return frozenset(count % 2 for count in syllables(word))


def alternation(document: Document) -> Check:
    """Judges whether words with odd and even numbers of syllables alternate; unknown where a number is open."""
    spans = settled(document, spoken(document))
    before: frozenset[int] = frozenset({0, 1})
    open_ = 0
    for at, (start, end) in enumerate(spans):
        parity = _parity(document.text[start:end])
        open_ += len(parity) > 1
        # What it may be after what the word before may be.
        now = parity if len(before) > 1 else parity - before
        if not now:
            reason = f"word {at + 1} cannot alternate with the one before"
            return Check(Outcome.VIOLATED, reason, at + 1, (spans[at - 1], spans[at]))
        before = now
    if len(spans) < 2:
        return none_there(document, "two words")
    if document.cut:
        return Check(Outcome.UNKNOWN, "the reply was cut")
    if open_:
        return Check(Outcome.UNKNOWN, f"the syllables of {open_} words can be told in two ways", open_)
    return Check(Outcome.SATISFIED, f"{len(spans)} words alternate", len(spans))


def sentences_chain(document: Document) -> Check:
    """Judges whether each sentence begins with the last word of the one before."""
    words = [found for found in within(spoken(document), prose_sentences(document)) if found]
    for before, after in pairwise(words):
        last, first = before[-1], after[0]
        if not same(document.text[slice(*last)], document.text[slice(*first)]):
            return Check(Outcome.VIOLATED, "a sentence begins otherwise than the last ends", None, (last, first))
    if len(words) < 2:
        return none_there(document, "two sentences")
    return Check(Outcome.SATISFIED, f"{len(words)} sentences are linked", len(words))


def _open_ends(document: Document, words: list[Span], parts: Iterable[Span]) -> tuple[int, list[Span]]:
    """Gives how many parts hold words, and the last words of those that end otherwise than they begin."""
    held = [found for found in within(words, list(parts)) if found]
    text = document.text
    return len(held), [
        found[-1]
        for found in held
        if found[0] != found[-1] and not same(text[slice(*found[0])], text[slice(*found[-1])])
    ]


def paragraphs_close(document: Document, parts: list[Span]) -> Check:
    """Judges whether each paragraph ends with its first word.

    Args:
        parts: the lines; where blank lines part the text, what they part may be the paragraphs instead.
    """
    words = spoken(document)
    count, wrong = _open_ends(document, words, parts)
    if wrong and len(document.paragraphs) > 1:
        blocks, open_blocks = _open_ends(document, words, document.paragraphs)
        if not open_blocks:
            count, wrong = blocks, []
    if wrong:
        return Check(Outcome.VIOLATED, f"{len(wrong)} of {count} paragraphs end otherwise", len(wrong), tuple(wrong))
    if not count:
        return none_there(document, "paragraphs")
    return Check(Outcome.SATISFIED, f"{count} paragraphs end as they begin", count)
