"""``label-studio``: an annotation project's tasks to Label Studio and its annotations back, by files or by its API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import AsJson

if TYPE_CHECKING:
    from ..labels.annotation.store import AnnotationStore
    from ..labels.annotation.task import Task
    from ..labels.label_studio.client import LabelStudio, Project
    from ..labels.label_studio.intake import Tally
    from ..labels.label_studio.tasks import Verdict

__all__ = ["label_studio"]

label_studio = typer.Typer(
    help="Send an annotation project's tasks to Label Studio and take its annotations back, by files or its API.",
    rich_markup_mode=None,
    add_completion=False,
)

_SHOWN = 20
"""Problems that are named one by one; ``--json`` names all."""

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of an annotation project.")]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", metavar="KIND", help="Only tasks of this kind: label, pair or item.")
]
Predictions = Annotated[
    Path | None,
    typer.Option(
        "--predictions",
        metavar="RELEASE",
        help="Propose the verdicts of this release to annotators. Without it nothing is: proposals bias them.",
    ),
]
Url = Annotated[
    str | None, typer.Option("--url", metavar="URL", envvar="LABEL_STUDIO_URL", help="Where Label Studio answers.")
]
ProjectName = Annotated[
    str | None,
    typer.Option(
        "--project",
        metavar="N|TITLE",
        help="The server's project, by number (with one --kind) or title; the title is followed by the kind. "
        "Default: the folder's name.",
    ),
]
Users = Annotated[
    list[str] | None,
    typer.Option(
        "--user", metavar="ID=NAME", help="What a user of the server is called in this project; may be repeated."
    ),
]


@label_studio.command("export")
def export_files(
    directory: Folder,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where the files go.")],
    kind: Kinds = None,
    predictions: Predictions = None,
    as_json: AsJson = False,
) -> None:
    """Write config.xml and tasks.json for each kind of task, as Label Studio imports them."""
    from ..labels.label_studio.config import labelling_config
    from ..labels.label_studio.files import write_tasks, write_text
    from ..labels.label_studio.tasks import export_tasks

    verdicts = None if predictions is None else _verdicts(predictions)
    with _reader(directory) as store:
        tasks = _tasks(store, kind)
    rows = []
    for name, own in tasks.items():
        folder = output / name
        write_text(folder / "config.xml", labelling_config(name))
        count = write_tasks(folder / "tasks.json", export_tasks(own, _name(directory), verdicts))
        rows.append({"kind": name, "folder": str(folder), "tasks": count, "predictions": _predicted(own, verdicts)})
    _print_rows(f"Files for Label Studio in {output}", ("kind", "folder", "tasks>", "predictions>"), rows, as_json)


@label_studio.command("import")
def import_files(
    directory: Folder,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Exports of Label Studio, as JSON.")],
    user: Users = None,
    as_json: AsJson = False,
) -> None:
    """Take the annotations of Label Studio's exports. Taking a file again adds nothing."""
    from ..labels.label_studio.files import read_export
    from ..labels.label_studio.intake import take

    names = _names(user)
    with _writer(directory) as store:
        tally = take(store, (row for path in files for row in read_export(path)), names)
    _print_tally(tally, as_json)


@label_studio.command("push")
def push(
    directory: Folder,
    url: Url = None,
    project: ProjectName = None,
    kind: Kinds = None,
    predictions: Predictions = None,
    as_json: AsJson = False,
) -> None:
    """Send tasks to a server: a project a kind, made where it is not there. Tasks that are there are not sent again."""
    from ..labels.label_studio.config import labelling_config
    from ..labels.label_studio.tasks import export_tasks

    verdicts = None if predictions is None else _verdicts(predictions)
    with _reader(directory) as store:
        tasks, settings = _tasks(store, kind), store.settings
    rows = []
    with _server(url) as server:
        for name, own in tasks.items():
            people = settings.checks_per_pair if name == "pair" else settings.labels_per_item
            number, title = _named(directory, project, name, tasks)
            config, predicting = labelling_config(name), verdicts is not None
            if number is not None:
                found, made = server.configure(server.project(number), config, predicting), False
            else:
                found, made = server.find_or_create(title, config, people, predicting)
            pushed = server.push(found, export_tasks(own, _name(directory), verdicts))
            row = {"kind": name, "project": found.id, "title": found.title, "made": made}
            rows.append({**row, "sent": pushed.sent, "already there": pushed.there})
    heads = ("kind", "project>", "title", "made", "sent>", "already there>")
    _print_rows("Tasks on the server", heads, rows, as_json)


