"""What the replies that judges' labels carry say of them, held against each other and against the recipe's judges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError
from ..labels.judges import judge_raters
from ..labels.labellers.labeller import Cell, Labeller, make_labeller
from ..labels.rereading import Drawn, NotDerivable, ReadAgain, Settled, label_of, settle
from ..schemas.recipe import JudgeUse

__all__ = ["Judges", "Replies", "judges_of"]

Row = dict[str, Any]


@dataclass(frozen=True)
class Judges:
    """A recipe's judges."""

    labellers: Mapping[str, Labeller]
    """By rater id, those that are installed."""
    uses: Mapping[str, JudgeUse]
    """Theirs, by rater id."""
    absent: Mapping[str, str]
    """Why the others' labels cannot be read here, by what their rater ids begin with."""

    def why_absent(self, rater: str) -> str | None:
        """Says why a rater's labels cannot be read here; null where they can, or it is none of the recipe's."""
        return next((why for name, why in self.absent.items() if rater == name or rater.startswith(f"{name}:")), None)


def judges_of(uses: Iterable[JudgeUse]) -> Judges:
    """Makes a recipe's judges ready to read; those whose labeller is not installed, or has other keys, are absent."""
    names = [(f"judge:{use.model.id}:{use.id}", use) for use in uses]
    absent: dict[str, str] = {}
    for name, use in names:
        try:
            make_labeller(use.id, use.params)
        except UsageError as error:
            absent[name] = error.message
    there = [use for name, use in names if name not in absent]
    labellers = judge_raters(there)
    return Judges(labellers, dict(zip(labellers, there, strict=True)), absent)


class Replies:
    """The replies of one instruction's labels, each read once.

    Labels settled together carry the same replies: where some carry others, those that most of them carry count.
    """

    def __init__(self, labels: Iterable[Row], judges: Judges, drawn: Drawn) -> None:
        carried = Counter(
            (row["rater_id"], row["raw_reply"])
            for row in labels
            if row["rater_kind"] == "judge" and row["raw_reply"] is not None and row["rater_id"] in judges.labellers
        )
        self._settled: dict[tuple[str, str], Settled] = {}
        self._stored: dict[tuple[str, Cell], str] = {}
        for (rater, stored), _ in sorted(carried.items(), key=lambda one: (-one[1], one[0])):
            found = self._settled[rater, stored] = settle(stored, judges.labellers[rater], drawn)
            for cell in found.labels:
                self._stored.setdefault((rater, cell), stored)

    def said(self, label: Row) -> ReadAgain | NotDerivable:
        """Gives what a label's own replies say of it."""
        if label["raw_reply"] is None:
            return NotDerivable("it carries no raw reply, though the response has a text")
        found = self._settled.get((label["rater_id"], label["raw_reply"]))
        if found is None:
            return NotDerivable("the recipe has no such judge")
        again = label_of(found, label)
        cell = label["response_id"], label["constraint_id"]
        if isinstance(again, ReadAgain) and self._stored[label["rater_id"], cell] != label["raw_reply"]:
            return NotDerivable("its raw reply is not the one that the labels settled with it carry")
        return again

    def told(self, rater: str, cell: Cell) -> Row | None:
        """Gives what the labels settled with one say of it, as far as a judge's replies decide it; null for nothing."""
        stored = self._stored.get((rater, cell))
        if stored is None:
            return None
        found = self._settled[rater, stored]
        return {**found.labels[cell]._asdict(), "raw_reply": stored, "version": found.stamp}
