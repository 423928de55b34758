"""Words, shares and tables as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["cell", "count", "share", "table"]


def cell(value: object) -> str:
    """Gives a value as the text of a table cell."""
    text = "" if value is None else " ".join(str(value).split())
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "'")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Gives a table with a head."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(cell, row)) + " |" for row in rows])


def share(part: int, whole: int) -> str:
    """Gives a share in percent; of nothing there is none."""
    return f"{100 * part / whole:.1f} %" if whole else "–"


def count(number: int, one: str, many: str = "") -> str:
    """Gives a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
