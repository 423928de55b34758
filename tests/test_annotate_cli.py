"""``annotate`` as a stranger meets it: filling projects from real builds and releases, and every mistake worded."""

import json
import sqlite3
import time
from random import Random

import pytest

from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.annotation.task import Settings

from .annotate_case import annotate, draws_items, model_server, write_case
from .test_cli import last_json, run, write_lines


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Gives a folder with a build and its release in ``out``, six prompts of three answers, three soft constraints."""
    folder = write_case(tmp_path_factory.mktemp("place"))
    with model_server() as env:
        run("build", "small.yaml", "-o", "out", "-q", cwd=folder, env=env)
        yield folder, env


def tasks_of(folder):
    with AnnotationStore.read(folder / ANNOTATIONS) as store:
        return store.tasks()


def settings_of(folder):
    with AnnotationStore.read(folder / ANNOTATIONS) as store:
        return store.settings


# Filling


def test_a_build_and_its_release_give_the_same_tasks(place, tmp_path):
    folder, env = place
    told = annotate(place, tmp_path / "a", "--recipe", "small.yaml")
    nobody = {"gold": 0, "annotators": 0, "answers": 0, "done": 0}
    assert told == {"tasks": {"label": 54}, **nobody, "open": 54, "new": 54, "picked": None, "remark": None}
    assert annotate(place, tmp_path / "b", "--release", "out")["new"] == 54
    assert [task.id for task in tasks_of(tmp_path / "a")] == [task.id for task in tasks_of(tmp_path / "b")]
    assert annotate(place, tmp_path / "a", "--release", folder / "out" / "release")["new"] == 0
    assert annotate(place, tmp_path / "a", "--release", "out", "--tasks", "pairs")["tasks"] == {"label": 54, "pair": 12}
    shown = run("annotate", tmp_path / "a", "--no-serve", cwd=folder, env=env).stdout
    assert "54 label tasks, 12 pair tasks, 0 new ones" in shown and "0 answers of 0 people" in shown


def test_what_a_build_has_not_got_to_yet(place, tmp_path):
    folder, env = place
    at = ("--recipe", "small.yaml", "--workspace", tmp_path / "w")
    said = annotate(place, tmp_path / "p", *at, code=2)
    assert "collect, filter, constrain, checklist, sample, label, aggregate not done" in said["error"]
    assert "--until aggregate will do" in said["error"]
    assert list(tmp_path.iterdir()) == [], "neither a project nor a workspace is made"
    run("build", "small.yaml", *at[2:], "--until", "aggregate", "-q", cwd=folder, env=env)
    for more in ((), ("--budget", 5)):
        assert "no graph yet" in annotate(place, tmp_path / "p", *at, "--tasks", "pairs", *more, code=2)["error"]
    assert not (tmp_path / "p").exists()
    told = annotate(place, tmp_path / "p", *at, "--budget", 7)
    assert (told["tasks"], told["picked"]) == ({"label": 7}, {"label": 7})
    assert told["remark"] == "pairs can be picked once there is a graph"
    assert annotate(place, tmp_path / "p", *at)["new"] == 54 - 7


def test_items_are_those_that_a_model_drew_and_a_review_moves_them(place, tmp_path):
    folder, env = place
    assert annotate(place, tmp_path / "none", "--release", "out", "--tasks", "items")["remark"].startswith("no model")
    drawn = draws_items()
    run("build", "small.yaml", *drawn, "-o", "drawn", "-q", cwd=folder, env=env)
    told = annotate(place, tmp_path / "p", "--recipe", "small.yaml", *drawn, "--tasks", "items")
    assert told["tasks"] == {"item": 12}
    with AnnotationStore(tmp_path / "p" / ANNOTATIONS) as store:
        who = store.register("Zebulon").pseudonym
        for task in store.tasks():
            text = "Does it name two towns?" if "town" in task.body["constraint"] else None
            store.answer(task.id, who, "edit" if text else "reject", text=text, seconds=3.0, at=1)
    assert "about a label or a pair" in run("agreement", tmp_path / "p", cwd=folder, code=3).stderr
    review = f"constraints.review={tmp_path / 'p'}"
    # Of every two items one is worded anew and one goes.
    run("build", "small.yaml", *drawn, "--set", review, "-o", "reviewed", "-q", cwd=folder, env=env)
    run("audit", "reviewed", cwd=folder)
    for name, wordings in (("drawn", 6), ("reviewed", 5)):
        id = last_json(run("show", name, "--json", cwd=folder))["instructions"][0]["id"]
        checklist = last_json(run("show", name, id, "--json", cwd=folder))["checklist"]
        assert len(checklist) == wordings
        assert ("Does it name two towns?" in checklist) == (name == "reviewed")


# Budgets


def test_a_budget_is_kept_and_what_was_picked_is_said(place, tmp_path):
    folder, env = place
    told = annotate(place, tmp_path / "p", "--recipe", "small.yaml", "--budget", 20)
    assert sum(told["picked"].values()) == told["new"] == 20 and told["remark"] is None
    assert told["tasks"] == told["picked"] == {"label": 8, "pair": 12}
    again = run("annotate", tmp_path / "p", "--release", "out", "--budget", 20, "--no-serve", cwd=folder, env=env)
    assert "picked: 8 labels and 12 pairs, those whose answers change the graph most\n" in again.stdout
    assert "8 label tasks, 12 pair tasks, 0 new ones" in again.stdout, "what is there is picked again"
    whole = annotate(place, tmp_path / "q", "--release", "out", "--budget", 500)
    assert whole["picked"] == {"label": 54, "pair": 12}
    assert whole["remark"] == "no further answer to labels or pairs would change the graph"


@pytest.mark.parametrize(("kind", "picked"), [("labels", {"label": 9}), ("pairs", {"pair": 9})])
def test_a_budget_for_one_kind_goes_to_that_kind(place, tmp_path, kind, picked):
    told = annotate(place, tmp_path / "p", "--recipe", "small.yaml", "--budget", 9, "--tasks", kind)
    assert (told["picked"], told["tasks"]) == (picked, picked)


def test_the_ranking_is_that_of_the_recipe(place, tmp_path):
    """What the recipe's graph does not compare, or checks of pairs that it ignores, get nothing of a budget."""
    folder, env = place
    for key, picked in (
        ("graph.over=verifiable", {"label": 0, "pair": 12}),
        ("graph.pair_checks=ignore", {"label": 54, "pair": 0}),
        ("graph.min_responses=4", {"label": 0, "pair": 0}),
    ):
        asked = ("--recipe", "small.yaml", "--set", key, "--budget", 500)
        run("build", *asked[1:4], "--until", "aggregate", "-q", cwd=folder, env=env)
        if "min_responses" not in key:
            run("build", *asked[1:4], "-o", f"out-{key}", "-q", cwd=folder, env=env)
            assert annotate(place, tmp_path / f"{key}-r", "--release", f"out-{key}", *asked[4:])["picked"] == picked
        told = annotate(place, tmp_path / key, *asked)["picked"]
        assert told == {kind: count for kind, count in picked.items() if kind in told}, key
    assert "ignores checks of pairs" in annotate(
        place, tmp_path / "q", "--release", "out-graph.pair_checks=ignore", "--budget", 500
    )["remark"]  # fmt: skip


