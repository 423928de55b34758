"""Times our checkers in a process of their own: ``python -m benchmarks.our_checks DIALECT ROWS ROUNDS``."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from .peer_checks import peak_mb


def one_round(rows: list[dict[str, Any]], dialect: Any) -> tuple[int, int]:
    """Checks every row once, from its text and its parameters; gives checks and how many are satisfied."""
    from benchwright.constraints.document import Document
    from benchwright.constraints.run import run_check
    from benchwright.schemas.outcome import Outcome

    checks = satisfied = 0
    for row in rows:
        document = Document(row["response"], messages=({"role": "user", "content": row["prompt"]},))
        for id, kwargs in zip(row["instruction_id_list"], row["kwargs"], strict=True):
            checks += 1
            satisfied += run_check(id, kwargs, document, dialect).outcome is Outcome.SATISFIED
    return checks, satisfied


def main() -> None:
    """Prints one JSON object."""
    dialect, path, rounds = sys.argv[1:4]
    began = time.perf_counter()
    import benchwright.constraints.document  # noqa: F401
    import benchwright.constraints.run  # noqa: F401

    import_seconds = time.perf_counter() - began
    rows = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
    for row in rows:
        row["kwargs"] = [json.dumps(kwargs) for kwargs in row["kwargs"]]
    seconds = []
    for _ in range(int(rounds)):
        began = time.perf_counter()
        checks, satisfied = one_round(rows, dialect)
        seconds.append(time.perf_counter() - began)
    found = {"checks": checks, "seconds": seconds, "followed": satisfied, "import_seconds": import_seconds}
    print(json.dumps({**found, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
