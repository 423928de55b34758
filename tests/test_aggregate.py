"""Verdicts from labels: majority, ties, unknowns; posteriors by Bayes; equal to plain counts and products."""

from collections import Counter, defaultdict
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchwright.labels.aggregate import aggregate
from benchwright.labels.rater_model import RaterModel
from benchwright.schemas.label import Labels, Verdicts
from benchwright.schemas.tables import frame_of, validate

outcome = st.sampled_from(["satisfied", "violated", "unknown"])


def label_row(response, constraint, rater, outcome):
    return {
        "instruction_id": f"ins_{0:016x}",
        "response_id": f"res_{response:016x}",
        "constraint_id": f"con_{constraint:016x}",
        "rater_id": f"human:{rater}",
        "rater_kind": "human",
        "outcome": outcome,
    }


votes = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 4)), outcome)


@given(votes)
def test_majority_equals_a_plain_count(votes):
    labels = frame_of(Labels, [label_row(*key, outcome) for key, outcome in votes.items()])
    plain = defaultdict(Counter)
    for (response, constraint, _), outcome in votes.items():
        plain[f"res_{response:016x}", f"con_{constraint:016x}"][outcome] += 1
    verdicts = validate(Verdicts, aggregate(labels))
    assert verdicts.height == len(plain)
    for row in verdicts.iter_rows(named=True):
        counts = plain[row["response_id"], row["constraint_id"]]
        yes, no = counts["satisfied"], counts["violated"]
        assert row["outcome"] == ("satisfied" if yes > no else "violated" if no > yes else "unknown")
        assert row["raters"] == counts.total()
        assert row["posterior"] is None


share = st.floats(0.01, 0.99).map(lambda value: round(value, 6))
rates = st.fixed_dictionaries({"sensitivity": share, "specificity": share})


def model_of(prior, rates):
    raters = {f"human:{at}": {**one, "basis": "given", "labels": 0} for at, one in enumerate(rates)}
    return RaterModel.model_validate({"method": "dawid_skene", "prior": prior, "raters": raters})


@given(votes, share, st.lists(rates, min_size=5, max_size=5), st.floats(0.5, 0.99))
@settings(deadline=None)
def test_posteriors_are_bayes(votes, prior, rates, certainty):
    """Against the product of probabilities, exact."""
    labels = frame_of(Labels, [label_row(*key, outcome) for key, outcome in votes.items()])
    verdicts = validate(Verdicts, aggregate(labels, "dawid_skene", certainty, model_of(prior, rates)))
    cells = defaultdict(list)
    for (response, constraint, rater), outcome in votes.items():
        cells[f"res_{response:016x}", f"con_{constraint:016x}"].append((rater, outcome))
    assert verdicts.height == len(cells)
    for row in verdicts.iter_rows(named=True):
        said = cells[row["response_id"], row["constraint_id"]]
        assert row["raters"] == len(said) and row["method"] == "dawid_skene"
        known = [(rater, outcome == "satisfied") for rater, outcome in said if outcome != "unknown"]
        satisfied, violated = Fraction(prior), 1 - Fraction(prior)
        for rater, says in known:
            sensitivity, specificity = Fraction(rates[rater]["sensitivity"]), Fraction(rates[rater]["specificity"])
            satisfied *= sensitivity if says else 1 - sensitivity
            violated *= 1 - specificity if says else specificity
        if not known:
            assert row["posterior"] is None and row["outcome"] == "unknown"
            continue
        posterior = row["posterior"]
        assert posterior == pytest.approx(float(satisfied / (satisfied + violated)), abs=2e-9)
        assert 0 < posterior < 1
        wanted = (
            "satisfied" if posterior > certainty else "violated" if posterior < round(1 - certainty, 12) else "unknown"
        )
        assert row["outcome"] == wanted


@given(votes, share, st.lists(rates, min_size=5, max_size=5))
@settings(deadline=None)
def test_swapped_outcomes_swap_verdicts(votes, prior, rates):
    swap = {"satisfied": "violated", "violated": "satisfied", "unknown": "unknown"}
    labels = frame_of(Labels, [label_row(*key, outcome) for key, outcome in votes.items()])
    turned = labels.with_columns(pl.col("outcome").replace_strict(swap))
    other = [{"sensitivity": one["specificity"], "specificity": one["sensitivity"]} for one in rates]
    first = aggregate(labels, "dawid_skene", 0.7, model_of(prior, rates))
    second = aggregate(turned, "dawid_skene", 0.7, model_of(round(1 - prior, 6), other))
    assert [None if p is None else 1 - p for p in second["posterior"]] == [
        None if p is None else pytest.approx(p, abs=2e-9) for p in first["posterior"]
    ]


def test_even_odds_are_unknown():
    """A posterior of exactly one half decides nothing, whatever the certainty."""
    even = {"sensitivity": 0.8, "specificity": 0.8}
    labels = frame_of(Labels, [label_row(0, 0, 0, "satisfied"), label_row(0, 0, 1, "violated")])
    row = aggregate(labels, "dawid_skene", 0.5, model_of(0.5, [even, even])).row(0, named=True)
    assert (row["posterior"], row["outcome"], row["raters"]) == (0.5, "unknown", 2)


@pytest.mark.parametrize("certainty", [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99])
def test_both_borders_of_certainty_are_unknown(certainty):
    """1 - 0.7 is 0.30000000000000004 in floating point: 0.3 lies on the border all the same."""
    labels = frame_of(Labels, [label_row(0, 0, 0, "satisfied")])
    for prior in (certainty, round(1 - certainty, 9)):
        model = model_of(prior, [{"sensitivity": 0.5, "specificity": 0.5}])
        assert aggregate(labels, "dawid_skene", certainty, model)["outcome"].to_list() == ["unknown"]
