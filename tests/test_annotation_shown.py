"""What annotators are shown is text: nothing in it steers the screen, and nothing of it is lost."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.labels.annotation.shown import Block, blocks, highlighted, shown, span_in


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain\ttext\nin lines", "plain\ttext\nin lines"),
        ("one\r\ntwo", "one\ntwo"),
        ("one\rtwo", "one⟨U+000D⟩two"),
        ("pay \u202eevil\u202c", "pay ⟨U+202E⟩evil⟨U+202C⟩"),
        ("a\u200bb", "a⟨U+200B⟩b"),
        ("\ud800", "⟨U+D800⟩"),
        ("\x1b[2J\x00", "⟨U+001B⟩[2J⟨U+0000⟩"),
        ("one\u2028two", "one⟨U+2028⟩\ntwo"),
        ("<script>alert(1)</script> &amp; **b**", "<script>alert(1)</script> &amp; **b**"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("❤️\u200d🔥", "❤️\u200d🔥"),
        ("\u200dx", "⟨U+200D⟩x"),
        ("a \u200d b", "a ⟨U+200D⟩ b"),
        ("a\u3164\u2800b", "a⟨U+3164⟩⟨U+2800⟩b"),
        ("葛\U000e0100 a\U000e0100", "葛\U000e0100 a⟨U+E0100⟩"),
        ("naïve 漢字 עברית", "naïve 漢字 עברית"),
    ],
)
def test_what_steers_is_written_out(text: str, seen: str) -> None:
    assert shown(text) == seen


@given(st.text(st.characters()))
def test_nothing_that_steers_is_left(text: str) -> None:
    seen = shown(text)
    left = {char for char in seen if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert left <= set("\n\t\u200c\u200d")
    seen.encode("utf-8")


@given(st.text())
def test_what_steers_nothing_stays_as_it_is(text: str) -> None:
    plain = "".join(char for char in text if char.isprintable() and shown(char) == char)
    assert shown(plain) == plain


def test_a_span_is_marked() -> None:
    assert highlighted("say it in two words", 10, 13) == ("say it in ", "two", " words")
    assert highlighted("a\u202eb", 1, 2) == ("a", "⟨U+202E⟩", "b")


@pytest.mark.parametrize("span", [(-1, 2), (3, 3), (4, 2), (0, 99)])
def test_a_span_outside_marks_nothing(span: tuple[int, int]) -> None:
    assert highlighted("short", *span) == ("short", "", "")


def test_a_span_is_of_one_message() -> None:
    span = {"message": 1, "start": 2, "end": 4}
    assert span_in(span, 1) == (2, 4)
    assert span_in(span, 0) is None
    assert span_in(None, 0) is None
    assert span_in({"message": 1}, 1) is None


def test_guidelines_are_read_as_paragraphs() -> None:
    text = "# Title\n\nOne **bold**\nline `more`.\n\n- a point\n  goes on\n* another\nafter\n\n<b>no markup</b>"
    assert blocks(text) == [
        Block("head", "Title"),
        Block("text", "One bold line more."),
        Block("point", "a point goes on"),
        Block("point", "another after"),
        Block("text", "<b>no markup</b>"),
    ]
