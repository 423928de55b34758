"""What sources that read local files share: their rows with revision and place, bad rows as drops, columns by path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ..errors import InputError, nearest
from ..schemas.canonical import digest
from ..schemas.drop import Drop
from ..schemas.messages import Messages, check_messages
from ..store.fetch import BadRow, Fetch

__all__ = [
    "MISSING",
    "FileRow",
    "columns_exist",
    "conversation",
    "file_rows",
    "files_revision",
    "lookup",
    "rows_of_layout",
]

MISSING: Any = object()
"""What ``lookup`` gives where a row has no such column."""


class FileRow(NamedTuple):
    """A row and where it comes from."""

    place: str
    """``file name:line``."""
    revision: str
    """``sha256:`` and 64 hex digits of the file."""
    values: dict[str, Any]


def file_rows(fetch: Fetch, pattern: str, at: str | None = None) -> Iterator[FileRow | Drop]:
    """Yields every row of the files a pattern names; rows that cannot be read are drops.

    Raises:
        InputError: when there is no such file or one cannot be read as a whole.
    """
    for path in fetch.resolve(pattern):
        revision = f"sha256:{fetch.sha256(path)}"
        for row in fetch.rows(path, at):
            place = f"{path.name}:{row.number}"
            if isinstance(row, BadRow):
                yield Drop("collect", place, row.reason, row.detail)
            else:
                yield FileRow(place, revision, row.values)


def rows_of_layout(fetch: Fetch, pattern: str, columns: Sequence[str], layout: str) -> Iterator[FileRow | Drop]:
    """Yields every row of files that have a layout's columns; rows that cannot be read are drops.

    Args:
        layout: whose it is, for the message: ``IFEval's``.

    Raises:
        InputError: when the files cannot be read, or their first row lacks a column.
    """
    checked = False
    for row in file_rows(fetch, pattern):
        if not checked and isinstance(row, FileRow):
            checked = True
            if absent := [name for name in columns if name not in row.values]:
                there = list(row.values)
                hints = ((name, nearest(name, there).replace("allowed:", "there are:")) for name in absent)
                lines = [f"no column {name!r}; {hint}" for name, hint in hints]
                raise InputError(f"{pattern}: not in {layout} layout", lines)
        yield row


def files_revision(fetch: Fetch, pattern: str) -> str:
    """Gives the revision of the files a pattern names: a file's own hash, of several the hash over theirs.

    Raises:
        InputError: when there is no such file or one cannot be read.
    """
    hashes = [fetch.sha256(path) for path in fetch.resolve(pattern)]
    return f"sha256:{hashes[0] if len(hashes) == 1 else digest(hashes)}"


def lookup(values: Any, path: str) -> Any:
    """Gives what lies at a column or dotted path (``turns.0``, ``meta.user.id``), else ``MISSING``.

    A column whose name is the whole path is found first.
    """
    if isinstance(values, dict) and path in values:
        return values[path]
    for part in path.split("."):
        if isinstance(values, dict) and part in values:
            values = values[part]
        elif isinstance(values, Sequence) and not isinstance(values, str) and part.lstrip("-").isdigit():
            if not -len(values) <= int(part) < len(values):
                return MISSING
            values = values[int(part)]
        else:
            return MISSING
    return values


def columns_exist(wanted: Iterable[str], seen: Iterable[str], where: str) -> None:
    """Raises for wanted paths that no row had.

    Args:
        seen: all columns that there are.
        where: what was read.

    Raises:
        InputError: naming each path, the nearest column and all of them.
    """
    columns = sorted(seen)
    if lines := [f"{path!r} is in no row; {nearest(path.split('.')[0], columns)}" for path in wanted]:
        raise InputError(f"{where}: a column that the recipe names is not there", lines)


def conversation(value: Any, place: str) -> Messages | Drop:
    """Reads a conversation to be answered, or gives the drop that says why it is none."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        for i, turn in enumerate(value):
            if isinstance(turn, dict) and isinstance(turn.get("content"), list):
                detail = f"message {i} has a list of parts for content; only plain text can be answered"
                return Drop("collect", place, "content_parts", detail)
    messages, problem = check_messages(value)
    if messages is None:
        assert problem is not None
        return Drop("collect", place, *problem)
    return messages
