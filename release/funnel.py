"""The funnel: how many instructions and responses each stage took in, kept and dropped, by reason. Counts add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..schemas.drop import Drop

__all__ = ["count_drops", "funnel"]

_STAGES = ("collect", "filter", "select", "constrain", "sample", "graph")


def count_drops(drops: Sequence[Drop]) -> dict[str, dict[str, int]]:
    """Counts drops by stage and reason, both in alphabetical order."""
    counts: dict[str, Counter[str]] = {}
    for drop in drops:
        counts.setdefault(drop.stage, Counter())[drop.reason] += 1
    return {stage: dict(sorted(counts[stage].items())) for stage in sorted(counts)}


def _row(stage: str, unit: str, came: int, drops: Sequence[Drop]) -> dict[str, Any]:
    dropped = Counter(drop.reason for drop in drops)
    return {
        "stage": stage,
        "unit": unit,
        "in": came,
        "kept": came - dropped.total(),
        "dropped": dict(sorted(dropped.items())),
    }


def funnel(read: Mapping[str, int], responses: int, drops: Sequence[Drop]) -> list[dict[str, Any]]:
    """Gives a row per stage and unit: ``stage, unit, in, kept, dropped {reason: count}``.

    Args:
        read: rows read by source; each became an instruction or a drop.
        responses: responses sampled or recorded.
    """
    rows = []
    came = sum(read.values())
    for stage in _STAGES:
        of_stage = [drop for drop in drops if drop.stage == stage]
        row = _row(stage, "instructions", came, [drop for drop in of_stage if not drop.record.startswith("res_")])
        rows.append(row)
        came = row["kept"]
    rows.append(_row("graph", "responses", responses, [drop for drop in drops if drop.record.startswith("res_")]))
    return rows
