"""The graph under each dialect: ``official`` gives the published one; what moves each edge under ``fixed``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchwright.release.moved import moved
from benchwright.release.read import Release, read_release

from .proof import Proof, benchwright, data_folder

__all__ = ["prove"]

_RANDOM = {"1122", "1129", "1645", "3456"}
"""Prompts whose recorded verdicts hang on a random letter or an unseeded language."""


def _built(recipe: str, data: Path, folder: Path, *flags: str) -> Release:
    place = ["--workspace", f"{folder}/ws", "-o", f"{folder}/out", "--data", str(data), "--json"]
    # Everything stays in: what has no edge under one dialect may have one under the other.
    keep = ["--set", "graph.isolated_responses=keep", "--set", "graph.edgeless_instructions=keep"]
    benchwright("build", recipe, *place, *keep, *flags)
    return read_release(folder / "out" / "release")


def _edges(release: Release) -> int:
    return int(release.table("items")["preference_graph"].list.len().sum())


def prove(small: bool) -> Proof:
    """M-IFEval's English answers of six models, three builds; small is the same."""
    data = data_folder()
    with tempfile.TemporaryDirectory() as name:
        published = _built("ifeval_published", data, Path(name, "a"))
        official = _built("ifeval_recorded", data, Path(name, "b"), "--set", "labels.dialect=official")
        fixed = _built("ifeval_recorded", data, Path(name, "c"), "--set", "labels.dialect=fixed")
    tables = (official.table("items"), official.table("labels"))
    compared = moved(published.table("items"), *tables)
    differ = [edge for edge in compared.edges if edge.source_row.rpartition(":")[2] not in _RANDOM]
    found = moved(official.table("items"), fixed.table("items"), fixed.table("labels"))
    unexplained = [edge for edge in found.edges if not edge.because]
    figures = {
        "edges": {"published": _edges(published), "official": _edges(official), "fixed": _edges(fixed)},
        "official_differs_outside_random_prompts": len(differ),
        "moved_by_fixed": len(found.edges),
        "moved_without_a_reason": len(unexplained),
        "edges_moved_by_verdict": dict(found.verdicts),
    }
    assert not differ, f"{len(differ)} edges of the official dialect differ, such as {differ[:3]}"
    assert not unexplained, f"{len(unexplained)} edges moved without a verdict that did, such as {unexplained[:3]}"
    return Proof("dialects", "python -m benchmarks.run dialects", figures)
