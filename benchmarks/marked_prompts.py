"""Real prompts whose wishes were marked by hand: each mark with the prompt's text, which stays in the data folder.

``data/extraction_marks.jsonl`` holds places, hashes and offsets; ``data/README.md`` says how it was made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from .proof import Skipped, data_folder

__all__ = ["MARKS", "marked"]

MARKS = Path(__file__).parent / "data" / "extraction_marks.jsonl"
"""The marks, a prompt a line."""


def _lines(path: Path) -> list[Any]:
    # Not splitlines(): a prompt may hold the line ends that JSON leaves as they are, such as U+2028.
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]


def _field(name: str) -> Callable[[Path], list[str]]:
    return lambda path: [row[name] for row in _lines(path)]


def _turns(path: Path) -> list[str]:
    rows = pl.read_parquet(path, columns=["prompt"])["prompt"].to_list()
    return [turns[-1]["content"] for turns in rows]


def _followbench(path: Path) -> list[str]:
    return [row["instruction"] for row in json.loads(path.read_text("utf-8"))]


# What a place begins with, the name of its file, and how the prompts of such a file are read, in order.
_SOURCES: dict[str, tuple[str, Callable[[Path], list[str]]]] = {
    "wildchat_if/": ("wildchat_if/wildchat-if_{}.parquet", _turns),
    "complexbench/": ("complexbench/{}.jsonl", _field("instruction")),
    "followbench/": ("followbench/{}.json", _followbench),
    "m_ifeval/": ("m_ifeval/{}.jsonl", _field("prompt")),
    "oasst_model_eval/": ("oasst_model_eval/{}.jsonl", _lines),
    "arena_hard_v0.1/": ("arena_hard_v0.1/{}.jsonl", _field("prompt")),
}


def _source(place: str) -> tuple[Path, Callable[[Path], list[str]], int]:
    """Gives the file of a place such as ``wildchat_if/val:17``, how to read it, and the row, the first being 0."""
    file, _, row = place.rpartition(":")
    folder, _, name = file.partition("/")
    path, read = _SOURCES[f"{folder}/"]
    return data_folder() / path.format(name), read, int(row)


def _resolved(value: Any, text: str) -> Any:
    """Puts the prompt's words in place of ``{"span": [start, end]}``."""
    if isinstance(value, list):
        return [_resolved(one, text) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"span"}:
        start, end = value["span"]
        return text[start:end]
    return {name: _resolved(one, text) for name, one in value.items()}


def marked() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields each marked prompt: its text and its mark.

    A mark has ``prompt`` (the place), ``sha256`` (of the text in UTF-8, the first 16 digits), ``language`` and
    ``wishes``: for each ``checker``, ``kwargs``, ``start``, ``end`` (the words that say it, [start, end) in characters)
    and ``binding``.

    Raises:
        Skipped: where a file of prompts is not there.
        ValueError: where a prompt is not the one that was marked.
    """
    marks = _lines(MARKS)
    sources = [_source(mark["prompt"]) for mark in marks]
    for path in sorted({path for path, _, _ in sources if not path.is_file()}):
        raise Skipped(f"needs {path.parent.name}/{path.name} in the folder of real data: set BENCHWRIGHT_DATA")
    prompts = cache(lambda path, read: read(path))
    for mark, (path, read, row) in zip(marks, sources, strict=True):
        texts = prompts(path, read)
        text = texts[row] if row < len(texts) else ""
        if hashlib.sha256(text.encode("utf-8")).hexdigest()[:16] != mark["sha256"]:
            raise ValueError(f"{mark['prompt']} is not the prompt that was marked: {path} has changed")
        wishes = [{**wish, "kwargs": _resolved(wish["kwargs"], text)} for wish in mark["wishes"]]
        yield text, {**mark, "wishes": wishes}
