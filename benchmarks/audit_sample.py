"""The audit sample: 300 real (response, constraint) pairs, judged by hand before the checks ran on them.

``python -m benchmarks.audit_sample draw`` draws the pairs, ``show FROM TO`` prints them for judging, without a verdict.
The proof compares the judgements with what the checks say now: false positives and negatives with Wilson intervals.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from benchwright.constraints.document import Document
from benchwright.constraints.run import run_check

from .interval import wilson
from .proof import Proof, Skipped
from .recorded import golden, ifbench, m_ifeval, read_rows

__all__ = ["Pair", "pairs", "prove"]

FOLDER = Path(__file__).with_name("data")
PAIRS, JUDGEMENTS = FOLDER / "audit_pairs.jsonl", FOLDER / "audit_judgements.jsonl"
COUNT, LONGEST, SEED = 300, 3_000, 20261122


class Pair(NamedTuple):
    """A response and one of its constraints."""

    place: str
    position: int
    id: str
    kwargs: dict[str, Any]
    prompt: str
    response: str
    followed: bool
    """The published strict verdict: it stratifies the draw and is not shown."""

    @property
    def row(self) -> dict[str, Any]:
        """How the pair is written down: where it is, without its text."""
        digest = hashlib.sha256(self.response.encode()).hexdigest()[:16]
        return {"place": self.place, "position": self.position, "id": self.id, "sha256": digest}


def pairs() -> Iterator[Pair]:
    """Yields every pair that may be drawn: answers to prompts that state the constraint; IFEvalG's of golden ones.

    Raises:
        Skipped: where the data is not there.
    """
    for answer in chain(m_ifeval("en"), m_ifeval("es"), ifbench(), golden("ifevalg")):
        if 0 < len(answer.response) <= LONGEST and len(answer.prompt) <= LONGEST:
            asked = zip(answer.ids, answer.kwargs, answer.strict, strict=True)
            for position, (id, kwargs, followed) in enumerate(asked):
                id = id.removeprefix("en:")
                yield Pair(answer.place, position, id, kwargs, answer.prompt, answer.response, followed)


def draw() -> list[Pair]:
    """Draws the sample: round after round one pair of each id, followed and not in turn where there are both."""
    rng = Random(SEED)
    strata: dict[str, dict[bool, list[Pair]]] = defaultdict(lambda: {True: [], False: []})
    for pair in pairs():
        strata[pair.id][pair.followed].append(pair)
    for stratum in strata.values():
        for side in stratum.values():
            rng.shuffle(side)
    drawn: list[Pair] = []
    turn = 0
    while len(drawn) < COUNT and any(map(any, (one.values() for one in strata.values()))):
        for id in rng.sample(sorted(strata), len(strata)):
            sides = strata[id]
            side = sides[turn % 2 == 0] or sides[turn % 2 == 1]
            if side and len(drawn) < COUNT:
                drawn.append(side.pop())
        turn += 1
    return sorted(drawn, key=lambda pair: (pair.id, pair.place, pair.position))


def drawn() -> list[Pair]:
    """Gives the pairs that were drawn, found again in the data.

    Raises:
        Skipped: where the data is not there.
    """
    there = {(pair.place, pair.position): pair for pair in pairs()}
    found = [there[row["place"], row["position"]] for row in read_rows(PAIRS)]
    assert [pair.row for pair in found] == read_rows(PAIRS), "the data is not that of which the sample was drawn"
    return found


def _rate(hits: int, n: int) -> dict[str, Any]:
    return {"of": n, "wrong": hits, "share": round(hits / max(n, 1), 3), "wilson_95": wilson(hits, n)}


def _compared(dialect: Any) -> dict[str, Any]:
    judged = {(row["place"], row["position"]): row["judged"] for row in read_rows(JUDGEMENTS)}
    tally: dict[tuple[str, str], list[str]] = defaultdict(list)
    for pair in drawn():
        document = Document(pair.response, messages=({"role": "user", "content": pair.prompt},))
        ran = run_check(pair.id, json.dumps(pair.kwargs), document, dialect)
        tally[judged[pair.place, pair.position], ran.outcome.value].append(f"{pair.id} {pair.place}")
    count = {key: len(rows) for key, rows in tally.items()}
    right = {side: sum(n for (wanted, _), n in count.items() if wanted == side) for side in ("satisfied", "violated")}
    return {
        "false_positives": _rate(count.get(("violated", "satisfied"), 0), right["violated"]),
        "false_negatives": _rate(count.get(("satisfied", "violated"), 0), right["satisfied"]),
        "unknown": sum(n for (wanted, found), n in count.items() if found == "unknown" and wanted in right),
        "unclear": sum(n for (wanted, _), n in count.items() if wanted not in right),
        "differ": tally["violated", "satisfied"] + tally["satisfied", "violated"],
    }


def prove(small: bool) -> Proof:
    """All 300 pairs, in both dialects."""
    if not JUDGEMENTS.exists():
        raise Skipped("the sample has not been judged")
    figures = {dialect: _compared(dialect) for dialect in ("fixed", "official")}
    figures["official"].pop("differ")
    return Proof("audit sample", "python -m benchmarks.run audit_sample", figures)


def main() -> None:
    """Draws, or shows pairs for judging."""
    if sys.argv[1:] == ["draw"]:
        PAIRS.write_text("".join(json.dumps(pair.row) + "\n" for pair in draw()), "utf-8")
        return
    first, last = int(sys.argv[2]), int(sys.argv[3])
    for number, pair in list(enumerate(drawn()))[first:last]:
        print(f"\n===== pair {number}: {pair.id} {json.dumps(pair.kwargs, ensure_ascii=False)}  ({pair.place})")
        print(f"----- prompt\n{pair.prompt}\n----- response\n{pair.response}\n----- end of pair {number}")


if __name__ == "__main__":
    main()
