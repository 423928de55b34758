"""Running checks in tests, and parameters to run them with."""

from __future__ import annotations

import json
from functools import cache
from random import Random
from typing import Any

from benchwright.builders.collect import collect
from benchwright.constraints.constraint import CONSTRAINTS
from benchwright.constraints.document import Document
from benchwright.constraints.run import Ran, run_check
from benchwright.schemas.instruction import Instruction
from benchwright.schemas.progress import QUIET
from benchwright.schemas.recipe import ScenarioUse, Use
from benchwright.store.fetch import Fetch

__all__ = ["distinct", "instructions", "ran", "sampled"]

SAMPLES = 200


def ran(id: str, kwargs: Any, text: str | None, finish: str = "stop") -> Ran:
    """Runs a check on a response; parameters are an object or its JSON form."""
    given = kwargs if isinstance(kwargs, str) or kwargs is None else json.dumps(kwargs)
    return run_check(id, given, None if text is None else Document(text, cut=finish == "length"))


@cache
def instructions() -> tuple[Instruction, ...]:
    """Gives the packaged requests."""
    uses = [ScenarioUse(id=id, sources=(Use(id="starter"),)) for id in ("single_turn", "multi_turn", "system_prompt")]
    return tuple(collect(uses, Fetch(), QUIET).instructions)


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
