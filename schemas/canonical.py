"""Canonical JSON and the hashes over it: the one way Benchwright turns a value into an identity."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from pydantic import BaseModel

__all__ = ["canonical_json", "content_id", "digest"]


def _plain(value: Any, path: str) -> Any:
    """Turns a value into JSON's own types, or raises where two runs could disagree about it."""
    if isinstance(value, Enum):
        return _plain(value.value, path)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise TypeError(f"{path}: {value!r} has no JSON form")
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="python"), path)
    if isinstance(value, Mapping):
        if bad := [key for key in value if not isinstance(key, str)]:
            raise TypeError(f"{path}: keys must be strings, not {bad[0]!r}")
        return {key: _plain(value[key], f"{path}.{key}") for key in sorted(value)}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(item, f"{path}[{i}]") for i, item in enumerate(value)]
    raise TypeError(f"{path}: cannot hash a {type(value).__name__} ({value!r:.80})")


def canonical_json(value: Any) -> str:
    """Renders a value as JSON that is equal for equal values: sorted keys, no spaces, no ASCII escapes.

    Whole floats are written as integers, so that ``1`` and ``1.0`` in a recipe are one value. Pydantic models are
    dumped, enums are replaced by their value, tuples are lists.

    Raises:
        TypeError: for what has no stable JSON form (callables, sets, bytes, NaN, objects); the message names the path.
    """
    plain = _plain(value, "$")
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: Any) -> str:
    """Gives the sha256 of a value's canonical JSON, 64 hex digits."""
    # It loads OpenSSL: only for those who ask.
    import hashlib

    return hashlib.sha256(canonical_json(value).encode("utf-8", "surrogatepass")).hexdigest()


def content_id(prefix: str, *identity: Any) -> str:
    """Gives a record's id: the prefix, an underscore and 16 hex digits of sha256 over its identity fields."""
    return f"{prefix}_{digest(list(identity))[:16]}"
