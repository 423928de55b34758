"""The door to a Label Studio server: its HTTP API, which tries again what may pass and words what it refuses.

Reference: https://api.labelstud.io. Tried with Label Studio 1.23.2, community edition.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx2

from ...errors import InputError, UsageError
from ...sampling.limits import retry_after
from .annotations import task_id_of
from .key import Key, authorisation
from .tasks import MODEL_VERSION

__all__ = ["LabelStudio", "Project", "Pushed", "checked_url"]

WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds before a request is sent again: half a minute in all, in which a server starts anew."""
_LONGEST_WAIT = 300.0
"""Seconds that a server may ask for (``Retry-After``); one that asks for more is left for now."""
_TIMEOUT = httpx2.Timeout(connect=10.0, read=120.0, write=60.0, pool=None)
_PASSING = {408, 425, 429, 500, 502, 503, 504}
"""Statuses that may pass."""
_BATCH, _BATCH_BYTES = 500, 8_000_000
"""Tasks, and bytes of them, that go in one request."""
_PAGE = 500
_LONGEST_TITLE = 50
_LISTED = (
    "id,meta,annotations,drafts,draft_exists,"
    "result,completed_by,was_cancelled,created_at,updated_at,updated_by,lead_time"
)
"""Fields of tasks, and of the annotations in them: one list names both."""


class _MayPass(InputError):
    """A request failed for a reason that may pass; whether the server carried it out is not known."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        """Takes the seconds for which the server asked not to be asked, too."""
        super().__init__(message)
        self.after = after


@dataclass(frozen=True)
class Project:
    """A project of the server."""

    id: int
    title: str
    config: str


class Pushed(NamedTuple):
    """What became of tasks that were pushed."""

    sent: int
    there: int
    """Tasks that were on the server already."""


def checked_url(url: str) -> str:
    """Gives a server's URL without its trailing slash.

    Raises:
        UsageError: when it is none.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError(
            f"{url!r} is no server's URL: give one such as http://localhost:8080 (--url, LABEL_STUDIO_URL)"
        )
    return url.rstrip("/")


