"""Principles out of people's remarks: the reader, the file, and the gates with the closed forms of RLBFF."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.constraints.checklists import feedback
from benchwright.constraints.checklists.feedback import Remark, Statement, read_remarks
from benchwright.constraints.checklists.principles import GATES, embedder, gate, partial_ratio
from benchwright.errors import InputError, MissingExtra
from benchwright.schemas.instructions import read_instructions
from benchwright.schemas.sample import sample_records
from benchwright.store.rows import BadRow, Row

INS = "ins_" + "0" * 16
VECTORS = {
    "gives sources": (1.0, 0.0),
    "names where it is from": (0.9, 0.435889894354067),  # cosine 0.9 with the first
    "cites": (0.81, 0.5864298764558300),  # 0.81 with the first, 0.98 with the second
    "at the edge": (0.8, 0.6),  # 0.8 exactly
    "is short": (0.0, 1.0),
    "helps beginners": (-1.0, 0.0),
}


def said(annotator, principle, verdict="yes", quote="q", response="r"):
    return Statement(Remark(INS, response, annotator, "q and more"), principle, verdict, quote)


def gated(*statements, ratio=100.0, remarks=()):
    done = gate(statements, lambda texts: [VECTORS[text] for text in texts], lambda quote, remark: ratio, remarks)
    assert sum(done.counts.values()) == len(statements) == len(done.kept) + len(done.refused)
    return done


def test_three_annotators_that_agree_leave_the_medoid():
    done = gated(said("a", "gives sources"), said("b", "names where it is from"), said("c", "cites"))
    (kept,) = done.kept
    assert (kept.statement.principle, kept.annotators) == ("names where it is from", ("a", "b", "c"))
    assert done.counts == {**dict.fromkeys(GATES, 0), "represented": 2, "kept": 1}


def test_likeness_has_to_be_above_the_threshold():
    assert gated(said("a", "gives sources"), said("b", "at the edge")).counts["consensus"] == 2
    assert gated(said("a", "gives sources"), said("b", "cites")).counts["kept"] == 1


@pytest.mark.parametrize(
    "third",
    [said("c", "is short"), said("c", "cites", "no"), said("c", "cites", "partially"), said("c", "", "", "noise")],
    ids=["another principle", "another verdict", "half a verdict", "nothing readable"],
)
def test_every_other_annotator_has_to_agree(third):
    done = gated(said("a", "gives sources"), said("b", "names where it is from"), third)
    assert not done.kept and done.counts["consensus"] >= 2


def test_one_that_reaches_all_stays_where_its_neighbours_do_not():
    """b and c each agree with a, and not with each other: only a's principle has a neighbour in both."""
    vectors = {"middle": (1.0, 0.0), "left": (0.85, 0.5267826876426369), "right": (0.85, -0.5267826876426369)}
    statements = [said("a", "middle"), said("b", "left"), said("c", "right")]
    done = gate(statements, lambda texts: [vectors[text] for text in texts], lambda *_: 100.0)
    assert [kept.statement.principle for kept in done.kept] == ["middle"]
    assert done.counts["consensus"] == 2


def test_nobody_to_agree_is_no_consensus():
    assert gated(said("a", "gives sources"), said("a", "cites")).counts["consensus"] == 2
    silent = Remark(INS, "r", "c", "says nothing")
    pair = said("a", "gives sources"), said("b", "cites")
    assert gated(*pair).counts["kept"] == 1
    assert gated(*pair, remarks=[silent]).counts["consensus"] == 2, "who said nothing does not agree"


def test_responses_are_told_apart():
    done = gated(said("a", "gives sources"), said("b", "gives sources", response="other"))
    assert done.counts["consensus"] == 2


@pytest.mark.parametrize(("ratio", "kept"), [(60.0, 0), (60.1, 1), (100.0, 1), (0.0, 0)])
def test_the_evidence_has_to_be_above_sixty(ratio, kept):
    counts = gated(said("a", "cites"), said("b", "cites"), ratio=ratio).counts
    assert (counts["kept"], counts["evidence"]) == (kept, 0 if kept else 2)


def test_gates_come_in_their_order():
    done = gated(
        Statement(Remark(INS, "r", "a", "t"), "", "", "a line"),
        said("a", "is helpful", "partially"),
        said("a", "Overall helpfulness of the response."),
        said("a", "helps beginners"),
        said("b", "is short"),
    )
    assert [(one.gate, one.statement.principle) for one in done.refused] == [
        ("unreadable", ""),
        ("partially", "is helpful"),
        ("global", "Overall helpfulness of the response."),
        ("consensus", "helps beginners"),
        ("consensus", "is short"),
    ]


