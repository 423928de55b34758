"""Keeps the languages a release is meant for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import field_validator

from ..errors import nearest
from ..schemas.instruction import Instruction
from ..schemas.language import LANGUAGES
from .filter import Filter, FilterParams, Rejection

__all__ = ["Language", "LanguageParams"]


class LanguageParams(FilterParams):
    """Which languages stay."""

    allow: tuple[str, ...] | None = None
    """ISO 639-1 codes; null allows every language that is known."""
    unknown: Literal["keep", "drop"] = "drop"
    """What becomes of instructions whose language cannot be told."""

    @field_validator("allow")
    @classmethod
    def _known(cls, allow: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for code in allow or ():
            if code not in LANGUAGES:
                raise ValueError(f"{code!r} is no ISO 639-1 code we know; {nearest(code, list(LANGUAGES))}")
        if allow is not None and not allow:
            raise ValueError("an empty list allows nothing; null allows every language")
        return allow


class Language(Filter):
    """Keeps instructions in the allowed languages, by what the source or the detection said."""

    id = "language"
    Params = LanguageParams

    def reject(self, params: LanguageParams, instructions: Sequence[Instruction]) -> Iterator[Rejection]:
        """Yields those in other languages (``not_allowed``) and in none that can be told (``unknown``)."""
        for index, instruction in enumerate(instructions):
            if instruction.language is None:
                if params.unknown == "drop":
                    yield Rejection(index, "unknown", "the language cannot be told")
            elif params.allow is not None and instruction.language not in params.allow:
                yield Rejection(index, "not_allowed", f"{instruction.language}; allowed: {', '.join(params.allow)}")