def test_recorded_texts_that_repeat_are_asked_about_as_the_graph_has_them(place, tmp_path):
    folder, env = place
    write_lines(tmp_path / "rows.jsonl", [{"prompt": "Name a river.", "checklist": ["It is a short one."]}])
    answers = ["The Aa.", "The Aa.", "The Rhine."]
    rows = [{"prompt": "Name a river.", "model": f"m{n}", "response": text} for n, text in enumerate(answers)]
    write_lines(tmp_path / "answers.jsonl", rows)
    recorded = "sampling={recorded: {id: flat, files: answers.jsonl, prompt: prompt, model: model}}"
    asked = ["--recipe", folder / "small.yaml", "--data", tmp_path, "--set", recorded, "--set", "constraints.attach="]
    asked += ["--set", "constraints.checklist=false", "--workspace", tmp_path / "w"]
    run("build", *asked[1:], "--until", "aggregate", "-q", cwd=folder, env=env)
    kept = annotate(place, tmp_path / "p", *asked, "--budget", 9)
    assert kept["picked"] == {"label": 3}, "recorded responses stay, whatever others say"
    run("build", *asked[1:], "--set", "graph.repeated_texts=drop", "--until", "aggregate", "-q", cwd=folder, env=env)
    told = annotate(place, tmp_path / "q", *asked, "--set", "graph.repeated_texts=drop", "--budget", 9)
    assert told["picked"] == {"label": 2}


