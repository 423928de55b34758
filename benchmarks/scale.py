"""A million (response, constraint) pairs through ``constraints verify``: growth with the pairs, processes, memory."""

from __future__ import annotations

import math
import resource
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from benchwright.labels.verify import verify_file
from benchwright.schemas.progress import QUIET

from .proof import Proof
from .recorded import m_ifeval, write_rows

__all__ = ["prove"]

PAIRS = 1_000_000
SLOPE = 1.15
"""Exponent of the growth from an eighth of the pairs to all: 1 is linear."""
PEAK_MB = 400


def _seconds(folder: Path, pairs: int, workers: int) -> float:
    rows = folder / f"{pairs}.jsonl"
    answers = list(m_ifeval("en"))
    wanted = round(pairs / (sum(len(one.ids) for one in answers) / len(answers)))
    write_rows(islice(cycle(answers), wanted), rows)
    began = time.perf_counter()
    verify_file(rows, folder / "out.parquet", "fixed", "strict", workers, QUIET)
    seconds = time.perf_counter() - began
    rows.unlink()
    return seconds


def prove(small: bool) -> Proof:
    """An eighth, a quarter, half and all of a million pairs in two processes; small: of twenty thousand."""
    total = 20_000 if small else PAIRS
    sizes = [total // 8, total // 4, total // 2, total]
    with tempfile.TemporaryDirectory() as name:
        seconds = {pairs: _seconds(Path(name), pairs, 2) for pairs in sizes}
    slope = math.log(seconds[total] / seconds[total // 8]) / math.log(8)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    figures = {
        "seconds_by_pairs": {pairs: round(spent, 1) for pairs, spent in seconds.items()},
        "pairs_per_second": round(total / seconds[total]),
        "growth_exponent": round(slope, 2),
        "peak_mb_of_a_process": round(peak),
    }
    if not small:
        assert slope <= SLOPE, f"time grows as the pairs to the power {slope:.2f}"
        assert peak <= PEAK_MB, f"a process took {peak:.0f} MB"
    return Proof("a million verdicts", "python -m benchmarks.run scale", figures)
