"""Labels by code: every verifiable constraint that has a check of ours, on every response."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from ..constraints.document import Document
from ..constraints.published import is_checked
from ..constraints.run import Dialect, evidence_of, run_check
from ..schemas.label import Labels
from ..schemas.messages import Messages
from ..schemas.tables import frame_of

__all__ = ["code_label", "code_labels"]


def code_label(
    instruction: str, constraint: dict[str, Any], response: str, document: Document | None, dialect: Dialect
) -> dict[str, Any]:
    """Gives one row of ``Labels``.

    Args:
        instruction: its id.
        constraint: a row with ``id``, ``checker`` and ``kwargs``.
        response: its id.
        document: the response's shared analysis; null where there is no text.
        dialect: which semantics of the check.
    """
    checker = constraint["checker"]
    ran = run_check(checker, constraint["kwargs"], document, dialect)
    return {
        "instruction_id": instruction,
        "response_id": response,
        "constraint_id": constraint["id"],
        "rater_id": f"code:{checker}",
        "rater_kind": "code",
        "outcome": ran.outcome.value,
        "probability": None,
        "reason": ran.reason,
        "evidence": evidence_of(ran.check),
        "raw_reply": None,
        "order": None,
        "version": ran.version,
    }


def _rows(
    asked: Mapping[str, Messages], constraints: pl.DataFrame, responses: pl.DataFrame, dialect: Dialect
) -> Iterator[dict[str, Any]]:
    checked: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in constraints.sort("instruction_id", "position").iter_rows(named=True):
        if row["checker"] is not None and is_checked(row["checker"]):
            checked[row["instruction_id"]].append(row)
    for response in responses.iter_rows(named=True):
        instruction, text, cut = response["instruction_id"], response["text"], response["finish_reason"] == "length"
        document = None if text is None else Document(text, cut=cut, messages=asked[instruction])
        for constraint in checked[instruction]:
            yield code_label(instruction, constraint, response["id"], document, dialect)


def code_labels(
    instructions: pl.DataFrame, constraints: pl.DataFrame, responses: pl.DataFrame, dialect: Dialect
) -> pl.DataFrame:
    """Gives a label per (response, checked constraint), table ``Labels``.

    Constraints without a check get no label: they stay *unrated*.

    Args:
        instructions: table ``Instructions``; ``id`` and ``source_messages`` are read.
        constraints: table ``Constraints``.
        responses: table ``Responses``.
        dialect: which semantics of the checks.
    """
    asked = {id: tuple(messages) for id, messages in instructions.select("id", "source_messages").iter_rows()}
    return frame_of(Labels, list(_rows(asked, constraints, responses, dialect)))
