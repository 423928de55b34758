"""Running one check on one response: the only place where an exception of a check becomes an outcome."""

from __future__ import annotations

from functools import lru_cache

from pydantic import ValidationError

from ..schemas.canonical import canonical_json
from ..schemas.outcome import Outcome
from .constraint import CONSTRAINTS, Check, ConstraintParams
from .document import Document

__all__ = ["read_params", "run_check"]

SPANS = 20
"""Places kept as evidence; ``measured`` still counts all."""


@lru_cache(maxsize=8192)
def read_params(checker: str, kwargs_json: str | None) -> ConstraintParams:
    """Reads a check's parameters from their JSON form.

    Args:
        kwargs_json: a JSON object; null stands for an empty one.

    Raises:
        UsageError: when no check bears the id.
        ValueError: when they are not the check's parameters.
    """
    return CONSTRAINTS.get(checker).Params.model_validate_json("{}" if kwargs_json is None else kwargs_json)


def run_check(
    checker: str,
    kwargs_json: str | None,
    text: str | None,
    finish_reason: str | None,
    document: Document | None = None,
) -> tuple[Outcome, str, str | None, int | None]:
    """Runs a check on a response.

    Args:
        checker: the check's id.
        kwargs_json: its parameters as a JSON object, or null for none.
        text: the response; null when it is missing.
        finish_reason: ``length`` where the token limit cut the response.
        document: the response's analysis, to share between checks; null makes one.

    Returns:
        Outcome, reason, evidence and the check's version. Evidence is canonical JSON ``{"measured": …, "spans":
        [[start, end], …]}`` with at most 20 spans, null where nothing was checked. Reasons of unknown outcomes that are
        not the check's own: ``missing_response``, ``bad_params: …``, ``check_crashed: …``.

    Raises:
        UsageError: when no check bears the id.
    """
    constraint = CONSTRAINTS.get(checker)
    if text is None:
        return Outcome.UNKNOWN, "missing_response", None, constraint.version
    try:
        params = read_params(checker, kwargs_json)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        return Outcome.UNKNOWN, f"bad_params: {where}: {first['msg']}", None, constraint.version
    if document is None:
        document = Document(text, cut=finish_reason == "length")
    try:
        check = constraint.check(params, document)
        evidence = _evidence(check)
    except Exception as error:
        return Outcome.UNKNOWN, f"check_crashed: {type(error).__name__}: {error}", None, constraint.version
    return check.outcome, check.reason, evidence, constraint.version


def _evidence(check: Check) -> str:
    return canonical_json({"measured": check.measured, "spans": check.spans[:SPANS]})
