"""SQLite's errors in our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ..errors import NoSpace, WorkspaceError, WorkspaceLocked

__all__ = ["LEDGER", "FileKind", "explain_sqlite_error", "explain_sqlite_errors"]


class FileKind(NamedTuple):
    """What a SQLite file is to its user: the words of its errors."""

    noun: str
    full: str
    """What to do when the disk is full, and what is safe."""
    busy: str
    """What to do when another process writes to it."""
    damaged: str
    """What to do when it is damaged."""


LEDGER = FileKind(
    "the request ledger",
    "free some and run the same command again; what was committed is kept",
    "wait for it to end, or use --workspace DIR",
    "move it away, with its -wal and -shm files, and run the same command again (its answers are then asked anew), or "
    "restore a copy",
)


@contextmanager
def explain_sqlite_errors(path: Path, kind: FileKind = LEDGER) -> Iterator[None]:
    """Turns what SQLite raises about a file of ours into one clear message.

    Raises:
        WorkspaceLocked: when another process is writing to it.
        NoSpace: when the disk is full.
        WorkspaceError: when it is damaged or cannot be used.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise explain_sqlite_error(error, path, kind) from None


def explain_sqlite_error(error: sqlite3.Error, path: Path, kind: FileKind = LEDGER) -> WorkspaceError:
    """Gives the error to raise in place of SQLite's."""
    where = f"{kind.noun} {str(path)!r}"
    # The low byte is the primary result code; the others say where in SQLite it arose.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return NoSpace(f"no space left for {where}: {kind.full}")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return WorkspaceLocked(f"another process is writing to {where}: {kind.busy}")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "malformed JSON" in str(error):
        return WorkspaceError(f"{where} is damaged ({error}): {kind.damaged}")
    return WorkspaceError(f"cannot use {where}: {error}; check that its folder exists and may be written to")
