"""Answers of an annotation project with what their times are judged by: the words that were new to the annotator."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ..schemas.text import count_words
from .annotation.task import Given, Task
from .annotators import Timed

__all__ = ["timed_answers"]

_TEXTS = ("constraint", "response", "a", "b")


def timed_answers(tasks: Iterable[Task], given: Iterable[Given], kind: str) -> list[Timed]:
    """Gives the answers to the tasks of a kind, in the order they came; qualification is left out.

    A text counts for its words where the annotator sees it first: who answers five questions on one response reads it
    once.

    Args:
        given: latest answers only.
    """
    asked = {task.id: task for task in tasks if task.kind == kind and task.gold is None}
    seen: dict[str, set[str]] = defaultdict(set)
    answers = []
    for one in sorted(given, key=lambda one: one.serial):
        if (task := asked.get(one.task_id)) is None:
            continue
        new = set(_texts(task)) - seen[one.annotator]
        seen[one.annotator] |= new
        answers.append(
            Timed(
                task=task.id,
                instruction=task.instruction_id,
                annotator=one.annotator,
                answer=None if one.answer == "unsure" else one.answer,
                seconds=one.seconds,
                at=one.serial,
                words=sum(map(count_words, new)),
            )
        )
    return answers


def _texts(task: Task) -> Iterator[str]:
    """Yields what is shown: the conversation, the constraints and the responses."""
    yield from (message["content"] for message in task.body.get("messages", ()))
    yield from (task.body[name] for name in _TEXTS if isinstance(task.body.get(name), str))
    yield from task.body.get("constraints", ())
