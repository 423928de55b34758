"""``constraints verify``: every listed constraint of every row gets a verdict, and nothing is passed over."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from benchwright.cli.app import app
from benchwright.errors import InputError
from benchwright.labels.verify import verify_file
from benchwright.schemas.progress import QUIET

WORDS = {"relation": "at least", "num_words": 3}


def row(response: str | None, *listed: tuple[str, Any], prompt: Any = "Say it.") -> dict[str, Any]:
    ids, kwargs = [id for id, _ in listed], [given for _, given in listed]
    return {"prompt": prompt, "response": response, "instruction_id_list": ids, "kwargs": kwargs}


ROWS = [
    row("Warm and bright days", ("punctuation:no_comma", {}), ("length_constraints:number_words", WORDS)),
    row("Warm, bright", ("punctuation:no_comma", {"x": None}), ("length_constraints:number_words", json.dumps(WORDS))),
    row(None, ("punctuation:no_comma", {})),
    row("One", ("length_constraints:number_words", {"relation": "at least"})),
    row("Nothing is asked of it"),
]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), "utf-8")
    return path


def verified(file: Path, **options: Any) -> pl.DataFrame:
    asked = {"dialect": "fixed", "mode": "strict", "workers": 1} | options
    out = file.with_suffix(".out.parquet")
    verify_file(file, out, asked["dialect"], asked["mode"], asked["workers"], QUIET)
    return pl.read_parquet(out)


def test_every_constraint_of_every_row_has_a_verdict(tmp_path: Path) -> None:
    found = verified(write(tmp_path / "rows.jsonl", ROWS))
    assert found.select("row", "position", "instruction_id", "outcome").rows() == [
        (0, 0, "punctuation:no_comma", "satisfied"),
        (0, 1, "length_constraints:number_words", "satisfied"),
        (1, 0, "punctuation:no_comma", "violated"),
        (1, 1, "length_constraints:number_words", "violated"),
        (2, 0, "punctuation:no_comma", "unknown"),
        (3, 0, "length_constraints:number_words", "unknown"),
    ]
    assert json.loads(found["evidence"][2]) == {"measured": 1, "spans": [[4, 5]]}
    assert found["reason"][4] == "missing_response" and found["reason"][5].startswith("bad_params: num_words")
    assert found["version"].unique().to_list() == ["fixed@1"]


def test_parquet_with_padded_structs_gives_the_same(tmp_path: Path) -> None:
    rows = [{**one, "kwargs": [{}, WORDS]} for one in ROWS[:2]]
    pl.DataFrame(rows).write_parquet(tmp_path / "structs.parquet")
    strings = [{**one, "kwargs": [json.dumps(given) for given in one["kwargs"]]} for one in rows]
    pl.DataFrame(strings).write_parquet(tmp_path / "strings.parquet")
    one, other = verified(tmp_path / "structs.parquet"), verified(tmp_path / "strings.parquet")
    assert one.equals(other) and one.equals(verified(write(tmp_path / "rows.jsonl", ROWS[:2])))


def test_processes_change_nothing(tmp_path: Path) -> None:
    many = write(tmp_path / "many.jsonl", [ROWS[at % 4] for at in range(1200)])
    assert verified(many, workers=2).equals(verified(many))


def test_loose_and_official(tmp_path: Path) -> None:
    rows = [row("Sure, like this:\nDon't worry", ("punctuation:no_comma", {}))]
    file = write(tmp_path / "rows.jsonl", rows)
    assert verified(file)["outcome"].to_list() == ["violated"]
    assert verified(file, mode="loose")["outcome"].to_list() == ["satisfied"]
    assert verified(file, dialect="official", mode="loose")["version"].to_list() == ["official@ifeval-2025"]


def test_bad_rows_and_unknown_ids_are_written_and_named(tmp_path: Path) -> None:
    rows = [row("x", ("punctuation:no_coma", {})), {**ROWS[0], "kwargs": [{}]}, ROWS[0]]
    file = write(tmp_path / "rows.jsonl", rows)
    file.write_text("not json\n" + file.read_text("utf-8"), "utf-8")
    out = tmp_path / "out.parquet"
    result = CliRunner().invoke(app, ["constraints", "verify", str(file), "-o", str(out)])
    assert isinstance(result.exception, InputError)
    problems = "\n".join(result.exception.problems)
    assert "did you mean 'punctuation:no_comma'" in problems and "row 0: invalid_json" in problems
    assert "row 2: 2 ids but 1 kwargs" in problems
    found = pl.read_parquet(out)
    assert found["row"].to_list() == [0, 1, 2, 3, 3]
    assert found["position"].to_list() == [-1, 0, -1, 0, 1]
    assert found["outcome"].to_list() == ["unknown", "unknown", "unknown", "satisfied", "satisfied"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ('{"response": "x", "instruction_ids": [], "kwargs": []}\n', "did you mean 'instruction_ids'"),
        ('{"prompt": "x"}\n', "no column 'response'"),
    ],
)
def test_files_that_are_none(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(content, "utf-8")
    with pytest.raises(InputError) as caught:
        verified(file)
    assert said in "\n".join([caught.value.message, *caught.value.problems])
    assert [path.name for path in tmp_path.iterdir()] == ["rows.jsonl"]


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchwright", "constraints", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


def test_the_command_prints_rates(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.jsonl", ROWS)
    done = run("verify", str(file), "-o", str(tmp_path / "out.parquet"))
    assert done.returncode == 0 and "6 verdicts on 5 rows" in done.stdout and "50.0 %" in done.stdout
    assert "unknown: 1 missing_response" in done.stdout and "unknown: 1 bad_params" in done.stdout
    answer = json.loads(run("verify", str(file), "-o", str(tmp_path / "b.parquet"), "--json").stdout.splitlines()[-1])
    assert answer["outcomes"]["punctuation:no_comma"] == {"satisfied": 1, "violated": 1, "unknown": 1}
    assert run("verify", str(file), "-o", str(file)).returncode == 2
    refused = run("verify", str(file), "-o", str(tmp_path / "c.parquet"), "--dialect", "ofical")
    assert refused.returncode == 2 and "did you mean 'official'" in refused.stderr


def test_check_explain_show_and_list() -> None:
    done = run("check", "punctuation:no_comma", "--json", stdin="Warm, bright")
    answer = json.loads(done.stdout)
    assert (answer["outcome"], answer["spans"], answer["version"]) == ("violated", [[4, 5]], "fixed@1")
    assert run("check", "punctuation:no_comma", "--text", "x", "--dialect", "official").stdout.startswith("satisfied")
    explained = run("explain", "punctuation:no_comma", "--text", "One\nwarm, bright")
    assert "2:5" in explained.stdout and "warm»,« bright" in explained.stdout
    wrong = run("check", "length.words", "--text", "x", "--kwargs", '{"n": "x"}')
    assert wrong.returncode == 2 and "relation is missing" in wrong.stderr
    assert "did you mean 'length.words'" in run("show", "length.word").stderr
    shown = json.loads(run("show", "length.words", "--json").stdout)
    assert set(shown["example"]["wordings"]) == {"en", "zh", "es", "fr", "ja"}
    listed = json.loads(run("list", "--json").stdout)["constraints"]
    assert {"id", "family", "dialects", "languages"} <= set(listed[0])
    assert json.loads(run("list", "length", "--json").stdout)["constraints"][0]["family"] == "length"
