"""Dawid-Skene: equal to its plain form and to crowd-kit's, known raters recovered, nobody read inversely."""

import warnings
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchwright.labels.aggregate import aggregate, fit_raters
from benchwright.labels.blocks import blocks
from benchwright.labels.dawid_skene import BELIEFS, START, Beliefs, fit, fit_plain
from benchwright.labels.votes import gather, kinds_of, votes_of
from benchwright.schemas.label import Labels, Verdicts
from benchwright.schemas.tables import empty, frame_of, validate

from .simulated_raters import CODE, calibration_error, label_row, share_right, simulate

SEEDS = range(5)
NAMES = list(enumerate(("sensitivity", "specificity")))
outcome = st.sampled_from(["satisfied", "violated", "unknown"])
votes = st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(0, 4)), outcome, min_size=1)
share = st.floats(0.02, 0.98)


def frame(votes):
    return frame_of(Labels, [label_row(r, c, f"human:{rater}", said) for (r, c, rater), said in votes.items()])


def numbers(fitted):
    return np.concatenate([[fitted.prior, fitted.evidence], fitted.sensitivity, fitted.specificity])


@given(votes, st.dictionaries(st.integers(0, 1), st.tuples(share, share)), st.sampled_from([BELIEFS, Beliefs(1, 1, 0)]))
@settings(deadline=None)
def test_arrays_do_what_loops_do(said, fixed, beliefs):
    given = votes_of(frame(said))
    fixed = {rater: rates for rater, rates in fixed.items() if rater < len(given.raters)}
    fast = fit(given, fixed, beliefs, rounds=60)
    plain = fit_plain(given, fixed, beliefs, rounds=60)
    assert numbers(fast) == pytest.approx(numbers(plain), abs=1e-7)
    for rater, (sensitivity, specificity) in fixed.items():
        assert (fast.sensitivity[rater], fast.specificity[rater]) == (sensitivity, specificity)
    free = [rater for rater in range(len(given.raters)) if rater not in fixed]
    assert np.all(fast.sensitivity[free] + fast.specificity[free] >= 1 - 1e-9)


@given(votes)
@settings(deadline=None)
def test_gathering_keeps_every_vote(said):
    given = votes_of(frame(said))
    kinds = gather(given)
    assert kinds.times.sum() == given.times.size
    assert kinds.tally.tolist() == given.tally.tolist()
    assert sum(given.tally) == sum(outcome != "unknown" for outcome in said.values())


