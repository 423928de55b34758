"""Filling an annotation project with tasks, and saying how far it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ...errors import InputError, UsageError
from ...schemas.recipe import Recipe
from ..budget import Asking, Pick, rank
from .assignment import overall
from .draw import Tables, item_tasks, label_tasks, pair_tasks
from .gold import gold_tasks
from .settings import check_settings
from .store import AnnotationStore
from .task import Settings, Task

__all__ = ["DRAWN", "Drawn", "Origin", "draw_gold", "draw_tasks", "drawn_kinds", "new_settings", "standing"]

DRAWN = ("labels", "pairs", "items")
"""Kinds of tasks by the name under which they are asked for."""
_RANKED: dict[str, Literal["label", "pair"]] = {"labels": "label", "pairs": "pair"}
_NOTHING = {
    "labels": "no label is left to people: code decides all of them",
    "pairs": "the graph has no edge, and so there is no pair to check",
    "items": "no model drew an item of a checklist (constraints.checklists), and others are not reviewed",
}
"""Why there is no task of a kind."""


class Origin(NamedTuple):
    """What tasks are drawn from: a build or a release."""

    tables: Tables
    recipe: Recipe


class Drawn(NamedTuple):
    """Tasks, and what to say of them."""

    tasks: list[Task]
    picked: dict[str, int] | None
    """Labels and pairs that the budget went to, by kind of task; null without a budget."""
    remark: str | None
    """Why there is none, or fewer than the budget, or no pair among them."""


def drawn_kinds(kind: str | None, budget: int | None, tables: Tables) -> list[str]:
    """Gives the kinds to draw, of ``DRAWN``: the one asked for, else labels and, with a budget, pairs once there are.

    Raises:
        UsageError: when pairs are asked for and there is no graph.
    """
    if kind == "pairs" and "edges" not in tables:
        raise UsageError("there is no graph yet, and so no pairs to check: build on, or take --tasks labels")
    if kind is not None:
        return [kind]
    return ["labels", "pairs"] if budget is not None and "edges" in tables else ["labels"]


def draw_tasks(origin: Origin, kinds: Sequence[str], budget: int | None, settings: Settings) -> Drawn:
    """Gives the tasks of a build or release.

    Args:
        kinds: as ``drawn_kinds`` gives them.
        budget: only so many labels and pairs, those whose answers change the graph most; null draws all.
        settings: the project's: a ranking reckons with how many people are asked.
    """
    tables, recipe = origin
    picks = None if budget is None else _ranked(origin, kinds, budget, settings)
    tasks: list[Task] = []
    for kind in kinds:
        if kind == "items":
            tasks += item_tasks(tables)
        else:
            tasks += (label_tasks if kind == "labels" else pair_tasks)(tables, picks)
    if picks is None or budget is None:
        return Drawn(tasks, None, None if tasks else _NOTHING[kinds[0]])
    counts = Counter(pick.kind for pick in picks)
    picked: dict[str, int] = {_RANKED[kind]: counts[_RANKED[kind]] for kind in kinds}
    remarks = [_no_more(kinds, recipe)] if len(picks) < budget else []
    if "edges" not in tables:
        remarks.append("pairs can be picked once there is a graph")
    return Drawn(tasks, picked, "; ".join(remarks) or None)


def _ranked(origin: Origin, kinds: Sequence[str], budget: int, settings: Settings) -> list[Pick]:
    recipe = origin.recipe
    recorded, ranked = recipe.sampling.recorded is not None, tuple(_RANKED[kind] for kind in kinds)
    return rank(origin.tables, budget, Asking(recipe.graph, recorded, settings, kinds=ranked))


def _no_more(kinds: Sequence[str], recipe: Recipe) -> str:
    """Says why a budget is not used up."""
    because = ""
    if "pairs" in kinds and recipe.graph.pair_checks == "ignore":
        because = ": the recipe ignores checks of pairs (graph.pair_checks)"
    return f"no further answer to {' or '.join(kinds)} would change the graph{because}"


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


def new_settings(*, guidelines: Path | None, per_label: int | None) -> dict[str, Any]:
    """Gives the settings that are given, by name, checked before any project is made.

    Raises:
        InputError: when the guidelines cannot be read.
        UsageError: when the settings cannot be.
    """
    given: dict[str, Any] = {} if per_label is None else {"labels_per_item": per_label}
    if guidelines is not None:
        try:
            given["guidelines"] = guidelines.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"the guidelines {str(guidelines)!r} are no UTF-8 text: {error}") from None
        except OSError as error:
            raise InputError(f"the guidelines {str(guidelines)!r} cannot be read: {error.strerror}") from None
    check_settings(replace(Settings(), **given))
    return given


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
