"""Drops what was asked before in the same words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..schemas.canonical import digest
from ..schemas.instruction import Instruction
from ..schemas.text import normalise
from .filter import Filter, FilterParams, Rejection

__all__ = ["Duplicate"]


class Duplicate(Filter):
    """Of conversations that are equal, turn by turn, after normalisation, keeps the first.

    Normalisation is ``schemas.text.normalise``: case and white space make no difference, wording does.
    """

    id = "duplicate"

    def reject(self, params: FilterParams, instructions: Sequence[Instruction]) -> Iterator[Rejection]:
        """Yields every later one (``same_text``), naming the one that stays."""
        first: dict[str, str] = {}
        for index, instruction in enumerate(instructions):
            turns = [(message["role"], normalise(message["content"])) for message in instruction.source_messages]
            kept = first.setdefault(digest(turns), instruction.id)
            if kept != instruction.id:
                yield Rejection(index, "same_text", f"same conversation as {kept}")
