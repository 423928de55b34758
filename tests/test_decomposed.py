"""Verdicts on decomposed questions, InFoBench's layout: what a judge did not say stays unknown, and is counted."""

import json
import subprocess
import sys
from collections import Counter

import polars as pl
import pytest

from benchwright.builders.collect import collect
from benchwright.builders.source import SOURCES, Candidate
from benchwright.constraints.constrain import constrain
from benchwright.errors import InputError, UsageError
from benchwright.labels.aggregate import aggregate
from benchwright.labels.agreement_report import agreement_report
from benchwright.labels.intervals import Sampling
from benchwright.labels.published import published_labels
from benchwright.recipes.load import load_recipe
from benchwright.sampling.recorded import check_recorded, join, read_recorded
from benchwright.schemas.constraint import Constraints
from benchwright.schemas.label import Labels, Verdicts
from benchwright.schemas.progress import QUIET
from benchwright.schemas.recipe import Use
from benchwright.schemas.response import Published, Responses
from benchwright.schemas.tables import frame_of, problems
from benchwright.store.fetch import Fetch

GPT4 = "gpt-4__GPT4_DecomposeEval.jsonl"
BROKEN = "Qwen2.5-7B-Instruct__GPT4_DecomposeEval.jsonl"
KOREAN = "gpt-4__KoInFoBench_DecomposeEval_.jsonl"
RUN = "m__judge.jsonl"


def row(id="r1", questions=3, verdicts=(True, False, None), **more):
    return {
        "id": id,
        "instruction": f"Name rivers for {id}.",
        "input": "",
        "decomposed_questions": [f"Is requirement {n} met?" for n in range(questions)],
        "question_label": [["Format"], ["Number", "Content"], ["Rhythm"]][:questions],
        "subset": "Easy_set",
        "category": "letters",
        "output": f"Answer to {id}.",
        "eval": list(verdicts) if isinstance(verdicts, tuple) else verdicts,
    } | more


def write(folder, name, *rows):
    (folder / name).write_text("".join(json.dumps(one) + "\n" for one in rows), "utf-8")


def candidates(folder, files=RUN, **params):
    source = SOURCES.get("infobench")
    return list(source.read(source.Params(files=files, **params), Fetch(folder)))


def use(files, **params):
    return Use.model_validate({"id": "infobench", "files": files, **params})


def read_in(folder, instructions_file, runs):
    """Collects, constrains, joins and labels, as a build does."""
    recipe = load_recipe("infobench_published", [f"scenarios.0.sources.0.files={instructions_file}"])
    collected = collect(recipe.scenarios, Fetch(folder), QUIET)
    made = [constrain(one, recipe.constraints, (), (), 0) for one in collected.instructions]
    constraints = frame_of(Constraints, [one for each in made for one in each.constraints])
    joined = join(read_recorded(use(runs), Fetch(folder)), collected.instructions)
    responses, published = frame_of(Responses, joined.responses), frame_of(Published, joined.published)
    labels = published_labels(constraints, responses, published)
    for table, frame in ((Constraints, constraints), (Responses, responses), (Published, published), (Labels, labels)):
        assert problems(table, frame) == []
    return collected, constraints, joined, labels


def outcomes(labels):
    return Counter(labels["outcome"])


# --- the source


def test_a_row_becomes_an_instruction_with_a_soft_constraint_a_question(tmp_path):
    write(tmp_path, RUN, row(input="The Rhine.\n"))
    (found,) = candidates(tmp_path)
    assert isinstance(found, Candidate)
    assert [message["content"] for message in found.messages] == ["Name rivers for r1.\n\nThe Rhine."]
    assert (found.row, found.license, found.tags) == ("r1", "MIT", ("Easy_set", "letters"))
    assert [(one.kind, one.checker, one.origin) for one in found.given] == [("soft", None, "checklist")] * 3
    assert [one.categories for one in found.given] == [("Format",), ("Numerical", "Content"), ()]


def test_labels_that_are_not_as_many_as_questions_are_nobodys(tmp_path):
    write(tmp_path, RUN, row(question_label=[["Format"]]), row("r2", question_label=None))
    assert {one.categories for found in candidates(tmp_path) for one in found.given} == {()}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"instruction": None}, "no_text"),
        ({"input": ["x"]}, "no_text"),
        ({"instruction": " ", "input": ""}, "empty_content"),
        ({"decomposed_questions": []}, "bad_constraints"),
        ({"decomposed_questions": "Is it?"}, "bad_constraints"),
        ({"decomposed_questions": ["Is it?", None]}, "bad_constraints"),
    ],
)
def test_rows_that_cannot_be_used_are_drops(tmp_path, change, reason):
    write(tmp_path, RUN, row(), row("r2", **change))
    good, bad = candidates(tmp_path)
    assert isinstance(good, Candidate)
    assert (bad.record, bad.reason) == ("r2", reason)


