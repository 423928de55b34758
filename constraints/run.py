"""Running one check on one response: the only place where an exception of a check becomes an outcome."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from ..schemas.canonical import canonical_json
from ..schemas.outcome import Outcome
from .constraint import CONSTRAINTS, Check, ConstraintParams, VerifiableConstraint
from .document import EVIDENCE, Document
from .published import checker_of, resolve

__all__ = [
    "DIALECTS",
    "MODES",
    "Dialect",
    "Mode",
    "Ran",
    "check_versions",
    "evidence_of",
    "read_params",
    "run_check",
    "version_of",
]

Dialect = Literal["fixed", "official"]
"""``fixed`` says what is right; ``official`` what the published code says, for ids that have one."""
Mode = Literal["strict", "loose"]
"""``loose``: one of the response's variants has to follow."""
DIALECTS: tuple[Dialect, ...] = ("fixed", "official")
MODES: tuple[Mode, ...] = ("strict", "loose")


class Ran(NamedTuple):
    """What running a check came to."""

    outcome: Outcome
    reason: str
    version: str | None
    """``fixed@1``: dialect and the check's version; ``official@ifeval-2025``: dialect and the version reproduced; null
    where the dialect has no check of this id."""
    check: Check | None = None
    """What the check measured and where; null where none ran, and in the ``official`` dialect."""


@lru_cache(maxsize=16384)
def read_params(checker: str, kwargs_json: str | None) -> tuple[VerifiableConstraint, ConstraintParams]:
    """Gives the constraint that checks an id, and its parameters from their JSON form.

    Args:
        checker: an id of ours or a published one.
        kwargs_json: a JSON object; null stands for an empty one.

    Raises:
        UsageError: when nothing checks the id.
        ValueError: when they are not the check's parameters.
    """
    id, kwargs = resolve(checker, _object(kwargs_json))
    constraint = CONSTRAINTS.get(id)
    return constraint, constraint.Params.model_validate(kwargs)


def _object(kwargs_json: str | None) -> dict[str, object]:
    value = json.loads(kwargs_json or "{}")
    if not isinstance(value, dict):
        raise ValueError(f"parameters are an object, not {kwargs_json!r:.80}")
    return value


@lru_cache(maxsize=16384)
def _official_kwargs(kwargs_json: str | None) -> dict[str, object]:
    return {name: value for name, value in _object(kwargs_json).items() if value is not None}


@lru_cache(maxsize=4096)
def version_of(checker: str, dialect: Dialect) -> str | None:
    """Gives what a label of this check bears as its version; null where the dialect has no check of the id.

    Raises:
        UsageError: when nothing checks the id.
    """
    if dialect == "official":
        from .official.verdict import official_version

        published = official_version(checker)
        return None if published is None else f"official@{published}"
    return f"fixed@{CONSTRAINTS.get(checker_of(checker)).version}"


def check_versions(dialect: Dialect) -> dict[str, Any]:
    """Gives what labels of a dialect depend on: the versions of its checks."""
    if dialect == "official":
        from .official.verdict import VERSIONS

        return {"official": VERSIONS}
    return {"fixed": {id: CONSTRAINTS.get(id).version for id in CONSTRAINTS.ids()}}


def run_check(
    checker: str, kwargs_json: str | None, document: Document | None, dialect: Dialect = "fixed", mode: Mode = "strict"
) -> Ran:
    """Runs a check on a response.

    Args:
        checker: an id of ours or a published one.
        kwargs_json: its parameters as a JSON object, or null for none; nulls in it are as if they were not there.
        document: the response's analysis, shared between checks; null where the response is missing.

    Returns:
        What it came to. Reasons of unknown outcomes that are not the check's own: ``missing_response``, ``bad_params:
        …``, ``check_crashed: …``, ``no_official_check: …``.

    Raises:
        UsageError: when nothing checks the id.
    """
    if document is None or dialect == "official":
        version = version_of(checker, dialect)
        if document is None:
            return Ran(Outcome.UNKNOWN, "missing_response", version)
        return _run_official(checker, kwargs_json, document, mode, version)
    constraint, params, version = _ready(checker, kwargs_json)
    if constraint is None:
        return Ran(Outcome.UNKNOWN, f"bad_params: {params}", version)
    try:
        found = constraint.check(params, document) if mode == "strict" else _loose(constraint, params, document)
    except Exception as error:
        return Ran(Outcome.UNKNOWN, f"check_crashed: {type(error).__name__}: {error}", version)
    return Ran(found.outcome, found.reason, version, found)


@lru_cache(maxsize=16384)
def _ready(checker: str, kwargs_json: str | None) -> tuple[VerifiableConstraint | None, Any, str | None]:
    """Gives what checks an id in the ``fixed`` dialect, its parameters and the version of its label.

    Instead of a constraint null, and what is wrong with the parameters for them.

    Raises:
        UsageError: when nothing checks the id.
    """
    version = version_of(checker, "fixed")
    try:
        constraint, params = read_params(checker, kwargs_json)
        return *constraint.settled(params), version
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        return None, f"{where}: {first['msg']}", version
    except ValueError as error:
        return None, str(error), version


def _loose(constraint: VerifiableConstraint, params: Any, document: Document) -> Check:
    """Checks the response and its variants until one satisfies; else gives what is said of the response itself."""
    strict = constraint.check(params, document)
    if strict.outcome is Outcome.SATISFIED:
        return strict
    for variant in document.variants:
        if variant is not document and (found := constraint.check(params, variant)).outcome is Outcome.SATISFIED:
            # Its spans are places in the variant, not in the response.
            return Check(found.outcome, f"loose: {found.reason}", found.measured)
    return strict


def _run_official(checker: str, kwargs_json: str | None, document: Document, mode: Mode, version: str | None) -> Ran:
    if version is None:
        return Ran(Outcome.UNKNOWN, "no_official_check: no published verdict of this id is reproduced", None)
    from .official.verdict import published_verdict

    try:
        kwargs = _official_kwargs(kwargs_json)
        follows = published_verdict(checker, kwargs, document.official, mode == "loose")
    except KeyError as error:
        return Ran(Outcome.UNKNOWN, f"bad_params: {error} is missing, or the published code has no such value", version)
    except Exception as error:
        return Ran(Outcome.UNKNOWN, f"check_crashed: as the published code: {type(error).__name__}: {error}", version)
    return Ran(Outcome.of(follows), f"the published code says {'followed' if follows else 'not followed'}", version)


def evidence_of(check: Check | None) -> str | None:
    """Gives a check's evidence as canonical JSON ``{"measured": …, "spans": [[start, end], …]}``, of at most 20 spans.

    Null where nothing was measured.
    """
    return None if check is None else canonical_json({"measured": check.measured, "spans": check.spans[:EVIDENCE]})
