"""Judges through the door: real HTTP, real failures, replies asked again, labels read again from what they carry."""

import json
import os
import random
from collections import Counter

import polars as pl
import pytest

from benchwright.errors import UsageError
from benchwright.labels.judge import NotDerivable, estimate_calls, judge_labels, read_again
from benchwright.labels.judges import check_judges, make_judges
from benchwright.labels.labellers.labeller import LABELLERS
from benchwright.labels.labellers.raw import Raw
from benchwright.sampling.connect import connect, revisions
from benchwright.sampling.models import Models
from benchwright.sampling.providers import Endpoint
from benchwright.sampling.settings import Settings
from benchwright.schemas.canonical import canonical_json
from benchwright.schemas.instructions import read_instructions
from benchwright.schemas.label import Labels
from benchwright.schemas.model import Failure, Reply
from benchwright.schemas.recipe import ModelUse
from benchwright.schemas.tables import problems
from benchwright.store.ledger import Ledger

from .judge_cases import MODEL, Stub, by_content, judged, tables, use, word
from .servers import FakeServer, Fault, reply_body

QUICK = Settings(concurrency=8, timeout=5, retries=1, backoff=0.01, throttle_wait=5, connect_wait=0.2)
SAID = ["response_id", "constraint_id", "rater_id", "outcome", "probability", "reason", "evidence", "order"]


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        yield ledger


def door(server, ledger, **more):
    endpoints = {name: Endpoint(server.base_url, name.partition("/")[2]) for name in (MODEL, "vllm/other")}
    return Models(endpoints, ledger, QUICK, rng=random.Random(0), **more)


def agrees(labels):
    """Asserts that every label follows from its raw reply alone."""
    assert problems(Labels, labels) == []
    for row in labels.to_dicts():
        bare = {name: row[name] for name in ("response_id", "constraint_id", "version", "raw_reply")}
        assert read_again(bare)._asdict().items() <= row.items()


def answer_for(body):
    """A judge for all labellers over HTTP: its verdicts are a function of what it is shown."""
    text = body["messages"][1]["content"]
    if body.get("logprobs"):
        lots = len(text) % 7
        top = [
            {"token": token, "logprob": -0.1 - 0.3 * abs(lots - place)} for place, token in enumerate(("Yes", " no"))
        ]
        first = {**top[0], "top_logprobs": top}
        return reply_body("Yes", finish_reason="length", logprobs={"content": [first]})
    if "Score every reply" in text:
        class_ = type("Shown", (), {"messages": [None, {"content": text}]})
        return reply_body(by_content(class_).text)
    if "Verdict 1" in text:
        count = int(text.partition("The requirements, ")[2].split()[0])
        return reply_body("\n".join(f"Verdict {n}: {'YES' if n % 2 else 'NO'}" for n in range(1, count + 1)))
    return reply_body(f"Reasons.\n{'YES' if len(text) % 2 else 'NO'}")


ALL = [
    use("checklist"),
    use("item", votes=3),
    use("token"),
    use("principle"),
    use("joint"),
    use("token", model="vllm/other"),
]


def test_all_labellers_over_http(ledger):
    data = tables(4, instructions=3, responses=3)
    with FakeServer(answer=answer_for) as server:
        found = judged(data, ALL, door(server, ledger))
        expected = {
            (one.model, one.labeller): one.calls for one in estimate_calls(ALL, data["constraints"], counts(data))
        }
        assert server.requests == sum(expected.values()) == 3 * (3 * 2 + 9 * 3 + 9 + 9 + 9 + 9)
        again = judged(data, ALL, door(server, ledger))
        assert server.requests == sum(expected.values()), "nothing is asked twice"
    assert again.labels.equals(found.labels)
    assert (found.failures, found.retryable, found.unparsed) == (Counter(), 0, 0)
    assert found.labels.height == 6 * 27 and set(found.labels["rater_kind"]) == {"judge"}
    assert set(found.labels["rater_id"]) == {
        *(f"judge:{MODEL}:{id}" for id in LABELLERS.ids()),
        "judge:vllm/other:token",
    }
    by = {rater: part for (rater,), part in found.labels.group_by("rater_id")}
    # Three requirements, yes to the odd numbers: the middle one is no in both orders, the others yes in both.
    assert Counter(by[f"judge:{MODEL}:checklist"]["outcome"]) == {"satisfied": 18, "violated": 9}
    assert by[f"judge:{MODEL}:joint"]["order"].null_count() == 0
    assert by[f"judge:{MODEL}:item"]["order"].null_count() == 27
    assert set(by[f"judge:{MODEL}:token"]["version"]) == {"token@1"}
    assert len(set(by[f"judge:{MODEL}:token"]["outcome"])) > 1
    agrees(found.labels)


