"""Constraints that count something in the response and compare it with a number."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from random import Random
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Relation, VerifiableConstraint, Witness, blank_check, compare
from ..document import Document, Span
from ._wording import Forms, Nouns, asked, pick, quantity

__all__ = ["Count", "Counted", "Draws", "Quantity"]

Count = Annotated[int, Field(ge=0, le=100_000)]
Draws = Mapping[Relation, Sequence[int]]


class Quantity(ConstraintParams):
    """A number and how the count relates to it."""

    relation: Relation
    n: Count

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.n == 0 and self.relation in ("at_least", "less_than"):
            raise ValueError(f"{self.relation} 0 asks for nothing, or for what cannot be")
        return self


class Counted(VerifiableConstraint):
    """Counts what ``find`` finds. Responses cut by the token limit are judged by ``compare``."""

    Params: ClassVar[type[ConstraintParams]] = Quantity
    nouns: ClassVar[Nouns]
    frames: ClassVar[Forms]
    """Wordings, ``{q}`` standing for the quantity."""
    draws: ClassVar[Draws]
    """Numbers that attachment draws from, by relation; a relation that is listed is drawn as often as any other."""

    @abstractmethod
    def find(self, params: Any, document: Document) -> Sequence[Span]:
        """Gives the places that count."""

    def tally(self, params: Any, document: Document) -> tuple[int, Sequence[Span]]:
        """Gives how many places count, and where they are: all of them, or the first ``EVIDENCE``."""
        spans = self.find(params, document)
        return len(spans), spans

    @abstractmethod
    def text_with(self, params: Any, count: int) -> str:
        """Gives a text with this many places that count; it is not blank unless nothing else is possible."""

    def stays(self, document: Document, span: Span) -> bool:
        """Tells whether a place counts whatever follows: at the very end of a cut text *cat* may become *category*."""
        return span[1] < len(document.text)

    def fits(self, instruction: Instruction) -> bool:
        """Tells whether the constraint suits the request."""
        return True

    def draw(self, rng: Random) -> tuple[Relation, int]:
        """Draws a relation and a number."""
        relation = rng.choice(sorted(self.draws))
        return relation, rng.choice(list(self.draws[relation]))

    def sample(self, instruction: Instruction, rng: Random) -> Any | None:
        """Draws a relation and a number where the constraint suits the request."""
        if not self.fits(instruction):
            return None
        relation, n = self.draw(rng)
        return Quantity(relation=relation, n=n)

    def render(self, params: Any, language: str, variant: int = 0) -> str:
        """Words the quantity inside one of the frames."""
        language = language if language in self.frames and language in self.nouns else "en"
        frames = self.frames[language]
        q = quantity(params.relation, params.n, self.nouns, language, variant // len(frames))
        return pick(self.frames, language, variant).format(q=q)

    def check(self, params: Any, document: Document) -> Check:
        """Compares the count with the number asked for."""
        if document.blank:
            return blank_check(document)
        count, spans = self.tally(params, document)
        outcome = compare(count, params.relation, params.n, document.cut)
        if document.cut and outcome is not Outcome.UNKNOWN:
            spans = self.find(params, document)
            outcome = compare(sum(self.stays(document, span) for span in spans), params.relation, params.n, True)
        noun = self.nouns["en"][count != 1]
        return Check(outcome, f"{count} {noun}; asked: {asked(params.relation, params.n)}", count, tuple(spans))

    def witness(self, params: Any, rng: Random) -> Witness:
        """Gives a text at the bound or a little within it, and one that misses the bound by one or a little more."""
        bound = params.n + {"less_than": -1, "more_than": 1}.get(params.relation, 0)
        within, beyond = rng.choice((0, 0, 1, 3)), rng.choice((1, 1, 2, 4))
        if params.relation in ("at_least", "more_than"):
            right, wrong = bound + within, max(bound - beyond, 0)
        else:
            right, wrong = max(bound - within, min(bound, 1)), bound + beyond
        if params.relation == "exactly":
            right = bound
        return Witness(self.text_with(params, right), self.text_with(params, wrong))
