"""Reading JSON, YAML, TOML and XML under a bound: each raises what is wrong, or that it cannot be judged.

The standard library's and PyYAML's parsers do the reading. Before each stands a count of what makes that parser slow or
deep, so that text of any kind takes a few hundredths of a second; what is beyond the bound is not judged.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from xml.parsers import expat

import yaml

from ._judged import Unjudged, Wrong

__all__ = ["check_toml", "check_xml", "check_yaml", "encoded", "json_value"]

DEEPEST = 100
"""Levels of nesting that are read."""
_JSON_LONGEST = 500_000
_INT_DIGITS = 600
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{\]}]', re.DOTALL)
_YAML_EVENTS = 15_000
_YAML_LONGEST = 400_000
# PyYAML without libyaml is some forty times slower.
_YAML_SLOW = 40
_TOML_WORK = 25_000
_TOML_DOTS = 30
_TOML_PIECE = re.compile(r"[^,=\[\]{}\r\n]+")
_XML_LONGEST = 2_000_000


def encoded(text: str) -> bytes:
    """Gives the text as UTF-8.

    Raises:
        Wrong: when it holds half a character.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Wrong("holds half a character (a lone surrogate)", error.start) from None


def _refuse(constant: str) -> Any:
    raise Wrong(f"{constant} is not JSON")


def _whole(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= _INT_DIGITS else Decimal(digits)


def _check_depth(text: str) -> None:
    depth = 0
    for match in _JSON_TOKEN.finditer(text):
        mark = match.group()[0]
        if mark in "[{":
            depth += 1
            if depth > DEEPEST:
                raise Unjudged(f"nested deeper than {DEEPEST} levels")
        elif mark in "]}":
            depth -= 1


def json_value(text: str) -> Any:
    """Reads JSON; numbers with a point become decimals, of a repeated key the last counts.

    Raises:
        Wrong: when it is no JSON; ``NaN`` and ``Infinity`` are none.
        Unjudged: when it is too long or too deep.
    """
    if len(text) > _JSON_LONGEST:
        raise Unjudged(f"longer than {_JSON_LONGEST} characters")
    _check_depth(text)
    try:
        return json.loads(text, parse_constant=_refuse, parse_int=_whole, parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise Wrong(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}", error.pos) from None
    except ArithmeticError:
        raise Unjudged("a number's exponent is too large") from None


def _yaml_events(text: str) -> Iterator[Any]:
    fast = hasattr(yaml, "CSafeLoader")
    share = 1 if fast else _YAML_SLOW
    if len(text) > _YAML_LONGEST // share:
        raise Unjudged("too long for the YAML check")
    depth = deepest = 0
    for mark in re.findall(r"[\[{\]}]", text):
        depth += 1 if mark in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise Unjudged(f"may nest deeper than {DEEPEST} levels")
    limit = _YAML_EVENTS // share
    try:
        for count, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader if fast else yaml.SafeLoader)):
            if count >= limit:
                raise Unjudged(f"more than {limit} YAML events")
            yield event
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or str(error)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise Wrong(f"not YAML: {said}{where}", mark.index if mark else None) from None
    except RecursionError:
        raise Unjudged("nested too deep") from None
    except ValueError as error:
        raise Wrong(f"not YAML: {error}") from None


_RESOLVER = yaml.SafeLoader.yaml_implicit_resolvers


def _key(event: Any) -> tuple[str, str] | None:
    """Gives what two equal scalar keys have in common; null for other keys and for ``<<``."""
    if isinstance(event, yaml.AliasEvent):
        return "*", str(event.anchor)
    if not isinstance(event, yaml.ScalarEvent):
        return None
    if event.tag is not None and event.tag != "!":
        return event.tag, event.value
    if event.implicit[0] and len(event.value) < 100:
        if event.value == "<<":
            return None
        for tag, pattern in _RESOLVER.get(event.value[:1], []):
            if pattern.match(event.value):
                return tag, event.value
    return "str", event.value


def _at(event: Any) -> int:
    """Gives where in the text an event begins."""
    return int(event.start_mark.index)


