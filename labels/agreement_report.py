"""How far raters agree: over all labels, by pair of raters, by rater, constraint category, kind and language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from .agreement import NO_PAIR, Cells, cohen_kappa, fleiss_kappa, krippendorff_alpha, shared_cells, unanimous_share
from .intervals import DRAWS, Clusters, Estimate, Sampling, interval, summed

__all__ = ["UNKNOWN", "AgreementReport", "Group", "Pair", "RaterFigures", "Section", "agreement_report", "answers_of"]

UNKNOWN = "unknown"
_LABELS = ("satisfied", "violated")
_CHECKS = ("better", "same", "worse")


@dataclass(frozen=True)
class Group:
    """Agreement over some of the labels."""

    of: str
    """``all``, ``kind``, ``category``, ``language`` or ``pair checks``."""
    name: str
    """Which one; empty for ``all``. A constraint of two categories counts in both."""
    labels: int
    unknown: int
    """Labels that say nothing: missing to every coefficient."""
    cells: int
    """What is rated: (response, constraint)s, or pairs of responses."""
    shared: int
    """Cells with two known labels or more."""
    raters: int
    instructions: int
    unanimous: float | None
    """Share of shared cells whose known labels are all the same."""
    alpha: Estimate
    """Krippendorff's."""
    fleiss: Estimate
    """Fleiss' kappa, over ``fleiss_cells`` with ``fleiss_raters`` known labels each."""
    fleiss_raters: int | None
    fleiss_cells: int


@dataclass(frozen=True)
class Pair:
    """Two raters on the cells that both were asked about."""

    first: str
    second: str
    cells: int
    known: int
    """Cells of which both know."""
    same: float | None
    """Share of those with the same label."""
    kappa: Estimate
    """Cohen's."""
    table: tuple[tuple[int, ...], ...]
    """Cells by what the first said (rows) and the second (columns): satisfied, violated, unknown."""


@dataclass(frozen=True)
class RaterFigures:
    """One rater."""

    rater: str
    kind: str
    labels: int
    unknown: int
    satisfied: float | None
    """Share of the known labels that are *satisfied*."""
    compared: int
    """Known labels of cells on which the other raters have a majority."""
    with_others: Estimate
    """Share of those that say what that majority says."""


@dataclass(frozen=True)
class Section:
    """The figures of one set of raters."""

    groups: tuple[Group, ...]
    pairs: tuple[Pair, ...]
    raters: tuple[RaterFigures, ...]


@dataclass(frozen=True)
class AgreementReport:
    """How far raters agree."""

    seed: int
    draws: int
    everybody: Section
    humans: Section | None
    """People alone; null where none or only they rated."""


def answers_of(labels: pl.DataFrame) -> pl.DataFrame:
    """Gives labels as answers: columns ``instruction``, ``cell``, ``rater``, ``kind``, ``answer`` (null: unknown).

    Args:
        labels: table ``Labels``; ``constraint_id`` is kept, to join with.
    """
    return labels.select(
        instruction="instruction_id",
        cell=pl.concat_str("response_id", "constraint_id", separator=" "),
        constraint_id="constraint_id",
        rater="rater_id",
        kind="rater_kind",
        answer=pl.when(pl.col("outcome") != UNKNOWN).then("outcome"),
    )


def agreement_report(
    labels: pl.DataFrame,
    constraints: pl.DataFrame | None = None,
    instructions: pl.DataFrame | None = None,
    pair_checks: pl.DataFrame | None = None,
    sampling: Sampling | None = None,
) -> AgreementReport:
    """Gives agreement over labels, with intervals that are drawn by instruction.

    Args:
        labels: table ``Labels``.
        constraints: columns ``id``, ``kind`` and ``categories``; null leaves those groups out.
        instructions: columns ``id`` and ``language``; null leaves those groups out.
        pair_checks: table ``PairChecks``.
        sampling: null draws ``DRAWS`` times by seed 0.

    Raises:
        MissingExtra: without the libraries that hold the coefficients.
    """
    sampling = sampling or Sampling(0, DRAWS)
    answers = answers_of(labels)
    people = answers.filter(pl.col("kind") == "human")
    everybody = _section(answers, constraints, instructions, pair_checks, sampling, "all")
    humans = None
    if 0 < len(people) < len(answers):
        humans = _section(people, constraints, instructions, None, sampling, "human")
    return AgreementReport(sampling.seed, sampling.draws, everybody, humans)


def _section(
    answers: pl.DataFrame,
    constraints: pl.DataFrame | None,
    instructions: pl.DataFrame | None,
    checks: pl.DataFrame | None,
    sampling: Sampling,
    who: str,
) -> Section:
    parts = _parts(answers, constraints, instructions)
    groups = [_group(of, name, part, _LABELS, sampling, who) for of, name, part in parts]
    if checks is not None and not checks.is_empty():
        groups.append(_group("pair checks", "", _check_answers(checks), _CHECKS, sampling, who))
    pairs = tuple(_pairs(answers, sampling, who))
    return Section(tuple(groups), pairs, tuple(_raters(answers, sampling, who)))


