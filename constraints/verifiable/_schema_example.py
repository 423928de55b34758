"""Making a small value that keeps to a JSON Schema, for witnesses: the common keywords, no search."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ._schema import Schema
from ._schema_check import fault

__all__ = ["example"]

_TEXTS = {
    "date": "2024-03-05",
    "time": "10:30:00Z",
    "date-time": "2024-03-05T10:30:00Z",
    "email": "ana@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org/a",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}
_DEEPEST = 20


def _plain(value: Any) -> Any:
    """Gives decimals as JSON writes them."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return {name: _plain(item) for name, item in value.items()} if isinstance(value, dict) else value


def _merged(schema: Schema, part: Any) -> dict[str, Any]:
    """Gives a schema together with what it refers to and the first of what it may choose from."""
    if not isinstance(part, dict):
        return {}
    found = dict(part)
    more = [schema.refs[part["$ref"]]] if "$ref" in part else []
    more += part.get("allOf", [])
    for word in ("anyOf", "oneOf"):
        more += part.get(word, [])[:1]
    for other in more:
        inner = _merged(schema, other)
        for word, value in inner.items():
            if word == "properties":
                found[word] = {**value, **found.get(word, {})}
            elif word == "required":
                found[word] = [*found.get(word, []), *value]
            else:
                found.setdefault(word, value)
    return found


def _number(part: dict[str, Any], whole: bool) -> Any:
    low = part.get("minimum", part.get("exclusiveMinimum", 1))
    high = part.get("maximum", part.get("exclusiveMaximum", low + 2))
    step = part.get("multipleOf", 1)
    for value in (low, low + 1, high, low + (high - low) / Decimal(2), low - low % step + step):
        inside = low <= value <= high and value not in (part.get("exclusiveMinimum"), part.get("exclusiveMaximum"))
        if inside and value % step == 0 and (not whole or value % 1 == 0):
            return value
    return low


def _make(schema: Schema, part: Any, depth: int) -> Any:
    part = _merged(schema, part)
    for word in ("const", "default"):
        if word in part:
            return part[word]
    if "enum" in part:
        return part["enum"][0]
    kinds = part.get("type", "object" if "properties" in part or "required" in part else "string")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if depth > _DEEPEST or kind == "null":
        return None
    if kind == "object":
        known = part.get("properties", {})
        names = dict.fromkeys(part.get("required", []))
        return {name: _make(schema, known.get(name, {}), depth + 1) for name in names}
    if kind == "array":
        first = part.get("prefixItems", [])
        least = min(int(part.get("minItems", 1 if part.get("contains") else len(first))), 50)
        inner = part.get("items", part.get("contains", {}))
        items = [_make(schema, first[at] if at < len(first) else inner, depth + 1) for at in range(least)]
        return [
            f"{item} {at}" if isinstance(item, str) and part.get("uniqueItems") else item
            for at, item in enumerate(items)
        ]
    if kind in ("integer", "number"):
        return _number(part, kind == "integer")
    if kind == "boolean":
        return True
    text = _TEXTS.get(part.get("format", ""), "some text")
    most = part.get("maxLength")
    return text.ljust(int(part.get("minLength", 0)), "x")[: None if most is None else int(most)]


def example(schema: Schema) -> Any:
    """Gives a value that keeps to the schema, of JSON's own types.

    Raises:
        ValueError: when none was found.
    """
    value = _make(schema, schema.root, 0)
    found = fault(schema, value)
    if found is not None:
        raise ValueError(f"no example of the schema was found: {found}")
    return _plain(value)