def test_a_budget_reckons_with_the_people_that_the_project_asks(place, tmp_path):
    """One person could tell nothing: who asks one person each is through, who asks two has another to ask."""
    folder, env = place
    annotate(place, tmp_path / "p", "--recipe", "small.yaml", "--per-label", 1)
    with AnnotationStore(tmp_path / "p" / ANNOTATIONS) as store:
        who = store.register("Zebulon").pseudonym
        for task in store.tasks():
            store.answer(task.id, who, "unsure", at=1)
    people = f"labels={{raters: [code, human], annotations: [{tmp_path / 'p'}]}}"
    asked = ("--recipe", "small.yaml", "--set", people, "--tasks", "labels", "--budget", 500)
    run("build", *asked[1:4], "--until", "aggregate", "-q", cwd=folder, env=env)
    assert annotate(place, tmp_path / "p", *asked)["picked"] == {"label": 0}
    assert annotate(place, tmp_path / "p", *asked, "--per-label", 2)["picked"] == {"label": 54}
    assert annotate(place, tmp_path / "q", *asked)["picked"] == {"label": 54}, "two are what a new project asks"


def test_a_hundred_thousand_cells_are_ranked_in_seconds(place, tmp_path):
    folder, env = place
    checklist = [f"It names a {what}." for what in ("town", "bridge", "fish", "king", "mill")]
    rng = Random(1)
    prompts = [f"Tell me about the river {rng.getrandbits(64):x}." for _ in range(2500)]
    write_lines(tmp_path / "rows.jsonl", [{"prompt": prompt, "checklist": checklist} for prompt in prompts])
    rows = (
        {"prompt": prompt, "model": f"m{n}", "response": f"A {n} river.", "said": rng.choices([0, 1, None], k=5)}
        for prompt in prompts
        for n in range(8)
    )
    write_lines(tmp_path / "answers.jsonl", rows)
    recorded = "{id: flat, files: answers.jsonl, prompt: prompt, model: model, labels: said}"
    asked = ["--recipe", folder / "small.yaml", "--data", tmp_path, "--workspace", tmp_path / "w"]
    asked += ["--set", f"sampling={{recorded: {recorded}}}", "--set", "labels.raters=[published]"]
    asked += ["--set", "constraints={extracted: ignore, checklist: false}"]
    built = run("build", *asked[1:], "--until", "aggregate", "-q", "--json", cwd=folder, env=env)
    assert last_json(built)["counts"]["verdicts"] == 100_000
    began = time.perf_counter()
    told = annotate(place, tmp_path / "p", *asked, "--budget", 1000)
    assert (told["picked"], told["new"]) == ({"label": 1000}, 1000)
    assert time.perf_counter() - began < 20


# Tests of annotators, guidelines, settings


def test_gold_guidelines_and_settings_reach_the_project(place, tmp_path):
    words, gold = tmp_path / "words.md", tmp_path / "gold.jsonl"
    words.write_text("# Ours\n\nBe kind.\n", encoding="utf-8")
    write_lines(gold, [{"instruction": "Say hi.", "constraint": "Says hi.", "response": "hi", "answer": "yes"}])
    asked = ("--release", "out", "--gold", gold, "--guidelines", words, "--per-label", 3)
    assert annotate(place, tmp_path / "p", *asked)["gold"] == 1
    assert annotate(place, tmp_path / "p", "--gold", gold)["new"] == 0, "gold is added to a project that is there"
    assert settings_of(tmp_path / "p") == Settings(labels_per_item=3, guidelines="# Ours\n\nBe kind.\n")
    assert annotate(place, tmp_path / "p", "--per-label", 2)["open"] == 54
    assert settings_of(tmp_path / "p").guidelines == "# Ours\n\nBe kind.\n", "what is not named stays"


def test_gold_of_scenarios_is_asked_before_the_work_and_counts_for_nothing(place, tmp_path):
    told = annotate(place, tmp_path / "p", "--release", "out", "--gold", "scenarios", "--tasks", "pairs")
    assert told["gold"] > 4 and told["tasks"] == {"pair": 12} and told["new"] == told["gold"] + 12
    gold = [task for task in tasks_of(tmp_path / "p") if task.gold is not None]
    assert {task.gold for task in gold} == {"yes", "no"}
    assert annotate(place, tmp_path / "q", "--release", "out", "--gold", "none")["gold"] == 0


