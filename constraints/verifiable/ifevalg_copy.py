"""IFEvalG's ``copy`` constraints: the response repeats a text, as it is or with one word replaced."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import repeat
from random import Random
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ...schemas.text import words
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import MARGIN, Document, Span
from ._abbreviations import one_form
from ._fit import request, wants_code
from ._judged import ALL_FAMILIES
from ._published import Published

__all__ = ["Copy", "CopyingMultiple", "CopyingSimple", "RepeatPhrase"]

WHOLE = frozenset(
    "bullets case comma end exclamation highlights language letter lines numbers paragraphs placeholders quotes"
    " sentences start title whole_form words".split()
)
"""Slots of a constraint that leaves nothing of a response open."""
_STARS = re.compile(r"(?<!\*)\*{6}(?!\*)")
_ALIKE = str.maketrans("’‘“”\u00a0", "''\"\" ")


def same(text: str) -> str:
    """Gives the form in which a copy is compared: white space, composed letters and quotation marks do not matter."""
    if text.isascii():
        return " ".join(text.strip(MARGIN).split())
    return " ".join(unicodedata.normalize("NFC", text).strip(MARGIN).translate(_ALIKE).split())


@lru_cache(maxsize=256)
def _same_wanted(text: str) -> str:
    """Gives the same of a text that many responses are compared with."""
    return same(text)


def one_line(instruction: Instruction, most: int = 300) -> str | None:
    """Gives the request where it can be copied: a line of words that is not too long."""
    text = request(instruction).strip()
    short = 20 <= len(text) <= most and "\n" not in text and "******" not in text
    return text if short and not wants_code(instruction) else None


class CopyParams(ConstraintParams):
    """The text to repeat."""

    prompt_to_repeat: Annotated[str, Field(min_length=1, max_length=50_000)]

    @field_validator("prompt_to_repeat")
    @classmethod
    def _visible(cls, prompt_to_repeat: str) -> str:
        if not prompt_to_repeat.strip(MARGIN):
            raise ValueError("there is nothing to repeat")
        return prompt_to_repeat


class Whole(Published):
    """The whole response is a given text; case counts."""

    Params: ClassVar[type[ConstraintParams]] = CopyParams
    categories: ClassVar[tuple[str, ...]] = ("Content", "Action")
    slots = WHOLE
    conflicts = ALL_FAMILIES

    def expected(self, params: Any) -> str:
        """Gives the text that the response must be."""
        text: str = params.prompt_to_repeat
        return text

    def sample(self, instruction: Instruction, rng: Random) -> Any | None:
        """Takes the request."""
        text = one_line(instruction)
        return CopyParams(prompt_to_repeat=text) if text else None

    def check(self, params: Any, document: Document) -> Check:
        """Compares the whole response; a cut one that began rightly is unknown."""
        if document.blank:
            return blank_check(document)
        wanted, given = _same_wanted(self.expected(params)), same(document.text)
        if document.cut:
            begun = wanted.startswith(given)
            return Check(
                Outcome.of(None if begun else False),
                "the reply was cut; " + ("right" if begun else "wrong") + " so far",
            )
        if wanted == given:
            return Check(Outcome.SATISFIED, "a copy", len(given))
        at = next(
            (i for i, (a, b) in enumerate(zip(wanted, given, strict=False)) if a != b), min(len(wanted), len(given))
        )
        return Check(Outcome.VIOLATED, f"{len(given)} characters against {len(wanted)}, alike up to {at}", at)

    def witness(self, params: Any, rng: Random) -> Witness:
        """Gives the text, and the text with an answer."""
        return Witness(self.expected(params), f"{self.expected(params)}\n\nHere is my answer.")


class Copy(Whole):
    """The response is the text alone; white space and the shape of quotation marks do not matter, case does.

    The published check ignores case, though a copy word for word is asked for, and counts white space.
    """

    id = "copy:copy"


class CopyingSimple(Whole):
    """The response is the request alone, without change; compared as in ``copy:copy``."""

    id = "copy:copying_simple"


class MultipleParams(CopyParams):
    """The text and how often."""

    N: Annotated[int, Field(ge=1, le=100)]


class CopyingMultiple(Whole):
    """The response is the text N times, six asterisks between (not seven), compared as in ``copy:copy``."""

    id = "copy:copying_multiple"
    Params = MultipleParams
    categories = ("Content", "Action", "Numerical")

    def sample(self, instruction: Instruction, rng: Random) -> MultipleParams | None:
        """Takes the request, two to four times."""
        text = one_line(instruction, 200)
        return MultipleParams(prompt_to_repeat=text, N=rng.randint(2, 4)) if text else None

    def expected(self, params: MultipleParams) -> str:
        """Gives the copies."""
        return "\n******\n".join([params.prompt_to_repeat.strip(MARGIN)] * params.N)

    def check(self, params: MultipleParams, document: Document) -> Check:
        """Compares part by part."""
        if document.blank or document.cut:
            return super().check(params, document)
        wanted = list(map(_same_wanted, _STARS.split(self.expected(params))))
        given = [same(part) for part in _STARS.split(document.text)]
        right = sum(a == b for a, b in zip(wanted, given, strict=False))
        return Check(
            Outcome.of(wanted == given), f"{len(given)} parts, {right} as asked; asked: {params.N} copies", len(given)
        )


class PhraseParams(ConstraintParams):
    """A phrase of at least three words and how often it is repeated."""

    phrase: Annotated[str, Field(min_length=1, max_length=300)]
    small_n: Annotated[int, Field(ge=1, le=100)]

    @field_validator("phrase")
    @classmethod
    def _has_centre(cls, phrase: str) -> str:
        if len(words(phrase)) < 3:
            raise ValueError(f"{phrase!r} has no word between its first and its last")
        return phrase


_PHRASES = (
    "Slow rivers carve the deepest valleys",
    "Every small step brings us closer",
    "A quiet morning clears the mind",
    "Good bread needs time and patience",
    "Old maps hide new roads",
)


def repetitions(phrase: list[str], text: list[str]) -> list[tuple[int, int]]:
    """Finds where the phrase stands with at most one word replaced, its first and last as they are; without overlap.

    Shift-and over words, with one error: linear in the text.

    Returns:
        Index of the first word and how many words differ, 0 or 1.
    """
    masks: dict[str, int] = {}
    for at, word in enumerate(phrase):
        masks[word] = masks.get(word, 0) | 1 << at
    last, inner = 1 << len(phrase) - 1, (1 << len(phrase) - 1) - 2
    exact = changed = free = 0
    found: list[tuple[int, int]] = []
    for at, mask in enumerate(map(masks.get, text, repeat(0))):
        if not (mask or exact or changed):
            continue
        begun = exact << 1 | 1
        changed = changed << 1 & mask | begun & inner & ~mask
        exact = begun & mask
        if (exact | changed) & last and at - len(phrase) + 1 >= free:
            found.append((at - len(phrase) + 1, 0 if exact & last else 1))
            free = at + 1
    return found


class RepeatPhrase(Published):
    """The phrase comes exactly so often, each time with one word between its first and its last replaced by another.

    Case and punctuation do not matter; the phrase unchanged counts as a repetition that is not transformed. The
    published check reads from first to last word as far as it can, and judges only the last repetition.
    """

    id = "copy:repeat_phrase"
    Params = PhraseParams
    categories = ("Content", "Numerical")

    def sample(self, instruction: Instruction, rng: Random) -> PhraseParams | None:
        """Draws a phrase; for English requests, in which it can stand."""
        if instruction.language != "en" or wants_code(instruction):
            return None
        return PhraseParams(phrase=rng.choice(_PHRASES), small_n=rng.randint(2, 4))

    def check(self, params: PhraseParams, document: Document) -> Check:
        """Counts the repetitions with one word replaced."""
        if document.blank:
            return blank_check(document)
        phrase = [one_form(word) for word in words(params.phrase)]
        ascii_ = document.text.isascii()
        found = repetitions(phrase, list(map(str.lower if ascii_ else one_form, document.words)))
        spans = document.word_spans if found else []
        places: list[Span] = [(spans[at][0], spans[at + len(phrase) - 1][1]) for at, _ in found]
        unchanged = sum(not changed for _, changed in found)
        reason = f"{len(found)} repetitions, {unchanged} unchanged; asked: exactly {params.small_n}"
        if document.cut:
            places = [place for place in places if place[1] < len(document.text)]
            broken = len(places) > params.small_n or any(not changed for _, changed in found[: len(places)])
            return Check(Outcome.of(False if broken else None), reason, len(found), tuple(places))
        outcome = Outcome.of(len(found) == params.small_n and not unchanged)
        return Check(outcome, reason, len(found), tuple(places))

    def witness(self, params: PhraseParams, rng: Random) -> Witness:
        """Gives the phrase with another second word, and the phrase as it is."""
        parts = words(params.phrase)
        other = "green" if one_form(parts[1]) != "green" else "blue"
        lines = [" ".join([parts[0], other, *parts[2:]])] * params.small_n
        return Witness(".\n".join(lines), ".\n".join([" ".join(parts)] * params.small_n))
