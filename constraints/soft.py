"""Soft constraints: an item of a checklist as a row, numbered in its instruction, and as people reviewed it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from ..schemas.constraint import constraint_id
from ..schemas.drop import Drop
from .checklists.item import Item
from .checklists.review import Decision, DecisionLike, Ruling, rule
from .checklists.same import plain

__all__ = ["ORIGIN_OF", "Reviewed", "decisions_template", "drafted_by", "numbered", "review", "soft_row"]

Row = dict[str, Any]

ORIGIN_OF: Mapping[str, str] = {
    "instruction": "checklist",
    "reference": "checklist",
    "spans": "extracted",
    "feedback": "principle",
}
"""Origin by the way an item was drawn. Spans are what the user wrote: extracted, as what rules extract is."""

_PREFIX = "checklist."
_AHEAD = 16
"""Places beyond the last that an item may have had when somebody decided on it."""


class Reviewed(NamedTuple):
    """Rows as people left them."""

    rows: list[Row]
    drops: list[Drop]
    notes: Counter[str]
    """``approved``, ``edited``, ``rejected``, ``undecided`` (no answer has more than half, the row stays as it is),
    ``decisions_without_item``."""


def soft_row(instruction_id: str, item: Item, way: str, version: int, model: str) -> Row:
    """Gives an item's row of ``Constraints`` without id and position."""
    return {
        "instruction_id": instruction_id,
        "text": item.text,
        "kind": "soft",
        "checker": None,
        "version": None,
        "kwargs": None,
        "categories": list(item.categories),
        "compositions": list(item.compositions),
        "origin": ORIGIN_OF[way],
        "span": None if item.span is None else item.span._asdict(),
        "generator": f"{_PREFIX}{way}@{version}:{model}",
    }


def drafted_by(generator: str) -> str | None:
    """Gives the way by which a constraint was drawn, from its generator; null where it was not drawn by a model."""
    return generator.removeprefix(_PREFIX).partition("@")[0] if generator.startswith(_PREFIX) else None


def numbered(rows: Sequence[Row], first: Mapping[str, int]) -> list[Row]:
    """Gives rows their positions, from each instruction's first free one on, and the ids that follow.

    Args:
        first: by instruction id; 0 where it is not named.
    """
    at: Counter[str] = Counter()
    done = []
    for row in rows:
        id = row["instruction_id"]
        position = first.get(id, 0) + at[id]
        at[id] += 1
        done.append({**row, "id": _id(row, position), "position": position})
    return done


def _id(row: Mapping[str, Any], position: int) -> str:
    return constraint_id(row["instruction_id"], position, row["kind"], row["checker"], row["kwargs"], row["text"])


def decisions_template(constraints: pl.DataFrame) -> list[Row]:
    """Gives a row for each drafted constraint, to be filled in: ``answer``, for edits ``new_text``, ``annotator``.

    A row whose ``answer`` stays blank decides nothing.
    """
    shown = ("constraint_id", "instruction_id", "text", "categories", "compositions", "generator")
    blank = {"answer": "", "new_text": "", "annotator": ""}
    return [
        {**{name: row["id" if name == "constraint_id" else name] for name in shown}, **blank}
        for row in constraints.sort("instruction_id", "position").iter_rows(named=True)
        if drafted_by(row["generator"])
    ]


def _places(rows: Sequence[Row], wanted: set[str]) -> dict[str, int]:
    """Finds rows by the ids they have, or would have at other places: what others became must not lose a decision."""
    found = {row["id"]: at for at, row in enumerate(rows) if row["id"] in wanted}
    if missing := wanted - set(found):
        last = max((row["position"] for row in rows), default=0)
        for at, row in enumerate(rows):
            for position in range(last + _AHEAD):
                id = _id(row, position)
                if id in missing:
                    found.setdefault(id, at)
    return found


def _matched(rows: Sequence[Row], decisions: Sequence[Decision]) -> tuple[dict[int, list[Decision]], list[Decision]]:
    """Gives the decisions by the row they are on, and those that are on none."""
    by_id = _places(rows, {one.constraint_id for one in decisions if one.constraint_id})
    by_text = {(row["instruction_id"], row["text"].strip()): at for at, row in reversed(list(enumerate(rows)))}
    on: dict[int, list[Decision]] = {}
    left: list[Decision] = []
    for one in decisions:
        at = by_id.get(one.constraint_id or "")
        if at is None and one.instruction_id and one.item:
            at = by_text.get((one.instruction_id, one.item.strip()))
        if at is None:
            left.append(one)
        else:
            on.setdefault(at, []).append(one)
    return on, left


def _edited(row: Row, ruling: Ruling) -> Row:
    """Gives an edited row; where it was written stays, and so do types that were not changed."""
    changed: Row = {"text": ruling.text or row["text"]}
    if ruling.categories is not None:
        changed["categories"] = list(ruling.categories)
    if ruling.compositions is not None:
        changed["compositions"] = list(ruling.compositions) or ["Single"]
    generator = row["generator"]
    if all(row[name] == value for name, value in changed.items()) or generator.endswith("+edited"):
        return {**row, **changed}
    return {**row, **changed, "generator": f"{generator}+edited"}


def review(rows: Sequence[Row], decisions: Sequence[DecisionLike], first: Mapping[str, int]) -> Reviewed:
    """Applies what people decided; ids follow the texts, positions have no gaps.

    A decision finds its item by the constraint's id, wherever the item stands by now, or by instruction and text. What
    was decided on an edited item is applied to the edit. An edit that makes an item equal to an earlier one of its
    instruction drops it.

    Args:
        rows: drafted ones, as ``numbered`` gives them.
        first: as for ``numbered``.
    """
    notes: Counter[str] = Counter()
    drops: list[Drop] = []
    now, waiting = list(rows), [Decision.of(one) for one in decisions]
    while waiting:
        on, left = _matched(now, waiting)
        if len(left) == len(waiting):
            break
        waiting = left
        after: list[Row] = []
        for at, row in enumerate(now):
            ruling = rule(on[at]) if at in on else None
            if ruling is not None:
                notes[ruling.name] += 1
            if ruling is not None and ruling.name == "rejected":
                drops.append(Drop("checklist", row["id"], "rejected", f"{ruling.votes}: {row['text'][:200]}"))
            else:
                after.append(_edited(row, ruling) if ruling is not None and ruling.name == "edited" else row)
        now = after
    if waiting:
        notes["decisions_without_item"] += len(waiting)
    if notes["edited"]:
        now = _each_once(now, drops)
    return Reviewed(numbered(now, first), drops, notes)


def _each_once(rows: Sequence[Row], drops: list[Drop]) -> list[Row]:
    """Leaves out rows whose text, edited or met by an edit, another of the instruction has already."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for row in rows:
        key = row["instruction_id"], plain(row["text"])
        if key in seen:
            drops.append(Drop("checklist", row["id"], "duplicate_item", f"edited into another: {row['text'][:200]}"))
        else:
            kept.append(row)
            seen.add(key)
    return kept
