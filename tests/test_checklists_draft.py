"""Drafting checklists over a real HTTP server: rounds, repairs, failures, and counts that add up."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import yaml

from benchwright.constraints import draft as draft_module
from benchwright.constraints.checklists.review import Decision
from benchwright.constraints.draft import VERSIONS, draft_checklists
from benchwright.constraints.soft import numbered
from benchwright.errors import InputError, UsageError
from benchwright.sampling.connect import connect, revisions
from benchwright.sampling.models import Models
from benchwright.sampling.providers import Endpoint
from benchwright.sampling.settings import Settings
from benchwright.schemas.constraint import Constraints
from benchwright.schemas.instruction import Instruction, instruction_id
from benchwright.schemas.outcome import Outcome
from benchwright.schemas.recipe import ChecklistUse, ConstraintPolicy, ModelUse
from benchwright.schemas.tables import empty, frame_of, problems
from benchwright.store.ledger import Ledger
from benchwright.store.rows import Row

from .servers import FakeServer, Fault, reply_body

MODEL, OTHER = "vllm/fake", "vllm/other"
QUICK = Settings(concurrency=8, timeout=5, retries=0, backoff=0.01, throttle_wait=1, connect_wait=0.2)
REVISIONS = {MODEL: "r1", OTHER: "r2"}


def instruction(number, text, language="en", attached=""):
    messages = ({"role": "user", "content": text},)
    return Instruction(
        id=instruction_id("test", "rev", str(number), messages),
        scenario="single_turn",
        instruction_type="single_turn",
        language=language,
        source_messages=messages,
        messages=({"role": "user", "content": text + attached},),
        source="test",
        source_revision="rev",
        source_row=str(number),
        source_license=None,
    )


TOUR = instruction(0, "Write about a tour. Keep it brief and name two towns.", attached="\n\nUse 40 words.")
SHOP = instruction(1, "写一段关于商店的介绍。", "zh")
BOTH = (TOUR, SHOP)

QUESTIONS = (
    "Analysis: a tour.\nQuestions:\n[Style; Single] Is the response brief?\n[Content; And] Does it name two towns?"
)
REFERENCE = (
    "Analysis: …\nQuestions:\n2. [Content] Does it name Bern?\n1. Is the answer brief?\n10. Does it end well?\n"
    "3. Does it match the reference answer?"
)
SPANS = "Requirements:\n[Style] Keep it brief\n-> The response is brief.\n[Numerical] three towns\nname two towns"


def way_of(body):
    """Tells which list a request asks for: by its directions, or an answer to the bare conversation."""
    first = body["messages"][0]
    if first["role"] != "system":
        return "answer"
    names = {"no response": "instruction", "one answer to it": "reference"}
    names |= {"add nothing": "spans", "principles behind": "feedback"}
    return next(way for sign, way in names.items() if sign in first["content"])


REPLIES = {"instruction": QUESTIONS, "reference": REFERENCE, "spans": SPANS, "answer": "Bern and Ulm are fine."}


def server(replies=None, **more):
    texts = {**REPLIES, **(replies or {})}

    def answer(body):
        text = texts[way_of(body)]
        return reply_body(text(body) if callable(text) else text)

    return FakeServer(answer=answer, **more)


def draft(running, tmp_path, ways, instructions=BOTH, constraints=None, **more):
    uses = [ChecklistUse(**{"model": MODEL, **(way if isinstance(way, dict) else {"id": way})}) for way in ways]
    endpoints = {MODEL: Endpoint(running.base_url, "fake"), OTHER: Endpoint(running.base_url, "other")}
    with Ledger(tmp_path / "ledger.sqlite") as ledger, Models(endpoints, ledger, QUICK, rng=random.Random(0)) as models:
        given = empty(Constraints) if constraints is None else constraints
        done = draft_checklists(instructions, given, uses, models, REVISIONS, 7, **more)
    assert problems(Constraints, done.constraints) == []
    # What was written is a constraint or a drop.
    items = [drop for drop in done.drops if drop.reason not in ("no_answer", "unparsed", "no_such_instruction")]
    assert done.notes["written"] == done.constraints.height - given.height + len(items)
    assert {drop.stage for drop in done.drops} <= {"checklist"}
    return done


def texts(done, one=TOUR):
    return done.constraints.filter(instruction_id=one.id)["text"].to_list()


def reasons(done, one=TOUR):
    return Counter(drop.reason for drop in done.drops if drop.record == one.id)


def given_row(text, at=0, one=TOUR):
    row = {"instruction_id": one.id, "text": text, "kind": "soft", "checker": None, "version": None, "kwargs": None}
    row |= {
        "categories": [],
        "compositions": ["Single"],
        "origin": "checklist",
        "span": None,
        "generator": "source:test",
    }
    return numbered([row], {one.id: at})[0]


def test_questions_from_the_instruction_alone(tmp_path):
    with server() as running:
        done = draft(running, tmp_path, ["instruction"], constraints=frame_of(Constraints, [given_row("Is it fun?")]))
        assert running.requests == 2
        again = draft(running, tmp_path, ["instruction"], constraints=frame_of(Constraints, [given_row("Is it fun?")]))
        assert running.requests == 2, "nothing is asked twice"
    assert again.constraints.equals(done.constraints)
    rows = done.constraints.filter(instruction_id=TOUR.id).to_dicts()
    assert [(row["position"], row["text"]) for row in rows] == [
        (0, "Is it fun?"),
        (1, "Is the response brief?"),
        (2, "Does it name two towns?"),
    ]
    assert rows[0]["generator"] == "source:test"
    assert (rows[1]["categories"], rows[2]["compositions"]) == (["Style"], ["And"])
    assert {row["generator"] for row in rows[1:]} == {"checklist.instruction@1:vllm/fake"}
    assert (done.drops, done.failures, done.retryable, done.notes["drawn"]) == ([], {}, 0, 4)


def test_what_is_shown(tmp_path):
    fenced = replace(TOUR, source_messages=({"role": "user", "content": "Say ````` five times."},))
    with server() as running:
        draft(running, tmp_path, ["instruction"], [fenced, SHOP, TOUR])
        bodies = running.bodies
    shown = {body["messages"][1]["content"] for body in bodies}
    assert any(f"{'`' * 6}\nSay ````` five times.\n{'`' * 6}" in text for text in shown)
    assert not any("Use 40 words." in text for text in shown), "attached constraints are no part of the request"
    assert any("ISO 639 code zh" in body["messages"][0]["content"] for body in bodies)
    assert {(body["max_tokens"], body["temperature"], body["seed"]) for body in bodies} == {(1024, 0.0, 7)}
    assert not any("{" in body["messages"][0]["content"] for body in bodies)


def test_parameters_and_protocol_of_the_model(tmp_path):
    model = {"id": MODEL, "parameters": {"max_completion_tokens": 50, "seed": None}, "protocol": "completions"}
    use = {"id": "instruction", "model": model}

    def answer(body):
        assert "max_tokens" not in body and "temperature" not in body and "seed" not in body
        assert body["prompt"].endswith("assistant:")
        return {"model": "fake", "choices": [{"index": 0, "text": QUESTIONS, "finish_reason": "stop"}], "usage": {}}

    with FakeServer(answer=answer) as running:
        assert len(texts(draft(running, tmp_path, [use]))) == 2


def test_ways_in_their_order_say_nothing_twice(tmp_path):
    given = frame_of(Constraints, [given_row("does it name TWO towns")])
    with server() as running:
        ways = ["instruction", {"id": "reference", "answers": OTHER}, "spans"]
        done = draft(running, tmp_path, ways, [TOUR], given)
        asked = Counter((way_of(body), body["model"]) for body in running.bodies)
    assert asked == {("instruction", "fake"): 1, ("answer", "other"): 1, ("reference", "fake"): 1, ("spans", "fake"): 1}
    assert texts(done) == [
        "does it name TWO towns",
        "Is the response brief?",
        "Does it name Bern?",
        "Does it end well?",
        "The response is brief.",
        "name two towns",
    ]
    assert reasons(done) == {"duplicate_item": 2, "names_reference": 1, "not_verbatim": 1}
    overlaps = {name: count for name, count in done.notes.items() if name.startswith("overlap")}
    assert overlaps == {"overlap:given:instruction": 1, "overlap:instruction:reference": 1}
    spans = done.constraints.filter(pl.col("origin") == "extracted")["span"].to_list()
    said = TOUR.source_messages[0]["content"]
    assert [said[span["start"] : span["end"]] for span in spans] == ["Keep it brief", "name two towns"]


def test_the_answer_is_at_hand_once_and_no_part_of_an_item(tmp_path):
    with server() as running:
        done = draft(running, tmp_path, ["reference"], [TOUR])
        shown = [body["messages"][1]["content"] for body in running.bodies if way_of(body) == "reference"]
    assert len(shown) == 1 and "Bern and Ulm are fine." in shown[0]
    assert not any("Ulm" in text for text in texts(done))


def test_a_list_that_cannot_be_read_is_asked_for_once_more(tmp_path):
    def reply(body):
        turns = [turn["role"] for turn in body["messages"]]
        if "商店" in body["messages"][1]["content"] or turns == ["system", "user"]:
            return "I would rather not."
        assert turns == ["system", "user", "assistant", "user"]
        assert body["messages"][2]["content"] == "I would rather not."
        assert 'there is no line "Questions:"' in body["messages"][3]["content"]
        return QUESTIONS

    with server({"instruction": reply}) as running:
        done = draft(running, tmp_path, ["instruction"])
        assert running.requests == 4
    assert len(texts(done)) == 2 and texts(done, SHOP) == []
    assert done.notes["repaired"] == 1
    assert [(drop.record, drop.reason) for drop in done.drops] == [(SHOP.id, "unparsed")]
    assert not done.failures, "an unreadable reply is an answer"


def test_a_cut_list_is_none(tmp_path):
    with FakeServer(answer=lambda body: reply_body(QUESTIONS, finish_reason="length")) as running:
        done = draft(running, tmp_path, ["instruction", "spans"], [TOUR])
        assert running.requests == 4
    assert texts(done) == [] and reasons(done) == {"unparsed": 2}


@pytest.mark.parametrize(("status", "reason", "retryable"), [(500, "server", 1), (400, "bad_request", 0)])
def test_what_is_not_answered_is_counted_and_the_rest_goes_on(tmp_path, status, reason, retryable):
    def fault(body, seen):
        return Fault(status=status) if "商店" in body["messages"][-1]["content"] else None

    with server(faults=fault) as running:
        done = draft(running, tmp_path, ["instruction", "reference"])
    assert (done.failures, done.retryable) == ({reason: 2}, 2 * retryable)
    assert reasons(done, SHOP) == {"no_answer": 2} and texts(done, SHOP) == []
    assert len(texts(done)) == 4


def test_decisions_are_applied(tmp_path):
    with server() as running:
        first = draft(running, tmp_path, ["instruction"], [TOUR])
        ids = first.constraints["id"].to_list()
        decisions = [Decision(ids[0], "reject"), Decision(ids[1], "edit", "Does it name 2 towns?")]
        done = draft(running, tmp_path, ["instruction"], [TOUR], decisions=decisions)
        assert running.requests == 1
    assert texts(done) == ["Does it name 2 towns?"]
    assert done.constraints["position"].to_list() == [0]
    assert done.constraints["generator"].to_list() == ["checklist.instruction@1:vllm/fake+edited"]
    assert [(drop.record, drop.reason) for drop in done.drops] == [(ids[0], "rejected")]


def test_constraints_keep_the_order_of_the_instructions(tmp_path):
    given = frame_of(Constraints, [given_row("Is it fun?", 0, SHOP), given_row("Is it fun?", 0, TOUR)])
    with server() as running:
        done = draft(running, tmp_path, ["instruction"], [SHOP, TOUR], given)
    rows = done.constraints.select("instruction_id", "position").rows()
    assert rows == [(one.id, at) for one in (SHOP, TOUR) for at in range(3)]


def test_nothing_to_draw_asks_nothing(tmp_path):
    with server() as running:
        done = draft(running, tmp_path, [], BOTH, frame_of(Constraints, [given_row("Is it fun?")]))
        assert running.requests == 0
    assert done.constraints["text"].to_list() == ["Is it fun?"]


def test_the_documented_recipe_is_one():
    page = (Path(__file__).parents[1] / "docs" / "checklists.md").read_text("utf-8")
    policy = ConstraintPolicy.model_validate(yaml.safe_load(page.split("```")[1].removeprefix("yaml"))["constraints"])
    assert {use.id for use in policy.checklists} == set(VERSIONS)
    table = re.findall(r"^\| (`.+?) \|", page.partition("## What is left out")[2].partition("##")[0], re.MULTILINE)
    named = {name for cell in table for name in re.findall(r"`([a-z_]+)", cell)}
    code = Path(draft_module.__file__).parent
    written = "".join(
        path.read_text("utf-8")
        for path in [
            *(code / f"{name}.py" for name in ("draft", "gathering", "soft")),
            *(code / "checklists").glob("*.py"),
        ]
    )
    assert len(named) == 13 and all(f'"{name}' in written for name in named)


# --- feedback

FEEDBACK = {"id": "feedback", "feedback": "remarks.jsonl"}
REMARKS = [
    Row(1, {"instruction_id": TOUR.id, "response": "Bern.", "feedback": ["no second town", "one town is missing"]}),
    Row(2, {"instruction_id": TOUR.id, "response": "Bern, Ulm.", "feedback": ["two towns, fine", "it has two towns"]}),
    Row(3, {"source_row": "none", "response": "Bern.", "feedback": ["so"]}),
]
FOUND = {
    "no second town": "no second town | [Content] The response names two towns. | No\nfine | Helpfulness | Yes",
    "one town is missing": "one town is missing | [Content] Two towns are named. | No\nzzz | It rhymes. | Yes",
    "two towns, fine": "two towns | [Content] The response names two towns. | Yes",
    "it has two towns": "two towns | [Content] Two towns are named. | Yes",
}


def found(body):
    shown = body["messages"][1]["content"]
    return "Principles:\n" + next(lines for remark, lines in FOUND.items() if f"\n{remark}\n" in shown)


def embed(some):
    """Gives equal vectors to what names the same things."""
    same = {"The response names two towns.", "Two towns are named."}
    return [(1.0, 0.0) if text in same else (0.0, 1.0) for text in some]


def test_principles_that_annotators_agree_on(tmp_path):
    with server({"feedback": found}) as running:
        done = draft(running, tmp_path, [FEEDBACK], feedback={"remarks.jsonl": REMARKS}, embed=embed)
        assert running.requests == 4
    (row,) = done.constraints.to_dicts()
    assert (row["text"], row["origin"], row["categories"]) == (
        "The response names two towns.",
        "principle",
        ["Content"],
    )
    assert row["generator"] == "checklist.feedback@1:vllm/fake"
    assert all(one.quotes and "" not in one.quotes for one in done.verdicts)
    assert done.principles().height == 2 and "1" not in done.principles().columns
    assert [(one.constraint_id, one.response, one.outcome, one.annotators) for one in done.verdicts] == [
        (row["id"], "Bern.", Outcome.VIOLATED, ("1", "2")),
        (row["id"], "Bern, Ulm.", Outcome.SATISFIED, ("1", "2")),
    ]
    assert reasons(done) == {
        "principle:represented": 2,
        "principle:evidence": 2,
        "duplicate_item": 1,
    }
    assert Counter(drop.reason for drop in done.drops)["no_such_instruction"] == 1


def test_an_edited_principle_is_no_longer_what_annotators_said(tmp_path):
    with server({"feedback": found}) as running:
        more = {"feedback": {"remarks.jsonl": REMARKS}, "embed": embed}
        first = draft(running, tmp_path, [FEEDBACK], **more)
        decision = Decision(first.constraints["id"][0], "edit", "The response names three towns.")
        done = draft(running, tmp_path, [FEEDBACK], **more, decisions=[decision])
    assert texts(done) == ["The response names three towns."] and done.verdicts == []


def test_feedback_needs_vectors_and_rows_before_anything_is_asked(tmp_path):
    with server() as running:
        with pytest.raises(UsageError, match="embedder"):
            draft(running, tmp_path, ["instruction", FEEDBACK], feedback={"remarks.jsonl": REMARKS})
        with pytest.raises(UsageError, match=r"remarks\.jsonl"):
            draft(running, tmp_path, ["instruction", FEEDBACK], embed=embed)
        with pytest.raises(InputError, match=r"remarks\.jsonl:1"):
            draft(running, tmp_path, [FEEDBACK], feedback={"remarks.jsonl": [Row(1, {})]}, embed=embed)
        assert running.requests == 0


def test_items_are_told_alike_by_meaning_where_there_are_vectors(tmp_path):
    given = frame_of(Constraints, [given_row("Are two towns named?")])
    with server() as running:
        plain = draft(running, tmp_path, ["instruction"], [TOUR], given)
        by_meaning = draft(
            running,
            tmp_path,
            ["instruction"],
            [TOUR],
            given,
            embed=lambda some: [(1.0, 0.0) if "two towns" in text else (0.0, 1.0) for text in some],
        )
    assert (plain.constraints.height, by_meaning.constraints.height) == (3, 2)
    assert by_meaning.notes["overlap:given:instruction"] == 1


# --- the real small model


@pytest.mark.embedded
def test_the_small_model_invents_nothing(tmp_path):
    """It is too small to keep to a form: what it says is an item or counted, and what is a span stands there."""
    model = ModelUse(id="embedded/smollm2-135m", parameters={"max_tokens": 24})
    uses = [ChecklistUse(id="spans", model=model)]
    endpoints = connect([model], os.environ)
    with Ledger(tmp_path / "ledger.sqlite") as ledger, Models(endpoints, ledger) as models:
        pins = revisions([model], os.environ)
        done = draft_checklists([TOUR], empty(Constraints), uses, models, pins, 0)
        again = draft_checklists([TOUR], empty(Constraints), uses, models, pins, 0)
        assert models.statistics.cached == models.statistics.calls >= 1
    assert again.constraints.equals(done.constraints) and not done.failures
    written = done.constraints.height + len(done.drops)
    assert written >= 1
    for span in done.constraints["span"].drop_nulls():
        assert TOUR.source_messages[0]["content"][span["start"] : span["end"]]
