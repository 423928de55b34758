"""From a recipe to a graph that people's answers made: two of them in real browsers, one crash, one rebuild."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from benchwright.labels.agreement_report import agreement_report
from benchwright.labels.annotation.records import human_labels
from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.intervals import Sampling
from benchwright.release.read import read_release

from .annotation_browser import Person, answers, browser, persons
from .annotation_server import AnnotationServer
from .small_build import command, proven
from .test_cli import write_lines

pytest.importorskip("nicegui", reason="needs the extra annotate")

# Two recorded answers to each of five prompts, two soft constraints each: 20 labels, and nothing that code decides.
RECIPE = """\
name: towns
scenarios:
  - id: single_turn
    sources: [{id: messages, files: rows.jsonl, checklist: checklist}]
constraints: {extracted: ignore, checklist: false}
sampling:
  recorded: {id: flat, files: answers.jsonl, prompt: prompt, model: model}
labels: {raters: [code]}
"""
PEOPLE = "labels={raters: [code, human], annotations: [project]}"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.fixture
def person(chromium: Any) -> Iterator[Any]:
    with persons(chromium) as make:
        yield make


def run(folder: Path, *arguments: str, code: int = 0) -> Any:
    """Runs a command in a folder; gives the object that it prints."""
    environ = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        command(*arguments, "--json"), cwd=folder, env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == code, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def drawn(folder: Path) -> Path:
    """Builds as far as code can say, and fills a project with what it cannot."""
    prompts = [f"Tell me about town {n}." for n in range(5)]
    write_lines(
        folder / "rows.jsonl", [{"prompt": one, "checklist": ["It is friendly.", "It is brief."]} for one in prompts]
    )
    told = [(one, way, f"Town {n}, told in way {way}.") for n, one in enumerate(prompts) for way in range(2)]
    write_lines(
        folder / "answers.jsonl",
        [{"prompt": one, "model": f"secret-{way}", "response": text} for one, way, text in told],
    )
    (folder / "towns.yaml").write_text(RECIPE, encoding="utf-8")
    assert "no instruction is left after graph" in run(folder, "build", "towns.yaml", "-o", "out", code=3)["error"]
    at = run(folder, "annotate", "project", "--recipe", "towns.yaml", "--no-serve")
    assert (at["tasks"], at["new"]) == ({"label": 20}, 20)
    return folder / "project"


def kappa(pairs: list[tuple[str, str]]) -> float:
    """Cohen's, from its definition."""
    same = sum(a == b for a, b in pairs) / len(pairs)
    values = {value for pair in pairs for value in pair}
    shares = ([side.count(value) / len(pairs) for side in zip(*pairs, strict=True)] for value in values)
    chance = sum(a * b for a, b in shares)
    return (same - chance) / (1 - chance)


def label_all(who: Person, contrary: str) -> Iterator[str]:
    """Answers by keyboard until nothing is left: the second way is not brief, and one answer is seen otherwise."""
    while not who.page.query_selector("#done"):
        response, constraint = who.text(".response .words"), who.text(".constraint")
        no = "way 1" in response and "brief" in constraint
        if contrary in response:
            no = not no
        yield response + constraint
        who.press("n" if no else "y")


def label_through_a_crash(folder: Path, ada: Person, bo: Person) -> str:
    """Lets two people label all there is, the server killed and started again between; gives what it says last."""
    with AnnotationServer(folder) as server:
        ada.log_in(server.url, "Ada Lovelock")
        bo.log_in(server.url, "Bo Quenneville")
        contrary = {ada: "no town", bo: "Town 3, told in way 0"}
        work = {who: label_all(who, text) for who, text in contrary.items()}
        seen: dict[Person, list[str]] = {ada: [], bo: []}
        for turn in range(60):
            if turn == 17:
                server.kill()
                before = answers(folder)
                for who in (ada, bo):
                    who.page.wait_for_selector("#banner:visible")
                    who.page.keyboard.press("y")
                    assert who.text("#state") == "not saved: no connection"
                    who.page.evaluate("delete document.body.dataset.shown")
                server.start()
                for who in (ada, bo):
                    who.wait()
                    assert not who.page.is_visible("#banner")
                assert answers(folder) == before, "what was pressed meanwhile was nothing"
                work = {who: label_all(who, text) for who, text in contrary.items()}
            who = (ada, bo)[turn % 2]
            if (text := next(work[who], None)) is not None:
                seen[who].append(text)
        assert ada.text("#progress") == "Done: 20 of about 20"
        # The screens before the crash came once, the one it happened on twice or not at all.
        assert all(len(set(texts)) == 20 for texts in seen.values())
        code, out, _ = server.interrupt()
    assert code == 0
    assert {one.name for one in folder.iterdir()} == {ANNOTATIONS, f"{ANNOTATIONS}.lock"}, "nothing else is left"
    return out


def test_two_people_label_by_keyboard_through_a_crash(tmp_path: Path, person: Any) -> None:
    folder = drawn(tmp_path)
    said = label_through_a_crash(folder, person(), person())
    # Of the two on which they differ, a third is to say something.
    assert "40 answers of 2 people" in said and "18 tasks have all they need, 2 do not" in said
    assert all(one.seconds is not None for one in answers(folder))

    # They agree as far as they do, by its definition, by our report and at the terminal.
    with AnnotationStore.read(folder / ANNOTATIONS) as store:
        labels = human_labels(store.tasks(), store.given())
    by_rater = [labels.filter(pl.col("rater_id") == rater) for rater in sorted(set(labels["rater_id"]))]
    pairs = list(zip(*(part.sort("response_id", "constraint_id")["outcome"] for part in by_rater), strict=True))
    assert len(pairs) == 20 and sum(a != b for a, b in pairs) == 2
    assert 0.6 < kappa(pairs) < 0.8
    (reported,) = agreement_report(labels, sampling=Sampling(0, 200)).everybody.pairs
    assert reported.kappa.value == pytest.approx(kappa(pairs))
    (printed,) = run(tmp_path, "agreement", "project", "--draws", "200")["everybody"]["pairs"]
    assert printed["kappa"] == {
        "value": reported.kappa.value, "low": reported.kappa.low, "high": reported.kappa.high, "reason": None
    }  # fmt: skip

    # Built again, the graph is theirs. Of town 3 they differ on both constraints of the first way: it has no edge.
    built = run(tmp_path, "build", "towns.yaml", "--set", PEOPLE, "-o", "out", "-q")
    assert built["human"] == {"taken": 40, "of_other_records": 0}
    assert built["dropped"]["graph"] == {"no_edge": 1, "instruction_dropped": 2}
    items = proven(tmp_path / "out" / "release").table("items")
    edges = {
        (item["responses"][edge["chosen"]]["response"], item["responses"][edge["rejected"]]["response"])
        for item in items.to_dicts()
        for edge in item["preference_graph"]
    }
    assert edges == {(f"Town {n}, told in way 0.", f"Town {n}, told in way 1.") for n in (0, 1, 2, 4)}
    raters = set(read_release(tmp_path / "out" / "release").table("labels")["rater_id"])
    assert raters == {part["rater_id"][0] for part in by_rater}
