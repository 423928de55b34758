"""The contract: every scenario and source that the registries find keeps it, without being asked."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from benchwright.builders.scenario import SCENARIOS, Gold, GoldConstraint, Scenario
from benchwright.builders.source import SOURCES, Candidate, SourceParams
from benchwright.constraints.constraint import CONSTRAINTS, families
from benchwright.constraints.document import Document
from benchwright.errors import UsageError
from benchwright.schemas.instruction import CATEGORIES, INSTRUCTION_TYPES, KINDS
from benchwright.schemas.messages import check_messages
from benchwright.schemas.outcome import Outcome
from benchwright.schemas.recipe import Use

# --- scenarios


def check_scenario(scenario: Scenario) -> None:
    """Asserts all that a scenario promises; other tests hand it scenarios that are not registered yet."""
    cls = type(scenario)
    about = sys.modules[cls.__module__].__doc__ or ""
    assert cls.__doc__, "the class has no docstring"
    for word in ("situation", "source", "licence"):
        assert word in about.lower(), f"the file's docstring does not speak of the {word}"
    assert scenario.id == cls.__module__.rpartition(".")[2], "the id is not the file's name"
    assert isinstance(scenario.version, int) and scenario.version >= 1
    assert scenario.instruction_type in INSTRUCTION_TYPES
    assert 2 <= scenario.responses <= 64
    assert scenario.sources, "no source"
    for use in scenario.sources:
        SOURCES.get(use.id).Params.model_validate(use.params)
    known = set(CONSTRAINTS.ids())
    allowed = known | set(families(tuple(known)))
    assert set(scenario.attach) <= allowed, f"unknown in attach: {set(scenario.attach) - allowed}"
    for item in scenario.checklist:
        assert item.text.strip() and item.kind in KINDS and item.checker is None and item.kwargs is None
        assert item.categories and set(item.categories) <= set(CATEGORIES)
    assert len(scenario.gold) >= 2, "fewer than two gold pairs"
    for gold in scenario.gold:
        check_gold(scenario, gold)


def check_gold(scenario: Scenario, gold: Gold) -> None:
    messages, problem = check_messages(gold.messages)
    assert messages is not None, problem
    first = messages[0]["role"]
    turns = sum(message["role"] == "user" for message in messages)
    shape = "system_prompt" if first == "system" else "single_turn" if turns == 1 else "multi_turn"
    assert shape == scenario.instruction_type, f"a gold conversation is {shape}"
    taken = scenario.select(Candidate(messages=messages, row="gold", revision="sha256:" + "0" * 64, license=None))
    assert taken is True, "select does not take a gold conversation"
    assert len(gold.constraints) >= 2, "a gold pair with fewer than two constraints"
    for wanted in gold.constraints:
        constraint = CONSTRAINTS.get(wanted.checker)
        params = constraint.Params.model_validate(wanted.kwargs)
        for text, outcome in ((gold.satisfies, Outcome.SATISFIED), (gold.violates, Outcome.VIOLATED)):
            found = constraint.check(params, Document(text))
            assert found.outcome is outcome, f"{wanted.checker} on {text!r}: {found.outcome}: {found.reason}"


@pytest.mark.parametrize("id", SCENARIOS.ids())
def test_scenario(id: str) -> None:
    check_scenario(SCENARIOS.get(id))


def test_scenarios_cover_every_instruction_type() -> None:
    assert {SCENARIOS.get(id).instruction_type for id in SCENARIOS.ids()} == set(INSTRUCTION_TYPES)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "other"},
        {"__doc__": None},
        {"__module__": "benchwright.errors"},
        {"instruction_type": "multi_turn"},
        {"sources": ()},
        {"sources": (Use(id="no_such_source"),)},
        {"sources": (Use.model_validate({"id": "starter", "surplus": 1}),)},
        {"attach": ("no_such_family",)},
        {"gold": SCENARIOS.get("single_turn").gold[:1]},
        {"select": lambda self, candidate: False},
        {"select": lambda self, candidate: 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_contract_refuses(change: dict[str, Any]) -> None:
    cls = type(SCENARIOS.get("single_turn"))
    whole = {"__doc__": cls.__doc__, "__module__": cls.__module__}
    check_scenario(type("Same", (cls,), whole)())
    with pytest.raises((AssertionError, UsageError, ValidationError)):
        check_scenario(type("Changed", (cls,), whole | change)())


def test_the_contract_refuses_gold_that_is_not() -> None:
    scenario = SCENARIOS.get("single_turn")
    gold = scenario.gold[0]
    for broken in (
        replace(gold, satisfies=gold.violates, violates=gold.satisfies),
        replace(gold, constraints=gold.constraints[:1]),
        replace(gold, constraints=(*gold.constraints, GoldConstraint("length.words", {"n": 3}))),
        replace(gold, messages=({"role": "assistant", "content": "Hello."},)),
    ):
        with pytest.raises((AssertionError, ValidationError)):
            check_gold(scenario, broken)


# --- sources


@pytest.mark.parametrize("id", SOURCES.ids())
def test_source(id: str) -> None:
    source = SOURCES.get(id)
    assert source.id == id == type(source).__module__.rpartition(".")[2]
    assert type(source).__doc__ and sys.modules[type(source).__module__].__doc__
    assert source.version >= 1
    assert issubclass(source.Params, SourceParams)
    with pytest.raises(ValidationError, match="extra_forbidden"):
        source.Params.model_validate({"no_such_parameter": 1})
