"""Builds the starter release with the embedded model, twice: times, shares, same bytes, no second model call."""

from __future__ import annotations

import tempfile
from pathlib import Path

from .proof import Proof, benchwright, tree_hashes

__all__ = ["prove"]


def prove(small: bool) -> Proof:
    """Small: four instructions; full: the recipe as it is, with what it promises of its constraints and edges."""
    limit = ["--limit", "4"] if small else []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        flags = ["--workspace", str(folder / "ws"), "--json", *limit]
        _, first = benchwright("build", "starter", "-o", str(folder / "one"), *flags)
        _, second = benchwright("build", "starter", "-o", str(folder / "two"), *flags)
        release = folder / "one" / "release"
        assert second["model_calls"] == 0, second["model_calls"]
        assert tree_hashes(release) == tree_hashes(folder / "two" / "release"), "the second run wrote other bytes"
        code, audited = benchwright("audit", str(release), "--json")
        assert code == 0, audited
        code, validated = benchwright("validate", str(release), "--json")
        assert code == 0, validated
    one_sided = [id for id, share in first["constraints"].items() if not (share["satisfied"] and share["violated"])]
    compared, edged = first["edges"]["instructions_compared"], first["edges"]["instructions_with_edges"]
    if not small:
        one_sided = [id for id in one_sided if id != "soft"]
        assert not one_sided, f"never both satisfied and violated: {one_sided}"
        asked = next(row["kept"] for row in first["funnel"] if row["stage"] == "constrain")
        assert 2 * edged >= asked, f"{edged} of {asked} instructions have an edge"
    figures = {
        "seconds": first["seconds"],
        "seconds_again": second["seconds"],
        "model_calls": first["model_calls"],
        "model_calls_again": second["model_calls"],
        "tokens": first["tokens"],
        "counts": first["counts"],
        "instructions_compared": compared,
        "instructions_with_edges": edged,
        "constraints": first["constraints"],
        "audited": audited["checked"],
    }
    return Proof("starter", "benchwright build starter -o work/starter", figures)
