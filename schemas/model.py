"""The protocol by which a stage asks a model: requests in, replies or failures out.

A stage never knows endpoints, keys or retries; it is handed a ``Model``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Protocol

from .canonical import digest
from .messages import Messages

__all__ = ["UNPINNED", "Answer", "Failure", "Model", "OnAnswer", "Reply", "Request"]

UNPINNED = "unpinned"
"""The revision of a hosted model for which the recipe names none."""


@dataclass(frozen=True)
class Request:
    """One question to one model: all that may change the answer, and nothing else."""

    model: str
    """``provider/name``."""
    revision: str
    """sha256 of the weights, the recipe's value, or ``unpinned``."""
    messages: Messages
    parameters: Mapping[str, Any]
    """Sampling parameters under their OpenAI names; ``seed`` among them."""
    sample_index: int = 0

    @cached_property
    def key(self) -> str:
        """The ledger key: sha256 over the rendered request, 64 hex digits."""
        return digest(
            {
                "model": self.model,
                "revision": self.revision,
                "messages": [dict(message) for message in self.messages],
                "parameters": dict(self.parameters),
                "sample_index": self.sample_index,
            }
        )

    def record(self) -> dict[str, Any]:
        """Gives the request as JSON types, as the ledger stores it."""
        return {**asdict(self), "messages": [dict(message) for message in self.messages]}


@dataclass(frozen=True)
class Reply:
    """A finished answer."""

    text: str
    finish_reason: str | None = None
    thinking: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    served_model: str | None = None
    system_fingerprint: str | None = None
    origin: str | None = None
    """Where it came from: ``embedded`` or the endpoint's base URL. Kept in the ledger, never in a release."""


@dataclass(frozen=True)
class Failure:
    """A request that has no answer, and why."""

    reason: str
    """``context_length``, ``content_filter``, ``bad_request``, ``server``, ``timeout``, ``empty`` or ``parse``."""
    detail: str
    permanent: bool
    """Whether asking again would fail again; only such failures are kept in the ledger."""


Answer = Reply | Failure
OnAnswer = Callable[[Request, Answer, bool], None]
"""Called once per request with its answer and whether the ledger had it."""


class Model(Protocol):
    """Something that answers requests; several models may stand behind one."""

    def answer(self, requests: Sequence[Request], on_answer: OnAnswer | None = None) -> dict[str, Answer]:
        """Answers every request, each stored before it is handed back.

        Returns:
            Answers by request key; equal requests share one.

        Raises:
            ModelError: when a model cannot be asked at all. What was answered until then is stored.
        """
        ...
