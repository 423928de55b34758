"""A release leaves in IFEval's layout and comes back with the same ids and parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from benchwright.builders.export import export_ifeval, export_items, write_rows
from benchwright.builders.source import SOURCES, Candidate
from benchwright.cli.app import app
from benchwright.errors import WorkspaceError
from benchwright.labels.verify import verify_file
from benchwright.release.read import read_release
from benchwright.release.write import write_release
from benchwright.schemas.canonical import canonical_json
from benchwright.schemas.progress import QUIET
from benchwright.store.fetch import Fetch

from .test_release_contents import contents_of

ASKED = [{"role": "user", "content": "Say it."}]
TALK = [*ASKED, {"role": "assistant", "content": "It."}, {"role": "user", "content": "Again."}]
INSTRUCTIONS = pl.DataFrame([{"id": "ins_1", "messages": ASKED}, {"id": "ins_2", "messages": TALK}])
LISTED = [
    ("ins_2", 0, "verifiable", "ja:letters:kanji", {"relation": "以上", "kanji_limit": 5}),
    ("ins_1", 1, "soft", None, None),
    ("ins_1", 2, "verifiable", "punctuation:no_comma", {"unused": None}),
    ("ins_1", 0, "verifiable", "length.words", {"relation": "at_least", "n": 3}),
]
CONSTRAINTS = pl.DataFrame(
    [
        {"instruction_id": id, "position": at, "kind": kind, "checker": checker,
         "kwargs": None if kwargs is None else canonical_json(kwargs)}
        for id, at, kind, checker, kwargs in LISTED
    ]
)  # fmt: skip


def imported(path: Path) -> list[Candidate]:
    plugin: Any = SOURCES.get("ifeval")
    found = list(plugin.read(plugin.Params(files=path.name), Fetch(path.parent)))
    assert all(isinstance(one, Candidate) for one in found), found
    return [one for one in found if isinstance(one, Candidate)]


def test_rows_of_instructions() -> None:
    assert list(export_ifeval(INSTRUCTIONS, CONSTRAINTS)) == [
        {
            "key": "ins_1",
            "prompt": "Say it.",
            "instruction_id_list": ["length.words", "punctuation:no_comma"],
            "kwargs": [{"relation": "at_least", "n": 3}, {}],
        },
        {
            "key": "ins_2",
            "prompt": "Again.",
            "instruction_id_list": ["ja:letters:kanji"],
            "kwargs": [{"relation": "以上", "kanji_limit": 5}],
            "messages": TALK,
        },
    ]


def test_rows_of_responses_and_instructions_without_a_check() -> None:
    answers = pl.DataFrame(
        [
            {"instruction_id": "ins_1", "text": "Warm and bright"},
            {"instruction_id": "ins_2", "text": "猫"},
            {"instruction_id": "ins_1", "text": None},
        ]
    )
    rows = list(export_ifeval(INSTRUCTIONS, CONSTRAINTS, answers))
    assert [(row["key"], row["response"]) for row in rows] == [
        ("ins_1", "Warm and bright"),
        ("ins_1", None),
        ("ins_2", "猫"),
    ]
    assert list(rows[0]) == ["key", "prompt", "instruction_id_list", "kwargs", "response"]
    soft = CONSTRAINTS.filter(pl.col("kind") == "soft")
    assert list(export_ifeval(INSTRUCTIONS, soft)) == []


def test_what_is_exported_is_imported_with_the_same_ids_and_parameters(tmp_path: Path) -> None:
    path = tmp_path / "out" / "rows.jsonl"
    rows = list(export_ifeval(INSTRUCTIONS, CONSTRAINTS))
    assert write_rows(iter(rows), path) == 2
    assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == rows
    assert "以上" in path.read_text("utf-8"), "written as characters"
    found = imported(path)
    assert [one.row for one in found] == ["ins_1", "ins_2"]
    for candidate, row in zip(found, rows, strict=True):
        assert [given.checker for given in candidate.given] == row["instruction_id_list"]
        assert [json.loads(given.kwargs or "") for given in candidate.given] == row["kwargs"]


def test_published_files_leave_as_they_came(data_dir: Path, tmp_path: Path) -> None:
    folder = data_dir / "m_ifeval"
    for name in ("en_input_data.jsonl", "es_input_data.jsonl"):
        came = imported(folder / name)
        instructions = pl.DataFrame([{"id": one.row, "messages": list(one.messages)} for one in came])
        constraints = pl.DataFrame(
            [
                {"instruction_id": one.row, "position": at, "kind": given.kind, "checker": given.checker,
                 "kwargs": given.kwargs}
                for one in came
                for at, given in enumerate(one.given)
            ]
        )  # fmt: skip
        write_rows(export_ifeval(instructions, constraints), tmp_path / name)
        left = [json.loads(line) for line in (tmp_path / name).read_text("utf-8").splitlines()]
        given = [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]
        for one, other in zip(left, given, strict=True):
            ids = [id.removeprefix("en:") for id in other["instruction_id_list"]]
            kwargs = [{k: v for k, v in some.items() if v is not None} for some in other["kwargs"]]
            assert (one["key"], one["prompt"]) == (str(other["key"]), other["prompt"])
            assert (one["instruction_id_list"], one["kwargs"]) == (ids, kwargs)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_release(tmp_path_factory.mktemp("out"), contents_of(instructions=6))


def run(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_release_is_exported_and_verified_again(release: Path, tmp_path: Path) -> None:
    file, out = tmp_path / "rows.jsonl", tmp_path / "verdicts.parquet"
    items = read_release(release).table("items").to_dicts()
    done = run("constraints", "export", str(release), "-o", str(file))
    assert done == {"output": str(file), "rows": sum(len(item["responses"]) for item in items)}
    verify_file(file, out, "fixed", "strict", 1, QUIET)
    labels = [
        {1: "satisfied", 0: "violated"}.get(response["labels"][constraint["position"]], "unknown")
        for item in items
        for response in item["responses"]
        for constraint in item["constraints"]
        if constraint["kind"] == "verifiable"
    ]
    verdicts = pl.read_parquet(out)["outcome"].to_list()
    checked = [(label, verdict) for label, verdict in zip(labels, verdicts, strict=True) if label != "unknown"]
    assert len(checked) > 20 and all(label == verdict for label, verdict in checked)


def test_prompts_alone(release: Path, tmp_path: Path) -> None:
    file = tmp_path / "prompts.jsonl"
    items = read_release(release).table("items")
    assert run("constraints", "export", str(release), "-o", str(file), "--prompts")["rows"] == items.height
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert rows == list(export_items(items, responses=False))
    assert not any("response" in row for row in rows)


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(WorkspaceError, match="cannot write"):
        write_rows([], tmp_path / "file" / "rows.jsonl")