def test_another_layout_is_refused_with_its_columns(tmp_path):
    write(tmp_path, RUN, {"prompt": "x", "input": "", "questions": []})
    with pytest.raises(InputError, match="not in InFoBench's layout"):
        candidates(tmp_path)


# --- the recorded layout


@pytest.mark.parametrize(
    ("verdicts", "labels"),
    [
        ((True, False, None), (1, 0, None)),
        ((True,), (1, None, None)),
        ((None,), (None, None, None)),
        ((), (None, None, None)),
    ],
)
def test_what_was_not_said_is_null(tmp_path, verdicts, labels):
    write(tmp_path, RUN, row(verdicts=verdicts))
    ((found, _),) = read_recorded(use(RUN), Fetch(tmp_path)).responses
    assert (found.model, found.rater, found.labels, found.text) == ("m", "published:judge", labels, "Answer to r1.")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"eval": [True] * 4}, "verdicts_do_not_fit"),
        ({"eval": "True"}, "no_labels"),
        ({"eval": None}, "no_labels"),
        ({"eval": [True, "Yes", False]}, "no_labels"),
        ({"eval": [1, 0, 1]}, "no_labels"),
        ({"eval": [True, 0.5]}, "no_labels"),
        ({"eval": {"0": True}}, "no_labels"),
        ({"decomposed_questions": None}, "no_questions"),
        ({"instruction": 3}, "no_text"),
        ({"output": ["x"]}, "no_text"),
    ],
)
def test_what_no_verdict_can_be_read_from_is_a_drop_and_no_label(tmp_path, change, reason):
    write(tmp_path, RUN, row(), row("r2") | change)
    recorded = read_recorded(use(RUN), Fetch(tmp_path))
    assert len(recorded.responses) == 1
    assert [(drop.record, drop.reason) for drop in recorded.drops] == [(f"{RUN}:2", reason)]


def test_a_row_without_verdicts_or_answer_says_so(tmp_path):
    whole = row()
    write(tmp_path, RUN, whole, *({k: v for k, v in whole.items() if k != gone} for gone in ("eval", "output")))
    recorded = read_recorded(use(RUN), Fetch(tmp_path))
    assert [drop.reason for drop in recorded.drops] == ["missing_column"] * 2


def test_names_of_model_and_rater_may_be_given(tmp_path):
    write(tmp_path, "run-7b.jsonl", row())
    given = use("run-7b.jsonl", model_pattern="run-(.+)[.]jsonl", rater="published:mine")
    ((found, _),) = read_recorded(given, Fetch(tmp_path)).responses
    assert (found.model, found.rater) == ("7b", "published:mine")
    with pytest.raises(InputError, match="no_model"):
        read_recorded(use("run-7b.jsonl"), Fetch(tmp_path))
    with pytest.raises(UsageError, match="no group that names the model"):
        check_recorded(use(RUN, model_pattern="x"))


def test_a_run_over_other_questions_gives_no_labels(tmp_path):
    """As many answers as instructions have constraints, or none is taken."""
    write(tmp_path, "a__j.jsonl", row())
    write(tmp_path, "b__j.jsonl", row(questions=2, verdicts=(True, True)))
    collected, _, joined, labels = read_in(tmp_path, "a__j.jsonl", "*__j.jsonl")
    assert (len(collected.instructions), len(joined.responses)) == (1, 2)
    assert [drop.reason for drop in joined.drops] == ["verdicts_do_not_fit"]
    assert outcomes(labels) == {"satisfied": 1, "violated": 1, "unknown": 1}


def test_as_many_answers_to_other_questions_give_no_labels(tmp_path):
    write(tmp_path, "a__j.jsonl", row())
    write(tmp_path, "b__j.jsonl", row(decomposed_questions=["Does it rhyme?", "Is it long?", "Is it kind?"]))
    _, _, joined, labels = read_in(tmp_path, "a__j.jsonl", "*__j.jsonl")
    assert ["other questions" in drop.detail for drop in joined.drops] == [True]
    assert len(labels) == 3


def test_unknown_labels_say_whether_the_judge_was_silent_or_broke_off(tmp_path):
    write(tmp_path, RUN, row(verdicts=(True, None)))
    *_, labels = read_in(tmp_path, RUN, RUN)
    assert labels["reason"].to_list() == [None, "the source gives no verdict", "the source has 2 of 3 verdicts"]