@label_studio.command("pull")
def pull(
    directory: Folder,
    url: Url = None,
    project: ProjectName = None,
    kind: Kinds = None,
    user: Users = None,
    as_json: AsJson = False,
) -> None:
    """Take the annotations of a server's projects. Taking them again adds nothing."""
    from ..labels.label_studio.intake import take

    names = _names(user)
    with _writer(directory) as store, _server(url) as server:
        tasks = _tasks(store, kind)
        found = [_found(server, directory, project, name, tasks) for name in tasks]
        tally = take(store, (row for one in found for row in server.tasks(one)), names)
    _print_tally(tally, as_json)


def _reader(directory: Path) -> AnnotationStore:
    from ..labels.annotation.store import ANNOTATIONS, AnnotationStore

    return AnnotationStore.read(directory / ANNOTATIONS)


def _writer(directory: Path) -> AnnotationStore:
    """Opens a project that is there to write."""
    from ..labels.annotation.store import ANNOTATIONS, AnnotationStore

    _reader(directory).close()  # says so where there is none: opening to write would make one
    return AnnotationStore(directory / ANNOTATIONS)


def _name(directory: Path) -> str:
    return directory.resolve().name or "benchwright"


def _tasks(store: AnnotationStore, kinds: list[str] | None) -> dict[str, list[Task]]:
    """Gives the tasks to annotate by kind, those asked for or all that there are.

    Raises:
        UsageError: for a kind that is not, or where there is no task.
    """
    from ..errors import UsageError
    from ..labels.annotation.task import KINDS
    from ..labels.label_studio.config import checked_kind

    wanted = [checked_kind(kind) for kind in dict.fromkeys(kinds or KINDS)]
    found = {kind: [task for task in store.tasks(kind) if task.gold is None] for kind in wanted}
    if missing := [kind for kind in kinds or () if not found[kind]]:
        raise UsageError(f"the annotation project has no task of kind {', '.join(missing)}")
    found = {kind: tasks for kind, tasks in found.items() if tasks}
    if not found:
        raise UsageError(f"the annotation project {str(store.path)!r} has no task yet: benchwright annotate draws them")
    return found


def _verdicts(release: Path) -> dict[tuple[str, str], Verdict]:
    """Gives what a release holds of each (response, constraint); unknown and unrated ones are not there."""
    from ..labels.label_studio.tasks import Verdict
    from ..release.read import read_release
    from .options import release_folder

    items = read_release(release_folder(release)).table("items").select("constraints", "responses")
    return {
        (response["id"], constraint["id"]): Verdict(label == 1, posterior)
        for item in items.iter_rows(named=True)
        for response in item["responses"]
        for constraint, label, posterior in zip(
            item["constraints"], response["labels"], response["posteriors"], strict=True
        )
        if label is not None
    }


def _predicted(tasks: list[Task], verdicts: dict[tuple[str, str], Verdict] | None) -> int:
    labels = (task.body for task in tasks if task.kind == "label")
    return sum((body["response_id"], body["constraint_id"]) in (verdicts or {}) for body in labels)


def _server(url: str | None) -> LabelStudio:
    """Gives the server, with the key that the environment holds.

    Raises:
        UsageError: when URL or key is missing.
    """
    import os

    from ..errors import UsageError
    from ..labels.label_studio.client import LabelStudio

    if url is None:
        raise UsageError("no server is named: give --url, or set LABEL_STUDIO_URL, such as http://localhost:8080")
    return LabelStudio(url, os.environ.get("LABEL_STUDIO_API_KEY", ""))


