"""Labels derived again from their evidence: code labels by running the check once more, judges' by reading replies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from ..constraints.constraint import CONSTRAINTS
from ..constraints.document import Document
from ..constraints.published import checker_of, is_checked
from ..constraints.run import Dialect, version_of
from ..labels.code import code_label
from ..labels.judge import NotDerivable, is_over, read_again
from ..labels.judges import judge_raters
from ..labels.labellers.labeller import Labeller
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
    if label["rater_kind"] not in ("code", "judge"):
        return {
            "published": "published label: taken over from the source",
            "human": "human label: what an annotator entered",
        }[label["rater_kind"]]
    if label["rater_kind"] == "judge":
        again = read_again(label)
        return f"judge label: {again.detail}" if isinstance(again, NotDerivable) and again.other_version else None
    checker = constraint["checker"]
    if checker is None:
        return None  # a code label on a constraint without a check: it differs from there being none
    if not is_checked(checker):
        return f"check {checker} is not installed"
    installed = version_of(checker, dialect)
    if label["version"] != installed:
        return f"check {checker} is installed in version {installed}, the label is of version {label['version']}"
    return None


def _read_again(label: Row, judges: Mapping[str, Labeller]) -> Row | None:
    """Gives a judge's label as its replies have it; null where they are none of it, or the recipe has no such judge."""
    if label["rater_id"] not in judges:
        return None
    again = read_again(label, judges[label["rater_id"]])
    return None if isinstance(again, NotDerivable) else {**label, **again._asdict()}


def _unsaid(item: Row, response: Row, constraint: Row, there: Sequence[Row], policy: LabelPolicy) -> Iterator[Row]:
    """Yields for each judge that owes a label and gave none the label that says so."""
    said = {label["rater_id"] for label in there}
    for use, rater in zip(policy.judges, judge_raters(policy.judges), strict=True):
        if is_over(use, constraint) and rater not in said:
            reason = "the recipe has this judge label it"
            yield {
                **dict.fromkeys(Labels.column_names()),
                "instruction_id": item["id"],
                "response_id": response["id"],
                "constraint_id": constraint["id"],
                "rater_id": rater,
                "rater_kind": "judge",
                "outcome": "unknown",
                "reason": reason,
            }


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
    asked, judges = tuple(item["source_messages"]), judge_raters(policy.judges)
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
            if label["rater_kind"] == "judge":
                yield _read_again(label, judges), label
                continue
            if constraint["checker"] is None:
                yield None, label
                continue
            again = again or code_label(item["id"], constraint, response["id"], document, policy.dialect)
            yield ({**label, **{name: again[name] for name in _COMPARED}}, label)
        if not any(label["rater_kind"] == "code" for label in there) and _is_owed(constraint, policy.raters):
            tally.checked["label"] += 1
            yield code_label(item["id"], constraint, response["id"], document, policy.dialect), None
        for owed in _unsaid(item, response, constraint, there, policy):
            tally.checked["label"] += 1
            yield owed, None


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
