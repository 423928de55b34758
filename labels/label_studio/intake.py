"""Answers of Label Studio into an annotation project: each once, however often it comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..annotation.store import AnnotationStore
from ..annotation.task import Answer, Given
from .annotations import Found, Problem, read_annotations

__all__ = ["SAID", "Tally", "take"]

SAID = {
    "new": "answers that were not there",
    "changed": "answers that take the place of an earlier one",
    "there": "answers that were there already",
    "outdated": "answers older than the one that is there",
    "cancelled": "annotations that were skipped or cancelled",
    "drafts": "drafts",
}
"""What annotations come to, besides problems."""
BATCH = 1_000
"""Answers that reach the disk together."""


@dataclass
class Tally:
    """What came of the tasks that were read."""

    tasks: int = 0
    """Tasks of Label Studio that were read."""
    counts: Counter[str] = field(default_factory=Counter)
    """By keys of ``SAID``."""
    problems: list[Problem] = field(default_factory=list)
    annotators: Counter[str] = field(default_factory=Counter)
    """Answers read, whether new or not, by pseudonym."""

    @property
    def annotations(self) -> int:
        """Annotations read, whatever became of them."""
        return self.counts.total() - self.counts["drafts"] + len(self.problems)


class _Known:
    """The answers of a project, as far as needed to tell whether one is new."""

    def __init__(self, given: Iterable[Given]) -> None:
        self._seen: set[tuple[Any, ...]] = set()
        self._newest: dict[tuple[str, str], int] = {}
        for one in given:
            self.add(one)

    def add(self, one: Answer | Given) -> None:
        key = one.task_id, one.annotator
        self._seen.add((*key, one.answer, one.text, one.note, one.at))
        self._newest[key] = max(one.at, self._newest.get(key, one.at))

    def tell(self, one: Answer) -> str:
        """Gives which of ``SAID`` an answer is."""
        key = one.task_id, one.annotator
        if (*key, one.answer, one.text, one.note, one.at) in self._seen:
            return "there"
        newest = self._newest.get(key)
        if newest is None:
            return "new"
        return "outdated" if one.at < newest else "changed"


def take(store: AnnotationStore, rows: Iterable[Any], names: Mapping[str, str] | None = None) -> Tally:
    """Takes the annotations of tasks of Label Studio into a project, in batches, each of which is durable or not there.

    Where ``rows`` fail, what they gave before is taken all the same: the next time it is there already.

    An annotator is registered as ``label-studio:ID``, the same for files and the server; two servers count their users
    alike, so the second one's need names.

    Args:
        rows: tasks as Label Studio exports or lists them.
        names: what annotators are called in this project, by their id on the server.
    """
    tasks = {task.id: task for task in store.tasks() if task.gold is None}
    known, tally = _Known(store.given(latest=False)), Tally()
    pseudonyms: dict[str, str] = {}
    pending: list[Answer] = []
    try:
        for row in rows:
            reading = read_annotations(row, tasks)
            tally.tasks += 1
            tally.counts.update(cancelled=reading.cancelled, drafts=reading.drafts)
            tally.problems += reading.problems
            for found in reading.found:
                if found.user not in pseudonyms:
                    name = (names or {}).get(found.user, f"label-studio:{found.user}")
                    pseudonyms[found.user] = store.register(name).pseudonym
                answer = _answer(found, pseudonyms[found.user])
                said = known.tell(answer)
                tally.annotators[answer.annotator] += 1
                tally.counts[said] += 1
                if said in ("new", "changed"):
                    known.add(answer)
                    pending.append(answer)
            if len(pending) >= BATCH:
                store.answer_many(pending)
                pending = []
    finally:
        if pending:
            store.answer_many(pending)
    return tally


def _answer(found: Found, annotator: str) -> Answer:
    at = int(found.written.timestamp())
    return Answer(found.task_id, annotator, found.answer, found.text, found.note, found.seconds, at)
