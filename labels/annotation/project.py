"""Filling an annotation project with tasks, and saying how far it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import InputError, UsageError
from .assignment import overall
from .draw import Picked, Tables, item_tasks, label_tasks, pair_tasks
from .gold import gold_tasks
from .store import AnnotationStore
from .task import Task

__all__ = ["DRAWN", "draw_gold", "draw_tasks", "set_up", "standing"]

DRAWN = ("labels", "pairs", "items")
"""Kinds of tasks by the name under which they are asked for."""


def draw_tasks(tables: Tables, kinds: Collection[str], picks: Sequence[Picked] | None = None) -> list[Task]:
    """Gives tasks of some kinds.

    Args:
        kinds: of ``DRAWN``.
        picks: a ranking of labels and pairs; null draws all.

    Raises:
        UsageError: when pairs are wanted and there is no graph.
    """
    tasks: list[Task] = []
    if "pairs" in kinds and picks is None and "edges" not in tables:
        raise UsageError("there is no graph yet, and so no pairs to check: build on, or take --tasks labels")
    for kind in kinds:
        if kind == "items":
            tasks += item_tasks(tables)
        else:
            tasks += (label_tasks if kind == "labels" else pair_tasks)(tables, picks)
    return tasks


def draw_gold(source: str, tables: Tables | None) -> list[Task]:
    """Gives the tasks of a qualification test.

    Args:
        source: ``none``, ``scenarios`` (of the tables' instructions), or a JSONL file.
        tables: null where the project is filled already.

    Raises:
        UsageError: when it is none of these, or the scenarios are not known or have no gold pairs.
    """
    if source == "none":
        return []
    if source != "scenarios":
        if not Path(source).is_file():
            raise UsageError(f"--gold {source!r} is no file: give a JSONL file, scenarios, or none")
        return gold_tasks(Path(source))
    if tables is None:
        raise UsageError("--gold scenarios needs --recipe or --release: the scenarios are those of its instructions")
    names = sorted(set(tables["instructions"]["scenario"]))
    if not (tasks := gold_tasks(names)):
        raise UsageError(f"the scenarios {', '.join(names)} have no gold pairs: give --gold FILE, or --gold none")
    return tasks


def set_up(store: AnnotationStore, *, guidelines: Path | None, per_label: int | None) -> None:
    """Changes a project's settings where something is given.

    Raises:
        InputError: when the guidelines cannot be read.
        UsageError: when the settings cannot be.
    """
    settings = store.settings
    if guidelines is not None:
        try:
            settings = replace(settings, guidelines=guidelines.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"the guidelines {str(guidelines)!r} cannot be read as UTF-8 text: {error}") from None
    if per_label is not None:
        settings = replace(settings, labels_per_item=per_label)
    if settings != store.settings:
        store.set_settings(settings)


def standing(store: AnnotationStore) -> dict[str, Any]:
    """Says how far a project is: tasks by kind, gold tasks, annotators, answers, and tasks that have all they need."""
    tasks, given = store.tasks(), store.given()
    work = [task for task in tasks if task.gold is None]
    known = {task.id for task in work}
    answers = [one for one in given if one.task_id in known]
    at = overall(work, answers, store.settings)
    return {
        "tasks": dict(sorted(Counter(task.kind for task in work).items())),
        "gold": len(tasks) - len(work),
        "annotators": len({one.annotator for one in answers}),
        "answers": len(answers),
        "done": at.done,
        "open": at.open,
    }
