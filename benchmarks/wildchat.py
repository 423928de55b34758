"""Builds a release from real WildChat prompts with the embedded model."""

from __future__ import annotations

import tempfile

from .proof import Proof, benchwright, data_folder

__all__ = ["prove"]


def prove(small: bool) -> Proof:
    """Small: three instructions; full: twenty-four."""
    data = data_folder()
    with tempfile.TemporaryDirectory() as name:
        place = ["--workspace", f"{name}/ws", "-o", f"{name}/out", "--data", str(data), "--json"]
        _, run = benchwright("build", "wildchat", *place, "--limit", "3" if small else "24")
        code, audited = benchwright("audit", f"{name}/out/release", "--json")
        assert code == 0, audited
    read = next(row["given"] for row in run["funnel"] if row["stage"] == "collect")
    assert read == 250, read
    figures = {key: run[key] for key in ("seconds", "counts", "dropped", "model_calls", "tokens")}
    return Proof(
        "WildChat", "benchwright build wildchat --data DIR --limit 24", {**figures, "audited": audited["checked"]}
    )
