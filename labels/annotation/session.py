"""One annotator at work: logging in, the qualification test, tasks one after another, and going back.

A session says what its screen shows and takes what is done there. It knows nothing of pages and servers. Every answer
is in the store before the screen moves on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from .assignment import Qualification, next_gold, next_task, progress, qualification
from .store import AnnotationStore
from .task import ANSWERS, Annotator, Given, Task

__all__ = ["Desk", "Marked", "Screen", "Session"]

LEASE = 15 * 60.0
"""Seconds for which a task that is on somebody's screen is kept from others, since it was shown or typed on."""
MOST_TYPED = 20_000
"""Characters of a note or wording that are kept."""


class Marked(NamedTuple):
    """A task of the qualification test, and how it was answered."""

    task: Task
    answer: str
    right: bool


@dataclass(frozen=True)
class Screen:
    """What an annotator sees."""

    serial: int
    """Counts the session's screens: what was done on an earlier one is not taken for this one."""
    stage: str
    """``test``, ``result`` (of the test), ``work`` or ``done`` (nothing to do for now)."""
    task: Task | None
    earlier: Given | None
    """One's own answer to the task, where there is one."""
    note: str
    text: str | None
    """Draft of a new wording; null where there is none."""
    done: int
    total: int
    """About how many there will be for this annotator."""
    test: Qualification | None = None
    """How the test went, on the screen that says so."""
    results: tuple[Marked, ...] = ()
    first: bool = False
    """Whether nothing lies before this screen."""
    back: bool = False
    """Whether it is one of the annotator's earlier tasks."""


class Desk:
    """What the annotators of one server share: the store, what is in it, and who has which task on the screen."""

    def __init__(self, store: AnnotationStore, now: Callable[[], float], lease: float = LEASE) -> None:
        """Opens the desk.

        Args:
            now: gives unix seconds.
            lease: seconds for which a task on a screen is kept from others.
        """
        self.store, self.now, self._lease = store, now, lease
        self._leases: dict[str, dict[str, float]] = {}
        # One process writes to a store: nobody else adds to these while it is open.
        self.settings = store.settings
        self.tasks = store.tasks()
        self.by_id = {task.id: task for task in self.tasks}
        self._given = {(one.task_id, one.annotator): one for one in store.given()}

    def log_in(self, name: str) -> Session:
        """Gives the session of the annotator of a name, new or known.

        Raises:
            UsageError: when it is no name.
        """
        return Session(self, self.store.register(" ".join(name.split())))

    def given(self) -> Iterable[Given]:
        """Gives the latest answer of each annotator to each task."""
        return self._given.values()

    def given_to(self, task: Task, annotator: Annotator) -> Given | None:
        """Gives an annotator's own answer to a task."""
        return self._given.get((task.id, annotator.pseudonym))

    def keep(self, given: Given) -> None:
        """Notes an answer that the store holds."""
        self._given[given.task_id, given.annotator] = given
        self._leases.get(given.task_id, {}).pop(given.annotator, None)

    def lease(self, task: Task, annotator: Annotator) -> None:
        """Keeps a task for an annotator from now on."""
        self._leases.setdefault(task.id, {})[annotator.pseudonym] = self.now()

    def leased(self) -> dict[str, set[str]]:
        """Gives who has which task on the screen; leases that ran out are dropped."""
        now = self.now()
        oldest = now - self._lease
        fresh = {
            # Where the clock was set back, what is leased from later on is leased from now on.
            id: {who: min(at, now) for who, at in held.items() if at >= oldest}
            for id, held in self._leases.items()
        }
        self._leases = {id: held for id, held in fresh.items() if held}
        return {id: set(held) for id, held in self._leases.items()}


