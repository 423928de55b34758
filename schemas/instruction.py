"""An instruction: what a real user asked, and what a model is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import dataframely as dy
import polars as pl

from .canonical import content_id
from .messages import ROLES, Message, Messages

__all__ = [
    "CATEGORIES",
    "COMPOSITIONS",
    "INSTRUCTION_TYPES",
    "KINDS",
    "Given",
    "Instruction",
    "Instructions",
    "instruction_id",
    "instructions_frame",
    "read_instructions",
]

INSTRUCTION_TYPES = ("single_turn", "multi_turn", "system_prompt")
KINDS = ("verifiable", "soft")
CATEGORIES = ("Numerical", "Format", "Content", "Linguistic", "Style", "Situation", "Action")
"""Constraint categories of IF-RewardBench (arXiv 2603.04738)."""
COMPOSITIONS = ("Single", "And", "Chain", "Selection")
"""Constraint compositions of IF-RewardBench (arXiv 2603.04738)."""


@dataclass(frozen=True)
class Given:
    """A constraint that came with the instruction: from its source or its scenario."""

    text: str
    """The requirement in words."""
    kind: str = "soft"
    """``verifiable`` or ``soft``."""
    checker: str | None = None
    """Id of the check, ours or a published one (``ifeval:punctuation:no_comma``); null for soft ones."""
    kwargs: str | None = None
    """The check's parameters as a JSON object; null for soft ones."""
    categories: tuple[str, ...] = ()
    compositions: tuple[str, ...] = ("Single",)
    origin: str = "checklist"
    """Where it came from: ``attached`` by a benchmark's author, a ``checklist``, a ``principle``."""


@dataclass(frozen=True)
class Instruction:
    """One row of ``Instructions``; every field is a column there."""

    id: str
    """``ins_`` and 16 hex digits over source, revision, row and source messages."""
    scenario: str
    instruction_type: str
    language: str | None
    """ISO 639-1 code, Chinese as ``zh``; null where it cannot be told."""
    source_messages: Messages
    """As collected."""
    messages: Messages
    """As sampled: constraints rendered in. The last is the user turn to answer."""
    source: str
    source_revision: str
    """A pinned revision or ``sha256:`` and 64 hex digits of the file read."""
    source_row: str
    source_license: str | None
    """SPDX id or the licence's name; null where the source names none."""
    conversation: str | None = None
    """The source's conversation id: rows that share it never straddle splits."""
    user: str | None = None
    """The source's (hashed) user id: likewise."""
    toxic: bool | None = None
    """The source's own flag; null where it has none."""
    redacted: bool | None = None
    """The source's own flag; null where it has none."""
    given: tuple[Given, ...] = ()
    """Constraints that came with it."""
    tags: tuple[str, ...] = ()


def _message() -> dy.Struct:
    return dy.Struct({"role": dy.String(check=lambda c: c.is_in(ROLES)), "content": dy.String()})


def message_list(*, nullable: bool = False) -> dy.List:
    """Declares a column that holds a conversation."""
    return dy.List(_message(), min_length=1, nullable=nullable)


class Instructions(dy.Schema):
    """Instructions, one a row."""

    id = dy.String(primary_key=True, regex=r"^ins_[0-9a-f]{16}$")
    scenario = dy.String(min_length=1)
    instruction_type = dy.String(check=lambda c: c.is_in(INSTRUCTION_TYPES))
    language = dy.String(nullable=True)
    source_messages = message_list()
    messages = message_list()
    source = dy.String(min_length=1)
    source_revision = dy.String(min_length=1)
    source_row = dy.String(min_length=1)
    source_license = dy.String(nullable=True)
    conversation = dy.String(nullable=True)
    user = dy.String(nullable=True)
    toxic = dy.Bool(nullable=True)
    redacted = dy.Bool(nullable=True)
    given = dy.List(
        dy.Struct(
            {
                "text": dy.String(),
                "kind": dy.String(check=lambda c: c.is_in(KINDS)),
                "checker": dy.String(nullable=True),
                "kwargs": dy.String(nullable=True),
                "categories": dy.List(dy.String(check=lambda c: c.is_in(CATEGORIES))),
                "compositions": dy.List(dy.String(check=lambda c: c.is_in(COMPOSITIONS))),
                "origin": dy.String(),
            }
        )
    )
    tags = dy.List(dy.String())

    @dy.rule()
    def ends_with_user(cls) -> pl.Expr:
        """The last message is the user turn to answer."""
        return cls.messages.col.list.last().struct.field("role") == "user"


def instruction_id(source: str, revision: str, row: str, source_messages: Sequence[Message]) -> str:
    """Gives an instruction's id from what is known when it is collected."""
    return content_id("ins", source, revision, row, [dict(message) for message in source_messages])


def instructions_frame(instructions: Iterable[Instruction]) -> pl.DataFrame:
    """Gives the instructions as a table, in their order."""
    return pl.DataFrame([asdict(instruction) for instruction in instructions], schema=pl.Schema(Instructions))


def read_instructions(frame: pl.DataFrame) -> list[Instruction]:
    """Reads a table's rows back, in their order."""
    names = [field.name for field in fields(Instruction)]

    def one(row: dict[str, Any]) -> Instruction:
        values = {name: row[name] for name in names}
        for name in ("source_messages", "messages", "tags"):
            values[name] = tuple(values[name])
        values["given"] = tuple(
            Given(**{**given, "categories": tuple(given["categories"]), "compositions": tuple(given["compositions"])})
            for given in row["given"]
        )
        return Instruction(**values)

    return [one(row) for row in frame.iter_rows(named=True)]
