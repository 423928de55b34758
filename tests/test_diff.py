"""``diff``: which edges moved between two releases, and which verdicts moved them."""

from __future__ import annotations

from typing import Any

import polars as pl

from benchwright.release.moved import moved


def item(id: str, labels: list[list[int | None]], edges: list[tuple[int, int]]) -> dict[str, Any]:
    return {
        "id": id,
        "source_row": f"rows.jsonl:{id}",
        "responses": [{"id": f"{id}-{at}", "labels": row} for at, row in enumerate(labels)],
        "constraints": [{"id": f"{id}-c{at}", "checker": name, "text": "x"} for at, name in enumerate(("a", None))],
        "rated_positions": [0, 1],
        "preference_graph": [{"chosen": chosen, "rejected": rejected} for chosen, rejected in edges],
    }


def labels(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["response_id", "constraint_id", "reason"], orient="row")


def test_an_edge_that_moved_has_its_verdicts() -> None:
    one = pl.DataFrame([item("i", [[1, 1], [1, 0], [0, 0]], [(0, 1), (0, 2), (1, 2)])])
    other = pl.DataFrame([item("i", [[1, 1], [0, 0], [0, 0]], [(0, 1), (0, 2)])])
    found = moved(one, other, labels(("i-1", "i-c0", "2 commas"), ("i-0", "i-c0", "none")))
    (edge,) = found.edges
    assert (edge.change, edge.chosen, edge.rejected) == ("lost", "i-1", "i-2")
    assert edge.because == ("a: satisfied -> violated (2 commas)",)
    assert found.kept == 2 and found.verdicts == {"a: satisfied -> violated": 1}
    back = moved(other, one, labels(("i-1", "i-c0", "")))
    assert [edge.change for edge in back.edges] == ["new"]
    assert back.edges[0].because == ("a: violated -> satisfied",)


def test_what_only_one_release_has_is_said() -> None:
    one = pl.DataFrame([item("i", [[1, 1], [0, 0]], [(0, 1)]), item("j", [[1, 1], [0, 0]], [(0, 1)])])
    found = moved(one, one.filter(pl.col("id") == "i"), labels(("i-0", "i-c0", "")))
    assert [edge.because for edge in found.edges] == [("the instruction is in one release only",)]
    assert moved(one, one, labels(("i-0", "i-c0", ""))).edges == ()


def test_an_unknown_verdict_is_a_verdict() -> None:
    one = pl.DataFrame([item("i", [[1, 1], [1, 0]], [(0, 1)])])
    other = pl.DataFrame([item("i", [[1, 1], [None, 0]], [])])
    assert moved(one, other, labels(("i-1", "i-c0", "crash"))).edges[0].because == ("a: satisfied -> unknown (crash)",)
