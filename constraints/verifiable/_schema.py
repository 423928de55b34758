"""Reading a user's JSON Schema, of draft 2020-12 or what drafts 6 to 2019-09 share with it.

What is refused: references out of the schema, to nowhere or in a circle, keywords with a senseless value,
patterns that RE2 does not run, and the keywords whose meaning depends on how other schemas went.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from ._judged import Unjudged, Wrong
from ._linear import compiled
from ._parsing import json_value

__all__ = ["Schema", "is_number", "read_schema"]

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
_REFUSED = (
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
    "$recursiveAnchor",
    "unevaluatedItems",
    "unevaluatedProperties",
)
_ONE = frozenset(
    "additionalItems additionalProperties contains else if items not propertyNames then".split()
)  # a schema
_SEVERAL = frozenset("allOf anyOf oneOf prefixItems".split())  # a list of schemas
_NAMED = frozenset("$defs definitions dependentSchemas patternProperties properties".split())  # schemas by name
_COUNTS = frozenset("maxContains maxItems maxLength maxProperties minContains minItems minLength minProperties".split())
# These judge the same value as the schema they stand in.
_IN_PLACE = frozenset("allOf anyOf oneOf not if then else dependentSchemas dependencies $ref".split())
_DRAFT = re.compile(r"https?://json-schema\.org/(?:draft-0[67]/|draft/20(?:19-09|20-12)/)schema#?")
_MOST = 3_000
_DEEPEST = 60


@dataclass
class Schema:
    """A schema that has been read, with what its check looks up."""

    root: Any
    ref_alone: bool = False
    """Whether what stands beside ``$ref`` does not count: so in drafts 6 and 7."""
    refs: dict[str, Any] = field(default_factory=dict)
    patterns: dict[str, Any] = field(default_factory=dict)
    needs: str | None = None
    """Why it cannot be checked here: RE2 is missing; null where it can."""


def _children(schema: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Gives the schemas in a schema, each with its keyword and its path from there."""
    for name, value in schema.items():
        if name in _ONE and not (name == "items" and isinstance(value, list)):
            yield name, name, value
        elif name in _SEVERAL or name == "items":
            if not isinstance(value, list) or not (value or name == "items"):
                raise ValueError(f"{name} needs a list of schemas, not {value!r:.60}")
            yield from ((name, f"{name}/{i}", item) for i, item in enumerate(value))
        elif name in _NAMED:
            if not isinstance(value, dict):
                raise ValueError(f"{name} needs an object of schemas, not {value!r:.60}")
            yield from ((name, f"{name}/{key}", item) for key, item in value.items())
        elif name == "dependencies" and isinstance(value, dict):
            yield from ((name, f"{name}/{key}", item) for key, item in value.items() if not isinstance(item, list))


