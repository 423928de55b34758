"""Reading the rows of one file, whatever its format: bad rows are reported and passed over, they never end it."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

from ..errors import InputError, nearest

__all__ = ["FORMATS", "BadRow", "Row", "read_rows"]

FORMATS = (".csv", ".json", ".jsonl", ".ndjson", ".parquet", ".tsv", ".txt")
"""Extensions that can be read; each but ``.parquet`` also with ``.gz`` behind it."""

_BATCH = 256
"""Parquet rows held at once."""
_CELL = 2**30
"""Characters a CSV cell may have: the library's own bound of 131,072 is less than one long message."""


class Row(NamedTuple):
    """One row of a source."""

    number: int
    """Counts from 1: the line it starts on, in Parquet and JSON the row's place."""
    values: dict[str, Any]


class BadRow(NamedTuple):
    """One row that cannot be read."""

    number: int
    reason: str
    """``invalid_utf8``, ``invalid_json``, ``lone_surrogate``, ``not_an_object``, ``invalid_csv``, ``wrong_columns``,
    ``invalid_value``."""
    detail: str


def read_rows(path: Path, at: str | None = None) -> Iterator[Row | BadRow]:
    """Yields a file's rows in their order; blank lines are no rows.

    By extension: JSONL (an object a line; a bare string is ``{"prompt": string}``), JSON (a list of rows, or one object
    that is the only row), CSV and TSV with a header, Parquet (in batches), text (a prompt a line). A ``.jsonl`` that is
    really one JSON document over several lines is read as that.

    Args:
        at: where the rows lie in a JSON document that is an object: keys joined by dots, such as ``data.rows``.

    Raises:
        InputError: when the file as a whole cannot be read.
    """
    kind, zipped = _format(path)
    try:
        if path.stat().st_size == 0:
            raise InputError(f"{path} is empty (0 bytes)")
        yield from _READERS[kind](path, zipped, at)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: not a whole gzip file: {error}") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None


def _format(path: Path) -> tuple[str, bool]:
    """Gives a file's format by its extension, and whether it is compressed."""
    name = path.name.lower()
    zipped = name.endswith(".gz")
    kind = Path(name.removesuffix(".gz")).suffix
    if kind not in FORMATS or (zipped and kind == ".parquet"):
        allowed = nearest(kind, FORMATS)
        raise InputError(
            f"{path}: its format {path.suffix!r} cannot be read: {allowed}; all but .parquet also with .gz"
        )
    return kind, zipped


def _open(path: Path, zipped: bool) -> IO[bytes]:
    return gzip.open(path, "rb") if zipped else path.open("rb")  # type: ignore[return-value]


def _lines(path: Path, zipped: bool) -> Iterator[tuple[int, bytes]]:
    """Yields line number and bytes of each line that is not blank, without a byte order mark."""
    with _open(path, zipped) as file:
        for number, line in enumerate(file, 1):
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if line.strip():
                yield number, line


def _decode(number: int, line: bytes) -> str | BadRow:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        return BadRow(
            number, "invalid_utf8", f"byte {error.start + 1} of the line is 0x{line[error.start]:02x}: {error.reason}"
        )


