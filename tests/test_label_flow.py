"""Whole builds with checklists, judges and people, in processes of their own against a real server."""

import json
import os
import signal
import subprocess
from collections import Counter

import pytest

from benchwright.labels.annotation.draw import label_tasks
from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.release.flat import flat_tables

from .label_flow_case import JUDGES, ROWS, answer, asked, kind_of, write_recipe
from .servers import FakeServer, Fault, reply_body
from .small_build import build, built, command, environment, proven, refused, start
from .test_bad_endings import answers_in, wait_for
from .test_cli import last_json, write_lines

WAYS = ("instruction", "reference", "spans")
RESPONSES = 12
VECTORS = '''
class SentenceTransformer:
    """A door of the same shape: a text's vector counts its letters."""

    def __init__(self, name):
        self.name = name

    def encode(self, texts, show_progress_bar):
        return Rows([[text.lower().count(letter) for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts])


class Rows(list):
    def tolist(self):
        return list(self)
'''


def say(folder, server, *arguments, code=0):
    """Runs a command and gives what it printed."""
    env = environment(server, COLUMNS="200")
    done = subprocess.run(command(*arguments), cwd=folder, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stderr
    return done.stdout


def planned(folder, server, *arguments):
    made = json.loads(say(folder, server, "plan", "small.yaml", "--json", *arguments).splitlines()[-1])
    return made, {stage["name"]: stage["owed"] for stage in made["stages"]}


def audited(folder, server):
    """Asserts that the release is valid and derived from itself, by the library and by the command; gives it."""
    say(folder, server, "audit", "out/release")
    return proven(folder / "out" / "release")


def checklist_row(figures):
    (row,) = [row for row in figures["funnel"] if row["stage"] == "checklist"]
    return row


def files_of(release):
    return {str(path.relative_to(release)): path.read_bytes() for path in release.rglob("*") if path.is_file()}


def drawn(release):
    """Gives the constraints that a model drew, of all items, with their texts."""
    items = release.table("items").select("checklist", "constraints").iter_rows()
    both = [{**one, "text": text} for texts, listed in items for text, one in zip(texts, listed, strict=True)]
    return [one for one in both if "checklist." in one["generator"]]


@pytest.fixture(scope="module")
def server():
    with FakeServer(answer=answer) as running:
        yield running


@pytest.mark.parametrize(
    ("way", "origin", "texts", "dropped"),
    [
        ("instruction", "checklist", {"Is the response brief?", "Does the response name two towns?"}, {}),
        (
            "reference",
            "checklist",
            {"Is the response brief?", "Does it name Bern?"},
            {"names_reference": 4},
        ),
        ("spans", "extracted", {"The response is brief.", "name two towns"}, {"not_verbatim": 4}),
    ],
)
def test_each_way_reaches_the_release(tmp_path, server, way, origin, texts, dropped):
    folder = write_recipe(tmp_path, ["item"], [way])
    figures = built(build(folder, server))
    constraints = drawn(proven(folder / "out" / "release"))
    assert {one["text"] for one in constraints} == texts and len(constraints) == 2 * len(ROWS)
    assert {(one["kind"], one["origin"], one["generator"]) for one in constraints} == {
        ("soft", origin, f"checklist.{way}@1:openai/other")
    }
    assert {tuple(one["categories"]) for one in constraints} >= {("Style",)}
    if way == "spans":
        places = {one["text"]: one["span"] for one in constraints}
        words = {text: ROWS[0]["prompt"][span["start"] : span["end"]] for text, span in places.items()}
        assert words == {"The response is brief.": "Keep it brief", "name two towns": "name two towns"}
    else:
        assert {one["span"] for one in constraints} == {None}
    if dropped:
        row = checklist_row(figures)
        assert (row["kept"], row["dropped"]) == (figures["counts"]["constraints"], dropped)
    assert figures["dropped"].get("checklist", {}) == dropped
    assert figures["drafted"]["drawn"] == len(constraints)


def test_principles_of_remarks_reach_the_release(tmp_path, server):
    folder = write_recipe(
        tmp_path / "here",
        [{"id": "principle", "model": "openai/other", "over": "soft"}],
        [{"id": "feedback", "model": "openai/other", "feedback": "remarks.jsonl", "embedder": "small"}],
    )
    remarks = [f"It names the towns, which is so helpful to {who}." for who in ("me", "us")]
    rows = [{"prompt": row["prompt"], "response": "Bern and Ulm.", "feedback": remarks} for row in ROWS]
    write_lines(folder / "remarks.jsonl", [*rows, {**rows[0], "prompt": "Something else."}])
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "sentence_transformers.py").write_text(VECTORS, encoding="utf-8")
    done = build(folder, server, PYTHONPATH=str(tmp_path / "there"))
    figures = built(done)
    constraints = drawn(proven(folder / "out" / "release"))
    assert Counter(one["text"] for one in constraints) == {"The response names towns.": len(ROWS)}
    assert {one["origin"] for one in constraints} == {"principle"}
    taken = {"no_such_instruction": 1, "principle:global": 8, "principle:represented": 4}
    assert checklist_row(figures)["dropped"] == taken


