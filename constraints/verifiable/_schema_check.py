"""Checking a JSON value against a schema, in a number of steps that is bounded and the same everywhere.

Numbers are exact: a decimal is never rounded to a binary fraction. ``format`` is checked for the formats that
``_formats`` knows and says nothing otherwise, as the specification has it.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ._formats import FORMATS
from ._judged import Unjudged
from ._linear import matches_some
from ._schema import Schema, is_number

__all__ = ["fault"]

_STEPS = 25_000
"""Schemas, keywords, items and properties that one check looks at."""
_DEEPEST = 150
"""Schemas inside schemas, references counted."""
_EXACT = decimal.Context(prec=1_000, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
Keyword = Callable[["_Run", Any, Any, dict[str, Any]], "str | None"]


def _kind(value: Any) -> str:
    """Gives a value's JSON type; a whole number is an ``integer`` however it is written."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | Decimal):
        return "integer" if isinstance(value, int) or _whole(value) else "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def _whole(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and (exponent >= 0 or value == value.to_integral_value(context=_EXACT))


class _Run:
    """One check: the schema and the steps that are left."""

    def __init__(self, schema: Schema) -> None:
        self.schema, self.left, self.depth = schema, _STEPS, 0

    def spend(self, steps: int = 1) -> None:
        """Takes steps off what is left."""
        self.left -= steps
        if self.left < 0:
            raise Unjudged(f"more than {_STEPS} steps of validation")

    def fault(self, schema: Any, value: Any) -> str | None:
        """Says where and how a value goes against a schema; null where it does not."""
        self.spend()
        if isinstance(schema, bool):
            return None if schema else ": nothing may stand here"
        if self.depth >= _DEEPEST:
            raise Unjudged(f"more than {_DEEPEST} schemas inside one another")
        self.depth += 1
        try:
            if "$ref" in schema:
                found = self.fault(self.schema.refs[schema["$ref"]], value)
                if found or self.schema.ref_alone:
                    return found
            for word, wanted in schema.items():
                if (check := KEYWORDS.get(word)) is not None:
                    self.spend()
                    if found := check(self, wanted, value, schema):
                        return found
            return None
        finally:
            self.depth -= 1

    def fits(self, schema: Any, value: Any) -> bool:
        """Tells whether a value keeps to a schema."""
        return self.fault(schema, value) is None

    def key(self, value: Any) -> Any:
        """Gives what equal values have in common: 1 and 1.0 are equal, 1 and true are not."""
        self.spend()
        if isinstance(value, bool) or value is None:
            return ("w", value)
        if isinstance(value, list):
            return ("a", *map(self.key, value))
        if isinstance(value, dict):
            return ("o", frozenset((name, self.key(item)) for name, item in value.items()))
        return ("s" if isinstance(value, str) else "n", value)


