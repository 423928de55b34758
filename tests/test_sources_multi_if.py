"""Multi-IF's turns become candidates with their constraints; ids that nothing checks become drops, in all layouts."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchwright.builders.source import SOURCES, Candidate
from benchwright.constraints.run import read_params
from benchwright.errors import InputError
from benchwright.schemas.drop import Drop
from benchwright.store.fetch import Fetch

TITLE: tuple[str, dict[str, Any]] = ("detectable_format:title", {})
WORDS: tuple[str, dict[str, Any]] = ("length_constraints:number_words", {"relation": "at least", "num_words": 30})
COMMA: tuple[str, dict[str, Any]] = ("punctuation:no_comma", {})


def turn(number: int, content: Any, *listed: tuple[str, dict[str, Any]], role: str = "user") -> dict[str, str]:
    """Gives a turn's columns as the published file has them: JSON in every cell, parameters as JSON twice."""
    return {
        f"turn_{number}_prompt": json.dumps({"role": role, "content": content}),
        f"turn_{number}_instruction_id_list": json.dumps([id for id, _ in listed]),
        f"turn_{number}_kwargs": json.dumps([json.dumps(kwargs) for _, kwargs in listed]),
    }


def conversation(**more: Any) -> dict[str, Any]:
    turns = {
        **turn(1, "Write about tea.", TITLE),
        **turn(2, "Longer, please.", TITLE, WORDS),
        **turn(3, "And no commas.", TITLE, WORDS, COMMA),
    }
    return {"key": "7:1:en", "language": "English", **turns, **more}


def read(tmp_path: Path, *rows: dict[str, Any], source: str = "multi_if", **params: Any) -> list[Candidate | Drop]:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    plugin: Any = SOURCES.get(source)
    return list(plugin.read(plugin.Params(files=path.name, **params), Fetch(tmp_path)))


def said(one: Candidate | Drop) -> list[str]:
    assert isinstance(one, Candidate)
    return [message["content"] for message in one.messages]


def test_the_published_file_gives_first_turns_and_says_what_the_others_lack(tmp_path: Path) -> None:
    first, *others = read(tmp_path, conversation(turns=[], responses=[], turn_index=1))
    assert isinstance(first, Candidate) and said(first) == ["Write about tea."]
    assert (first.row, first.conversation, first.language) == ("7:1:en/1", "7:1:en", "en")
    assert first.license == "CC-BY-NC-2.0" and first.revision.startswith("sha256:")
    assert [(given.checker, given.kwargs, given.origin) for given in first.given] == [(TITLE[0], "{}", "attached")]
    assert [(drop.record, drop.reason) for drop in others if isinstance(drop, Drop)] == [
        ("7:1:en/2", "missing_response"),
        ("7:1:en/3", "missing_response"),
    ]


HISTORY = [
    {"role": "user", "content": "Write about tea."},
    {"role": "assistant", "content": "It is hot."},
    {"role": "user", "content": "Longer, please."},
    {"role": "assistant", "content": "It is hot and green."},
]


@pytest.mark.parametrize(
    "answers",
    [
        {"turn_1_response": "It is hot.", "turn_2_response": "It is hot and green."},
        {"responses": ["It is hot.", "It is hot and green."]},
        {"responses": json.dumps(["It is hot.", "It is hot and green."]), "turn_index": 2},
        {"turns": HISTORY, "responses": ["the latest"], "turn_index": 3},
        {"turns": json.dumps(HISTORY)},
    ],
)
def test_later_turns_follow_the_answers_in_the_row(tmp_path: Path, answers: dict[str, Any]) -> None:
    one, two, three = read(tmp_path, conversation(**answers))
    assert said(one) == ["Write about tea."]
    assert said(two) == ["Write about tea.", "It is hot.", "Longer, please."]
    assert said(three) == [*said(two), "It is hot and green.", "And no commas."]
    assert isinstance(three, Candidate) and three.row == "7:1:en/3"
    assert [given.text for given in three.given] == [
        "detectable_format:title",
        "length_constraints:number_words (relation at least, num_words 30)",
        "punctuation:no_comma",
    ]
    for given in three.given:
        read_params(str(given.checker), given.kwargs)


def test_an_answer_to_a_later_turn_is_not_taken_for_the_first(tmp_path: Path) -> None:
    found = read(tmp_path, conversation(responses=["the latest"], turn_index=3))
    assert [isinstance(one, Candidate) for one in found] == [True, False, False]
    one, two, three = read(tmp_path, conversation(turn_2_response="It is green."))
    assert isinstance(one, Candidate) and isinstance(two, Drop) and isinstance(three, Drop)


