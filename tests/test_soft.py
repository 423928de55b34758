"""Soft constraints as rows, and what people decide on them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.constraints.checklists.item import Item, Span
from benchwright.constraints.checklists.review import Decision, read_decisions, rule
from benchwright.constraints.soft import decisions_template, drafted_by, numbered, review, soft_row
from benchwright.errors import InputError
from benchwright.schemas.constraint import Constraints, constraint_id
from benchwright.schemas.tables import frame_of, problems
from benchwright.store.rows import read_rows

ONE, TWO = "ins_" + "1" * 16, "ins_" + "2" * 16
TEXTS = ("Is it short?", "Is it true?", "Is it new?")
FIRST = {ONE: 2}


def rows(texts=TEXTS):
    items = [soft_row(ONE, Item(text, ("Style",), span=Span(0, 1, 3)), "instruction", 1, "a/b") for text in texts]
    return numbered([*items, soft_row(TWO, Item("Was it?"), "spans", 1, "a/b")], FIRST)


def decide(row, answer, text=None, annotator="ann"):
    return Decision(row["id"], answer, text, annotator)


def test_rows_are_constraints():
    made = rows()
    assert problems(Constraints, frame_of(Constraints, made)) == []
    assert [(row["instruction_id"], row["position"]) for row in made] == [(ONE, 2), (ONE, 3), (ONE, 4), (TWO, 0)]
    assert made[0]["id"] == constraint_id(ONE, 2, "soft", None, None, "Is it short?")
    assert [row["origin"] for row in made] == ["checklist"] * 3 + ["extracted"]
    assert made[0]["generator"] == "checklist.instruction@1:a/b"
    assert (made[0]["span"], made[3]["span"]) == ({"message": 0, "start": 1, "end": 3}, None)
    assert made[3]["compositions"] == ["Single"]
    assert (drafted_by(made[3]["generator"]), drafted_by("attach@1")) == ("spans", None)


def test_nothing_decided_changes_nothing():
    made = rows()
    assert review(made, [], FIRST) == (made, [], Counter())


def test_approve_edit_reject():
    made = rows()
    done = review(
        made, [decide(made[0], "reject"), decide(made[1], "edit", "Is it so?"), decide(made[2], "approve")], FIRST
    )
    assert [(row["text"], row["position"]) for row in done.rows] == [
        ("Is it so?", 2),
        ("Is it new?", 3),
        ("Was it?", 0),
    ]
    assert [row["generator"].endswith("+edited") for row in done.rows] == [True, False, False]
    assert done.rows[0]["id"] == constraint_id(ONE, 2, "soft", None, None, "Is it so?")
    assert done.rows[0]["span"] == made[1]["span"]
    assert [(drop.stage, drop.record, drop.reason) for drop in done.drops] == [("checklist", made[0]["id"], "rejected")]
    assert done.notes == {"rejected": 1, "edited": 1, "approved": 1}
    assert problems(Constraints, frame_of(Constraints, done.rows)) == []


def test_what_was_decided_on_reviewed_items_holds_too():
    """A second look sees other ids: of items that moved up, and of edited texts."""
    made = rows()
    first = [decide(made[0], "reject"), decide(made[1], "edit", "Is it so?")]
    seen = review(made, first, FIRST).rows
    second = [decide(seen[0], "edit", "Is it really so?"), decide(seen[1], "reject")]
    done = review(made, [*first, *second], FIRST)
    assert [row["text"] for row in done.rows] == ["Is it really so?", "Was it?"]
    assert done.rows[0]["generator"] == "checklist.instruction@1:a/b+edited"
    assert done.notes["decisions_without_item"] == 0


def test_decisions_on_nothing_are_counted():
    done = review(
        rows(), [Decision("con_" + "f" * 16, "reject"), Decision(None, "reject", None, "", ONE, "Else?")], FIRST
    )
    assert (len(done.rows), done.notes) == (4, {"decisions_without_item": 2})


def test_by_instruction_and_text():
    done = review(rows(), [Decision(None, "reject", None, "", ONE, " Is it true? ")], FIRST)
    assert [row["text"] for row in done.rows] == ["Is it short?", "Is it new?", "Was it?"]


def test_an_edit_into_another_item_is_a_drop():
    made = rows()
    done = review(made, [decide(made[2], "edit", "is it TRUE")], FIRST)
    assert [row["text"] for row in done.rows] == ["Is it short?", "Is it true?", "Was it?"]
    assert [(drop.record, drop.reason) for drop in done.drops] == [(made[2]["id"], "duplicate_item")]


@pytest.mark.parametrize(
    ("answers", "name"),
    [
        (["approve"], "approved"),
        (["reject", "reject", "approve"], "rejected"),
        (["reject", "approve"], "undecided"),
        (["reject", "reject", "approve", "edit:x"], "undecided"),
        (["edit:Is  it?", "edit:Is it?", "reject"], "edited"),
        (["edit:x", "edit:y", "approve"], "undecided"),
        (["what"], "undecided"),
    ],
)
def test_more_than_half_decide(answers, name):
    split = [answer.partition(":") for answer in answers]
    votes = [Decision("c", answer, text or None, f"p{n}") for n, (answer, _, text) in enumerate(split)]
    assert rule(votes).name == name


def test_a_persons_last_word_counts_once():
    votes = [
        Decision("c", "reject", None, "p"),
        Decision("c", "reject", None, "p"),
        Decision("c", "approve", None, "p"),
    ]
    assert rule(votes).name == "approved"


@dataclass(frozen=True)
class Elsewhere:
    constraint_id: str
    answer: str
    text: str | None
    annotator: str


def test_decisions_made_elsewhere_are_taken():
    made = rows()
    done = review(made, [Elsewhere(made[0]["id"], "edit", "Is it brief?", "human:1")], FIRST)
    assert done.rows[0]["text"] == "Is it brief?"


decisions = st.lists(
    st.builds(
        lambda at, answer, text, who: (at, answer, text if answer == "edit" else None, who),
        st.integers(0, 3),
        st.sampled_from(["approve", "edit", "reject"]),
        st.sampled_from(["Is it short?", "New?", "Newer?"]),
        st.sampled_from("abc"),
    ),
    max_size=8,
)


@given(decisions)
def test_rows_stay_a_table_and_none_is_lost(drawn):
    made = rows()
    done = review(made, [decide(made[at], answer, text, who) for at, answer, text, who in drawn], FIRST)
    assert len(done.rows) + len(done.drops) == len(made)
    for id, first in ((ONE, 2), (TWO, 0)):
        own = [row["position"] for row in done.rows if row["instruction_id"] == id]
        assert own == list(range(first, first + len(own)))
    if done.rows:
        assert problems(Constraints, frame_of(Constraints, done.rows)) == []


# --- the file


def test_a_template_filled_in_is_read_back(tmp_path):
    made = rows()
    template = decisions_template(
        frame_of(Constraints, [*made, {**made[0], "id": "con_" + "a" * 16, "generator": "x@1"}])
    )
    assert [row["constraint_id"] for row in template] == [row["id"] for row in made]
    template[0] |= {"answer": "Reject", "annotator": "ann"}
    template[1] |= {"answer": "edit", "new_text": "Is it so?", "categories": "Content, Style", "compositions": ["And"]}
    path = tmp_path / "decisions.jsonl"
    path.write_text("\n".join(map(json.dumps, template)), "utf-8")
    read = read_decisions(read_rows(path), str(path))
    assert [(one.answer, one.text, one.annotator) for one in read] == [
        ("reject", None, "ann"),
        ("edit", "Is it so?", ""),
    ]
    done = review(made, read, FIRST)
    assert (done.rows[0]["text"], done.rows[0]["categories"]) == ("Is it so?", ["Content", "Style"])
    assert done.rows[0]["compositions"] == ["And"]


def test_bad_decisions_are_named_by_line(tmp_path):
    path = tmp_path / "decisions.jsonl"
    lines = [
        '{"constraint_id": "c", "answer": "aprove"}',
        '{"answer": "approve"}',
        '{"constraint_id": "c", "answer": "edit"}',
        '{"constraint_id": "c", "answer": "reject", "new_text": "Is it?"}',
        '{"constraint_id": "c", "answer": "edit", "categories": ["Tone"]}',
        '{"constraint_id": ',
    ]
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(InputError) as caught:
        read_decisions(read_rows(path), path.name)
    assert [problem.split(":")[1] for problem in caught.value.problems] == list("123456")
    assert "did you mean 'approve'?" in caught.value.problems[0]
