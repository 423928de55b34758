"""Writing a recipe for one's own file: looks at its columns, says what it took them for, and writes commented YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from string import Template
from typing import Any

import yaml

from ..builders.sources.messages import MessageParams
from ..errors import InputError, UsageError
from ..store.fetch import Fetch, Row

__all__ = ["Written", "write_recipe"]

_LOOKED_AT = 200
"""Rows that are looked at."""

_MESSAGES = ("messages", "conversation", "conversations", "turns", "chat", "dialog", "dialogue", "history")
_PROMPTS = ("prompt", "instruction", "question", "query", "request", "user_message", "input", "text", "content")
_OTHERS = {
    "system": ("system", "system_prompt", "system_message"),
    "id_column": ("id", "uuid", "key", "row_id", "request_id", "message_id"),
    "language": ("language", "lang", "locale"),
    "conversation": ("conversation_id", "conversation_hash", "session_id", "thread_id"),
    "user": ("user_id", "hashed_ip", "user_hash", "user"),
    "license_column": ("license", "licence"),
    "toxic": ("toxic", "is_toxic"),
    "redacted": ("redacted", "is_redacted"),
    "checklist": ("checklist",),
}
"""Names that optional columns usually have, by the source's parameter."""

_TEMPLATE = Template("""\
# A recipe for $file, written after a look at its first $rows rows.
# $check_command shows what it would do; every key can also be set for one run: --set seed=7
name: $name
card:
  title: $title
  summary: ""
  license: null # the release's licence; null stamps none. Make sure that your rows may be published.
seed: 0
limit: 24 # instructions in all, so that a first build takes minutes; null takes all

scenarios: # an instruction goes to the first scenario that takes it
$scenarios
filters: # what they drop is counted, with reasons
  - id: length
    max_tokens: 1500
  - id: language
  - id: duplicate
  - id: flags

constraints:
  extracted: check # wishes that the user already wrote: check them, avoid what contradicts them, or ignore them
  attach: {min: 2, max: 3} # verifiable constraints added to each instruction

sampling:
  models: # provider/name; the embedded one needs no key. Others: openai/…, vllm/…, ollama/…, openrouter/…
    - id: embedded/smollm2-135m
  responses: 8
  parameters: {temperature: 1.0, top_p: 0.95, max_tokens: 64}

labels:
  raters: [code]

splits:
  shares: {validation: 0.25, test: 0.75}
""")


@dataclass(frozen=True)
class Written:
    """A recipe that was written."""

    path: Path
    columns: list[str]
    """What each column was taken for, one line each."""


@dataclass(frozen=True)
class _Found:
    """How a file's rows are read."""

    source: str
    """The source's id."""
    params: dict[str, str]
    """Its parameters but for ``files``."""
    scenarios: tuple[str, ...]
    """Scenarios its rows can fall under."""


def write_recipe(source: Path, path: Path | None = None, data: Path | None = None) -> Written:
    """Writes a recipe that builds from a file.

    Args:
        source: the file, from the working directory.
        path: where the recipe goes; null takes the file's name with ``.yaml``, in the working directory.
        data: the folder that relative paths of recipes start from; null is the working directory.

    Raises:
        InputError: when the file cannot be read, or no column looks like messages or prompts.
        UsageError: when the recipe exists already.
    """
    path = path or Path(f"{_name(source)}.yaml")
    if path.exists():
        raise UsageError(f"{str(path)!r} exists already and is left as it is: name another file with -o")
    rows = _rows(source)
    found = _recognise(rows, source)
    text = _TEMPLATE.substitute(
        file=_quoted(source.name),
        rows=len(rows),
        check_command=f"benchwright plan {_quoted(str(path))}",
        name=_quoted(_name(source)),
        title=_quoted(source.stem),
        scenarios=_scenarios(found, _from_data(source, data)),
    )
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileNotFoundError:
        raise UsageError(f"there is no folder {str(path.parent)!r} to write the recipe to: make it first") from None
    return Written(path, [f"{column!r} is read as {name}" for name, column in found.params.items()] or _layout(found))


def _layout(found: _Found) -> list[str]:
    return [f"the rows are in the layout of the source {found.source!r}"]


def _name(source: Path) -> str:
    """Makes a recipe's name of a file's."""
    stem = source.name.removesuffix(".gz").rsplit(".", 1)[0]
    return re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_") or "my_release"


def _rows(source: Path) -> Sequence[Mapping[str, Any]]:
    if not source.exists():
        raise InputError(f"there is no file {str(source)!r}")
    read = [row for row in islice(Fetch().rows(source), _LOOKED_AT) if isinstance(row, Row)]
    rows = [row.values for row in read]
    if not rows:
        raise InputError(f"{str(source)!r} has no row that can be read among its first {_LOOKED_AT}")
    return rows


def _from_data(source: Path, data: Path | None) -> str:
    """Gives the path as the recipe names it: relative to the data folder where the file lies in it."""
    if data is None:
        return str(source)
    inside = source.resolve().is_relative_to(data.resolve())
    return str(source.resolve().relative_to(data.resolve()) if inside else source.resolve())


