"""What IFBench's ``format`` constraints have in common, and their parameters."""

from __future__ import annotations

import re
from abc import abstractmethod
from random import Random
from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import MARGIN, Document
from ._fit import request, wants_code
from ._ifbench_format_options import options_of
from ._published import NoParams, Published

__all__ = ["CHOICES", "ListParams", "OptionsParams", "Plain", "asks_yes_or_no", "open_ended"]


def open_ended(ok: bool, cut: bool) -> Outcome:
    """Gives the outcome of what later text could still break or mend, broken where ``ok`` is false."""
    return Outcome.VIOLATED if not ok else Outcome.UNKNOWN if cut else Outcome.SATISFIED


class Plain(Published):
    """Takes no parameters; fits any request but one for code."""

    Params = NoParams
    categories: ClassVar[tuple[str, ...]] = ("Format",)
    examples: ClassVar[Witness]

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits where ``fits`` says so and no code is asked for."""
        return NoParams() if self.fits(instruction) and not wants_code(instruction) else None

    def fits(self, instruction: Instruction) -> bool:
        """Tells whether it suits the request."""
        return True

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives the examples."""
        return self.examples

    def check(self, params: NoParams, document: Document) -> Check:
        """Checks what is not blank."""
        return blank_check(document) if document.blank else self.judge(document)

    @abstractmethod
    def judge(self, document: Document) -> Check:
        """Checks a response in which something is written."""


class OptionsParams(ConstraintParams):
    """The options as one text: between slashes, commas or *or*."""

    options: Annotated[str, Field(min_length=1, max_length=1000)]

    @field_validator("options")
    @classmethod
    def _some(cls, options: str) -> str:
        if not options_of(options):
            raise ValueError(f"{options!r} names no option")
        return options


class ListParams(ConstraintParams):
    """The mark that stands for a bullet."""

    sep: Annotated[str, Field(min_length=1, max_length=50)]

    @field_validator("sep")
    @classmethod
    def _visible(cls, sep: str) -> str:
        if not sep.strip(MARGIN) or "\n" in sep or "\r" in sep:
            raise ValueError(f"{sep!r} is no mark on a line")
        return sep.strip()


_YES_NO = re.compile(
    r"(?:is|are|was|were|do|does|did|can|could|should|would|will|has|have|¿(?:es|son|puede|puedo|debo|hay)|est-ce que"
    r"|es|son)\b[^?？]{3,300}\?|[^\n]{2,100}吗？|[^\n]{0,80}是否",
    re.IGNORECASE,
)
CHOICES = ("yes/no/maybe", "true or false", "agree, disagree, undecided", "yes/no", "likely, unlikely, unclear")


def asks_yes_or_no(instruction: Instruction) -> bool:
    """Tells whether the request is a question that yes or no may answer."""
    return _YES_NO.match(request(instruction).strip()) is not None and not wants_code(instruction)
