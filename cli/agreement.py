"""``agreement``: how far the raters of a release or an annotation folder agree, and which annotators stand out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import AsJson, release_folder

if TYPE_CHECKING:
    import polars as pl

    from ..labels.agreement_report import AgreementReport
    from ..labels.annotators import AnnotatorFigures
    from ..labels.intervals import Sampling

__all__ = ["agreement"]

Annotators = dict[str, "list[AnnotatorFigures]"]


def agreement(
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="A release, a build's output folder, or an annotation folder.")
    ],
    as_json: AsJson = False,
    draws: Annotated[
        int, typer.Option("--draws", min=100, max=100_000, metavar="N", help="Draws of each interval.")
    ] = 1000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Seed of the intervals.")] = 0,
) -> None:
    """Say how far raters agree: by pair, rater, category, kind and language, with intervals drawn by instruction."""
    from ..labels.annotation.store import ANNOTATIONS
    from ..labels.intervals import Sampling

    sampling = Sampling(seed, draws)
    annotators: Annotators = {}
    if (source / ANNOTATIONS).is_file():
        report, annotators = _of_annotations(source / ANNOTATIONS, sampling)
    else:
        report = _of_release(source, sampling)
    if as_json:
        from .output import print_json

        figures = {name: [asdict(one) for one in found] for name, found in annotators.items()}
        print_json({"source": str(source), **asdict(report), "annotators": figures})
        return
    from .agreement_text import print_annotators, print_report

    print_report(report)
    for kind, found in annotators.items():
        print_annotators(kind, found)


def _of_annotations(path: Path, sampling: Sampling) -> tuple[AgreementReport, Annotators]:
    """Gives agreement over an annotation folder, and figures of its annotators by kind of task.

    Raises:
        InputError: when nobody has answered.
    """
    import polars as pl

    from ..errors import InputError
    from ..labels.agreement_report import agreement_report
    from ..labels.annotation.records import human_labels, pair_checks
    from ..labels.annotation.store import AnnotationStore
    from ..labels.annotator_times import timed_answers
    from ..labels.annotators import annotator_figures

    with AnnotationStore.read(path) as store:
        tasks, given = store.tasks(), store.given()
    labels, checks = human_labels(tasks, given), pair_checks(tasks, given)
    if labels.is_empty() and checks.is_empty():
        again = f"benchwright annotate {path.parent}"
        raise InputError(f"{path.parent}: nobody has answered about a label or a pair yet: {again}")
    spoken = {task.instruction_id: task.body.get("language") for task in tasks}
    languages = pl.DataFrame(
        {"id": list(spoken), "language": list(spoken.values())}, schema={"id": pl.String, "language": pl.String}
    )
    # Tasks that others drew, or gold ones, may not say what their constraint is of.
    asked = {task.body["constraint_id"]: task.body for task in tasks if task.kind == "label" and "kind" in task.body}
    constraints = [(id, body["kind"], body["categories"]) for id, body in asked.items()]
    schema: dict[str, Any] = {"id": pl.String, "kind": pl.String, "categories": pl.List(pl.String)}
    known = pl.DataFrame(constraints, schema=schema, orient="row")
    report = agreement_report(labels, known if constraints else None, languages, checks, sampling)
    timed = {kind: timed_answers(tasks, given, kind) for kind in ("label", "pair")}
    return report, {kind: annotator_figures(answers, sampling) for kind, answers in timed.items() if answers}


def _of_release(source: Path, sampling: Sampling) -> AgreementReport:
    """Gives agreement over a release.

    Raises:
        UsageError: when the folder is neither a release nor one of annotations.
        ReleaseError: when it cannot be read.
        InputError: when it has no labels.
    """
    from ..errors import InputError, UsageError
    from ..labels.agreement_report import agreement_report
    from ..labels.annotation.store import ANNOTATIONS
    from ..release.read import read_release

    folder = release_folder(source)
    if not (folder / "manifest.json").exists():
        raise UsageError(
            f"{source} is neither a release nor an annotation folder: it has no manifest.json, no release/ and no "
            f"{ANNOTATIONS}"
        )
    release = read_release(folder)
    labels, items = release.table("labels"), release.table("items")
    if labels.is_empty():
        raise InputError(f"{folder} has no labels: there is nothing to compare")
    constraints: Any = items.select("constraints").explode("constraints").unnest("constraints")
    known = constraints.drop_nulls("id").select("id", "kind", "categories")
    return agreement_report(labels, known, items.select("id", "language"), _checks(items), sampling)


def _checks(items: pl.DataFrame) -> pl.DataFrame:
    """Gives what people said of pairs, under names that are unlike across instructions."""
    import polars as pl

    rows = items.select(instruction_id="id", check="pair_checks").explode("check").drop_nulls("check").unnest("check")
    named = (pl.format("{} {}", "instruction_id", name).alias(name) for name in ("first", "second"))
    return rows.with_columns(named)
