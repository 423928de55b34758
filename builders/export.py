"""Our records in IFEval's layout, so that other harnesses can check them: prompts with their constraints, responses.

A row is ``key`` (the instruction's id), ``prompt`` (the user's last turn, as sampled), ``instruction_id_list`` and
``kwargs`` (an object each, without null padding), ``response`` where responses are given, and ``messages`` where the
conversation is more than one user turn. Soft constraints are left out, and instructions without any other.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ..constraints.layout import Listed, write_lists
from ..schemas.messages import last_user_text
from ..store.workspace import explain_os_errors

__all__ = ["export_ifeval", "export_items", "write_rows"]

Row = Mapping[str, Any]


def export_ifeval(
    instructions: pl.DataFrame, constraints: pl.DataFrame, responses: pl.DataFrame | None = None
) -> Iterator[dict[str, Any]]:
    """Yields a row an instruction, or a row a response, in the tables' order.

    Args:
        instructions: table ``Instructions``, or one with its ``id`` and ``messages``.
        constraints: table ``Constraints``; an instruction's are listed by position.
        responses: table ``Responses``; a failed one is a row whose response is null.
    """
    listed = _by_instruction(constraints.sort("position").iter_rows(named=True))
    answers = None if responses is None else _by_instruction(responses.iter_rows(named=True))
    for instruction in instructions.iter_rows(named=True):
        texts = None if answers is None else [row["text"] for row in answers[instruction["id"]]]
        yield from _rows(instruction["id"], instruction["messages"], listed[instruction["id"]], texts)


def export_items(items: pl.DataFrame, responses: bool = True) -> Iterator[dict[str, Any]]:
    """Yields the rows of a release.

    Args:
        items: table ``Items``.
        responses: whether a row is a response, or an instruction.
    """
    for item in items.iter_rows(named=True):
        texts = [one["response"] for one in item["responses"]] if responses else None
        constraints = sorted(item["constraints"], key=lambda one: int(one["position"]))
        yield from _rows(item["id"], item["messages"], constraints, texts)


def write_rows(rows: Iterable[Row], path: Path) -> int:
    """Writes rows as JSONL, whole or not at all, and gives their number.

    Raises:
        WorkspaceError: when the file cannot be written.
    """
    count = 0
    with explain_os_errors(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.part")
        try:
            with unfinished.open("w", encoding="utf-8", newline="\n") as file:
                for row in rows:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
                    count += 1
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    return count


def _by_instruction(rows: Iterable[Row]) -> defaultdict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["instruction_id"]].append(row)
    return found


def _rows(
    key: str, messages: Sequence[Any], constraints: Iterable[Row], texts: Sequence[str | None] | None
) -> Iterator[dict[str, Any]]:
    """Yields the rows of one instruction; none where no code checks any of its constraints."""
    listed = [_listed(row) for row in constraints if row["kind"] == "verifiable" and row["checker"]]
    if not listed:
        return
    row = {"key": key, "prompt": last_user_text(messages), **write_lists(listed)}
    more = {} if len(messages) == 1 else {"messages": [dict(message) for message in messages]}
    if texts is None:
        yield {**row, **more}
    for text in texts or ():
        yield {**row, "response": text, **more}


def _listed(constraint: Row) -> Listed:
    kwargs = json.loads(constraint["kwargs"] or "{}")
    return constraint["checker"], {name: value for name, value in kwargs.items() if value is not None}
