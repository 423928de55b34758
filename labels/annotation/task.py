"""What a person is asked, and what they said: the records of an annotation project, pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["ANSWERS", "KINDS", "Annotator", "Answer", "Decision", "Given", "Settings", "Task", "guidelines"]

ANSWERS: dict[str, tuple[str, ...]] = {
    "label": ("yes", "no", "unsure"),
    "pair": ("a", "b", "same", "unsure"),
    "item": ("approve", "reject", "edit"),
}
"""What may be answered to each kind of task."""
KINDS = tuple(ANSWERS)


@cache
def guidelines() -> str:
    """Gives our own guidelines for annotators, Markdown."""
    return files(__package__).joinpath("guidelines_v1.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Task:
    """One question to a person.

    ``body`` holds what is shown, as JSON. All kinds: ``messages`` (role and content each) and ``language`` (or null).
    ``label`` adds ``constraint_id``, ``constraint``, ``response_id``, ``response``, and of the constraint ``kind`` and
    ``categories``, which are not shown. ``pair`` adds ``a_id``, ``a``, ``b_id``, ``b``, ``constraints`` (their texts)
    and ``better`` (``a`` or ``b``: what the graph says, never shown). ``item`` adds ``constraint_id``, ``constraint``,
    ``span`` (``message``, ``start``, ``end``, ``text``, or null), ``categories``, ``compositions``; its messages are as
    collected, which the span points into. Tasks with ``gold`` add ``why`` (or null), shown after the answer. No body
    names the model that wrote a response.
    """

    id: str
    """A hash of what is asked: the same question drawn again is the same task."""
    kind: str
    """``label``, ``pair`` or ``item``."""
    instruction_id: str
    priority: int
    """Lower ones are asked first."""
    body: Mapping[str, Any]
    gold: str | None = None
    """The right answer of a task that is asked for qualification alone; null for all others."""


@dataclass(frozen=True)
class Answer:
    """One answer that the project does not hold yet."""

    task_id: str
    annotator: str
    """The pseudonym."""
    answer: str
    text: str | None = None
    """The new wording, where the answer is ``edit``."""
    note: str | None = None
    """Why; blank is none."""
    seconds: float | None = None
    """How long the task was on the screen; what is no such time is taken as unknown."""
    at: int = 0
    """Unix seconds."""


@dataclass(frozen=True)
class Given:
    """One answer as it was given; a later one of the same annotator to the same task takes its place."""

    serial: int
    """Counts all answers of the project in the order they came."""
    task_id: str
    annotator: str
    """The pseudonym."""
    answer: str
    text: str | None
    """The new wording, where the answer is ``edit``."""
    note: str | None
    """Why, in the annotator's words."""
    seconds: float | None
    """How long the task was on the screen."""
    at: int
    """Unix seconds."""


@dataclass(frozen=True)
class Settings:
    """How a project asks."""

    labels_per_item: int = 2
    """People asked about each (response, constraint)."""
    arbitrate: bool = True
    """Whether one more is asked where no *yes* and no *no* is said by more than half of them: of two, where they differ
    or one is unsure."""
    checks_per_pair: int = 2
    """People asked about each pair."""
    pass_share: float = 0.8
    """Share of the qualification tasks to answer rightly."""
    guidelines: str = field(default_factory=guidelines)
    """Markdown, shown beside the tasks."""


@dataclass(frozen=True)
class Annotator:
    """A person who annotates."""

    name: str
    """As it was typed first; never leaves the project's file."""
    pseudonym: str
    """What stands for the name everywhere else: ``a-`` and 8 hex digits."""
    qualified: bool | None
    """Whether the qualification was passed; null while it is open."""


@dataclass(frozen=True)
class Decision:
    """What an annotator decided on an item of a checklist."""

    constraint_id: str
    answer: str
    """``approve``, ``reject`` or ``edit``."""
    text: str | None
    """The new wording of an edited item."""
    annotator: str
    """The pseudonym."""