def _named(directory: Path, project: str | None, kind: str, tasks: dict[str, Any]) -> tuple[int | None, str]:
    """Gives a kind's project on the server as a number, or else as a title.

    Raises:
        UsageError: for one number and several kinds.
    """
    from ..errors import UsageError

    if project is not None and project.isascii() and project.isdigit():
        if len(tasks) > 1:
            raise UsageError(
                f"--project {project} is one project, and there are tasks of {len(tasks)} kinds ({', '.join(tasks)}): "
                "say which goes there with --kind"
            )
        return int(project), ""
    return None, f"{project or _name(directory)} ({kind})"


def _found(server: LabelStudio, directory: Path, project: str | None, kind: str, tasks: dict[str, Any]) -> Project:
    """Gives the server's project of a kind.

    Raises:
        InputError: when there is none.
    """
    from ..errors import InputError

    number, title = _named(directory, project, kind, tasks)
    if number is not None:
        return server.project(number)
    if found := server.find(title):
        return found
    raise InputError(
        f"{server.url} has no project {title!r} that this key may see: benchwright label-studio push makes it, "
        "--project names another, --kind leaves this one out"
    )


def _names(users: list[str] | None) -> dict[str, str]:
    from ..errors import UsageError

    pairs = [user.partition("=") for user in users or ()]
    if bad := ["".join(pair) for pair in pairs if not (pair[0].strip() and pair[2].strip())]:
        raise UsageError("--user takes ID=NAME, such as 3=anna", [repr(one) for one in bad])
    return {id.strip(): name.strip() for id, _, name in pairs}


def _print_rows(title: str, heads: tuple[str, ...], rows: list[dict[str, Any]], as_json: bool) -> None:
    from .output import column_table, print_json, print_table

    if as_json:
        print_json({"kinds": [{name.replace(" ", "_"): value for name, value in row.items()} for row in rows]})
        return
    table = column_table(title, *heads)
    for row in rows:
        table.add_row(*(_cell(row[head.removesuffix(">")]) for head in heads))
    print_table(table)


def _cell(value: Any) -> str:
    from .drawing import printable

    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else printable(str(value))


def _print_tally(tally: Tally, as_json: bool) -> None:
    from collections import Counter

    from ..errors import InputError
    from ..labels.label_studio.annotations import PROBLEMS
    from ..labels.label_studio.intake import SAID
    from .drawing import printable
    from .output import column_table, print_json, print_table, say

    kinds = Counter(problem.kind for problem in tally.problems)
    lines = [f"{one.where}: {one.kind}{f': {one.detail}' if one.detail else ''}" for one in tally.problems[:_SHOWN]]
    if tally.problems and not tally.counts.total():
        raise InputError(f"none of {len(tally.problems):,} annotations could be taken", lines)
    if as_json:
        figures = {"tasks": tally.tasks, "annotations": tally.annotations, **{key: tally.counts[key] for key in SAID}}
        named = [[problem.where, problem.kind, problem.detail] for problem in tally.problems]
        print_json({**figures, "problems": kinds, "problem_lines": named, "annotators": tally.annotators})
        return
    table = column_table(f"{tally.annotations:,} annotations of {tally.tasks:,} tasks", "what they came to", "number>")
    for key, words in SAID.items():
        if tally.counts[key]:
            table.add_row(words, f"{tally.counts[key]:,}")
    for kind, count in sorted(kinds.items()):
        table.add_row(f"not taken: {PROBLEMS[kind]}", f"{count:,}")
    print_table(table)
    for annotator, count in sorted(tally.annotators.items()):
        say(f"{annotator}: {count:,} answers")
    for line in lines:
        say(printable(line))
    if len(tally.problems) > _SHOWN:
        say(f"… and {len(tally.problems) - _SHOWN:,} more: --json names all")
