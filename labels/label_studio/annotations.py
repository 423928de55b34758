"""Annotations of Label Studio as answers of ours: what can be read becomes one, the rest is counted. Pure."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ..annotation.shown import shown
from ..annotation.task import ANSWERS, Task
from .config import ANSWER, NOTE, WORDING

__all__ = ["PROBLEMS", "Found", "Problem", "Reading", "read_annotations", "task_id_of"]

PROBLEMS = {
    "not_a_task": "what stands there is no task of Label Studio's JSON export",
    "no_task_id": "the task bears no id of ours: it was not exported from here",
    "unknown_task": "the task is not in this project, or it belongs to the qualification test",
    "no_answer": "the annotation holds no choice",
    "two_answers": "the annotation holds more than one choice",
    "unknown_answer": "the choice is none of the task's",
    "no_wording": "an edit without the new wording",
    "no_annotator": "nothing that can be a name says who annotated",
    "no_time": "nothing says when it was annotated, with its offset from UTC",
    "edited_by_another": "somebody else changed it later: whose answer it is cannot be told",
}
"""Why an annotation is not taken."""

_AFTER = 1.0
"""Seconds after which an annotation that was written again counts as changed: the server writes a new one twice."""
_LONGEST = 80
"""Characters of an annotator's id or address; with what is put before it, it is a name that a project takes."""


class Found(NamedTuple):
    """An annotation that is an answer."""

    where: str
    task_id: str
    user: str
    """The annotator's id on the server, or the address where a file gives no id."""
    answer: str
    text: str | None
    note: str | None
    seconds: float | None
    written: datetime
    """When it was last changed, UTC."""


class Problem(NamedTuple):
    """An annotation, or a task, that cannot be read."""

    where: str
    kind: str
    """A key of ``PROBLEMS``."""
    detail: str


@dataclass
class Reading:
    """What one task of Label Studio holds."""

    found: list[Found] = field(default_factory=list)
    """In the order they were written."""
    cancelled: int = 0
    """Annotations that were skipped or cancelled."""
    drafts: int = 0
    """Drafts; a listing that only says that there are some counts as one."""
    problems: list[Problem] = field(default_factory=list)


class _Unread(Exception):
    """An annotation is not taken: kind and detail."""


def task_id_of(row: Mapping[str, Any]) -> str | None:
    """Gives our id of a task of Label Studio; null where it bears none."""
    for place in ("data", "meta"):
        inner = row.get(place)
        if isinstance(inner, Mapping) and isinstance(inner.get("task_id"), str):
            return str(inner["task_id"])
    return None


def read_annotations(row: Any, tasks: Mapping[str, Task]) -> Reading:
    """Reads one task of an export or of the server's listing.

    Args:
        tasks: those that are asked for, by id.
    """
    reading = Reading()
    if not isinstance(row, dict) or not isinstance(row.get("annotations"), list):
        reading.problems.append(Problem("?", "not_a_task", _said(row)))
        return reading
    where = f"task {_number(row)}"
    drafts = row.get("drafts")
    reading.drafts = len(drafts) if drafts and isinstance(drafts, list) else int(row.get("draft_exists") is True)
    annotations = row["annotations"]
    kept = [one for one in annotations if not (isinstance(one, dict) and one.get("was_cancelled"))]
    reading.cancelled = len(annotations) - len(kept)
    id = task_id_of(row)
    if id is None or id not in tasks:
        # A task of somebody else's without annotations is no loss.
        kind, detail = ("no_task_id", "") if id is None else ("unknown_task", _said(id))
        reading.problems += [Problem(where, kind, detail) for _ in kept]
        return reading
    for one in kept:
        try:
            reading.found.append(_read(where, one, tasks[id]))
        except _Unread as unread:
            reading.problems.append(Problem(_place(where, one), *unread.args))
    reading.found.sort(key=lambda found: found.written)
    return reading


