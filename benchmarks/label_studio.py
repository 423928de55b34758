"""Label Studio, both ways: tasks out to a real server, annotated there by two people, back in; kappa is what it was."""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

from benchwright.labels.agreement_report import Pair, agreement_report
from benchwright.labels.annotation.records import human_labels
from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.annotation.task import Task
from benchwright.labels.label_studio.client import LabelStudio, Project
from benchwright.labels.label_studio.config import TARGET, labelling_config
from benchwright.labels.label_studio.files import read_export
from benchwright.labels.label_studio.intake import take
from benchwright.labels.label_studio.tasks import export_tasks
from tests.label_studio_server import NEEDED, PROGRAM, Person, Server, label_task

from .proof import Proof, Skipped

__all__ = ["prove"]

OTHERWISE = 0.15
"""How often the second annotator says something else than the first."""
Said = dict[str, tuple[str, str]]
"""What the two are made to say, by task id."""


def _simulated(tasks: list[Task]) -> Said:
    """Draws what two annotators say: mostly the same."""
    rng = Random(7)
    said = {}
    for task in tasks:
        first = rng.choices(["yes", "no", "unsure"], [0.6, 0.35, 0.05])[0]
        second = rng.choice(["yes", "no", "unsure"]) if rng.random() < OTHERWISE else first
        said[task.id] = (first, second)
    return said


def _kappa(said: Said) -> float:
    """Gives Cohen's kappa of what was simulated, by its definition; *unsure* of either leaves the task out."""
    known = [pair for pair in said.values() if "unsure" not in pair]
    observed = sum(first == second for first, second in known) / len(known)
    ones, others = (Counter(pair[side] for pair in known) for side in (0, 1))
    chance = sum(ones[answer] * others[answer] for answer in ("yes", "no")) / len(known) ** 2
    return (observed - chance) / (1 - chance)


def _annotate(server: Server, person: Person, side: int, numbers: dict[str, int], said: Said) -> None:
    for id, number in numbers.items():
        server.annotate(person, number, said[id][side], TARGET["label"])


def _there(server: Server, tasks: list[Task], said: Said) -> tuple[Project, dict[str, float]]:
    """Sends tasks and lets both annotate them side by side; gives the project, and seconds by step."""
    began = time.monotonic()
    with LabelStudio(server.url, server.owner.key) as asked:
        project, _ = asked.find_or_create("proof (label)", labelling_config("label"), 2, False)
        assert asked.push(project, export_tasks(tasks, "proof")) == (len(tasks), 0)
        assert asked.push(project, export_tasks(tasks, "proof")) == (0, len(tasks)), "tasks were sent again"
        sent = time.monotonic()
        numbers = {row["meta"]["task_id"]: int(row["id"]) for row in asked.tasks(project)}
    assert set(numbers) == {task.id for task in tasks}
    with ThreadPoolExecutor(2) as pool:
        people = enumerate((server.owner, server.second))
        for done in [pool.submit(_annotate, server, who, side, numbers, said) for side, who in people]:
            done.result()
    return project, {"push_twice": sent - began, "annotate": time.monotonic() - sent}


def _back(server: Server, project: Project, path: Path, tasks: list[Task], said: Said) -> tuple[Pair, float]:
    """Takes the annotations, by the API with the other person's key and by a file; gives the two's agreement."""
    with AnnotationStore(path) as store, LabelStudio(server.url, server.second.key) as asked:
        began = time.monotonic()
        tally = take(store, asked.tasks(project))
        seconds = time.monotonic() - began
        assert (tally.counts["new"], tally.problems) == (2 * len(tasks), []), (tally.counts, tally.problems[:3])
        exported = path.with_name("export.json")
        rows = server.ask(server.owner, "GET", f"/api/projects/{project.id}/export?exportType=JSON")
        exported.write_text(json.dumps(rows), encoding="utf-8")
        for again in (asked.tasks(project), read_export(exported)):
            assert take(store, again).counts["there"] == 2 * len(tasks), "an annotation was taken twice"
        names = {one.name: one.pseudonym for one in store.annotators()}
        given = store.given(latest=False)
        labels = human_labels(store.tasks(), given)
    people = [names[f"label-studio:{person.id}"] for person in (server.owner, server.second)]
    got = {(one.task_id, one.annotator): one.answer for one in given}
    wanted = {(id, people[side]): answer for id, pair in said.items() for side, answer in enumerate(pair)}
    assert got == wanted, "an answer is not what was annotated"
    (pair,) = agreement_report(labels).everybody.pairs
    return pair, seconds


def prove(small: bool) -> Proof:
    """Sends 200 tasks to a real Label Studio, lets two of its users annotate them, and takes them back."""
    if not PROGRAM:
        raise Skipped(NEEDED)
    tasks = [label_task(number) for number in range(40 if small else 200)]
    said = _simulated(tasks)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with AnnotationStore(folder / ANNOTATIONS) as store:
            store.add_tasks(tasks)
        (folder / "server").mkdir()
        began = time.monotonic()
        with Server(folder / "server") as server:
            started = time.monotonic() - began
            version = server.ask(server.owner, "GET", "/api/version")["release"]
            project, seconds = _there(server, tasks, said)
            pair, pulled = _back(server, project, folder / ANNOTATIONS, tasks, said)
    kappa = _kappa(said)
    assert pair.kappa.value is not None and abs(pair.kappa.value - kappa) < 1e-12, (pair.kappa, kappa)
    figures: dict[str, Any] = {
        "label_studio": version,
        "tasks": len(tasks),
        "annotators": 2,
        "annotations": 2 * len(tasks),
        "answers_equal_to_what_was_annotated": 2 * len(tasks),
        "added_by_pulling_and_importing_again": 0,
        "tasks_both_know": pair.known,
        "kappa_simulated": round(kappa, 6),
        "kappa_taken_back": round(pair.kappa.value, 6),
        "kappa_95": [round(end, 4) for end in (pair.kappa.low, pair.kappa.high) if end is not None],
        "seconds": {"start": round(started, 1), **{step: round(took, 2) for step, took in seconds.items()}},
    }
    figures["seconds"]["pull"] = round(pulled, 2)
    return Proof("Label Studio, both ways", "python -m benchmarks.run label_studio", figures)
