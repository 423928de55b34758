"""``annotate``: a web page on which people label, check pairs, and approve items of checklists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from .options import WORKSPACE, AsJson, Data, Set, Workspace, checked_recipe, release_folder, runtime_of

if TYPE_CHECKING:
    from ..labels.annotation.project import Drawn, Origin
    from ..labels.annotation.serve import Door
    from ..labels.annotation.store import AnnotationStore

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
    from dataclasses import replace

    from ..labels.annotation.project import Drawn, draw_gold, draw_tasks, drawn_kinds, new_settings
    from ..labels.annotation.screens import import_nicegui
    from ..labels.annotation.store import ANNOTATIONS, AnnotationStore

    _check(folder / ANNOTATIONS, recipe, release, tasks, budget, no_serve, as_json)
    if not no_serve:
        import_nicegui()  # says what to install before anything is made
    changed = new_settings(guidelines=guidelines, per_label=per_label)
    origin = _origin(recipe, release, workspace, data, set_)
    kinds = [] if origin is None else drawn_kinds(tasks, budget, origin.tables)
    test = [] if gold is None else draw_gold(gold, origin and origin.tables)
    with AnnotationStore(folder / ANNOTATIONS) as store:
        if changed:
            store.set_settings(replace(store.settings, **changed))
        drawn = Drawn([], None, None) if origin is None else draw_tasks(origin, kinds, budget, store.settings)
        filled = _Filled(folder, store.add_tasks([*test, *drawn.tasks]), drawn)
        if as_json:
            _print_standing(store, filled)
        elif no_serve:
            _say_standing(store, filled)
        else:
            _serve(store, filled, host, port, token)


class _Filled(NamedTuple):
    """What was put into a project."""

    folder: Path
    new: int
    drawn: Drawn


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
    if file.parent.exists() and not file.parent.is_dir():
        problems.append(f"{str(file.parent)!r} is a file: give the folder that is to hold the project")
    elif not source and not file.is_file():
        problems.append(
            f"there is no project in {str(file.parent)!r} yet: --recipe RECIPE fills it from what a build has "
            "finished, --release FOLDER from a release"
        )
    if problems:
        raise UsageError("annotate cannot start", problems)


def _origin(
    recipe: str | None, release: Path | None, workspace: Path, data: Path | None, set_: list[str] | None
) -> Origin | None:
    """Gives what tasks are drawn from; null where none are to be drawn."""
    from ..labels.annotation.project import Origin

    if recipe is not None:
        from ..pipeline import labelled

        checked = checked_recipe(recipe, set_, None, None)
        return Origin(labelled(checked, runtime_of(workspace, data)), checked)
    if release is not None:
        from ..release.flat import tables_of
        from ..release.read import read_release

        found = read_release(release_folder(release))
        return Origin(tables_of(found), found.manifest.recipe)
    return None


def _serve(store: AnnotationStore, filled: _Filled, host: str, port: int, token: str | None) -> None:
    """Serves until Ctrl-C, and says what there is and what next."""
    import time

    from ..errors import UsageError
    from ..labels.annotation.serve import open_door, serve
    from ..labels.annotation.session import Desk

    if not store.tasks():
        why = filled.drawn.remark or "fill it with --recipe or --release"
        raise UsageError(f"the project in {str(filled.folder)!r} has no tasks: {why}")
    door = open_door(host, port, token)
    serve(Desk(store, time.time), door, lambda: _say_open(store, filled, door))
    _say_end(store, filled.folder)


def _say_open(store: AnnotationStore, filled: _Filled, door: Door) -> None:
    import sys

    from .output import say

    _say_standing(store, filled)
    say(f"open {door.url}")
    if door.token is not None:
        say("the token in it lets anybody in who has it: hand it to annotators only, by a channel you trust")
    say("Ctrl-C ends; every answer is saved as it is given")
    sys.stdout.flush()


def _print_standing(store: AnnotationStore, filled: _Filled) -> None:
    from ..labels.annotation.project import standing
    from .output import print_json

    print_json({**standing(store), "new": filled.new, "picked": filled.drawn.picked, "remark": filled.drawn.remark})


def _say_standing(store: AnnotationStore, filled: _Filled) -> None:
    from ..labels.annotation.project import standing
    from .output import say

    at, drawn = standing(store), filled.drawn
    kinds = ", ".join(f"{count:,} {kind} tasks" for kind, count in at["tasks"].items()) or "no tasks"
    if drawn.picked is not None:
        picked = " and ".join(f"{count:,} {kind}{'' if count == 1 else 's'}" for kind, count in drawn.picked.items())
        say(f"picked: {picked}, those whose answers change the graph most")
    if drawn.remark is not None:
        say(drawn.remark)
    say(f"{filled.folder}: {kinds}, {filled.new:,} new ones; {at['gold']:,} in the qualification test")
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
