"""Recorded answers with their published verdicts, and the golden verdicts beside the data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from .proof import Skipped, data_folder

__all__ = ["Answer", "golden", "golden_folder", "ifbench", "m_ifeval", "read_rows", "write_rows"]


class Answer(NamedTuple):
    """One recorded answer."""

    place: str
    """Where it is: file and row, such as ``m_ifeval/en__gpt-4o…:1000``."""
    key: str
    prompt: str
    response: str
    ids: list[str]
    kwargs: list[dict[str, Any]]
    strict: list[bool]
    """Published strict verdicts."""
    loose: list[bool] | None = None


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Reads JSONL."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _plain(kwargs: list[Any]) -> list[dict[str, Any]]:
    return [{name: value for name, value in (one or {}).items() if value is not None} for one in kwargs]


def m_ifeval(language: str, mode: str = "strict") -> Iterator[Answer]:
    """Yields M-IFEval's answers of a language: six models in ``strict`` mode.

    Raises:
        Skipped: where the data is not there.
    """
    folder = data_folder() / "m_ifeval"
    if not folder.is_dir():
        raise Skipped("needs m_ifeval in the folder of real data: set BENCHWRIGHT_DATA")
    prompts = {row["prompt"]: row for row in read_rows(folder / f"{language}_input_data.jsonl")}
    for path in sorted(folder.glob(f"{language}__*__{mode}.jsonl")):
        for row in read_rows(path):
            prompt = prompts[row["prompt"]]
            ids, kwargs = prompt["instruction_id_list"], _plain(prompt["kwargs"])
            verdicts = row["follow_instruction_list"]
            place, key = f"m_ifeval/{path.name}", str(prompt["key"])
            yield Answer(f"{place}:{key}", key, row["prompt"], row["response"], ids, kwargs, verdicts)


def ifbench() -> Iterator[Answer]:
    """Yields IFBench's own sample of answers.

    Raises:
        Skipped: where the data is not there.
    """
    folder = data_folder() / "ifbench"
    if not folder.is_dir():
        raise Skipped("needs ifbench in the folder of real data: set BENCHWRIGHT_DATA")
    prompts = {row["prompt"]: row for row in read_rows(folder / "IFBench_test.jsonl")}
    for row in read_rows(folder / "eval_results_strict.jsonl"):
        if prompt := prompts.get(row["prompt"]):
            ids, kwargs = prompt["instruction_id_list"], _plain(prompt["kwargs"])
            place, key = f"ifbench/eval_results_strict.jsonl:{prompt['key']}", str(prompt["key"])
            yield Answer(place, key, row["prompt"], row["response"], ids, kwargs, row["follow_instruction_list"])


def golden_folder() -> Path:
    """Gives the folder of golden verdicts, beside the folder of real data.

    Raises:
        Skipped: where it is not there.
    """
    folder = data_folder().parent / "golden" / "verifiers"
    if not folder.is_dir():
        raise Skipped("needs golden/verifiers beside the folder of real data")
    return folder


def golden(suite: str) -> Iterator[Answer]:
    """Yields real answers crossed with random parameters for every id of a suite: ``ifeval``, ``ifbench``, ``ifevalg``.

    Raises:
        Skipped: where the golden verdicts are not there.
    """
    frame = pl.read_parquet(golden_folder() / f"official_{suite}.parquet")
    for at, row in enumerate(frame.iter_rows(named=True)):
        kwargs = [json.loads(one) for one in row["kwargs"]]
        place = f"golden/official_{suite}.parquet:{at}"
        ids = row["instruction_ids"]
        yield Answer(place, str(at), row["prompt"], row["response"], ids, kwargs, row["strict"], row["loose"])


def write_rows(answers: Iterator[Answer], path: Path) -> int:
    """Writes answers as rows that ``constraints verify`` reads; gives the number of verdicts."""
    verdicts = 0
    with path.open("w", encoding="utf-8") as file:
        for answer in answers:
            row = {"prompt": answer.prompt, "response": answer.response}
            row |= {"instruction_id_list": [id.removeprefix("en:") for id in answer.ids], "kwargs": answer.kwargs}
            file.write(json.dumps(row) + "\n")
            verdicts += len(answer.ids)
    return verdicts
