"""What ``build``, ``plan`` and ``status`` print on stdout when they are done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Any

from .output import column_table, print_table, say

__all__ = ["print_plan", "print_status", "print_summary"]

Run = Mapping[str, Any]


def print_summary(run: Run, release: Path | None) -> None:
    """Prints a build's figures, where its files lie, and what to do next."""
    _print_funnel(run["funnel"])
    _print_models(run.get("models", {}))
    _print_constraints(run.get("constraints", {}))
    _print_edges(run.get("edges", {}))
    tokens = run["tokens"]
    say(
        f"{run['model_calls']:,} model calls ({run.get('cached', 0):,} answers were there already), "
        f"{tokens['prompt']:,} prompt and {tokens['completion']:,} completion tokens, {run['seconds']:.1f} seconds"
    )
    reused = [stage["name"] for stage in run["stages"] if stage["reused"]]
    if reused:
        say(f"done before and used again: {', '.join(reused)}")
    if release is None:
        say("no release was written: the build stopped before that stage")
        return
    files = ", ".join(f"{folder.name}/" for folder in sorted(release.iterdir()) if folder.is_dir())
    where = quote(str(release))
    loading = f"from datasets import load_dataset; print(load_dataset({str(release)!r}, 'items'))"
    say("", f"release     {release}", f"files       {files}, README.md, manifest.json", "next")
    say(f"  benchwright audit {where}", f"  benchwright show {where}", f"  python -c {_double_quoted(loading)}")


def _double_quoted(code: str) -> str:
    """Quotes code for a shell, keeping its single quotes readable where nothing else needs care."""
    return f'"{code}"' if not set(code) & set('"$`\\!') else quote(code)


def _print_funnel(rows: Sequence[Run]) -> None:
    table = column_table("Funnel", "stage", "of", "in>", "kept>", "dropped>", "reasons")
    for row in rows:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in row["dropped"].items())
        dropped = sum(row["dropped"].values())
        table.add_row(
            row["stage"], row["noun"], f"{row['given']:,}", f"{row['kept']:,}", f"{dropped:,}", reasons or "-"
        )
    print_table(table)


def _print_models(models: Run) -> None:
    table = column_table("Responses", "model", "responses>", "cut by limit>", "prompt tokens>", "completion tokens>")
    for model, figures in models.items():
        names = ("responses", "cut", "prompt_tokens", "completion_tokens")
        table.add_row(model, *(f"{figures[name] or 0:,}" for name in names))
    if models:
        print_table(table)


def _print_constraints(constraints: Run) -> None:
    table = column_table("Constraints", "constraint", "verdicts>", "satisfied>", "violated>", "unknown>")
    for checker, counts in sorted(constraints.items()):
        total = sum(counts.values())
        shares = [
            f"{counts[outcome] / total:.0%}" if total else "-" for outcome in ("satisfied", "violated", "unknown")
        ]
        table.add_row(checker, f"{total:,}", *shares)
    if constraints:
        print_table(table)


def _print_edges(edges: Run) -> None:
    """Prints how many edges instructions have, in at most six classes."""
    histogram = {int(edges_each): count for edges_each, count in edges.get("per_instruction", {}).items()}
    if not histogram:
        return
    instructions = sum(histogram.values())
    total = sum(each * count for each, count in histogram.items())
    with_edges = instructions - histogram.get(0, 0)
    table = column_table("Preference graphs", "edges", "instructions>")
    for low, high in ((0, 0), (1, 1), (2, 3), (4, 7), (8, 15), (16, None)):
        count = sum(n for each, n in histogram.items() if each >= low and (high is None or each <= high))
        if count:
            table.add_row(str(low) if low == high else f"{low} to {high}" if high else f"{low} or more", f"{count:,}")
    print_table(table)
    mean = total / instructions
    say(f"{total:,} edges over {instructions:,} instructions ({mean:.1f} each), {with_edges:,} with an edge")


def print_plan(name: str, plan: Run) -> None:
    """Prints what a build would do."""
    table = column_table(f"Plan of {name}", "stage", "fingerprint", "state", "requests owed>")
    for stage in plan["stages"]:
        owed = "" if stage["owed"] is None else f"{stage['owed']:,}"
        table.add_row(stage["name"], stage["fingerprint"][:12], "done" if stage["done"] else "to do", owed)
    print_table(table)
    say(f"{plan['instructions']:,} instructions go into sampling")
    tokens = plan["tokens"]
    if any(tokens.values()):
        say(f"owed: about {tokens['prompt']:,} prompt and at most {tokens['completion']:,} completion tokens")
    else:
        say("no model is asked")


def print_status(workspace: Path, found: Run) -> None:
    """Prints what a workspace holds."""
    table = column_table(f"Finished stages in {workspace}", "stage", "fingerprint", "rows")
    for record in found["stages"]:
        counts = ", ".join(f"{count:,} {name}" for name, count in record["counts"].items())
        table.add_row(record["name"], record["fingerprint"][:12], counts)
    print_table(table)
    say(f"{found['answers']:,} stored answers")