def _parts(
    answers: pl.DataFrame, constraints: pl.DataFrame | None, instructions: pl.DataFrame | None
) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Yields (what it is a group of, its name, its answers)."""
    yield "all", "", answers
    if constraints is not None:
        known = constraints.select("kind", "categories", constraint_id="id").rename({"kind": "constraint_kind"})
        joined = answers.join(known, on="constraint_id", how="left")
        yield from _split(joined, "kind", "constraint_kind")
        yield from _split(joined.explode("categories", empty_as_null=True), "category", "categories")
    if instructions is not None:
        spoken = instructions.select("language", instruction="id")
        yield from _split(answers.join(spoken, on="instruction", how="left"), "language", "language")


def _split(answers: pl.DataFrame, of: str, column: str) -> Iterator[tuple[str, str, pl.DataFrame]]:
    named = answers.with_columns(pl.col(column).cast(pl.String).fill_null("none"))
    for name in named[column].unique().sort():
        yield of, name, named.filter(pl.col(column) == name)


def _check_answers(checks: pl.DataFrame) -> pl.DataFrame:
    return checks.select(
        instruction="instruction_id",
        cell=pl.concat_str("first", "second", separator=" "),
        rater="rater_id",
        answer=pl.when(pl.col("answer") != "unsure").then("answer"),
    )


def _cells(answers: pl.DataFrame, categories: Sequence[str]) -> Cells:
    """Counts each cell's answers. Cells and instructions are numbered by their names: the order of rows is nothing."""
    counted = (
        answers.group_by("cell")
        .agg(
            pl.col("instruction").first(),
            *((pl.col("answer") == one).sum().cast(pl.Float64).alias(f"n{i}") for i, one in enumerate(categories)),
        )
        .sort("cell")
    )
    counts = counted.select(f"n{i}" for i in range(len(categories))).to_numpy().reshape(len(counted), len(categories))
    return Cells(counts, _numbers(counted["instruction"]))


def _numbers(names: pl.Series) -> Clusters:
    return np.asarray(names.rank("dense").to_numpy() - 1, dtype=np.int64)


def _group(of: str, name: str, answers: pl.DataFrame, categories: Sequence[str], sampling: Sampling, who: str) -> Group:
    cells = _cells(answers, categories)
    fleiss = fleiss_kappa(cells, sampling, who, of, name)
    return Group(
        of=of,
        name=name,
        labels=len(answers),
        unknown=answers["answer"].null_count(),
        cells=len(cells.counts),
        shared=len(shared_cells(cells).counts),
        raters=answers["rater"].n_unique(),
        instructions=answers["instruction"].n_unique(),
        unanimous=unanimous_share(cells),
        alpha=krippendorff_alpha(cells, sampling, who, of, name),
        fleiss=fleiss.kappa,
        fleiss_raters=fleiss.raters,
        fleiss_cells=fleiss.cells,
    )


def _pairs(answers: pl.DataFrame, sampling: Sampling, who: str) -> Iterator[Pair]:
    """Yields every two raters that share a cell, by name."""
    said = answers.select("instruction", "cell", "rater", pl.col("answer").fill_null(UNKNOWN))
    both = (
        said.join(said.select("cell", second="rater", other="answer"), on="cell")
        .filter(pl.col("rater") < pl.col("second"))
        .group_by("rater", "second", "instruction", "answer", "other")
        .len("n")
        .sort("rater", "second", "instruction")
    )
    for (first, second), rows in both.group_by("rater", "second", maintain_order=True):
        yield _pair(str(first), str(second), rows, sampling, who)


def _pair(first: str, second: str, rows: pl.DataFrame, sampling: Sampling, who: str) -> Pair:
    names = [*_LABELS, UNKNOWN]
    codes = [
        rows[column].replace_strict(names, range(3), return_dtype=pl.Int64).to_numpy() for column in rows.columns[3:5]
    ]
    clusters = _numbers(rows["instruction"])
    flat = np.zeros((len(rows), 9))
    flat[np.arange(len(rows)), codes[0] * 3 + codes[1]] = rows["n"].to_numpy()
    tables = summed(flat, clusters, int(clusters.max()) + 1).reshape(-1, 3, 3)
    whole, known = tables.sum(axis=0), tables[:, :2, :2]
    total = known.sum()
    return Pair(
        first=first,
        second=second,
        cells=int(whole.sum()),
        known=int(total),
        same=float(np.trace(known.sum(axis=0)) / total) if total else None,
        kappa=cohen_kappa(known, np.arange(len(known)), sampling, who, first, second),
        table=tuple(tuple(int(n) for n in row) for row in whole),
    )


def _raters(answers: pl.DataFrame, sampling: Sampling, who: str) -> Iterator[RaterFigures]:
    """Yields every rater, by name, against the majority of the others; where those are even, nothing is compared."""
    vote = pl.when(pl.col("answer") == _LABELS[0]).then(1).when(pl.col("answer") == _LABELS[1]).then(-1).otherwise(0)
    voted = answers.with_columns(vote.cast(pl.Int64).alias("vote"))
    others = pl.col("vote").sum().over("cell") - pl.col("vote")
    voted = voted.with_columns(others=others.sign()).sort("rater", "instruction")
    for (rater, kind), rows in voted.group_by("rater", "kind", maintain_order=True):
        known = rows.filter(pl.col("vote") != 0)
        yield RaterFigures(
            rater=str(rater),
            kind=str(kind),
            labels=len(rows),
            unknown=len(rows) - len(known),
            satisfied=float((known["vote"] == 1).sum() / len(known)) if len(known) else None,
            compared=len(compared := known.filter(pl.col("others") != 0)),
            with_others=_share(compared, sampling, who, str(rater)),
        )


def _share(compared: pl.DataFrame, sampling: Sampling, *name: str) -> Estimate:
    if compared.is_empty():
        return Estimate.undefined(f"{NO_PAIR}: no other rater's majority")
    same = (compared["vote"] == compared["others"]).cast(pl.Float64).to_numpy()
    clusters = _numbers(compared["instruction"])
    tallies = summed(np.stack([np.ones_like(same), same], axis=1), clusters, int(clusters.max()) + 1)
    draw = sampling.generator("with others", *name)
    return interval(float(same.mean()), tallies, lambda sums: sums[..., 1] / sums[..., 0], draw, sampling.draws)
