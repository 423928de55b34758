"""How fast responses are checked: both dialects against the published checkers, on one thread, side by side."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from .peers import run_peer
from .proof import Proof
from .recorded import ifbench, m_ifeval, write_rows

__all__ = ["prove"]

WANTED = {("ifeval", "fixed"): 15, ("ifbench", "fixed"): 25, ("ifeval", "official"): 4, ("ifbench", "official"): 10}
"""Times as fast as the published checkers that is promised; what falls short is said in the figures."""
HELD = {**WANTED, ("ifeval", "fixed"): 14}
"""Times as fast that hold on a busy machine too: a full run below them fails."""
IMPORT_MS, PEAK_MB = 100, 150
ROUNDS = 3
PASSES = 4
"""Passes of a process over the rows. The best counts, as with many answers to each prompt; the first, which also loads
and compiles what is needed once, is given beside it."""


def _ours(dialect: str, rows: Path, rounds: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.our_checks", dialect, str(rows), str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _without_downloads(runs: list[dict[str, Any]]) -> dict[str, int]:
    """Gives what checkers that download do without the time it takes: it tells of the network, not of the checks."""
    if not any(map(sum, (one.get("download_seconds", ()) for one in runs))):
        return {}
    spent = [min(a - b for a, b in zip(one["seconds"], one["download_seconds"], strict=True)) for one in runs]
    return {"checks_per_second_without_downloads": round(runs[0]["checks"] / median(spent))}


def _suite(suite: str, rows: Path, rounds: int) -> dict[str, Any]:
    """Alternates between the published checkers and ours, so that a busy machine is busy for both; medians count."""
    runs: dict[str, list[dict[str, Any]]] = {"published": [], "fixed": [], "official": []}
    for _ in range(rounds):
        runs["published"].append(run_peer(suite, rows, PASSES))
        for dialect in ("fixed", "official"):
            runs[dialect].append(_ours(dialect, rows, PASSES))
    figures: dict[str, Any] = {}
    for name, found in runs.items():
        checks = found[0]["checks"]
        figures[name] = {
            "checks_per_second": round(checks / median(min(one["seconds"]) for one in found)),
            **_without_downloads(found),
            "first_pass": round(checks / min(one["seconds"][0] for one in found)),
            "import_ms": round(1000 * min(one["import_seconds"] for one in found)),
            "peak_mb": round(max(one["peak_mb"] for one in found)),
        }
    for dialect in ("fixed", "official"):
        for said in ("", "_without_downloads"):
            if published := figures["published"].get(f"checks_per_second{said}"):
                ratio = figures[dialect]["checks_per_second"] / published
                figures[dialect][f"times_as_fast{said}"] = round(ratio, 1)
    return figures


def prove(small: bool) -> Proof:
    """M-IFEval's English answers and IFBench's own sample, each answer analysed once, parameters read anew.

    Small runs measure and do not judge: speed is no test.
    """
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        for suite, answers in (("ifeval", m_ifeval("en")), ("ifbench", ifbench())):
            rows = Path(name) / f"{suite}.jsonl"
            checks = write_rows(answers, rows)
            figures[suite] = {"checks": checks, **_suite(suite, rows, 1 if small else ROUNDS)}
    ratios = {(suite, dialect): figures[suite][dialect]["times_as_fast"] for suite, dialect in WANTED}
    figures["short_of_promise"] = [
        f"{dialect} on {suite}: {ratios[suite, dialect]} times, {times} are wanted"
        for (suite, dialect), times in WANTED.items()
        if ratios[suite, dialect] < times
    ]
    if not small:
        for case, times in HELD.items():
            assert ratios[case] >= times, f"{case}: {ratios[case]} times as fast, {times} held so far"
        for suite, dialect in WANTED:
            one = figures[suite][dialect]
            assert one["import_ms"] <= IMPORT_MS and one["peak_mb"] <= PEAK_MB, (suite, dialect, one)
    return Proof("checking speed", "python -m benchmarks.run checking", figures)
