"""What people answered, as the records that the flow goes on with: latest answers only, gold tasks left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import polars as pl

from ...schemas.edge import PairChecks
from ...schemas.label import Labels
from ...schemas.outcome import Outcome
from ...schemas.tables import frame_of
from .task import Decision, Given, Task

__all__ = ["human_labels", "item_decisions", "pair_checks", "rater_of"]

_OUTCOMES = {"yes": Outcome.SATISFIED, "no": Outcome.VIOLATED, "unsure": Outcome.UNKNOWN}
Value = TypeVar("Value")


def rater_of(annotator: str) -> str:
    """Gives the rater id of an annotator's pseudonym."""
    return f"human:{annotator}"


def human_labels(tasks: Iterable[Task], given: Iterable[Given]) -> pl.DataFrame:
    """Gives the answers to label tasks, table ``Labels``, sorted by its key.

    *unsure* is unknown. The reason is the annotator's note. Answers to tasks that are not among ``tasks`` are passed
    over.
    """
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for task, one in _answered(tasks, given, "label"):
        row = {
            "instruction_id": task.instruction_id,
            "response_id": task.body["response_id"],
            "constraint_id": task.body["constraint_id"],
            "rater_id": rater_of(one.annotator),
            "rater_kind": "human",
            "outcome": _OUTCOMES[one.answer].value,
            # An unknown outcome says why, be it only this.
            "reason": one.note or ("unsure" if one.answer == "unsure" else None),
        }
        rows[row["response_id"], row["constraint_id"], row["rater_id"]] = row
    return frame_of(Labels, _by_key(rows))


def pair_checks(tasks: Iterable[Task], given: Iterable[Given]) -> pl.DataFrame:
    """Gives the answers to pair tasks, table ``PairChecks``, sorted by its key: of the lesser id against the other."""
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for task, one in _answered(tasks, given, "pair"):
        first, second = sorted((task.body["a_id"], task.body["b_id"]))
        rater = rater_of(one.annotator)
        winner = {"a": task.body["a_id"], "b": task.body["b_id"]}.get(one.answer)
        rows[first, second, rater] = {
            "instruction_id": task.instruction_id,
            "first": first,
            "second": second,
            "rater_id": rater,
            "answer": one.answer if winner is None else "better" if winner == first else "worse",
        }
    return frame_of(PairChecks, _by_key(rows))


def item_decisions(tasks: Iterable[Task], given: Iterable[Given]) -> list[Decision]:
    """Gives what was decided on items of checklists, sorted by constraint and annotator."""
    found: dict[tuple[str, ...], Decision] = {}
    for task, one in _answered(tasks, given, "item"):
        id = task.body["constraint_id"]
        text = one.text if one.answer == "edit" else None
        found[id, one.annotator] = Decision(id, one.answer, text, one.annotator)
    return _by_key(found)


def _by_key(rows: dict[tuple[str, ...], Value]) -> list[Value]:
    return [rows[key] for key in sorted(rows)]


def _answered(tasks: Iterable[Task], given: Iterable[Given], kind: str) -> Iterator[tuple[Task, Given]]:
    """Yields each annotator's latest answer to each task of a kind, in the order they came, with its task."""
    asked = {task.id: task for task in tasks if task.kind == kind and task.gold is None}
    latest: dict[tuple[str, str], Given] = {}
    for one in given:
        if one.task_id in asked:
            key = one.task_id, one.annotator
            if key not in latest or latest[key].serial < one.serial:
                latest[key] = one
    for one in sorted(latest.values(), key=lambda one: one.serial):
        yield asked[one.task_id], one
