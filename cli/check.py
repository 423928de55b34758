"""``audit``, ``validate`` and ``diff``: proving a release from the release alone, and comparing two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from .options import AsJson, Release, release_folder

__all__ = ["audit", "diff", "validate"]

Limit = Annotated[int, typer.Option("--limit", min=0, metavar="N", help="Edges that are listed.")]
_SHOWN = 20
"""Differences and problems on the screen; ``--json`` gives all."""


def audit(release: Release, as_json: AsJson = False) -> None:
    """Prove a release from itself alone. Derives every label, verdict, edge, pair and best-of-n list again."""
    from dataclasses import asdict

    from ..release.audit import audit as audit_release
    from .drawing import printable
    from .output import column_table, print_json, print_table, say

    found = audit_release(release_folder(release))
    if as_json:
        print_json({"ok": found.ok, **asdict(found)})
        raise typer.Exit(0 if found.ok else 1)
    table = column_table("Audit", "derived again", "number>", "differ>")
    for kind, number in found.checked.items():
        table.add_row(kind, f"{number:,}", f"{sum(one.kind == kind for one in found.differences):,}")
    print_table(table)
    for reason, number in found.not_derivable.items():
        say(f"taken as they are: {number:,} {reason}")
    for one in found.differences[:_SHOWN]:
        say(printable(f"{one.kind} {', '.join(one.records)}: expected {one.expected}, found {one.found}"))
        _say_some([f"  on it hangs {line}" for line in one.hangs_on_it])
    if len(found.differences) > _SHOWN:
        say(f"{len(found.differences) - _SHOWN:,} more differences: --json gives all")
    say("everything that can be derived is as the release says" if found.ok else f"{len(found.differences):,} differ")
    raise typer.Exit(0 if found.ok else 1)


def diff(release: Release, other: Release, limit: Limit = 40, as_json: AsJson = False) -> None:
    """Compare two releases of the same instructions. Each edge that moved comes with the verdicts that moved it."""
    from dataclasses import asdict

    from ..release.moved import moved
    from ..release.read import read_release
    from .drawing import printable
    from .output import column_table, print_json, print_table, say

    one, two = read_release(release_folder(release)), read_release(release_folder(other))
    found = moved(one.table("items"), two.table("items"), two.table("labels"))
    if as_json:
        print_json(asdict(found))
        raise typer.Exit(1 if found.edges else 0)
    table = column_table("Verdicts that moved edges", "verdict", "edges>")
    for kind, number in found.verdicts.items():
        table.add_row(printable(kind), f"{number:,}")
    print_table(table)
    for edge in found.edges[:limit]:
        because = "; ".join(edge.because) or "no verdict of it moved"
        say(printable(f"{edge.change} {edge.source_row} {edge.chosen} > {edge.rejected}: {because}"))
    if len(found.edges) > limit:
        say(f"{len(found.edges) - limit:,} more edges: --limit N, or --json for all")
    lost = sum(edge.change == "lost" for edge in found.edges)
    say(f"{found.kept:,} edges in both, {lost:,} lost, {len(found.edges) - lost:,} new")
    raise typer.Exit(1 if found.edges else 0)


def validate(release: Release, as_json: AsJson = False) -> None:
    """Check a release's files. Compares them with its schema, its card and its manifest."""
    from dataclasses import asdict

    from ..release.validate import validate as validate_release
    from .drawing import printable
    from .output import column_table, print_json, print_table, say

    report = validate_release(release_folder(release))
    if as_json:
        print_json({"ok": report.ok, **asdict(report)})
        raise typer.Exit(0 if report.ok else 1)
    table = column_table("Validation", "config", "split", "rows>")
    for config, splits in report.counts.items():
        for split, count in splits.items():
            table.add_row(config, split, f"{count:,}")
    print_table(table)
    _say_some([f"  - {printable(problem)}" for problem in report.problems])
    say("valid" if report.ok else f"{len(report.problems):,} problems")
    raise typer.Exit(0 if report.ok else 1)


def _say_some(lines: Sequence[str]) -> None:
    """Prints the first lines and how many more there are."""
    from .output import say

    if lines:
        say(*lines[:_SHOWN])
    if len(lines) > _SHOWN:
        say(f"  {len(lines) - _SHOWN:,} more: --json gives all")
