"""Drawing tasks for people from the flow's tables, or from a ranking of what is worth asking.

A task's id is a hash of what is asked, so that drawing again adds nothing twice. No task tells which model wrote a
response.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import polars as pl

from ...constraints.soft import drafted_by
from ...errors import UsageError
from ...schemas.canonical import content_id, digest
from .task import Task

__all__ = ["Picked", "Tables", "item_tasks", "label_tasks", "pair_tasks"]

Tables = Mapping[str, pl.DataFrame]
"""The flow's tables by name: instructions, constraints, responses, labels, verdicts, edges."""
_AFTER_LABELS = 1_000_000_000
"""Pairs that no ranking places come after all labels: who labels a response may not check its pairs."""
_DECIDED = ("satisfied", "violated")
_LISTED = 20
"""Problems that a message lists."""
Row = dict[str, Any]


class Picked(Protocol):
    """One thing worth asking, as ``budget.Pick`` has it; a list of them is in the order of their worth."""

    @property
    def kind(self) -> str:
        """``label`` or ``pair``."""

    @property
    def ids(self) -> tuple[str, str]:
        """Response and constraint, or the better and the worse response."""


class _Asked(NamedTuple):
    """What tasks show of an instruction."""

    messages: list[dict[str, str]]
    """As sampled."""
    source_messages: list[dict[str, str]]
    language: str | None


def label_tasks(tables: Tables, picks: Sequence[Picked] | None = None) -> list[Task]:
    """Gives a task for each (response with text, constraint) that no code decides, or for the labels picked.

    In the order of the instructions, then their responses, then positions, so that a response is read once for all its
    constraints; with picks in their order.

    Args:
        picks: a ranking, pairs among it; null takes all.

    Raises:
        UsageError: when a pick is in no table.
    """
    asked = _asked(tables)
    responses = {row["id"]: row for row in _with_text(tables)}
    constraints = {row["id"]: row for row in _constraints(tables)}
    if picks is not None:
        ranked = [(rank, pick.ids) for rank, pick in enumerate(picks) if pick.kind == "label"]
        _check(
            ((id, "response", responses) for _, (id, _) in ranked),
            ((id, "constraint", constraints) for _, (_, id) in ranked),
        )
    else:
        ranked = list(enumerate(_undecided(tables, responses.values(), constraints.values())))
    return [_label(asked, responses[response], constraints[id], rank) for rank, (response, id) in ranked]


def pair_tasks(tables: Tables, picks: Sequence[Picked] | None = None) -> list[Task]:
    """Gives a task for each edge, or for the pairs picked; which response is shown as A hangs on their ids alone.

    Raises:
        UsageError: when a pick is in no table.
    """
    asked = _asked(tables)
    responses = {row["id"]: row for row in _with_text(tables)}
    if picks is not None:
        ranked = [(rank, pick.ids) for rank, pick in enumerate(picks) if pick.kind == "pair"]
        _check(((id, "response", responses) for _, pair in ranked for id in pair))
    else:
        place = {id: at for at, id in enumerate(responses)}
        edges = sorted(
            tables["edges"].select("better", "worse").iter_rows(), key=lambda edge: [place[id] for id in edge]
        )
        ranked = [(rank, (better, worse)) for rank, (better, worse) in enumerate(edges, _AFTER_LABELS)]
    rated = _rated_texts(tables)
    tasks = (_pair(asked, responses[better], responses[worse], rated, rank) for rank, (better, worse) in ranked)
    return list({task.id: task for task in reversed(list(tasks))}.values())[::-1]


def item_tasks(tables: Tables) -> list[Task]:
    """Gives a task for each soft constraint that a model drew: no review moves what a source or scenario lays down."""
    asked = _asked(tables)
    drawn = [row for row in _constraints(tables) if drafted_by(row["generator"]) is not None]
    return [_item(asked, row, rank) for rank, row in enumerate(drawn)]


def _asked(tables: Tables) -> dict[str, _Asked]:
    rows = tables["instructions"].select("id", "messages", "source_messages", "language").iter_rows()
    return {id: _Asked(messages, source, language) for id, messages, source, language in rows}


def _places(tables: Tables) -> dict[str, int]:
    return {id: at for at, id in enumerate(tables["instructions"]["id"])}


def _constraints(tables: Tables) -> list[Row]:
    """Gives the constraints in the order of the instructions, then positions."""
    columns = ("id", "instruction_id", "position", "text", "kind", "categories", "compositions", "span", "generator")
    place = _places(tables)
    rows = tables["constraints"].select(columns).iter_rows(named=True)
    return sorted(rows, key=lambda row: (place[row["instruction_id"]], row["position"]))


