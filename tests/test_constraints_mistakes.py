"""The known mistakes of the published checkers: ``fixed`` is right on each, and keeps what was right already."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchwright.constraints.document import Document
from benchwright.constraints.run import run_check

from .shared import GOLDEN, NEEDED

MISTAKES = GOLDEN / "known_bugs.json"


def mistakes() -> list[dict[str, Any]]:
    return json.loads(MISTAKES.read_text("utf-8")) if MISTAKES.is_file() else []


@pytest.mark.skipif(not MISTAKES.is_file(), reason=NEEDED)
def test_fixed_is_right_where_the_published_checkers_are_not() -> None:
    rows = [row for row in mistakes() if row["correct"] is not None]
    assert sum(row["wrong"] for row in rows) == 82
    missed = []
    for row in rows:
        ran = run_check(row["id"], json.dumps(row["kwargs"]), Document(row["response"]))
        if ran.outcome.label != int(row["correct"]):
            missed.append((row["id"], row["kwargs"], row["response"][:80], row["correct"], ran.outcome, ran.reason))
    assert not missed, missed
