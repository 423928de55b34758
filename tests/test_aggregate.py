"""Verdicts from labels: majority, ties, unknowns; equal to a plain count."""

from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st

from benchwright.labels.aggregate import aggregate
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
