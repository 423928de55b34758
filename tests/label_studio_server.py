"""A real Label Studio on loopback, in a temporary folder, with two people who annotate through its API.

The program is named by ``BENCHWRIGHT_LABEL_STUDIO``: it needs libraries that do not go together with ours, so that it
lies in an environment of its own.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from benchwright.labels.annotation.task import Task

__all__ = ["NASTY", "NEEDED", "PROGRAM", "Person", "Server", "item_task", "label_task", "pair_task"]

PROGRAM = os.environ.get("BENCHWRIGHT_LABEL_STUDIO", "")
NEEDED = "needs Label Studio: set BENCHWRIGHT_LABEL_STUDIO to its program"
_START = 420.0
"""Seconds for the first start, which makes the tables of an empty folder: about 80 on a machine that is idle."""


NASTY = (
    '<script>document.title = "taken"</script><b>bold</b> **stars** &amp; &lt;i&gt; {{x}} $y\n# head\n\n'
    "   indented\tand tabbed \u202eturned\u202c \x00 end\n<img src=x onerror=\"document.title = 'taken'\">"
)
"""A text that would do something where it is taken for more than text."""
MESSAGES = [
    {"role": "system", "content": "Answer in short."},
    {"role": "user", "content": f"Use no comma. {NASTY}"},
]


def label_task(number: int, **body: Any) -> Task:
    """A label task; every fifth of a new instruction."""
    shown = {"messages": MESSAGES, "language": "en", "constraint": f"No comma, {number}.", "response": NASTY}
    ids = {"constraint_id": f"con_{number:016x}", "response_id": f"res_{number:016x}"}
    return Task(f"tsk_{number:016x}", "label", f"ins_{number // 5:016x}", number, {**shown, **ids, **body})


def pair_task(number: int = 0) -> Task:
    """A pair task, of which the graph says that ``a`` is better."""
    shown = {"messages": MESSAGES, "language": None, "a": NASTY, "b": "Short.", "constraints": ["No comma.", NASTY]}
    ids = {"a_id": f"res_{number:016x}", "b_id": f"res_{number + 1:016x}", "better": "a"}
    return Task(f"tsk_{number + 0x2000:016x}", "pair", f"ins_{number:016x}", number, {**shown, **ids})


def item_task(number: int = 0, span: dict[str, int] | None = None) -> Task:
    """A task about an item of a checklist."""
    shown = {"messages": MESSAGES, "language": "en", "constraint": "No comma.", "span": span}
    types = {"constraint_id": f"con_{number:016x}", "categories": ["Format"], "compositions": ["Single"]}
    return Task(f"tsk_{number + 0x3000:016x}", "item", f"ins_{number:016x}", number, {**shown, **types})


@dataclass
class Person:
    """Somebody with an account on the server."""

    email: str
    id: int
    key: str = field(repr=False)
    header: str = field(repr=False)
    """What their requests are signed with."""


class Server:
    """Starts the server and stops it. Use as a context manager.

    Attributes:
        owner: who the server was started with; has a legacy token.
        second: who signed up by the owner's invitation; has a personal access token.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.password = secrets.token_urlsafe(12)

    def __enter__(self) -> Server:
        token = secrets.token_hex(20)
        command = [PROGRAM, "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(self.port)]
        command += ["--data-dir", str(self.folder)]
        self._log = (self.folder / "log.txt").open("wb")
        self._process = subprocess.Popen(
            command, env=self._environment(token), stdout=self._log, stderr=subprocess.STDOUT, cwd=self.folder
        )
        try:
            self._wait()
            self.owner = self._owner(token)
            self.second = self._sign_up("second@example.org")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _environment(self, token: str) -> dict[str, str]:
        return {
            **os.environ,
            "LABEL_STUDIO_BASE_DATA_DIR": str(self.folder),
            "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
            "LABEL_STUDIO_USERNAME": "owner@example.org",
            "LABEL_STUDIO_PASSWORD": self.password,
            "LABEL_STUDIO_USER_TOKEN": token,
            # It tells nobody, and asks nobody for a newer version.
            "COLLECT_ANALYTICS": "false",
            "LATEST_VERSION_CHECK": "false",
            "SENTRY_DSN": "",
            "FRONTEND_SENTRY_DSN": "",
        }

    def _wait(self) -> None:
        deadline = time.monotonic() + _START
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if httpx2.get(f"{self.url}/health", timeout=5, trust_env=False).is_success:
                    return
            except httpx2.TransportError:
                pass
            time.sleep(0.5)
        said = (self.folder / "log.txt").read_text("utf-8", "replace")
        raise AssertionError(f"Label Studio did not start:\n{said[-3000:]}")

    def ask(self, person: Person, method: str, path: str, **more: Any) -> Any:
        """Sends a request as that person; gives the JSON that answers it."""
        headers = {"Authorization": person.header}
        answer = httpx2.request(method, self.url + path, headers=headers, timeout=60, trust_env=False, **more)
        assert answer.is_success, (method, path, answer.status_code, answer.text[:500])
        return answer.json() if answer.content else None

    def _owner(self, token: str) -> Person:
        person = Person("owner@example.org", 0, token, f"Token {token}")
        person.id = self.ask(person, "GET", "/api/current-user/whoami")["id"]
        return person

    def _sign_up(self, email: str) -> Person:
        """Makes an account by the owner's invitation, as a browser does, and a personal access token for it."""
        invited = self.ask(self.owner, "GET", "/api/invite")["invite_url"]
        with httpx2.Client(base_url=self.url, timeout=60, trust_env=False) as browser:
            page = browser.get(invited).text
            (mark,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[:1]
            form = {"csrfmiddlewaretoken": mark, "email": email, "password": self.password}
            done = browser.post(invited, data=form, headers={"Referer": self.url + invited})
            assert done.status_code == 302, (done.status_code, done.text[:500])
            id = browser.get("/api/current-user/whoami").json()["id"]
            legacy = browser.get("/api/current-user/token").json()["token"]
            headers = {"X-CSRFToken": browser.cookies["csrftoken"], "Referer": self.url}
            made = browser.post("/api/token/", headers=headers)
            assert made.is_success, (made.status_code, made.text[:500])
            return Person(email, id, made.json()["token"], f"Token {legacy}")

    def annotate(
        self, person: Person, task: int, answer: str, target: str, note: str | None = None, seconds: float = 3.5
    ) -> dict[str, Any]:
        """Submits an annotation as the page does; gives it."""
        result: list[dict[str, Any]] = [
            {"from_name": "answer", "to_name": target, "type": "choices", "value": {"choices": [answer]}}
        ]
        if note:
            result.append({"from_name": "note", "to_name": target, "type": "textarea", "value": {"text": [note]}})
        body = {"result": result, "lead_time": seconds}
        made: dict[str, Any] = self.ask(person, "POST", f"/api/tasks/{task}/annotations/", json=body)
        return made
