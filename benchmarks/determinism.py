"""No verdict flips: repeats, threads, hash seeds and fresh processes give the same ones, languages included."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

from benchwright.constraints.catalogue import drawn_of
from benchwright.constraints.constraint import CONSTRAINTS
from benchwright.constraints.document import Document
from benchwright.constraints.run import run_check

from .proof import Proof
from .recorded import golden, m_ifeval, write_rows

__all__ = ["digest_of", "prove"]

THREADS = 16
SEEDS = ("0", "1", "2", "3", "4")


def digest_of(rows: Path, repeats: int, threads: int) -> dict[str, str | int]:
    """Checks every row as often as asked on each of several threads at once, cold; gives a digest of the verdicts.

    Every repeat analyses the responses anew, but the threads of a repeat share their documents.

    Raises:
        AssertionError: when two repeats or two threads differ.
    """
    asked = [json.loads(line) for line in rows.read_text("utf-8").splitlines()]
    asked = [{**row, "kwargs": [json.dumps(one) for one in row["kwargs"]]} for row in asked]

    def verdicts(documents: list[Document]) -> str:
        found = [
            run_check(id, kwargs, document, dialect)[:2]
            for row, document in zip(asked, documents, strict=True)
            for id, kwargs in zip(row["instruction_id_list"], row["kwargs"], strict=True)
            for dialect in ("fixed", "official")
        ]
        return hashlib.sha256(json.dumps(found).encode()).hexdigest()

    seen = set()
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(repeats):
            documents = [Document(row["response"], messages=tuple(row.get("messages", ()))) for row in asked]
            seen.update(pool.map(verdicts, [documents] * threads))
    assert len(seen) == 1, f"{len(seen)} different sets of verdicts in {repeats} repeats on {threads} threads"
    return {"digest": seen.pop(), "runs": repeats * threads}


def _run(code: str, seed: str) -> dict[str, Any]:
    """Runs code in a fresh process with a hash seed, and gives the object that it prints."""
    env = {**os.environ, "PYTHONHASHSEED": seed}
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=env, cwd=root)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def prove(small: bool) -> Proof:
    """Texts of every id, those that ask for languages too: 1,000 repeats on 16 threads in 5 processes (small: 2)."""
    repeats = 2 if small else 1000
    with tempfile.TemporaryDirectory() as name:
        rows = Path(name) / "rows.jsonl"
        language = (one for one in m_ifeval("en") if any("language" in id or "english" in id for id in one.ids))
        answers = [*islice(language, 12), *(one for suite in ("ifeval", "ifbench", "ifevalg") for one in _few(suite))]
        checks = write_rows(iter(answers), rows)
        with rows.open("a", encoding="utf-8") as file:
            for row in _witnesses():
                file.write(json.dumps(row) + "\n")
                checks += 1
        code = f"from benchmarks.determinism import main; main({str(rows)!r}, {repeats})"
        with ThreadPoolExecutor(len(SEEDS)) as pool:
            found = list(pool.map(lambda seed: _run(code, seed), SEEDS))
    digests = {one["digest"] for one in found}
    assert len(digests) == 1, f"{len(digests)} different sets of verdicts in {len(SEEDS)} processes"
    figures = {"verdicts_each": 2 * checks, "runs": sum(one["runs"] for one in found), "threads": THREADS, "flips": 0}
    figures["processes_with_their_own_hash_seed"] = len(SEEDS)
    return Proof("determinism", "python -m benchmarks.run determinism", figures)


def _few(suite: str) -> list:
    """Gives a short response of each suite, with all of its ids, and one in another script."""
    rows = list(islice(golden(suite), 0, None, 40))
    short = [one for one in rows if 20 < len(one.response) < 600][:1]
    return short + [one for one in rows if not one.response.isascii() and len(one.response) < 600][:1]


def _witnesses() -> Iterator[dict[str, Any]]:
    """Gives a row for each constraint and each of its example texts, with the conversation they answer."""
    for id in CONSTRAINTS.ids():
        params, witness = drawn_of(CONSTRAINTS.get(id))
        for text in (witness.satisfies, witness.violates):
            row = {"response": text, "instruction_id_list": [id], "kwargs": [params.model_dump(mode="json")]}
            yield row | {"messages": witness.messages}


def main(rows: str, repeats: int) -> None:
    """Prints the digest of one process."""
    print(json.dumps(digest_of(Path(rows), repeats, THREADS)))
