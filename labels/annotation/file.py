"""Opening an annotation project's file: its layout, its lock, and SQLite's errors in our words.

Layouts are told apart by ``meta.layout``:

    1   this one
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import UsageError, WorkspaceError
from ...store.sqlite_errors import FileKind
from ...store.workspace import explain_os_errors, hold

__all__ = ["LAYOUT", "PROJECT", "connect", "lock", "prepare", "prepare_reader", "transaction"]

LAYOUT = 1
_APPLICATION = 0x62776172
"""``PRAGMA application_id``: tells our file from any other SQLite file."""
_OPENING = b"SQLite format 3\0"
"""The first bytes of every SQLite file (https://www.sqlite.org/fileformat.html, 1.3.1)."""

_TABLES = (
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE tasks(id TEXT PRIMARY KEY, kind TEXT NOT NULL, instruction_id TEXT NOT NULL, "
    "priority INTEGER NOT NULL, gold TEXT, body TEXT NOT NULL)",
    "CREATE TABLE annotators(pseudonym TEXT PRIMARY KEY, name TEXT NOT NULL, matched TEXT NOT NULL UNIQUE, "
    "qualified INTEGER)",
    # AUTOINCREMENT: a serial is never given twice, whatever becomes of the last row.
    "CREATE TABLE answers(serial INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL REFERENCES tasks(id), "
    "annotator TEXT NOT NULL REFERENCES annotators(pseudonym), answer TEXT NOT NULL, text TEXT, note TEXT, "
    "seconds REAL, at INTEGER NOT NULL)",
    "CREATE TABLE drafts(task_id TEXT NOT NULL REFERENCES tasks(id), "
    "annotator TEXT NOT NULL REFERENCES annotators(pseudonym), note TEXT, text TEXT, at INTEGER NOT NULL, "
    "PRIMARY KEY(task_id, annotator))",
    # What was said is never changed: another answer is another row.
    "CREATE TRIGGER answers_unchanged BEFORE UPDATE ON answers BEGIN SELECT raise(ABORT, 'an answer stays'); END",
    "CREATE TRIGGER answers_kept BEFORE DELETE ON answers BEGIN SELECT raise(ABORT, 'an answer stays'); END",
)


PROJECT = FileKind(
    "the annotation project",
    "free some and go on; every answer that was taken is kept",
    "wait for it to end",
    "restore a copy, or move it away with its -wal and -shm files; sqlite3 FILE .recover may save its answers",
)
"""The words of its errors."""


def lock(path: Path) -> int:
    """Takes the right to write to a project; the kernel gives it back when the process ends, however it ends.

    Returns:
        The descriptor that holds it; closing it lets go.

    Raises:
        WorkspaceLocked: when another process, or another store of this one, has it.
        WorkspaceError: when its folder cannot be made or used.
    """
    return hold(
        path.with_name(f"{path.name}.lock"),
        f"the annotation project {str(path)!r}",
        lambda holder: (
            f"another server (process {holder}) has the annotation project {str(path.parent)!r}: open the page it "
            "serves, or stop it first; reading needs no lock"
        ),
    )


def connect(path: Path, timeout: float, read_only: bool) -> sqlite3.Connection:
    """Opens the file; one transaction a statement unless ``transaction`` groups some.

    Raises:
        WorkspaceError: when it is no SQLite file.
    """
    _check_opening(path)
    mode = "mode=ro" if read_only else "mode=rwc"
    if read_only and not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists():
        # SQLite cannot make the files by which readers and writers agree, and nobody is writing: it needs none.
        mode += "&immutable=1"
    uri = f"{path.absolute().as_uri()}?{mode}"
    return sqlite3.connect(uri, timeout=timeout, isolation_level=None, check_same_thread=False, uri=True)


def _check_opening(path: Path) -> None:
    """Raises for a file of something else: SQLite takes one of a few bytes for empty and writes over it."""
    with explain_os_errors(f"the annotation project {str(path)!r}"):
        if not path.exists():
            return
        with path.open("rb") as file:
            opening = file.read(len(_OPENING))
    if opening not in (b"", _OPENING):
        raise WorkspaceError(f"{str(path)!r} is no SQLite file: give another folder, or move the file away")


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Writes all statements within it, or none."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def prepare(db: sqlite3.Connection, path: Path, meta: dict[str, str]) -> None:
    """Makes the tables of a new project, with ``meta`` in it, and has every commit reach the disk.

    Raises:
        WorkspaceError: when the file is not ours or a newer version of Benchwright wrote it.
    """
    fresh = _layout(db, path) == 0
    db.execute("PRAGMA journal_mode=WAL").fetchall()
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA foreign_keys=ON")
    if fresh:
        with transaction(db):
            for statement in _TABLES:
                db.execute(statement)
            rows = {**meta, "layout": str(LAYOUT)}
            db.executemany("INSERT INTO meta VALUES (?, ?)", rows.items())
            db.execute(f"PRAGMA application_id = {_APPLICATION}")


def prepare_reader(db: sqlite3.Connection, path: Path) -> None:
    """Checks that there is something to read.

    Raises:
        UsageError: when nothing was ever stored in the file.
        WorkspaceError: when the file is not ours or a newer version of Benchwright wrote it.
    """
    if _layout(db, path) == 0:
        raise UsageError(f"the annotation project {str(path)!r} holds nothing yet: benchwright annotate fills it")


def _layout(db: sqlite3.Connection, path: Path) -> int:
    """Gives a file's layout; 0 where nothing was ever stored in it."""
    if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        return 0
    if db.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
        raise WorkspaceError(
            f"{str(path)!r} is a SQLite file, but no annotation project of ours: give another folder, or move it away"
        )
    found = db.execute("SELECT value FROM meta WHERE key = 'layout'").fetchone()
    if found is None or not found[0].isdecimal():
        raise WorkspaceError(f"the annotation project {str(path)!r} is damaged: it does not say its layout")
    if int(found[0]) > LAYOUT:
        raise WorkspaceError(
            f"the annotation project {str(path)!r} has layout {found[0]}, and this version of Benchwright knows those "
            f"up to {LAYOUT}: a newer one wrote it; update Benchwright"
        )
    return LAYOUT
