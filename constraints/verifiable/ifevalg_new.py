"""IFEvalG's ``new:copy_span_idx``: the response is a part of a text, given by character indices."""

from __future__ import annotations

from random import Random
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from ...schemas.instruction import Instruction
from ..constraint import Witness
from ..document import MARGIN
from .ifevalg_copy import CopyParams, Whole, one_line

__all__ = ["CopySpanIdx"]


class SpanParams(CopyParams):
    """A text and the first and last index of a part, counted from 0."""

    n_start: Annotated[int, Field(ge=0, le=50_000)]
    n_end: Annotated[int, Field(ge=0, le=50_000)]

    @model_validator(mode="after")
    def _inside(self) -> Self:
        # The published check slices: an end beyond the text is its end.
        if not self.n_start <= self.n_end or self.n_start >= len(self.prompt_to_repeat):
            raise ValueError(f"no part from {self.n_start} to {self.n_end} in {len(self.prompt_to_repeat)} characters")
        if not self.prompt_to_repeat[self.n_start : self.n_end + 1].strip(MARGIN):
            raise ValueError(f"nothing stands between {self.n_start} and {self.n_end}")
        return self


class CopySpanIdx(Whole):
    """The response is the part between two indices, both included, counted from 0; compared as in ``copy:copy``.

    The published check leaves the last index out, though its sentence includes it.
    """

    id = "new:copy_span_idx"
    Params = SpanParams

    def sample(self, instruction: Instruction, rng: Random) -> SpanParams | None:
        """Draws a part of the request that begins and ends with a word."""
        text = one_line(instruction)
        if text is None or not text.isprintable():
            return None
        starts = [at for at in range(len(text)) if text[at].isalnum() and (at == 0 or not text[at - 1].isalnum())]
        ends = [at for at in range(len(text)) if text[at].isalnum() and not text[at + 1 : at + 2].isalnum()]
        start = rng.choice(starts) if starts else 0
        after = [end for end in ends if start + 3 <= end <= start + 60]
        return SpanParams(prompt_to_repeat=text, n_start=start, n_end=rng.choice(after)) if after else None

    def expected(self, params: Any) -> str:
        """Gives the part."""
        part: str = params.prompt_to_repeat[params.n_start : params.n_end + 1]
        return part

    def witness(self, params: Any, rng: Random) -> Witness:
        """Gives the part, and the part with more."""
        return Witness(self.expected(params), f"{self.expected(params)} and more")
