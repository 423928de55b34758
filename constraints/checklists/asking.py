"""Asking a model for a list: a request, and where its reply cannot be read, a repair turn, once.

A way to draw a checklist is a generator of requests: it is sent each request's answer and returns what came of it. Who
runs many of them asks all requests of a round together.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

from ...schemas.instruction import Instruction
from ...schemas.messages import Messages, as_prompt, said_and_asked, transcript
from ...schemas.model import Answer, Failure, Model, Request
from ...schemas.parameters import over_defaults
from ...schemas.recipe import ModelUse
from ...schemas.thought import visible
from ...schemas.wording import fence, prompt
from .item import Listed

__all__ = ["MISSING", "TOKENS", "Asked", "Asker", "Result", "Steps", "ask_all", "ask_list", "directed", "language_rule"]

TOKENS = 1024
"""The limit of a reply for which the recipe sets none (arXiv 2503.05142's code)."""
MISSING = "missing"
"""Why a request has no answer that nobody gave one to."""

T = TypeVar("T")
Steps = Generator[Request, Answer, Listed[T] | Failure]
"""Requests out, answers in; ends with what was read, or with the failure that left nothing to read."""
Result = Listed[Any] | Failure


class Asked(NamedTuple):
    """What many steps came to."""

    results: list[Result]
    """What each ended with."""
    failures: dict[str, Failure]
    """By the key of the request."""


@dataclass(frozen=True)
class Asker:
    """Makes the requests of one model."""

    use: ModelUse
    revision: str
    seed: int

    def request(self, messages: Messages) -> Request:
        """Gives the request for an answer to messages.

        Parameters are the use's own, over the recipe's seed, a limit of 1024 tokens and temperature 0.
        """
        defaults = {"seed": self.seed, "max_tokens": TOKENS, "temperature": 0.0}
        full = over_defaults(defaults, self.use.parameters)
        if self.use.protocol == "completions":
            messages = as_prompt(messages)
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

    A reply that the token limit cut cannot be read: what it lacks is not known. Nor is a list that stands in a thought.
    """
    listed: Listed[T] = Listed()
    for attempt in range(2):
        answer = yield asker.request(messages)
        if isinstance(answer, Failure):
            return answer
        said = visible(answer.text)
        if answer.truncated:
            listed = Listed(problem="it was cut by the limit of length")
        else:
            listed = Listed(problem="its thought never ends") if said is None else read(said)
        if listed.problem is None:
            return replace(listed, notes=(*listed.notes, *("repaired",) * attempt))
        messages = said_and_asked(messages, said or "", prompt(__package__, "repair_v1", problem=listed.problem))
    return listed


def ask_all(steps: Sequence[Steps[Any]], model: Model) -> Asked:
    """Takes all steps, a round at a time: the requests of a round go to the models together."""
    results: dict[int, Result] = {}
    failures: dict[str, Failure] = {}
    waiting: dict[int, Request] = {at: next(one) for at, one in enumerate(steps)}
    while waiting:
        requests = {request.key: request for request in waiting.values()}
        answers = model.answer(list(requests.values()))
        following: dict[int, Request] = {}
        for at, request in waiting.items():
            answer = answers.get(request.key) or Failure(MISSING, "no answer was given", permanent=False)
            if isinstance(answer, Failure):
                failures[request.key] = answer
            try:
                following[at] = steps[at].send(answer)
            except StopIteration as end:
                results[at] = end.value
        waiting = following
    return Asked([results[at] for at in range(len(steps))], failures)
