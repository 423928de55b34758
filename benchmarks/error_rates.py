"""Counts how often checks are wrong on the audit sample and writes ``labels/error_rates.yaml``.

``python -m benchmarks.error_rates`` writes the file. A test holds it to the data.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchwright.constraints.document import Document
from benchwright.constraints.run import DIALECTS, Dialect, run_check
from benchwright.labels.error_rates import Counts, family_of_checker

from .audit_sample import JUDGEMENTS, drawn
from .recorded import read_rows

__all__ = ["counts", "page"]

PATH = Path(__file__).parents[1] / "labels" / "error_rates.yaml"
HEAD = """\
# How often checks are wrong, written by `python -m benchmarks.error_rates`. 300 pairs of a real response and one of its
# constraints were judged by hand before any check ran on them (benchmarks/data/README.md); followed ones and others, by
# the published verdict, were drawn in turn. Counted are those that could be judged and that the check can tell.
#
# satisfied  judged satisfied, of which missed: the check says violated
# violated   judged violated, of which passed: the check says satisfied
# weight     judged responses of its own that a family needs to count as much as all families together. The counts of
#            the fixed dialect show no difference between families (the likelihood of a beta-binomial grows with the
#            weight, and from 20 on by less than 1 in its logarithm); at 20 one that is often wrong still stands out.

source: benchmarks/data/audit_judgements.jsonl
date: 2026-11-22
weight: 20
dialects:
"""


def counts(dialect: Dialect) -> dict[str, Counts]:
    """Gives the counts of each family, sorted.

    Raises:
        Skipped: where the data is not there.
    """
    judged = {(row["place"], row["position"]): row["judged"] for row in read_rows(JUDGEMENTS)}
    tally: dict[str, dict[str, int]] = {}
    for pair in drawn():
        document = Document(pair.response, messages=({"role": "user", "content": pair.prompt},))
        found = run_check(pair.id, json.dumps(pair.kwargs), document, dialect).outcome.value
        truth, family = judged[pair.place, pair.position], family_of_checker(pair.id)
        if "unknown" in (found, truth) or truth == "unclear" or family is None:
            continue
        row = tally.setdefault(family, dict.fromkeys(Counts.model_fields, 0))
        row[truth] += 1
        row["missed" if truth == "satisfied" else "passed"] += found != truth
    return {family: Counts(**tally[family]) for family in sorted(tally)}


def page() -> str:
    """Gives the file's text."""
    lines = []
    for dialect in DIALECTS:
        lines.append(f"  {dialect}:\n")
        for family, row in counts(dialect).items():
            cells = ", ".join(f"{name}: {count}" for name, count in row.model_dump().items())
            lines.append(f"    {family}: {{{cells}}}\n")
    return HEAD + "".join(lines)


if __name__ == "__main__":
    PATH.write_text(page(), encoding="utf-8")