def is_number(value: Any) -> bool:
    """Tells whether a JSON value is a number."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _are_types(value: Any) -> bool:
    types = value if isinstance(value, list) else [value]
    return bool(types) and all(item in TYPES for item in types)


def _are_needs(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_are_names, value.values()))


_Sense = tuple[Callable[[Any], bool], str]
_COUNT: _Sense = (lambda value: is_number(value) and value >= 0 and value % 1 == 0, "a whole number from 0")
_LIMIT: _Sense = (is_number, "a number")
_TEXT: _Sense = (lambda value: isinstance(value, str), "a string")
_SENSE: dict[str, _Sense] = {
    **dict.fromkeys(_COUNTS, _COUNT),
    **dict.fromkeys(("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum"), _LIMIT),
    "multipleOf": (lambda value: is_number(value) and value > 0, "a number above 0"),
    "type": (_are_types, f"one or a list of {', '.join(TYPES)}"),
    "enum": (lambda value: isinstance(value, list) and bool(value), "a list of values"),
    "required": (_are_names, "a list of names"),
    "dependentRequired": (_are_needs, "an object of lists of names"),
    "dependencies": (lambda value: isinstance(value, dict), "an object"),
    "uniqueItems": (lambda value: isinstance(value, bool), "true or false"),
    "pattern": _TEXT,
    "format": _TEXT,
}
"""What the value of a keyword must be."""


def _check_words(schema: dict[str, Any]) -> None:
    """Refuses keywords that are not supported or have a senseless value."""
    for name, value in schema.items():
        if name in _REFUSED:
            raise ValueError(f"{name} is not supported")
        if name in _SENSE and not _SENSE[name][0](value):
            raise ValueError(f"{name} needs {_SENSE[name][1]}, not {value!r:.60}")
        if name == "dependencies":
            for names in value.values():
                if isinstance(names, list) and not _are_names(names):
                    raise ValueError(f"dependencies needs lists of names, not {names!r:.60}")


class _Walk:
    """One reading of all schemas in a schema."""

    def __init__(self, root: Any) -> None:
        self.schema = Schema(root)
        self.anchors: dict[str, Any] = {}
        self.seen: dict[int, Any] = {}

    def read(self) -> Schema:
        """Reads the root and what is in it."""
        root = self.schema.root
        draft = root.get("$schema")
        if draft is not None and not (isinstance(draft, str) and _DRAFT.fullmatch(draft)):
            raise ValueError(f"$schema names no draft from 6 to 2020-12: {draft!r:.80}")
        self.schema.ref_alone = draft is not None and "draft-0" in draft
        self._walk(root)
        # A reference may lead to a place that is no schema by its keyword, and find more references there.
        while missing := [ref for ref, target in self.schema.refs.items() if target is None]:
            for ref in missing:
                self.schema.refs[ref] = self._target(ref)
                self._walk(self.schema.refs[ref])
        self._refuse_circles()
        return self.schema

    def _walk(self, start: Any) -> None:
        stack = [(start, "", 0)]
        while stack:
            schema, path, depth = stack.pop()
            if isinstance(schema, bool):
                continue
            if not isinstance(schema, dict):
                raise ValueError(f"a schema is an object or true or false, not {schema!r:.60} at #{path:.80}")
            if id(schema) in self.seen:
                continue
            self.seen[id(schema)] = schema
            if len(self.seen) > _MOST or depth > _DEEPEST:
                raise ValueError(f"the schema has more than {_MOST} parts or {_DEEPEST} levels")
            if path and "$id" in schema and schema is not self.schema.root:
                raise ValueError(f"$id inside the schema is not supported: {schema['$id']!r:.60}")
            _check_words(schema)
            self._note(schema)
            stack += [(child, f"{path}/{at}", depth + 1) for _, at, child in _children(schema)]

    def _note(self, schema: dict[str, Any]) -> None:
        """Keeps a schema's anchor, references and patterns."""
        if isinstance(anchor := schema.get("$anchor"), str):
            self.anchors[anchor] = schema
        if (ref := schema.get("$ref")) is not None:
            if not isinstance(ref, str) or not ref.startswith("#"):
                raise ValueError(f"$ref must stay inside the schema and begin with #: {ref!r:.80}")
            self.schema.refs.setdefault(ref, None)
        for pattern in [*schema.get("patternProperties", {}), *([schema["pattern"]] if "pattern" in schema else [])]:
            try:
                self.schema.patterns[pattern] = compiled(pattern)
            except Unjudged as error:
                self.schema.needs = str(error)

    def _target(self, ref: str) -> Any:
        """Finds what a reference points to."""
        pointer = unquote(ref[1:])
        if pointer and not pointer.startswith("/"):
            if pointer not in self.anchors:
                raise ValueError(f"$ref {ref!r:.80} names no $anchor of the schema")
            return self.anchors[pointer]
        at: Any = self.schema.root
        for step in pointer.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(at, dict) and key in at:
                at = at[key]
            elif isinstance(at, list) and key.isascii() and key.isdigit() and len(key) < 7 and int(key) < len(at):
                at = at[int(key)]
            else:
                raise ValueError(f"$ref {ref!r:.80} leads nowhere")
        return at

    def _refuse_circles(self) -> None:
        """Refuses a schema that would judge the same value by itself, for ever."""
        done: set[int] = set()
        for first in self.seen.values():
            path: set[int] = set()
            stack: list[tuple[Any, bool]] = [(first, False)]
            while stack:
                schema, leaving = stack.pop()
                if leaving:
                    path.discard(id(schema))
                    done.add(id(schema))
                    continue
                if id(schema) in path:
                    raise ValueError("the schema's references lead in a circle")
                if not isinstance(schema, dict) or id(schema) in done:
                    continue
                path.add(id(schema))
                stack.append((schema, True))
                stack += [(child, False) for word, _, child in _children(schema) if word in _IN_PLACE]
                if "$ref" in schema:
                    stack.append((self.schema.refs[schema["$ref"]], False))


@lru_cache(maxsize=256)
def read_schema(text: str) -> Schema:
    """Reads a schema from its JSON.

    Raises:
        ValueError: when it is no JSON Schema that can be checked; the message says why.
    """
    try:
        root = json_value(text)
    except (Wrong, Unjudged) as error:
        raise ValueError(f"the schema is no JSON: {error}") from None
    if not isinstance(root, dict):
        raise ValueError(f"the schema is no JSON object: {json.dumps(root, default=str):.60}")
    try:
        return _Walk(root).read()
    except ArithmeticError:
        raise ValueError("a number of the schema is too large or too fine") from None
