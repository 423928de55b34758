"""A response: what one model answered to one instruction, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dataframely as dy

from .canonical import canonical_json, content_id, digest
from .messages import Message

__all__ = ["STATUSES", "Published", "Responses", "response_id"]

STATUSES = ("ok", "failed")


class Responses(dy.Schema):
    """Responses, one a row; a failed one has null text and an error."""

    id = dy.String(primary_key=True, regex=r"^res_[0-9a-f]{16}$")
    instruction_id = dy.String(regex=r"^ins_[0-9a-f]{16}$")
    parent_id = dy.String(nullable=True)
    """The response this one revises; null for first answers."""
    model = dy.String(min_length=1)
    """``provider/name``, or the name the source gives."""
    revision = dy.String(min_length=1)
    """sha256 of the weights (local), the recipe's value (hosted), ``unpinned``, or the source file's revision."""
    parameters = dy.String()
    """Sampling parameters as canonical JSON."""
    sample_index = dy.Int32(min=0)
    text = dy.String(nullable=True)
    thinking = dy.String(nullable=True)
    finish_reason = dy.String(nullable=True)
    """``stop``, ``length`` (cut by the token limit) or what the server says; null where the source has none."""
    prompt_tokens = dy.Int32(nullable=True, min=0)
    completion_tokens = dy.Int32(nullable=True, min=0)
    cost = dy.Float64(nullable=True, min=0)
    """US dollars; null where no price is known."""
    served_model = dy.String(nullable=True)
    system_fingerprint = dy.String(nullable=True)
    status = dy.String(check=lambda c: c.is_in(STATUSES))
    error = dy.String(nullable=True)
    """``reason: detail`` of a failed response."""


class Published(dy.Schema):
    """Labels that a source published with its recorded responses."""

    response_id = dy.String(primary_key=True, regex=r"^res_[0-9a-f]{16}$")
    position = dy.Int32(primary_key=True, min=0)
    """The constraint's position among those the source gave."""
    label = dy.Int8(nullable=True, min=0, max=1)
    """1 satisfied, 0 violated, null where the source says it could not tell."""
    reason = dy.String(nullable=True)
    """Why it is null, where more is known than that the source gives none."""
    rater = dy.String(min_length=1)
    """Whose verdict it is: the source and what it calls the verdict."""


def response_id(
    instruction_id: str,
    messages: Sequence[Message],
    model: str,
    revision: str,
    parameters: str | Mapping[str, Any],
    sample_index: int,
    parent_id: str | None = None,
) -> str:
    """Gives a response's id from what is known before it is sampled.

    Args:
        parameters: the sampling parameters, as canonical JSON or as a mapping.
    """
    text = parameters if isinstance(parameters, str) else canonical_json(parameters)
    messages_hash = digest([dict(message) for message in messages])
    return content_id("res", instruction_id, messages_hash, f"{model}@{revision}", text, sample_index, parent_id)