def test_remarks_label_the_responses_they_were_written_on(tmp_path, server):
    folder = write_recipe(tmp_path / "here")
    built(build(folder, server))
    items = proven(folder / "out" / "release").table("items").to_dicts()
    seen = {item["id"]: item["responses"][0] for item in items}
    remarks = [f"It names the towns, which is so helpful to {who}." for who in ("me", "us")]
    rows = [{"instruction_id": id, "response": one["response"], "feedback": remarks} for id, one in seen.items()]
    lists = [{"id": "feedback", "model": "openai/other", "feedback": "remarks.jsonl", "embedder": "small"}]
    write_recipe(folder, lists=lists)
    with (folder / "small.yaml").open("a", encoding="utf-8") as file:
        file.write("labels: {raters: [code, feedback]}\n")
    write_lines(folder / "remarks.jsonl", rows)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "sentence_transformers.py").write_text(VECTORS, encoding="utf-8")
    built(build(folder, server, PYTHONPATH=str(tmp_path / "there")))
    labels = audited(folder, server).table("labels").filter(rater_kind="human").to_dicts()
    assert {row["response_id"] for row in labels} == {one["id"] for one in seen.values()}
    for row in labels:
        assert (row["rater_id"], row["outcome"], row["reason"]) == ("human:feedback", "satisfied", "remarks agree")
        assert json.loads(row["evidence"]) == {"annotators": 2, "quotes": ["names the towns"]}


def test_all_ways_and_labellers_together(tmp_path, server):
    """Plan, build, plan, summary: what was owed, what was asked and what is printed agree."""
    folder = write_recipe(tmp_path, JUDGES, WAYS)
    before, owed = planned(folder, server)
    assert owed == {**dict.fromkeys(owed), "checklist": 16, "sample": RESPONSES, "label": owed["label"]}
    assert [row["stage"] for row in before["models"]] == ["checklist", "checklist", "sample", *["label"] * len(JUDGES)]
    assert sum(row["requests"] for row in before["models"] if row["stage"] == "label") == owed["label"] > 0
    for row in before["models"][-len(JUDGES) :]:
        assert "soft constraints to come from none to 24 each" in row["basis"]
        assert row["prompt_tokens"]["low"] < row["prompt_tokens"]["likely"] < row["prompt_tokens"]["high"]
    assert not (folder / ".benchwright").exists(), "a plan asks and writes nothing"
    assert "label" in say(folder, server, "plan", "small.yaml").partition("Owed")[2]
    told = say(folder, server, "build", "small.yaml", "-o", "out", "-q")
    run = json.loads((folder / "out" / "run.json").read_text(encoding="utf-8"))
    assert run["model_calls"] == answers_in(folder / ".benchwright")
    row = checklist_row(run)
    assert row["dropped"] == {"duplicate_item": 4, "names_reference": 4, "not_verbatim": 4}
    (line,) = [line.split() for line in told.splitlines() if line.split()[:1] == ["checklist"]]
    assert line[1:5] == ["constraints", str(row["given"]), str(row["kept"]), "12"] and line[-1] == "not_verbatim"
    release = audited(folder, server)
    labels = release.table("labels")
    per_rater = Counter(labels["rater_id"])
    soft = 6 * RESPONSES
    assert {per_rater[f"judge:openai/other:{id}"] for id in JUDGES} == {soft}
    assert labels.height == len(JUDGES) * soft + RESPONSES
    after, owed = planned(folder, server)
    assert (owed["checklist"], owed["sample"], owed["label"], after["models"]) == (0, 0, 0, [])


