"""The protocol by which a stage says how far it is; the command line draws it, tests and libraries pass ``QUIET``."""

from __future__ import annotations

from typing import Protocol

__all__ = ["QUIET", "Progress"]


class Progress(Protocol):
    """Hears how far a piece of work is."""

    def start(self, task: str, total: int | None, unit: str) -> None:
        """Says that a task begins; ``total`` is null where it is not known. Said again, it tells the total."""

    def advance(self, task: str, done: int = 1, note: str = "") -> None:
        """Says that ``done`` more units are finished; ``note`` replaces the task's last note."""

    def finish(self, task: str, note: str = "") -> None:
        """Says that a task has ended."""


class _Quiet:
    def start(self, task: str, total: int | None, unit: str) -> None:
        pass

    def advance(self, task: str, done: int = 1, note: str = "") -> None:
        pass

    def finish(self, task: str, note: str = "") -> None:
        pass


QUIET: Progress = _Quiet()
"""Says nothing."""