def _type(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    kind, types = _kind(value), [wanted] if isinstance(wanted, str) else wanted
    if kind in types or (kind == "integer" and "number" in types):
        return None
    return f": is of type {kind}, not {' or '.join(types)}"


def _enum(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    key = run.key(value)
    return None if any(run.key(item) == key for item in wanted) else ": is none of the values of enum"


def _const(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    return None if run.key(wanted) == run.key(value) else ": is not the value of const"


def _limit(holds: Callable[[Any, Any], bool], said: str) -> Keyword:
    def check(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
        return f": is not {said} {wanted!s:.40}" if is_number(value) and not holds(value, wanted) else None

    return check


def _multiple(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    if not is_number(value):
        return None
    if isinstance(value, int) and isinstance(wanted, int):
        return f": is no multiple of {wanted}" if value % wanted else None
    rest = _EXACT.remainder(Decimal(value), Decimal(wanted))
    return f": is no multiple of {wanted!s:.40}" if rest else None


def _size(kind: type, least: bool, noun: str) -> Keyword:
    def check(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
        if not isinstance(value, kind):
            return None
        size = len(value)  # type: ignore[arg-type]
        if (size >= wanted) if least else (size <= wanted):
            return None
        return f": has {size} {noun}, not at {'least' if least else 'most'} {wanted!s:.40}"

    return check


def _matches(run: _Run, pattern: str, text: str) -> bool:
    run.spend(5 + len(text) // 20)
    return matches_some(run.schema.patterns[pattern], text)


def _pattern(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    if not isinstance(value, str) or _matches(run, wanted, value):
        return None
    return f": does not match the pattern {wanted:.60}"


def _format(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    known = FORMATS.get(wanted)
    if known is None or not isinstance(value, str):
        return None
    run.spend(5 + len(value) // 20)
    return None if known(value) else f": is no {wanted}"


def _unique(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    if not wanted or not isinstance(value, list):
        return None
    return None if len(set(map(run.key, value))) == len(value) else ": has equal items"


def _required(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    if not isinstance(value, dict):
        return None
    run.spend(len(wanted))
    return next((f": lacks {name!r:.60}" for name in wanted if name not in value), None)


def _dependent(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    """Checks ``dependentRequired``, ``dependentSchemas`` and the old ``dependencies``."""
    if not isinstance(value, dict):
        return None
    for name, needed in wanted.items():
        run.spend()
        if name in value:
            found = _required(run, needed, value, schema) if isinstance(needed, list) else run.fault(needed, value)
            if found:
                return found
    return None


def _properties(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    if not isinstance(value, dict):
        return None
    run.spend(len(wanted))
    for name, inner in wanted.items():
        if name in value and (found := run.fault(inner, value[name])):
            return f"/{name:.60}{found}"
    return None


def _pattern_properties(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    if not isinstance(value, dict):
        return None
    for pattern, inner in wanted.items():
        for name, item in value.items():
            if _matches(run, pattern, name) and (found := run.fault(inner, item)):
                return f"/{name:.60}{found}"
    return None


def _additional(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    if not isinstance(value, dict):
        return None
    named, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name, item in value.items():
        run.spend()
        if name in named or any(_matches(run, pattern, name) for pattern in patterns):
            continue
        if found := run.fault(wanted, item):
            return f"/{name:.60}{': is not allowed' if wanted is False else found}"
    return None


def _names(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    if not isinstance(value, dict):
        return None
    return next((f"/{name:.60}: as a name{found}" for name in value if (found := run.fault(wanted, name))), None)


def _each(run: _Run, schemas: Any, value: list[Any], start: int) -> str | None:
    """Checks items from a place on: by one schema, or by one schema each."""
    for at in range(start, len(value)):
        if isinstance(schemas, list) and at >= len(schemas):
            return None
        if found := run.fault(schemas[at] if isinstance(schemas, list) else schemas, value[at]):
            return f"/{at}{found}"
    return None


def _prefix(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    return _each(run, wanted, value, 0) if isinstance(value, list) else None


def _items(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    return _each(run, wanted, value, len(schema.get("prefixItems", ()))) if isinstance(value, list) else None


def _more_items(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    first = schema.get("items")
    return _each(run, wanted, value, len(first)) if isinstance(value, list) and isinstance(first, list) else None


def _contains(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    if not isinstance(value, list):
        return None
    count = sum(run.fits(wanted, item) for item in value)
    least, most = schema.get("minContains", 1), schema.get("maxContains")
    if count < least or (most is not None and count > most):
        return f": {count} items fit contains"
    return None


def _all(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    return next((found for inner in wanted if (found := run.fault(inner, value))), None)


def _any(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    return None if any(run.fits(inner, value) for inner in wanted) else ": fits no schema of anyOf"


def _one(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    count = sum(run.fits(inner, value) for inner in wanted)
    return None if count == 1 else f": fits {count} schemas of oneOf"


def _not(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    return ": fits the schema of not" if run.fits(wanted, value) else None


def _if(run: _Run, wanted: Any, value: Any, schema: dict[str, Any]) -> str | None:
    return run.fault(schema.get("then" if run.fits(wanted, value) else "else", True), value)


KEYWORDS: dict[str, Keyword] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "minimum": _limit(lambda value, least: bool(value >= least), "at least"),
    "maximum": _limit(lambda value, most: bool(value <= most), "at most"),
    "exclusiveMinimum": _limit(lambda value, least: bool(value > least), "above"),
    "exclusiveMaximum": _limit(lambda value, most: bool(value < most), "below"),
    "multipleOf": _multiple,
    "minLength": _size(str, True, "characters"),
    "maxLength": _size(str, False, "characters"),
    "minItems": _size(list, True, "items"),
    "maxItems": _size(list, False, "items"),
    "minProperties": _size(dict, True, "properties"),
    "maxProperties": _size(dict, False, "properties"),
    "pattern": _pattern,
    "format": _format,
    "uniqueItems": _unique,
    "required": _required,
    "dependentRequired": _dependent,
    "dependentSchemas": _dependent,
    "dependencies": _dependent,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "prefixItems": _prefix,
    "items": _items,
    "additionalItems": _more_items,
    "contains": _contains,
    "allOf": _all,
    "anyOf": _any,
    "oneOf": _one,
    "not": _not,
    "if": _if,
}


def fault(schema: Schema, value: Any) -> str | None:
    """Says where and how a value goes against a schema, ``/items/3: is of type null, not string``; null where not.

    Raises:
        Unjudged: when that takes more steps than allowed, or a library that is not installed.
    """
    if schema.needs is not None:
        raise Unjudged(schema.needs)
    try:
        return _Run(schema).fault(schema.root, value)
    except ArithmeticError:
        raise Unjudged("a number is too large or too fine") from None