def counts(data):
    return dict(data["responses"].group_by("instruction_id").len().iter_rows())


def test_votes_are_separate_requests(ledger):
    data = tables(4, instructions=1, responses=1, constraints=1)
    with FakeServer(answer=answer_for) as server:
        judged(data, [use("item", votes=5)], door(server, ledger), seed=11)
        assert sorted(body["seed"] for body in server.bodies) == [11, 12, 13, 14, 15]
        assert {body["temperature"] for body in server.bodies} == {0.7}
        assert len({json.dumps(body["messages"]) for body in server.bodies}) == 1


def test_a_reply_that_cannot_be_read_is_asked_again_by_rule(ledger):
    """Mends itself where it is asked again, and only there; each reply is kept."""

    def answer(body):
        turns = len(body["messages"])
        asked = json.dumps(body)
        return reply_body("Reasons.\nNO" if turns > 2 and "amber" in asked else f"Hard to tell: {turns}")

    data = tables(6, instructions=6, responses=2, constraints=1)
    with FakeServer(answer=answer) as server:
        found = judged(data, [use("item", retries=2)], door(server, ledger))
        turns = Counter(len(body["messages"]) for body in server.bodies)
    outcomes = Counter(found.labels["outcome"])
    assert set(outcomes) == {"violated", "unknown"} and found.unparsed == outcomes["unknown"]
    assert turns == {2: 12, 4: 12, 6: outcomes["unknown"]}
    second = next(body for body in server.bodies if len(body["messages"]) == 4)
    assert [one["role"] for one in second["messages"]] == ["system", "user", "assistant", "user"]
    assert second["messages"][2]["content"] == "Hard to tell: 2"
    for row in found.labels.to_dicts():
        (asked,) = Raw.model_validate_json(row["raw_reply"]).asked
        texts = [reply.text for reply in asked.replies]
        lost = ["Hard to tell: 2", "Hard to tell: 4", "Hard to tell: 6"]
        assert texts == (lost if row["outcome"] == "unknown" else [lost[0], "Reasons.\nNO"])
        assert row["reason"].startswith("unparsed: ") == (row["outcome"] == "unknown")
    agrees(found.labels)


def test_requests_that_fail_are_unknown_and_counted(ledger):
    def faults(body, seen):
        text = body["messages"][1]["content"]
        kind = len(text) % 3
        return {0: None, 1: Fault(500), 2: Fault(400)}[kind]

    data = tables(7, instructions=5, responses=3, constraints=2)
    with FakeServer(faults, answer=answer_for) as server:
        found = judged(data, [use("item")], door(server, ledger))
        assert set(found.failures) == {"server", "bad_request"} and found.retryable == found.failures["server"]
        unknown = found.labels.filter(outcome="unknown")
        assert Counter(unknown["reason"]) == {f"no_reply: {reason}": n for reason, n in found.failures.items()}
        assert found.unparsed == 0 and 0 < unknown.height < found.labels.height == 30
        agrees(found.labels)
        server.faults = None
        healed = judged(data, [use("item")], door(server, ledger, retry_failed=True))
        assert healed.failures == {"bad_request": found.failures["bad_request"]} and healed.retryable == 0


def test_a_question_asked_again_may_fail():
    def say(request):
        return Reply("Hm.", "stop") if len(request.messages) == 2 else Failure("timeout", "", permanent=False)

    found = judged(tables(1, instructions=1), [use("item")], Stub(say))
    assert set(found.labels["outcome"]) == {"unknown"} and found.unparsed == found.labels.height == 12
    assert found.failures == {"timeout": 12} and found.retryable == 12
    assert '"failure":"timeout"' in found.labels["raw_reply"][0]
    agrees(found.labels)


def test_a_response_without_text_is_unknown_and_shown_to_nobody():
    data = tables(8, instructions=2, responses=3)
    lost = data["responses"]["id"][1]
    failed = pl.when(pl.col("id") == lost)
    data["responses"] = data["responses"].with_columns(
        failed.then(None).otherwise("text").alias("text"),
        failed.then(pl.lit("failed")).otherwise("status").alias("status"),
    )
    model = Stub(by_content)
    found = judged(data, [use("joint")], model).labels
    rows = found.filter(response_id=lost)
    assert rows.select("outcome", "reason", "raw_reply", "order").unique().to_dicts() == [
        {"outcome": "unknown", "reason": "missing_response", "raw_reply": None, "order": None}
    ]
    assert rows.height == 3 and len(model.asked) == 3 * 2 + 3 * 3
    agrees(found)


