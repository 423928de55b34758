"""Drops what the source itself marks as toxic, or as redacted because it held personal data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from ..schemas.instruction import Instruction
from .filter import Filter, FilterParams, Rejection

__all__ = ["Flags", "FlagsParams"]


class FlagsParams(FilterParams):
    """Which flags count."""

    drop: Annotated[tuple[Literal["toxic", "redacted"], ...], Field(min_length=1)] = ("toxic", "redacted")
    unknown: Literal["keep", "drop"] = "keep"
    """What becomes of instructions whose source does not say."""


class Flags(Filter):
    """Drops instructions by their source's own flags."""

    id = "flags"
    Params = FlagsParams

    def reject(self, params: FlagsParams, instructions: Sequence[Instruction]) -> Iterator[Rejection]:
        """Yields the flagged ones (``toxic``, ``redacted``) and, if asked, those without a flag (``unknown``)."""
        for index, instruction in enumerate(instructions):
            said: dict[str, bool | None] = {"toxic": instruction.toxic, "redacted": instruction.redacted}
            flagged = [name for name in params.drop if said[name]]
            silent = [name for name in params.drop if said[name] is None]
            if flagged:
                yield Rejection(index, flagged[0], f"the source marks it as {' and '.join(flagged)}")
            elif silent and params.unknown == "drop":
                yield Rejection(index, "unknown", f"the source does not say whether it is {' or '.join(silent)}")