def test_limits_hold_over_checklists_answers_and_judges(tmp_path):
    """Each answer takes 18 tokens and has a price: the limit stops in every stage, and nothing is paid for twice."""
    short = {"max_tokens": 20}
    judge = {"id": "item", "model": {"id": "openai/other", "parameters": short}}
    way = {"id": "reference", "model": {"id": "openai/other", "parameters": short}}
    folder = write_recipe(tmp_path, [judge], [way])
    (folder / "prices.yaml").write_text(
        "date: 2026-11-01\nmodels:\n  openai/fake: {input: 1, output: 10}\n  openai/other: {input: 1, output: 10}\n",
        encoding="utf-8",
    )
    given = ("--prices", "prices.yaml", "--set", "sampling.parameters.max_tokens=20")
    each = 7e-6 + 110e-6
    with FakeServer(answer=answer) as server:
        reached = []
        for room in (0.0027, 0.0038, 0.0055):  # dollars; beside the worst of one request 6, 15 and 30 answers fit
            refused(build(folder, server, *given, "--max-cost", room), 4, "--max-cost")
            assert server.requests * each <= room
            reached.append(set(asked(server)))
        assert "item" not in reached[0] and reached[-1] == {"answer", "reference", "item"}
        stopped = server.requests
        refused(build(folder, server, *given, "--max-tokens", stopped * 18), 4, "--max-tokens")
        assert server.requests == stopped, "what other stages and runs used counts"
        figures = built(build(folder, server, *given, "--max-cost", 10, "--max-tokens", 1_000_000))
        assert figures["spent"]["answers"] == server.requests and max(server.counts.values()) == 1
        assert figures["spent"]["cost"] == pytest.approx(server.requests * each)
        assert figures["spent"]["tokens"] == {"prompt": 7 * server.requests, "completion": 11 * server.requests}
    audited(folder, server)


@pytest.mark.parametrize("stage", ["reference", "item"])
def test_a_killed_build_goes_on_to_the_same_bytes(tmp_path, stage):
    """SIGKILL while the stage's requests are on their way: only those in flight may be asked again."""
    use = (["item", "joint"], ["instruction", "reference"])
    folder, whole = (write_recipe(tmp_path / name, *use) for name in ("killed", "whole"))
    with FakeServer(answer=answer, latency=0.05) as server:
        going = start(folder, server, "--concurrency", 2)
        wait_for(lambda: asked(server)[stage] >= 3, going)
        os.kill(going.pid, signal.SIGKILL)
        going.communicate(timeout=30)
        assert going.returncode == -signal.SIGKILL and not (folder / "out" / "release").exists()
        committed, requests = answers_in(folder / ".benchwright"), server.requests
        _, owed = planned(folder, server)
        server.latency = 0
        figures = built(build(folder, server))
        again = server.requests - requests
        assert figures["model_calls"] == again
        assert figures["spent"]["answers"] == committed + again
        assert server.requests - len(server.counts) == requests - committed <= 4, "asked twice: what was in flight"
        if stage == "item":
            assert again == owed["label"] and owed["sample"] == owed["checklist"] == 0
        built(build(whole, server))
    assert files_of(folder / "out" / "release") == files_of(whole / "out" / "release")
    audited(folder, server)


