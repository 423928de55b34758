"""Coefficients against published values and plain formulas, their laws, and intervals by instruction."""

import json
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchwright.labels.agreement import (
    Cells,
    alpha_formula,
    cohen_formula,
    cohen_kappa,
    fleiss_formula,
    fleiss_kappa,
    krippendorff_alpha,
    unanimous_share,
)
from benchwright.labels.intervals import Sampling, interval

from .shared import DATA, NEEDED

FEW = Sampling(0, 200)
PANDALM = DATA / "pandalm" / "testset-v1.json"


def cells_of(matrix, answers, clusters=None):
    """Counts answers of a matrix (cells, raters) whose missing answers are -1."""
    matrix = np.asarray(matrix)
    counts = np.stack([(matrix == answer).sum(axis=1) for answer in range(answers)], axis=1).astype(float)
    return Cells(counts, np.arange(len(matrix)) if clusters is None else np.asarray(clusters))


def table_of(matrix, answers, first, second):
    matrix = np.asarray(matrix)
    table = np.zeros((len(matrix), answers, answers))
    both = (matrix[:, first] >= 0) & (matrix[:, second] >= 0)
    table[np.nonzero(both)[0], matrix[both, first], matrix[both, second]] = 1
    return table


def cohen_of(matrix, answers, first=0, second=1):
    table = table_of(matrix, answers, first, second)
    return cohen_kappa(table, np.arange(len(table)), FEW)


# --- published values


@pytest.mark.skipif(not PANDALM.exists(), reason=NEEDED)
def test_pandalm_annotators_agree_as_published():
    """README of PandaLM's test set: Fleiss 0.8642, Cohen 0.8520, 0.8789 and 0.8617; 87.99 % unanimous."""
    rows = json.loads(PANDALM.read_text("utf-8"))
    matrix = np.array([[row[f"annotator{i}"] for i in (1, 2, 3)] for row in rows])
    cells = cells_of(matrix, 3)
    fleiss = fleiss_kappa(cells, FEW)
    assert (len(matrix), fleiss.raters, fleiss.cells) == (999, 3, 999)
    assert round(fleiss.kappa.value, 4) == 0.8642
    assert [round(cohen_of(matrix, 3, *pair).value, 4) for pair in ((0, 1), (0, 2), (1, 2))] == [0.8520, 0.8789, 0.8617]
    assert round(unanimous_share(cells), 4) == 0.8799
    assert fleiss.kappa.low < 0.8642 < fleiss.kappa.high


def test_krippendorffs_own_example():
    """Krippendorff 2011, section C: four observers, twelve units, missing data, nominal: 0.743."""
    rows = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
        [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ]
    assert round(krippendorff_alpha(cells_of(np.array(rows).T - 1, 5), FEW).value, 3) == 0.743


def test_fleiss_own_table():
    """The worked table of fourteen raters and ten subjects (Fleiss 1971's method): 0.210."""
    rows = (
        "0 0 0 0 14|0 2 6 4 2|0 0 3 5 6|0 3 9 2 0|2 2 8 1 1|7 7 0 0 0|3 2 6 3 0|2 5 3 2 2|6 5 2 1 0|0 2 2 3 7"
    ).split("|")
    counts = np.array([[float(n) for n in row.split()] for row in rows])
    assert round(fleiss_kappa(Cells(counts, np.arange(10)), FEW).kappa.value, 3) == 0.210


def test_cohens_table():
    table = np.array([[[20.0, 5.0], [10.0, 15.0]]])
    assert cohen_kappa(table, np.array([0]), FEW).value == pytest.approx(0.4)


# --- plain formulas and laws

MATRICES = st.integers(2, 4).flatmap(
    lambda answers: st.integers(2, 4).flatmap(
        lambda raters: st.tuples(
            st.just(answers),
            st.lists(st.lists(st.integers(-1, answers - 1), min_size=raters, max_size=raters), min_size=1, max_size=12),
        )
    )
)


def plain_alpha(matrix):
    """Alpha pair by pair: disagreement within cells over disagreement of any two answers."""
    cells = [[answer for answer in row if answer >= 0] for row in matrix]
    cells = [cell for cell in cells if len(cell) > 1]
    everything = [answer for cell in cells for answer in cell]
    observed = sum(sum(a != b for a, b in permutations(cell, 2)) / (len(cell) - 1) for cell in cells) / max(
        len(everything), 1
    )
    pairs = list(permutations(everything, 2))
    expected = sum(a != b for a, b in pairs) / max(len(pairs), 1)
    return 1 - observed / expected if expected else None