def _with_text(tables: Tables) -> list[Row]:
    """Gives the responses that have a text, in the order of the instructions, then as they come."""
    place = _places(tables)
    rows = tables["responses"].filter(pl.col("text").is_not_null()).select("id", "instruction_id", "text")
    return sorted(rows.iter_rows(named=True), key=lambda row: place[row["instruction_id"]])


def _undecided(tables: Tables, responses: Iterable[Row], constraints: Iterable[Row]) -> list[tuple[str, str]]:
    """Gives the (response, constraint) that no code calls satisfied or violated."""
    by_code = tables["labels"].filter((pl.col("rater_kind") == "code") & pl.col("outcome").is_in(_DECIDED))
    decided = set(by_code.select("response_id", "constraint_id").iter_rows())
    rated: dict[str, list[str]] = defaultdict(list)
    for row in constraints:
        rated[row["instruction_id"]].append(row["id"])
    pairs = ((row["id"], id) for row in responses for id in rated[row["instruction_id"]])
    return [pair for pair in pairs if pair not in decided]


def _rated_texts(tables: Tables) -> dict[str, list[str]]:
    """Gives the constraints' texts by instruction: those with a verdict, or all where none has one."""
    with_verdict = set(tables["verdicts"]["constraint_id"].unique())
    texts: dict[str, list[str]] = defaultdict(list)
    others: dict[str, list[str]] = defaultdict(list)
    for row in _constraints(tables):
        (texts if row["id"] in with_verdict else others)[row["instruction_id"]].append(row["text"])
    return {**others, **texts}


def _check(*named: Iterable[tuple[str, str, Mapping[str, Row]]]) -> None:
    """Raises for picked ids that are in no table.

    Raises:
        UsageError: with each of them.
    """
    absent = dict.fromkeys(f"{what} {id!r}" for part in named for id, what, rows in part if id not in rows)
    if absent:
        more = [f"and {len(absent) - _LISTED} more"] if len(absent) > _LISTED else []
        raise UsageError(
            "picks that name what is not in the tables, or has no text: rank the same tables that tasks are drawn from",
            [*list(absent)[:_LISTED], *more],
        )


def _shown(asked: _Asked) -> dict[str, Any]:
    return {"messages": asked.messages, "language": asked.language}


def _label(asked: Mapping[str, _Asked], response: Row, constraint: Row, priority: int) -> Task:
    instruction = response["instruction_id"]
    body = {
        **_shown(asked[instruction]),
        "constraint_id": constraint["id"],
        "constraint": constraint["text"],
        "kind": constraint["kind"],
        "categories": list(constraint["categories"]),
        "response_id": response["id"],
        "response": response["text"],
    }
    # A response's id is older than its text.
    id = content_id("tsk", "label", instruction, constraint["id"], response["id"], response["text"])
    return Task(id, "label", instruction, priority, body)


def _pair(asked: Mapping[str, _Asked], better: Row, worse: Row, texts: Mapping[str, list[str]], priority: int) -> Task:
    instruction = better["instruction_id"]
    first, second = sorted((better, worse), key=lambda row: str(row["id"]))
    # Of the ids in their own order: that A is the better one must tell nothing.
    drawn = int(digest([first["id"], second["id"]])[0], 16) % 2
    a, b = (second, first) if drawn else (first, second)
    body = {
        **_shown(asked[instruction]),
        "a_id": a["id"],
        "a": a["text"],
        "b_id": b["id"],
        "b": b["text"],
        "constraints": texts.get(instruction, []),
        "better": "a" if a is better else "b",
    }
    id = content_id("tsk", "pair", instruction, *((row["id"], row["text"]) for row in (first, second)))
    return Task(id, "pair", instruction, priority, body)


def _item(asked: Mapping[str, _Asked], constraint: Row, priority: int) -> Task:
    instruction = constraint["instruction_id"]
    there = asked[instruction]
    body = {
        "messages": there.source_messages,
        "language": there.language,
        "constraint_id": constraint["id"],
        "constraint": constraint["text"],
        "span": _span(there.source_messages, constraint["span"]),
        "categories": constraint["categories"],
        "compositions": constraint["compositions"],
    }
    return Task(content_id("tsk", "item", instruction, constraint["id"]), "item", instruction, priority, body)


def _span(messages: Sequence[Mapping[str, str]], span: Row | None) -> Row | None:
    """Gives a span with its words; null where there is none, or where it points to nothing."""
    if span is None or not 0 <= span["message"] < len(messages):
        return None
    text = messages[span["message"]]["content"][span["start"] : span["end"]]
    return {**span, "text": text} if text else None
