"""What people decide on drafted items: approve, edit or reject; and what several of them decide together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from ...errors import nearest
from .item import types
from .rows import read_each

__all__ = ["ANSWERS", "Decision", "DecisionLike", "Ruling", "read_decisions", "rule"]

ANSWERS = ("approve", "edit", "reject")


class DecisionLike(Protocol):
    """What a decision has at least, wherever it was made."""

    @property
    def constraint_id(self) -> str | None:
        """The item as a constraint."""

    @property
    def answer(self) -> str:
        """One of ``ANSWERS``."""

    @property
    def text(self) -> str | None:
        """Of an edit: the new wording."""

    @property
    def annotator(self) -> str:
        """Who decided."""


@dataclass(frozen=True)
class Decision:
    """What one person decided on one item."""

    constraint_id: str | None
    answer: str
    text: str | None = None
    annotator: str = ""
    instruction_id: str | None = None
    item: str | None = None
    """The item's wording, which with ``instruction_id`` names it where its id is not known."""
    categories: tuple[str, ...] | None = None
    """Of an edit; null leaves them."""
    compositions: tuple[str, ...] | None = None

    @classmethod
    def of(cls, one: DecisionLike) -> Decision:
        """Takes a decision made elsewhere."""
        return one if isinstance(one, Decision) else cls(one.constraint_id, one.answer, one.text, one.annotator)


class Ruling(NamedTuple):
    """What several decisions on one item come to."""

    name: str
    """``approved``, ``edited``, ``rejected``, ``undecided``."""
    votes: str
    """How people decided, in words."""
    text: str | None = None
    categories: tuple[str, ...] | None = None
    compositions: tuple[str, ...] | None = None


def rule(decisions: Sequence[Decision]) -> Ruling:
    """Gives what more than half of the people say, each by their last decision; edits agree by their wording.

    Without a majority it is ``undecided``. An edit without a wording changes types alone; an answer that is none counts
    as a vote for nothing.
    """
    last = {one.annotator: one for one in decisions}
    votes: Counter[tuple[Any, ...]] = Counter()
    for one in last.values():
        wording = " ".join((one.text or "").split()) if one.answer == "edit" else ""
        votes[one.answer, wording, one.categories, one.compositions] += 1
    (answer, wording, categories, compositions), most = votes.most_common(1)[0]
    counts = Counter(one.answer for one in last.values())
    said = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    if 2 * most <= len(last) or answer not in ANSWERS:
        return Ruling("undecided", said)
    if answer != "edit":
        return Ruling({"approve": "approved", "reject": "rejected"}[answer], said)
    return Ruling("edited", said, wording or None, categories, compositions)


def _named(values: Mapping[str, Any], column: str, kind: int, problems: list[str]) -> tuple[str, ...] | None:
    """Reads types, a list or a string with separators; null where the column is blank."""
    given = values.get(column)
    if given is None or given == "" or given == []:
        return None
    text = ", ".join(map(str, given)) if isinstance(given, list | tuple) else str(given)
    found = types(text)
    if found[2] or found[1 - kind]:
        problems.append(f"{column} {text!r} holds names that are none of its own")
    return found[kind]


def _decision(values: Mapping[str, Any]) -> Decision | list[str] | None:
    """Reads a row; null where nothing was decided, else what is wrong."""

    def text(name: str) -> str | None:
        given = values.get(name)
        return str(given).strip() or None if given is not None else None

    answer = text("answer")
    if answer is None:
        return None
    problems: list[str] = []
    answer = answer.lower()
    if answer not in ANSWERS:
        problems.append(f"answer {answer!r} is none: {nearest(answer, ANSWERS)}")
    id, instruction, item = text("constraint_id"), text("instruction_id"), text("text")
    if id is None and (instruction is None or item is None):
        problems.append("names no item: constraint_id does, or instruction_id with text")
    editing = answer == "edit"
    categories = _named(values, "categories", 0, problems) if editing else None
    compositions = _named(values, "compositions", 1, problems) if editing else None
    new = text("new_text")
    if editing and new is None and categories is None and compositions is None:
        problems.append("an edit needs new_text, categories or compositions")
    if not editing and new is not None and answer in ANSWERS:
        problems.append(f"new_text belongs to an edit, the answer is {answer!r}")
    if problems:
        return problems
    annotator = text("annotator") or ""
    return Decision(id, answer, new, annotator, instruction, item, categories, compositions)


def read_decisions(rows: Iterable[Any], where: str) -> list[Decision]:
    """Reads a file of decisions with the columns of ``soft.decisions_template``; blank answers are none.

    Args:
        rows: of ``store.rows.read_rows``: each has a number and values, or a number, a reason and a detail.
        where: the file's name, for messages.

    Raises:
        InputError: when rows cannot be read, with file and line of each.
    """
    decisions: list[Decision] = []

    def read(values: Mapping[str, Any], _: str) -> list[str]:
        found = _decision(values)
        if isinstance(found, Decision):
            decisions.append(found)
            return []
        return found or []

    read_each(rows, where, "decisions", read)
    return decisions