def _has_surrogate(value: Any) -> bool:
    """Tells whether a JSON value holds half of a surrogate pair, which no UTF-8 file can store."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _value(number: int, value: Any, escaped: bool) -> Row | BadRow:
    """Gives a JSON value as a row: an object, or a bare string as a prompt."""
    if not isinstance(value, dict | str):
        return BadRow(number, "not_an_object", f"expected an object or a string, got {type(value).__name__}")
    if escaped and _has_surrogate(value):
        return BadRow(number, "lone_surrogate", "a \\u escape is half of a surrogate pair: no such character exists")
    return Row(number, {"prompt": value} if isinstance(value, str) else value)


def _jsonl_row(number: int, line: bytes) -> Row | BadRow:
    text = _decode(number, line)
    if isinstance(text, BadRow):
        return text
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        cut = "" if line.endswith(b"\n") else "; the file ends in this line: it may be cut off"
        return BadRow(number, "invalid_json", f"{error.msg} at character {error.pos + 1} of the line{cut}")
    except (ValueError, RecursionError) as error:
        return BadRow(number, "invalid_json", str(error))
    return _value(number, value, "\\u" in text)


def _jsonl(path: Path, zipped: bool, at: str | None) -> Iterator[Row | BadRow]:
    opening = next((line.strip() for _, line in _lines(path, zipped)), b"")
    if opening in (b"{", b"["):
        try:
            rows = list(_document(path, zipped, at))
        except InputError:
            pass  # lines after all, the first of them cut: they are reported one by one
        else:
            yield from rows
            return
    for number, line in _lines(path, zipped):
        yield _jsonl_row(number, line)


def _load(path: Path, zipped: bool) -> tuple[Any, bool]:
    """Gives a JSON document, and whether it holds escapes."""
    with _open(path, zipped) as file:
        data = file.read().removeprefix(codecs.BOM_UTF8)
    try:
        return json.loads(data.decode()), b"\\u" in data
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"{path}: not valid JSON: {error.msg} at {where}; is the file cut off?") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not valid UTF-8: {error.reason} at byte {error.start + 1}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not valid JSON: {error}") from None


def _document(path: Path, zipped: bool, at: str | None) -> Iterator[Row | BadRow]:
    value, escaped = _load(path, zipped)
    for key in at.split(".") if at else ():
        if not isinstance(value, dict) or key not in value:
            keys = list(value) if isinstance(value, dict) else []
            raise InputError(f"{path}: {key!r} of {at!r} is not there: {nearest(key, keys)}")
        value = value[key]
    for number, item in enumerate(value if isinstance(value, list) else [value], 1):
        yield _value(number, item, escaped)


def _text(path: Path, zipped: bool, at: str | None) -> Iterator[Row | BadRow]:
    for number, line in _lines(path, zipped):
        text = _decode(number, line)
        yield text if isinstance(text, BadRow) else Row(number, {"prompt": text.rstrip("\r\n")})


def _csv(path: Path, zipped: bool, at: str | None, delimiter: str = ",") -> Iterator[Row | BadRow]:
    csv.field_size_limit(_CELL)
    with _open(path, zipped) as raw:
        # Bytes that are no UTF-8 come in as lone surrogates, so that one bad cell does not end the reading.
        file = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        header = _header(path, reader)
        while True:
            number = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRow(number, "invalid_csv", str(error))
                continue
            if cells:
                yield _cells(number, header, cells)


def _header(path: Path, reader: Any) -> list[str]:
    try:
        header: list[str] = next(reader, [])
    except csv.Error as error:
        raise InputError(f"{path}: the header cannot be read: {error}") from None
    if not any(name.strip() for name in header):
        raise InputError(f"{path}: the first line holds no column names")
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise InputError(f"{path}: the header names {', '.join(map(repr, twice))} more than once")
    if _has_surrogate(header):
        raise InputError(f"{path}: the header is not valid UTF-8")
    return header


def _cells(number: int, header: list[str], cells: list[str]) -> Row | BadRow:
    if len(cells) != len(header):
        return BadRow(number, "wrong_columns", f"{len(cells)} cells under {len(header)} column names")
    if _has_surrogate(cells):
        return BadRow(number, "invalid_utf8", "a cell holds bytes that are not UTF-8")
    return Row(number, dict(zip(header, cells, strict=True)))


def _parquet(path: Path, zipped: bool, at: str | None) -> Iterator[Row | BadRow]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            names = file.schema_arrow.names
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise InputError(f"{path}: the schema names {', '.join(map(repr, twice))} more than once")
            for batch in file.iter_batches(batch_size=_BATCH, use_threads=False):
                yield from _batch(number, batch)
                number += batch.num_rows
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:  # UnicodeDecodeError: a damaged column name
        where = f" after row {number}" if number else ""
        raise InputError(f"{path}: not a readable Parquet file{where}: {str(error).splitlines()[0]}") from None


def _batch(before: int, batch: Any) -> Iterator[Row | BadRow]:
    import pyarrow as pa

    # Besides bytes that are no text: dates that Python has no form for, and time zones that nobody knows.
    refused = (ValueError, OverflowError, pa.ArrowException)
    try:
        rows = batch.to_pylist()
    except refused:
        rows = None
    if rows is not None:
        yield from (Row(before + i, values) for i, values in enumerate(rows, 1))
        return
    for i in range(batch.num_rows):
        try:
            yield Row(before + i + 1, batch.slice(i, 1).to_pylist()[0])
        except UnicodeDecodeError as error:
            yield BadRow(before + i + 1, "invalid_utf8", f"a string is not valid UTF-8: {error.reason}")
        except refused as error:
            yield BadRow(before + i + 1, "invalid_value", f"a value cannot be read: {error}")


_READERS: dict[str, Callable[[Path, bool, str | None], Iterator[Row | BadRow]]] = {
    ".csv": _csv,
    ".json": _document,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".parquet": _parquet,
    ".tsv": partial(_csv, delimiter="\t"),
    ".txt": _text,
}
