"""Where the two dialects differ: for each published id a minimal input, why, and how often real answers flip.

``python -m benchmarks.divergence`` writes the last section of docs/constraints.md. Inputs are the shortest fixtures of
the tests on which the dialects differ; flips are counted on recorded answers that were given the constraint, and on
golden answers crossed with parameters they were not given.
"""

from __future__ import annotations

import inspect
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from benchwright.constraints.constraint import CONSTRAINTS
from benchwright.constraints.document import Document
from benchwright.constraints.official.verdict import official_version
from benchwright.constraints.published import checker_of
from benchwright.constraints.run import run_check

from .recorded import Answer, golden, ifbench, m_ifeval

__all__ = ["Flips", "flips", "minimal_inputs"]

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "constraints.md"
HEAD = """## Where `fixed` differs from `official`

Written by `python -m benchmarks.divergence`. `official` reproduces the published verdict of the named version bit
for bit, `fixed` says what is right. One row for every published id on which they differ, with the shortest input of
`tests/fixtures/` that shows it, what our check does instead, and how often real answers flip: *given* are recorded
answers to a prompt that states the constraint (M-IFEval's six models in English and Spanish, IFBench's sample),
*crossed* are real answers beside parameters they were never given (golden verdicts). P>F is a published pass that is
none, F>P the other way, ? a verdict that we call unknown.
"""


class Flips(NamedTuple):
    """How verdicts of an id compare."""

    n: int = 0
    lost: int = 0
    """Published: followed; ours: violated."""
    won: int = 0
    """Published: not followed; ours: satisfied."""
    unknown: int = 0

    def __str__(self) -> str:
        """Words it for a table."""
        if not self.n:
            return "-"
        parts = [(self.lost, "P>F"), (self.won, "F>P"), (self.unknown, "?")]
        said = ", ".join(f"{count} {name}" for count, name in parts if count)
        return f"{said or 'none'} of {self.n:,}"


def flips(answers: Iterable[Answer]) -> dict[str, Flips]:
    """Counts, by id, how our verdicts differ from the published strict ones."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for answer in answers:
        document = Document(answer.response, messages=({"role": "user", "content": answer.prompt},))
        for id, kwargs, followed in zip(answer.ids, answer.kwargs, answer.strict, strict=True):
            id = id.removeprefix("en:")
            label = run_check(id, json.dumps(kwargs), document).outcome.label
            kind = "unknown" if label is None else "same" if label == int(followed) else "won" if label else "lost"
            counts[id][kind] += 1
    return {id: Flips(one.total(), one["lost"], one["won"], one["unknown"]) for id, one in counts.items()}


def _fixtures() -> Iterator[dict[str, Any]]:
    for path in sorted((ROOT / "tests" / "fixtures").glob("*.jsonl")):
        yield from map(json.loads, filter(None, path.read_text("utf-8").split("\n")))


def minimal_inputs() -> dict[str, tuple[dict[str, Any], str, str]]:
    """Gives, by id, the shortest fixture on which the dialects differ, the published verdict and ours."""
    found: dict[str, tuple[dict[str, Any], str, str]] = {}
    for row in _fixtures():
        id = row["id"]
        if official_version(id) is None or row.get("cut"):
            continue
        document = Document(row["text"], messages=tuple(row.get("messages", ())))
        ran = run_check(id, json.dumps(row["kwargs"]), document, "official")
        published = "crash" if ran.outcome == "unknown" else ran.outcome.value
        shorter = id not in found or len(row["text"]) < len(found[id][0]["text"])
        if published != row["outcome"] and row["text"].strip() and shorter:
            found[id] = row, published, row["outcome"]
    return found


def _code(text: str) -> str:
    """Words a text for a table's cell."""
    shown = text if len(text) <= 120 else f"{text[:110]}…"
    return "`" + shown.replace("\n", "⏎").replace("|", "¦").replace("`", "ˋ") + "`"


def _row(id: str, minimal: tuple[dict[str, Any], str, str] | None, given: Flips, crossed: Flips) -> str:
    about = inspect.getdoc(type(CONSTRAINTS.get(checker_of(id)))) or ""
    why = " ".join(about.split()).replace("|", "¦")
    if minimal is None:
        shown = ["-", "-", "-", "-"]
    else:
        row, published, ours = minimal
        shown = [_code(json.dumps(row["kwargs"], ensure_ascii=False)), _code(row["text"]), published, ours]
    return f"| `{id}` | {' | '.join(shown)} | {why} | {given} | {crossed} |"


def section() -> str:
    """Gives the section, which is the page's last."""
    given = flips(chain(m_ifeval("en"), m_ifeval("es"), ifbench()))
    crossed = flips(chain(*map(golden, ("ifeval", "ifbench", "ifevalg"))))
    minimal = minimal_inputs()
    ids = sorted({*given, *crossed, *minimal})
    rows = []
    for id in ids:
        pair = given.get(id, Flips()), crossed.get(id, Flips())
        if id in minimal or any(one.lost or one.won or one.unknown for one in pair):
            rows.append(_row(id, minimal.get(id), *pair))
    head = "| id | parameters | input | published | ours | what ours does | given | crossed |"
    same = sorted(set(ids) - {row.split("`")[1] for row in rows})
    tail = f"\nThe same in both on all of these: {', '.join(f'`{id}`' for id in same)}.\n" if same else ""
    return "\n".join([HEAD, head, "|---" * 8 + "|", *rows, tail])


if __name__ == "__main__":
    before = PAGE.read_text("utf-8").partition(HEAD.partition("\n")[0])[0]
    PAGE.write_text(before + section(), "utf-8")
    print(f"wrote {PAGE}")
