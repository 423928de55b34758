"""What is attached holds together: for each draw a text is built that satisfies all of it and the user's own wishes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchwright.constraints.attach import attach
from benchwright.constraints.compatible import compatible, counted_alike
from benchwright.constraints.constraint import CONSTRAINTS
from benchwright.constraints.extract import extract
from benchwright.constraints.joint import Held, joint_witness, missed
from benchwright.schemas.instruction import Instruction, instruction_id

from .constraint_instructions import instruction

ALL = ("length", "keywords", "format", "case", "count", "punctuation", "start_end", "language")
STARTER = Path(__file__).parents[1] / "builders" / "sources" / "starter.jsonl"


def requests() -> list[Instruction]:
    made = []
    for line in STARTER.read_text("utf-8").splitlines():
        row = json.loads(line)
        messages = tuple(row["messages"])
        made.append(
            Instruction(
                id=instruction_id("tests", "1", row["id"], messages),
                scenario="single_turn",
                instruction_type="single_turn",
                language=row["language"],
                source_messages=messages,
                messages=messages,
                source="tests",
                source_revision="1",
                source_row=row["id"],
                source_license=None,
            )
        )
    return made


def drawn(asked: Instruction, seed: int, count: tuple[int, int] = (2, 4)) -> tuple[list[Held], list[Held], list[Held]]:
    """Gives what is attached, the wishes one is rated on, and those that guide."""
    wishes = extract(asked.source_messages)
    taken = [(wish.checker, wish.kwargs) for wish in wishes]
    made = attach(asked, allowed=ALL, count=count, taken=taken, seed=seed, other_languages="english")
    binding = [(wish.checker, wish.kwargs) for wish in wishes if wish.binding]
    return [(one.checker, one.params) for one in made], binding, taken


def test_one_text_satisfies_all_that_is_attached_and_wished() -> None:
    attached = 0
    for asked in requests():
        for seed in range(2):
            made, binding, _ = drawn(asked, seed)
            attached += len(made)
            text = joint_witness([*made, *binding], asked.language or "en")
            assert text is not None, (asked.source_row, made, binding)
    assert attached > 500


def test_nothing_attached_goes_against_a_wish() -> None:
    for asked in requests():
        made, _, taken = drawn(asked, 5, (4, 6))
        for one in made:
            assert all(compatible(one, wish) for wish in taken), (asked.source_row, one)


def test_the_builder_of_witnesses_fails_where_there_is_none() -> None:
    contrary: list[Held] = [("case.upper", {}), ("case.lower", {})]
    assert joint_witness(contrary, "en", tries=5) is None
    assert missed([("case.upper", {})], "small") == ["case.upper: 5 small letters"]


def held(id: str, **params: Any) -> Held:
    return id, CONSTRAINTS.get(id).Params.model_validate(params).model_dump(mode="json")


@pytest.mark.parametrize(
    ("a", "b", "fit"),
    [
        (
            held("start_end.end_phrase", phrase="I hope this helps."),
            held("length.sentences", relation="exactly", n=1),
            False,
        ),
        (held("start_end.end_phrase", phrase="bye now"), held("length.sentences", relation="exactly", n=1), True),
        (
            held("start_end.end_phrase", phrase="I hope this helps."),
            held("length.words", relation="at_most", n=6),
            False,
        ),
        (held("keywords.include", words=["sea", "sky"]), held("length.words", relation="at_most", n=3), False),
        (held("format.title"), held("length.words", relation="at_most", n=5), False),
        (
            held("format.highlights", relation="at_least", n=3),
            held("length.words", relation="at_most", n=5),
            False,
        ),
    ],
)
def test_what_must_be_said_leaves_room(a: Held, b: Held, fit: bool) -> None:
    assert compatible(a, b) is compatible(b, a) is fit


def test_words_are_counted_as_they_are_worded() -> None:
    words, english, chinese = (
        held("length.words", relation="at_least", n=20),
        held("language.response", language="en"),
        held("language.response", language="zh"),
    )
    assert counted_alike(words, english, "en") and counted_alike(chinese, words, "zh")
    assert not counted_alike(words, english, "zh") and not counted_alike(words, chinese, "en")
    assert not counted_alike(words, held("language.response", language="ja"), "en")
    assert counted_alike(english, held("format.title"), "zh")


@pytest.mark.parametrize(
    ("text", "language", "family"),
    [
        ("Deux phrases maximum sur la mer.", "fr", "length"),
        ("Antworte in höchstens 60 Wörtern.", "de", "length"),
        ("海について教えてください。", "ja", "length"),
        ("Just the name, please: who first sailed round the world?", "en", "length"),
        ("Translate what I say next.", "en", "language"),
        ("Write a letter to my landlord about the list of repairs.", "en", "format.json"),
    ],
)
def test_what_would_go_against_the_request_is_never_attached(text: str, language: str, family: str) -> None:
    for seed in range(40):
        made, _, _ = drawn(instruction(text, language), seed, (6, 6))
        least = [id for id, params in made if id.startswith(family) and params.get("relation") != "at_most"]
        assert least == []


def test_words_that_the_request_names_are_not_forbidden() -> None:
    asked = instruction("Write a line with the words lantern, harbour and winter.")
    for seed in range(60):
        for id, params in drawn(asked, seed, (6, 6))[0]:
            if id == "keywords.exclude":
                assert not {"lantern", "harbour", "winter"} & set(params["words"])


@pytest.mark.parametrize(
    ("text", "checker", "kwargs", "binding"),
    [
        ("Invite her. No more than 150 words.", "length.words", {"relation": "at_most", "n": 150}, True),
        ("Make it three CV bullet points.", "format.bullets", {"relation": "exactly", "n": 3}, True),
        ("Explícalo en una sola frase.", "length.sentences", {"relation": "exactly", "n": 1}, True),
        ("Contestas en dos frases como mucho.", "length.sentences", {"relation": "at_most", "n": 2}, True),
        ("plan it as bullet points", "format.bullets", {"relation": "at_least", "n": 1}, False),
        ("Reply with CSV only.", "format.json", {}, False),
        ("Name the city. Just the name.", "length.words", {"relation": "at_most", "n": 3}, False),
        ("改写成一段话。", "length.paragraphs", {"relation": "at_most", "n": 1}, False),
        ("继续讲，一百字以内。", "length.words", {"relation": "at_most", "n": 100}, True),
    ],
)
def test_wishes_that_need_no_verb(text: str, checker: str, kwargs: dict[str, Any], binding: bool) -> None:
    found = [wish for wish in extract(({"role": "user", "content": text},)) if wish.checker == checker]
    assert [(wish.kwargs, wish.binding) for wish in found] == [(kwargs, binding)]


def test_a_length_that_is_only_told_is_no_wish() -> None:
    for text in ("500 words is a lot.", "Ten words are enough for him?", "Dos frases son pocas."):
        assert extract(({"role": "user", "content": text},)) == []
