"""How reliable raters are: audited rates against the data, the record, MACE, and what is refused."""

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from pydantic import ValidationError

from benchwright.constraints.constraint import CONSTRAINTS, families
from benchwright.errors import MissingExtra, UsageError
from benchwright.labels.aggregate import aggregate, fit_raters
from benchwright.labels.error_rates import Counts, audited_rater, audited_rates, judged
from benchwright.labels.rater_model import RaterModel, Rates
from benchwright.schemas.label import Labels, Verdicts
from benchwright.schemas.tables import frame_of, validate

from .shared import DATA, GOLDEN, NEEDED
from .simulated_raters import CODE, calibration_error, label_row, share_right, simulate

ROOT = Path(__file__).parents[1]
SEEDS = range(5)


def python(code, **env):
    """Gives what a fresh process prints."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, **env})
    assert done.returncode == 0, done.stderr
    return done.stdout


# Audited rates.


@pytest.mark.skipif(not (DATA.is_dir() and GOLDEN.is_dir()), reason=NEEDED)
def test_the_counts_are_those_of_the_judgements():
    code = "import sys; from benchmarks.error_rates import page; sys.stdout.write(page())"
    told = python(code, BENCHWRIGHT_DATA=str(DATA))
    assert (ROOT / "labels" / "error_rates.yaml").read_text("utf-8") == told, "run python -m benchmarks.error_rates"


def test_the_counts_add_up_to_the_published_audit():
    counts = judged().dialects["fixed"].values()
    assert (sum(one.passed for one in counts), sum(one.violated for one in counts)) == (4, 157)
    assert (sum(one.missed for one in counts), sum(one.satisfied for one in counts)) == (6, 133)
    for dialect in judged().dialects.values():
        assert all(one.missed <= one.satisfied and one.passed <= one.violated for one in dialect.values())
        assert set(dialect) <= set(families(CONSTRAINTS.ids()))


def test_a_family_draws_towards_all_of_them():
    often = Counts(satisfied=20, missed=20, violated=20, passed=0)
    rest = Counts(satisfied=79, missed=0, violated=79, passed=4)
    of = {"often": often, "rest": rest}
    # 20 of 99 missed in all, 4 of 99 passed: (20 + 1/2) / (99 + 1) and (4 + 1/2) / (99 + 1).
    assert audited_rates(None, of, 20) == Rates(sensitivity=0.795, specificity=0.955, basis="audited", labels=0)
    own = audited_rates(often, of, 20)
    assert own.sensitivity == pytest.approx(1 - (20 + 20 * 0.205) / 40)
    assert own.specificity == pytest.approx(1 - (0 + 20 * 0.045) / 40)
    assert own.labels == 40


def test_a_check_is_found_by_any_id():
    """Ours, a published one, one with a language that ours checks, and one that is not here."""
    assert audited_rater("code:length.words", None) == audited_rater("code:es:length_constraints:number_words", None)
    assert audited_rater("code:length.words", "fixed@1").labels == 4
    assert audited_rater("code:length_constraints:number_words", "fixed@1").labels == 13
    assert audited_rater("code:other.package", "other@3").labels == 0
    fixed, official = (audited_rater("code:format:emoji", version) for version in ("fixed@1", "official@ifbench"))
    assert fixed.sensitivity > official.sensitivity and fixed.specificity > official.specificity
    for family in judged().dialects["fixed"].values():
        rates = audited_rates(family, judged().dialects["fixed"], judged().weight)
        assert 0.9 < rates.sensitivity < 1 and 0.9 < rates.specificity < 1


@pytest.mark.parametrize("method", ["dawid_skene", "mace"])
def test_code_keeps_its_audited_rates(method):
    model = fit_raters(simulate(0, responses=40).labels, method)
    assert model.raters[CODE] == audited_rater(CODE, None)
    assert {rates.basis for id, rates in model.raters.items() if id != CODE} == {"fitted"}


# The record.


def test_it_goes_through_json_and_gives_the_same_verdicts():
    labels = simulate(3, responses=40).labels
    model = fit_raters(labels, "dawid_skene")
    again = RaterModel.model_validate_json(json.dumps(model.model_dump()))
    assert again == model
    assert list(model.raters) == sorted(labels["rater_id"].unique())
    first = aggregate(labels, "dawid_skene", 0.8, model)
    assert aggregate(labels, "dawid_skene", 0.8, again).equals(first)


@pytest.mark.parametrize("share", [0, 1, -0.1, float("nan")])
def test_no_rate_is_certain(share):
    with pytest.raises(ValidationError):
        Rates(sensitivity=share, specificity=0.9, basis="given", labels=0)


def test_posteriors_need_no_optional_package():
    """The audit of a release has its numbers, not what estimated them."""
    code = """
