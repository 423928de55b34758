"""Who is asked what next: a pure function of the tasks, the answers so far and what is open on other screens.

A (response, constraint) goes to as many people as the settings say, and to one more where no *yes* and no *no* is said
by more than half of them; an item of a checklist to one; a pair to its own number of people, who label neither of its
responses, before or after. Nobody is asked twice, and nobody is told what others said. Gold tasks are for the
qualification alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from .task import Given, Settings, Task

__all__ = ["Progress", "Qualification", "next_gold", "next_task", "overall", "progress", "qualification", "wanted"]

_NOBODY: Collection[str] = ()
Answers = Mapping[str, Mapping[str, str]]
"""By task, then annotator: the latest answer."""


@dataclass(frozen=True)
class Progress:
    """How far somebody, or all together, have come."""

    done: int
    open: int
    total: int


@dataclass(frozen=True)
class Qualification:
    """How an annotator does on the gold tasks."""

    state: str
    """``passed``, ``failed``, or ``open`` while some are unanswered."""
    right: int
    """Gold tasks answered rightly."""
    answered: int
    total: int

    @property
    def share(self) -> float | None:
        """The share of right ones among those answered; null where none is."""
        return self.right / self.answered if self.answered else None


def next_task(
    tasks: Iterable[Task],
    given: Iterable[Given],
    annotator: str,
    settings: Settings,
    leased: Mapping[str, Collection[str]],
) -> Task | None:
    """Gives what to ask an annotator next: by priority, then id; null where nothing is left for them now.

    Args:
        tasks: all tasks of the project, in any order.
        given: its answers; where a history is given, the latest counts.
        annotator: the pseudonym.
        settings: how many are asked.
        leased: who has which task on the screen; it counts as if they had answered, so that nobody is asked in vain.
    """
    return min(_askable(tasks, given, annotator, settings, leased), key=_order, default=None)


def progress(tasks: Iterable[Task], given: Iterable[Given], annotator: str, settings: Settings) -> Progress:
    """Says how many tasks an annotator answered and how many could be asked of them now; their sum is ``total``."""
    tasks, given = list(tasks), list(given)
    answers = _answers(given)
    done = sum(1 for task in tasks if task.gold is None and annotator in answers.get(task.id, {}))
    left = sum(1 for _ in _askable(tasks, given, annotator, settings, {}))
    return Progress(done, left, done + left)


def overall(tasks: Iterable[Task], given: Iterable[Given], settings: Settings) -> Progress:
    """Says how many tasks have all the answers they need."""
    answers = _answers(given)
    asked = [task for task in tasks if task.gold is None]
    done = sum(1 for task in asked if len(said := answers.get(task.id, {})) >= wanted(task, said, settings))
    return Progress(done, len(asked) - done, len(asked))


def wanted(task: Task, said: Mapping[str, str], settings: Settings) -> int:
    """Gives how many people a task needs, after what was said so far.

    Args:
        said: the latest answer by annotator.
    """
    if task.kind == "item":
        return 1
    if task.kind == "pair":
        return settings.checks_per_pair
    first = settings.labels_per_item
    if not settings.arbitrate or len(said) < first:
        return first
    counts = Counter(said.values())
    return first if 2 * max(counts["yes"], counts["no"]) > len(said) else first + 1


def next_gold(tasks: Iterable[Task], given: Iterable[Given], annotator: str) -> Task | None:
    """Gives the next task of an annotator's qualification: by priority, then id; null where all are answered."""
    seen = {one.task_id for one in given if one.annotator == annotator}
    return min((task for task in tasks if task.gold is not None and task.id not in seen), key=_order, default=None)


def qualification(tasks: Iterable[Task], given: Iterable[Given], annotator: str, settings: Settings) -> Qualification:
    """Says whether an annotator passed the qualification; without gold tasks everybody has.

    An annotator's first answer to a task counts: hand in the whole history, ``given(latest=False)``.
    """
    gold = {task.id: task.gold for task in tasks if task.gold is not None}
    first: dict[str, str] = {}
    for one in sorted(given, key=lambda one: one.serial):
        if one.annotator == annotator and one.task_id in gold:
            first.setdefault(one.task_id, one.answer)
    right = sum(1 for id, answer in first.items() if answer == gold[id])
    if len(first) < len(gold):
        state = "open"
    else:
        # Not the share itself: 0.7 of 10 is 7, whatever 7 / 10 is in binary.
        state = "passed" if right >= settings.pass_share * len(gold) - 1e-9 else "failed"
    return Qualification(state, right, len(first), len(gold))


def _order(task: Task) -> tuple[int, str]:
    return task.priority, task.id


def _answers(given: Iterable[Given]) -> dict[str, dict[str, str]]:
    """Gives the latest answer by task and annotator."""
    latest: dict[str, dict[str, Given]] = {}
    for one in given:
        there = latest.setdefault(one.task_id, {})
        before = there.get(one.annotator)
        if before is None or before.serial < one.serial:
            there[one.annotator] = one
    return {id: {annotator: one.answer for annotator, one in there.items()} for id, there in latest.items()}


def _askable(
    tasks: Iterable[Task],
    given: Iterable[Given],
    annotator: str,
    settings: Settings,
    leased: Mapping[str, Collection[str]],
) -> Iterator[Task]:
    """Yields the tasks that an annotator could be asked now, in the order they come in."""
    tasks = [task for task in tasks if task.gold is None]
    answers = _answers(given)
    labelled, compared = _seen(tasks, answers, annotator)
    for task in tasks:
        said = answers.get(task.id, {})
        if annotator in said or _barred(task, labelled, compared):
            continue
        taken = {*said, *leased.get(task.id, _NOBODY)} - {annotator}
        if len(taken) < wanted(task, said, settings):
            yield task


def _seen(tasks: Iterable[Task], answers: Answers, annotator: str) -> tuple[set[str], set[str]]:
    """Gives the responses an annotator labelled, and those they saw in a pair."""
    labelled, compared = set(), set()
    for task in tasks:
        if annotator in answers.get(task.id, {}):
            if task.kind == "label":
                labelled.add(task.body["response_id"])
            elif task.kind == "pair":
                compared |= {task.body["a_id"], task.body["b_id"]}
    return labelled, compared


def _barred(task: Task, labelled: Collection[str], compared: Collection[str]) -> bool:
    """Tells whether an annotator is not independent: who checks a pair is not who labelled its responses."""
    if task.kind == "pair":
        return task.body["a_id"] in labelled or task.body["b_id"] in labelled
    return task.kind == "label" and task.body["response_id"] in compared
