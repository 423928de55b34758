"""Where people's minutes go first: labels needed for the same edges, as ranked and in random order.

Gold are M-IFEval's published strict verdicts on six models' answers to IFEval's 541 English prompts: that is what
people say once they are asked. Before, simulated judges have labelled everything, or nobody anything. What is answered
is known, the rest is what its verdict says, and after every batch the graph is derived from both, by one rule.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from random import Random
from statistics import fmean
from typing import Any, NamedTuple

import polars as pl

from benchwright.graph.edges import certain_edges
from benchwright.labels.aggregate import aggregate, fit_raters
from benchwright.labels.annotation.task import Settings
from benchwright.labels.budget import Asking, rank
from benchwright.labels.rater_model import RaterModel, Rates
from benchwright.schemas.edge import Edges
from benchwright.schemas.label import Labels, Verdicts
from benchwright.schemas.outcome import Outcome
from benchwright.schemas.tables import frame_of

from .proof import Proof
from .recorded import m_ifeval

__all__ = ["prove"]

BATCH, ORDERS, SEEDS = 50, 20, (1, 2, 3, 4, 5)
LEVELS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98)
"""Edge F1 for which labels are counted: those above what there is before anybody answers."""
LEAST = 2.0
HELD = {"one judge": (0.7, 0.75, 0.8, 0.85), "three judges": (0.7, 0.75, 0.8, 0.85), "no judge": (0.3, 0.4, 0.5)}
"""Levels for which random order must need at least ``LEAST`` times the labels, with every seed that starts below them.
Above them it need not, and often does not."""
JUDGE, PANEL = (0.7, 0.99), (0.65, 0.95)
"""Between which sensitivity and specificity are drawn: one judge's by family of checks, three judges' each for all."""

Cell = tuple[int, int, int]
"""Instruction, response, position."""


class Bench(NamedTuple):
    """The data as plain lists and as tables."""

    gold: list[list[list[int]]]
    """[instructions, responses, positions]"""
    texts: list[list[str]]
    families: list[list[str]]
    edges: list[set[tuple[int, int]]]
    """Of gold."""
    tables: dict[str, pl.DataFrame]
    cells: list[Cell]


def _ids(i: int, u: int, k: int) -> tuple[str, str, str]:
    return f"ins_{i:016x}", f"res_{i * 100 + u:016x}", f"con_{i * 100 + k:016x}"


def _edges(labels: Sequence[Sequence[int | None]], texts: Sequence[str]) -> set[tuple[int, int]]:
    return {edge[:2] for edge in certain_edges(labels, range(len(labels[0])), texts)}


def _tables(checkers: Sequence[Sequence[str]], texts: Sequence[Sequence[str]]) -> dict[str, pl.DataFrame]:
    constraints = [
        {"instruction_id": _ids(i, 0, k)[0], "id": _ids(i, 0, k)[2], "kind": "verifiable", "checker": checker}
        for i, one in enumerate(checkers)
        for k, checker in enumerate(one)
    ]
    responses = [
        {"instruction_id": _ids(i, u, 0)[0], "id": _ids(i, u, 0)[1], "model": "m", "sample_index": u, "text": text}
        for i, one in enumerate(texts)
        for u, text in enumerate(one)
    ]
    return {
        "constraints": pl.DataFrame(constraints),
        "responses": pl.DataFrame(responses),
        "labels": frame_of(Labels, []),
        "verdicts": frame_of(Verdicts, []),
        "edges": frame_of(Edges, []),
    }


def _bench() -> Bench:
    """Reads the data.

    Raises:
        Skipped: where it is not there.
    """
    runs: dict[str, list[Any]] = defaultdict(list)
    for answer in m_ifeval("en"):
        runs[answer.key].append(answer)
    answers = [runs[key] for key in sorted(runs)]
    gold = [[[int(value) for value in answer.strict] for answer in one] for one in answers]
    texts = [[answer.response for answer in one] for one in answers]
    edges = [_edges(labels, here) for labels, here in zip(gold, texts, strict=True)]
    assert sum(map(len, edges)) == 3194, "the data is not that of which the figures are known"
    families = [[id.split(":")[-2] for id in one[0].ids] for one in answers]
    cells = [(i, u, k) for i, rows in enumerate(gold) for u, row in enumerate(rows) for k in range(len(row))]
    return Bench(gold, texts, families, edges, _tables([one[0].ids for one in answers], texts), cells)


def _label(cell: Cell, rater: str, kind: str, satisfied: bool) -> dict[str, Any]:
    instruction, response, constraint = _ids(*cell)
    ids = {"instruction_id": instruction, "response_id": response, "constraint_id": constraint}
    return ids | {"rater_id": rater, "rater_kind": kind, "outcome": Outcome.of(satisfied).value}


def _says(true: int, rates: Rates, rng: Random) -> bool:
    return rng.random() < (rates.sensitivity if true else 1 - rates.specificity)


def _rates(rng: Random, between: tuple[float, float]) -> Rates:
    one, other = rng.uniform(*between), rng.uniform(*between)
    return Rates(sensitivity=one, specificity=other, basis="given", labels=0)


def _one_judge(bench: Bench, seed: int) -> tuple[pl.DataFrame, RaterModel]:
    """One judge whose confusion by family is known; the share of *satisfied* is what it and the labels make likely."""
    rng = Random(f"one {seed}")
    rates = {f"judge:{name}": _rates(rng, JUDGE) for name in sorted({name for one in bench.families for name in one})}
    rows = []
    for i, u, k in bench.cells:
        rater = f"judge:{bench.families[i][k]}"
        rows.append(_label((i, u, k), rater, "judge", _says(bench.gold[i][u][k], rates[rater], rng)))
    # What it calls satisfied is p * sensitivity + (1 - p) * (1 - specificity), summed over its labels.
    wrongly = sum(1 - rates[row["rater_id"]].specificity for row in rows)
    rightly = sum(rates[row["rater_id"]].sensitivity for row in rows)
    prior = (sum(row["outcome"] == "satisfied" for row in rows) - wrongly) / (rightly - wrongly)
    return frame_of(Labels, rows), RaterModel(method="dawid_skene", prior=prior, raters=rates)


def _three_judges(bench: Bench, seed: int) -> tuple[pl.DataFrame, RaterModel | None]:
    """Three judges of whom nothing is known: their confusion is estimated from their labels alone."""
    rng = Random(f"three {seed}")
    raters = {f"judge:{number}": _rates(rng, PANEL) for number in range(3)}
    rows = [
        _label((i, u, k), rater, "judge", _says(bench.gold[i][u][k], rates, rng))
        for i, u, k in bench.cells
        for rater, rates in raters.items()
    ]
    labels = frame_of(Labels, rows)
    return labels, fit_raters(labels, "dawid_skene")


class Asked:
    """The graphs as far as people have answered."""

    def __init__(self, bench: Bench, labels: pl.DataFrame, verdicts: pl.DataFrame) -> None:
        self.bench, self.judged, self.verdicts = bench, labels, verdicts
        keys = verdicts.select("response_id", "constraint_id").iter_rows()
        said = dict(zip(keys, verdicts["outcome"], strict=True))
        self.labels: list[list[list[int | None]]] = [[[None] * len(row) for row in rows] for rows in bench.gold]
        for i, u, k in bench.cells:
            self.labels[i][u][k] = Outcome(said.get(_ids(i, u, k)[1:], "unknown")).label
        self.answered: list[Cell] = []
        self.found = [(0, 0)] * len(bench.gold)
        self._derive(range(len(bench.gold)))

    def _derive(self, instructions: Any) -> None:
        for i in instructions:
            edges = _edges(self.labels[i], self.bench.texts[i])
            self.found[i] = len(edges & self.bench.edges[i]), len(edges)

    def answer(self, cells: Sequence[Cell]) -> None:
        """Takes in what people say."""
        self.answered += cells
        for i, u, k in cells:
            self.labels[i][u][k] = self.bench.gold[i][u][k]
        self._derive({cell[0] for cell in cells})

    @property
    def f1(self) -> float:
        """Of the edges, over all instructions."""
        right, there = (sum(column) for column in zip(*self.found, strict=True))
        return 2 * right / (there + sum(map(len, self.bench.edges)))

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """What a ranking is given: people's answers are known, for the rest there are the judges' verdicts."""
        gold = self.bench.gold
        rows = [_label((i, u, k), "human:a", "human", bool(gold[i][u][k])) for i, u, k in self.answered]
        people = frame_of(Labels, rows)
        known = aggregate(people, "majority")
        rest = self.verdicts.join(known, on=["response_id", "constraint_id"], how="anti")
        return self.bench.tables | {"labels": pl.concat([self.judged, people]), "verdicts": pl.concat([rest, known])}


def _ranked(asked: Asked, upto: float) -> list[float]:
    """Asks in the order of the ranking, made again after every batch; gives F1 before it and after each."""
    asking = Asking(recorded=True, settings=Settings(labels_per_item=1))
    cell_of = {_ids(*cell)[1:]: cell for cell in asked.bench.cells}
    curve = [asked.f1]
    while curve[-1] < upto and (picks := rank(asked.tables, BATCH, asking)):
        asked.answer([cell_of[pick.ids] for pick in picks])
        curve.append(asked.f1)
    return curve


def _in_order(asked: Asked, cells: Sequence[Cell], upto: float) -> list[float]:
    curve = [asked.f1]
    for start in range(0, len(cells), BATCH):
        if curve[-1] >= upto:
            break
        asked.answer(cells[start : start + BATCH])
        curve.append(asked.f1)
    return curve


def _needed(curve: Sequence[float], level: float) -> int | None:
    """Gives the labels after which F1 is at a level for the first time; null where it never is."""
    return next((batch * BATCH for batch, f1 in enumerate(curve) if f1 >= level), None)


def _most_doubtful(bench: Bench, verdicts: pl.DataFrame) -> list[Cell]:
    """Gives the labels in the order of their own doubt, whatever hangs on them."""
    keys = verdicts.select("response_id", "constraint_id").iter_rows()
    doubt = {key: abs(p - 0.5) for key, p in zip(keys, verdicts["posterior"], strict=True)}
    return sorted(bench.cells, key=lambda cell: (doubt[_ids(*cell)[1:]], _ids(*cell)))


def _compared(
    bench: Bench, labels: pl.DataFrame, raters: RaterModel | None, orders: int, upto: float
) -> dict[str, Any]:
    """Gives for each level the labels needed as ranked, in random order (the mean) and by doubt alone."""
    verdicts = aggregate(labels, "dawid_skene", 0.5, raters) if raters else frame_of(Verdicts, [])
    ranked = _ranked(Asked(bench, labels, verdicts), upto)
    shuffled = []
    for order in range(orders):
        cells = Random(f"order {order}").sample(bench.cells, len(bench.cells))
        shuffled.append(_in_order(Asked(bench, labels, verdicts), cells, upto))
    doubtful = _in_order(Asked(bench, labels, verdicts), _most_doubtful(bench, verdicts), upto) if raters else []
    rows = {}
    for level in LEVELS:
        mine, theirs = _needed(ranked, level), [_needed(curve, level) for curve in shuffled]
        if mine and None not in theirs:
            mean = fmean(one for one in theirs if one is not None)
            rows[f"{level:g}"] = {"ranked": mine, "random": round(mean), "ratio": round(mean / mine, 2)}
            if doubtful:
                rows[f"{level:g}"]["by doubt alone"] = _needed(doubtful, level)
    return {"f1_before": round(ranked[0], 3), "labels_for_f1": rows}


def _least(name: str, runs: Mapping[str, Mapping[str, Any]], upto: float) -> dict[str, float]:
    """Gives the least ratio of each level over the runs that start below it, and checks the levels that are held."""
    ratios: dict[str, list[float]] = defaultdict(list)
    for run in runs.values():
        for level, row in run["labels_for_f1"].items():
            ratios[level].append(row["ratio"])
    for level in HELD[name]:
        below = sum(run["f1_before"] < level for run in runs.values())
        found = ratios[f"{level:g}"] if level <= upto else []
        assert level > upto or len(found) == below > 0, f"{name}: F1 {level} is reached by {len(found)} of {below} runs"
        assert not found or min(found) >= LEAST, f"{name}: random order needs {min(found)} times the labels for {level}"
    return {f"{level:g}": min(ratios[f"{level:g}"]) for level in LEVELS if ratios[f"{level:g}"]}


def _speed(cells: int, picks: int) -> dict[str, Any]:
    """Ranks that many labels once: 8 responses and 5 constraints to an instruction, posteriors drawn evenly."""
    rng, count = Random(0), cells // 40
    tables = _tables([["a:b"] * 5] * count, [[f"text {u}" for u in range(8)]] * count)
    keys = [_ids(i, u, k) for i in range(count) for u in range(8) for k in range(5)]
    columns = dict(zip(("instruction_id", "response_id", "constraint_id"), zip(*keys, strict=True), strict=True))
    chances = [round(rng.random(), 6) for _ in keys]
    verdicts = pl.DataFrame(columns).with_columns(
        pl.Series("outcome", [Outcome.of(chance > 0.5).value for chance in chances]), pl.Series("posterior", chances)
    )
    began = time.monotonic()
    found = len(rank(tables | {"verdicts": verdicts}, picks))
    return {"labels": len(keys), "picked": found, "seconds": round(time.monotonic() - began, 1)}


def prove(small: bool) -> Proof:
    """Five seeds of judges against 20 random orders each; small: fewer of both, and up to a lower F1."""
    bench = _bench()
    seeds, orders = (SEEDS[:1], 4) if small else (SEEDS, ORDERS)
    figures: dict[str, Any] = {"labels": len(bench.cells), "edges": sum(map(len, bench.edges)), "batch": BATCH}
    for name, draw in (("one judge", _one_judge), ("three judges", _three_judges)):
        upto = 0.8 if small else max(LEVELS)
        runs = {f"seed {seed}": _compared(bench, *draw(bench, seed), orders, upto) for seed in seeds}
        figures[name] = {"least_ratio": _least(name, runs, upto), **runs}
    upto = 0.5 if small else max(LEVELS)
    alone = _compared(bench, frame_of(Labels, []), None, orders, upto)
    figures["no judge"] = {"least_ratio": _least("no judge", {"once": alone}, upto), **alone}
    figures["ranking"] = _speed(20_000 if small else 100_000, 1_000)
    return Proof("where to spend human minutes", "python -m benchmarks.run budget", figures)
