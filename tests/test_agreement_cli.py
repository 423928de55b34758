"""``agreement`` over releases and annotation folders: tables, narrow terminals, JSON, and what cannot be read."""

import json
import os
import pty
import random
import re
import struct
import subprocess
import sys
from fcntl import ioctl
from termios import TIOCSWINSZ

import pytest

from benchwright.cli.agreement_text import print_annotators, print_report
from benchwright.labels.agreement_report import agreement_report
from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.annotation.task import Task
from benchwright.labels.intervals import Sampling

from .test_agreement_report import CONSTRAINTS, INSTRUCTIONS, LABELS, hexed


def command(*arguments):
    return [sys.executable, "-m", "benchwright", "agreement", *map(str, arguments)]


def run(*arguments, **more):
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=120, **more)


def in_terminal(columns, *arguments):
    """Gives what a command prints on a real terminal of so many columns."""
    master, slave = pty.openpty()
    ioctl(slave, TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    process = subprocess.Popen(command(*arguments), stdout=slave, stderr=subprocess.PIPE, env=environment)
    os.close(slave)
    said = b""
    try:
        while part := os.read(master, 65536):
            said += part
    except OSError:
        pass  # Linux says so that the other side has closed
    assert process.wait(timeout=60) == 0, process.stderr.read()
    process.stderr.close()
    os.close(master)
    return said.decode().replace("\r\n", "\n").splitlines()


def label_task(n):
    body = {
        "messages": [{"role": "user", "content": "Say something of rivers, please."}],
        "language": "de" if n < 8 else "en",
        "constraint": "It rhymes.",
        "constraint_id": hexed("con", n // 4, n % 2),
        "response": f"Answer number {n // 2}: " + "a river runs by the town, and " * 8,
        "response_id": hexed("res", n // 2),
    }
    return Task(f"task{n}", "label", hexed("ins", n // 4), n, body)


def pair_task(n):
    body = {
        "messages": [{"role": "user", "content": "Say something of rivers, please."}],
        "language": "en",
        "a": "first",
        "a_id": hexed("res", 2 * n),
        "b": "second",
        "b_id": hexed("res", 2 * n + 1),
        "constraints": ["It rhymes."],
        "better": "a",
    }
    return Task(f"pair{n}", "pair", hexed("ins", n), n, body)


@pytest.fixture(scope="module")
def annotations(tmp_path_factory):
    """A project where Ann and Ben read and Cyd clicks yes as fast as can be; its first task was answered twice."""
    folder = tmp_path_factory.mktemp("project")
    drawn, at = random.Random(3), 0
    with AnnotationStore(folder / ANNOTATIONS, project="p") as store:
        tasks = [label_task(n) for n in range(40)]
        store.add_tasks([*tasks, *(pair_task(n) for n in range(4))])
        people = {name: store.register(name).pseudonym for name in ("Ann", "Ben", "Cyd")}
        store.answer("task0", people["Ann"], "unsure", seconds=1.0, at=1)
        for task in tasks:
            truth = drawn.choice(["yes", "no"])
            other = {"yes": "no", "no": "yes"}[truth]
            for name, said in (("Ann", truth), ("Ben", other if drawn.random() < 0.15 else truth), ("Cyd", "yes")):
                at += 20
                seconds = 0.4 if name == "Cyd" else 12.0
                store.answer(task.id, people[name], said, seconds=seconds, at=at)
        for n in range(4):
            for name in ("Ann", "Ben"):
                store.answer(f"pair{n}", people[name], "a" if n else "unsure", seconds=9.0, at=at + n)
    return folder, people


def test_an_annotation_folder(annotations):
    folder, people = annotations
    done = run(folder, "--json", "--draws", 200)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    groups = {(one["of"], one["name"]): one for one in told["everybody"]["groups"]}
    assert set(groups) == {("all", ""), ("language", "de"), ("language", "en"), ("pair checks", "")}
    assert (groups["all", ""]["labels"], groups["all", ""]["unknown"], groups["all", ""]["cells"]) == (120, 0, 40)
    assert groups["language", "de"]["cells"] == 8
    assert (groups["pair checks", ""]["labels"], groups["pair checks", ""]["unknown"]) == (8, 2)
    pairs = {(one["first"], one["second"]): one["kappa"]["value"] for one in told["everybody"]["pairs"]}
    best = tuple(sorted(f"human:{people[name]}" for name in ("Ann", "Ben")))
    assert pairs[best] > 0.5
    assert all(abs(value) < 0.2 for pair, value in pairs.items() if pair != best)
    assert told["humans"] is None
    flags = {one["annotator"]: {flag["kind"] for flag in one["flags"]} for one in told["annotators"]["label"]}
    assert flags[people["Cyd"]] >= {"too_fast", "faster_than_others", "straight_lining"}
    assert flags[people["Ann"]] == flags[people["Ben"]] == set()
    assert not {"Ann", "Ben", "Cyd"} & set(done.stdout.split('"'))


def test_for_people_it_is_tables_and_advice(annotations):
    folder, people = annotations
    said = run(folder, "--draws", 200).stdout
    for part in ("Agreement", "Pairs of raters", "Raters", "Annotators: labels", "Annotators: pairs of responses"):
        assert part in said
    assert f"look at {people['Cyd']}: too_fast" in said
    assert "flags are advice: no answer was left out" in said
    assert max(map(len, said.split("look at")[0].splitlines())) <= 160


@pytest.mark.parametrize("columns", [40, 140])
def test_it_stays_readable_in_a_narrow_terminal(annotations, columns):
    folder, _ = annotations
    lines = in_terminal(columns, folder, "--draws", 200)
    # Lines of prose are left to the terminal; those of figures begin with a space.
    figures = [line for line in (re.sub("\x1b\\[[0-9;]*m", "", line) for line in lines) if line.startswith(" ")]
    assert max(map(len, figures)) <= columns
    whole = " ".join(" ".join(figures).split())
    assert "…" not in whole
    if columns < 100:
        assert "alpha 0." in whole and "of others' time" in whole


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """Three recorded runs over four prompts, checked by code, beside published verdicts of which one is wrong."""
    folder = tmp_path_factory.mktemp("build")
    prompts = [f"Describe river number {n} without commas." for n in range(4)]
    listed = {"instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}
    lines = [json.dumps({"key": n, "prompt": prompt, **listed}) for n, prompt in enumerate(prompts)]
    (folder / "prompts.jsonl").write_text("\n".join(lines), "utf-8")
    for model in range(3):
        rows = []
        for n, prompt in enumerate(prompts):
            comma = (n + model) % 3 == 0
            verdict = not comma if (n, model) != (1, 1) else comma
            text = f"Model {model}{',' if comma else ''} on river {n}."
            rows.append({"prompt": prompt, "response": text, "follow_instruction_list": [verdict]})
        lines = map(json.dumps, rows)
        (folder / f"m{model}__strict.jsonl").write_text("\n".join(lines), "utf-8")
    (folder / "small.yaml").write_text(RECIPE, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "benchwright", "build", "small.yaml", "--data", ".", "-o", "out", "-q"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return folder / "out"


RECIPE = """\
name: small
scenarios:
  - id: single_turn
    sources: [{id: ifeval, files: prompts.jsonl, language: en}]
constraints: {given: true, extracted: ignore, checklist: false}
sampling:
  recorded: {id: ifeval, files: m*__strict.jsonl}
labels: {raters: [code, published]}
graph: {edgeless_instructions: keep, isolated_responses: keep}
"""


def test_a_release(release):
    told = json.loads(run(release, "--json", "--draws", 200).stdout)
    groups = {(one["of"], one["name"]): one for one in told["everybody"]["groups"]}
    assert set(groups) == {("all", ""), ("kind", "verifiable"), ("category", "Format"), ("language", "en")}
    assert (groups["all", ""]["labels"], groups["all", ""]["shared"]) == (24, 12)
    (pair,) = told["everybody"]["pairs"]
    assert {pair["first"], pair["second"]} == {"code:punctuation:no_comma", "published:ifeval-strict"}
    assert pair["same"] == 11 / 12 and sum(map(sum, pair["table"])) == 12
    assert told["annotators"] == {} and told["humans"] is None
    assert "Pairs of raters" in run(release / "release").stdout


def report_of(capsys, **tables):
    print_report(agreement_report(LABELS, sampling=Sampling(0, 200), **tables))
    return capsys.readouterr().out


def test_people_and_all_raters_are_told_apart_and_nulls_have_reasons(capsys):
    said = report_of(capsys, constraints=CONSTRAINTS, instructions=INSTRUCTIONS)
    assert "Agreement, all raters" in said and "Agreement, people alone" in said
    assert re.search("no interval: one instruction: .*language de", said)


def test_names_do_not_steer_the_terminal(capsys):
    import polars as pl

    evil = LABELS.with_columns(rater_id=pl.col("rater_id") + "\x1b[2J\u202e")
    print_report(agreement_report(evil, sampling=Sampling(0, 200)))
    said = capsys.readouterr().out
    assert "\x1b" not in said and "\u202e" not in said and "\\x1b" in said


def test_nobody_stands_out(capsys):
    print_annotators("label", [])
    assert "nothing stands out" in capsys.readouterr().out


@pytest.mark.parametrize("made", ["nothing", "empty", "no answer"])
def test_what_cannot_be_read_says_so(tmp_path, made):
    folder = tmp_path / "x"
    if made != "nothing":
        folder.mkdir()
    if made == "no answer":
        AnnotationStore(folder / ANNOTATIONS, project="p").close()
    done = run(folder, "--json")
    told = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == told["exit_code"] == (3 if made == "no answer" else 2)
    assert {"no answer": "nobody has answered"}.get(made, "neither a release nor an annotation folder") in told["error"]
