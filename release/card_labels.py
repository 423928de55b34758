"""What the card says of labels: who gave them, how they became verdicts, and what people said of pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from .contents import Contents
from .markdown import count, share, table

__all__ = ["aggregation", "generators", "judge_limits", "label_notes", "labels_table", "pair_checks"]

_MOST = 8
"""Raters of a kind that are named."""


def labels_table(sources: Sequence[Mapping[str, Any]]) -> str:
    """Gives a row per kind of rater."""
    rows = []
    for row in sources:
        named, more = row["raters"][:_MOST], row["raters"][_MOST:]
        raters = [*named, f"and {len(more)} more"] if more else named
        counts = [f"{row[name]:,}" for name in ("labels", "satisfied", "violated", "unknown")]
        rows.append((row["rater_kind"], ", ".join(raters), *counts))
    return table(("kind", "raters", "labels", "satisfied", "violated", "unknown"), rows)


def label_notes(kinds: Sequence[str]) -> str:
    """Says of each kind of label whether and how it can be had again."""
    notes = {
        "code": "Labels of kind `code` can be had again: run the check, in the label's version, on the response.",
        "judge": "Labels of kind `judge` follow from the judge's reply, which each label carries in `raw_reply`.",
        "human": "Labels of kind `human` are what annotators entered, each under a pseudonym.",
        "published": "Labels of kind `published` are taken over from the source as they are and cannot be re-derived; "
        "what follows from them (verdicts, edges, pairs) can.",
    }
    return " ".join(notes[kind] for kind in notes if kind in kinds) or "Nothing is labelled."


def aggregation(contents: Contents) -> str:
    """Says how labels became verdicts and, where raters are weighed, how reliable each was taken to be."""
    raters, policy = contents.raters, contents.recipe.labels
    if raters is None:
        return "Verdicts are by majority: the outcome most raters gave, unknown ones not counted; a tie is unknown."
    words = {
        "audited": "counted on responses judged by hand, with those of all checks; {} of its own family",
        "fitted": "estimated from {} labels that are not unknown, of all responses that were labelled",
        "given": "given by the recipe",
    }
    rows = [
        (id, f"{rates.sensitivity:.3f}", f"{rates.specificity:.3f}", words[rates.basis].format(f"{rates.labels:,}"))
        for id, rates in sorted(raters.raters.items())
    ]
    said = (
        f"Verdicts follow from posteriors by `{raters.method}`: satisfied above {policy.certainty:g}, violated below "
        f"{1 - policy.certainty:g}. Raters are taken to err independently of each other. Before any label a constraint "
        f"was held to be satisfied with probability {raters.prior:.3f}."
    )
    head = ("rater", "says satisfied where it is", "says violated where it is", "basis")
    return f"{said}\n\n{table(head, rows)}"


def judge_limits(contents: Contents, kinds: Sequence[str]) -> list[str]:
    """Says what is to be known of labels by judges."""
    if "judge" not in kinds:
        return []
    lines = (
        [] if "human" in kinds else ["No person labelled what the judges did: how often they err is not known here."]
    )
    models = {use.model.id: use.model.revision for use in contents.recipe.labels.judges}
    # An embedded model's revision is its weights'.
    unpinned = sorted(id for id, revision in models.items() if revision is None and not id.startswith("embedded/"))
    if unpinned:
        lines.append(
            f"Judges served without a pinned revision, so another build may get other labels: {', '.join(unpinned)}."
        )
    return lines


def generators(constraints: pl.DataFrame) -> str:
    """Gives a row for whoever made constraints."""
    counted = constraints.group_by("generator", "origin", "kind").len().sort("generator", "origin", "kind")
    rows = [(generator, origin, kind, f"{number:,}") for generator, origin, kind, number in counted.iter_rows()]
    return table(("made by", "origin", "kind", "constraints"), rows)


def pair_checks(contents: Contents) -> str:
    """Says how many edges people were shown, and what became of them; nothing where they were shown none."""
    checks, policy = contents.pair_checks, contents.recipe.graph.pair_checks
    reasons = contents.drops.filter(pl.col("stage") == "graph")["reason"]
    removed, unseen = (int((reasons == reason).sum()) for reason in ("edge_rejected", "edge_unchecked"))
    if checks.is_empty() and not removed and not unseen:
        return ""
    gone = f"{count(removed, 'edge')} left because they did not confirm them (policy `{policy}`)"
    if unseen:
        gone += f", {count(unseen, 'edge')} because fewer than two people were shown them"
    confirmed = int(contents.edges["confirmed"].fill_null(False).sum())
    pairs = checks.select("first", "second").unique().height
    return (
        f"People were shown {count(pairs, 'pair')} of released responses, not knowing which is held to be "
        f"better ({count(checks['rater_id'].n_unique(), 'person', 'people')}, {count(checks.height, 'answer')}). "
        f"{count(confirmed, 'edge')} ({share(confirmed, contents.edges.height)}) bear their confirmation; "
        f"Of all edges, those of responses that are not released among them, {gone}. No check adds an edge."
    )