import sys
from benchwright.labels.aggregate import aggregate
from benchwright.labels.rater_model import RaterModel
from benchwright.schemas.label import Labels
from benchwright.schemas.tables import frame_of
row = {"instruction_id": "ins_" + "0" * 16, "response_id": "res_" + "0" * 16, "constraint_id": "con_" + "0" * 16}
row |= {"rater_id": "a", "rater_kind": "human", "outcome": "satisfied"}
rates = {"sensitivity": 0.8, "specificity": 0.9, "basis": "given", "labels": 0}
raters = RaterModel.model_validate({"method": "mace", "prior": 0.5, "raters": {"a": rates}})
print(aggregate(frame_of(Labels, [row]), "mace", 0.5, raters)["posterior"].item())
print(sorted({"crowdkit", "pandas", "scipy", "sklearn"} & set(sys.modules)))
"""
    assert python(code).splitlines() == ["0.888888889", "[]"]


# What is refused.


def test_what_cannot_be_aggregated_is_refused():
    labels = frame_of(Labels, [label_row(0, 0, "human:a", "satisfied")])
    model = fit_raters(labels, "dawid_skene")
    assert fit_raters(labels, "majority") is None
    assert aggregate(labels, "majority", raters=model).equals(aggregate(labels))
    for call in (lambda: fit_raters(labels, "david_skene"), lambda: aggregate(labels, "david_skene")):
        with pytest.raises(UsageError, match="did you mean 'dawid_skene'"):
            call()
    with pytest.raises(UsageError, match="needs raters"):
        aggregate(labels, "dawid_skene")
    with pytest.raises(UsageError, match="of method dawid_skene, not mace"):
        aggregate(labels, "mace", raters=model)
    other = frame_of(Labels, [label_row(0, 0, "human:b", "satisfied"), label_row(0, 0, "human:c", "unknown")])
    with pytest.raises(UsageError) as refused:
        aggregate(other, "dawid_skene", raters=model)
    assert [problem.split()[0] for problem in refused.value.problems] == ["'human:b'", "'human:c'"]


# MACE.


@pytest.mark.parametrize("seed", SEEDS)
def test_mace_recovers_raters_where_outcomes_are_even(seed):
    """As it assumes them to be."""
    labels, truth, raters = simulate(seed, share=0.5)
    model = fit_raters(labels, "mace")
    verdicts = validate(Verdicts, aggregate(labels, "mace", raters=model))
    assert share_right(verdicts, truth) > share_right(aggregate(labels), truth)
    assert calibration_error(verdicts, truth) < 0.05
    assert model.prior == pytest.approx(0.5, abs=0.05)
    off = [
        abs(one - other)
        for id, known in raters.items()
        for one, other in zip(known, (model.raters[id].sensitivity, model.raters[id].specificity), strict=True)
    ]
    assert sum(off) / len(off) < 0.05


@pytest.mark.parametrize("first", ["satisfied", "violated"])
def test_mace_is_blind_to_the_order_of_rows_and_names(first):
    """crowd-kit numbers labels as they appear and sorts them later: neither may reach the numbers."""
    labels = simulate(2, responses=60).labels
    moved = pl.concat([labels.filter(pl.col("outcome") == first), labels.filter(pl.col("outcome") != first)])
    assert fit_raters(moved.reverse(), "mace") == fit_raters(labels, "mace")


def test_mace_with_outcomes_swapped_swaps_the_rates():
    labels = simulate(2, responses=60, code=False).labels
    other = pl.col("outcome").replace({"satisfied": "violated", "violated": "satisfied"})
    model, swapped = fit_raters(labels, "mace"), fit_raters(labels.with_columns(other), "mace")
    assert swapped.prior == pytest.approx(1 - model.prior, abs=0.01)
    for id, rates in model.raters.items():
        other = swapped.raters[id]
        assert (other.specificity, other.sensitivity) == pytest.approx((rates.sensitivity, rates.specificity), abs=0.01)


@pytest.mark.parametrize("only", ["satisfied", "violated"])
def test_mace_learns_nothing_from_one_outcome(only):
    labels = frame_of(Labels, [label_row(r, c, f"human:{h}", only) for r in range(5) for c in range(2) for h in (0, 1)])
    model = fit_raters(labels, "mace")
    assert {(rates.sensitivity, rates.specificity) for rates in model.raters.values()} == {(0.8, 0.8)}
    assert set(aggregate(labels, "mace", raters=model)["outcome"]) == {only}


def test_mace_keeps_raters_without_a_vote():
    extra = frame_of(Labels, [label_row(0, 0, "human:!", "unknown"), label_row(0, 0, "human:~", "unknown")])
    model = fit_raters(pl.concat([simulate(2, responses=30).labels, extra]), "mace")
    for id in ("human:!", "human:~"):
        assert model.raters[id] == Rates(sensitivity=0.8, specificity=0.8, basis="fitted", labels=0)


def test_without_crowd_kit_mace_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "crowdkit.aggregation", None)
    with pytest.raises(MissingExtra, match=r"crowd-kit .* pip install 'benchwright\[labels\]'"):
        fit_raters(simulate(2, responses=5).labels, "mace")