@pytest.mark.parametrize(("over", "each"), [("all", 3), ("soft", 1), ("unchecked", 2)])
def test_judges_label_what_they_are_to_label(over, each):
    data = tables(9, instructions=2, responses=2)
    first = pl.col("position") == 0
    data["constraints"] = data["constraints"].with_columns(
        # One that a check of ours decides, one of a check that nobody has, one soft.
        pl.when(first).then(pl.lit("length.words")).otherwise("checker").alias("checker")
    )
    uses = [use("token", over=over)]
    found = judged(data, uses, Stub(lambda request: word(-0.1, -3.0)))
    assert found.labels.height == 4 * each
    assert [one.calls for one in estimate_calls(uses, data["constraints"], counts(data))] == [4 * each]


def test_equal_texts_are_asked_once():
    data = tables(3, instructions=1, responses=4)
    data["responses"] = data["responses"].with_columns(pl.lit("the same").alias("text"))
    model = Stub(lambda request: word(-0.1, -3.0))
    assert judged(data, [use("token")], model).labels.height == 12 and len(model.asked) == 3


def test_the_order_of_rows_does_not_matter():
    data = tables(5)
    turned = {name: frame.reverse() for name, frame in data.items()}
    uses = [use("token"), use("joint"), use("principle")]

    def say(request):
        if request.parameters.get("logprobs"):
            return word(-0.1 - len(request.messages[1]["content"]) % 5, -2.0)
        return by_content(request)

    first = judged(data, uses, Stub(say)).labels
    assert judged(turned, uses, Stub(say)).labels.equals(first)
    assert judged(data, uses[::-1], Stub(say)).labels.equals(first)
    assert judged(data, uses, Stub(say), window=1).labels.equals(first)


def test_records_serve_as_well_as_tables():
    data = tables(5)
    model = Stub(lambda request: word(-0.1, -3.0))
    labels = judged(data, [use("token")], model).labels
    records = judge_labels(
        read_instructions(data["instructions"]),
        data["constraints"],
        data["responses"],
        [use("token")],
        model,
        {MODEL: "r1"},
        0,
    )
    assert records.labels.equals(labels)


# Reading again


def one_label(id="item", say=lambda request: Reply("Reasons.\nYES", "stop"), **params):
    row = judged(tables(2, instructions=1, responses=2, constraints=1), [use(id, **params)], Stub(say)).labels.row(
        0, named=True
    )
    return dict(row), json.loads(row["raw_reply"])


def test_a_label_that_its_raw_reply_does_not_say_is_found_out():
    row, raw = one_label()
    assert read_again(row).outcome == row["outcome"] == "satisfied"
    raw["asked"][0]["replies"][0]["text"] = "Reasons.\nNO"
    assert read_again({**row, "raw_reply": canonical_json(raw)}).outcome == "violated"
    assert read_again({**row, "raw_reply": None}).outcome == "unknown"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda row, raw: raw.update(version=9), "item@9"),
        (lambda row, raw: row.update(version="item@0"), "the label is of item@0"),
        (lambda row, raw: row.update(version=None), "the label is of None"),
        (lambda row, raw: raw.update(labeller="gone"), "no labeller is called 'gone'"),
        (lambda row, raw: raw["params"].update(votes=2), "do not fit"),
        (lambda row, raw: raw["params"].update(votes=3), "holds questions [0] of 3"),
        (lambda row, raw: raw["asked"].append(raw["asked"][0]), "holds questions [0, 0] of 1"),
        (lambda row, raw: raw.update(asked=[]), "do not belong together"),
        (lambda row, raw: raw.pop("params"), "none of ours"),
        (lambda row, raw: raw.update(more=1), "none of ours"),
        (lambda row, raw: row.update(response_id="res_0"), "other responses"),
        (lambda row, raw: row.update(constraint_id="con_0"), "other responses or constraints"),
    ],
)
def test_what_cannot_be_read_again_says_why(change, problem):
    row, raw = one_label()
    change(row, raw)
    found = read_again({**row, "raw_reply": canonical_json(raw)})
    assert isinstance(found, NotDerivable) and problem in found.detail


@pytest.mark.parametrize("raw", ["", "YES", "{}", "[]", "null", '{"labeller": 3}'])
def test_any_other_raw_reply_is_not_derivable(raw):
    row, _ = one_label()
    assert isinstance(read_again({**row, "raw_reply": raw}), NotDerivable)


@pytest.mark.parametrize("id", ["item", "checklist", "token"])
def test_questions_that_a_labeller_does_not_ask_are_found_out(id):
    row, raw = one_label(id, lambda request: word(-0.1, -2.0), retries=0)
    raw["asked"][0]["responses"].append("res_1")
    raw["asked"][0]["constraints"].append("con_1")
    raw["asked"] += [{**raw["asked"][0], "turn": 1}] * (id == "checklist")
    strange = {**row, "response_id": "res_1", "constraint_id": "con_1", "raw_reply": canonical_json(raw)}
    assert "asks no such questions" in read_again(strange).detail


