"""The dataset card: its body says nothing that the records, the recipe or the versions do not say."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from string import Template

import polars as pl

from .. import cards
from ..schemas.model import UNPINNED
from .card_header import card_header, render_header
from .card_labels import aggregation, generators, judge_limits, label_notes, labels_table, pair_checks
from .contents import Contents
from .markdown import cell, count, share, table
from .parquet import DataFile, read_file_name
from .statistics import OutcomeCounts, graph_statistics, label_sources, outcomes_by

__all__ = ["render_card"]

_ROWS = {
    "items": "an instruction with its constraints, responses, labels and graph",
    "preferences": "an edge: prompt, chosen, rejected",
    "bon": "a response with two or more wins, and all it beats (best of n)",
    "labels": "what one rater said of one response and constraint",
}
_VARIES = "varies"


def _funnel(contents: Contents) -> str:
    rows = [
        (
            row.stage,
            row.noun,
            f"{row.given:,}",
            f"{row.kept:,}",
            ", ".join(f"{reason} {number:,}" for reason, number in sorted(row.dropped.items())) or "none",
        )
        for row in contents.funnel
    ]
    note = "Every record that left, with stage, reason and detail, is in `drops/`."
    drawn = table(("stage", "records", "in", "kept", "dropped by reason"), rows)
    return "\n\n".join([drawn] * bool(rows) + ([note] if len(contents.drops) else ["No record was dropped."]))


def _sources(contents: Contents) -> str:
    keys = ["source", "source_revision", "source_license"]
    rows = contents.instructions.group_by(keys).len().sort(keys, nulls_last=True).iter_rows()
    named = [
        (source, revision, license or "the source names none", f"{number:,}")
        for source, revision, license, number in rows
    ]
    return table(("source", "revision", "licence", "instructions"), named)


def _kinds(contents: Contents) -> str:
    keys = ["scenario", "instruction_type", "language"]
    rows = contents.instructions.group_by(keys).len().sort(keys, nulls_last=True).iter_rows()
    return table(
        ("scenario", "instruction type", "language", "instructions"),
        [(scenario, kind, language or "not told", f"{number:,}") for scenario, kind, language, number in rows],
    )


def _parameters(values: Iterable[str]) -> str:
    """Merges sampling parameters: what is not equal for all responses of a model ``varies``."""
    merged: dict[str, set[str]] = defaultdict(set)
    every = [json.loads(value) for value in values]
    for name in {name for parameters in every for name in parameters}:
        merged[name] = {json.dumps(parameters.get(name), ensure_ascii=False) for parameters in every}
    shown = [f"{name} {_VARIES if len(found) > 1 else next(iter(found))}" for name, found in sorted(merged.items())]
    return ", ".join(shown) or "not known"


def _cut(number: int, cut: int, unsaid: int) -> str:
    """Words how many responses were cut; of those without a finish reason nobody knows."""
    if unsaid == number:
        return "not known"
    return f"{cut:,}" + (f", not known of {unsaid:,}" if unsaid else "")


def _models(contents: Contents) -> str:
    rows = (
        contents.responses.group_by("model", "revision")
        .agg(
            pl.len(),
            pl.col("parameters").unique().sort(),
            (pl.col("finish_reason") == "length").sum().alias("cut"),
            pl.col("finish_reason").null_count().alias("unsaid"),
        )
        .sort("model", "revision")
        .iter_rows()
    )
    return table(
        ("model", "revision", "parameters", "responses", "cut by the token limit"),
        [
            (model, revision, _parameters(parameters), f"{number:,}", _cut(number, cut, unsaid))
            for model, revision, number, parameters, cut, unsaid in rows
        ],
    )


def _outcomes(title: str, groups: Sequence[OutcomeCounts]) -> str:
    rows = []
    for row in groups:
        rated = row.satisfied + row.violated + row.unknown
        shares = [share(part, rated) for part in (row.satisfied, row.violated, row.unknown)]
        rows.append((row.group, f"{row.constraints:,}", *shares, f"{row.unrated:,}"))
    return table((title, "constraints", "satisfied", "violated", "unknown", "unrated"), rows)


def _graph(items: pl.DataFrame, compared: Mapping[str, int]) -> str:
    released = graph_statistics(items)
    words = {
        "instructions": "instructions",
        "instructions_compared": "instructions",
        "instructions_with_edges": "instructions with an edge",
        "edges": "edges",
        "pairs_edge": "pairs of responses joined by an edge",
        "pairs_incomparable": "incomparable pairs (each satisfies something the other violates)",
        "pairs_equal": "ties (the same outcomes, or the same text)",
        "pairs_undetermined": "pairs left open by unknown outcomes",
    }
    before = {words[name]: number for name, number in compared.items() if name in words}
    rows = [
        (word, f"{released[name]:,}", f"{before[word]:,}" if word in before else "–")
        for name, word in words.items()
        if name in released
    ]
    head = ("count", "in this release", "before instructions without an edge were dropped")
    return table(head, rows) if before else table(head[:2], [row[:2] for row in rows])


def _limits(contents: Contents, kinds: Sequence[str]) -> str:
    lines = ["An edge compares the listed constraints only; it says nothing about the rest of a response's quality."]
    if unpinned := contents.responses.filter(pl.col("revision") == UNPINNED)["model"].unique().sort().to_list():
        lines.append(
            f"Served without a pinned revision, so another build may get other answers: {', '.join(unpinned)}."
        )
    if unknown := (contents.verdicts["outcome"] == "unknown").sum():
        lines.append(f"{unknown:,} of {count(len(contents.verdicts), 'verdict')} are unknown.")
    if unlicensed := contents.instructions["source_license"].null_count():
        lines.append(f"The sources of {count(unlicensed, 'instruction')} name no licence.")
    if "code" in kinds:
        lines.append("Code checks measure form by fixed rules; an odd but legitimate text can be misjudged by them.")
    if "published" in kinds:
        lines.append("Errors in published labels are inherited.")
    lines += judge_limits(contents, kinds)
    if contents.recipe.limit is not None:
        lines.append(f"The recipe limits the release to {count(contents.recipe.limit, 'instruction')}.")
    return "\n".join(f"- {cell(line)}" for line in lines)


def _split_notes(contents: Contents) -> str:
    shares = contents.recipe.splits.shares
    if len(shares) == 1:
        return "All instructions are in one split."
    return (
        "Instructions that share a conversation or a user, or that are near copies (character 5-gram Jaccard "
        f"similarity of {contents.recipe.splits.near_copy} or more), are always in the same split."
    )


def _license(contents: Contents) -> str:
    if contents.recipe.card.license is not None:
        return f"{contents.recipe.card.license}. The sources' own licences are listed above."
    return "The recipe names no licence for this release. The sources' own licences are listed above."


def _splits(files: Sequence[DataFile]) -> dict[str, list[tuple[str, int]]]:
    splits: dict[str, list[tuple[str, int]]] = {name: [] for name in _ROWS}
    for file in files:
        name = read_file_name(file.path)
        assert name is not None
        splits[name.config].append((name.split, file.rows))
    return splits


def render_card(contents: Contents, items: pl.DataFrame, files: Sequence[DataFile], versions: Mapping[str, str]) -> str:
    """Renders the card.

    Args:
        items: table ``Items`` of all splits.
        files: the data files of the configs, without drops.
        versions: versions of Benchwright and of what shapes its bytes, by name.
    """
    splits = _splits(files)
    sources = label_sources(contents.labels)
    kinds = [row["rater_kind"] for row in sources]
    outcomes = outcomes_by(contents.constraints, contents.responses, contents.verdicts)
    dated = f" ({contents.date})" if contents.date else ""
    commit = f" at commit {contents.commit}" if contents.commit else ""
    values = {
        "header": render_header(card_header(contents, files)),
        "title": cell(contents.recipe.card.title or contents.name),
        "summary": "\n\n".join(
            filter(None, [f"Release `{cell(contents.name)}`{dated}.", contents.recipe.card.summary.strip()])
        ),
        "instructions": f"{len(items):,}",
        "constraints": f"{len(contents.constraints):,}",
        "responses": f"{len(contents.responses):,}",
        "edges": f"{len(contents.edges):,}",
        "splits": ", ".join(f"`{split}` ({count(rows, 'instruction')})" for split, rows in sorted(splits["items"])),
        "configs": "\n".join(
            f"| `{config}` | {_ROWS[config]} | "
            + ", ".join(f"{split} {rows:,}" for split, rows in sorted(found))
            + " |"
            for config, found in splits.items()
            if found
        ),
        "funnel": _funnel(contents),
        "sources": _sources(contents),
        "kinds": _kinds(contents),
        "models": _models(contents),
        "families": _outcomes("family", outcomes["family"]),
        "categories": _outcomes("category", outcomes["category"]),
        "generators": generators(contents.constraints),
        "labels": labels_table(sources),
        "label_notes": label_notes(kinds),
        "aggregation": aggregation(contents),
        "graph": "\n\n".join(filter(None, [_graph(items, contents.compared), pair_checks(contents)])),
        "split_notes": _split_notes(contents),
        "limits": _limits(contents, kinds),
        "license": _license(contents),
        "place": "PATH_OR_REPOSITORY",
        "split": sorted(splits["items"])[0][0],
        "recipe": contents.recipe.name,
        "versions": "Built with " + ", ".join(f"{name} {version}" for name, version in versions.items()) + f"{commit}.",
        "fingerprints": table(("stage", "fingerprint"), sorted(contents.fingerprints.items()))
        if contents.fingerprints
        else "",
    }
    template = resources.files(cards).joinpath("dataset.md").read_text(encoding="utf-8")
    return Template(template).substitute(values).rstrip() + "\n"
