"""A recipe's YAML as plain data that still knows where each value was written.

The scalars are those of YAML 1.2's core schema: only ``true`` and ``false`` are booleans, so that a language called
``no`` and a switch called ``on`` stay what was written; ``010`` is ten, ``1e-3`` a number and a date plain text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from ..errors import RecipeError

__all__ = ["Document", "Key", "key_text", "parse_document", "parse_value", "short"]

Key = tuple[str | int, ...]
"""The way to a value: keys of mappings and indices of lists, from the root."""

_MOST_VALUES = 20_000
"""A recipe has some dozens; more is a data file or an alias that multiplies itself."""
_PLAIN = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with the scalars of YAML 1.2."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  # PyYAML's own attribute, emptied of YAML 1.1


_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"^<<$"), ["<"])
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    list("-+.0123456789"),
)
_Loader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))
# Python writes infinities and what is no number without YAML's dot.
_Loader.add_constructor("tag:yaml.org,2002:float", lambda _, node: float(re.sub(r"\.(?=[a-zA-Z])", "", node.value)))


def key_text(key: Key) -> str:
    """Writes a way as ``--set`` takes it: ``scenarios.0.quota``."""
    return ".".join(str(part) for part in key)


@dataclass
class Document:
    """Plain data and its places."""

    name: str
    """What the file is called in messages."""
    data: Any
    """Mappings, lists and scalars; overrides are already in."""
    lines: dict[Key, int] = field(default_factory=dict)
    """The line, from 1, of every key and list item."""
    sets: dict[Key, str] = field(default_factory=dict)
    """The override, as it was given, that wrote a value."""
    problems: list[str] = field(default_factory=list)
    """What is wrong with the text itself, each with its place."""

    def where(self, key: Key) -> str:
        """Says where a value, or the nearest one around it, was written: ``file:line`` or ``--set …``."""
        for end in range(len(key), -1, -1):
            if key[:end] in self.sets:
                return f"--set {_cut(self.sets[key[:end]])}"
            if key[:end] in self.lines:
                return f"{self.name}:{self.lines[key[:end]]}"
        return self.name

    def line(self, key: Key) -> int:
        """Gives the line of a value or of the nearest one around it; 0 for those that an override wrote."""
        around = (key[:end] for end in range(len(key), -1, -1))
        known = next((other for other in around if other in self.sets or other in self.lines), ())
        return 0 if known in self.sets else self.lines.get(known, 0)

    def set(self, given: str) -> None:
        """Carries one override ``a.b=value`` out; a wrong one becomes a problem."""
        try:
            key, value = _split_override(given)
            self._put(given, key, value)
        except ValueError as error:
            self.problems.append(f"--set {_cut(given)}: {error}")

    def _put(self, given: str, key: Key, value: Any) -> None:
        here = self.data
        way: Key = ()
        for part in key:
            at = key_text(way) or "the recipe"
            last = len(way) == len(key) - 1
            if isinstance(here, list):
                if not isinstance(part, int) or part >= len(here):
                    raise ValueError(f"{at} is a list of {len(here)}: give an index from 0 to {len(here) - 1}")
            elif isinstance(here, dict):
                part = str(part)
            else:
                raise ValueError(f"{at} is {short(here)}, which has no keys")
            way = (*way, part)
            if last:
                here[part] = value
                self._forget(way, given)
            elif isinstance(here, dict) and here.get(part) is None:
                here[part] = {}
                self._forget(way, given)
            here = here[part]

    def _forget(self, key: Key, given: str) -> None:
        """Replaces the places at and below a key by an override."""
        for places in (self.lines, self.sets):
            for below in [other for other in places if other[: len(key)] == key]:
                del places[below]
        self.sets[key] = given


def _cut(given: str) -> str:
    """Cuts an override that would fill the screen."""
    return given if len(given) <= 200 else f"{given[:197]}..."


def _split_override(given: str) -> tuple[Key, Any]:
    name, equals, text = given.partition("=")
    parts = name.strip().split(".")
    if not equals or not all(parts):
        raise ValueError("expected KEY=VALUE, such as seed=7 or scenarios.0.quota=4")
    return tuple(int(part) if part.isdecimal() else part for part in parts), parse_value(text)


def parse_value(text: str) -> Any:
    """Reads one YAML value.

    Raises:
        ValueError: when it is not one, or when a mapping in it names a key twice.
    """
    document = Document("the value", None)
    try:
        document.data = _Reader(document).read(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{short(text)} is not a YAML value: {_yaml_problem(error)}") from None
    if document.problems:
        raise ValueError(f"{text!r}: {'; '.join(document.problems)}")
    return document.data


def parse_document(raw: bytes, name: str) -> Document:
    """Reads a recipe's bytes into a mapping with places.

    Raises:
        RecipeError: when the bytes are not UTF-8, not YAML, empty, or not a mapping; lesser faults are ``problems``.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _invalid(f"{name}:{line}: byte {raw[error.start]:#04x} is not UTF-8: save the file as UTF-8") from None
    document = Document(name, None)
    try:
        document.data = _Reader(document).read(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _invalid(f"{name}:{mark.line + 1 if mark else 1}: {_yaml_problem(error)}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _invalid(f"{name}:{line}: character {chr(error.character)!r} is not allowed in YAML") from None
    except RecursionError:
        raise _invalid(f"{name}: nested too deeply for a recipe") from None
    if document.data is None:
        raise _invalid(f"{name}:1: the file is empty; a recipe needs at least name, scenarios and sampling")
    if not isinstance(document.data, dict):
        raise _invalid(f"{name}:{document.lines[()]}: a recipe is a mapping of keys, got {short(document.data)}")
    return document


def _invalid(problem: str) -> RecipeError:
    return RecipeError("the recipe is not valid:", [problem])


def short(value: Any) -> str:
    """Shows a value in a few words."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _yaml_problem(error: yaml.YAMLError) -> str:
    if not isinstance(error, yaml.MarkedYAMLError):
        return str(error).splitlines()[0]
    problem = error.problem or "not YAML"
    if r"'\t'" in problem:
        return "a tab where YAML wants spaces"
    if problem.startswith("mapping values are not allowed"):
        return "a second ': ' in one line: put the text in quotes, or start a new line"
    return f"{problem}{f' ({error.context})' if error.context else ''}"


def _joined(value: Any, node: yaml.Node) -> Any:
    """Joins the surrogate pairs that JSON escapes leave in a text."""
    if not isinstance(value, str) or value.isascii():
        return value
    try:
        return value.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        problem = r"a \u escape is half of a surrogate pair: no such character exists"
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from None


class _Reader:
    """Turns YAML nodes into plain data and notes their lines."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.values = 0
        self.flattened: set[int] = set()

    def read(self, text: str) -> Any:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            return None if node is None else self._value(loader, node, (), node, ())
        finally:
            loader.dispose()

    def _value(self, loader: _Loader, node: yaml.Node, key: Key, shown: yaml.Node, above: Sequence[yaml.Node]) -> Any:
        """Reads one node; ``shown`` is the node whose line stands for it, ``above`` those it lies in."""
        self.values += 1
        self.document.lines[key] = shown.start_mark.line + 1
        if any(node is other for other in above) or self.values > _MOST_VALUES:
            raise yaml.MarkedYAMLError(problem="an alias that multiplies or holds itself", problem_mark=node.start_mark)
        inside = [*above, node]
        if not isinstance(node, yaml.ScalarNode) and node.tag not in _PLAIN:
            raise yaml.MarkedYAMLError(problem=f"the tag {node.tag} is not allowed", problem_mark=node.start_mark)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(loader, item, (*key, i), item, inside) for i, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return {
                name: self._value(loader, value, (*key, name), named, inside)
                for name, named, value in self._pairs(loader, node, key)
            }
        try:
            return _joined(loader.construct_object(node), node)
        except (ValueError, KeyError, AttributeError):  # a number of too many digits, or a tag that does not fit
            tag = node.tag.rpartition(":")[2]
            raise yaml.MarkedYAMLError(
                problem=f"{short(node.value)} cannot be read as {tag}", problem_mark=node.start_mark
            ) from None

    def _pairs(self, loader: _Loader, node: yaml.MappingNode, key: Key) -> list[tuple[str, yaml.Node, yaml.Node]]:
        """Gives a mapping's pairs; a key that is no text or comes twice is a problem and left out."""
        first = id(node) not in self.flattened
        if first:
            self.flattened.add(id(node))
            self._report_repeats(node, key)
            loader.flatten_mapping(node)
        pairs: list[tuple[str, yaml.Node, yaml.Node]] = []
        for named, value in node.value:
            if isinstance(named, yaml.ScalarNode) and named.tag == "tag:yaml.org,2002:str":
                pairs.append((_joined(named.value, named), named, value))
            elif first:
                what = f"the key {named.value}" if isinstance(named, yaml.ScalarNode) else "a key"
                self._problem(named, key, f"{what} is not text: put it in quotes")
        return pairs

    def _report_repeats(self, node: yaml.MappingNode, key: Key) -> None:
        seen: dict[str, int] = {}
        for named, _ in node.value:
            if not isinstance(named, yaml.ScalarNode) or named.tag == "tag:yaml.org,2002:merge":
                continue
            if named.value in seen:
                text = f"the key is given twice, first on line {seen[named.value]}"
                self._problem(named, (*key, named.value), text)
            seen.setdefault(named.value, named.start_mark.line + 1)

    def _problem(self, node: yaml.Node, key: Key, what: str) -> None:
        at = f"{key_text(key)}: " if key else ""
        self.document.problems.append(f"{self.document.name}:{node.start_mark.line + 1}: {at}{what}")
