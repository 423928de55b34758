"""Labels by code: every verifiable constraint that has a check of ours, on every response."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import polars as pl

from ..constraints.constraint import CONSTRAINTS
from ..constraints.document import Document
from ..constraints.run import run_check
from ..schemas.label import Labels
from ..schemas.tables import frame_of

__all__ = ["code_label", "code_labels"]


def code_label(
    instruction: str, constraint: dict[str, Any], response: dict[str, Any], document: Document | None
) -> dict[str, Any]:
    """Gives one row of ``Labels``.

    Args:
        constraint: a row with ``id``, ``checker`` and ``kwargs``.
        response: a row with ``id``, ``text`` (null: unknown) and ``finish_reason``.
        document: the response's shared analysis; null where there is no text.
    """
    checker = constraint["checker"]
    outcome, reason, evidence, version = run_check(
        checker, constraint["kwargs"], response["text"], response["finish_reason"], document
    )
    return {
        "instruction_id": instruction,
        "response_id": response["id"],
        "constraint_id": constraint["id"],
        "rater_id": f"code:{checker}",
        "rater_kind": "code",
        "outcome": outcome.value,
        "probability": None,
        "reason": reason,
        "evidence": evidence,
        "raw_reply": None,
        "order": None,
        "version": None if version is None else str(version),
    }


def _rows(constraints: pl.DataFrame, responses: pl.DataFrame) -> Iterator[dict[str, Any]]:
    checked: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in constraints.sort("instruction_id", "position").iter_rows(named=True):
        if row["checker"] is not None and CONSTRAINTS.has(row["checker"]):
            checked[row["instruction_id"]].append(row)
    for response in responses.iter_rows(named=True):
        text, cut = response["text"], response["finish_reason"] == "length"
        document = None if text is None else Document(text, cut=cut)
        for constraint in checked[response["instruction_id"]]:
            yield code_label(response["instruction_id"], constraint, response, document)


def code_labels(constraints: pl.DataFrame, responses: pl.DataFrame) -> pl.DataFrame:
    """Gives a label per (response, checked constraint), table ``Labels``.

    Constraints without a check of ours get no label: they stay *unrated*.
    """
    return frame_of(Labels, list(_rows(constraints, responses)))
