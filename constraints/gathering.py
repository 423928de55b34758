"""Items that models drew as they become constraints: each that says something new, with those who bear witness."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

from ..schemas.constraint import Constraints
from ..schemas.drop import Drop
from ..schemas.instruction import Instruction
from ..schemas.outcome import Outcome
from ..schemas.recipe import ChecklistUse
from ..schemas.tables import frame_of
from .checklists.item import Item
from .checklists.principles import Kept, PrincipleVerdict
from .checklists.same import Known, Vector
from .soft import soft_row

__all__ = ["Account", "Candidate", "Gathering", "joined", "placed", "principle_verdicts"]

Row = dict[str, Any]
_PLACE = "place"
"""Where a row stood among those drawn, while it is on its way."""


@dataclass
class Account:
    """What a draft is charged with as it goes."""

    drops: list[Drop] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)

    def leave(self, record: str, reason: str, detail: str) -> None:
        """Charges a drop."""
        self.drops.append(Drop("checklist", record, reason, detail))


class Candidate(NamedTuple):
    """An item that may become a constraint."""

    instruction_id: str
    item: Item
    version: int
    """Of the prompts that it was drawn by."""
    witness: Kept | None = None


class Gathering:
    """Items as they become constraints: each that says something new.

    Attributes:
        rows: of ``Constraints`` without id and position.
    """

    def __init__(self, constraints: pl.DataFrame, vectors: Mapping[str, Vector], account: Account) -> None:
        self.rows: list[Row] = []
        self.witnesses: list[tuple[int, Kept]] = []
        """Places among the rows, with those who bear witness."""
        self._account, self._vectors = account, vectors
        self._known: dict[str, Known] = defaultdict(Known)
        self._spans: dict[tuple[str, Any], str] = {}
        self._at: dict[tuple[str, str], int] = {}
        for row in constraints.iter_rows(named=True):
            self._note(row, "given")

    def _note(self, row: Row, origin: str) -> None:
        self._known[row["instruction_id"]].add(row["text"], origin, self._vectors.get(row["text"]))
        if row["span"] is not None:
            self._spans.setdefault((row["instruction_id"], tuple(row["span"].values())), origin)

    def add(self, use: ChecklistUse, candidate: Candidate) -> None:
        """Takes an item, or leaves it out as one that is there already."""
        id, item = candidate.instruction_id, candidate.item
        same = self._known[id].same(item.text, self._vectors.get(item.text))
        if same is None and item.span is not None and (id, tuple(item.span)) in self._spans:
            same = "the same words of the user", self._spans[id, tuple(item.span)]
        if same is None:
            row = soft_row(id, item, use.id, candidate.version, use.model.id)
            self._at[id, item.text] = len(self.rows)
            self.rows.append(row)
            self._note(row, use.id)
            text = item.text
        else:
            text, origin = same
            self._account.leave(id, "duplicate_item", f"{use.id}: {item.text[:200]} | {origin}: {text[:200]}")
            self._account.notes[f"overlap:{origin}:{use.id}"] += 1
        if candidate.witness is not None and (id, text) in self._at:
            self.witnesses.append((self._at[id, text], candidate.witness))


def principle_verdicts(
    rows: Sequence[Row], drawn: Sequence[Row], witnesses: Sequence[tuple[int, Kept]]
) -> list[PrincipleVerdict]:
    """Gives what annotators agree on, for the principles that are left as they said them.

    Args:
        rows: after the review, each with its place among those drawn.
    """
    now = {row[_PLACE]: row for row in rows if row["text"] == drawn[row[_PLACE]]["text"]}
    said: dict[tuple[int, str], list[Kept]] = defaultdict(list)
    for at, kept in witnesses:
        if at in now:
            said[at, kept.statement.remark.response].append(kept)
    verdicts = []
    for (at, response), kepts in said.items():
        outcomes = {Outcome.of(kept.statement.verdict == "yes") for kept in kepts}
        outcome = outcomes.pop() if len(outcomes) == 1 else Outcome.UNKNOWN
        row, quotes = now[at], tuple(dict.fromkeys(kept.statement.quote for kept in kepts))
        people = kepts[0].annotators
        verdicts.append(PrincipleVerdict(row["instruction_id"], row["id"], response, outcome, people, quotes))
    return verdicts


def placed(rows: Sequence[Row]) -> list[Row]:
    """Gives rows with their places among those drawn."""
    return [{**row, _PLACE: at} for at, row in enumerate(rows)]


def joined(instructions: Sequence[Instruction], constraints: pl.DataFrame, rows: Sequence[Row]) -> pl.DataFrame:
    """Gives all constraints, by instruction in the order of the instructions, then by position."""
    drawn = [{name: value for name, value in row.items() if name != _PLACE} for row in rows]
    names = Constraints.column_names()
    both = pl.concat([constraints.select(names), frame_of(Constraints, drawn).select(names)])
    order = {one.id: at for at, one in enumerate(instructions)}
    place = pl.Series([order.get(id, len(order)) for id in both["instruction_id"]], dtype=pl.Int64)
    sorted_ = both.with_columns(place.alias(_PLACE)).sort(_PLACE, "instruction_id", "position", maintain_order=True)
    return sorted_.drop(_PLACE)