def test_rows_that_end_early_and_bad_ones(tmp_path: Path) -> None:
    short = conversation(key="a", turn_1_response="So.", turn_3_prompt="None", language="Hindi")
    rows = [
        short,
        {**conversation(key="b"), "turn_1_prompt": ""},
        {**conversation(key="c"), "turn_1_prompt": "Write about tea."},
        {**conversation(key="d"), "turn_1_kwargs": "[]"},
        {**conversation(key="e"), **turn(1, None, TITLE), "turn_2_prompt": None},
        {**conversation(key="f"), **turn(1, "x", TITLE, role="wizard"), "turn_2_prompt": None},
        {**conversation(key=None), "turn_2_prompt": None, "language": None},
    ]
    found = read(tmp_path, *rows)
    assert [one.row for one in found if isinstance(one, Candidate)] == ["a/1", "a/2", "rows.jsonl:7/1"]
    assert [one.language for one in found if isinstance(one, Candidate)] == ["hi", "hi", None]
    drops = [(one.record, one.reason) for one in found if isinstance(one, Drop)]
    assert drops == [
        ("b", "no_prompt"),
        *[("c/1", "not_messages"), ("c/2", "missing_response"), ("c/3", "missing_response")],
        *[("d/1", "bad_constraints"), ("d/2", "missing_response"), ("d/3", "missing_response")],
        ("e/1", "null_content"),
        ("f/1", "unknown_role"),
    ]
    assert all(one.stage == "collect" and one.detail for one in found if isinstance(one, Drop))


def test_csv_and_parquet_hold_the_same(tmp_path: Path) -> None:
    rows = [conversation(turn_1_response="It is hot."), conversation(key="8:1:fr", language="French")]
    names = list(rows[0])
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)
    table = [{name: row.get(name) for name in names} for row in rows]
    pq.write_table(pa.Table.from_pylist(table), tmp_path / "a.parquet")
    plugin: Any = SOURCES.get("multi_if")
    made = [list(plugin.read(plugin.Params(files=name), Fetch(tmp_path))) for name in ("a.csv", "a.parquet")]
    shown = [[(getattr(one, "row", None), getattr(one, "messages", None)) for one in found] for found in made]
    assert shown[0] == shown[1] and len(shown[0]) == 6
    assert [one.language for one in made[0] if isinstance(one, Candidate)] == ["en", "en", "fr"]


def test_another_layout_is_refused_with_its_columns(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not in Multi-IF's layout") as caught:
        read(tmp_path, {"key": 1, "turn_1_prompts": "x", "language": "English"})
    assert "did you mean 'turn_1_prompts'" in caught.value.problems[0]


def test_an_unknown_id_drops_its_turn_and_names_the_nearest(tmp_path: Path) -> None:
    row = {**conversation(turn_1_response="So."), **turn(2, "More.", TITLE, ("punctuation:no_coma", {}))}
    one, two, _ = read(tmp_path, row)
    assert isinstance(one, Candidate) and isinstance(two, Drop)
    assert (two.record, two.reason) == ("7:1:en/2", "unknown_constraint")
    assert "'punctuation:no_coma'" in two.detail and "did you mean 'punctuation:no_comma'" in two.detail


LISTED = {
    "key": 3,
    "prompt": "Say it.",
    "instruction_id_list": ["fr:detectable_format:no_digits", "keywords:existance", "ja:letters:kanji"],
    "kwargs": [{}, {"keywords": ["tea"]}, {"relation": "以上", "kanji_limit": 5}],
}


def test_ifeval_rows_with_an_unknown_id_are_dropped_or_kept_as_the_recipe_says(tmp_path: Path) -> None:
    [drop] = read(tmp_path, LISTED, source="ifeval")
    assert isinstance(drop, Drop)
    assert (drop.stage, drop.record, drop.reason) == ("collect", "3", "unknown_constraint")
    assert "did you mean 'keywords:existence'" in drop.detail and "no_digits" not in drop.detail
    [kept] = read(tmp_path, LISTED, source="ifeval", unknown_ids="keep")
    assert isinstance(kept, Candidate)
    assert [given.checker for given in kept.given] == LISTED["instruction_id_list"]
    assert all(given.categories for given in kept.given)
