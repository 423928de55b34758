"""Reading files of people's words, remarks and decisions, row by row: every row that is none is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ...errors import InputError

__all__ = ["read_each"]

_SHOWN = 20


def read_each(
    rows: Iterable[Any], where: str, what: str, read: Callable[[Mapping[str, Any], str], Sequence[str]]
) -> None:
    """Hands out each row's values with its place, ``file:line``.

    Args:
        rows: of ``store.rows.read_rows``: each has a number and values, or a number, a reason and a detail.
        where: the file's name, for messages.
        what: what rows should be, for messages.
        read: takes what it wants and gives what is wrong with the row.

    Raises:
        InputError: when rows cannot be read, with file and line of each.
    """
    problems: list[str] = []
    wrong = 0
    for row in rows:
        place = f"{where}:{row.number}"
        found = read(row.values, place) if hasattr(row, "values") else (f"{row.reason}: {row.detail}",)
        problems += [f"{place}: {problem}" for problem in found]
        wrong += bool(found)
    if problems:
        more = [f"and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
        count = "1 row is" if wrong == 1 else f"{wrong} rows are"
        raise InputError(f"{where}: {count} no {what}", [*problems[:_SHOWN], *more])
