"""Instructions as a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

import dataframely as dy
import polars as pl

from .instruction import CATEGORIES, COMPOSITIONS, INSTRUCTION_TYPES, KINDS, Given, Instruction
from .messages import ROLES

__all__ = ["Instructions", "instructions_frame", "message_list", "read_instructions"]


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
