"""IFEval's ``length_constraints`` ids."""

from __future__ import annotations

import re
from random import Random
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import MARGIN, Document, Span
from ._counted import Quantity
from ._fit import content_words, free_length, wants_code
from ._ifeval import Meaning, N, Translated
from ._keyword import Readable
from ._literal import starts_with
from ._parted import dividers
from ._published import Published, PublishedRelation
from .length import Sentences, Words

__all__ = ["IfevalNthParagraphFirstWord", "IfevalNumberParagraphs", "IfevalNumberSentences", "IfevalNumberWords"]

Few = Annotated[int, Field(ge=1, le=1_000)]
# What may stand before a paragraph's first word without being one.
_EDGE = MARGIN + "\"'“”‘’„«»‹›「」『』*_#>`~(¿¡"
_HYPHEN = re.compile(r"[-‐‑]\w")


class SentencesParams(Meaning):
    """How many sentences."""

    theirs: ClassVar = Quantity
    names: ClassVar = {"relation": "relation", "n": "num_sentences"}
    num_sentences: N
    relation: PublishedRelation


class WordsParams(Meaning):
    """How many words."""

    theirs: ClassVar = Quantity
    names: ClassVar = {"relation": "relation", "n": "num_words"}
    num_words: N
    relation: PublishedRelation


class IfevalNumberSentences(Translated, means=Sentences):
    """How many sentences, in any script; the published check takes list numerals for sentences."""

    id = "length_constraints:number_sentences"
    Params = SentencesParams
    one_word = True


class IfevalNumberWords(Translated, means=Words):
    """How many words: *don't*, *well-known* and *3.14* are one each, the published check counts their pieces."""

    id = "length_constraints:number_words"
    Params = WordsParams
    one_word = True


class ParagraphsParams(ConstraintParams):
    """How many paragraphs."""

    num_paragraphs: Few


def _divided(document: Document) -> list[Span]:
    """Gives what dividers separate; an empty part before the first or after the last is left out."""
    text = document.text
    parts: list[Span] = []
    start = 0
    for line in dividers(document):
        parts.append((start, line[0]))
        start = line[1]
    parts.append((start, len(text)))
    if not _reads(text, parts[0]):
        del parts[0]
    if parts and not _reads(text, parts[-1]):
        del parts[-1]
    return parts


def _reads(text: str, span: Span) -> bool:
    """Tells whether anything but space, quotation marks and emphasis stands there."""
    return bool(text[slice(*span)].strip(_EDGE))


class IfevalNumberParagraphs(Published):
    """Exactly so many parts between dividers of asterisks, each alone on a line outside code, none of them empty.

    The published check splits at any three asterisks, also at those of bold italics and inside a line.
    """

    id = "length_constraints:number_paragraphs"
    Params = ParagraphsParams
    categories = ("Numerical", "Format")
    slots = frozenset({"paragraphs"})

    def sample(self, instruction: Instruction, rng: Random) -> ParagraphsParams | None:
        """Draws a few paragraphs for prose."""
        if wants_code(instruction) or not free_length(instruction):
            return None
        return ParagraphsParams(num_paragraphs=rng.randint(2, 5))

    def check(self, params: ParagraphsParams, document: Document) -> Check:
        """Counts the parts; of a cut text more than enough stay too many."""
        if document.blank:
            return blank_check(document)
        parts = _divided(document)
        full = tuple(part for part in parts if _reads(document.text, part))
        reason = f"{len(full)} paragraphs; asked: {params.num_paragraphs}"
        if document.cut and len(full) <= params.num_paragraphs:
            return Check(Outcome.UNKNOWN, f"the reply was cut after {len(full)} paragraphs", len(full), full)
        if len(full) < len(parts):
            return Check(Outcome.VIOLATED, f"{reason}; nothing between two dividers", len(full), full)
        return Check(Outcome.of(len(full) == params.num_paragraphs), reason, len(full), full)

    def witness(self, params: ParagraphsParams, rng: Random) -> Witness:
        """Gives so many parts, and one more."""
        parts = ["A short paragraph."] * (params.num_paragraphs + 1)
        return Witness("\n***\n".join(parts[1:]), "\n***\n".join(parts))


class FirstWordParams(ConstraintParams):
    """How many paragraphs, which of them, counted from 1, and its first word."""

    num_paragraphs: Few
    nth_paragraph: Few
    first_word: Annotated[str, Field(min_length=1, max_length=200), Readable]

    @model_validator(mode="after")
    def _there(self) -> Self:
        if self.nth_paragraph > self.num_paragraphs:
            raise ValueError(f"there is no paragraph {self.nth_paragraph} of {self.num_paragraphs}")
        return self