def _read(where: str, one: Any, task: Task) -> Found:
    if not isinstance(one, dict):
        raise _Unread("no_answer", _said(one))
    user, written = _user(one.get("completed_by")), _time(one.get("updated_at") or one.get("created_at"))
    _same_hand(one, user, written)
    answer = _answer(one, ANSWERS[task.kind])
    text = _typed(one, WORDING) if answer == "edit" else None
    if answer == "edit" and text is None:
        raise _Unread("no_wording", "")
    return Found(
        _place(where, one),
        task.id,
        user,
        answer,
        text,
        _typed(one, NOTE),
        _seconds(one.get("lead_time")),
        written,
    )


def _place(where: str, one: Any) -> str:
    return f"{where}, annotation {_number(one)}"


def _number(one: Any) -> str:
    """Gives the number that a task or annotation has on the server, for a message."""
    number = one.get("id") if isinstance(one, dict) else None
    return "?" if number is None else _said(number)


def _user(given: Any) -> str:
    """Gives who annotated: exports hold an id, some an object with id and address, some an address."""
    if isinstance(given, dict):
        given = given.get("email") if given.get("id") is None else given["id"]
    if isinstance(given, bool) or not isinstance(given, int | str):
        raise _Unread("no_annotator", _said(given))
    user = str(given).strip()
    # Of what no name may be, nobody is made.
    if not 0 < len(user) <= _LONGEST or not user.isprintable() or shown(user) != user:
        raise _Unread("no_annotator", _said(given))
    return user


def _time(given: Any) -> datetime:
    try:
        time = datetime.fromisoformat(given)
        if time.tzinfo is not None:
            return time.astimezone(UTC)  # at either end of the calendar there is no such time
    except (TypeError, ValueError, OverflowError):
        pass
    raise _Unread("no_time", _said(given))


def _same_hand(one: Mapping[str, Any], user: str, written: datetime) -> None:
    """Raises where somebody else than the annotator changed the answer after it was given."""
    changed_by = one.get("updated_by")
    if changed_by is None or one.get("created_at") is None or _user(changed_by) == user:
        return
    if (written - _time(one["created_at"])).total_seconds() > _AFTER:
        raise _Unread("edited_by_another", f"made by user {user}, changed by user {_user(changed_by)}")


def _values(one: Mapping[str, Any], name: str, key: str) -> Iterator[Any]:
    """Yields what a control's results hold."""
    results = one.get("result")
    for result in results if isinstance(results, list) else ():
        if isinstance(result, dict) and result.get("from_name") == name and isinstance(result.get("value"), dict):
            held = result["value"].get(key)
            yield from held if isinstance(held, list) else [held]


def _answer(one: Mapping[str, Any], allowed: tuple[str, ...]) -> str:
    chosen = [value for value in _values(one, ANSWER, "choices") if value is not None]
    if not chosen:
        raise _Unread("no_answer", "")
    if len(chosen) > 1:
        raise _Unread("two_answers", _said(chosen))
    if chosen[0] not in allowed:
        raise _Unread("unknown_answer", f"{_said(chosen[0])}: allowed: {', '.join(allowed)}")
    return str(chosen[0])


def _typed(one: Mapping[str, Any], name: str) -> str | None:
    """Gives what was typed into a control, its lines together; null where that is nothing."""
    lines = [value for value in _values(one, name, "text") if isinstance(value, str)]
    # Half of a surrogate pair, which JSON may hold and no file can, becomes a mark.
    text = "\n".join(lines).encode("utf-8", "replace").decode("utf-8").strip()
    return text or None


def _seconds(given: Any) -> float | None:
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    return float(given) if 0 <= given <= sys.float_info.max else None


def _said(value: Any) -> str:
    """Quotes a value, shortened."""
    try:
        text = str(value) if isinstance(value, int) else ascii(value)
    except (RecursionError, ValueError):  # deeper, or with more digits, than Python writes out
        text = f"some {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."
