"""A constraint attached to an instruction: what every response to it is rated on, position by position."""

from __future__ import annotations

import dataframely as dy

from .canonical import content_id
from .instruction import CATEGORIES, COMPOSITIONS, KINDS

__all__ = ["ORIGINS", "Constraints", "constraint_id"]

ORIGINS = ("extracted", "attached", "checklist", "principle")


class Constraints(dy.Schema):
    """Constraints, one a row, ``position`` counting from 0 within an instruction."""

    id = dy.String(primary_key=True, regex=r"^con_[0-9a-f]{16}$")
    instruction_id = dy.String(regex=r"^ins_[0-9a-f]{16}$")
    position = dy.Int32(min=0)
    text = dy.String()
    kind = dy.String(check=lambda c: c.is_in(KINDS))
    checker = dy.String(nullable=True)
    """Id of the check; null for soft constraints."""
    version = dy.Int32(nullable=True)
    """The check's version when it was attached; null where no check of ours bears the id."""
    kwargs = dy.String(nullable=True)
    """The check's parameters as a JSON object."""
    categories = dy.List(dy.String(check=lambda c: c.is_in(CATEGORIES)))
    compositions = dy.List(dy.String(check=lambda c: c.is_in(COMPOSITIONS)))
    origin = dy.String(check=lambda c: c.is_in(ORIGINS))
    span = dy.Struct(
        {"message": dy.Int32(), "start": dy.Int32(), "end": dy.Int32()},
        nullable=True,
    )
    """Where the user wrote it: message index and character offsets in ``source_messages``; null if nobody did."""
    generator = dy.String(min_length=1)
    """Who made it: ``attach@1``, ``extract@2``, ``source:starter``, ``scenario:single_turn``,
    ``checklist.spans@1:MODEL``, with ``+edited`` where a person changed it."""


def constraint_id(
    instruction_id: str, position: int, kind: str, checker: str | None, kwargs: str | None, text: str
) -> str:
    """Gives a constraint's id."""
    return content_id("con", instruction_id, position, kind, checker, kwargs, text)