statements = st.builds(
    said,
    st.sampled_from("abc"),
    st.sampled_from([*VECTORS, "", "helpfulness"]),
    st.sampled_from(["yes", "no", "partially", ""]),
    st.sampled_from(["q", ""]),
    st.sampled_from(["r", "s"]),
)


@given(st.lists(statements, max_size=12), st.randoms())
def test_counts_add_up_and_order_only_picks_among_equals(some, rng):
    counts = gated(*some).counts
    shuffled = list(some)
    rng.shuffle(shuffled)
    assert gated(*shuffled).counts == counts


def test_real_partial_ratios():
    remark = "The text is fine, but I could not find where the numbers come from."
    assert partial_ratio("where the numbers come from", remark) == 100.0
    assert partial_ratio("zzz qqq", remark) < 60


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidfuzz", None)
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingExtra, match=r"benchwright\[labels\]"):
        partial_ratio("a", "b")
    with pytest.raises(MissingExtra, match=r"benchwright\[semantic\]"):
        embedder("small")


# --- the reader

REMARK = Remark(INS, "answer", "ann", "Too long | and no sources, but kind.")


def test_lines_become_statements():
    listed = feedback.read(
        "Analysis: …\nPrinciples:\n"
        '- "no sources" | [Content; Single] The response gives its sources. | No\n'
        "Too long | and | The response is short. | **No**\n"
        "but kind | [Tone] The response is kind. | partly\n"
        "but kind | The response is kind.\n"
        " | The response is kind. | Yes\n",
        REMARK,
    )
    assert [(one.quote, one.principle, one.verdict) for one in listed.items] == [
        ("no sources", "The response gives its sources.", "no"),
        ("Too long | and", "The response is short.", "no"),
        ("but kind", "The response is kind.", "partially"),
        ("but kind | The response is kind.", "", ""),
        ("| The response is kind. | Yes", "", ""),
    ]
    assert listed.notes == ("unknown_type:Tone",)


@pytest.mark.parametrize("text", ["", "but kind | It is kind. | Yes", "Principles:\n", "Principles:\nIt is kind. Yes"])
def test_what_is_no_list(text):
    assert feedback.read(text, REMARK).problem


def test_no_principle_is_no_problem():
    assert feedback.read("Principles:\nNone.", REMARK) == feedback.Listed()


@given(
    st.lists(st.sampled_from(["Principles:", "a | b | Yes", "|", "\n", "None"]) | st.text(st.characters())).map("".join)
)
def test_any_reply(text):
    listed = feedback.read(text, REMARK)
    for one in listed.items:
        assert bool(one.principle) == bool(one.verdict)
        (one.principle + one.quote).encode()


# --- the file


@pytest.fixture(scope="module")
def instructions():
    return read_instructions(sample_records(1)["instructions"])


def test_remarks_find_their_instruction(instructions):
    one, other = instructions[:2]
    rows = [
        Row(1, {"instruction_id": one.id, "response": "r", "annotator": "x", "feedback": "good"}),
        Row(2, {"source_row": other.source_row, "response": "r", "feedback": ["good", "bad"]}),
        Row(
            3, {"messages": [dict(m) for m in other.source_messages], "response": "r", "annotator": 7, "feedback": "so"}
        ),
        Row(4, {"prompt": "Something else?", "response": "r", "annotator": "x", "feedback": "so"}),
    ]
    read = read_remarks(rows, "f.jsonl", instructions)
    assert [(remark.instruction_id, remark.annotator, remark.text) for remark in read.remarks] == [
        (one.id, "x", "good"),
        (other.id, "1", "good"),
        (other.id, "2", "bad"),
        (other.id, "7", "so"),
    ]
    assert [(drop.stage, drop.record, drop.reason) for drop in read.drops] == [
        ("checklist", "f.jsonl:4", "no_such_instruction")
    ]


def test_every_bad_row_is_named(instructions):
    id = instructions[0].id
    rows = [
        BadRow(1, "invalid_json", "no object"),
        Row(2, {"response": "r", "annotator": "x", "feedback": "so"}),
        Row(3, {"instruction_id": id, "response": None, "annotator": "x", "feedback": "so"}),
        Row(4, {"instruction_id": id, "response": "r", "feedback": "so"}),
        Row(5, {"instruction_id": id, "response": "r", "annotator": "x", "feedback": []}),
        Row(6, {"messages": [{"role": "user"}], "response": "r", "annotator": "x", "feedback": "so"}),
    ]
    with pytest.raises(InputError) as caught:
        read_remarks(rows, "f.jsonl", instructions)
    assert [problem.split(":")[1] for problem in caught.value.problems] == list("123456")
