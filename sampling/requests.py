"""Which requests a sampling policy owes, and the rows their answers become. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from ..errors import UsageError, nearest
from ..schemas.canonical import canonical_json
from ..schemas.instruction import Instruction
from ..schemas.messages import as_prompt
from ..schemas.model import Answer, Failure, Request
from ..schemas.recipe import ModelUse, SamplingPolicy
from ..schemas.response import response_id
from .chat import RESERVED
from .formats.format import make_format
from .strategies import guided as guided_turns

__all__ = ["Owed", "Owing", "check_policy", "response_row"]


@dataclass(frozen=True)
class Owed:
    """A response that is wanted, and the request whose answer it is."""

    response_id: str
    instruction_id: str
    request: Request
    parameters: str
    """As the response's row bears them, canonical JSON: those of sampling and how its messages were rendered."""
    parent_id: str | None = None
    """The response that this one revises; null for first answers."""


class Owing:
    """Every response that a policy wants, by instruction id, model and sample index; made anew each time it is read.

    Attributes:
        models: the models it takes, in the policy's order.
        format: how thought is asked for and told from the answer.
    """

    def __init__(
        self,
        instructions: Sequence[Instruction],
        policy: SamplingPolicy,
        responses: Mapping[str, int],
        revisions: Mapping[str, str],
        seed: int,
    ) -> None:
        """Checks the policy; makes nothing yet.

        Args:
            responses: responses per instruction and model, by scenario id, as the recipe settles it.
            revisions: every model's revision.
            seed: the recipe's; a request's ``seed`` is this plus its sample index, unless the parameters set one.

        Raises:
            UsageError: for a model listed twice alike, for parameters that are none of sampling, and for a scenario
                without a number of responses.
        """
        check_policy(policy)
        for scenario in {instruction.scenario for instruction in instructions} - set(responses):
            allowed = nearest(scenario, list(responses))
            raise UsageError(f"no number of responses is known for scenario {scenario!r}: {allowed}")
        # In order of id, so that who answers what does not hang on the order of rows.
        self._instructions = sorted(instructions, key=lambda instruction: instruction.id)
        self._uses = [(use, _parameters(policy, use)) for use in policy.models]
        self._each = policy.mix == "all_models"
        self._responses, self._revisions, self._seed = responses, revisions, seed
        self.format = make_format(policy.thinking)
        self._guided = policy.strategy is not None and policy.strategy.id == "guided"
        self.models = list(dict.fromkeys(use.id for use in policy.models))

    def __iter__(self) -> Iterator[Owed]:
        return self.of(None)

    def __len__(self) -> int:
        each = len(self._uses) if self._each else 1
        return sum(self._responses[instruction.scenario] for instruction in self._instructions) * each

    def of(self, model: str | None) -> Iterator[Owed]:
        """Gives the responses that one model owes; null gives all."""
        for i, instruction in enumerate(self._instructions):
            chosen = self._uses if self._each else [self._uses[i % len(self._uses)]]
            for use, parameters in chosen:
                if model is None or use.id == model:
                    for index in range(self._responses[instruction.scenario]):
                        yield self._one(instruction, use, parameters, index)

    def _one(self, instruction: Instruction, use: ModelUse, parameters: Mapping[str, Any], index: int) -> Owed:
        # A null takes a parameter away: that of the policy, or the seed.
        full = {"seed": self._seed + index, **parameters}
        full = {name: value for name, value in full.items() if value is not None}
        draw = Random(f"{self._seed}/{instruction.id}/{index}")
        feedback = guided_turns.feedback_turn(instruction.messages) if self._guided else None
        if feedback is not None and len(feedback.history) + 2 < len(instruction.messages):
            feedback = None  # turns follow it, and the last of them is to be answered
        messages = self.format.render(guided_turns.render(feedback) if feedback else instruction.messages, draw)
        if use.protocol == "completions":
            messages = as_prompt(messages)
        revision = self._revisions[use.id]
        request = Request(use.id, revision, messages, full, index, protocol=use.protocol)
        shown = canonical_json({**full, **self._rendering(use, feedback is not None)})
        id = response_id(instruction.id, instruction.messages, use.id, revision, shown, index)
        return Owed(id, instruction.id, request, shown)

    def _rendering(self, use: ModelUse, guided: bool) -> dict[str, Any]:
        """Says how messages were rendered, where they are not sent as they are: it bears identity."""
        rendering: dict[str, Any] = {}
        if self.format.id != "plain":
            settings = self.format.params.model_dump(mode="json")
            rendering["thinking"] = {"id": self.format.id, "version": self.format.version, **settings}
        if use.protocol != "chat":
            rendering["protocol"] = use.protocol
        if guided:
            rendering["guided"] = guided_turns.PROMPT
        return rendering


def _parameters(policy: SamplingPolicy, use: ModelUse) -> dict[str, Any]:
    return {**policy.parameters, **use.parameters}


def check_policy(policy: SamplingPolicy) -> None:
    """Checks that all models are asked for different things, by parameters of sampling.

    Raises:
        UsageError: with every problem.
    """
    problems = []
    seen: set[str] = set()
    for use in policy.models:
        parameters = _parameters(policy, use)
        for name in RESERVED:
            if name in parameters:
                problems.append(f"{use.id}: {name!r} is no sampling parameter" + _advice(name))
        identity = canonical_json([use.id, parameters])
        if identity in seen:
            problems.append(f"{use.id} is listed twice with the same parameters: raise sampling.responses instead")
        seen.add(identity)
    if problems:
        raise UsageError("the sampling policy cannot be carried out", problems)


def _advice(name: str) -> str:
    return ": sampling.responses is the number of answers" if name == "n" else ": the sampler sets it"


def response_row(item: Owed, answer: Answer | None) -> dict[str, Any]:
    """Gives the row of table ``Responses`` for a response owed.

    Args:
        answer: without one the row is a failed row, as is one whose answer is a failure: it is never left out. Where
            an answer came from is no part of a row.
    """
    request = item.request
    failure = Failure("missing", "no answer was given", permanent=False) if answer is None else answer
    reply = None if isinstance(failure, Failure) else failure
    return {
        "id": item.response_id,
        "instruction_id": item.instruction_id,
        "parent_id": item.parent_id,
        "model": request.model,
        "revision": request.revision,
        "parameters": item.parameters,
        "sample_index": request.sample_index,
        "text": reply.text if reply else None,
        "thinking": reply.thinking if reply else None,
        "finish_reason": reply.finish_reason if reply else None,
        "prompt_tokens": reply.prompt_tokens if reply else None,
        "completion_tokens": reply.completion_tokens if reply else None,
        "cost": reply.cost if reply else None,
        "served_model": reply.served_model if reply else None,
        "system_fingerprint": reply.system_fingerprint if reply else None,
        "status": "ok" if reply else "failed",
        "error": f"{failure.reason}: {failure.detail}" if isinstance(failure, Failure) else None,
    }
