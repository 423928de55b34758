"""Raters whose confusion is known, and what they say: for tests of what is estimated from labels."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from benchwright.labels.error_rates import audited_rater
from benchwright.schemas.label import Labels
from benchwright.schemas.tables import frame_of

__all__ = ["CODE", "Simulated", "calibration_error", "label_row", "share_right", "simulate"]

CODE = "code:length.words"
JUDGES = {"judge:lenient": (0.95, 0.6), "judge:strict": (0.7, 0.92)}


class Simulated(NamedTuple):
    """Labels and the truth behind them."""

    labels: object
    truth: dict[tuple[str, str], bool]
    raters: dict[str, tuple[float, float]]
    """Sensitivity and specificity by rater id."""


def label_row(response, constraint, rater, outcome, kind="human", version=None):
    return {
        "instruction_id": f"ins_{0:016x}",
        "response_id": f"res_{response:016x}",
        "constraint_id": f"con_{constraint:016x}",
        "rater_id": rater,
        "rater_kind": kind,
        "outcome": outcome,
        "version": version,
    }


def simulate(seed, responses=400, share=0.65, humans=6, per_cell=(2, 3), judges=JUDGES, contrary=False, code=True):
    """Draws labels of 4 constraints a response; code checks the last one alone.

    Args:
        contrary: the first human mostly says the opposite of what is true.
    """
    rng = Random(seed)
    people = {f"human:{at}": (rng.uniform(0.75, 0.97), rng.uniform(0.75, 0.97)) for at in range(humans)}
    if contrary:
        people["human:0"] = (0.2, 0.25)
    checked = audited_rater(CODE, None)
    raters = {**people, **judges, CODE: (checked.sensitivity, checked.specificity)}
    rows, truth = [], {}
    for response in range(responses):
        for constraint in range(4):
            holds = rng.random() < share
            truth[f"res_{response:016x}", f"con_{constraint:016x}"] = holds
            asked = rng.sample(sorted(people), rng.randint(*per_cell)) + sorted(judges)
            for rater in asked + ([CODE] if code and constraint == 3 else []):
                sensitivity, specificity = raters[rater]
                says = rng.random() < (sensitivity if holds else 1 - specificity)
                outcome = "satisfied" if says else "violated"
                rows.append(label_row(response, constraint, rater, outcome, rater.partition(":")[0]))
    return Simulated(frame_of(Labels, rows), truth, raters)


def share_right(verdicts, truth, of_unknown=0.5):
    """Gives the share of verdicts that are true; an unknown one counts as half, as a coin thrown for it would."""
    wanted = {True: "satisfied", False: "violated"}
    right = 0.0
    for row in verdicts.iter_rows(named=True):
        holds = truth[row["response_id"], row["constraint_id"]]
        right += of_unknown if row["outcome"] == "unknown" else row["outcome"] == wanted[holds]
    return right / len(truth)


def calibration_error(verdicts, truth, bins=10):
    """Gives the expected calibration error: the mean distance of posterior and truth over bins of equal width."""
    sums = [0.0] * bins
    for row in verdicts.iter_rows(named=True):
        sums[min(int(row["posterior"] * bins), bins - 1)] += (
            row["posterior"] - truth[row["response_id"], row["constraint_id"]]
        )
    return sum(map(abs, sums)) / len(truth)