class _Level:
    """A mapping or sequence that is open: the keys so far, and whether a key comes next."""

    def __init__(self, mapping: bool) -> None:
        self.keys: set[tuple[str, str]] | None = set() if mapping else None
        self.at_key = mapping

    def enter(self, event: Any) -> None:
        """Takes an item in."""
        if self.keys is None:
            return
        if self.at_key and (key := _key(event)) is not None:
            if key in self.keys:
                raise Wrong(f"the key {key[1]!r:.60} stands twice", _at(event))
            self.keys.add(key)
        self.at_key = not self.at_key


def check_yaml(text: str, *, several: bool = False) -> None:
    """Reads YAML: a mapping or list, without repeated keys, no alias without its anchor; nothing is constructed.

    Args:
        several: whether more than one document may stand there.

    Raises:
        Wrong: when it is not that.
        Unjudged: when it is too large or too deep.
    """
    encoded(text)
    levels: list[_Level] = []
    anchors: set[str] = set()
    documents = 0
    for event in _yaml_events(text):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            anchors.clear()
            if documents > 1 and not several:
                raise Wrong("more than one YAML document", _at(event))
        elif isinstance(event, yaml.NodeEvent):
            if isinstance(event, yaml.AliasEvent):
                if event.anchor not in anchors:
                    raise Wrong(f"the alias *{event.anchor:.60} has no anchor", _at(event))
            elif event.anchor is not None:
                anchors.add(event.anchor)
            if levels:
                levels[-1].enter(event)
            elif not isinstance(event, yaml.CollectionStartEvent):
                raise Wrong("a bare value, no mapping or list", _at(event))
            if isinstance(event, yaml.CollectionStartEvent):
                if len(levels) >= DEEPEST:
                    raise Unjudged(f"nested deeper than {DEEPEST} levels")
                levels.append(_Level(isinstance(event, yaml.MappingStartEvent)))
        elif isinstance(event, yaml.CollectionEndEvent):
            levels.pop()
    if not documents:
        raise Wrong("no mapping or list")


def check_toml(text: str) -> None:
    """Reads TOML with at least one key.

    Raises:
        Wrong: when it is not that.
        Unjudged: when it is too large or too deep.
    """
    encoded(text)
    # Microseconds that tomllib takes for each of these, and quadratically more for a key of many dotted parts.
    cost = {"\n": 1, ",": 2.5, "=": 7, "[": 7, "{": 7, "\\": 1, ".": 1.5, '"': 1.2, "'": 1.2, " ": 0.1, "\t": 0.1}
    if len(text) > _JSON_LONGEST or sum(text.count(mark) * each for mark, each in cost.items()) > _TOML_WORK:
        raise Unjudged("too long for the TOML check")
    if any(piece.group().count(".") > _TOML_DOTS for piece in _TOML_PIECE.finditer(text)):
        raise Unjudged(f"more than {_TOML_DOTS} dots in a row of names")
    _check_depth(text)
    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise Unjudged("nested too deep") from None
    except ValueError as error:
        raise Wrong(f"not TOML: {error}") from None
    if not found:
        raise Wrong("no key at all")


def check_xml(text: str) -> None:
    """Reads well-formed XML without a DOCTYPE: no entity is declared, so none can grow; space around it is free.

    Raises:
        Wrong: when it is not that.
        Unjudged: when it is too long.
    """
    text = text.strip()
    if len(text) > _XML_LONGEST:
        raise Unjudged(f"longer than {_XML_LONGEST} characters")
    data = encoded(text)
    parser = expat.ParserCreate("utf-8")

    def refuse(*_: object) -> None:
        raise Wrong("has a DOCTYPE", max(0, text.find("<!DOCTYPE")))

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        at = len(data[: max(0, parser.ErrorByteIndex)].decode("utf-8", "ignore"))
        said = expat.ErrorString(error.code)
        raise Wrong(f"not well-formed XML: {said} at line {error.lineno}, column {error.offset + 1}", at) from None
