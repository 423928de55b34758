"""A real annotation server as a process of its own, over a project made for tests."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.annotation.task import Settings, Task

__all__ = ["AnnotationServer", "item", "label", "make_project", "pair"]

_RUN = "import typer; from benchwright.cli.annotate import annotate; typer.run(annotate)"
ASK = "Write a short note that invites the neighbours to a summer party."


def hexed(number: int) -> str:
    return f"{number:016x}"


def label(number: int, *, gold: str | None = None, **over: Any) -> Task:
    """A label task; each has an instruction, response and constraint of its own."""
    body = {
        "messages": [{"role": "user", "content": ASK}],
        "language": "en",
        "constraint_id": f"con_{hexed(number)}",
        "constraint": f"The note names a day of the week, number {number}.",
        "response_id": f"res_{hexed(number)}",
        "response": f"Dear all, come on Saturday to garden {number}. There will be cake.",
        **over,
    }
    return Task(f"task-{number:04}", "label", f"ins_{hexed(number)}", number, body, gold)


def pair(number: int, **over: Any) -> Task:
    """A pair task."""
    body = {
        "messages": [{"role": "user", "content": ASK}],
        "language": "en",
        "a_id": f"res_{hexed(1000 + number)}",
        "a": "Come on Saturday. There will be cake.",
        "b_id": f"res_{hexed(2000 + number)}",
        "b": "Come one day.",
        "constraints": ["The note names a day of the week.", "The note names something to eat."],
        "better": "a",
        **over,
    }
    return Task(f"pair-{number:04}", "pair", f"ins_{hexed(number)}", number, body)


def item(number: int, **over: Any) -> Task:
    """An item task whose constraint is words of the instruction."""
    start = ASK.index("short note")
    body = {
        "messages": [{"role": "system", "content": "You help a village."}, {"role": "user", "content": ASK}],
        "language": "en",
        "constraint_id": f"con_{hexed(3000 + number)}",
        "constraint": "Is the note short?",
        "span": {"message": 1, "start": start, "end": start + len("short note"), "text": "short note"},
        "categories": ["Format"],
        "compositions": ["Single"],
        **over,
    }
    return Task(f"item-{number:04}", "item", f"ins_{hexed(number)}", number, body)


def make_project(folder: Path, tasks: list[Task], settings: Settings | None = None) -> Path:
    """Makes a project in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with AnnotationStore(folder / ANNOTATIONS) as store:
        store.add_tasks(tasks)
        if settings is not None:
            store.set_settings(settings)
    return folder


class AnnotationServer:
    """``benchwright annotate`` on loopback. Use as a context manager.

    Attributes:
        url: what it printed to open.
        out: the lines it printed before.
    """

    def __init__(self, folder: Path, *options: str, port: int = 0, within: tuple[str, ...] = ()) -> None:
        """Starts it.

        Args:
            within: a command that ends by running the one after it.
        """
        self.folder, self.options, self.port, self.within = folder, options, port, within
        self.start()

    def start(self) -> None:
        command = [*self.within, sys.executable, "-c", _RUN, str(self.folder), "--port", str(self.port), *self.options]
        # Warnings of the libraries it serves with are theirs.
        environ = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore"}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ, cwd=self.folder
        )
        assert self.process.stdout is not None
        self.out: list[str] = []
        for line in self.process.stdout:
            self.out.append(line)
            if line.startswith("open "):
                self.url = line.removeprefix("open ").strip()
                break
        else:
            raise AssertionError(f"no server: {self.out} {self.process.communicate()}")
        found = re.search(r":(\d+)/", self.url)
        assert found is not None
        # Started again, it is where browsers look for it.
        self.port = int(found[1])

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def interrupt(self) -> tuple[int, str, str]:
        """Ends it as Ctrl-C does; gives exit code, what else it printed, and its errors."""
        self.process.send_signal(signal.SIGINT)
        out, errors = self.process.communicate(timeout=20)
        return self.process.returncode, out, errors

    def __enter__(self) -> AnnotationServer:
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.kill()
