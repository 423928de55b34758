"""Verifying a file of responses: every listed constraint of every row gets a verdict, as a row of a Parquet file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from ..constraints.document import Document
from ..constraints.layout import read_lists
from ..constraints.run import Dialect, Mode, evidence_of, run_check
from ..errors import InputError, UsageError, nearest
from ..schemas.canonical import canonical_json
from ..schemas.messages import Messages, check_messages
from ..schemas.progress import Progress
from ..store.rows import BadRow, Row, read_rows
from ..store.workspace import explain_os_errors

__all__ = ["Verdict", "Verified", "verify_file", "verify_rows"]

COLUMNS = ("prompt", "response", "instruction_id_list", "kwargs")
_CHUNK = 256
"""Rows that a worker gets at once."""


class Verdict(NamedTuple):
    """One row of the output."""

    row: int
    """Index of the row in the file, from 0."""
    position: int
    """Index of the constraint in the row's list, from 0; -1 where the row itself cannot be read."""
    instruction_id: str | None
    outcome: str
    """``satisfied``, ``violated`` or ``unknown``."""
    reason: str
    evidence: str | None
    """JSON: what was measured, and the spans in the response that decide it; null where nothing was measured."""
    version: str | None
    """Dialect and version of the check; null where there is none."""


@dataclass
class Verified:
    """What came of a file."""

    rows: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Outcomes by id."""
    unknown: Counter[str] = field(default_factory=Counter)
    """Reasons of unknown outcomes, with their first words alone."""
    problems: list[str] = field(default_factory=list)
    """Rows that cannot be read and ids that do not exist, each kind once, with its first row."""


def verify_rows(rows: Sequence[tuple[int, Row | BadRow]], dialect: Dialect, mode: Mode) -> list[Verdict]:
    """Gives the verdicts of rows in their order; a row that cannot be read gives one that says so."""
    return [verdict for index, row in rows for verdict in _one(index, row, dialect, mode)]


def _one(index: int, row: Row | BadRow, dialect: Dialect, mode: Mode) -> Iterator[Verdict]:
    if isinstance(row, BadRow):
        yield Verdict(index, -1, None, "unknown", f"bad_row: {row.reason}: {row.detail}", None, None)
        return
    try:
        listed = read_lists(row.values.get("instruction_id_list"), row.values.get("kwargs"))
    except ValueError as error:
        yield Verdict(index, -1, None, "unknown", f"bad_row: {error}", None, None)
        return
    text = row.values.get("response")
    document = Document(text, messages=_asked(row.values.get("prompt"))) if isinstance(text, str) else None
    for position, (id, kwargs) in enumerate(listed):
        try:
            ran = run_check(id, canonical_json(kwargs), document, dialect, mode)
        except UsageError as error:
            yield Verdict(index, position, id, "unknown", f"unknown_id: {error.message}", None, None)
            continue
        yield Verdict(index, position, id, ran.outcome.value, ran.reason, evidence_of(ran.check), ran.version)


def _asked(prompt: Any) -> Messages:
    """Gives the conversation before the response: a prompt's text, or its list of messages; empty for anything else."""
    messages, _ = check_messages([{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt)
    return messages or ()


def _rows(path: Path) -> Iterator[tuple[int, Row | BadRow]]:
    seen = False
    for index, row in enumerate(read_rows(path)):
        if isinstance(row, Row) and not seen:
            seen = True
            _check_columns(path, list(row.values))
        yield index, row
    if not seen:
        raise InputError(f"{path}: there is no row to verify: it needs {', '.join(COLUMNS)}")


def _check_columns(path: Path, there: list[str]) -> None:
    if absent := [name for name in COLUMNS if name not in there and name != "prompt"]:
        lines = [f"no column {name!r}: {nearest(name, there).replace('allowed:', 'there are:')}" for name in absent]
        raise InputError(f"{path}: not a file of responses to verify", lines)


def _chunks(path: Path) -> Iterator[list[tuple[int, Row | BadRow]]]:
    rows = _rows(path)
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk


def _work(rows: Sequence[tuple[int, Row | BadRow]], dialect: Dialect, mode: Mode) -> tuple[int, list[Verdict]]:
    return len(rows), verify_rows(rows, dialect, mode)


def _verdicts(path: Path, dialect: Dialect, mode: Mode, workers: int) -> Iterator[tuple[int, list[Verdict]]]:
    """Yields rows read and their verdicts, in the file's order; few chunks are in memory at once."""
    work = partial(_work, dialect=dialect, mode=mode)
    chunks = _chunks(path)
    first = list(islice(chunks, 2))
    if workers == 1 or len(first) < 2:
        yield from map(work, first)
        yield from map(work, chunks)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting: list[Future[tuple[int, list[Verdict]]]] = [pool.submit(work, chunk) for chunk in first]
        for chunk in chunks:
            if len(waiting) > 2 * workers:
                yield waiting.pop(0).result()
            waiting.append(pool.submit(work, chunk))
        for future in waiting:
            yield future.result()


def verify_file(path: Path, output: Path, dialect: Dialect, mode: Mode, workers: int, progress: Progress) -> Verified:
    """Verifies every row of a file and writes the verdicts.

    Args:
        path: JSONL, Parquet, CSV or JSON with ``response``, ``instruction_id_list``, ``kwargs`` and, for constraints
            that read it, ``prompt``: a text or a list of messages.
        output: the Parquet file; written beside and renamed when it is whole.
        workers: processes.

    Raises:
        InputError: when the file cannot be read or has not these columns.
        WorkspaceError: when the output cannot be written.
    """
    verified = Verified()
    progress.start("verify", None, "rows")
    with _writer(output) as write:
        for rows, verdicts in _verdicts(path, dialect, mode, workers):
            if verdicts:
                write(verdicts)
            verified.rows += rows
            _tally(verified, verdicts)
            progress.advance("verify", rows)
    progress.finish("verify")
    return verified


def _tally(verified: Verified, verdicts: Iterable[Verdict]) -> None:
    for verdict in verdicts:
        if verdict.instruction_id is not None:
            verified.counts[verdict.instruction_id][verdict.outcome] += 1
        kind = verdict.reason.partition(":")[0]
        if verdict.outcome == "unknown":
            verified.unknown[kind] += 1
        if kind == "bad_row":
            verified.problems.append(f"row {verdict.row}: {verdict.reason.removeprefix('bad_row: ')}")
        elif kind == "unknown_id" and verified.counts[str(verdict.instruction_id)].total() == 1:
            verified.problems.append(f"row {verdict.row}: {verdict.reason.removeprefix('unknown_id: ')}")


@contextmanager
def _writer(output: Path) -> Iterator[Callable[[Sequence[Verdict]], None]]:
    """Gives a function that writes verdicts; the file appears when all are written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = pa.string()
    types = [pa.int64(), pa.int32(), text, text, text, text, text]
    schema = pa.schema(list(zip(Verdict._fields, types, strict=True)))
    unfinished = output.with_name(output.name + ".part")
    with explain_os_errors(str(output)):
        output.parent.mkdir(parents=True, exist_ok=True)
        writer = pq.ParquetWriter(unfinished, schema)

    def write(verdicts: Sequence[Verdict]) -> None:
        columns = [list(column) for column in zip(*verdicts, strict=True)]
        with explain_os_errors(str(output)):
            writer.write_table(pa.table(columns, schema=schema))

    try:
        yield write
        with explain_os_errors(str(output)):
            writer.close()
            unfinished.replace(output)
    finally:
        writer.close()
        unfinished.unlink(missing_ok=True)
