"""Takes the pictures of docs/annotate.md: ``python -m tests.annotation_pictures``, from the repository's root."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchwright.labels.annotation.task import Task

from .annotation_server import AnnotationServer, item, label, make_project, pair

__all__ = ["take"]

IMAGES = Path(__file__).parents[1] / "docs" / "images"
ASK = (
    "My neighbours and I want to share one vegetable garden. Write a short notice for the door that asks who joins.\n"
    "Name the Saturday on which we meet, keep it under 80 words, and please don't sound like a lawyer."
)
TALK = [
    {"role": "system", "content": "You help people who live in one house. Answer in their language."},
    {"role": "user", "content": "Can beans and tomatoes share a bed?"},
    {"role": "assistant", "content": "They can, with a hand's width between them. Water the tomatoes from below."},
    {"role": "user", "content": ASK},
]
FIRST = (
    "Hello, everybody!\n\nThe bed behind the house is empty, and we would like to fill it together. Beans, tomatoes, "
    "whatever you like to eat.\n\nWho joins? Come to the yard on Saturday, 3 May, at ten. Bring a spade if you have "
    "one; there is coffee.\n\nAda, second floor"
)
SECOND = (
    "NOTICE\n\nAll residents are hereby informed that the parties undersigned intend to establish a jointly managed "
    "garden. Interested persons shall declare their intention in writing.\n\nA meeting will be announced."
)


def _tasks() -> list[Task]:
    words = "keep it under 80 words"
    span = {"message": 3, "start": ASK.index(words), "end": ASK.index(words) + len(words), "text": words}
    texts = ["The notice names the Saturday of the meeting.", "The notice does not sound like a lawyer."]
    return [
        label(1, messages=TALK, constraint=texts[1], response=FIRST),
        pair(2, messages=TALK, a=FIRST, b=SECOND, constraints=texts),
        item(3, messages=TALK, constraint="Is the notice under 80 words?", span=span),
    ]


def take(folder: Path) -> None:
    """Writes the pictures to a folder."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for task in _tasks():
            project = make_project(Path(made) / task.kind, [task, *(label(100 + more) for more in range(7))])
            sizes = {task.kind: (1280, 800)} | ({"phone": (390, 844)} if task.kind == "label" else {})
            with AnnotationServer(project) as server:
                for name, (width, height) in sizes.items():
                    page = browser.new_page(viewport={"width": width, "height": height})
                    page.goto(server.url)
                    page.wait_for_function("window.did_handshake")
                    page.fill("#name", "Ada")
                    page.keyboard.press("Enter")
                    page.wait_for_function("document.body.dataset.shown", polling=20)
                    page.screenshot(path=folder / f"annotate-{name}.png")
                    page.close()
        browser.close()


if __name__ == "__main__":
    take(IMAGES)
