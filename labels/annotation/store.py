"""The file of an annotation project: tasks, annotators and every answer, in SQLite.

WAL mode with ``synchronous=FULL``: an answer that was taken survives a kill at any instant. Answers are never changed;
of each (task, annotator) the latest counts. One process writes, others read beside it. Names of annotators stay in this
file: everything else knows their pseudonyms.
"""

from __future__ import annotations

import json
import math
import os
import sqlite3
import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any

from ...errors import UsageError, WorkspaceError, nearest
from ...store.sqlite_errors import explain_sqlite_errors
from .file import PROJECT, connect, lock, prepare, prepare_reader, transaction
from .settings import check_settings, read_settings
from .shown import shown as visible
from .task import ANSWERS, KINDS, Annotator, Answer, Given, Settings, Task

__all__ = ["ANNOTATIONS", "AnnotationStore"]

ANNOTATIONS = "annotations.sqlite"
"""The file's name in a project's folder."""

_NAME = 100
"""Characters a name may have."""
_DIGITS = 8
"""Hex digits of a pseudonym."""
_NAMED = 20
"""Problems that an error names at most."""
_ANSWERED = "INSERT INTO answers(task_id, annotator, answer, text, note, seconds, at) VALUES (?, ?, ?, ?, ?, ?, ?)"