def plain_fleiss(matrix):
    cells = [[answer for answer in row if answer >= 0] for row in matrix]
    sizes = [len(cell) for cell in cells if len(cell) > 1]
    if not sizes:
        return None
    raters = max(sorted(set(sizes), reverse=True), key=sizes.count)
    cells = [cell for cell in cells if len(cell) == raters]
    pairs = [sum(a == b for a, b in combinations(cell, 2)) / (raters * (raters - 1) / 2) for cell in cells]
    same, given_ = sum(pairs) / len(cells), [answer for cell in cells for answer in cell]
    chance = sum((given_.count(answer) / len(given_)) ** 2 for answer in set(given_))
    return (same - chance) / (1 - chance) if len(set(given_)) > 1 else None


def plain_cohen(matrix):
    known = [(row[0], row[1]) for row in matrix if row[0] >= 0 and row[1] >= 0]
    if not known or len({answer for pair in known for answer in pair}) < 2:
        return None
    same = sum(a == b for a, b in known) / len(known)
    firsts, seconds = zip(*known, strict=True)
    chance = sum(firsts.count(answer) * seconds.count(answer) for answer in set(firsts)) / len(known) ** 2
    return (same - chance) / (1 - chance)


def close(found, wanted):
    assert (found is None) == (wanted is None)
    assert wanted is None or found == pytest.approx(wanted, abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(MATRICES)
def test_values_are_those_of_the_plain_formulas(drawn):
    answers, matrix = drawn
    cells = cells_of(matrix, answers)
    close(krippendorff_alpha(cells, FEW).value, plain_alpha(matrix))
    close(fleiss_kappa(cells, FEW).kappa.value, plain_fleiss(matrix))
    close(cohen_of(matrix, answers).value, plain_cohen(matrix))


@settings(max_examples=60, deadline=None)
@given(MATRICES, st.randoms(use_true_random=False))
def test_names_and_order_are_nothing(drawn, random):
    """Raters, cells and answers may be called and ordered as one likes."""
    answers, matrix = drawn
    names, raters = list(range(answers)), list(range(len(matrix[0])))
    random.shuffle(names)
    random.shuffle(raters)
    other = [[names[row[rater]] if row[rater] >= 0 else -1 for rater in raters] for row in matrix]
    random.shuffle(other)
    a, b = cells_of(matrix, answers), cells_of(other, answers)
    close(krippendorff_alpha(a, FEW).value, krippendorff_alpha(b, FEW).value)
    close(fleiss_kappa(a, FEW).kappa.value, fleiss_kappa(b, FEW).kappa.value)
    close(cohen_of(matrix, answers).value, cohen_of([[row[1], row[0]] for row in matrix], answers).value)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 2), min_size=2, max_size=20), st.integers(2, 4))
def test_perfect_agreement_is_one(said, raters):
    assume(len(set(said)) > 1)
    matrix = [[answer] * raters for answer in said]
    found = [
        krippendorff_alpha(cells_of(matrix, 3), FEW),
        fleiss_kappa(cells_of(matrix, 3), FEW).kappa,
        cohen_of(matrix, 3),
    ]
    for estimate in found:
        assert estimate.value == pytest.approx(1)
        assert estimate.low is None or (estimate.low, estimate.high) == (pytest.approx(1), pytest.approx(1))


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        ([[1, 1], [1, 1]], "no variation"),
        ([[0, -1], [-1, 1], [-1, -1]], "no cell has two known answers"),
        ([[1], [0]], "no cell has two known answers"),
    ],
)
def test_what_has_no_value_is_null_with_a_reason(matrix, reason):
    cells = cells_of(matrix, 2)
    for estimate in (krippendorff_alpha(cells, FEW), fleiss_kappa(cells, FEW).kappa):
        assert (estimate.value, estimate.low, estimate.high) == (None, None, None)
        assert reason in estimate.reason
    if len(matrix[0]) == 2:
        assert reason in cohen_of(matrix, 2).reason


def test_nothing_at_all_has_no_value():
    cells = Cells(np.zeros((0, 2)), np.zeros(0, dtype=int))
    assert krippendorff_alpha(cells, FEW).value is None
    assert unanimous_share(cells) is None


# --- intervals


def test_one_instruction_has_a_value_and_no_interval():
    estimate = krippendorff_alpha(cells_of([[0, 0], [1, 1], [0, 1]], 2, [5, 5, 5]), FEW)
    assert estimate.value is not None
    assert (estimate.low, estimate.high, estimate.reason) == (None, None, "no interval: one instruction")