class LabelStudio:
    """A server, asked with one person's key. Use as a context manager."""

    def __init__(
        self, url: str, key: str, *, waits: Sequence[float] = WAITS, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Sends nothing yet.

        Args:
            key: a personal access token or a legacy token.
            waits: seconds before each further try.

        Raises:
            UsageError: when the URL or the key cannot be one.
        """
        self.url = checked_url(url)
        self._key, self._waits, self._sleep = Key(key), tuple(waits), sleep
        self._http = httpx2.Client(
            base_url=self.url, timeout=_TIMEOUT, auth=authorisation(self._key, f"{self.url}/api/token/refresh/")
        )

    def __enter__(self) -> LabelStudio:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def project(self, id: int) -> Project:
        """Gives a project by its number.

        Raises:
            InputError: when there is none that this key may see, or the server cannot be asked.
        """
        return _project(self._ask("GET", f"/api/projects/{id}/", what=f"project {id}"))

    def find(self, title: str) -> Project | None:
        """Gives the project that bears a title; null where none does.

        Raises:
            InputError: when several do, or the server cannot be asked.
        """
        found, page = [], 1
        while True:
            body = self._ask("GET", "/api/projects/", params={"title": title, "page": page, "page_size": 100})
            found += [_project(one) for one in _list(body, "results") if one.get("title") == title]
            if not body.get("next"):
                break
            page += 1
        if len(found) > 1:
            numbers = ", ".join(str(one.id) for one in found)
            raise InputError(f"{len(found)} projects are called {title!r}: name one by its number ({numbers})")
        return found[0] if found else None

    def find_or_create(self, title: str, config: str, annotations: int, predictions: bool) -> tuple[Project, bool]:
        """Gives the project of a title, with this configuration; tells whether it was made.

        Args:
            annotations: by how many people each task is annotated.
            predictions: whether annotators see them.

        Raises:
            UsageError: when the title is none.
            InputError: when the server refuses or cannot be asked.
        """
        if not 3 <= len(title) <= _LONGEST_TITLE:
            raise UsageError(
                f"the title {title!r} must have 3 to {_LONGEST_TITLE} characters: give another (--project)"
            )
        wanted = {
            "title": title,
            "label_config": config,
            "maximum_annotations": annotations,
            "enable_empty_annotation": False,
            **_predicting(predictions),
        }
        for wait in (*self._waits, None):
            if found := self.find(title):
                return self.configure(found, config, predictions), False
            try:
                return _project(self._once("POST", "/api/projects/", f"project {title!r}", json=wanted)), True
            except _MayPass as error:
                # It may have been made nevertheless: looked for before it is made again.
                if wait is None:
                    raise
                self._wait(wait, error)
        raise AssertionError("the last wait is null")

    def configure(self, project: Project, config: str, predictions: bool) -> Project:
        """Gives a project its configuration, where it has another.

        Raises:
            InputError: when the server refuses: annotations that are there do not fit.
        """
        change: dict[str, Any] = _predicting(True) if predictions else {}
        if project.config.strip() != config.strip():
            change["label_config"] = config
        if not change:
            return project
        return _project(self._ask("PATCH", f"/api/projects/{project.id}/", what=f"project {project.id}", json=change))

    def push(self, project: Project, tasks: Iterable[Mapping[str, Any]]) -> Pushed:
        """Sends tasks in batches; those that are there, by our id, are not sent again.

        Raises:
            InputError: when the server refuses or cannot be asked; the same call goes on from there.
        """
        there = self.task_ids(project)
        sent = known = 0
        for batch in _batches(tasks):
            fresh = [task for task in batch if task_id_of(task) not in there]
            known += len(batch) - len(fresh)
            if fresh:
                sent += self._send(project, fresh)
        return Pushed(sent, known)

    def task_ids(self, project: Project) -> set[str]:
        """Gives our ids of the tasks that a project holds.

        Raises:
            InputError: when the server refuses or cannot be asked.
        """
        return {id for row in self._rows(project, "id,meta") if (id := task_id_of(row)) is not None}

    def tasks(self, project: Project) -> Iterator[dict[str, Any]]:
        """Yields a project's tasks with their annotations, page by page, each once.

        Raises:
            InputError: when the server refuses or cannot be asked.
        """
        return self._rows(project, _LISTED)

    def _rows(self, project: Project, fields: str) -> Iterator[dict[str, Any]]:
        seen: set[Any] = set()
        page, read, total = 1, 0, 1
        while read < total:
            body = self._page(project, fields, page)
            rows, total = _list(body, "tasks"), _total(body)
            if any(task_id_of(row) is None for row in rows):
                # Tasks that somebody imported without ``meta``: the id is beside the texts, which are longer.
                rows = _list(self._page(project, f"{fields},data", page), "tasks")
            if not rows and read < total:
                raise InputError(f"{self.url} lists {read:,} of {total:,} tasks of project {project.id}: try again")
            for row in rows:
                key = json.dumps(row.get("id"))
                if key not in seen:
                    seen.add(key)
                    yield row
            # Not what was asked for: a server may give fewer in a page.
            page, read = page + 1, read + len(rows)

    def _page(self, project: Project, fields: str, page: int) -> Any:
        # In the order in which they came: what is added meanwhile does not move what is read.
        params = {
            "project": project.id,
            "page": page,
            "page_size": _PAGE,
            "include": fields,
            "fields": "all",
            "query": json.dumps({"ordering": ["tasks:id"]}),
        }
        return self._ask("GET", "/api/tasks/", what=f"project {project.id}", params=params)

    def _send(self, project: Project, batch: Collection[Mapping[str, Any]]) -> int:
        """Sends a batch, and after trouble what of it has not arrived; gives the number sent."""
        left = list(batch)
        for wait in (*self._waits, None):
            try:
                self._once("POST", f"/api/projects/{project.id}/import", f"project {project.id}", json=left)
                break
            except _MayPass as error:
                if wait is None:
                    raise
                self._wait(wait, error)
                there = self.task_ids(project)
                left = [task for task in left if task_id_of(task) not in there]
                if not left:
                    break
        return len(batch)

    def _ask(self, method: str, path: str, *, what: str = "", **more: Any) -> Any:
        """Sends a request that may be carried out twice, until it is answered."""
        for wait in self._waits:
            try:
                return self._once(method, path, what, **more)
            except _MayPass as error:
                self._wait(wait, error)
        return self._once(method, path, what, **more)

    def _wait(self, seconds: float, error: _MayPass) -> None:
        """Waits before a request is sent again, and as long as the server asks for."""
        if error.after > _LONGEST_WAIT:
            raise error
        self._sleep(max(seconds, error.after))

    def _once(self, method: str, path: str, what: str = "", **more: Any) -> Any:
        """Sends a request and reads the JSON that answers it."""
        try:
            response = self._http.request(method, path, **more)
        except httpx2.TransportError as error:
            detail = self._key.masked(str(error) or type(error).__name__)
            raise _MayPass(
                f"{self.url} does not answer ({detail}): is Label Studio running there? "
                "Another server: --url, LABEL_STUDIO_URL"
            ) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise InputError(f"{self.url} cannot be asked: {self._key.masked(str(error))}") from None
        if response.status_code in _PASSING:
            after = retry_after(response.headers, datetime.now(UTC)) or 0.0
            asked = f" (and asks for {after:.0f} seconds of rest)" if after else ""
            said = f"{self.url} answers {response.status_code}{asked} to {method} {path}: {self._detail(response)}"
            raise _MayPass(said, after)
        if not response.is_success:
            raise self._refusal(response, method, path, what)
        try:
            body = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise InputError(
                f"{self.url} answers {method} {path} with something else than Label Studio does: is it one?"
            )
        return body

    def _refusal(self, response: httpx2.Response, method: str, path: str, what: str) -> InputError:
        """Words what the server refuses, and what to do about it."""
        status, detail = response.status_code, self._detail(response)
        if status == 401:
            return InputError(
                f"{self.url} refuses the key in LABEL_STUDIO_API_KEY ({detail}): copy a personal access token from "
                "Account & Settings there; a legacy token works only where the organisation allows them"
            )
        if status == 403:
            return InputError(
                f"{self.url} forbids this key {method} {path} ({detail}): ask its owner for the right to it"
            )
        if status == 404:
            return InputError(
                f"{self.url} has no {what or path} that this key may see ({detail}): check --project and --url"
            )
        if 300 <= status < 400:
            return InputError(
                f"{self.url} redirects to {response.headers.get('location')!r}: give that server with --url"
            )
        return InputError(f"{self.url} refuses {method} {path} with {status}: {detail}", self._problems(response))

    def _body(self, response: httpx2.Response) -> Any:
        try:
            return json.loads(self._key.masked(response.text))
        except ValueError:
            return None

    def _detail(self, response: httpx2.Response) -> str:
        body = self._body(response)
        detail = body.get("detail") if isinstance(body, dict) else None
        text = str(detail or self._key.masked(response.text).strip() or response.reason_phrase)
        return text if len(text) <= 300 else f"{text[:297]}..."

    def _problems(self, response: httpx2.Response) -> list[str]:
        body = self._body(response)
        errors = body.get("validation_errors") if isinstance(body, dict) else None
        return [f"{name}: {said}" for name, said in errors.items()] if isinstance(errors, dict) else []


def _predicting(predictions: bool) -> dict[str, Any]:
    return {"show_collab_predictions": predictions, "model_version": MODEL_VERSION if predictions else ""}


def _project(body: Mapping[str, Any]) -> Project:
    try:
        return Project(int(body["id"]), str(body["title"]), str(body["label_config"]))
    except (KeyError, TypeError, ValueError):
        raise InputError(
            f"the server describes a project without its number, title or configuration: {body!r:.200}"
        ) from None


def _list(body: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = body.get(name)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise InputError(f"the server's answer holds no list of {name}: is it Label Studio?")
    return found


def _total(body: Mapping[str, Any]) -> int:
    total = body.get("total")
    if isinstance(total, bool) or not isinstance(total, int):
        raise InputError(
            f"the server's answer does not say how many tasks there are ({total!r:.80}): is it Label Studio?"
        )
    return total


def _batches(tasks: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Yields tasks in batches of bounded number and size."""
    batch: list[Mapping[str, Any]] = []
    size = 0
    for task in tasks:
        length = len(json.dumps(task, ensure_ascii=False).encode())
        if batch and (len(batch) == _BATCH or size + length > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(task)
        size += length
    if batch:
        yield batch
