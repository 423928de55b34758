"""Which requests a sampling policy owes, and the rows their answers become. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError, nearest
from ..schemas.canonical import canonical_json
from ..schemas.instruction import Instruction
from ..schemas.model import Answer, Failure, Request
from ..schemas.recipe import ModelUse, SamplingPolicy
from ..schemas.response import response_id
from ..schemas.text import words
from .chat import RESERVED

__all__ = ["Owed", "check_policy", "estimate_tokens", "owed", "response_rows"]

TOKENS_PER_WORD = 1.35
"""A rough mean over languages and tokenizers; an ideograph counts as a word."""
TOKENS_PER_MESSAGE = 4
"""What chat templates put around a message."""
TOKENS_UNLIMITED = 1024
"""Taken for the longest answer where the parameters set no limit."""


@dataclass(frozen=True)
class Owed:
    """A response that is wanted, and the request whose answer it is."""

    response_id: str
    instruction_id: str
    request: Request


def owed(
    instructions: Sequence[Instruction],
    policy: SamplingPolicy,
    responses: Mapping[str, int],
    revisions: Mapping[str, str],
    seed: int,
) -> list[Owed]:
    """Lists every response that a policy wants, by instruction id, model and sample index.

    Args:
        responses: responses per instruction and model, by scenario id, as the recipe settles it.
        revisions: every model's revision.
        seed: the recipe's; a request's ``seed`` is this plus its sample index, unless the parameters set one.

    Raises:
        UsageError: for a model listed twice alike, and for parameters that are none of sampling.
    """
    check_policy(policy)
    uses = [(use, _parameters(policy, use)) for use in policy.models]
    wanted = []
    for i, instruction in enumerate(sorted(instructions, key=lambda instruction: instruction.id)):
        # In order of id, so that who answers what does not hang on the order of rows.
        chosen = uses if policy.mix == "all_models" else [uses[i % len(uses)]]
        for use, parameters in chosen:
            for index in range(_number(instruction, responses)):
                wanted.append(_one(instruction, use, parameters, revisions[use.id], seed, index))
    return wanted


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


def _number(instruction: Instruction, responses: Mapping[str, int]) -> int:
    if instruction.scenario not in responses:
        allowed = nearest(instruction.scenario, list(responses))
        raise UsageError(f"no number of responses is known for scenario {instruction.scenario!r}: {allowed}")
    return responses[instruction.scenario]


def _one(
    instruction: Instruction, use: ModelUse, parameters: Mapping[str, Any], revision: str, seed: int, index: int
) -> Owed:
    # A null takes a parameter away: that of the policy, or the seed.
    full = {"seed": seed + index, **parameters}
    full = {name: value for name, value in full.items() if value is not None}
    request = Request(use.id, revision, instruction.messages, full, index)
    id = response_id(instruction.id, instruction.messages, use.id, revision, full, index)
    return Owed(id, instruction.id, request)


def response_rows(owed: Sequence[Owed], answers: Mapping[str, Answer]) -> list[dict[str, Any]]:
    """Gives rows of table ``Responses``, one for each response owed, in their order.

    Args:
        answers: by request key. A response without one is a failed row, as is one whose answer is a failure: it is
            never left out. Where an answer came from is no part of a row.
    """
    return [_row(item, answers.get(item.request.key)) for item in owed]


def _row(item: Owed, answer: Answer | None) -> dict[str, Any]:
    request = item.request
    failure = Failure("missing", "no answer was given", permanent=False) if answer is None else answer
    reply = None if isinstance(failure, Failure) else failure
    return {
        "id": item.response_id,
        "instruction_id": item.instruction_id,
        "parent_id": None,
        "model": request.model,
        "revision": request.revision,
        "parameters": canonical_json(request.parameters),
        "sample_index": request.sample_index,
        "text": reply.text if reply else None,
        "thinking": reply.thinking if reply else None,
        "finish_reason": reply.finish_reason if reply else None,
        "prompt_tokens": reply.prompt_tokens if reply else None,
        "completion_tokens": reply.completion_tokens if reply else None,
        "cost": None,
        "served_model": reply.served_model if reply else None,
        "system_fingerprint": reply.system_fingerprint if reply else None,
        "status": "ok" if reply else "failed",
        "error": f"{failure.reason}: {failure.detail}" if isinstance(failure, Failure) else None,
    }


def estimate_tokens(owed: Sequence[Owed]) -> tuple[int, int]:
    """Estimates what asking costs: prompt tokens, and completion tokens if every answer runs to its limit.

    Equal requests are counted once. Prompts are taken as 1.35 tokens a word and 4 a message; an answer without a limit
    in its parameters as 1024 tokens.
    """
    requests = {item.request.key: item.request for item in owed}.values()
    counts: dict[str, int] = {}
    prompt = completion = 0.0
    for request in requests:
        for message in request.messages:
            text = message["content"]
            if text not in counts:
                counts[text] = len(words(text))
            prompt += counts[text] * TOKENS_PER_WORD + TOKENS_PER_MESSAGE
        limit = request.parameters.get("max_tokens", request.parameters.get("max_completion_tokens"))
        completion += limit if isinstance(limit, int) else TOKENS_UNLIMITED
    return round(prompt), round(completion)