def test_a_rotation_taken_away_is_found_out():
    row, raw = one_label("joint", by_content)
    del raw["asked"][1]
    assert "holds questions [0] of 2" in read_again({**row, "raw_reply": canonical_json(raw)}).detail


# Checking


def test_every_problem_of_judges_is_named_at_once():
    uses = [
        use("tokn"),
        use("item", votes=4),
        use("item", votes=3, model={"id": MODEL, "parameters": {"temperature": 0, "seed": 1}}),
        use("token", model={"id": MODEL, "parameters": {"max_tokens": 5, "messages": "x"}}),
        use("joint"),
        use("joint", over="soft"),
    ]
    with pytest.raises(UsageError) as caught:
        check_judges(uses)
    said = "\n".join(caught.value.problems)
    for words in (
        "labels.judges[0]: no labeller is called 'tokn': did you mean 'token'",
        "labels.judges[1]: labeller 'item': votes: an even number",
        "labels.judges[2]: labeller 'item' sets 'seed' itself",
        "labels.judges[2]: 3 votes at temperature 0 are one vote",
        "labels.judges[3]: labeller 'token' sets 'max_tokens' itself",
        "labels.judges[3]: 'messages' is no sampling parameter",
        "labels.judges[5]: vllm/fake with labeller 'joint' is listed twice",
    ):
        assert words in said
    assert len(caught.value.problems) == 7


def test_judges_that_differ_in_parameters_have_names_of_their_own():
    uses = [use("item"), use("item", votes=5), use("token")]
    one, three, token = (judge.rater for judge in make_judges(uses, {MODEL: "r"}))
    assert token == f"judge:{MODEL}:token" and one != three
    assert one.startswith(f"judge:{MODEL}:item:") and three.startswith(f"judge:{MODEL}:item:")
    assert [judge.rater for judge in make_judges(uses[::-1], {MODEL: "r"})] == [token, three, one]


@pytest.mark.parametrize(
    ("id", "given", "sent"),
    [
        ("item", {}, {"temperature": 0, "max_tokens": 1024}),
        ("item", {"max_tokens": 64, "top_p": 0.9}, {"temperature": 0, "max_tokens": 64, "top_p": 0.9}),
        ("item", {"temperature": None}, {"max_tokens": 1024}),
        ("item", {"max_completion_tokens": 900}, {"max_completion_tokens": 900}),
        ("token", {}, {"temperature": 0, "max_tokens": 1, "logprobs": True, "top_logprobs": 20}),
    ],
)
def test_parameters_of_the_recipe_go_over_the_labellers(id, given, sent):
    model = Stub(lambda request: word(-0.1, -3.0))
    judged(
        tables(1, instructions=1, responses=1, constraints=1),
        [use(id, retries=0, model={"id": MODEL, "parameters": given})],
        model,
    )
    assert dict(model.asked[0].parameters) == sent


def test_completions_are_one_prompt():
    model = Stub(lambda request: word(-0.1, -3.0))
    data = tables(1, instructions=1, responses=1, constraints=1)
    judged(data, [use("token", model={"id": MODEL, "protocol": "completions"})], model)
    (request,) = model.asked
    assert request.protocol == "completions" and len(request.messages) == 1
    assert request.messages[0]["content"].endswith("\n\nassistant:")
    assert dict(request.parameters) == {"temperature": 0, "max_tokens": 1, "logprobs": 20}


def test_the_most_calls_count_what_is_asked_again():
    data = tables(1, instructions=2, responses=3)
    (one,) = estimate_calls([use("joint", retries=2)], data["constraints"], counts(data))
    assert (one.model, one.labeller, one.calls, one.most) == (MODEL, "joint", 18, 54)


# The real small model


@pytest.mark.embedded
def test_the_small_model_judges(tmp_path):
    """It is too small to judge well; what it says is read, kept and read again."""
    small = ModelUse(id="embedded/smollm2-135m")
    uses = [use(id, over="soft", model=small.id) for id in ("token", "principle")]
    known = revisions([small], os.environ)
    data = tables(3, instructions=2, responses=2)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        with Models(connect([small], os.environ), ledger, Settings(timeout=300)) as models:
            frames = [data[name] for name in ("instructions", "constraints", "responses")]
            found = judge_labels(*frames, uses, models, known, 0)
    assert found.failures == {} and found.labels.height == 8
    agrees(found.labels)
    assert "the server gave no log-probabilities" not in " ".join(found.labels["reason"])
    decided = found.labels.filter(pl.col("outcome") != "unknown")
    assert decided.height + found.unparsed >= 8 - 2 and decided["probability"].null_count() == 0
