"""Any file with a column of messages or of prompts, mapped by the recipe: one's own logs, a dataset's dump, a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import model_validator

from ...schemas.drop import Drop
from ...schemas.instruction import Given
from ...schemas.language import language_code
from ...schemas.messages import Messages
from ...store.fetch import Fetch
from ..files import MISSING, FileRow, columns_exist, conversation, file_rows, files_revision, lookup
from ..source import Candidate, Source, SourceParams

__all__ = ["MessageFiles", "MessageParams"]

_COLUMNS = (
    "messages", "prompt", "system", "id_column", "language", "conversation", "user", "license_column",
    "toxic", "redacted", "checklist",
)  # fmt: skip
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")


class MessageParams(SourceParams):
    """Which column holds what. Columns may be dotted paths with list places: ``turns.0``, ``meta.user.id``."""

    files: str
    """JSONL, JSON, CSV, TSV, Parquet or text files, relative to the data folder; may hold ``*``."""
    rows: str | None = None
    """Where the rows lie in a JSON file that is one object: ``data.rows``."""
    messages: str | None = None
    """Column with a list of messages, each a role and a content; a string is read as JSON."""
    prompt: str | None = None
    """Column with a user's words. With neither named, a row's ``messages`` is taken and else its ``prompt``."""
    system: str | None = None
    """Column with a system message; null and blank cells are none."""
    id_column: str | None = None
    """Column with the row's id (``id`` alone names the source); null takes ``file:line``."""
    language: str | None = None
    """Column with a language's name or code; null, and a cell that names no known one, detects it."""
    conversation: str | None = None
    user: str | None = None
    license: str | None = None
    """The licence of every row: SPDX id or name."""
    license_column: str | None = None
    """Column with the row's licence; a blank cell takes ``license``."""
    toxic: str | None = None
    redacted: str | None = None
    """Columns with a flag: true, false, yes, no, 1, 0; a blank cell is unknown."""
    checklist: str | None = None
    """Column with a list of soft requirements; a string is read as JSON."""

    @model_validator(mode="after")
    def _one_of_two(self) -> MessageParams:
        if self.messages is not None and self.prompt is not None:
            raise ValueError("give messages or prompt, not both")
        return self


class MessageFiles(Source):
    """Files with a messages or a prompt column."""

    id = "messages"
    Params = MessageParams

    def read(self, params: MessageParams, fetch: Fetch) -> Iterator[Candidate | Drop]:
        """Yields every row, as a candidate or as a drop.

        Raises:
            InputError: when the files cannot be read, or no row has a column that the parameters name.
        """
        named = {name: path for name in _COLUMNS if (path := getattr(params, name)) is not None}
        absent, columns = set(named.values()), dict[str, None]()
        for row in file_rows(fetch, params.files, params.rows):
            if isinstance(row, Drop):
                yield row
                continue
            columns |= dict.fromkeys(row.values)
            absent -= {path for path in absent if lookup(row.values, path) is not MISSING}
            yield _candidate(row, params, {name: lookup(row.values, path) for name, path in named.items()})
        if columns:
            wanted = [path for path in named.values() if path in absent]
            if "messages" not in named and "prompt" not in named and not {"messages", "prompt"} & columns.keys():
                wanted = ["messages", "prompt", *wanted]
            columns_exist(wanted, columns, params.files)

    def revision(self, params: MessageParams, fetch: Fetch) -> str:
        """Gives the files' hash.

        Raises:
            InputError: when there is no such file or it cannot be read.
        """
        return files_revision(fetch, params.files)


class _Unfit(Exception):
    """A cell that cannot be taken: reason code and detail."""


def _candidate(row: FileRow, params: MessageParams, cells: dict[str, Any]) -> Candidate | Drop:
    place = _text(cells, "id_column") or row.place
    try:
        messages = _messages(row, cells, place)
        if isinstance(messages, Drop):
            return messages
        language = _text(cells, "language")
        return Candidate(
            messages=messages,
            row=place,
            revision=row.revision,
            license=_text(cells, "license_column") or params.license,
            language=language_code(language) if language else None,
            conversation=_text(cells, "conversation"),
            user=_text(cells, "user"),
            toxic=_flag(cells, "toxic"),
            redacted=_flag(cells, "redacted"),
            given=_checklist(cells),
        )
    except _Unfit as unfit:
        return Drop("collect", place, *unfit.args)


def _messages(row: FileRow, cells: dict[str, Any], place: str) -> Messages | Drop:
    """Gives the conversation, with the system column's message before it."""
    if "prompt" in cells:
        turns = _asked(cells["prompt"])
    elif "messages" in cells:
        turns = _json("messages", cells["messages"])
    elif row.values.get("messages") is not None:
        turns = _json("messages", row.values["messages"])
    else:
        turns = _asked(row.values.get("prompt", MISSING))
    system = cells.get("system")
    if isinstance(system, str) and system.strip() and isinstance(turns, list) and turns:
        if isinstance(turns[0], dict) and turns[0].get("role") == "system":
            raise _Unfit("two_system_messages", "the messages begin with one and the system column holds another")
        turns = [{"role": "system", "content": system}, *turns]
    elif system not in (None, MISSING) and not isinstance(system, str):
        raise _Unfit("not_text", f"system holds {type(system).__name__}, not text")
    return conversation(None if turns is MISSING else turns, place)


def _asked(prompt: Any) -> list[dict[str, str]]:
    if prompt is None or prompt is MISSING:
        raise _Unfit("no_prompt", "the prompt is null or not there")
    if not isinstance(prompt, str):
        raise _Unfit("not_text", f"the prompt is {type(prompt).__name__}, not text")
    return [{"role": "user", "content": prompt}]


def _json(name: str, cell: Any) -> Any:
    """Reads a cell that is JSON in a string; others are given back."""
    if not isinstance(cell, str):
        return cell
    try:
        return json.loads(cell) if cell.strip() else None
    except (ValueError, RecursionError) as error:
        raise _Unfit("invalid_json", f"{name} holds a string that is not JSON: {error}") from None


def _text(cells: dict[str, Any], name: str) -> str | None:
    cell = cells.get(name)
    return None if cell is None or cell is MISSING or not str(cell).strip() else str(cell)


def _flag(cells: dict[str, Any], name: str) -> bool | None:
    cell = _text(cells, name)
    if cell is None:
        return None
    said = cell.strip().casefold()
    if said not in (*_TRUE, *_FALSE):
        raise _Unfit("bad_flag", f"{name} holds {cell!r:.80}; allowed: {', '.join((*_TRUE, *_FALSE))}")
    return said in _TRUE


def _checklist(cells: dict[str, Any]) -> tuple[Given, ...]:
    items = _json("checklist", cells.get("checklist"))
    if items is None or items is MISSING:
        return ()
    if not isinstance(items, list) or not all(isinstance(item, str) and item.strip() for item in items):
        raise _Unfit("bad_checklist", f"checklist is not a list of texts: {items!r:.80}")
    return tuple(Given(item) for item in items)
