"""Verdicts from many labels: how fast beside crowd-kit, how time and memory grow, how right and how calibrated.

``python -m benchmarks.aggregation LABELS`` aggregates so many in a process of its own and prints seconds and memory.
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import polars as pl

from benchwright.labels.aggregate import aggregate, fit_raters
from benchwright.labels.error_rates import audited_rater

from .proof import Proof, Skipped

__all__ = ["prove"]

LABELS = 100_000
SECONDS = 5
"""What 100,000 labels may take on a busy machine, fitted and aggregated."""
SLOPE = 1.15
"""Exponent of the growth of time from an eighth of the labels to all: 1 is linear."""
MORE_MB = 48
"""Memory that eight times the labels take on top of the table beyond what the few take: their verdicts, and no more."""
SEEDS = 5
ECE = 0.05
HUMANS, A_CELL = 24, 3
JUDGES = {"judge:lenient": (0.95, 0.6), "judge:strict": (0.7, 0.92)}
CODE = "code:length.words"


def _raters(rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    people = {f"human:{at:02}": (rng.uniform(0.75, 0.97), rng.uniform(0.75, 0.97)) for at in range(HUMANS)}
    checked = audited_rater(CODE, None)
    return {**people, **JUDGES, CODE: (checked.sensitivity, checked.specificity)}


def simulate(labels: int, seed: int, share: float = 0.65) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Gives about so many labels by raters of known confusion, and the truth of each (response, constraint).

    Each cell is labelled by two judges, by two or three of the people, and every fourth by code.
    """
    rng = np.random.default_rng(seed)
    raters = _raters(rng)
    cells = round(labels / (len(JUDGES) + 2.5 + 0.25))
    holds = rng.random(cells) < share
    people = rng.permuted(np.tile(np.arange(HUMANS), (cells, 1)), axis=1)[:, :A_CELL].astype(np.int64)
    judges = np.tile(np.arange(HUMANS, HUMANS + len(JUDGES)), (cells, 1))
    who = np.column_stack([people, judges, np.full(cells, len(raters) - 1)])
    there = np.ones(who.shape, dtype=bool)
    there[:, A_CELL - 1] = rng.random(cells) < 0.5
    there[:, -1] = np.arange(cells) % 4 == 3
    rates = np.array(list(raters.values()))[who]
    says = rng.random(who.shape) < np.where(holds[:, None], rates[..., 0], 1 - rates[..., 1])
    cell = np.broadcast_to(np.arange(cells)[:, None], who.shape)[there]
    names = pl.Series(list(raters))
    frame = pl.DataFrame({"cell": cell, "rater_id": names[who[there].tolist()], "says": says[there]}).select(
        pl.format("ins_{}", (pl.col("cell") // 16).cast(pl.String).str.zfill(16)).alias("instruction_id"),
        pl.format("res_{}", (pl.col("cell") // 4).cast(pl.String).str.zfill(16)).alias("response_id"),
        pl.format("con_{}", (pl.col("cell") % 4).cast(pl.String).str.zfill(16)).alias("constraint_id"),
        "rater_id",
        pl.col("rater_id").str.split(":").list.first().alias("rater_kind"),
        pl.when("says").then(pl.lit("satisfied")).otherwise(pl.lit("violated")).alias("outcome"),
        pl.lit(None, dtype=pl.String).alias("version"),
    )
    truth = frame.select("response_id", "constraint_id").unique(maintain_order=True).with_columns(holds=pl.lit(holds))
    return frame, truth


def _judged(verdicts: pl.DataFrame, truth: pl.DataFrame) -> dict[str, float]:
    """Gives the share of verdicts that are right, an unknown one counted as half, and the calibration error."""
    known = pl.col("outcome") != "unknown"
    right = (pl.col("outcome") == "satisfied") == pl.col("holds")
    joined = verdicts.join(truth, on=["response_id", "constraint_id"])
    figures = {"right": joined.select(pl.when(known).then(right.cast(pl.Float64)).otherwise(0.5).mean()).item()}
    if joined["posterior"].null_count() == 0:
        off = pl.col("posterior") - pl.col("holds").cast(pl.Float64)
        bins = joined.group_by((pl.col("posterior") * 10).floor().clip(0, 9)).agg(off.sum().abs().alias("off"))
        figures["calibration_error"] = bins["off"].sum() / joined.height
    return figures


def _recovered(labels: int, share: float) -> dict[str, dict[str, float]]:
    """Gives means over the seeds; the proof fails where Dawid-Skene is not better than majority on each."""
    found: dict[str, list[dict[str, float]]] = {"majority": [], "dawid_skene": [], "mace": []}
    for seed in range(SEEDS):
        frame, truth = simulate(labels, seed, share)
        for method, figures in found.items():
            verdicts = aggregate(frame, method, 0.5, fit_raters(frame, method))
            figures.append(_judged(verdicts, truth))
    for majority, ours in zip(found["majority"], found["dawid_skene"], strict=True):
        assert ours["right"] > majority["right"], f"majority is right more often: {majority} against {ours}"
        assert ours["calibration_error"] < ECE, f"not calibrated: {ours}"
    return {name: {key: round(mean(row[key] for row in rows), 4) for key in rows[0]} for name, rows in found.items()}


def _peer_seconds(frame: pl.DataFrame) -> float:
    from crowdkit.aggregation import DawidSkene

    cell = pl.concat_str("response_id", "constraint_id").alias("task")
    rows = frame.select(cell, pl.col("rater_id").alias("worker"), pl.col("outcome").alias("label")).to_pandas()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # how it asks pandas
        began = time.perf_counter()
        DawidSkene().fit_predict_proba(rows)
        return time.perf_counter() - began


def _once(labels: int) -> dict[str, Any]:
    """Aggregates in this process: the best of three, and memory on top of the table and the libraries."""
    frame, _ = simulate(labels, 0)
    small, _ = simulate(1_000, 0)
    aggregate(small, "dawid_skene", 0.5, fit_raters(small, "dawid_skene"))
    before, times = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, []
    for _ in range(3):
        began = time.perf_counter()
        aggregate(frame, "dawid_skene", 0.5, fit_raters(frame, "dawid_skene"))
        times.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"labels": frame.height, "seconds": min(times), "more_kb": peak - before, "peak_mb": peak / 1024}


def _apart(labels: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.aggregation", str(labels)]
    root = Path(__file__).parents[1]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stderr[-2000:]
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def prove(small: bool) -> Proof:
    """100,000 labels and eight times as many, beside crowd-kit's Dawid-Skene; small: 20,000 and an eighth."""
    try:
        import crowdkit  # noqa: F401
    except ImportError:
        raise Skipped("needs crowd-kit: pip install 'benchwright[labels]'") from None
    sizes = [LABELS // 40, LABELS // 5] if small else [LABELS, 8 * LABELS]
    runs = {size: _apart(size) for size in sizes}
    slope = math.log(runs[sizes[1]]["seconds"] / runs[sizes[0]]["seconds"]) / math.log(8)
    beside = min(max(sizes), LABELS)
    frame, _ = simulate(beside, 0)
    peer = min(_peer_seconds(frame) for _ in range(3))
    on_top = {run["labels"]: round(run["more_kb"] / 1024, 1) for run in runs.values()}
    more = max(on_top.values()) - min(on_top.values())
    figures = {
        "seconds_by_labels": {run["labels"]: round(run["seconds"], 3) for run in runs.values()},
        "growth_exponent": round(slope, 2),
        "peak_mb_by_labels": {run["labels"]: round(run["peak_mb"]) for run in runs.values()},
        "mb_on_top_of_the_table": on_top,
        "crowd_kit_seconds": round(peer, 3),
        "crowd_kit_over_ours": round(peer / runs[beside]["seconds"], 1),
        "simulated_raters": {
            f"{share:.0%} satisfied": _recovered(10_000, share) for share in ((0.65,) if small else (0.5, 0.65, 0.9))
        },
    }
    assert runs[beside]["seconds"] <= SECONDS, f"{beside} labels take {runs[beside]['seconds']:.1f} s"
    if not small:
        assert slope <= SLOPE, f"time grows as the labels to the power {slope:.2f}"
        assert more <= MORE_MB, f"eight times the labels take {more:.0f} MB more"
    return Proof("aggregation", "python -m benchmarks.run aggregation", figures)


if __name__ == "__main__":
    print(json.dumps(_once(int(sys.argv[1]))))
