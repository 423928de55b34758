"""One declaration, four schemas: from a dataframely table to polars, Arrow, ``datasets.Features`` and validation.

The Arrow schema is narrowed to what ``datasets`` writes itself (``string``, ``list``), because ``Features`` of a loaded
file equal ``Features.from_arrow_schema`` only for the schema that is actually in the file. All released columns are
nullable: ``Features`` carry no nullability, the row rules are kept here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dataframely as dy
import polars as pl
import pyarrow as pa

from ..errors import ReleaseError
from .drop import Drop

if TYPE_CHECKING:
    from datasets import Features

__all__ = [
    "arrow_schema",
    "empty",
    "features",
    "frame_of",
    "from_arrow",
    "partition",
    "problems",
    "to_arrow",
    "validate",
]

Table = type[dy.Schema]


def _narrow(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_string_view(kind) or pa.types.is_large_string(kind):
        return pa.string()
    if pa.types.is_large_list(kind) or pa.types.is_list(kind):
        return pa.list_(pa.field("item", _narrow(kind.value_field.type), True))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, _narrow(field.type), True) for field in kind])
    return kind


def arrow_schema(table: Table) -> pa.Schema:
    """Gives the Arrow schema that a table's Parquet files bear."""
    return pa.schema([pa.field(field.name, _narrow(field.type), True) for field in pa.schema(table)])


def features(table: Table) -> Features:
    """Gives the ``datasets.Features`` that ``load_dataset`` returns for a table's files."""
    from datasets import Features

    return Features.from_arrow_schema(arrow_schema(table))


def to_arrow(table: Table, frame: pl.DataFrame) -> pa.Table:
    """Gives a frame as Arrow under the table's schema, columns in its order."""
    return frame.select(table.column_names()).to_arrow().cast(arrow_schema(table))


def from_arrow(table: Table, data: pa.Table) -> pl.DataFrame:
    """Reads Arrow data back under the table's polars schema.

    Raises:
        ReleaseError: when columns are missing, are not the table's, or have other types.
    """
    frame = pl.from_arrow(data)
    assert isinstance(frame, pl.DataFrame)
    _check_columns(table, frame)
    try:
        return frame.select(table.column_names()).cast(pl.Schema(table))
    except (pl.exceptions.PolarsError, TypeError) as error:
        raise ReleaseError(f"{table.__name__}: {str(error).splitlines()[0]}") from None


def _check_columns(table: Table, frame: pl.DataFrame) -> None:
    """Raises for missing and extra columns: dataframely drops extra ones without a word."""
    wanted, got = table.column_names(), frame.columns
    lines = [f"column {name!r} is missing" for name in wanted if name not in got]
    lines += [f"column {name!r} is not one of the table's" for name in got if name not in wanted]
    if lines:
        raise ReleaseError(f"{table.__name__}: the columns are not the table's", lines)


def partition(table: Table, frame: pl.DataFrame, stage: str, key: str) -> tuple[pl.DataFrame, list[Drop]]:
    """Splits rows into those that keep every rule and drops that name the rules the others break.

    Of rows that share a primary key the first is kept: dataframely would take them all away.

    Args:
        stage: the stage the drops are charged to.
        key: the column that names a row in its drop.

    Raises:
        ReleaseError: when the columns are not the table's.
    """
    _check_columns(table, frame)
    frame = frame.select(table.column_names())
    keys = table.primary_key()
    drops: list[Drop] = []
    if keys:
        first = frame.select(pl.struct(keys).is_first_distinct()).to_series()
        again = frame.filter(~first)
        drops += [
            Drop(stage, str(row[key]), "duplicate_id", f"another row has the same {', '.join(keys)}")
            for row in again.iter_rows(named=True)
        ]
        frame = frame.filter(first)
    good, failed = table.filter(frame)
    details = failed.details()
    rules = [name for name in details.columns if name not in frame.columns]
    for row in details.iter_rows(named=True):
        broken = [rule for rule in rules if row[rule] == "invalid"]
        drops.append(Drop(stage, str(row[key]), "broken_rule", f"breaks {', '.join(broken)}"))
    return good, drops


def problems(table: Table, frame: pl.DataFrame) -> list[str]:
    """Lists what is wrong with a table, one line a rule or column; empty when nothing is."""
    try:
        _, drops = partition(table, frame, "validate", table.column_names()[0])
    except ReleaseError as error:
        return list(error.problems) or [error.message]
    return [f"{table.__name__}: row {drop.record}: {drop.detail}" for drop in drops]


def validate(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Gives the frame back, columns in the table's order, if it keeps every rule.

    Raises:
        ReleaseError: with every broken rule.
    """
    if found := problems(table, frame):
        shown: Sequence[str] = found[:20] + ([f"and {len(found) - 20} more"] if len(found) > 20 else [])
        raise ReleaseError(f"{table.__name__}: {len(found)} problems", shown)
    return frame.select(table.column_names())


def empty(table: Table) -> pl.DataFrame:
    """Gives the table without rows."""
    return pl.DataFrame(schema=dict(pl.Schema(table)))


def frame_of(table: Table, rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Gives rows as a frame under the table's schema."""
    return pl.DataFrame(rows, schema=dict(pl.Schema(table)))
