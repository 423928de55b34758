"""From all that was worked to what is released: the instructions that have a graph, and what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

__all__ = ["Reduced", "reduce_tables"]


class Reduced(NamedTuple):
    """The tables of a release, before they are nested."""

    instructions: pl.DataFrame
    constraints: pl.DataFrame
    responses: pl.DataFrame
    labels: pl.DataFrame
    verdicts: pl.DataFrame
    edges: pl.DataFrame
    graphs: pl.DataFrame


def reduce_tables(tables: Mapping[str, pl.DataFrame]) -> Reduced:
    """Keeps the rows of instructions and responses that ``graphs`` names.

    Args:
        tables: ``instructions, constraints, responses, labels, verdicts, edges, graphs``; more are ignored.
    """
    graphs = tables["graphs"]
    instructions = graphs.select("instruction_id")
    responses = graphs.select(pl.col("responses").explode().alias("response_id"))
    of_instruction = {"other": instructions, "how": "semi", "maintain_order": "left"}
    of_response = {"on": "response_id", "how": "semi", "maintain_order": "left"}
    return Reduced(
        instructions=tables["instructions"].filter(pl.col("id").is_in(instructions["instruction_id"].implode())),
        constraints=tables["constraints"].join(on="instruction_id", **of_instruction),
        responses=tables["responses"].filter(pl.col("id").is_in(responses["response_id"].implode())),
        labels=tables["labels"].join(responses, **of_response),
        verdicts=tables["verdicts"].join(responses, **of_response),
        edges=tables["edges"],
        graphs=graphs,
    )
