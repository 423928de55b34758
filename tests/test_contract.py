"""The contract: every scenario, constraint and source that the registries find keeps it, without being asked."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from benchwright.builders.scenario import SCENARIOS, Gold, GoldConstraint, Scenario
from benchwright.builders.source import SOURCES, Candidate, SourceParams
from benchwright.constraints.constraint import CONSTRAINTS, ConstraintParams, VerifiableConstraint
from benchwright.constraints.document import Document
from benchwright.errors import UsageError
from benchwright.schemas.instruction import CATEGORIES, COMPOSITIONS, INSTRUCTION_TYPES, KINDS, Instruction
from benchwright.schemas.messages import check_messages
from benchwright.schemas.outcome import Outcome
from benchwright.schemas.recipe import Use
from benchwright.store.fetch import Fetch

SAMPLES = 50
LANGUAGES = ("en", "zh", "es")


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
    allowed = known | {id.split(".")[0] for id in known}
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


# --- constraints


def instruction_of(candidate: Candidate) -> Instruction:
    return Instruction(
        id="ins_" + "0" * 16,
        scenario="single_turn",
        instruction_type="single_turn",
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
    rows = SOURCES.get("starter").read(SourceParams(), Fetch())
    return tuple(instruction_of(row) for row in rows if isinstance(row, Candidate))


@cache
def sampled(id: str) -> tuple[Any, ...]:
    """Draws parameters over the starter instructions until there are enough."""
    constraint = CONSTRAINTS.get(id)
    rng = Random(id)
    drawn: list[Any] = []
    for _ in range(20):
        for instruction in instructions():
            params = constraint.sample(instruction, rng)
            if params is not None:
                drawn.append(params)
            if len(drawn) == SAMPLES:
                return tuple(drawn)
    raise AssertionError(f"{id} fits too few starter instructions: {len(drawn)} draws")


def constraint_and_params(id: str) -> tuple[VerifiableConstraint, tuple[Any, ...]]:
    return CONSTRAINTS.get(id), sampled(id)


@pytest.mark.parametrize("id", CONSTRAINTS.ids())
def test_constraint_declares_itself(id: str) -> None:
    constraint = CONSTRAINTS.get(id)
    family, dot, name = constraint.id.partition(".")
    assert constraint.id == id and dot and name.isidentifier()
    assert family == type(constraint).__module__.rpartition(".")[2], "the family is not the file's name"
    assert type(constraint).__doc__ and constraint.version >= 1
    assert constraint.categories and set(constraint.categories) <= set(CATEGORIES)
    assert constraint.compositions and set(constraint.compositions) <= set(COMPOSITIONS)
    known = set(CONSTRAINTS.ids())
    slots = {slot for other in known for slot in CONSTRAINTS.get(other).slots}
    allowed = known | {other.split(".")[0] for other in known} | slots
    assert constraint.conflicts <= allowed, f"conflicts with what does not exist: {constraint.conflicts - allowed}"


@pytest.mark.parametrize("id", CONSTRAINTS.ids())
def test_constraint_params_are_closed_and_required(id: str) -> None:
    constraint, drawn = constraint_and_params(id)
    assert issubclass(constraint.Params, ConstraintParams)
    for params in drawn:
        kwargs = json.loads(json.dumps(params.model_dump(mode="json")))
        assert constraint.Params.model_validate(kwargs) == params, "parameters do not survive JSON"
        with pytest.raises(ValidationError, match="extra_forbidden"):
            constraint.Params.model_validate(kwargs | {"surplus": 1})
        for key in kwargs:
            with pytest.raises(ValidationError, match="missing"):
                constraint.Params.model_validate({name: value for name, value in kwargs.items() if name != key})


@pytest.mark.parametrize("id", CONSTRAINTS.ids())
def test_constraint_witnesses(id: str) -> None:
    constraint, drawn = constraint_and_params(id)
    for params in drawn:
        witness = constraint.witness(params)
        good = constraint.check(params, Document(witness.satisfies))
        bad = constraint.check(params, Document(witness.violates))
        assert good.outcome is Outcome.SATISFIED, f"{params!r} on {witness.satisfies!r}: {good}"
        assert bad.outcome is Outcome.VIOLATED, f"{params!r} on {witness.violates!r}: {bad}"


@pytest.mark.parametrize("id", CONSTRAINTS.ids())
def test_constraint_wordings(id: str) -> None:
    constraint, drawn = constraint_and_params(id)
    for params in drawn:
        for variant in range(6):
            worded = [constraint.render(params, language, variant) for language in LANGUAGES]
            assert all(text.strip() for text in worded)
            assert len(set(worded)) == len(LANGUAGES), f"two languages share a wording: {worded}"
            assert worded == [constraint.render(params, language, variant) for language in LANGUAGES]
    assert len({constraint.render(drawn[0], "en", variant) for variant in range(6)}) > 1, "one wording only"


@pytest.mark.parametrize("id", CONSTRAINTS.ids())
def test_constraint_draws_depend_on_the_rng_alone(id: str) -> None:
    constraint = CONSTRAINTS.get(id)
    for instruction in instructions()[::9]:
        assert constraint.sample(instruction, Random(7)) == constraint.sample(instruction, Random(7))


PIECES = st.sampled_from(
    ["```\n", "- ", "* ", "# ", "\n\n", '"', "{", "}", "[x]", "1,000", "3.14", "。", "！", "«", "¿", "**b**", "é", "İ"]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=20).map("".join))


@pytest.mark.parametrize("id", CONSTRAINTS.ids())
def test_constraint_check_is_total_and_stable(id: str) -> None:
    constraint, drawn = constraint_and_params(id)

    @settings(max_examples=50, deadline=None)
    @given(params=st.sampled_from(drawn), text=TEXTS, cut=st.booleans())
    def verdicts(params: Any, text: str, cut: bool) -> None:
        first = constraint.check(params, Document(text, cut=cut))
        assert first == constraint.check(params, Document(text, cut=cut))
        assert isinstance(first.outcome, Outcome) and first.reason
        assert all(0 <= start <= end <= len(text) for start, end in first.spans)

    verdicts()


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
