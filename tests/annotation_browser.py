"""A real Chromium that annotators use in tests."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.annotation.task import Given

__all__ = ["Person", "answers", "browser", "persons"]

_CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
_FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run")


@contextmanager
def browser() -> Iterator[Any]:
    """Starts Chromium; skips the test where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright and chromium")
    if _CHROMIUM is None:
        pytest.skip("needs playwright and chromium")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=_CHROMIUM, headless=True, args=list(_FLAGS))
        yield launched
        launched.close()


@contextmanager
def persons(chromium: Any) -> Iterator[Callable[..., Person]]:
    """Gives what makes annotators; in the end they go, and what their browsers asked and complained of is checked."""
    people: list[Person] = []

    def make(**over: int) -> Person:
        people.append(Person(chromium, **over))
        return people[-1]

    yield make
    for one in people:
        one.close()


def answers(folder: Path) -> list[Given]:
    """Gives the answers that a project's file has."""
    with AnnotationStore.read(folder / ANNOTATIONS) as store:
        return store.given()


class Person:
    """An annotator with a browser of their own.

    Attributes:
        hosts: whom the browser asked.
        frames: what came over the WebSocket.
        errors: what the page's scripts complained of while the server was there.
    """

    def __init__(self, chromium: Any, width: int = 1280, height: int = 800) -> None:
        self.context = chromium.new_context(viewport={"width": width, "height": height})
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.hosts: set[str] = set()
        self.frames: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.hosts.add(re.split("[/:]+", request.url)[1]))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("websocket", self._listen)

    def _listen(self, opened: Any) -> None:
        self.hosts.add(re.split("[/:]+", opened.url)[1])
        opened.on("framereceived", lambda frame: self.frames.append(str(frame)))

    def log_in(self, url: str, name: str) -> None:
        """Opens the page and gives a name."""
        self.page.goto(url)
        self.page.wait_for_function("window.did_handshake")
        self.page.fill("#name", name)
        self.page.keyboard.press("Enter")
        self.wait()

    def wait(self, beyond: str | None = None) -> None:
        """Waits until a screen is shown, another than the given one."""
        self.page.wait_for_function(
            "old => document.body.dataset.shown && document.body.dataset.shown !== old", arg=beyond, polling=20
        )

    def press(self, key: str) -> None:
        """Presses a key that leads to another screen."""
        before = self.page.evaluate("document.body.dataset.shown")
        self.page.keyboard.press(key)
        self.wait(before)

    def text(self, selector: str) -> str:
        """Gives the words of an element."""
        return str(self.page.inner_text(selector))

    def close(self) -> None:
        """Closes the browser, which asked nobody but the server."""
        self.context.close()
        assert self.hosts == {"127.0.0.1"}, "nothing but the server is asked"
        assert self.errors == []
