"""IFEval's layout of constraints: two lists side by side, ``instruction_id_list`` and ``kwargs``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..schemas.canonical import canonical_json

__all__ = ["Listed", "parsed", "read_lists", "write_lists"]

Listed = tuple[str, dict[str, Any]]
"""A published id and its parameters, without nulls."""


def read_lists(ids: Any, kwargs: Any) -> list[Listed]:
    """Reads a row's two lists.

    Args:
        ids: a list of ids, or one as a JSON string.
        kwargs: a list of objects, of JSON strings that hold them or of nulls, or one as a JSON string. Files that give
            every row every parameter pad with nulls, and numbers beside nulls come as floats: both are undone.

    Raises:
        ValueError: when they are not such lists, or not of one length.
    """
    ids, kwargs = parsed(ids), parsed(kwargs)
    if not isinstance(ids, list) or not all(isinstance(id, str) and id for id in ids):
        raise ValueError(f"instruction_id_list is not a list of ids: {ids!r:.80}")
    if not isinstance(kwargs, list):
        raise ValueError(f"kwargs is not a list of objects: {kwargs!r:.80}")
    if len(ids) != len(kwargs):
        raise ValueError(f"{len(ids)} ids but {len(kwargs)} kwargs")
    return [(id, _object(one)) for id, one in zip(ids, kwargs, strict=True)]


def parsed(value: Any) -> Any:
    """Gives what a cell holds as JSON, else the cell."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _object(given: Any) -> dict[str, Any]:
    value = parsed(given)
    if value is not None and not isinstance(value, Mapping):
        raise ValueError(f"kwargs is not a list of objects: it holds {given!r:.80}")
    kwargs = {name: _whole(one) for name, one in (value or {}).items() if one is not None}
    try:
        canonical_json(kwargs)
    except TypeError as error:
        raise ValueError(f"kwargs: {error}") from None
    return kwargs


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def write_lists(listed: Sequence[Listed]) -> dict[str, Any]:
    """Gives the two lists as columns, parameters without null padding."""
    return {"instruction_id_list": [id for id, _ in listed], "kwargs": [dict(kwargs) for _, kwargs in listed]}
