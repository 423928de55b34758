"""The annotation page: a session's screens in a browser, and what is done on them taken back to it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from ...errors import BenchwrightError, NoSpace, UsageError
from .screens import CHOICES, draw, draw_frame, import_nicegui, log_in_form
from .session import Desk, Session
from .shown import shown

__all__ = ["add_page"]

Body = Mapping[str, Any]


def add_page(desk: Desk) -> None:
    """Registers the page with NiceGUI.

    Raises:
        MissingExtra: when NiceGUI is not installed.
    """
    ui = import_nicegui().ui
    style, script = (_text(name) for name in ("page.css", "page.js"))

    def index() -> None:
        # Both are the package's own files; no data is in them.
        ui.add_head_html(f"<style>{style}</style>")
        ui.add_body_html(f"<script>{script}</script>")
        _Page(ui, desk).build()

    ui.page("/", title="Annotation", language="en-US")(index)


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


class _Page:
    """One open browser tab."""

    def __init__(self, ui: Any, desk: Desk) -> None:
        self._ui, self._desk = ui, desk
        self._session: Session | None = None

    def build(self) -> None:
        """Draws the log-in and listens to what the tab sends."""
        draw_frame()
        self._root = self._ui.element("div").classes("root")
        with self._root:
            log_in_form(self._desk.settings)
        self._ui.on("hello", self._taking("hello", self._log_in))
        for name, handle in (
            ("answer", self._answer),
            ("draft", self._keep_draft),
            ("previous", self._move(Session.previous)),
            ("following", self._move(Session.following)),
            ("go_on", self._move(Session.go_on)),
            ("again", self._move(Session.again)),
        ):
            self._ui.on(name, self._taking(name, handle))

    def _taking(self, name: str, handle: Callable[[Body], None]) -> Callable[[Any], None]:
        """Makes an event handler that tells the tab of what went wrong: nothing there may look saved that is not."""

        def taking(event: Any) -> None:
            try:
                handle(event.args if isinstance(event.args, dict) else {})
            except (BenchwrightError, OSError, sqlite3.Error) as error:
                self._call("refused", _told(error), name)

        return taking

    def _call(self, function: str, *arguments: Any) -> None:
        # ASCII JSON is a JavaScript literal, whatever characters it holds.
        self._ui.run_javascript(f"annotate.{function}({', '.join(json.dumps(one) for one in arguments)})")

    def _log_in(self, body: Body) -> None:
        self._session = self._desk.log_in(_typed(body, "name") or "")
        self._show(self._session)

    def _answer(self, body: Body) -> None:
        if self._session is None:
            return
        serial, answer = body.get("serial"), body.get("answer")
        task = self._session.screen.task
        if not isinstance(serial, int) or not isinstance(answer, str):
            return
        given = self._session.answer(serial, answer, _typed(body, "note"), _typed(body, "text"))
        if given is not None and task is not None:
            self._show(self._session, saved=task.id, said="saved")
        elif serial == self._session.screen.serial:
            self._call("refused", "Not saved: write the new wording first.", "answer")
        else:
            self._show(self._session, said="not saved: this task had left the screen")

    def _keep_draft(self, body: Body) -> None:
        task, number = _typed(body, "task"), body.get("number")
        if self._session is None or task is None:
            return
        if self._session.keep_draft(task, _typed(body, "note"), _typed(body, "text")):
            self._call("draftSaved", task, number)

    def _move(self, step: Callable[[Session], None]) -> Callable[[Body], None]:
        def moving(_: Body) -> None:
            if self._session is not None:
                step(self._session)
                self._show(self._session)

        return moving

    def _show(self, session: Session, *, saved: str | None = None, said: str = "") -> None:
        """Draws the session's screen and tells the script what is on it."""
        screen = session.screen
        self._root.clear()
        with self._root:
            draw(screen, session.annotator.name, self._desk.settings)
        task = screen.task
        view = {
            "serial": screen.serial,
            "who": session.annotator.pseudonym,
            "name": session.annotator.name,
            "task": task.id if task is not None else None,
            "answers": [choice.answer for choice in CHOICES[task.kind]] if task is not None else [],
            "note": screen.note,
            "text": screen.text,
            "wording": task.body["constraint"] if task is not None and task.kind == "item" else "",
            "saved": saved,
            "said": said,
        }
        self._call("shown", view)


def _told(error: Exception) -> str:
    """Says what went wrong to an annotator, who is not to learn where the project lies."""
    if isinstance(error, UsageError):
        return shown(error.message)
    why = "the server's disk is full" if isinstance(error, NoSpace) else "the server cannot use its file"
    return f"Not saved: {why}. Please tell whoever asked you to annotate. What was saved before is kept."


def _typed(body: Body, key: str) -> str | None:
    """Gives a text that came from a browser; half characters, which no file takes, are replaced."""
    text = body.get(key)
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else None
