"""Annotators who hurry, click through or drift are flagged with their figures; careful ones are not."""

import random
from itertools import groupby, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchwright.labels.annotation.task import Given, Task
from benchwright.labels.annotator_times import timed_answers
from benchwright.labels.annotators import CHANCE, FEW, Timed, annotator_figures, run_probability


def session(name, said, *, seconds=20.0, words=60, per=4):
    """Makes answers to tasks in order, ``per`` of them of one instruction."""
    times = seconds if callable(seconds) else lambda i: seconds
    return [Timed(f"t{i}", f"ins{i // per}", name, one, times(i), i, words) for i, one in enumerate(said)]


def truth_of(n, share=0.6, seed=0):
    drawn = random.Random(seed)
    return ["yes" if drawn.random() < share else "no" for _ in range(n)]


def noisy(truth, miss, seed):
    """Misses the truth with a probability that may hang on the place."""
    drawn = random.Random(seed)
    rate = miss if callable(miss) else lambda i: miss
    return [one if drawn.random() >= rate(i) else {"yes": "no", "no": "yes"}[one] for i, one in enumerate(truth)]


def flags(figures):
    return {one.annotator: [flag.kind for flag in one.flags] for one in figures}


TRUTH = truth_of(160)
CAREFUL = [*session("a", noisy(TRUTH, 0.08, 1)), *session("b", noisy(TRUTH, 0.08, 2))]


def test_careful_annotators_are_not_flagged():
    figures = annotator_figures(CAREFUL)
    assert flags(figures) == {"a": [], "b": []}
    assert [one.below_floor for one in figures] == [0, 0]
    assert all(0.7 < share for one in figures for share in one.windows)
    assert figures[0].drift.low <= 0 <= figures[0].drift.high


def test_careful_annotators_are_rarely_flagged_whatever_the_draw():
    """60 pairs of careful annotators: some flags are chance, and few."""
    flagged = 0
    for seed in range(60):
        truth = truth_of(120, seed=seed)
        pair = [*session("a", noisy(truth, 0.1, 2 * seed + 100)), *session("b", noisy(truth, 0.1, 2 * seed + 101))]
        flagged += sum(bool(one.flags) for one in annotator_figures(pair))
    assert flagged <= 0.06 * 120


def test_who_answers_faster_than_one_reads_is_flagged():
    hasty = session("c", noisy(TRUTH, 0.08, 3), seconds=lambda i: 2.0 if i % 2 else 20.0)
    found = {one.annotator: one for one in annotator_figures([*CAREFUL, *hasty])}
    assert flags(found.values()) == {"a": [], "b": [], "c": ["too_fast"]}
    assert found["c"].below_floor == 0.5
    assert "50% of 160 answers" in found["c"].flags[0].says


def test_who_takes_a_fraction_of_the_others_time_is_flagged_whatever_the_words():
    """No new word is shown: no floor holds, the others' times still do."""
    calm = [one._replace(words=0) for one in CAREFUL]
    quick = session("c", TRUTH, seconds=4.0, words=0)
    found = annotator_figures([*calm, *quick])
    assert flags(found) == {"a": [], "b": [], "c": ["faster_than_others"]}
    assert found[2].against_others == pytest.approx(0.2)
    assert "20%" in found[2].flags[0].says


def test_nothing_is_said_of_the_speed_of_few_answers_or_untimed_ones():
    few = session("a", TRUTH[: FEW - 1], seconds=0.1)
    untimed = session("b", TRUTH, seconds=None)
    found = annotator_figures([*few, *untimed])
    assert flags(found) == {"a": [], "b": []}
    assert (found[1].seconds, found[1].below_floor, found[1].against_others) == (None, None, None)


def test_runs_that_chance_does_not_give_are_flagged():
    stuck = TRUTH[:60] + ["yes"] * 40 + TRUTH[100:]
    found = annotator_figures([*CAREFUL, *session("c", stuck)])
    assert "straight_lining" in flags(found)["c"]
    assert found[2].longest_run >= 40
    assert found[2].run_chance < 1e-6
    assert f"flagged below {CHANCE:g}" in next(one.says for one in found[2].flags if one.kind == "straight_lining")


