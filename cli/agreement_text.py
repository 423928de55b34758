"""What ``agreement`` prints for people: tables where there is room, else a line or two for each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .drawing import printable
from .output import column_table, print_table, say

if TYPE_CHECKING:
    from ..labels.agreement_report import AgreementReport, Group, Section
    from ..labels.annotators import AnnotatorFigures
    from ..labels.intervals import Estimate

__all__ = ["print_annotators", "print_report"]

_FILE_WIDTH = 160
"""Columns of a file or pipe, as of every table."""
_PAIRS = 40
"""Pairs of raters shown: those with the most cells."""

Row = tuple[str, ...]


def print_report(report: AgreementReport) -> None:
    """Prints the figures of all raters, and of people alone."""
    _print_section("all raters" if report.humans else "", report.everybody)
    if report.humans:
        _print_section("people alone", report.humans)
    say(
        f"intervals: 95 %, {report.draws:,} draws of whole instructions, seed {report.seed}; unknown labels are missing"
    )


def _print_section(who: str, section: Section) -> None:
    suffix = f", {who}" if who else ""
    headings = ("of", "cells>", "shared>", "raters>", "instructions>", "unknown>", "unanimous>", "alpha>", "interval>")
    _print_rows(
        f"Agreement{suffix}", (*headings, "Fleiss>", "raters each>"), [_group_row(one) for one in section.groups]
    )
    missing: dict[str, list[str]] = {}
    for one in section.groups:
        for reason in dict.fromkeys(part.reason for part in (one.alpha, one.fleiss) if part.reason):
            missing.setdefault(reason, []).append(_name(one))
    if missing:
        say(*(f"{reason}: {', '.join(names)}" for reason, names in missing.items()), "")
    _print_pairs(suffix, section)
    _print_raters(suffix, section)


def _name(group: Group) -> str:
    return printable(" ".join(part for part in (group.of, group.name) if part))


def _group_row(group: Group) -> Row:
    return (
        _name(group),
        f"{group.cells:,}",
        f"{group.shared:,}",
        f"{group.raters:,}",
        f"{group.instructions:,}",
        f"{group.unknown:,}",
        _share(group.unanimous),
        _value(group.alpha),
        _ends(group.alpha),
        _value(group.fleiss),
        "-" if group.fleiss_raters is None else f"{group.fleiss_raters} ({group.fleiss_cells:,} cells)",
    )


def _print_pairs(suffix: str, section: Section) -> None:
    pairs = sorted(section.pairs, key=lambda one: (-one.cells, one.first, one.second))
    rows = [
        (
            printable(one.first),
            printable(one.second),
            f"{one.cells:,}",
            *(f"{one.table[i][j]:,}" for i, j in ((0, 0), (0, 1), (1, 0), (1, 1))),
            f"{one.cells - one.known:,}",
            _share(one.same),
            _value(one.kappa),
            _ends(one.kappa),
        )
        for one in pairs[:_PAIRS]
    ]
    headings = ("first", "second", "cells>", "++>", "+->", "-+>", "-->", "unknown>", "same>", "Cohen>", "interval>")
    if not rows:
        say(f"no two raters{suffix} labelled the same (response, constraint)", "")
        return
    _print_rows(f"Pairs of raters{suffix}", headings, rows)
    say("+ satisfied, - violated: first rater, then second; unknown: one of the two, or both", "")
    if len(pairs) > _PAIRS:
        say(f"{len(pairs) - _PAIRS:,} more pairs with fewer cells: --json has them", "")


def _print_raters(suffix: str, section: Section) -> None:
    headings = ("rater", "kind", "labels>", "unknown>", "satisfied>", "compared>", "with others>", "interval>")
    rows = [
        (
            printable(one.rater),
            one.kind,
            f"{one.labels:,}",
            f"{one.unknown:,}",
            _share(one.satisfied),
            f"{one.compared:,}",
            _share(one.with_others.value),
            "-" if one.with_others.low is None else f"{_share(one.with_others.low)} to {_share(one.with_others.high)}",
        )
        for one in section.raters
    ]
    if rows:
        _print_rows(f"Raters{suffix}", headings, rows)


def print_annotators(kind: str, found: Sequence[AnnotatorFigures]) -> None:
    """Prints how annotators answered, and what to look at."""
    what = {"label": "labels", "pair": "pairs of responses"}.get(kind, kind)
    headings = ("annotator", "answers>", "unsure>", "seconds>", "unread>", "of others' time>", "longest run>", "drift>")
    rows = [
        (
            printable(one.annotator),
            f"{one.answers:,}",
            f"{one.unsure:,}",
            "-" if one.seconds is None else f"{one.seconds:.1f}",
            _share(one.below_floor),
            _share(one.against_others),
            f"{one.longest_run:,}",
            "-" if one.drift.value is None else f"{one.drift.value:+.0%}",
        )
        for one in found
    ]
    _print_rows(f"Annotators: {what}", headings, rows)
    for one in found:
        for flag in one.flags:
            say(f"look at {printable(one.annotator)}: {flag.kind}: {flag.says}")
    flagged = sum(bool(one.flags) for one in found)
    say("flags are advice: no answer was left out" if flagged else "nothing stands out", "")


def _print_rows(title: str, headings: Sequence[str], rows: Sequence[Row]) -> None:
    """Prints a table, or in a narrow terminal each row as its name and its figures, wrapped between them."""
    width = _width()
    needed = sum(max(map(len, column)) + 3 for column in zip(headings, *rows, strict=True))
    if needed <= width:
        table = column_table(title, *headings)
        for row in rows:
            table.add_row(*row)
        print_table(table)
        return
    say(title)
    names = [heading.removesuffix(">") for heading in headings]
    named = sum(not heading.endswith(">") for heading in headings)
    for row in rows:
        say(f"  {', '.join(row[:named])}")
        figures = (f"{name} {cell}" for name, cell in zip(names[named:], row[named:], strict=True) if cell != "-")
        line = ""
        for figure in figures:
            if line and len(line) + len(figure) + 7 > width:
                say(f"    {line},")
                line = ""
            line = f"{line}, {figure}" if line else figure
        say(f"    {line}")
    say("")


def _width() -> int:
    """Gives the columns there are."""
    import sys
    from shutil import get_terminal_size

    return get_terminal_size().columns if sys.stdout.isatty() else _FILE_WIDTH


def _share(value: float | None) -> str:
    """Gives a share in whole percents; what is not all or nothing is not rounded to it."""
    if value is None:
        return "-"
    return ">99%" if 0.995 <= value < 1 else "<1%" if 0 < value < 0.005 else f"{value:.0%}"


def _value(estimate: Estimate) -> str:
    return "-" if estimate.value is None else f"{estimate.value:.2f}"


def _ends(estimate: Estimate) -> str:
    return "-" if estimate.low is None else f"{estimate.low:.2f} to {estimate.high:.2f}"
