"""Drops what is too short or too long to be a useful instruction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field, model_validator

from ..schemas.instruction import Instruction
from ..schemas.text import words
from .filter import Filter, FilterParams, Rejection

__all__ = ["Length", "LengthParams"]

Count = Annotated[int, Field(ge=0)]


class LengthParams(FilterParams):
    """Bounds, all inclusive; null is no bound."""

    min_tokens: Count | None = 1
    """Words (``schemas.text.words``) of all user turns together."""
    max_tokens: Count | None = 2_000
    min_turns: Count | None = None
    """Messages of user and assistant; a system message is no turn."""
    max_turns: Count | None = 20
    max_characters: Count | None = 20_000
    """Characters of the whole conversation, the system message among them."""

    @model_validator(mode="after")
    def _ordered(self) -> LengthParams:
        for low, high in (("min_tokens", "max_tokens"), ("min_turns", "max_turns")):
            least, most = getattr(self, low), getattr(self, high)
            if least is not None and most is not None and least > most:
                raise ValueError(f"{low} ({least}) is above {high} ({most})")
        return self


class Length(Filter):
    """Bounds on characters, turns and tokens of the conversation as collected; the first one broken is named."""

    id = "length"
    Params = LengthParams

    def reject(self, params: LengthParams, instructions: Sequence[Instruction]) -> Iterator[Rejection]:
        """Yields those out of bounds: ``too_many_characters``, ``too_few_turns``, ``too_many_turns`` and so on."""
        for index, instruction in enumerate(instructions):
            if broken := _broken(params, instruction):
                yield Rejection(index, *broken)


def _broken(params: LengthParams, instruction: Instruction) -> tuple[str, str] | None:
    messages = instruction.source_messages
    # Characters come first: they are cheap to count, and bound the text whose words are counted.
    characters = sum(len(message["content"]) for message in messages)
    if broken := _outside("characters", characters, None, params.max_characters):
        return broken
    turns = sum(message["role"] != "system" for message in messages)
    if broken := _outside("turns", turns, params.min_turns, params.max_turns):
        return broken
    tokens = sum(len(words(message["content"])) for message in messages if message["role"] == "user")
    return _outside("tokens", tokens, params.min_tokens, params.max_tokens)


def _outside(what: str, count: int, least: int | None, most: int | None) -> tuple[str, str] | None:
    if least is not None and count < least:
        return f"too_few_{what}", f"{count} {what}, at least {least} wanted"
    if most is not None and count > most:
        return f"too_many_{what}", f"{count} {what}, at most {most} wanted"
    return None