def test_an_interval_is_not_drawn_where_many_draws_have_no_variation():
    """One *violated* among eight instructions: a third of the draws misses it."""
    estimate = krippendorff_alpha(cells_of([[1, 1]] * 7 + [[0, 0]], 2), FEW)
    assert estimate.value == pytest.approx(1)
    assert estimate.low is None and "of 200 draws have no variation" in estimate.reason


def plain_interval(matrix, clusters, formula, draws):
    """Copies the rows of drawn clusters, draw by draw."""
    rng, values = np.random.default_rng(7), []
    rows = {cluster: [row for row, own in zip(matrix, clusters, strict=True) if own == cluster] for cluster in clusters}
    names = sorted(rows)
    for _ in range(draws):
        values.append(formula([row for name in rng.choice(names, len(names)) for row in rows[name]]))
    return np.quantile([value for value in values if value is not None], [0.025, 0.975])


def test_intervals_are_those_of_drawing_whole_instructions():
    """The ends differ by what 300 draws leave open, not by more."""
    rng = np.random.default_rng(3)
    clusters = np.repeat(np.arange(20), 4)
    truth = np.repeat(rng.integers(0, 2, 20), 4)
    matrix = np.where(rng.random((80, 2)) < 0.85, truth[:, None], 1 - truth[:, None])
    found = krippendorff_alpha(cells_of(matrix, 2, clusters), Sampling(0, 2000))
    wanted = plain_interval(matrix.tolist(), clusters.tolist(), plain_alpha, 300)
    assert [found.low, found.high] == pytest.approx(wanted.tolist(), abs=0.06)


def test_labels_of_one_instruction_do_not_count_as_many():
    """The same answers, copied five times within each instruction, leave the interval as wide as it was."""
    rng = np.random.default_rng(5)
    matrix = rng.integers(0, 2, (40, 2))
    once = krippendorff_alpha(cells_of(matrix, 2), Sampling(0, 1000))
    copied = krippendorff_alpha(
        cells_of(np.repeat(matrix, 5, axis=0), 2, np.repeat(np.arange(40), 5)), Sampling(0, 1000)
    )
    apart = krippendorff_alpha(cells_of(np.repeat(matrix, 5, axis=0), 2), Sampling(0, 1000))
    assert copied.high - copied.low == pytest.approx(once.high - once.low, rel=0.15)
    assert apart.high - apart.low < 0.6 * (once.high - once.low)


def test_intervals_cover_the_truth_as_often_as_they_say():
    """200 samples of a rater pair whose kappa is 0.5: about 95 % of the intervals hold it."""
    rng, held = np.random.default_rng(11), 0
    table = np.array([0.375, 0.125, 0.125, 0.375])  # kappa 0.5
    for i in range(200):
        counts = rng.multinomial(1, table, size=120).reshape(-1, 2, 2).astype(float)
        estimate = cohen_kappa(counts, np.arange(120), Sampling(i, 400))
        held += estimate.low <= 0.5 <= estimate.high
    assert 0.90 <= held / 200 <= 0.99


def test_intervals_hang_on_seed_and_name_alone():
    cells = cells_of(np.random.default_rng(1).integers(0, 2, (30, 3)), 2)
    assert krippendorff_alpha(cells, FEW, "a") == krippendorff_alpha(cells, FEW, "a")
    assert krippendorff_alpha(cells, FEW, "a") != krippendorff_alpha(cells, FEW, "b")
    assert krippendorff_alpha(cells, FEW, "a") != krippendorff_alpha(cells, Sampling(1, 200), "a")


def test_formulas_give_nan_where_nothing_varies():
    assert np.isnan(alpha_formula(np.array([[4.0, 0, 0, 0], [0.0, 0, 0, 0]]))).all()
    assert np.isnan(cohen_formula(np.array([[0.0, 0, 0, 9]]))).all()
    assert np.isnan(fleiss_formula(np.array([[3.0, 3, 6, 0]]))).all()
    assert interval(1.0, np.zeros((4, 4)), alpha_formula, np.random.default_rng(0), 100).low is None


@settings(max_examples=40)
@given(st.lists(st.lists(st.integers(-1, 2), min_size=3, max_size=3), min_size=2, max_size=8))
def test_alpha_is_nltks(matrix):
    from nltk.metrics.agreement import AnnotationTask

    said = [
        (str(rater), str(cell), answer)
        for cell, answers in enumerate(matrix)
        for rater, answer in enumerate(answers)
        if answer >= 0
    ]
    ours = krippendorff_alpha(cells_of(matrix, 3), FEW).value
    assume(ours is not None)
    close(ours, AnnotationTask(said).alpha())
