"""The funnel: how many instructions and responses each stage took in, kept and dropped, by reason. Counts add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..schemas.drop import Drop
from .contents import FunnelRow

__all__ = ["build_funnel"]

_STAGES = ("collect", "filter", "select", "constrain", "sample", "graph")


def _row(stage: str, noun: str, given: int, drops: Sequence[Drop]) -> FunnelRow:
    dropped = Counter(drop.reason for drop in drops)
    return FunnelRow(stage, noun, given, given - dropped.total(), dict(sorted(dropped.items())))


def _kind(drop: Drop) -> str:
    """Says what a drop's record is: a response, a row of a file of recorded responses, or an instruction to be."""
    if drop.record.startswith("res_"):
        return "response"
    recorded = drop.stage == "sample" and not drop.record.startswith("ins_")
    return "recorded row" if recorded else "instruction"


def build_funnel(read: int, recorded: int, responses: int, drops: Sequence[Drop]) -> list[FunnelRow]:
    """Gives a row per stage for instructions, one for responses, and one for recorded rows where there are any.

    Args:
        read: rows read from all sources; each became an instruction or a drop.
        recorded: rows read from files of recorded responses.
        responses: responses sampled or recorded.
    """
    kinds = [_kind(drop) for drop in drops]
    of_instructions, of_responses, of_recorded = (
        [drop for drop, kind in zip(drops, kinds, strict=True) if kind == wanted]
        for wanted in ("instruction", "response", "recorded row")
    )
    rows: list[FunnelRow] = []
    for stage in _STAGES:
        given = rows[-1].kept if rows else read
        rows.append(_row(stage, "instructions", given, [drop for drop in of_instructions if drop.stage == stage]))
    if recorded:
        rows.append(_row("sample", "recorded rows", recorded, of_recorded))
    return [*rows, _row("graph", "responses", responses, of_responses)]