# Mistakes


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "--recipe RECIPE fills it from what a build has finished, --release FOLDER from a release"),
        (["--tasks", "labels"], 2, "--tasks says what to draw: name where from"),
        (["--budget", "3"], 2, "--budget says what to draw: name where from"),
        (["--release", "out", "--tasks", "lables"], 2, "did you mean 'labels'?"),
        (["--release", "out", "--recipe", "small.yaml"], 2, "tasks come from one of them"),
        (["--release", "out", "--tasks", "items", "--budget", "3"], 2, "--budget ranks labels and pairs, not items"),
        (["--release", "out", "--budget", "0"], 2, "greater than or equal to 1"),
        (["--release", "out", "--budget", "many"], 2, "valid integer"),
        (["--release", "out", "--per-label", "10"], 2, "labels_per_item is 10: give a whole number from 1 to 9"),
        (["--release", "empty"], 6, "empty is not a release: it has no manifest.json"),
        (["--release", "nowhere"], 6, "nowhere does not exist"),
        (["--release", "small.yaml"], 6, "small.yaml is not a directory"),
        (["--recipe", "smal.yaml"], 2, "there is no recipe 'smal.yaml'"),
        (["--recipe", "small.yaml", "--workspace", "empty"], 2, "not labelled yet"),
        (["--recipe", "small.yaml", "--data", "nowhere"], 2, "the data folder 'nowhere' is not there"),
        (["--recipe", "small.yaml", "--set", "graph.over=all"], 2, "graph.over"),
        (["--recipe", "small.yaml", "--set", "labels={raters: [code, human], annotations: [empty]}"], 3,
         "until then build and annotate without it: --set 'labels={raters: [code]}'"),
        (["--release", "out", "--gold", "absent.jsonl"], 2, "give a JSONL file, scenarios, or none"),
        (["--release", "out", "--gold", "empty"], 2, "give a JSONL file, scenarios, or none"),
        (["--release", "out", "--gold", "rows.jsonl"], 3, "not a file of gold tasks"),
        (["--release", "out", "--gold", "blank.jsonl"], 3, "blank.jsonl is empty"),
        (["--release", "out", "--guidelines", "absent.md"], 3, "'absent.md' cannot be read: No such file"),
        (["--release", "out", "--guidelines", "empty"], 3, "'empty' cannot be read: Is a directory"),
        (["--release", "out", "--guidelines", "noise"], 3, "are no UTF-8 text"),
        (["--release", "out", "--guidelines", "blank.jsonl"], 2, "guidelines are empty"),
    ],
)  # fmt: skip
def test_mistakes_give_one_message_a_code_and_no_project(place, tmp_path, arguments, code, said):
    folder, _ = place
    (folder / "empty").mkdir(exist_ok=True)
    (folder / "blank.jsonl").touch()
    (folder / "noise").write_bytes(b"\xff\xfe\x00")
    told = annotate(place, tmp_path / "p", *arguments, code=code)
    assert told["exit_code"] == code
    assert said in "\n".join([told["error"], *told["problems"]])
    assert not (tmp_path / "p").exists() and list((folder / "empty").iterdir()) == []


def test_folders_that_cannot_hold_a_project(place, tmp_path):
    folder, env = place
    (tmp_path / "file").touch()
    told = annotate(place, tmp_path / "file", "--release", "out", code=2)
    assert told["problems"] == [f"'{tmp_path / 'file'}' is a file: give the folder that is to hold the project"]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / ANNOTATIONS).write_text("no database at all, but long enough for one", encoding="utf-8")
    assert "is no SQLite file" in annotate(place, tmp_path / "other", "--release", "out", code=5)["error"]
    with AnnotationStore(tmp_path / "held" / ANNOTATIONS):
        assert "another server" in annotate(place, tmp_path / "held", "--release", "out", code=5)["error"]
    assert "--json goes with --no-serve" in json.dumps(
        last_json(run("annotate", tmp_path / "p", "--release", "out", "--json", cwd=folder, env=env, code=2))
    )


def test_a_project_that_was_killed_at_its_birth_is_filled(place, tmp_path):
    """SQLite's file is there, and nothing was committed to it yet."""
    (tmp_path / "p").mkdir()
    sqlite3.connect(tmp_path / "p" / ANNOTATIONS).execute("PRAGMA journal_mode=WAL").connection.close()
    assert annotate(place, tmp_path / "p", "--release", "out", "--budget", 5)["new"] == 5


def test_nothing_is_served_where_there_is_nothing_to_ask(place, tmp_path):
    pytest.importorskip("nicegui", reason="needs the extra annotate")
    folder, env = place
    said = run("annotate", tmp_path / "p", "--release", "out", "--tasks", "items", cwd=folder, env=env, code=2).stderr
    assert "has no tasks: no model drew an item" in said and "Traceback" not in said


def test_bodies_name_no_model_and_only_what_code_leaves_open_is_asked(place, tmp_path):
    annotate(place, tmp_path / "p", "--release", "out")
    annotate(place, tmp_path / "p", "--release", "out", "--tasks", "pairs")
    whole = json.dumps([dict(task.body) for task in tasks_of(tmp_path / "p")])
    assert "openai" not in whole and "fake" not in whole
    asked = {task.body["constraint"] for task in tasks_of(tmp_path / "p") if task.kind == "label"}
    assert len(asked) == 3 and not any("comma" in text for text in asked)