def test_rows_that_are_there_twice_are_one_instruction_and_two_samples(tmp_path):
    write(tmp_path, RUN, row(), row(verdicts=(False, False, False)))
    collected, _, joined, labels = read_in(tmp_path, RUN, RUN)
    assert [drop.reason for drop in collected.drops] == ["duplicate_id"]
    assert [one["sample_index"] for one in joined.responses] == [0, 1]
    assert outcomes(labels) == {"satisfied": 1, "violated": 4, "unknown": 1}


# --- the published files


def test_the_whole_run_has_a_label_for_every_question(data_dir):
    folder = data_dir / "infobench"
    collected, constraints, joined, labels = read_in(folder, GPT4, GPT4)
    assert (len(collected.instructions), collected.drops, len(constraints)) == (500, [], 2250)
    assert (len(joined.responses), joined.drops, joined.unused) == (500, [], 0)
    assert outcomes(labels) == {"satisfied": 1971, "violated": 279}
    told = Counter(category for own in constraints["categories"] for category in own)
    rows = [json.loads(line) for line in (folder / GPT4).read_text("utf-8").splitlines()]
    kinds = Counter(kind for one in rows for own in one["question_label"] for kind in own)
    assert told == Counter({"Numerical" if kind == "Number" else kind: n for kind, n in kinds.items()})


def test_the_broken_run_ends_with_counted_unknowns_and_no_invented_label(data_dir):
    """29 rows, 89 questions: 28 answers are null and 30 are not there."""
    folder = data_dir / "infobench"
    _, constraints, joined, labels = read_in(folder, GPT4, BROKEN)
    rows = [json.loads(line) for line in (folder / BROKEN).read_text("utf-8").splitlines()]
    questions = sum(len(one["decomposed_questions"]) for one in rows)
    null = sum(one is None for each in rows for one in each["eval"])
    absent = sum(len(one["decomposed_questions"]) - len(one["eval"]) for one in rows)
    assert (len(rows), questions, null, absent) == (29, 89, 28, 30)
    assert outcomes(labels) == {"satisfied": 29, "violated": 2, "unknown": null + absent}
    assert labels.filter(outcome="unknown")["reason"].null_count() == 0
    assert (len(joined.responses), joined.unused) == (29, 0)
    assert Counter(drop.reason for drop in joined.drops) == {"no_recorded_response": 471}
    # Position by position, what the file says and nothing else.
    place = dict(zip(constraints["id"], constraints["position"], strict=True))
    text = {one["id"]: one["text"] for one in joined.responses}
    said = {one["output"]: one["eval"] for one in rows}
    for label in labels.iter_rows(named=True):
        verdicts, position = said[text[label["response_id"]]], place[label["constraint_id"]]
        wanted = verdicts[position] if position < len(verdicts) else None
        assert label["outcome"] == {True: "satisfied", False: "violated", None: "unknown"}[wanted]
    verdicts = aggregate(labels)
    assert problems(Verdicts, verdicts) == []
    assert outcomes(verdicts) == outcomes(labels)
    figures = agreement_report(labels, constraints, sampling=Sampling(0, 100)).everybody
    assert (figures.groups[0].labels, figures.groups[0].unknown, figures.groups[0].alpha.value) == (89, 58, None)


def test_the_korean_twin_is_read_whole(data_dir):
    """2,251 questions; of one row the judge gave nothing that could be read, of three the labels are not as many."""
    folder = data_dir / "infobench"
    collected, constraints, _, labels = read_in(folder, KOREAN, KOREAN)
    assert (len(collected.instructions), len(constraints)) == (500, 2251)
    assert outcomes(labels) == {"satisfied": 1875, "violated": 371, "unknown": 5}
    assert (constraints["categories"].list.len() == 0).sum() == 5 + 4 + 2
    assert set(labels["rater_id"]) == {"published:KoInFoBench_DecomposeEval"}


def test_the_packaged_recipe_builds(data_dir, tmp_path):
    arguments = ("build", "infobench_published", "--data", data_dir, "-o", "out", "--json", "-q")
    command = [sys.executable, "-m", "benchwright", *map(str, arguments)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout.splitlines()[-1])["counts"]["instructions"] == 29
    labels = pl.read_parquet(tmp_path / "out" / "release" / "labels" / "*.parquet")
    by_model = Counter(labels["outcome"])
    assert by_model == {"satisfied": 116, "violated": 4, "unknown": 58}
