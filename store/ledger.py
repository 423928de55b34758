"""The request ledger: every answer a model gave, stored under the hash of its request before anybody uses it.

One SQLite file in WAL mode with ``synchronous=FULL``: what ``put_many`` returned from survives a kill at any instant.
Rows are only ever added. Two builds are kept apart by the workspace's lock, not by SQLite.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, NamedTuple

from ..errors import NoSpace, WorkspaceError, WorkspaceLocked

__all__ = ["Entry", "Ledger"]

_TABLE = "CREATE TABLE IF NOT EXISTS answers(key BLOB PRIMARY KEY, request TEXT NOT NULL, reply TEXT NOT NULL)"
_PER_QUERY = 500
"""Keys looked up by one SELECT; SQLite allows 999 variables in its oldest builds."""


class Entry(NamedTuple):
    """One answer to store."""

    key: str
    """sha256 over the rendered request, 64 hex digits."""
    request: dict[str, Any]
    reply: dict[str, Any]
    """The answer's fields and ``kind``: ``reply`` or ``failure``."""


class Ledger:
    """The answers of one workspace; may be used from several threads.

    Raises:
        WorkspaceLocked: when another process is writing to the file.
        NoSpace: when the disk is full; what was committed stays.
        WorkspaceError: when the file is damaged or cannot be opened.
    """

    def __init__(self, path: Path, *, timeout: float = 5.0) -> None:
        """Opens the ledger, or makes it.

        Args:
            path: the SQLite file; its folder must exist.
            timeout: seconds to wait for another process that is writing.
        """
        self.path = path
        self._lock = Lock()
        self._db: sqlite3.Connection | None = None
        with self._explained():
            db = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
            try:
                db.execute("PRAGMA journal_mode=WAL")
                db.execute("PRAGMA synchronous=FULL")
                db.execute(_TABLE)
            except BaseException:
                db.close()
                raise
            self._db = db

    def get_many(self, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Gives the stored answers among ``keys``, by key; keys without an answer are left out."""
        wanted = list(dict.fromkeys(keys))
        found: dict[str, dict[str, Any]] = {}
        with self._lock, self._explained():
            db = self._open()
            for start in range(0, len(wanted), _PER_QUERY):
                part = [bytes.fromhex(key) for key in wanted[start : start + _PER_QUERY]]
                marks = ",".join("?" * len(part))
                for key, reply in db.execute(f"SELECT key, reply FROM answers WHERE key IN ({marks})", part):
                    found[key.hex()] = self._read(key.hex(), reply)
        return found

    def put_many(self, entries: Iterable[Entry]) -> None:
        """Stores answers in one transaction and returns when they are committed.

        A key that has an answer keeps it: nothing committed is ever changed.
        """
        rows = [(bytes.fromhex(entry.key), _text(entry.request), _text(entry.reply)) for entry in entries]
        if not rows:
            return
        with self._lock, self._explained():
            db = self._open()
            try:
                db.execute("BEGIN IMMEDIATE")
                db.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?, ?)", rows)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def count(self) -> int:
        """Gives the number of stored answers."""
        with self._lock, self._explained():
            return int(self._open().execute("SELECT count(*) FROM answers").fetchone()[0])

    def close(self) -> None:
        """Closes the file; may be called again."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> sqlite3.Connection:
        assert self._db is not None, "the ledger is closed"
        return self._db

    def _read(self, key: str, reply: str) -> dict[str, Any]:
        try:
            value = json.loads(reply)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise WorkspaceError(f"the ledger {str(self.path)!r} is damaged: the answer of {key} is not JSON")
        return value

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turns SQLite's errors into ours."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._explain(error) from None

    def _explain(self, error: sqlite3.Error) -> WorkspaceError:
        where = f"the request ledger {str(self.path)!r}"
        # The low byte is the primary result code; the others say where in SQLite it arose.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            return NoSpace(
                f"no space left for {where}: free some and run the same command again; what was committed is kept"
            )
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return WorkspaceLocked(f"another process is writing to {where}: wait for it to end, or use --workspace DIR")
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return WorkspaceError(
                f"{where} is damaged ({error}): move it away, with its -wal and -shm files, and run the same command "
                "again (its answers are then asked anew), or restore a copy"
            )
        return WorkspaceError(f"cannot use {where}: {error}; check that its folder exists and may be written to")


def _text(value: dict[str, Any]) -> str:
    """Renders JSON as UTF-8 can hold it: lone surrogates are escaped, everything else is written as it is."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return text
