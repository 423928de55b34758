"""Asking a model for a list: a request, and where its reply cannot be read, a repair turn, once.

A way to draw a checklist is a generator of requests: it is sent each request's answer and returns what came of it. Who
runs many of them asks all requests of a round together.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ...schemas.instruction import Instruction
from ...schemas.messages import Message, Messages, transcript
from ...schemas.model import Answer, Failure, Request
from ...schemas.recipe import ModelUse
from ...schemas.wording import fence, prompt
from .item import Listed

__all__ = ["TOKENS", "Asker", "Steps", "ask_list", "directed", "language_rule"]

TOKENS = 1024
"""The limit of a reply for which the recipe sets none (arXiv 2503.05142's code)."""

T = TypeVar("T")
Steps = Generator[Request, Answer, Listed[T] | Failure]
"""Requests out, answers in; ends with what was read, or with the failure that left nothing to read."""


@dataclass(frozen=True)
class Asker:
    """Makes the requests of one model."""

    use: ModelUse
    revision: str
    seed: int

    def request(self, messages: Messages) -> Request:
        """Gives the request for an answer to messages.

        Parameters are the use's own, over the recipe's seed, a limit of 1024 tokens and temperature 0. As everywhere a
        null takes a parameter away. A model that takes ``max_completion_tokens`` is given no temperature unasked: such
        models refuse it.
        """
        own = self.use.parameters
        defaults: dict[str, Any] = {"seed": self.seed}
        if "max_completion_tokens" not in own:
            defaults |= {"max_tokens": TOKENS, "temperature": 0.0}
        full = {name: value for name, value in {**defaults, **own}.items() if value is not None}
        if self.use.protocol == "completions":
            messages = ({"role": "user", "content": f"{transcript(messages)}\n\nassistant:"},)
        return Request(self.use.id, self.revision, messages, full, protocol=self.use.protocol)


def language_rule(instruction: Instruction, what: str) -> str:
    """Says in which language items are to be written."""
    tongue = f" (ISO 639 code {instruction.language})" if instruction.language else ""
    return f"Write the {what} in the language of the user's last message{tongue}, whatever language these rules have."


def directed(
    directions: str, material: str, instruction: Instruction, values: Mapping[str, str], **parts: str
) -> Messages:
    """Gives the conversation that asks for a list: the directions as system message, the material between fences.

    Args:
        directions: name of the prompt with the rules.
        material: name of the prompt that shows the texts.
        instruction: its conversation as collected is shown, without what was attached to it.
        values: what stands in the directions, besides the types.
        parts: the texts shown beside the conversation.
    """
    shown = {"conversation": transcript(instruction.source_messages), **parts}
    types = prompt(__package__, "types_v1")
    return (
        {"role": "system", "content": prompt(__package__, directions, types=types, **values)},
        {"role": "user", "content": prompt(__package__, material, fence=fence(*shown.values()), **shown)},
    )


def ask_list(asker: Asker, messages: Messages, read: Callable[[str], Listed[T]]) -> Steps[T]:
    """Asks for a list; one that cannot be read is asked for once more, the model's reply and what was wrong shown.

    A reply that the token limit cut cannot be read: what it lacks is not known.
    """
    listed: Listed[T] = Listed()
    for attempt in range(2):
        answer = yield asker.request(messages)
        if isinstance(answer, Failure):
            return answer
        listed = Listed(problem="it was cut by the limit of length") if answer.truncated else read(answer.text)
        if listed.problem is None:
            return replace(listed, notes=(*listed.notes, *("repaired",) * attempt))
        said: Message = {"role": "assistant", "content": answer.text}
        repair: Message = {"role": "user", "content": prompt(__package__, "repair_v1", problem=listed.problem)}
        messages = (*messages, said, repair)
    return listed
