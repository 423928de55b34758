"""Printing on stdout: tables for people, one JSON object for programs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["column_table", "print_json", "print_table", "say"]

_FILE_WIDTH = 160
"""Columns of a table that goes to a file or pipe, where nothing says how wide it may be."""


def print_json(value: Any) -> None:
    """Prints one JSON object in one line, in ASCII so that any terminal or pipe takes it whole."""
    print(json.dumps(value, default=str), flush=True)


def say(*lines: str) -> None:
    """Prints lines as they are."""
    print("\n".join(lines))


def column_table(title: str, *headings: str) -> Table:
    """Makes an empty table; a heading that ends with ``>`` is of numbers, set to the right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        number = heading.endswith(">")
        table.add_column(
            heading.removesuffix(">"), justify="right" if number else "left", no_wrap=number, overflow="fold"
        )
    return table


def print_table(table: Table) -> None:
    """Prints a table as wide as the terminal allows; cells are texts, never markup."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else _FILE_WIDTH
    console = Console(file=sys.stdout, width=width, markup=False, emoji=False, highlight=False)
    with console.capture() as captured:
        console.print(table)
    say(*(line.rstrip() for line in captured.get().rstrip().splitlines()), "")