@given(votes, st.integers(1, 5), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_block_by_block_is_all_at_once(said, size, random):
    rows = frame(said)
    order = list(range(rows.height))
    random.shuffle(order)
    mixed = rows[order]
    parts = list(blocks(mixed, size))
    assert sum(part.height for part in parts) == rows.height
    seen = [id for part in parts for id in part["response_id"].unique()]
    assert len(seen) == len(set(seen)), "a response is in two blocks"
    one, all_ = kinds_of(mixed, size), gather(votes_of(rows))
    assert one.raters == all_.raters
    assert [array.tolist() for array in one[1:]] == [array.tolist() for array in all_[1:]]


def likelihood(given, prior, rates):
    """Gives the exact probability of all votes."""
    cells: dict[int, list[int]] = {}
    for cell, voice in zip(given.cells.tolist(), given.voices.tolist(), strict=True):
        cells.setdefault(cell, []).append(voice)
    whole = Fraction(1)
    for voices in cells.values():
        satisfied, violated = Fraction(prior), 1 - Fraction(prior)
        for voice in voices:
            sensitivity, specificity = map(Fraction, rates[voice // 2])
            satisfied *= sensitivity if voice % 2 else 1 - sensitivity
            violated *= 1 - specificity if voice % 2 else specificity
        whole *= satisfied + violated
    return whole


@given(votes)
@settings(deadline=None, max_examples=50)
def test_no_round_makes_the_labels_less_likely(said):
    """The law of EM, which holds on the bound of chance as well."""
    given = votes_of(frame(said))
    before = Fraction(0)
    for rounds in (1, 2, 3, 5, 8):
        found = fit(given, {}, Beliefs(0, 0, 0), rounds, tolerance=-1)
        rates = list(zip(found.sensitivity.tolist(), found.specificity.tolist(), strict=True))
        now = likelihood(given, found.prior, rates)
        assert now >= before * (1 - Fraction(1, 10**9))
        before = now


@pytest.mark.parametrize("seed", SEEDS)
def test_without_priors_it_is_crowd_kits(seed):
    from crowdkit.aggregation import DawidSkene

    given = votes_of(simulate(seed, responses=100, code=False).labels)
    ours = fit(given, {}, Beliefs(0, 0, 0), rounds=150, tolerance=0)
    rows = pl.DataFrame({"task": given.cells, "worker": given.voices // 2, "label": given.voices % 2})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # how it asks pandas
        theirs = DawidSkene(n_iter=150, tol=-1).fit(rows.to_pandas())
    assert ours.prior == pytest.approx(theirs.priors_[1], abs=1e-7)
    raters = range(len(given.raters))
    assert list(ours.sensitivity) == pytest.approx([theirs.errors_.loc[(r, 1), 1] for r in raters], abs=1e-7)
    assert list(ours.specificity) == pytest.approx([theirs.errors_.loc[(r, 0), 0] for r in raters], abs=1e-7)


@pytest.mark.parametrize("seed", SEEDS)
def test_known_raters_are_recovered(seed):
    labels, truth, raters = simulate(seed)
    model = fit_raters(labels, "dawid_skene")
    verdicts = validate(Verdicts, aggregate(labels, "dawid_skene", raters=model))
    assert share_right(verdicts, truth) > share_right(aggregate(labels), truth)
    assert calibration_error(verdicts, truth) < 0.05
    assert model.prior == pytest.approx(sum(truth.values()) / len(truth), abs=0.02)
    off = [abs(getattr(model.raters[id], name) - known[at]) for id, known in raters.items() for at, name in NAMES]
    assert max(off) < 0.08
    assert sum(off) / len(off) < 0.025


@pytest.mark.parametrize("seed", SEEDS)
def test_two_people_a_cell_without_code_or_judges_stay_calibrated(seed):
    labels, truth, _ = simulate(seed, per_cell=(2, 2), judges={}, code=False)
    verdicts = aggregate(labels, "dawid_skene", raters=fit_raters(labels, "dawid_skene"))
    assert share_right(verdicts, truth) > share_right(aggregate(labels), truth)
    assert calibration_error(verdicts, truth) < 0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_one_who_says_the_opposite_is_not_heard(seed):
    labels, truth, _ = simulate(seed, contrary=True)
    model = fit_raters(labels, "dawid_skene")
    contrary = model.raters["human:0"]
    assert contrary.sensitivity + contrary.specificity == pytest.approx(1, abs=2e-6)
    verdicts = aggregate(labels, "dawid_skene", raters=model)
    assert share_right(verdicts, truth) > share_right(aggregate(labels), truth)
    assert calibration_error(verdicts, truth) < 0.05
    unheard = aggregate(labels.filter(pl.col("rater_id") != "human:0"), "dawid_skene", raters=model)
    assert verdicts["posterior"].to_list() == pytest.approx(unheard["posterior"].to_list(), abs=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_majority_that_says_the_opposite_is_outweighed_by_audited_code(seed):
    """What the outcomes are called cannot be told from agreement alone; code's known rates tell it."""
    judges = {f"judge:{at}": (0.15, 0.15) for at in range(3)} | {"judge:right": (0.9, 0.9)}
    drawn = simulate(seed, responses=250, judges=judges)
    labels = drawn.labels.filter(pl.col("rater_kind") != "human")
    verdicts = aggregate(labels, "dawid_skene", raters=fit_raters(labels, "dawid_skene"))
    assert share_right(aggregate(labels), drawn.truth) < 0.4
    assert share_right(verdicts, drawn.truth) > 0.85
    alone = labels.filter(pl.col("rater_id") != CODE)
    misled = aggregate(alone, "dawid_skene", raters=fit_raters(alone, "dawid_skene"))
    assert share_right(misled, drawn.truth) < 0.4


def test_rates_start_from_the_belief():
    """A rater with few labels, or none, keeps what is believed of all: right on four of five."""
    assert BELIEFS.right / (BELIEFS.right + BELIEFS.wrong) == START
    labels = simulate(1, responses=60).labels
    extra = [label_row(0, 0, "human:once", "satisfied"), label_row(1, 0, "human:never", "unknown")]
    model = fit_raters(pl.concat([labels, frame_of(Labels, extra)]), "dawid_skene")
    once, never = model.raters["human:once"], model.raters["human:never"]
    assert (never.sensitivity, never.specificity, never.labels) == (START, START, 0)
    assert once.labels == 1
    # One label on top of five believed in: four of five, or of six, are right.
    assert (
        4 / 6 - 0.01 < min(once.sensitivity, once.specificity) < max(once.sensitivity, once.specificity) < 5 / 6 + 0.01
    )


@given(votes, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=50)
def test_the_order_of_rows_moves_no_digit(said, random):
    items = list(said.items())
    random.shuffle(items)
    one, other = frame(said), frame(dict(items))
    model = fit_raters(one, "dawid_skene")
    assert model == fit_raters(other, "dawid_skene")
    assert aggregate(one, "dawid_skene", raters=model).equals(aggregate(other, "dawid_skene", raters=model))


def test_no_labels_at_all():
    model = fit_raters(empty(Labels), "dawid_skene")
    assert model.prior == 0.5 and model.raters == {}
    assert aggregate(empty(Labels), "dawid_skene", raters=model).equals(empty(Verdicts))
