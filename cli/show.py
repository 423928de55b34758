"""``show``: what a release holds, as a list or one instruction with its graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from .options import AsJson, Release, release_folder

__all__ = ["show"]


def show(
    release: Release,
    id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="An instruction's id, or how it begins; without it, a list.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="Rows of the list.")] = 40,
    as_json: AsJson = False,
) -> None:
    """Show a release, or one instruction. An instruction comes with constraints, responses and graph."""
    from ..errors import ReleaseError
    from ..release.read import read_release
    from ..release.structure import item_problems
    from .drawing import draw_item
    from .output import print_json, say

    found = read_release(release_folder(release))
    if lines := item_problems(found):
        raise ReleaseError(f"the release in {found.directory} breaks its own rules: run validate", lines[:20])
    items: list[dict[str, Any]] = found.table("items").to_dicts()
    if id is not None:
        item = _find(items, id)
        if as_json:
            print_json(item)
        else:
            say(draw_item(item))
        return
    rows = [_row(item) for item in items]
    if as_json:
        print_json({"instructions": rows})
    else:
        _print_list(rows, limit)


def _find(items: Sequence[dict[str, Any]], id: str) -> dict[str, Any]:
    """Gives the item of an id, or the only one whose id begins so.

    Raises:
        UsageError: when there is none, or more than one.
    """
    from ..errors import UsageError

    found = [item for item in items if item["id"] == id] or [item for item in items if item["id"].startswith(id)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{len(found)} instructions begin with {id!r}", [item["id"] for item in found[:10]])
    raise UsageError(f"no instruction of this release has the id {id!r}{_nearest_id(items, id)}")


def _nearest_id(items: Sequence[dict[str, Any]], id: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(id, [item["id"] for item in items], n=1, cutoff=0)
    return f"; the nearest is {close[0]}" if close else ": it holds none"


def _row(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": item["id"],
        "scenario": item["scenario"],
        "language": item["language"],
        "first_words": " ".join(item["source_messages"][-1]["content"][:400].split())[:70],
        "constraints": len(item["constraints"]),
        "responses": len(item["responses"]),
        "edges": len(item["preference_graph"]),
    }


def _print_list(rows: Sequence[dict[str, Any]], limit: int) -> None:
    from .drawing import printable
    from .output import column_table, print_table, say

    headings = ("id", "scenario", "language", "first words", "constraints>", "responses>", "edges>")
    table = column_table(f"{len(rows):,} instructions", *headings)
    for row in rows[:limit]:
        table.add_row(*("-" if value is None else printable(str(value)) for value in row.values()))
    print_table(table)
    if len(rows) > limit:
        say(f"{len(rows) - limit:,} more: --limit {len(rows)}")
