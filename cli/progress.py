"""Progress on stderr: bars where somebody watches, plain lines where the output goes to a file."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from ..schemas.progress import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

__all__ = ["Bars", "Lines", "drawn"]

_EVERY = 10.0
"""Seconds between two lines of one task."""


@contextmanager
def drawn(stream: TextIO, instead: Progress | None = None) -> Iterator[Progress]:
    """Draws progress while the block runs.

    Args:
        instead: what hears the progress in place of the screen; null draws.
    """
    if instead is not None:
        yield instead
    elif not stream.isatty():
        yield Lines(stream, time.monotonic)
    else:
        with _bars(stream) as bars:
            yield Bars(bars)


def _bars(stream: TextIO) -> RichProgress:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    return RichProgress(
        TextColumn("{task.description:<12}", markup=False),
        BarColumn(bar_width=28),
        TextColumn("{task.fields[count]}", markup=False),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        console=Console(file=stream),
        refresh_per_second=4,
    )


class Bars:
    """Draws one bar a task."""

    def __init__(self, bars: RichProgress) -> None:
        self._bars = bars
        self._tasks: dict[str, tuple[TaskID, int | None, str]] = {}

    def start(self, task: str, total: int | None, unit: str) -> None:
        """Adds a bar; one without a total only moves. A task that is drawn already is only given its total."""
        if task in self._tasks:
            id = self._tasks[task][0]
            self._bars.update(id, total=total, count=_count(self._done(id), total, unit))
        else:
            id = self._bars.add_task(task, total=total, count=_count(0, total, unit), note="")
        self._tasks[task] = (id, total, unit)

    def advance(self, task: str, done: int = 1, note: str = "") -> None:
        """Moves a bar on."""
        id, total, unit = self._tasks[task]
        self._bars.advance(id, done)
        self._bars.update(id, count=_count(self._done(id), total, unit))
        if note:
            self._bars.update(id, note=note)

    def finish(self, task: str, note: str = "") -> None:
        """Fills a bar and stops its clock."""
        id, _, unit = self._tasks[task]
        completed = self._done(id)
        self._bars.update(id, total=max(completed, 1), completed=max(completed, 1), count=_count(completed, None, unit))
        self._bars.update(id, note=note)
        self._bars.stop_task(id)

    def _done(self, id: TaskID) -> int:
        return int(self._bars.tasks[self._bars.task_ids.index(id)].completed)


@dataclass
class _Task:
    total: int | None
    unit: str
    began: float
    said: float
    done: int = 0
    note: str = ""


class Lines:
    """Writes a line when a task starts and ends, and every ten seconds in between."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream, self._clock = stream, clock
        self._tasks: dict[str, _Task] = {}
        self._lock = threading.Lock()

    def start(self, task: str, total: int | None, unit: str) -> None:
        """Says that a task begins, once its total is known where it has one."""
        now = self._clock()
        with self._lock:
            self._tasks[task] = _Task(total, unit, now, now)
            if total is not None:
                self._say(f"{task}: {_count(0, total, unit)}")

    def advance(self, task: str, done: int = 1, note: str = "") -> None:
        """Counts on; says so when the last line is old."""
        now = self._clock()
        with self._lock:
            state = self._tasks[task]
            state.done += done
            state.note = note or state.note
            if now - state.said >= _EVERY:
                state.said = now
                self._say(f"{task}: {_count(state.done, state.total, state.unit)}, {_times(state, now)}{_tail(state)}")

    def finish(self, task: str, note: str = "") -> None:
        """Says that a task has ended, and how long it took."""
        now = self._clock()
        with self._lock:
            state = self._tasks[task]
            count = f"{_count(state.done, None, state.unit)}, " if state.done else ""
            self._say(f"{task}: {count}done in {_seconds(now - state.began)}{f' ({note})' if note else ''}")

    def _say(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


def _tail(state: _Task) -> str:
    return f" ({state.note})" if state.note else ""


def _count(done: int, total: int | None, unit: str) -> str:
    if total is None:
        return f"{done:,} {unit}".rstrip() if done else ""
    return f"{done:,}/{total:,} {unit}".rstrip()


def _times(state: _Task, now: float) -> str:
    """Gives the time spent and, where it can be told, the time left."""
    spent = now - state.began
    if state.total is None or not state.done or state.done > state.total:
        return _seconds(spent)
    return f"{_seconds(spent)}, about {_seconds(spent / state.done * (state.total - state.done))} left"


def _seconds(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min" if minutes else f"{seconds:.1f} s"