class Session:
    """One annotator's screens. Several sessions of one annotator may be open at once."""

    def __init__(self, desk: Desk, annotator: Annotator) -> None:
        self._desk, self.annotator = desk, annotator
        self._serial = 0
        self._begin()

    def _begin(self) -> None:
        """Finds the stage, what was answered in it, and shows what comes next."""
        self._stage = self._find_stage()
        mine = (one for one in self._desk.given() if one.annotator == self.annotator.pseudonym)
        known = {id for id, task in self._desk.by_id.items() if task.gold is None}
        # There is no way back into the test: the first answers count.
        self._history = [one.task_id for one in sorted(mine, key=lambda one: one.serial) if one.task_id in known]
        self._at: int | None = None
        self._move()

    def _find_stage(self) -> str:
        if self._tests and self.annotator.qualified is None:
            return "test"
        return "result" if self.annotator.qualified is False else "work"

    @property
    def _tests(self) -> list[Task]:
        return [task for task in self._desk.tasks if task.gold is not None]

    def _move(self) -> None:
        """Shows the task the session is at, which is the next open one unless the annotator went back."""
        if self._at is not None:
            task: Task | None = self._desk.by_id[self._history[self._at]]
        elif self._stage == "test":
            task = next_gold(self._tests, self._desk.given(), self.annotator.pseudonym)
            if task is None:
                self._end_test()
        else:
            task = self._next() if self._stage == "work" else None
        self._show(task)

    def _next(self) -> Task | None:
        """Gives the task that is on the annotator's screen already, else the next one."""
        desk, me = self._desk, self.annotator.pseudonym
        leased = desk.leased()
        held = [desk.by_id[id] for id, who in leased.items() if me in who and id in desk.by_id]
        mine = next((task for task in held if desk.given_to(task, self.annotator) is None), None)
        if mine is None:
            work = [task for task in desk.tasks if task.gold is None]
            mine = next_task(work, list(desk.given()), self.annotator.pseudonym, desk.settings, leased)
        if mine is not None:
            desk.lease(mine, self.annotator)
        return mine

    def _end_test(self) -> None:
        """Stores whether the test was passed, and goes on to say so."""
        passed = self._qualification().state == "passed"
        self._desk.store.set_qualified(self.annotator.pseudonym, passed)
        self.annotator = replace(self.annotator, qualified=passed)
        self._stage = "result"

    def _qualification(self) -> Qualification:
        history = self._desk.store.given(latest=False)
        return qualification(self._tests, history, self.annotator.pseudonym, self._desk.settings)

    def _results(self) -> tuple[Marked, ...]:
        pairs = ((task, self._desk.given_to(task, self.annotator)) for task in self._tests)
        return tuple(Marked(task, one.answer, one.answer == task.gold) for task, one in pairs if one is not None)

    def _show(self, task: Task | None) -> None:
        """Makes the screen of a task, or the one where there is none."""
        desk = self._desk
        self._serial += 1
        self._since = desk.now()
        stage = "done" if task is None and self._stage == "work" else self._stage
        earlier = desk.given_to(task, self.annotator) if task is not None else None
        note, text = self._typed(task, earlier)
        done, total = self._progress()
        self.screen = Screen(
            serial=self._serial,
            stage=stage,
            task=task,
            earlier=earlier,
            note=note,
            text=text,
            done=done,
            total=total,
            results=self._results() if stage == "result" else (),
            test=self._qualification() if stage == "result" else None,
            first=self._stage != "work" or not (self._history if self._at is None else self._at),
            back=self._at is not None,
        )

    def _typed(self, task: Task | None, earlier: Given | None) -> tuple[str, str | None]:
        """Gives note and wording as they were typed last: the draft, else the answer's own."""
        draft = self._desk.store.draft(task.id, self.annotator.pseudonym) if task is not None else None
        if draft is not None:
            return draft[0] or "", draft[1]
        return (earlier.note or "", earlier.text) if earlier is not None else ("", None)

    def _progress(self) -> tuple[int, int]:
        if self._stage != "work":
            tests = self._tests
            return sum(self._desk.given_to(task, self.annotator) is not None for task in tests), len(tests)
        work = [task for task in self._desk.tasks if task.gold is None]
        at = progress(work, list(self._desk.given()), self.annotator.pseudonym, self._desk.settings)
        return at.done, at.total

    def answer(self, serial: int, answer: str, note: str | None = None, text: str | None = None) -> Given | None:
        """Stores an answer to the task on the screen, then shows the next one.

        Args:
            serial: the screen's that was answered.
            note: why; blank is none.
            text: the new wording, for ``edit``.

        Returns:
            What was stored; null where the screen has moved on or the answer is not one of this task, and so
            nothing was.
        """
        task = self.screen.task
        if task is None or serial != self._serial or answer not in ANSWERS[task.kind]:
            return None
        note, text = _kept(note), _kept(text) if answer == "edit" else None
        if answer == "edit" and text is None:
            return None
        desk, me = self._desk, self.annotator.pseudonym
        now = desk.now()
        # A clock that was set back says nothing of how long it took.
        seconds = now - self._since if now >= self._since else None
        given = desk.store.answer(task.id, me, answer, text=text, note=note, seconds=seconds, at=int(now))
        desk.keep(given)
        if task.gold is None and task.id not in self._history:
            self._history.append(task.id)
        self._forward()
        return given

    def keep_draft(self, task_id: str, note: str | None, text: str | None) -> bool:
        """Keeps what is typed on a task; tells whether it is kept, which it is not for a task that is not there."""
        task = self._desk.by_id.get(task_id)
        if task is None:
            return False
        kept = (note or "")[:MOST_TYPED], None if text is None else text[:MOST_TYPED]
        self._desk.store.save_draft(task_id, self.annotator.pseudonym, *kept, int(self._desk.now()))
        if self.screen.task is task and self._at is None and task.gold is None:
            self._desk.lease(task, self.annotator)
        return True

    def previous(self) -> None:
        """Goes one task back among those answered."""
        at = len(self._history) if self._at is None else self._at
        if at > 0 and self._stage == "work":
            self._at = at - 1
            self._move()

    def following(self) -> None:
        """Goes one task forward again, up to the open one."""
        if self._at is not None:
            self._forward()

    def _forward(self) -> None:
        if self._at is not None:
            self._at = self._at + 1 if self._at + 1 < len(self._history) else None
        self._move()

    def go_on(self) -> None:
        """Leaves the test's result for the work, if it was passed, or looks whether others' answers made new work."""
        self._begin()

    def again(self) -> None:
        """Shows the same screen afresh, under a new serial."""
        self._show(self.screen.task)


def _kept(typed: str | None) -> str | None:
    """Gives what of a typed text is stored: null for a blank one."""
    stripped = (typed or "").strip()[:MOST_TYPED]
    return stripped or None
