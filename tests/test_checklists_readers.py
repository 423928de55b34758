"""Readers of checklists: what a reply holds, and that no reply breaks them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from benchwright.constraints.checklists import instruction, reference, spans
from benchwright.constraints.checklists.item import is_question, marked_lines, read_line, types
from benchwright.constraints.checklists.spans import Searched, same_but_for_space
from benchwright.schemas.instruction import CATEGORIES, COMPOSITIONS

ODD = st.text(st.characters())
"""Any text, halves of surrogate pairs too."""
MARKED = st.lists(
    st.sampled_from(["Questions:", "Requirements:", "1. ", "[Format; And] ", "-> ", "Is it?", " | ", "\n", "**"]) | ODD
).map("".join)


# --- lines and types


@pytest.mark.parametrize(
    ("line", "number", "text"),
    [
        ("1. [Format; Single] Is it a list?", 1, "Is it a list?"),
        ("12) Is it a list?", 12, "Is it a list?"),
        ("**3.** [Style] Is it kind?", 3, "Is it kind?"),
        ("（4）是否简短？", 4, "是否简短？"),
        ("５．是否简短？", 5, "是否简短？"),
        ("- Is it?", None, "Is it?"),
        ("3.5 litres, are they named?", None, "3.5 litres, are they named?"),
        ("9:30, is it named?", None, "9:30, is it named?"),
        ("2026 is named?", None, "2026 is named?"),
    ],
)
def test_marks_and_numbers(line, number, text):
    read = read_line(line)
    assert (read.number, read.text) == (number, text)


@pytest.mark.parametrize(
    ("names", "read"),
    [
        ("Format; Single", (("Format",), ("Single",), ())),
        ("content, NUMERICAL ; and", (("Content", "Numerical"), ("And",), ())),
        ("Format and Style; And", (("Format", "Style"), ("And",), ())),
        ("Selection | Situation", (("Situation",), ("Selection",), ())),
        ("Tone; Single", ((), ("Single",), ("Tone",))),
        ("", ((), (), ())),
    ],
)
def test_types(names, read):
    assert types(names) == read


@given(st.lists(st.sampled_from(CATEGORIES), min_size=1, unique=True), st.sampled_from(COMPOSITIONS))
def test_types_that_were_asked_for_are_read(categories, composition):
    read = read_line(f"[{', '.join(categories)}; {composition}] Is it?")
    assert (read.categories, read.compositions, read.unknown) == (tuple(categories), (composition,), ())


def test_an_unknown_type_is_noted_and_the_item_stays():
    listed = instruction.read("Questions:\n[Tone; Single] Is it kind?\nIs it short?", 8)
    assert [(item.text, item.categories, item.compositions) for item in listed.items] == [
        ("Is it kind?", (), ("Single",)),
        ("Is it short?", (), ("Single",)),
    ]
    assert listed.notes == ("unknown_type:Tone",)


@pytest.mark.parametrize("text", ['Is it "so"?', "是否？", "هل هو؟", "**Is it?**", "Is it (so)?)"])
def test_questions(text):
    assert is_question(text)
    assert not is_question(text.rstrip('*)"”') + " yes")


def test_the_last_mark_counts():
    text = "Questions: I first thought of none.\n## **Questions:** 1. Is it?\n\n---\n2. Was it?\n"
    assert marked_lines(text, "questions") == ["1. Is it?", "2. Was it?"]
    assert marked_lines("Questions about it\nIs it?", "questions") is None


# --- instruction


GOOD = "Analysis: It is to be short.\nQuestions:\n1. [Style; Single] Is it short?\n[Content; And] Is it true and new?\n"


def test_questions_are_read():
    listed = instruction.read(GOOD + "That is all.", 8)
    assert [item.text for item in listed.items] == ["Is it short?", "Is it true and new?"]
    assert [item.compositions for item in listed.items] == [("Single",), ("And",)]
    assert [(left.reason, left.text) for left in listed.left] == [("not_a_question", "That is all.")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Is it short?\nIs it true?", "no line"),
        ("Questions:\nIs it short?", "1 different"),
        ("Questions:\nIs it short?\nis it short", "1 different"),
        ("Questions:\n" + "\n".join(f"Is {n} there?" for n in range(9)), "9 different"),
        ("", "no line"),
    ],
)
def test_too_few_or_too_many_are_a_problem(text, problem):
    listed = instruction.read(text, 8)
    assert problem in (listed.problem or "") and listed.items == ()


@given(MARKED, st.integers(2, 12))
def test_any_reply_is_read_or_a_problem(text, most):
    listed = instruction.read(text, most)
    assert listed.problem is not None or 2 <= len(listed.items) <= most
    for item in listed.items:
        assert is_question(item.text) and set(item.categories) <= set(CATEGORIES) and item.compositions
        item.text.encode()
    if listed.problem is None:
        assert len(listed.items) + len(listed.left) == len(marked_lines(text, "questions") or ())


# --- reference


def test_numbers_are_numbers():
    lines = [f"{n}. Is {n} there?" for n in (1, 10, 11, 2, 12, 3, 4, 5, 6, 7, 8, 9)]
    listed = reference.read("## Questions\n" + "\n".join(lines), 12)
    assert [item.text for item in listed.items] == [f"Is {n} there?" for n in range(1, 13)]


def test_what_is_over_the_limit_or_speaks_of_the_answer_is_left_out():
    lines = ["1. Is it like the reference answer?", "2) Is it so?", "- Is it there?", "3. Is it late?"]
    listed = reference.read("Questions:\n" + "\n".join(lines), 2)
    assert [item.text for item in listed.items] == ["Is it so?", "Is it there?"]
    assert [left.reason for left in listed.left] == ["names_reference", "too_many"]


@given(MARKED, st.integers(2, 12))
def test_any_reply_with_a_reference(text, most):
    listed = reference.read(text, most)
    assert listed.problem is not None or 1 <= len(listed.items) <= most
    if listed.problem is None:
        assert len(listed.items) + len(listed.left) == len(marked_lines(text, "questions") or ())


# --- spans


ASKED = (
    {"role": "system", "content": "Be brief.  Never\nuse lists."},
    {"role": "user", "content": "Name a river."},
    {"role": "assistant", "content": "The Rhine, in two lines."},
    {"role": "user", "content": "Now a cafe\u0301, in two lines, and name a river again. Be brief."},
)


def spanned(*lines, most=8):
    listed = spans.read("Requirements:\n" + "\n".join(lines), ASKED, most)
    for item in listed.items:
        found = ASKED[item.span.message]["content"][item.span.start : item.span.end]
        assert item.span.start < item.span.end and found
    return listed


def test_spans_are_found_word_for_word():
    listed = spanned(
        "[Linguistic; Single] Never use lists",
        "-> The response has no list.",
        '1. [Content] "a café"',
        "[Numerical; Single] in two lines",
        "in three lines",
        "The Rhine",
        "-> The response names the Rhine.",
    )
    texts = [(item.text, ASKED[item.span.message]["content"][item.span.start : item.span.end]) for item in listed.items]
    assert texts == [
        ("The response has no list.", "Never\nuse lists"),
        ("a café", "a cafe\u0301"),
        ("in two lines", "in two lines"),
    ]
    assert [left.reason for left in listed.left] == ["not_verbatim"] * 2
    assert listed.items[0].categories == ("Linguistic",)


def test_no_words_are_used_twice_and_order_holds():
    listed = spanned("in two lines", "two lines, and", "Now a café", "Be brief", "Be brief", "Be brief")
    assert [(item.text, item.span.message) for item in listed.items] == [
        ("in two lines", 3),
        ("Be brief", 0),
        ("Be brief", 3),
    ]
    assert [left.reason for left in listed.left] == ["span_taken", "out_of_order", "span_taken"]


def test_no_span_cuts_a_word():
    assert [left.reason for left in spanned("iver", "Name a river").left] == ["not_verbatim"]


def test_what_is_over_the_limit():
    listed = spanned("Be brief", "Never", "use lists", most=2)
    assert ([item.text for item in listed.items], [left.reason for left in listed.left]) == (
        ["Be brief", "Never"],
        ["too_many"],
    )


def test_nothing_found_is_a_problem():
    assert "stand so in a message" in (spans.read("Requirements:\nSing.", ASKED, 8).problem or "")
    assert "no line" in (spans.read("Be brief.", ASKED, 8).problem or "")


TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from("e\u0301 \n\u1100\u1161\u11a8각\u09c7\u09beÅ\u212b"))


@given(TEXT, TEXT)
@example("a\u0301 b", "á")
@example("q\u0307", "q")
def test_offsets_always_give_the_span(text, wanted):
    for start, end in Searched(text).find(wanted):
        assert 0 <= start < end <= len(text)
        assert same_but_for_space(text[start:end]) == same_but_for_space(wanted)


@given(
    st.lists(st.sampled_from(["Be", "brief", "cafe\u0301", "한국", "\u1112\u1161\u11ab", "长江", "-"]), min_size=1),
    st.data(),
)
def test_words_of_a_message_are_found_however_they_are_composed(said, data):
    start = data.draw(st.integers(0, len(said) - 1))
    end = data.draw(st.integers(start + 1, len(said)))
    wanted = unicodedata.normalize(data.draw(st.sampled_from(["NFC", "NFD"])), " ".join(said[start:end]))
    assert next(Searched("\n ".join(said)).find(wanted), None) is not None


@given(MARKED | st.lists(st.sampled_from(["Be brief", "lists", "river", "in two lines", "-> so"])).map("\n".join))
def test_any_reply_with_spans(text):
    text = f"Requirements:\n{text}"
    listed = spans.read(text, ASKED, 8)
    assume(listed.items)
    taken = set()
    for item in listed.items:
        assert ASKED[item.span.message]["role"] != "assistant"
        places = {(item.span.message, at) for at in range(item.span.start, item.span.end)}
        assert not places & taken
        taken |= places
    for message in range(len(ASKED)):
        starts = [item.span.start for item in listed.items if item.span.message == message]
        assert starts == sorted(starts)