class AnnotationStore:
    """An annotation project's file; may be used from several threads.

    Raises:
        WorkspaceLocked: when another process has it open to write.
        NoSpace: when the disk is full; what was committed stays.
        WorkspaceError: when the file is damaged, not ours, of a newer layout, or cannot be opened.
    """

    def __init__(
        self, path: Path, *, project: str | None = None, timeout: float = 5.0, read_only: bool = False
    ) -> None:
        """Opens the file to write, or makes it and its folder.

        Args:
            path: the SQLite file.
            project: a random id for a new project, from which its pseudonyms are made; null draws one here. A file that
                is there keeps its own.
            timeout: seconds to wait for another process.
            read_only: as ``read`` has it.
        """
        self.path = path
        self._lock = RLock()
        self._db: sqlite3.Connection | None = None
        self._tasks: list[Task] = []
        self._answers: list[Given] = []
        self._held = None if read_only else lock(path)
        try:
            with explain_sqlite_errors(path, PROJECT):
                self._db = connect(path, timeout, read_only)
                if read_only:
                    prepare_reader(self._db, path)
                else:
                    new = {"project": project or uuid.uuid4().hex, "settings": json.dumps(asdict(Settings()))}
                    prepare(self._db, path, new)
        except BaseException:
            self.close()
            raise

    @classmethod
    def read(cls, path: Path, *, timeout: float = 5.0) -> AnnotationStore:
        """Opens a project to read only, beside whoever writes; sees what is committed.

        Raises:
            UsageError: when there is no project.
        """
        if not path.is_file():
            raise UsageError(
                f"the folder {str(path.parent)!r} holds no annotation project: there is no file {path.name!r} in it; "
                "benchwright annotate makes one"
            )
        return cls(path, timeout=timeout, read_only=True)

    @property
    def settings(self) -> Settings:
        """How the project asks."""
        return read_settings(self._meta("settings"), self.path)

    def set_settings(self, settings: Settings) -> None:
        """Puts new settings in place of the old ones.

        Raises:
            UsageError: when they cannot be.
        """
        check_settings(settings)
        self._write("UPDATE meta SET value = ? WHERE key = 'settings'", json.dumps(asdict(settings)))

    def add_tasks(self, tasks: Iterable[Task]) -> int:
        """Adds tasks, all or none; those whose id is there stay as they are.

        Returns:
            How many are new.

        Raises:
            UsageError: when one is of no known kind, or its gold is no answer to it.
        """
        rows, problems = [], []
        for task in tasks:
            if task.kind not in ANSWERS:
                problems.append(f"task {task.id!r} has kind {task.kind!r}: {nearest(task.kind, KINDS)}")
            elif task.gold is not None and task.gold not in ANSWERS[task.kind]:
                problems.append(f"task {task.id!r} has gold {task.gold!r}: {nearest(task.gold, ANSWERS[task.kind])}")
            # Escapes: a text may hold half of a surrogate pair, which UTF-8 cannot.
            body = json.dumps(dict(task.body))
            rows.append((task.id, task.kind, task.instruction_id, task.priority, task.gold, body))
        if problems:
            raise UsageError("tasks that cannot be asked", problems[:_NAMED])
        with self._lock, explain_sqlite_errors(self.path, PROJECT), transaction(self._open()):
            before = self._count("tasks")
            self._open().executemany("INSERT OR IGNORE INTO tasks VALUES (?, ?, ?, ?, ?, ?)", rows)
            return self._count("tasks") - before

    def tasks(self, kind: str | None = None) -> list[Task]:
        """Gives the tasks, those of one kind or all, in the order of their priorities, then ids."""
        with self._lock, explain_sqlite_errors(self.path, PROJECT):
            if self._count("tasks") != len(self._tasks):  # tasks are added and never change
                rows = self._open().execute(
                    "SELECT id, kind, instruction_id, priority, body, gold FROM tasks ORDER BY priority, id"
                )
                self._tasks = [
                    Task(id, asked, instruction, priority, self._body(id, body), gold)
                    for id, asked, instruction, priority, body, gold in rows
                ]
            return [task for task in self._tasks if kind is None or task.kind == kind]

    def register(self, name: str) -> Annotator:
        """Gives the annotator of a name, new or not; names that differ in case or Unicode's form alone are one.

        Raises:
            UsageError: when it is no name.
        """
        shown = _whole(unicodedata.normalize("NFC", name).strip())
        if not shown or len(shown) > _NAME or visible(shown) != shown or {*shown} & {*"\n\t"}:
            raise UsageError(f"{name[:_NAME]!r} is no name: give 1 to {_NAME} characters that can be seen, on one line")
        matched = unicodedata.normalize("NFC", shown.casefold())
        with self._lock:
            if found := self._annotators("WHERE matched = ?", matched):
                return found[0]
            hashed = sha256((self._meta("project") + matched).encode()).hexdigest()
            taken = {one.pseudonym for one in self._annotators()}
            made = (f"a-{hashed[start : start + _DIGITS]}" for start in range(len(hashed) - _DIGITS))
            pseudonym = next(one for one in made if one not in taken)
            self._write("INSERT INTO annotators VALUES (?, ?, ?, NULL)", pseudonym, shown, matched)
            return Annotator(shown, pseudonym, None)

    def annotators(self) -> list[Annotator]:
        """Gives all annotators in the order in which they came."""
        return self._annotators()

    def set_qualified(self, pseudonym: str, qualified: bool) -> None:
        """Notes whether an annotator passed the qualification.

        Raises:
            UsageError: when there is no such annotator.
        """
        with self._lock:
            self._raise_for(self._no_annotator(pseudonym))
            self._write("UPDATE annotators SET qualified = ? WHERE pseudonym = ?", qualified, pseudonym)

    def answer(
        self,
        task_id: str,
        pseudonym: str,
        answer: str,
        *,
        text: str | None = None,
        note: str | None = None,
        seconds: float | None = None,
        at: int,
    ) -> Given:
        """Takes an answer and returns when it is on the disk; the draft of it goes.

        Args:
            text: the new wording, where the answer is ``edit``.
            note: why; blank is none.
            seconds: how long the task was on the screen; what is no such time is taken as unknown.
            at: unix seconds.

        Raises:
            UsageError: when there is no such task or annotator, or it is no answer to the task.
        """
        return self.answer_many([Answer(task_id, pseudonym, answer, text, note, seconds, at)])[0]

    def answer_many(self, answers: Sequence[Answer]) -> list[Given]:
        """Takes answers in their order, all or none, and returns when they are on the disk; the drafts of them go.

        Raises:
            UsageError: as ``answer`` has it, for any of them.
        """
        rows = [_row(one) for one in answers]
        with self._lock, explain_sqlite_errors(self.path, PROJECT), transaction(self._open()):
            kinds = {id: self._kind(id) for id in {one.task_id for one in answers}}
            unknown = {who: self._no_annotator(who) for who in {one.annotator for one in answers}}
            problems = [line for lines in unknown.values() for line in lines]
            problems += [line for row in rows if (line := _no_answer(kinds, row[0], row[2], row[3]))]
            self._raise_for(problems)
            serials = [self._open().execute(_ANSWERED, row).lastrowid for row in rows]
            self._open().executemany(
                "DELETE FROM drafts WHERE task_id = ? AND annotator = ?", [row[:2] for row in rows]
            )
        return [Given(serial or 0, *row) for serial, row in zip(serials, rows, strict=True)]

    def given(self, latest: bool = True) -> list[Given]:
        """Gives the answers in the order in which they came.

        Args:
            latest: only the last of each (task, annotator), or the whole history.
        """
        with self._lock, explain_sqlite_errors(self.path, PROJECT):
            last = self._answers[-1].serial if self._answers else 0
            rows = self._open().execute(
                "SELECT serial, task_id, annotator, answer, text, note, seconds, at FROM answers WHERE serial > ? "
                "ORDER BY serial",
                [last],
            )
            self._answers += [Given(*row) for row in rows]  # answers are added and never change
            if not latest:
                return list(self._answers)
            counted = {(one.task_id, one.annotator): one for one in self._answers}
        return sorted(counted.values(), key=lambda one: one.serial)

    def save_draft(self, task_id: str, pseudonym: str, note: str | None, text: str | None, at: int) -> None:
        """Keeps what was typed and not yet given as an answer, in place of the draft before; blank ones are none.

        Raises:
            UsageError: when there is no such task or annotator.
        """
        note, text = _typed(note, strip=False), _typed(text, strip=False)
        with self._lock:
            missing = [] if self._kind(task_id) else [f"there is no task {task_id!r} in it: add it first"]
            self._raise_for([*self._no_annotator(pseudonym), *missing])
            if note is None and text is None:
                with explain_sqlite_errors(self.path, PROJECT):
                    self._forget_draft(task_id, pseudonym)
                return
            self._write("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?)", task_id, pseudonym, note, text, int(at))

    def draft(self, task_id: str, pseudonym: str) -> tuple[str | None, str | None] | None:
        """Gives the note and the wording that were typed and not yet given, or null."""
        found = self._rows("SELECT note, text FROM drafts WHERE task_id = ? AND annotator = ?", task_id, pseudonym)
        return None if not found else (found[0][0], found[0][1])

    def close(self) -> None:
        """Closes the file and lets go of it; may be called again."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None
            if self._held is not None:
                os.close(self._held)
                self._held = None

    def __enter__(self) -> AnnotationStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> sqlite3.Connection:
        assert self._db is not None, "the annotation project is closed"
        return self._db

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._lock, explain_sqlite_errors(self.path, PROJECT):
            return self._open().execute(query, values).fetchall()

    def _write(self, statement: str, *values: Any) -> None:
        with self._lock, explain_sqlite_errors(self.path, PROJECT):
            self._open().execute(statement, values)

    def _count(self, table: str) -> int:
        return int(self._open().execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def _meta(self, key: str) -> str:
        found = self._rows("SELECT value FROM meta WHERE key = ?", key)
        if not found:
            raise WorkspaceError(f"the annotation project {str(self.path)!r} is damaged: it has lost its {key}")
        return str(found[0][0])

    def _annotators(self, where: str = "", *values: Any) -> list[Annotator]:
        rows = self._rows(f"SELECT name, pseudonym, qualified FROM annotators {where} ORDER BY rowid", *values)
        return [Annotator(name, id, None if passed is None else bool(passed)) for name, id, passed in rows]

    def _body(self, id: str, text: str) -> dict[str, Any]:
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise WorkspaceError(
                f"the annotation project {str(self.path)!r} is damaged: the body of task {id!r} is not JSON"
            )
        return body

    def _forget_draft(self, task_id: str, pseudonym: str) -> None:
        self._open().execute("DELETE FROM drafts WHERE task_id = ? AND annotator = ?", [task_id, pseudonym])

    def _raise_for(self, problems: list[str]) -> None:
        if problems:
            raise UsageError(f"the annotation project {str(self.path)!r} cannot take this", problems[:_NAMED])

    def _no_annotator(self, pseudonym: str) -> list[str]:
        if self._rows("SELECT 1 FROM annotators WHERE pseudonym = ?", pseudonym):
            return []
        return [
            f"there is no annotator {pseudonym!r}: {nearest(pseudonym, [one.pseudonym for one in self._annotators()])}"
        ]

    def _kind(self, task_id: str) -> str | None:
        found = self._rows("SELECT kind FROM tasks WHERE id = ?", task_id)
        return str(found[0][0]) if found else None


def _row(one: Answer) -> tuple[str, str, str, str | None, str | None, float | None, int]:
    """Gives an answer as it is stored, without its serial."""
    # What is not a number fails every comparison.
    seconds = float(one.seconds) if one.seconds is not None and 0 <= one.seconds < math.inf else None
    return one.task_id, one.annotator, one.answer, _typed(one.text), _typed(one.note), seconds, int(one.at)


def _no_answer(kinds: Mapping[str, str | None], task_id: str, answer: str, text: str | None) -> str | None:
    """Gives why something is no answer to a task; null where it is one."""
    kind = kinds[task_id]
    if kind is None:
        return f"there is no task {task_id!r} in it: add it first"
    if answer not in ANSWERS[kind]:
        return f"{answer!r} is no answer to a {kind} task: {nearest(answer, ANSWERS[kind])}"
    if answer == "edit" and text is None:
        return "the answer 'edit' comes without the new wording: give it as text, or answer approve or reject"
    return None


def _whole(text: str) -> str:
    """Puts the replacement character for halves of surrogate pairs, which no UTF-8 file can store."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _typed(text: str | None, *, strip: bool = True) -> str | None:
    """Gives what was typed; null where that is nothing."""
    if text is None or not text.strip():
        return None
    return _whole(text.strip() if strip else text)
