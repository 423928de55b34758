"""Running checks in tests, and parameters to run them with."""

from __future__ import annotations

import json
from functools import cache
from random import Random
from typing import Any

from benchwright.builders.source import SOURCES, Candidate, SourceParams
from benchwright.constraints.constraint import CONSTRAINTS
from benchwright.constraints.document import Document
from benchwright.constraints.run import Ran, run_check
from benchwright.schemas.instruction import Instruction
from benchwright.store.fetch import Fetch

__all__ = ["distinct", "instructions", "ran", "sampled"]

SAMPLES = 200


def ran(id: str, kwargs: Any, text: str | None, finish: str = "stop") -> Ran:
    """Runs a check on a response; parameters are an object or its JSON form."""
    given = kwargs if isinstance(kwargs, str) or kwargs is None else json.dumps(kwargs)
    return run_check(id, given, None if text is None else Document(text, cut=finish == "length"))


def _instruction(candidate: Candidate) -> Instruction:
    roles = [message["role"] for message in candidate.messages]
    kind = "system_prompt" if roles[0] == "system" else "multi_turn" if len(roles) > 1 else "single_turn"
    return Instruction(
        id="ins_" + "0" * 16,
        scenario=kind,
        instruction_type=kind,
        language=candidate.language,
        source_messages=candidate.messages,
        messages=candidate.messages,
        source="starter",
        source_revision=candidate.revision,
        source_row=candidate.row,
        source_license=candidate.license,
    )


@cache
def instructions() -> tuple[Instruction, ...]:
    """Gives the packaged requests."""
    rows = SOURCES.get("starter").read(SourceParams(), Fetch())
    return tuple(_instruction(row) for row in rows if isinstance(row, Candidate))


@cache
def sampled(id: str) -> tuple[Any, ...]:
    """Draws parameters over the starter instructions until there are enough."""
    constraint = CONSTRAINTS.get(id)
    rng = Random(id)
    drawn: list[Any] = []
    for _ in range(SAMPLES):
        for instruction in instructions():
            params = constraint.sample(instruction, rng)
            if params is not None:
                drawn.append(params)
            if len(drawn) == SAMPLES:
                return tuple(drawn)
    raise AssertionError(f"{id} fits too few starter instructions: {len(drawn)} draws")


@cache
def distinct(id: str) -> tuple[Any, ...]:
    """Gives the drawn parameters, each once."""
    return tuple({params.model_dump_json(): params for params in sampled(id)}.values())
