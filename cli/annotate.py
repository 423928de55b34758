"""``annotate``: a web page on which people label, check pairs, and approve items of checklists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import WORKSPACE, AsJson, Data, Set, Workspace, checked_recipe, release_folder, runtime_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from ..labels.annotation.serve import Door
    from ..labels.annotation.store import AnnotationStore
    from ..labels.annotation.task import Task

__all__ = ["annotate"]

_PORT = 8345


def annotate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The project's folder; its answers are kept in it.")],
    recipe: Annotated[
        str | None, typer.Option("--recipe", metavar="RECIPE", help="Fill the project from what a build has finished.")
    ] = None,
    release: Annotated[
        Path | None, typer.Option("--release", metavar="FOLDER", help="Fill the project from a release.")
    ] = None,
    tasks: Annotated[
        str | None,
        typer.Option("--tasks", metavar="KIND", help="labels, pairs or items (default: labels; with --budget: both)."),
    ] = None,
    budget: Annotated[
        int | None,
        typer.Option("--budget", min=1, metavar="N", help="Only the N labels and pairs that change the graph most."),
    ] = None,
    gold: Annotated[
        str | None,
        typer.Option("--gold", metavar="FILE", help="Tasks of a qualification test: a JSONL file, scenarios, or none."),
    ] = None,
    guidelines: Annotated[
        Path | None, typer.Option("--guidelines", metavar="FILE", help="Shown beside the tasks, in place of ours.")
    ] = None,
    per_label: Annotated[
        int | None, typer.Option("--per-label", min=1, metavar="N", help="People asked about each label (default: 2).")
    ] = None,
    host: Annotated[
        str, typer.Option("--host", metavar="HOST", help="Where to listen; other than loopback asks for a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, metavar="N", help="0 takes any free one.")] = _PORT,
    token: Annotated[
        str | None, typer.Option("--token", metavar="TOKEN", help="Ask for this one (default: made where needed).")
    ] = None,
    workspace: Workspace = WORKSPACE,
    data: Data = None,
    set_: Set = None,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only fill the project and print its counts.")] = False,
    as_json: AsJson = False,
) -> None:
    """Label by hand in the browser: several people, by keyboard. Every answer is saved as it is given."""
    from ..labels.annotation.project import draw_gold, draw_tasks, set_up, standing
    from ..labels.annotation.screens import import_nicegui
    from ..labels.annotation.store import ANNOTATIONS, AnnotationStore
    from .output import print_json

    _check(folder / ANNOTATIONS, recipe, release, tasks, budget, no_serve, as_json)
    if not no_serve:
        import_nicegui()  # says what to install before anything is made
    tables = _tables(recipe, release, workspace, data, set_)
    drawn: list[Task] = [] if gold is None else draw_gold(gold, tables)
    if tables is not None:
        picks = None if budget is None else _rank(tables, budget)
        both = ["labels", "pairs"] if budget is not None else ["labels"]
        drawn += draw_tasks(tables, [tasks] if tasks else both, picks)
    with AnnotationStore(folder / ANNOTATIONS) as store:
        set_up(store, guidelines=guidelines, per_label=per_label)
        new = store.add_tasks(drawn)
        if as_json:
            print_json({**standing(store), "new": new})
        elif no_serve:
            _say_standing(store, folder, new)
        else:
            _serve(store, folder, new, host, port, token)


def _check(
    file: Path,
    recipe: str | None,
    release: Path | None,
    tasks: str | None,
    budget: int | None,
    no_serve: bool,
    as_json: bool,
) -> None:
    """Raises for options that do not go together.

    Raises:
        UsageError: with every problem.
    """
    from ..errors import UsageError, nearest
    from ..labels.annotation.project import DRAWN

    source = recipe is not None or release is not None
    problems = []
    if tasks is not None and tasks not in DRAWN:
        problems.append(f"--tasks {tasks!r}: {nearest(tasks, DRAWN)}")
    if recipe is not None and release is not None:
        problems.append("--recipe and --release are given: tasks come from one of them")
    if budget is not None and tasks == "items":
        problems.append("--budget ranks labels and pairs, not items")
    for name, value in (("--tasks", tasks), ("--budget", budget)):
        if value is not None and not source:
            problems.append(f"{name} says what to draw: name where from, with --recipe or --release")
    if as_json and not no_serve:
        problems.append("--json goes with --no-serve")
    if not source and not file.is_file():
        problems.append(
            f"there is no project in {str(file.parent)!r} yet: --recipe RECIPE fills it from what a build has "
            "finished, --release FOLDER from a release"
        )
    if problems:
        raise UsageError("annotate cannot start", problems)


def _tables(
    recipe: str | None, release: Path | None, workspace: Path, data: Path | None, set_: list[str] | None
) -> Mapping[str, pl.DataFrame] | None:
    """Gives the tables that tasks are drawn from; null where none are to be drawn."""
    if recipe is not None:
        from ..pipeline import labelled

        return labelled(checked_recipe(recipe, set_, None, None), runtime_of(workspace, data))
    if release is not None:
        from ..release.flat import flat_tables

        return flat_tables(release_folder(release))
    return None


def _rank(tables: Mapping[str, pl.DataFrame], budget: int) -> Any:
    from ..labels.budget import rank

    return rank(tables, budget)


def _serve(store: AnnotationStore, folder: Path, new: int, host: str, port: int, token: str | None) -> None:
    """Serves until Ctrl-C, and says what there is and what next."""
    import time

    from ..errors import UsageError
    from ..labels.annotation.serve import open_door, serve
    from ..labels.annotation.session import Desk

    if not store.tasks():
        raise UsageError(f"the project in {str(folder)!r} has no tasks: fill it with --recipe or --release")
    door = open_door(host, port, token)
    serve(Desk(store, time.time), door, lambda: _say_open(store, folder, new, door))
    _say_end(store, folder)


def _say_open(store: AnnotationStore, folder: Path, new: int, door: Door) -> None:
    import sys

    from .output import say

    _say_standing(store, folder, new)
    say(f"open {door.url}")
    if door.token is not None:
        say("the token in it lets anybody in who has it: hand it to annotators only, by a channel you trust")
    say("Ctrl-C ends; every answer is saved as it is given")
    sys.stdout.flush()


def _say_standing(store: AnnotationStore, folder: Path, new: int) -> None:
    from ..labels.annotation.project import standing
    from .output import say

    at = standing(store)
    kinds = ", ".join(f"{count:,} {kind} tasks" for kind, count in at["tasks"].items()) or "no tasks"
    say(f"{folder}: {kinds}, {new:,} new ones; {at['gold']:,} in the qualification test")
    say(f"{at['answers']:,} answers of {at['annotators']:,} people; {at['done']:,} tasks have all they need")


def _say_end(store: AnnotationStore, folder: Path) -> None:
    from shlex import quote

    from ..labels.annotation.project import standing
    from .output import say

    at = standing(store)
    say(
        "",
        f"{at['answers']:,} answers of {at['annotators']:,} people are in {folder}; "
        f"{at['done']:,} tasks have all they need, {at['open']:,} do not",
        "next",
        f"  benchwright annotate {quote(str(folder))}     goes on",
        f"  benchwright agreement {quote(str(folder))}    says how far people agree",
        f"  labels.annotations: [{folder}] in the recipe, human among labels.raters, and build again",
    )
