"""Speed as ratios within one run: each fast algorithm against its plain reference."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from importlib.resources import files
from random import Random
from typing import Any

from benchwright.graph.edges import certain_edges, certain_edges_plain
from benchwright.release.near_copies import near_copies, near_copies_plain
from benchwright.schemas.language import detect_language, detect_plain

from .proof import Proof

__all__ = ["prove"]


def _seconds(work: Callable[[], Any], repeats: int = 3) -> float:
    """Gives the best of some runs."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def _graphs(instructions: int) -> dict[str, float]:
    rng = Random(5)
    graphs = [
        ([[rng.choices([1, 0, None], [6, 3, 1])[0] for _ in range(6)] for _ in range(8)], [str(i) for i in range(8)])
        for _ in range(instructions)
    ]
    fast = _seconds(lambda: [certain_edges(rows, range(6), texts) for rows, texts in graphs])
    plain = _seconds(lambda: [certain_edges_plain(rows, range(6), texts) for rows, texts in graphs])
    return {
        "graphs": instructions,
        "graphs_per_second": round(instructions / fast),
        "plain_over_fast": round(plain / fast, 1),
    }


def _texts(count: int) -> dict[str, str]:
    rng = Random(6)
    words = ["".join(rng.choices("abcdefghij", k=rng.randint(2, 7))) for _ in range(2000)]
    texts = {f"t{i}": " ".join(rng.choices(words, k=rng.randint(8, 60))) for i in range(count)}
    for i in range(0, count, 10):
        texts[f"t{i}"] = texts[f"t{rng.randrange(count)}"] + " once more"
    return texts


def _copies(count: int) -> dict[str, float]:
    texts = _texts(count)
    fast = _seconds(lambda: near_copies(texts, 0.8), 1)
    plain = _seconds(lambda: near_copies_plain(texts, 0.8), 1)
    return {"texts": count, "seconds": round(fast, 3), "plain_over_fast": round(plain / fast, 1)}


def _languages(count: int) -> dict[str, float]:
    """Compares our language detection with langdetect as its users call it, seeded; the answers are the same."""
    texts = [message["content"] for row in _starter_rows()[:count] for message in row["messages"]]
    detect_plain(texts[0])  # loads the profiles for both
    fast = _seconds(lambda: [detect_language(text) for text in texts], 1)
    plain = _seconds(lambda: [detect_plain(text) for text in texts], 1)
    return {
        "texts": len(texts),
        "texts_per_second": round(len(texts) / fast),
        "langdetect_over_ours": round(plain / fast, 1),
    }


def _starter_rows() -> list[dict[str, Any]]:
    lines = files("benchwright.builders.sources").joinpath("starter.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def prove(small: bool) -> Proof:
    """Graph derivation, the near-copy join, language detection."""
    figures = {
        "edges": _graphs(500 if small else 5000),
        "near_copies": _copies(200 if small else 1000),
        "language": _languages(20 if small else 108),
    }
    return Proof("speed", "python -m benchmarks.run", figures)