def test_a_long_run_of_what_nearly_everybody_says_is_no_flag():
    easy = ["yes"] * 200
    assert flags(annotator_figures([*session("a", easy), *session("b", easy)])) == {"a": [], "b": []}


def test_yes_to_everything_is_flagged_where_the_others_say_no_half_the_time():
    even = truth_of(100, 0.5)
    found = annotator_figures([*session("a", even), *session("b", even), *session("c", ["yes"] * 100)])
    assert "straight_lining" in flags(found)["c"]


def test_always_unsure_is_a_run_too():
    found = annotator_figures([*CAREFUL, *session("c", [None] * 160)])
    assert "straight_lining" in flags(found)["c"]
    assert (found[2].unsure, found[2].drift.value) == (160, None)


def test_growing_tired_is_drift_down_and_learning_drift_up():
    tired = session("c", noisy(TRUTH, lambda i: 0.05 if i < 80 else 0.45, 5))
    learns = session("c", noisy(TRUTH, lambda i: 0.45 if i < 80 else 0.05, 6))
    down = annotator_figures([*CAREFUL, *tired])[2]
    up = annotator_figures([*CAREFUL, *learns])[2]
    assert [flag.kind for flag in down.flags] == ["drift"] == [flag.kind for flag in up.flags]
    assert down.drift.value < -0.2 and "less" in down.flags[0].says
    assert up.drift.value > 0.2 and "more" in up.flags[0].says
    assert down.windows[0] > down.windows[-1]


def test_drift_needs_others_and_enough_answers():
    alone = annotator_figures(session("a", TRUTH))[0]
    assert (alone.drift.value, alone.windows) == (None, (None,) * 5)
    assert "20 are needed" in alone.drift.reason


def test_figures_do_not_hang_on_the_order_of_rows():
    shuffled = random.Random(1).sample(CAREFUL, len(CAREFUL))
    assert annotator_figures(shuffled) == annotator_figures(CAREFUL)


# --- the chance of a run


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 7), st.integers(1, 8), st.lists(st.integers(1, 9), min_size=1, max_size=3))
def test_the_chance_of_a_run_is_that_of_all_sequences(answers, run, weights):
    shares = {name: weight / sum(weights) for name, weight in enumerate(weights)}
    wanted = 0.0
    for sequence in product(shares, repeat=answers):
        if max(len(list(same)) for _, same in groupby(sequence)) >= run:
            chance = 1.0
            for name in sequence:
                chance *= shares[name]
            wanted += chance
    assert run_probability(answers, run, shares) == pytest.approx(wanted, abs=1e-12)


def test_small_chances_stay_exact():
    """Two answers of one half each: a run of all n is 2 to the power of 1 - n."""
    assert run_probability(200, 200, {"yes": 0.5, "no": 0.5}) == pytest.approx(2.0**-199)
    assert run_probability(0, 0, {}) is None


# --- from the answers of a project


def label_task(n, response, constraint, gold=None):
    body = {
        "messages": [{"role": "user", "content": "one two three"}],
        "constraint": constraint,
        "response": response,
        "constraint_id": f"con{n}",
        "response_id": "res",
        "language": "en",
    }
    return Task(f"t{n}", "label", "ins", 0, body, gold)


def test_words_count_where_they_are_seen_first():
    tasks = [
        label_task(0, "four five", "six"),
        label_task(1, "four five", "seven eight"),
        label_task(2, "x", "y", "yes"),
    ]
    given_ = [
        Given(2, "t1", "a-1", "unsure", None, None, 3.0, 100),
        Given(1, "t0", "a-1", "yes", None, None, 9.0, 100),
        Given(3, "t0", "a-2", "no", None, None, None, 90),
        Given(4, "t2", "a-2", "no", None, None, 1.0, 90),
    ]
    found = timed_answers(tasks, given_, "label")
    assert [(one.annotator, one.task, one.words, one.answer) for one in found] == [
        ("a-1", "t0", 6, "yes"),
        ("a-1", "t1", 2, None),
        ("a-2", "t0", 6, "no"),
    ]
    assert timed_answers(tasks, given_, "pair") == []
