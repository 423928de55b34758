"""Markdown tables: which columns, how many rows."""

from __future__ import annotations

from random import Random
from typing import Any, ClassVar

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, Witness, blank_check, compare
from ..document import Document
from ._amounted import right_and_wrong
from ._columns import Columns, draw_columns
from ._counted import Quantity
from ._fit import wants_code, wants_data
from ._judged import complete_part
from ._tables import Table, read_row, same_name, tables
from ._worded import Worded
from ._wording import asked, listed

__all__ = ["TableColumns", "TableRows"]


def _written(columns: tuple[str, ...], rows: int) -> str:
    """Writes a table."""
    names = [name.replace("|", "\\|") for name in columns]
    lines = [names, ["---"] * len(names), *[["x"] * len(names)] * rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


class InTable(Worded):
    """Looks at the answer's markdown tables."""

    categories: ClassVar[tuple[str, ...]] = ("Format",)
    slots = frozenset({"table"})
    conflicts = frozenset({"data", "format.json", "start_end.quotation", "length.sentences", "length.paragraphs"})

    def fits(self, instruction: Instruction) -> bool:
        """Tells whether the answer could be a table."""
        return wants_data(instruction) and not wants_code(instruction)


class TableColumns(InTable):
    """Some markdown table has exactly these columns in order, in any case, at least one row, none with more cells."""

    id = "table.columns"
    Params = Columns
    conflicts = InTable.conflicts | {"language"}

    def sample(self, instruction: Instruction, rng: Random) -> Columns | None:
        """Draws columns."""
        return draw_columns(instruction, rng) if self.fits(instruction) else None

    def values(self, params: Columns, language: str, variant: int) -> dict[str, Any]:
        """Lists the columns."""
        return {"columns": listed(params.columns, language)}

    def check(self, params: Columns, document: Document) -> Check:
        """Looks for the table; in a cut response only one that has ended stays as it is."""
        if document.blank:
            return blank_check(document)
        seen = tables(complete_part(document))
        faults = [self._fault(params, document.text, table) for table in seen]
        for table, fault in zip(seen, faults, strict=True):
            if fault is None and (table.ended or not document.cut):
                header = ", ".join(table.header.cells)
                return Check(Outcome.SATISFIED, f"{len(table.rows)} rows below the columns", header, (table.span,))
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut")
        reason = faults[0] if faults and faults[0] else "no markdown table"
        return Check(Outcome.VIOLATED, reason, None, tuple(table.header.span for table in seen))

    def _fault(self, params: Columns, text: str, table: Table) -> str | None:
        cells = table.header.cells
        named = len(cells) == len(params.columns) and all(map(same_name, cells, params.columns))
        if not named:
            return f"the columns are {', '.join(cells)!r:.100}"
        if not table.rows:
            return "no row below the header"
        # As many bars as cells at most, or one more at the end.
        wide = (row for row in table.rows if text.count("|", *row) >= len(cells))
        widest = max((len(read_row(text, *row).cells) for row in wide), default=0)
        return f"a row has {widest} cells, the header {len(cells)}" if widest > len(cells) else None

    def witness(self, params: Columns, rng: Random) -> Witness:
        """Gives the table with a row, and without one."""
        return Witness(_written(params.columns, 1), _written(params.columns, 0))


class TableRows(InTable):
    """The answer has one markdown table; its rows below the header that are not empty are counted."""

    id = "table.rows"
    Params = Quantity
    categories = ("Format", "Numerical")
    # Of one table both may be asked.
    slots = frozenset({"table_rows"})

    def sample(self, instruction: Instruction, rng: Random) -> Quantity | None:
        """Draws a number of rows."""
        if not self.fits(instruction):
            return None
        relation = rng.choice(["at_least", "exactly"])
        return Quantity.model_validate({"relation": relation, "n": rng.choice([2, 3, 4, 5])})

    def check(self, params: Quantity, document: Document) -> Check:
        """Counts the rows of the one table."""
        if document.blank:
            return blank_check(document)
        seen = tables(complete_part(document))
        if len(seen) != 1:
            outcome = Outcome.of(None if document.cut and not seen else False)
            return Check(
                outcome, f"{len(seen)} markdown tables, not one", len(seen), tuple(table.span for table in seen)
            )
        rows = seen[0].rows
        outcome = compare(len(rows), params.relation, params.n, document.cut)
        if document.cut and outcome is Outcome.SATISFIED:
            # Another table may follow.
            outcome = Outcome.UNKNOWN
        reason = f"{len(rows)} rows; asked: {asked(params.relation, params.n)}"
        return Check(outcome, reason, len(rows), tuple(rows))

    def witness(self, params: Quantity, rng: Random) -> Witness:
        """Gives a table with exactly the number of rows, and one that misses it by one."""
        right, wrong = right_and_wrong(params)
        return Witness(_written(("A", "B"), right), _written(("A", "B"), wrong))