def test_failed_requests_of_checklists_and_judges_are_asked_again(tmp_path):
    folder = write_recipe(tmp_path, ["item"], ["instruction"])
    failing = {"on": True}

    def faults(body, seen):
        river = "river number 2" in body["messages"][-1]["content"]
        blank = Fault(body=reply_body(None, finish_reason=None))
        return blank if failing["on"] and river and kind_of(body) != "answer" else None

    with FakeServer(faults, answer=answer) as server:
        done = build(folder, server)
        figures = last_json(done)
        # One list, and three responses on the scenario's own item; the list's items never came.
        assert (done.code, figures["failed"], figures["retryable"]) == (7, {"empty": 4}, 4)
        # Nobody knows whether its responses meet that item: the instruction goes, and is counted.
        dropped = {"checklist": {"no_answer": 1}, "graph": {"constraint_unknown": 1, "instruction_dropped": 3}}
        assert figures["dropped"] == dropped
        assert "4 of them may have one when asked again" in say(
            folder, server, "build", "small.yaml", "-o", "out", "-q", code=7
        )
        assert proven(folder / "out" / "release").table("items").height == len(ROWS) - 1
        before = server.requests
        assert build(folder, server).code == 7 and server.requests == before, "not asked again unasked"
        failing["on"] = False
        figures = built(build(folder, server, "--retry-failed"))
        assert figures["retryable"] == 0 and figures["dropped"] == {}
        assert server.requests - before == 1 + 3 + 2 * 3, "the list, three old judgements, and those of two new items"
    assert audited(folder, server).table("items").height == len(ROWS)


@pytest.mark.parametrize("fleet", [False, True])
def test_an_unpinned_judge_elsewhere_is_asked_again_unless_one_fleet(tmp_path, server, fleet):
    judge = {"id": "item", "model": "vllm/other"}
    folder = write_recipe(tmp_path, [judge], ["instruction"], sampling__fleet=fleet)
    with FakeServer(answer=answer) as first, FakeServer(answer=answer) as second:
        built(build(folder, server, VLLM_BASE_URL=first.base_url))
        one = files_of(folder / "out" / "release")
        before = server.requests
        figures = built(build(folder, server, VLLM_BASE_URL=second.base_url))
        reused = {stage["name"] for stage in figures["stages"] if stage["reused"]}
        assert server.requests == before, "neither checklists nor answers moved"
        assert asked(second)["item"] == (0 if fleet else asked(first)["item"] > 0 and asked(first)["item"])
        assert ("label" in reused) is fleet and {"checklist", "sample"} <= reused
    assert files_of(folder / "out" / "release") == one


def test_replies_that_cannot_be_read_and_what_people_gave_are_told(tmp_path):
    """Junk from the judge on one river; labels by people on this build's records and on others; decisions on items."""

    def spoiled(body):
        junk = "river number 1" in str(body["messages"]) and kind_of(body) in ("item", "repair")
        return reply_body("Hm.") if junk else answer(body)

    folder = write_recipe(tmp_path, ["item"], ["instruction"])
    with FakeServer(answer=spoiled) as server:
        told = say(folder, server, "build", "small.yaml", "-o", "out", "-q")
        assert "unparsed: judges' replies to 9 questions; what they do not say is unknown" in told
        release = audited(folder, server)
        tables = flat_tables(folder / "out" / "release")
        soft = tables["constraints"].filter(kind="soft").sort("instruction_id", "position")
        with AnnotationStore(folder / "people" / ANNOTATIONS) as store:
            tasks = label_tasks(tables)
            store.add_tasks(tasks)
            who = store.register("Ann").pseudonym
            for task in tasks[:5]:
                store.answer(task.id, who, "yes", at=1)
        decisions = [{"constraint_id": id, "answer": "reject"} for id in soft["id"][-1:]]
        decisions.append({"constraint_id": "con_0000000000000000", "answer": "approve"})
        write_lines(folder / "decisions.jsonl", decisions)
        given = ("--set", "labels.annotations=[people]", "--set", "labels.raters=[code, judge, human]")
        told = say(folder, server, "build", "small.yaml", "-o", "out", "-q", *given)
        assert "5 labels by people taken in\n" in told
        again = audited(folder, server).table("labels")
        assert Counter(again["rater_kind"])["human"] == 5
        fewer = (*given, "--limit", "3", "--set", "constraints.review=decisions.jsonl")
        told = say(folder, server, "build", "small.yaml", "-o", "out", "-q", *fewer)
        assert "left out: on records that this build does not have" in told
        assert "decisions on checklists: " in told and "decisions without item" in told
    assert release.table("items").height == len(ROWS) - 1, "of one river nothing is known"
