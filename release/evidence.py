"""Labels derived again from their evidence: code labels by running the check on the response once more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import polars as pl

from ..constraints.constraint import CONSTRAINTS
from ..constraints.document import Document
from ..constraints.published import checker_of, is_checked
from ..constraints.run import Dialect, version_of
from ..labels.code import code_label
from ..schemas.label import Labels
from ..schemas.recipe import LabelPolicy
from ..schemas.tables import frame_of
from .difference import Tally

__all__ = ["Finding", "LabelAudit", "audit_labels"]

_COMPARED = ("rater_id", "outcome", "reason", "evidence")
Row = dict[str, Any]


class Finding(NamedTuple):
    """A label that is not what its evidence gives."""

    instruction_id: str
    response_id: str
    constraint_id: str
    rater_id: str
    expected: Row | None
    """What the check gives; null where there should be no such label."""
    found: Row | None
    """What the release holds; null where the label is missing."""


class LabelAudit(NamedTuple):
    """What came of the labels."""

    findings: list[Finding]
    derived: pl.DataFrame
    """Table ``Labels`` as the evidence gives it: what cannot be derived is taken as it is."""


def _reason(label: Row, constraint: Row, dialect: Dialect) -> str | None:
    """Says why a label cannot be derived; null where it can."""
    if label["rater_kind"] != "code":
        return {
            "published": "published label: taken over from the source",
            "judge": "judge label: replies are not read again by this version",
            "human": "human label: what an annotator entered",
        }[label["rater_kind"]]
    checker = constraint["checker"]
    if checker is None:
        return None  # a code label on a constraint without a check: it differs from there being none
    if not is_checked(checker):
        return f"check {checker} is not installed"
    installed = version_of(checker, dialect)
    if label["version"] != installed:
        return f"check {checker} is installed in version {installed}, the label is of version {label['version']}"
    return None


def _is_owed(constraint: Row, raters: tuple[str, ...]) -> bool:
    """Tells whether every response must have a label of this constraint by the installed check."""
    checker = constraint["checker"]
    if "code" not in raters or checker is None or not is_checked(checker):
        return False
    version: int = CONSTRAINTS.get(checker_of(checker)).version
    return bool(constraint["version"] == version)


def _one_response(
    item: Row, response: Row, labels: Mapping[str, list[Row]], policy: LabelPolicy, tally: Tally
) -> Iterator[tuple[Row | None, Row | None]]:
    """Yields (expected, found) for every label of a response, equal where it cannot be derived."""
    text = response["response"]
    asked = tuple(item["source_messages"])
    document = Document(text, cut=response["finish_reason"] == "length", messages=asked)
    for constraint in item["constraints"]:
        there = labels.get(constraint["id"], [])
        again = None
        for label in there:
            if reason := _reason(label, constraint, policy.dialect):
                tally.not_derivable[reason] += 1
                yield label, label
                continue
            tally.checked["label"] += 1
            if constraint["checker"] is None:
                yield None, label
                continue
            again = again or code_label(item["id"], constraint, response["id"], document, policy.dialect)
            yield ({**label, **{name: again[name] for name in _COMPARED}}, label)
        if not any(label["rater_kind"] == "code" for label in there) and _is_owed(constraint, policy.raters):
            tally.checked["label"] += 1
            yield code_label(item["id"], constraint, response["id"], document, policy.dialect), None


def audit_labels(items: pl.DataFrame, labels: pl.DataFrame, policy: LabelPolicy, tally: Tally) -> LabelAudit:
    """Derives every label again that can be.

    Labels of responses or constraints that are not the items' are left out of ``derived``; they are told apart by keys.

    Args:
        items: table ``Items``; labels: table ``Labels``, of the same split.
        policy: the recipe's: who labels, and in which dialect code does.
        tally: hears what was checked and what cannot be derived; findings are the caller's to report.
    """
    by_response: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in labels.iter_rows(named=True):
        by_response[row["response_id"]][row["constraint_id"]].append(row)
    findings: list[Finding] = []
    derived: list[Row] = []
    for item in items.iter_rows(named=True):
        for response in item["responses"]:
            for expected, found in _one_response(item, response, by_response[response["id"]], policy, tally):
                if expected is not None:
                    derived.append(expected)
                if expected != found:
                    one = found or expected or {}
                    ids = (one["response_id"], one["constraint_id"], one["rater_id"])
                    findings.append(Finding(item["id"], *ids, expected, found))
    return LabelAudit(findings, frame_of(Labels, derived))
