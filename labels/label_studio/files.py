"""The door to Label Studio's files: what it imports is written, what it exports is read, one task at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from io import TextIOBase
from pathlib import Path
from typing import Any

from ...errors import InputError
from ...store.workspace import explain_os_errors

__all__ = ["read_export", "write_tasks", "write_text"]

_PIECE = 1 << 16
_SPACE = " \t\r\n"
_ALLOWED = (
    "allowed: a project's export as JSON (not JSON-MIN, CSV or TSV, which leave out who skipped and what changed)"
)


def write_text(path: Path, text: str) -> None:
    """Writes a file, whole or not at all.

    Raises:
        WorkspaceError: when it cannot be written.
    """
    _write(path, [text])


def write_tasks(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Writes tasks as one JSON array, a task a line, whole or not at all; gives their number.

    Raises:
        WorkspaceError: when the file cannot be written.
    """
    count = 0

    def pieces() -> Iterator[str]:
        nonlocal count
        yield "["
        for row in rows:
            yield f"{',' if count else ''}\n{json.dumps(row, ensure_ascii=False)}"
            count += 1
        yield "\n]\n"

    _write(path, pieces())
    return count


def _write(path: Path, pieces: Iterable[str]) -> None:
    with explain_os_errors(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.part")
        try:
            with unfinished.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(pieces)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


def read_export(path: Path) -> Iterator[Any]:
    """Yields the tasks of an export, as they stand in it; what each is worth is for ``read_annotations`` to say.

    Raises:
        InputError: when the file cannot be read, is no JSON array, or is an export of another form.
    """
    try:
        # A mark at the beginning is what editors on Windows leave.
        with path.open(encoding="utf-8-sig") as file:
            for number, row in enumerate(_elements(file), start=1):
                if number == 1 and isinstance(row, dict) and "annotations" not in row and "annotation_id" in row:
                    raise InputError(f"{path} is an export as JSON-MIN: {_ALLOWED}")
                yield row
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no UTF-8 at byte {error.start + 1}: {_ALLOWED}") from None
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is no JSONDecodeError
        raise InputError(f"{path} is no JSON array of tasks, or is cut off ({error}): {_ALLOWED}") from None


def _elements(file: TextIOBase) -> Iterator[Any]:
    """Yields a JSON array's elements, holding little more than one of them.

    Raises:
        JSONDecodeError: where it is none.
    """
    buffer = _Buffer(file)
    if buffer.next() != "[":
        raise json.JSONDecodeError("expected '['", "", 0)
    buffer.skip()
    if buffer.next() == "]":
        buffer.skip()
        buffer.end()
        return
    while True:
        yield buffer.value()
        mark = buffer.next()
        if mark not in (",", "]"):
            raise json.JSONDecodeError("expected ',' or ']'", "", 0)
        buffer.skip()
        if mark == "]":
            buffer.end()
            return


class _Buffer:
    """The part of a file that was read and not yet used."""

    def __init__(self, file: TextIOBase) -> None:
        self._file, self._text, self._at = file, "", 0
        self._decoder = json.JSONDecoder()

    def next(self) -> str:
        """Gives the next character that is no space, without using it; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more(_PIECE):
                return ""

    def skip(self) -> None:
        """Uses the next character."""
        self._at += 1

    def end(self) -> None:
        """Raises where something follows."""
        if self.next():
            raise json.JSONDecodeError("something follows the array", "", 0)

    def value(self) -> Any:
        """Uses the next value."""
        self.next()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                # Twice as much each time: a value is parsed again a few times, not once a piece.
                if not self._more(max(_PIECE, len(self._text) - self._at)):
                    raise
                continue
            if end == len(self._text) and self._more(_PIECE):
                continue  # a number may go on
            self._at = end
            return value

    def _more(self, size: int) -> bool:
        piece = self._file.read(size)
        self._text, self._at = self._text[self._at :] + piece, 0
        return bool(piece)
