"""The report over labels: groups, pairs and raters counted by hand, whatever the order, and quick for many labels."""

import json
from dataclasses import asdict
from time import perf_counter

import numpy as np
import polars as pl

from benchwright.labels.agreement_report import agreement_report
from benchwright.schemas.label import Labels
from benchwright.schemas.tables import frame_of, validate

from .test_agreement import FEW, close, plain_alpha, plain_cohen, plain_fleiss


def hexed(prefix, *numbers):
    return f"{prefix}_{''.join(f'{n:04x}' for n in numbers):0>16}"


def labels_of(rows):
    """Makes labels of (instruction, response, constraint, rater, kind, outcome)."""
    return validate(
        Labels,
        frame_of(
            Labels,
            [
                {
                    "instruction_id": hexed("ins", i),
                    "response_id": hexed("res", i, r),
                    "constraint_id": hexed("con", i, c),
                    "rater_id": rater,
                    "rater_kind": kind,
                    "outcome": outcome,
                }
                for i, r, c, rater, kind, outcome in rows
            ],
        ),
    )


S, V, U = "satisfied", "violated", "unknown"
SAID = [(S, S, S), (S, S, V), (V, V, V), (S, V, V), (U, S, S), (V, V, U), (S, S, S), (V, V, S)]
"""What two people and a judge say of each cell: two responses of each of four instructions, one constraint."""
RATERS = [("human:a", "human"), ("human:b", "human"), ("judge:m", "judge")]
LABELS = labels_of(
    [
        (n // 2, n % 2, 0, rater, kind, outcome)
        for n, said in enumerate(SAID)
        for (rater, kind), outcome in zip(RATERS, said, strict=True)
    ]
)
CONSTRAINTS = pl.DataFrame(
    {
        "id": [hexed("con", i, 0) for i in range(4)],
        "kind": ["soft", "soft", "verifiable", "verifiable"],
        "categories": [["Format"], ["Format", "Style"], [], ["Style"]],
    }
)
INSTRUCTIONS = pl.DataFrame({"id": [hexed("ins", i) for i in range(4)], "language": ["en", "en", "de", None]})


def test_the_report_counts_by_hand():
    report = agreement_report(LABELS, CONSTRAINTS, INSTRUCTIONS, sampling=FEW)
    groups = {(group.of, group.name): group for group in report.everybody.groups}
    assert list(groups) == [
        ("all", ""),
        *(("kind", name) for name in ("soft", "verifiable")),
        *(("category", name) for name in ("Format", "Style", "none")),
        *(("language", name) for name in ("de", "en", "none")),
    ]
    whole = groups["all", ""]
    assert (whole.labels, whole.unknown, whole.cells, whole.shared, whole.raters, whole.instructions) == (
        24,
        2,
        8,
        8,
        3,
        4,
    )
    assert whole.unanimous == 5 / 8
    assert (whole.fleiss_raters, whole.fleiss_cells) == (3, 6)
    matrix = [[{S: 1, V: 0, U: -1}[one] for one in said] for said in SAID]
    close(whole.alpha.value, plain_alpha(matrix))
    close(whole.fleiss.value, plain_fleiss(matrix))
    close(groups["category", "Style"].alpha.value, plain_alpha(matrix[2:4] + matrix[6:]))
    close(groups["language", "de"].alpha.value, plain_alpha(matrix[4:6]))
    assert groups["category", "none"].cells == 2


def test_pairs_have_their_confusion():
    report = agreement_report(LABELS, sampling=FEW)
    assert [(pair.first, pair.second) for pair in report.everybody.pairs] == [
        ("human:a", "human:b"),
        ("human:a", "judge:m"),
        ("human:b", "judge:m"),
    ]
    first = report.everybody.pairs[0]
    assert first.table == ((3, 1, 0), (0, 3, 0), (1, 0, 0))
    assert (first.cells, first.known, first.same) == (8, 7, 6 / 7)
    close(first.kappa.value, plain_cohen([[1, 1]] * 3 + [[1, 0]] + [[0, 0]] * 3))
    assert [len(report.humans.pairs), report.humans.pairs[0].table] == [1, first.table]


def test_raters_are_compared_with_the_majority_of_the_others():
    raters = {one.rater: one for one in agreement_report(LABELS, sampling=FEW).everybody.raters}
    assert [(one.labels, one.unknown, one.satisfied) for one in raters.values()] == [
        (8, 1, 4 / 7),
        (8, 0, 4 / 8),
        (8, 1, 4 / 7),
    ]
    # human:a: the others are even on cells 1, 7; on cells 0, 2, 3, 5, 6 they lead, and a differs on 3.
    assert (raters["human:a"].compared, raters["human:a"].with_others.value) == (5, 4 / 5)
    assert (raters["judge:m"].compared, raters["judge:m"].with_others.value) == (6, 4 / 6)


def test_people_alone_are_said_only_where_others_rated_too():
    people = LABELS.filter(pl.col("rater_kind") == "human")
    assert agreement_report(people, sampling=FEW).humans is None
    assert agreement_report(LABELS.filter(pl.col("rater_kind") == "judge"), sampling=FEW).humans is None
    apart = agreement_report(LABELS, sampling=FEW).humans
    assert apart.groups[0].alpha.value == agreement_report(people, sampling=FEW).everybody.groups[0].alpha.value


def test_the_order_of_rows_is_nothing():
    shuffled = LABELS.sample(fraction=1, shuffle=True, seed=4)
    assert agreement_report(shuffled, CONSTRAINTS, INSTRUCTIONS) == agreement_report(LABELS, CONSTRAINTS, INSTRUCTIONS)


def test_one_rater_alone_has_no_agreement_and_the_report_is_json():
    alone = agreement_report(LABELS.filter(pl.col("rater_id") == "human:a"), CONSTRAINTS, INSTRUCTIONS)
    assert alone.everybody.pairs == ()
    assert all(group.alpha.value is None and group.alpha.reason for group in alone.everybody.groups)
    assert alone.everybody.raters[0].with_others.value is None
    assert json.loads(json.dumps(asdict(alone), allow_nan=False))["everybody"]["groups"][0]["unknown"] == 1


def test_pair_checks_are_a_group_of_three_answers():
    checks = pl.DataFrame(
        [
            (hexed("ins", i), hexed("res", i, 0), hexed("res", i, 1), rater, answer)
            for i, said in enumerate([("better", "better"), ("worse", "worse"), ("same", "worse"), ("same", "unsure")])
            for rater, answer in zip(("human:a", "human:b"), said, strict=True)
        ],
        schema=["instruction_id", "first", "second", "rater_id", "answer"],
        orient="row",
    )
    group = agreement_report(LABELS, pair_checks=checks, sampling=FEW).everybody.groups[-1]
    assert (group.of, group.labels, group.unknown, group.cells, group.shared) == ("pair checks", 8, 1, 4, 3)
    close(group.alpha.value, plain_alpha([[0, 0], [2, 2], [1, 2]]))


def test_a_hundred_thousand_labels_take_seconds():
    rng = np.random.default_rng(2)
    instruction = np.repeat(np.arange(2500), 40)
    cell = np.arange(100_000) // 4
    raters = np.array([f"human:{i}" for i in range(4)])[np.arange(100_000) % 4]
    labels = pl.DataFrame(
        {
            "instruction_id": [f"ins_{i:016x}" for i in instruction],
            "response_id": [f"res_{i:016x}" for i in cell // 2],
            "constraint_id": [f"con_{i * 2 + c % 2:016x}" for i, c in zip(instruction, cell, strict=True)],
            "rater_id": raters,
            "rater_kind": "human",
            "outcome": np.array([S, V, U])[rng.integers(0, 3, 100_000)],
        }
    )
    instructions = pl.DataFrame({"id": labels["instruction_id"].unique(), "language": "en"})
    agreement_report(LABELS)  # what libraries take to load is no part of it
    start = perf_counter()
    report = agreement_report(labels, None, instructions)
    assert perf_counter() - start < 20
    assert abs(report.everybody.groups[0].alpha.value) < 0.02


def test_pairs_may_be_checked_where_nothing_is_labelled():
    checks = pl.DataFrame(
        [("i", "a", "b", "human:a", "better"), ("i", "a", "b", "human:b", "better")],
        schema=["instruction_id", "first", "second", "rater_id", "answer"],
        orient="row",
    )
    report = agreement_report(LABELS.clear(), CONSTRAINTS, INSTRUCTIONS, checks, FEW).everybody
    assert [(group.of, group.cells) for group in report.groups] == [("all", 0), ("pair checks", 1)]
    assert (report.pairs, report.raters) == ((), ())
