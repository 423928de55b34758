"""An instruction: what a real user asked, and what a model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .canonical import content_id
from .messages import Message, Messages

__all__ = [
    "CATEGORIES",
    "COMPOSITIONS",
    "INSTRUCTION_TYPES",
    "KINDS",
    "Given",
    "Instruction",
    "instruction_id",
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
    """Id of the check, ours or a published one (``punctuation:no_comma``); null for soft ones."""
    kwargs: str | None = None
    """The check's parameters as a JSON object; null for soft ones."""
    categories: tuple[str, ...] = ()
    compositions: tuple[str, ...] = ("Single",)
    origin: str = "checklist"
    """Where it came from: ``attached`` by a benchmark's author, a ``checklist``, a ``principle``."""


@dataclass(frozen=True)
class Instruction:
    """One row of ``instructions.Instructions``; every field is a column there."""

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


def instruction_id(source: str, revision: str, row: str, source_messages: Sequence[Message]) -> str:
    """Gives an instruction's id from what is known when it is collected."""
    return content_id("ins", source, revision, row, [dict(message) for message in source_messages])