def _blocks(document: Document) -> list[Span]:
    """Gives what blank lines separate, headings and dividers too; blank lines in code separate nothing."""
    text = document.text
    prose = set(document.prose_lines) if document.fenced else ()
    spans: list[Span] = []
    open_ = False
    for line in document.lines:
        start, end = line
        shown = start < end and (text[start].isalnum() or text[start:end].strip(MARGIN))
        if not shown and (not document.fenced or line in prose):
            open_ = False
        elif open_:
            spans[-1] = (spans[-1][0], line[1])
        else:
            spans.append(line)
            open_ = True
    return spans


def _begins(word: str, text: str, span: Span) -> Span | None:
    """Gives the word's place if a paragraph begins with it; quotation marks, emphasis and signs before it pass."""
    part = text[slice(*span)]
    # After space, after quotation marks and emphasis, after whatever else holds no letter or digit.
    shown = next((at for at, character in enumerate(part) if character.isalnum()), 0)
    for at in (*(len(part) - len(part.lstrip(edge)) for edge in (MARGIN, _EDGE)), shown):
        place = starts_with(word, part, at)
        if place and not _HYPHEN.match(part, place[1]):
            return span[0] + place[0], span[0] + place[1]
    return None


class IfevalNthParagraphFirstWord(Published):
    """Exactly so many paragraphs between blank lines, and one of them begins with the word, in any case.

    Headings and dividers between blank lines count as paragraphs, as published: only paragraphs are to be separated.
    The published check stumbles over blank first lines, emphasis and some marks around the word.
    """

    id = "length_constraints:nth_paragraph_first_word"
    Params = FirstWordParams
    categories = ("Numerical", "Content")
    slots = frozenset({"paragraphs"})
    conflicts = frozenset({"format.title", "detectable_format:title"})

    def sample(self, instruction: Instruction, rng: Random) -> FirstWordParams | None:
        """Draws a word of the request for one of a few paragraphs."""
        words = content_words(instruction, rng, 1)
        if not words or wants_code(instruction) or not free_length(instruction):
            return None
        count = rng.randint(2, 4)
        return FirstWordParams(num_paragraphs=count, nth_paragraph=rng.randint(1, count), first_word=words[0])

    def check(self, params: FirstWordParams, document: Document) -> Check:
        """Counts the paragraphs and looks at the one; of a cut text the last may still go on."""
        if document.blank:
            return blank_check(document)
        text, word, nth = document.text, params.first_word, params.nth_paragraph
        blocks = _blocks(document)
        count = f"{len(blocks)} paragraphs; asked: {params.num_paragraphs}"
        if len(blocks) > params.num_paragraphs:
            return Check(Outcome.VIOLATED, count, len(blocks), tuple(blocks))
        place = _begins(word, text, blocks[nth - 1]) if len(blocks) >= nth else None
        if document.cut:
            # A word goes on at the very end; behind as many words as it has, no more text makes it the first.
            begun = len(blocks) < nth or (len(blocks) == nth and not self._passed(word, text[slice(*blocks[-1])]))
            if place or begun:
                return Check(Outcome.UNKNOWN, "the reply was cut", len(blocks))
        elif len(blocks) != params.num_paragraphs:
            return Check(Outcome.VIOLATED, count, len(blocks), tuple(blocks))
        if place is None:
            return Check(
                Outcome.VIOLATED, f"paragraph {nth} does not begin with {word!r}", len(blocks), (blocks[nth - 1],)
            )
        return Check(Outcome.SATISFIED, f"{count}; paragraph {nth} begins with {word!r}", len(blocks), (place,))

    @staticmethod
    def _passed(word: str, block: str) -> bool:
        """Tells whether a paragraph has more words than could belong to its beginning."""
        most = len(word.split())
        return len(block.lstrip(_EDGE).split(None, most)) > most

    def witness(self, params: FirstWordParams, rng: Random) -> Witness:
        """Gives so many paragraphs with the word in its place, and the same with another word there."""
        parts = ["A short paragraph."] * params.num_paragraphs
        parts[params.nth_paragraph - 1] = f"{params.first_word} comes first."
        wrong = [*parts]
        other = "Zzz" if params.first_word.casefold() != "zzz" else "Xxx"
        wrong[params.nth_paragraph - 1] = f"{other} {params.first_word}"
        return Witness("\n\n".join(parts), "\n\n".join(wrong))
