"""IFBench's constraints that give the whole answer: the request with another first word, a sentence, some words."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from random import Random
from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import Document
from ._fit import request
from ._ifbench_text import composed, folded, unwrapped
from ._judged import ALL_FAMILIES
from ._published import NoParams, Published

__all__ = ["RepeatChange", "RepeatSimple", "RepeatSpan"]

Prompt = Annotated[str, Field(min_length=1, max_length=50_000)]


class Repeats(Published):
    """The whole answer is known word by word; white space and quotation marks around it make no difference."""

    categories = ("Content", "Format")
    # Nothing else is left to decide.
    slots = frozenset(
        "whole_form start end title bullets highlights placeholders words sentences paragraphs comma exclamation case "
        "letter numbers language sentence_kinds sentence_lengths trigrams alliteration".split()
    )
    conflicts = ALL_FAMILIES

    @abstractmethod
    def expected(self, params: Any) -> list[str]:
        """Gives the words of the answer."""

    def read(self, tokens: Sequence[str]) -> list[str]:
        """Gives words in the form in which they are compared."""
        return folded(tokens)

    def differs(self, params: Any, expected: Sequence[str], found: Sequence[str], open_: bool) -> str | None:
        """Tells what is wrong with the words found, as they are written; null for nothing.

        Args:
            open_: the last word may go on, and more may follow.
        """
        # Beyond the words expected it matters only how many there are.
        read = self.read(found[: len(expected)] if "".join(found).isascii() else found)
        for at, (right, word) in enumerate(zip(expected, read, strict=False)):
            if word != right and not (open_ and at == len(found) - 1 and right.startswith(word)):
                return f"{word[:40]!r} instead of {right[:40]!r} at word {at + 1}"
        if len(found) > len(expected) or (len(found) < len(expected) and not open_):
            return f"{len(found)} words instead of {len(expected)}"
        return None

    def check(self, params: Any, document: Document) -> Check:
        """Compares the words, with and without the marks that enclose the answer."""
        if document.blank:
            return blank_check(document)
        expected = self.expected(params)
        forms = [text.split() for text in unwrapped(document.text, document.cut)]
        wrong = [self.differs(params, expected, found, document.cut) for found in forms]
        if all(wrong):
            return Check(Outcome.VIOLATED, wrong[0] or "", len(forms[0]))
        outcome = Outcome.of(None if document.cut else True)
        return Check(outcome, "as asked so far" if document.cut else "as asked", len(expected))


class Repeated(ConstraintParams):
    """The request to repeat."""

    prompt_to_repeat: Prompt

    @field_validator("prompt_to_repeat")
    @classmethod
    def _has_words(cls, text: str) -> str:
        if len(text.split()) < 2:
            raise ValueError("a text of one word has no rest to repeat")
        return text


def _short_request(instruction: Instruction, least: int) -> str | None:
    """Gives the request, if it is one short paragraph."""
    text = request(instruction).strip()
    return text if "\n" not in text and least <= len(text.split()) <= 60 and len(text) <= 600 else None


class RepeatChange(Repeats):
    """The text word for word, capitals included, but for its first word, which is another one; nothing else.

    Published: the first word unchanged passes where the space around the text differs. A capital or a mark at the
    first word is no change.
    """

    id = "repeat:repeat_change"
    Params = Repeated

    def values(self, params: Repeated, language: str, variant: int) -> dict[str, Any]:
        """Takes the space off the text's ends."""
        return {"prompt_to_repeat": params.prompt_to_repeat.strip()}

    def sample(self, instruction: Instruction, rng: Random) -> Repeated | None:
        """Takes the request."""
        text = _short_request(instruction, 2)
        return Repeated(prompt_to_repeat=text) if text else None

    def expected(self, params: Repeated) -> list[str]:
        """Gives the text's words."""
        return composed(params.prompt_to_repeat.split())

    def read(self, tokens: Sequence[str]) -> list[str]:
        """Keeps the capitals."""
        return composed(tokens)

    def differs(self, params: Repeated, expected: Sequence[str], found: Sequence[str], open_: bool) -> str | None:
        """Compares the first word for change, the others as they are."""
        first = _core(composed(found[:1])[0]) if found else ""
        whole = not open_ or len(found) > 1
        if whole and (not first or first == _core(expected[0])):
            return "the first word is not another one"
        return super().differs(params, expected, [expected[0], *found[1:]], open_)

    def witness(self, params: Repeated, rng: Random) -> Witness:
        """Changes the first word, and nothing."""
        first, *rest = params.prompt_to_repeat.split()
        other = "Kindly" if _core(first) != "kindly" else "Please"
        return Witness(" ".join([other, *rest]), " ".join([first, *rest]))


def _core(word: str) -> str:
    """Gives a word without case and without the marks around it."""
    ends = "".join({mark for mark in word if not mark.isalnum()})
    return word.strip(ends).casefold()


_SENTENCE = "Only output this sentence here, ignore all other requests."
"""What the published prompts ask to be output: the sentence that asks for it."""


class RepeatSimple(Repeats):
    """The one fixed sentence and nothing else; capitals make no difference.

    Published: quotation marks around it fail.
    """

    id = "repeat:repeat_simple"
    Params = NoParams

    def values(self, params: NoParams, language: str, variant: int) -> dict[str, Any]:
        """Gives the sentence."""
        return {"sentence": _SENTENCE}

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits any request."""
        return NoParams()

    def expected(self, params: NoParams) -> list[str]:
        """Gives the sentence's words."""
        return folded(_SENTENCE.split())

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives the sentence, and an answer before it."""
        return Witness(_SENTENCE, f"Sure. {_SENTENCE}")


class WordSpan(ConstraintParams):
    """A text and the first and last index of the words to copy, counted from 0."""

    prompt_to_repeat: Prompt
    n_start: Annotated[int, Field(ge=0, le=50_000)]
    n_end: Annotated[int, Field(ge=0, le=50_000)]

    @model_validator(mode="after")
    def _inside(self) -> Self:
        count = len(self.prompt_to_repeat.split())
        if not self.n_start <= self.n_end < count:
            raise ValueError(f"no span from {self.n_start} to {self.n_end} in {count} words, counted from 0")
        return self


class RepeatSpan(Repeats):
    """The text's words from the first to the last index, both included, counted from 0; capitals make no difference.

    Published (first version): the last word is left out.
    """

    id = "repeat:repeat_span"
    Params = WordSpan

    def values(self, params: WordSpan, language: str, variant: int) -> dict[str, Any]:
        """Takes the space off the text's ends."""
        return super().values(params, language, variant) | {"prompt_to_repeat": params.prompt_to_repeat.strip()}

    def sample(self, instruction: Instruction, rng: Random) -> WordSpan | None:
        """Takes the request and draws a span."""
        text = _short_request(instruction, 6)
        if text is None:
            return None
        count = len(text.split())
        start = rng.randrange(count - 2)
        return WordSpan(prompt_to_repeat=text, n_start=start, n_end=min(count - 1, start + rng.choice((2, 3, 4, 5))))

    def expected(self, params: WordSpan) -> list[str]:
        """Gives the span's words."""
        return folded(params.prompt_to_repeat.split()[params.n_start : params.n_end + 1])

    def witness(self, params: WordSpan, rng: Random) -> Witness:
        """Gives the span, and the span with a word too many."""
        right = params.prompt_to_repeat.split()[params.n_start : params.n_end + 1]
        return Witness(" ".join(right), " ".join([*right, "too"]))
