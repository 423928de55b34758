"""``audit`` and ``validate``: proving a release from the release alone."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from .options import AsJson, Release, release_folder

__all__ = ["audit", "validate"]

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
