"""IFEvalG's ``paragraphs`` constraints: two paragraphs, divided by stars or by a blank line."""

from __future__ import annotations

import re
from random import Random
from typing import ClassVar

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, Witness, blank_check
from ..document import Document, Span, reads
from ._fit import wants_code
from ._published import NoParams, Published

__all__ = ["Paragraphs", "Paragraphs2"]

_DIVIDER = re.compile(r"[ \t]*(?:\\?\*[ \t]*){3,}")


class Two(Published):
    """Two paragraphs."""

    Params = NoParams
    categories = ("Numerical", "Format")
    slots = frozenset({"paragraphs"})
    conflicts = frozenset({"format.bullets"})
    examples: ClassVar[Witness]

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits any request but one for code."""
        return None if wants_code(instruction) else NoParams()

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives the examples."""
        return self.examples


class Paragraphs(Two):
    """Two parts with a divider line of three or more stars between, outside code; one before and after may stand too.

    The published check splits at any three stars, those of ``***bold***`` too.
    """

    id = "paragraphs:paragraphs"
    examples = Witness("Soup warms.\n\n***\n\nBread fills.", "Soup warms.\n\nBread fills.")

    def check(self, params: NoParams, document: Document) -> Check:
        """Counts the parts; nothing between two dividers is a part that is empty."""
        if document.blank:
            return blank_check(document)
        text = document.text
        lines = document.prose_lines[: -1 if document.cut else None]
        dividers: list[Span] = [line for line in lines if _DIVIDER.fullmatch(text, *line)]
        starts = [0] + [end for _, end in dividers]
        ends = [start for start, _ in dividers] + [len(text)]
        parts = [reads(text[start:end]) for start, end in zip(starts, ends, strict=True)]
        full, hollow = sum(parts), len(parts) - sum(parts)
        hollow -= (not parts[0]) + (len(parts) > 1 and not parts[-1])
        outcome = Outcome.of(full == 2 and not hollow)
        if document.cut:
            outcome = Outcome.of(False if full > 2 or hollow else None)
        return Check(outcome, f"{full} parts between dividers, {hollow} empty; asked: 2", full, tuple(dividers))


class Paragraphs2(Two):
    """Two paragraphs with a blank line between and no other blank line; a heading apart counts as one more.

    The published check takes a blank line with spaces for none.
    """

    id = "paragraphs:paragraphs2"
    examples = Witness("Soup warms.\n\nBread fills.", "Soup warms.\nBread fills.")

    def check(self, params: NoParams, document: Document) -> Check:
        """Counts the paragraphs, and looks for what else blank lines set apart."""
        if document.blank:
            return blank_check(document)
        spans = tuple(document.paragraphs)
        starts, ends = [start for start, _ in spans], [end for _, end in spans]
        gaps = zip([0, *ends], [*starts, len(document.text)], strict=True)
        apart = sum(any(c.isprintable() and not c.isspace() for c in document.text[a:b]) for a, b in gaps)
        outcome = Outcome.of(len(spans) == 2 and not apart)
        if document.cut:
            outcome = Outcome.of(False if len(spans) > 2 else None)
        more = ", a heading or divider apart" if apart else ""
        return Check(outcome, f"{len(spans)} paragraphs{more}; asked: 2", len(spans), spans)
