"""Replies as a label carries them, for reading again: what was asked in which order, and every word that came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import Field, FiniteFloat

from ...schemas.model import Reply
from ...schemas.recipe import Strict

__all__ = ["Place", "Raw", "RawQuestion", "RawReply", "kept"]

_WHOLE = (None, "stop", "eos_token", "stop_sequence", "end_turn")
"""Finish reasons of a reply that ended by itself; servers that give none are taken at their word."""


class Place(NamedTuple):
    """Where a question stands among those that settle the same labels."""

    responses: tuple[str, ...]
    """Ids of the responses shown, in the order shown."""
    constraints: tuple[str, ...]
    """Ids of the constraints shown, in the order shown."""
    turn: int = 0
    """Which vote, order or rotation it is, from 0."""


class RawReply(Strict):
    """One reply as it came. Thought that the server gave apart is left out: no verdict is read from it."""

    text: str
    finish: str | None = None
    """The finish reason."""
    top: tuple[tuple[str, FiniteFloat], ...] | None = None
    """The first token and the likeliest in its place, with their log-probabilities; null where none came."""

    @property
    def cut(self) -> bool:
        """Whether something else than the judge ended it: the token limit, an error, whatever it is called."""
        return self.finish not in _WHOLE


class RawQuestion(Strict):
    """A question with what came of it."""

    responses: tuple[str, ...]
    constraints: tuple[str, ...]
    turn: Annotated[int, Field(ge=0)] = 0
    replies: tuple[RawReply, ...] = ()
    """The first, then those to the question asked again."""
    failure: str | None = None
    """Why the last time it was asked gave no reply."""

    @property
    def place(self) -> Place:
        """Its place."""
        return Place(self.responses, self.constraints, self.turn)


class Raw(Strict):
    """All that settles one label: ``raw_reply`` holds it as canonical JSON. Labels settled together hold the same."""

    labeller: str
    version: int
    params: Mapping[str, Any]
    """The labeller's, all of them."""
    asked: Sequence[RawQuestion]


def kept(reply: Reply, logprobs: bool) -> RawReply:
    """Gives what is kept of a reply.

    Args:
        logprobs: whether the verdict is read from the first token's alternatives.
    """
    first = reply.logprobs[0] if logprobs and reply.logprobs else None
    top: tuple[tuple[str, float], ...] | None = None
    if first is not None:
        own = (first.token, first.logprob)
        # Most servers list the token itself among the likeliest.
        top = first.top if own in first.top else (own, *first.top)
    return RawReply(text=reply.text, finish=reply.finish_reason, top=top)