def _recognise(rows: Sequence[Mapping[str, Any]], source: Path) -> _Found:
    """Says which source reads the rows, and which column holds what."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    every = ("single_turn", "multi_turn", "system_prompt")
    if _all(rows, "conversation", _is_turn_list) and {"conversation_hash", "toxic", "redacted"} & set(columns):
        return _Found("wildchat", {}, every)
    if _all(rows, "prompt", _is_turn_list):
        return _Found("wildchat", {}, every)
    known = [name for name in _OTHERS if name in MessageParams.model_fields]
    others = {name: column for name in known if (column := _other(rows, columns, name)) is not None}
    for column in _named(columns, (*_MESSAGES, "prompt")):
        if _all(rows, column, _is_turns):
            others = {name: other for name, other in others.items() if other != column}
            return _Found("messages", {"messages": column, **others}, every)
    texts = [column for column in columns if _all(rows, column, _is_text) and column not in others.values()]
    if prompts := _named(texts, _PROMPTS) or (texts if len(texts) == 1 else []):
        scenarios = ("single_turn", "system_prompt") if "system" in others else ("single_turn",)
        return _Found("messages", {"prompt": prompts[0], **others}, scenarios)
    raise InputError(
        f"no column of {str(source)!r} looks like messages or prompts; it has: {', '.join(map(repr, columns))}",
        [*_foreign_turns(rows, columns), "messages are lists of objects with role and content, prompts are texts"],
    )


def _named(columns: Sequence[str], names: Sequence[str]) -> list[str]:
    """Gives the columns that have one of the names, in the order of the names."""
    lower = {column.lower(): column for column in reversed(columns)}
    return [lower[name] for name in names if name in lower]


def _other(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], name: str) -> str | None:
    """Finds an optional column by its name, where its cells are of the right kind."""
    fits = {"toxic": _is_flag, "redacted": _is_flag, "checklist": _is_texts}.get(name, _is_scalar)
    for column in _named(columns, _OTHERS[name]):
        if not _all(rows, column, fits):
            continue
        cells = [row[column] for row in rows if row.get(column) is not None]
        if name == "id_column" and len(set(map(str, cells))) < len(rows):
            continue
        return column
    return None


def _all(rows: Sequence[Mapping[str, Any]], column: str, fits: Callable[[Any], bool]) -> bool:
    """Tells whether a column has cells and nearly all of them fit: a few bad rows are for the build to report."""
    cells = [row[column] for row in rows if row.get(column) is not None]
    return bool(cells) and sum(map(fits, cells)) >= 0.8 * len(cells)


def _is_turn_list(cell: Any) -> bool:
    if not isinstance(cell, list) or not cell:
        return False
    return all(isinstance(turn, dict) and {"role", "content"} <= turn.keys() for turn in cell)


def _is_turns(cell: Any) -> bool:
    return _is_turn_list(_parsed(cell))


def _parsed(cell: Any) -> Any:
    """Reads a cell that holds JSON in a string."""
    if not isinstance(cell, str) or not cell.lstrip().startswith("["):
        return cell
    try:
        return json.loads(cell)
    except ValueError:
        return cell


def _is_text(cell: Any) -> bool:
    return isinstance(cell, str) and bool(cell.strip())


def _is_scalar(cell: Any) -> bool:
    return isinstance(cell, str | int) and not isinstance(cell, bool)


def _is_flag(cell: Any) -> bool:
    return str(cell).strip().casefold() in ("true", "false", "yes", "no", "1", "0", "")


def _is_texts(cell: Any) -> bool:
    items = _parsed(cell)
    return isinstance(items, list) and all(isinstance(item, str) for item in items)


def _foreign_turns(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[str]:
    """Names columns that hold turns under other keys than role and content."""
    found = []
    for column in columns:
        turns = next((t for row in rows if isinstance(t := _parsed(row.get(column)), list) and t), None)
        if turns and isinstance(turns[0], dict):
            keys = ", ".join(map(repr, turns[0]))
            found.append(f"{column!r} holds objects with the keys {keys}: rename them to 'role' and 'content'")
    return found


def _scenarios(found: _Found, files: str) -> str:
    """Writes the scenarios; the first names the source, the others refer to it."""
    lines = [f"  - id: {found.scenarios[0]}", "    sources: &mine", f"      - id: {found.source}"]
    lines.append(f"        files: {_quoted(files)} # from the data folder (--data, BENCHWRIGHT_DATA), else from here")
    lines += [f"        {name}: {_quoted(column)}" for name, column in found.params.items()]
    for scenario in found.scenarios[1:]:
        lines += [f"  - id: {scenario}", "    sources: *mine"]
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    """Writes a text as YAML, in quotes where it needs them."""
    if re.fullmatch(r"[A-Za-z_][\w./-]*", text, re.ASCII) and text.lower() not in ("null", "true", "false"):
        return text
    return yaml.safe_dump(text, default_style='"', allow_unicode=True, width=1_000_000).strip()
