"""Kills the annotation server with SIGKILL while two people answer in real browsers: what the page called saved is."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from typing import Any

from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.annotation.task import Given, Settings
from tests.annotation_server import AnnotationServer, label, make_project

from .proof import Proof, Skipped

__all__ = ["prove"]

TASKS = 1_000
NAMES = ("Ada", "Bo")
LONGEST = 1.5
"""Seconds for which the server answers at most before it is killed."""
Said = tuple[str, str | None]
"""Answer and note."""

_THERE = (
    "document.body.dataset.shown && document.querySelector('.constraint') && document.querySelector('#banner').hidden"
)
_AT = f"{_THERE} ? [document.body.dataset.shown, document.querySelector('.constraint').innerText] : null"
_SAVED = (
    "old => document.body.dataset.shown !== old && document.querySelector('#state') && "
    "document.querySelector('#state').textContent === 'saved'"
)


def _meant(name: str, number: int) -> Said:
    """Gives what somebody says to a task, and nobody else to another."""
    answer = ("yes", "no", "unsure")[(number + NAMES.index(name)) % 3]
    return answer, f"{name} on {number}" if number % 4 == 0 else None


class _Person:
    """Answers by keyboard in a browser, and remembers what the page called saved."""

    def __init__(self, browser: Any, url: str, name: str) -> None:
        self.name, self.saved = name, dict[int, Said]()
        self.page = browser.new_context().new_page()
        self.page.goto(url)
        self.page.wait_for_function("window.did_handshake")
        self.page.fill("#name", name)
        self.page.keyboard.press("Enter")
        self.page.wait_for_function(_THERE, polling=20)

    def answer(self) -> None:
        """Answers what is on the screen, if the server is there."""
        from playwright.sync_api import Error

        try:
            at = self.page.evaluate(_AT)
            if at is None:
                time.sleep(0.05)
                return
            number = int(at[1].rpartition(" ")[2].rstrip("."))
            answer, note = _meant(self.name, number)
            if note:
                self.page.fill("#note", note, timeout=500)
                self.page.keyboard.press("Escape")
            self.page.keyboard.press(answer[0] if answer != "unsure" else "u")
            self.page.wait_for_function(_SAVED, arg=at[0], polling=10, timeout=700)
        except Error:
            return  # the server went, or the page was loading again: nothing was called saved
        self.saved[number] = answer, note


def _given(folder: Path) -> dict[tuple[str, int], list[Given]]:
    """Gives all answers of the file, by annotator's name and task's number."""
    with AnnotationStore.read(folder / ANNOTATIONS) as store:
        names = {one.pseudonym: one.name for one in store.annotators()}
        found: dict[tuple[str, int], list[Given]] = {}
        for one in store.given(latest=False):
            found.setdefault((names[one.annotator], int(one.task_id.rpartition("-")[2])), []).append(one)
    return found


def _check(folder: Path, people: list[_Person]) -> Counter[str]:
    """Counts what is in the file; raises where an answer is lost, there twice, or of another task."""
    found = _given(folder)
    for person in people:
        for number, said in person.saved.items():
            there = found.get((person.name, number), [])
            assert [(one.answer, one.note) for one in there] == [said], f"{person.name} on {number}: {said}, {there}"
    for (name, number), there in found.items():
        assert [(one.answer, one.note) for one in there] == [_meant(name, number)], f"{name} on {number}: {there}"
    saved = sum(len(person.saved) for person in people)
    return Counter(saved=saved, stored=len(found), notes=sum(bool(said[0].note) for said in found.values()))


def _run(server: AnnotationServer, folder: Path, people: list[_Person], kills: int) -> Counter[str]:
    """Kills the server again and again; gives what is in the file after the last time."""
    rng = random.Random(5)
    for _ in range(kills):
        before = sum(len(person.saved) for person in people)
        waited = time.monotonic() + 30
        while sum(len(person.saved) for person in people) == before:  # both are back
            assert time.monotonic() < waited, "the page did not come back"
            for person in people:
                person.answer()
        timer = Timer(rng.uniform(0.0, LONGEST), server.process.kill)
        timer.start()
        while server.process.poll() is None:
            for person in people:
                person.answer()
        timer.join()
        server.kill()
        counts = _check(folder, people)
        server.start()
    return counts


def prove(small: bool) -> Proof:
    """Kills the server at random instants while two people answer."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not (chromium and find_spec("playwright") and find_spec("nicegui")):
        raise Skipped("needs chromium, playwright and nicegui")
    from playwright.sync_api import sync_playwright

    kills = 5 if small else 20
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        settings = Settings(arbitrate=False)
        folder = make_project(Path(name) / "project", [label(number) for number in range(TASKS)], settings)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        with AnnotationServer(folder) as server:
            people = [_Person(browser, server.url, name) for name in NAMES]
            counts = _run(server, folder, people, kills)
        browser.close()
    figures = {
        "kills": kills,
        "browsers": len(NAMES),
        "answers_called_saved": counts["saved"],
        "of_these_lost": 0,
        "answers_in_the_file": counts["stored"],
        "stored_before_the_page_could_say_so": counts["stored"] - counts["saved"],
        "notes_in_the_file": counts["notes"],
        "there_twice": 0,
        "of_another_task": 0,
    }
    return Proof("kill -9 of the annotation server", "python -m benchmarks.run annotating", figures)
