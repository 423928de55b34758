"""Closed forms of RocketEval, TICK and RLBFF, and ratings in recorded judge texts."""

import builtins
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.errors import MissingExtra
from benchwright.labels.ratings import read_rating
from benchwright.labels.scores import (
    battle,
    blended,
    log_ratio,
    logistic,
    mixing_weight,
    pass_rates,
    predict,
    prefer,
    unsupervised,
    yes_probability,
)
from benchwright.sampling.strategies.pass_rate import PassRate

LOGPROB = st.floats(-40, 0)


@given(LOGPROB, LOGPROB)
def test_p_is_its_closed_form(yes, no):
    assert yes_probability(yes, no) == pytest.approx(math.exp(yes) / (math.exp(yes) + math.exp(no)), abs=1e-9)
    assert yes_probability(yes, no) + yes_probability(no, yes) == pytest.approx(1, abs=1e-12)


def test_what_is_not_listed_is_never_a_half():
    assert [yes_probability(-1.0, None), yes_probability(None, -1.0), yes_probability(None, None)] == [1.0, 0.0, None]
    assert yes_probability(-9999.0, -0.1) == 0.0 and yes_probability(-0.1, -9999.0) == 1.0


def test_the_log_ratio_is_held_at_fifty():
    assert log_ratio(-0.5, -2.0, -0.5) == 1.5
    assert log_ratio(-0.5, -100.0, -0.5) == 50.0 and log_ratio(None, -0.5, -0.5) == -50.0
    assert log_ratio(-80.0, -90.0, -0.1) == 0.0 and log_ratio(None, None, -0.1) is None
    assert logistic(0) == 0.5 and logistic(1000) == 1.0 and logistic(-1000) == 0.0


def test_the_unsupervised_score_leaves_nulls_out():
    assert unsupervised([1.0, 0.5, 0.0]) == (5.5, 3, 0)
    assert unsupervised([1.0, None]) == (10.0, 1, 1), "a null is not 0.5"
    assert unsupervised([None, None]) == (None, 0, 2) and unsupervised([]) == (None, 0, 0)


@pytest.mark.parametrize(
    ("scores", "weight"),
    [
        ([5] * 10, 0.0),
        (list(range(1, 11)), 1.0),
        ([3, 9], 0.30103),
        ([7, 7, 7, 8, 8, 9, 6, 5, 5, 5], 0.653521),
        ([], 0.0),
    ],
)
def test_the_mixing_weight_of_the_paper(scores, weight):
    assert mixing_weight(scores) == pytest.approx(weight, abs=5e-7)


@given(st.lists(st.integers(1, 10), min_size=1, max_size=40))
def test_the_mixing_weight_is_the_papers_divergence(scores):
    shares = [scores.count(k) / len(scores) for k in range(1, 11)]
    divergence = sum(share * math.log(share * 10) for share in shares if share)
    assert mixing_weight(scores) == pytest.approx((math.log(10) - divergence) / math.log(10), abs=1e-12)


def test_more_than_ten_scores_are_put_into_ten_classes():
    assert mixing_weight([k / 2 for k in range(20)]) == pytest.approx(1.0)
    assert 0 < mixing_weight([0.1 * k for k in range(11)]) < 1


def test_the_blend_and_what_it_learns_from():
    known = [[0.1 * row, 1 - 0.1 * row, None if row == 3 else 0.5] for row in range(10)]
    scores = [1 + row for row in range(10)]
    asked = [[0.05, 0.95, 0.5], [0.85, 0.15, 0.5]]
    first, second = predict(known, scores, asked), predict(known, scores, asked)
    assert first == second and (first.items, first.left_out) == (2, 1)
    assert first.values[0] < first.values[1]
    assert predict([[None]], [1], [[0.5]]) == (None, 0, 1)
    assert blended(4.0, 8.0, 0.25) == 5.0 and blended(4.0, None, 0.9) == 4.0


def test_learning_needs_its_extra(monkeypatch):
    real = builtins.__import__

    def missing(name, *args):
        if name.startswith("sklearn"):
            raise ImportError(name)
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtra, match=r"benchwright\[labels\]"):
        predict([[0.5]], [1], [[0.5]])


def test_micro_and_mean_pass_rates_differ():
    assert pass_rates([PassRate(2, 0, 0), PassRate(0, 8, 0)]) == (0.2, 0.5, 0, 0)
    assert pass_rates([PassRate(2, 0, 3), PassRate(0, 0, 2)]) == (1.0, 1.0, 1, 5), "unknown counts on no side"
    assert pass_rates([]) == (None, None, 0, 0)


def test_preference_by_pass_rates_keeps_ties():
    assert prefer(PassRate(1, 2, 0), PassRate(2, 4, 1)) == "tie"
    assert prefer(PassRate(3, 1, 0), PassRate(2, 1, 0)) == "first"
    assert prefer(PassRate(0, 1, 0), PassRate(2, 1, 0)) == "second"
    assert prefer(PassRate(0, 0, 4), PassRate(2, 1, 0)) is None
    assert [battle(5.0, 5.05), battle(5.2, 5.0), battle(5.0, 6.0)] == ["tie", "first", "second"]


@pytest.mark.parametrize(
    ("text", "value", "reason"),
    [
        ("Good. Rating: [[7]]", 7, None),
        ("[[7.5]] and again [[7.5]]", 7.5, None),
        ("a[['']] = 1\nRating: [[1]]", 1, None),
        ("[[1, 2], [3, 4]] Rating: [[2]]", 2, None),
        ("<think>[[3]]</think>[[9]]", 9, None),
        ("[[3]] or [[4]]", None, "two_ratings"),
        ("[[11]]", None, "out_of_range"),
        ("[[0]]", None, "out_of_range"),
        ("Rating: [7]", None, "no_rating"),
        ("Rating: [[1", None, "no_rating"),
        ("<think>[[3]]", None, "no_rating"),
        (None, None, "no_reply"),
    ],
)
def test_a_rating_is_one_number_between_double_brackets(text, value, reason):
    found = read_rating(text)
    assert found.value == value and (found.reason or "").startswith(reason or "")
    assert (found.reason is None) == (reason is None)


@pytest.mark.parametrize(
    ("model", "mean"), [("claude-2.1", 6.438), ("gpt-3.5-turbo-1106", 6.676), ("Llama-2-70b-chat", 4.351)]
)
def test_recorded_ratings(data_dir, model, mean):
    lines = (data_dir / "arena_bench_v1" / f"model_judgment__{model}.jsonl").read_text("utf-8").splitlines()
    found = [read_rating(json.loads(line)["judgment"]) for line in lines]
    parsed = [rating.value for rating in found if rating.value is not None]
    assert (len(parsed), len(found) - len(parsed)) == (299, 1)
    assert round(sum(parsed) / len(parsed), 3) == mean
