"""Rebuilds the graph of M-IFEval's published verdicts, and compares our own checks with them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from .proof import Proof, benchwright, data_folder

__all__ = ["prove"]

ENGLISH = {"edges": 3194, "instructions_with_edges": 418, "pairs_incomparable": 196, "instructions_compared": 541}
SPANISH = {"edges": 453, "instructions_with_edges": 68, "instructions_compared": 115}


def _build(recipe: str, data: Path, *flags: str) -> tuple[dict, dict]:
    with tempfile.TemporaryDirectory() as name:
        place = ["--workspace", f"{name}/ws", "-o", f"{name}/out", "--data", str(data), "--json"]
        _, run = benchwright("build", recipe, *place, *flags)
        code, audited = benchwright("audit", f"{name}/out/release", "--json")
        assert code == 0, audited
    return run, audited


def prove(small: bool) -> Proof:
    """English and Spanish published verdicts; at full size also the same responses under our own checks."""
    data = data_folder()
    figures = {}
    spanish = ["--set", "scenarios.0.sources.0.files=m_ifeval/es_input_data.jsonl"]
    spanish += ["--set", "scenarios.0.sources.0.language=es"]
    spanish += ["--set", "sampling.recorded.files=m_ifeval/es__*__strict.jsonl"]
    for name, wanted, flags in (("en", ENGLISH, []), ("es", SPANISH, spanish)):
        run, audited = _build("ifeval_published", data, *flags)
        found = {key: run["edges"][key] for key in wanted}
        assert found == wanted, f"{name}: {found}, published: {wanted}"
        figures[name] = {**found, "seconds": run["seconds"], "audited": audited["checked"]}
    if not small:
        run, audited = _build("ifeval_recorded", data)
        figures["our_checks"] = {
            "edges": run["edges"],
            "constraints": run["constraints"],
            "audited": audited["checked"],
        }
    return Proof("published verdicts", "benchwright build ifeval_published --data DIR", figures)
