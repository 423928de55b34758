"""Keys across tables, checked by anti-joins: dataframely's collections look only at the key all members share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

__all__ = ["FOREIGN_KEYS", "ForeignKey", "dangling"]


class ForeignKey(NamedTuple):
    """Rows of ``table`` must name an existing row of ``target``."""

    table: str
    column: str
    target: str
    target_column: str


FOREIGN_KEYS = (
    ForeignKey("constraints", "instruction_id", "instructions", "id"),
    ForeignKey("responses", "instruction_id", "instructions", "id"),
    ForeignKey("published", "response_id", "responses", "id"),
    ForeignKey("labels", "instruction_id", "instructions", "id"),
    ForeignKey("labels", "response_id", "responses", "id"),
    ForeignKey("labels", "constraint_id", "constraints", "id"),
    ForeignKey("verdicts", "instruction_id", "instructions", "id"),
    ForeignKey("verdicts", "response_id", "responses", "id"),
    ForeignKey("verdicts", "constraint_id", "constraints", "id"),
    ForeignKey("edges", "instruction_id", "instructions", "id"),
    ForeignKey("edges", "better", "responses", "id"),
    ForeignKey("edges", "worse", "responses", "id"),
    ForeignKey("pair_checks", "instruction_id", "instructions", "id"),
    ForeignKey("pair_checks", "first", "responses", "id"),
    ForeignKey("pair_checks", "second", "responses", "id"),
)

_WITHIN = ("labels", "verdicts")


def dangling(tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Lists rows that name a record which does not exist, or one of another instruction; one line each.

    Tables that are not given are not checked, neither as the one that points nor as the one pointed to.
    """
    lines: list[str] = []
    for key in FOREIGN_KEYS:
        if key.table not in tables or key.target not in tables:
            continue
        target = tables[key.target].select(pl.col(key.target_column).alias(key.column))
        lost = tables[key.table].join(target, on=key.column, how="anti")
        lines += [
            f"{key.table}.{key.column} {value} is not in {key.target}" for value in lost[key.column].unique().sort()
        ]
    for table in _WITHIN:
        for column, owner in (("response_id", "responses"), ("constraint_id", "constraints")):
            if table not in tables or owner not in tables:
                continue
            owners = tables[owner].select(pl.col("id").alias(column), pl.col("instruction_id").alias("owner"))
            strays = tables[table].join(owners, on=column).filter(pl.col("owner") != pl.col("instruction_id"))
            lines += [f"{table}: {column} {value} belongs to another instruction" for value in strays[column]]
    return lines
