from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from hashlib import sha256

import pytest

from benchwright.errors import NoSpace, WorkspaceError, WorkspaceLocked
from benchwright.store.ledger import Entry, Ledger


def key(i: int) -> str:
    return sha256(str(i).encode()).hexdigest()


def entry(i: int, text: str = "a") -> Entry:
    return Entry(key(i), {"model": "m", "i": i}, {"kind": "reply", "text": text, "finish_reason": None})


def test_round_trip_and_count(tmp_path):
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.put_many(entry(i, f"texto ñ 漢 {i}") for i in range(1234))
        assert ledger.count() == 1234
        found = ledger.get_many([key(i) for i in range(0, 3000, 3)] + [key(0)])
        assert set(found) == {key(i) for i in range(0, 1234, 3)}
        assert found[key(3)] == {"kind": "reply", "text": "texto ñ 漢 3", "finish_reason": None}
    with Ledger(tmp_path / "ledger.sqlite") as again:
        assert again.count() == 1234
    assert not (tmp_path / "ledger.sqlite-wal").exists()


def test_file_is_as_declared(tmp_path):
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.put_many([entry(1)])
        assert ledger._open().execute("PRAGMA synchronous").fetchone() == (2,)
    db = sqlite3.connect(tmp_path / "ledger.sqlite")
    try:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        (sql,) = db.execute("SELECT sql FROM sqlite_master WHERE name='answers'").fetchone()
        assert sql == "CREATE TABLE answers(key BLOB PRIMARY KEY, request TEXT NOT NULL, reply TEXT NOT NULL)"
        assert db.execute("SELECT key FROM answers").fetchone() == (bytes.fromhex(key(1)),)
    finally:
        db.close()


def test_committed_answers_never_change(tmp_path):
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.put_many([entry(1, "first")])
        ledger.put_many([entry(1, "second"), entry(2, "new")])
        assert {k: v["text"] for k, v in ledger.get_many([key(1), key(2)]).items()} == {key(1): "first", key(2): "new"}


def test_lone_surrogates_are_kept(tmp_path):
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.put_many([entry(1, "bad \ud800 half")])
        assert ledger.get_many([key(1)])[key(1)]["text"] == "bad \ud800 half"


def test_full_disk(tmp_path):
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.put_many([entry(1)])
        pages = ledger._open().execute("PRAGMA page_count").fetchone()[0]
        ledger._open().execute(f"PRAGMA max_page_count={pages + 2}")
        with pytest.raises(NoSpace, match="what was committed is kept"):
            ledger.put_many([entry(i, "x" * 5000) for i in range(2, 50)])
        assert ledger.count() == 1, "a transaction is all or nothing"
        ledger._open().execute("PRAGMA max_page_count=100000")
        ledger.put_many([entry(2)])
        assert ledger.count() == 2


def test_second_writer_is_told(tmp_path):
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as first, Ledger(path, timeout=0.05) as second:
        first._open().execute("BEGIN IMMEDIATE")
        with pytest.raises(WorkspaceLocked, match="--workspace"):
            second.put_many([entry(1)])
        first._open().execute("ROLLBACK")
        second.put_many([entry(1)])
        assert first.count() == 1


@pytest.mark.parametrize("content", [b"this is no database, but it is long enough to be looked at" * 50, b"\0" * 4096])
def test_damaged_file(tmp_path, content):
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    with pytest.raises(WorkspaceError, match="move it away"):
        Ledger(path)


def test_damaged_answer(tmp_path):
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        ledger.put_many([entry(1)])
        ledger._open().execute("UPDATE answers SET reply = '{\"kind\"'")
        with pytest.raises(WorkspaceError, match="damaged"):
            ledger.get_many([key(1)])


def test_folder_missing(tmp_path):
    with pytest.raises(WorkspaceError, match="folder exists"):
        Ledger(tmp_path / "none" / "ledger.sqlite")


def test_threads_share_it(tmp_path):
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        work = [
            threading.Thread(target=lambda n=n: [ledger.put_many([entry(n * 100 + i)]) for i in range(50)])
            for n in range(4)
        ]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
        assert ledger.count() == 200


WRITER = """
import sys
from hashlib import sha256
from pathlib import Path
from benchwright.store.ledger import Entry, Ledger
ledger = Ledger(Path(sys.argv[1]))
i = int(sys.argv[2])
while True:
    keys = [sha256(str(j).encode()).hexdigest() for j in range(i, i + 7)]
    ledger.put_many([Entry(k, {"i": i}, {"kind": "reply", "text": "x" * 500}) for k in keys])
    print(i, flush=True)
    i += 7
"""


def test_killed_writer_loses_nothing_committed(tmp_path):
    path = tmp_path / "ledger.sqlite"
    start = 0
    for round in range(5):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(start)], stdout=subprocess.PIPE, text=True, cwd=tmp_path
        )
        assert child.stdout is not None
        acknowledged = [int(child.stdout.readline()) for _ in range(20 + 13 * round)]
        os.kill(child.pid, signal.SIGKILL)
        acknowledged += [int(line) for line in child.stdout.read().splitlines()]
        child.wait()
        child.stdout.close()
        with Ledger(path) as ledger:
            wanted = [key(j) for i in acknowledged for j in range(i, i + 7)]
            assert set(ledger.get_many(wanted)) == set(wanted)
            assert ledger.count() % 7 == 0, "a torn transaction"
            assert ledger._open().execute("PRAGMA integrity_check").fetchone() == ("ok",)
        start = acknowledged[-1] + 14
