"""Hostile responses: no check takes long on 100 kB of them, and none grows faster than its input."""

from __future__ import annotations

import math
import time
from typing import Any

from benchwright.constraints.catalogue import drawn_of
from benchwright.constraints.constraint import CONSTRAINTS
from benchwright.constraints.document import Document
from benchwright.constraints.run import run_check
from benchwright.schemas.language import likely_language

from .proof import Proof

__all__ = ["prove"]

SIZE = 100_000
LIMIT_MS = 50.0
SLOPE = 1.35
"""Exponent of the growth from 1 to 8 times the size: 1 is linear, 2 quadratic."""

TEXTS = {
    "words": "word ",
    "one line": "a",
    "blank lines": "\n",
    "short lines": "a\n",
    "stars": "*",
    "bullets": "* a\n",
    "fences": "```\n",
    "quotes": '"',
    "brackets": "[",
    "nested": '{"a":[',
    "sentences": "So it is. ",
    "marks": "?!.,;:",
    "digits": "9",
    "dates": "2024-02-30 ",
    "combining": "e\u0301",
    "han": "今天天气很好。",
    "thai": "สวัสดี",
    "emoji": "👩‍👩‍👧",
    "tags": "<a><b>",
    "tables": "| a | b |\n|---|---|\n",
    "apostrophes": "it's ",
    "titles": "<<a",
    "near paragraphs": " \n \n",
    "surrogates": "\ud800 ",
    "commas": "a,b,",
    "yaml": "- &a [*a, {x: y}]\n",
}


def _params(id: str) -> tuple[str, Any]:
    """Draws parameters, and gives the conversation that goes with them."""
    params, witness = drawn_of(CONSTRAINTS.get(id))
    return params.model_dump_json(), witness.messages


def _milliseconds(id: str, kwargs: str, messages: Any, text: str, rounds: int) -> float:
    best = math.inf
    for _ in range(rounds):
        document = Document(text, messages=messages)
        began = time.process_time()
        run_check(id, kwargs, document)
        best = min(best, 1000 * (time.process_time() - began))
        if best < LIMIT_MS / 4:
            break
    return best


def _slope(id: str, kwargs: str, messages: Any, piece: str, size: int) -> tuple[float, list[float]]:
    """Gives the exponent by which time grows with the text, over 1, 2, 4 and 8 times an eighth of the size."""
    sizes = [size // 8 * factor for factor in (1, 2, 4, 8)]
    times = [_milliseconds(id, kwargs, messages, (piece * (at // len(piece) + 1))[:at], 5) for at in sizes]
    return math.log(max(times[-1], 1e-6) / max(times[0], 1e-6)) / math.log(8), [round(one, 2) for one in times]


def prove(small: bool) -> Proof:
    """Every constraint on every kind of text at 100 kB, language detection and sentence splitting included.

    Small: every seventh constraint. What is slow is timed again, best of seven; what takes 5 ms or more is grown.
    """
    ids = CONSTRAINTS.ids()[:: 7 if small else 1]
    # The language profiles are loaded once in a process, whoever asks first.
    likely_language("Esto es solo un texto corto.")
    slowest: dict[str, tuple[float, str]] = {}
    steepest: dict[str, tuple[float, str, list[float]]] = {}
    for id in ids:
        kwargs, messages = _params(id)
        run_check(id, kwargs, Document("Warm up.", messages=messages))
        for name, piece in TEXTS.items():
            text = (piece * (SIZE // len(piece) + 1))[:SIZE]
            spent = _milliseconds(id, kwargs, messages, text, 1)
            if spent > LIMIT_MS / 2:
                spent = _milliseconds(id, kwargs, messages, text, 7)
            slowest[id] = max(slowest.get(id, (0.0, "")), (spent, name))
            if spent >= 5:
                slope, times = _slope(id, kwargs, messages, piece, SIZE)
                steepest[id] = max(steepest.get(id, (0.0, "", [])), (slope, name, times))
    worst = sorted(slowest.items(), key=lambda one: -one[1][0])[:10]
    steep = sorted(steepest.items(), key=lambda one: -one[1][0])[:10]
    late = [f"{id} {ms:.0f} ms on {name}" for id, (ms, name) in worst if ms > LIMIT_MS]
    fast_growing = [f"{id} {slope:.2f} on {name}: {times}" for id, (slope, name, times) in steep if slope > SLOPE]
    figures = {
        "constraints": len(ids),
        "texts": len(TEXTS),
        "slowest_ms": {id: [round(ms, 1), name] for id, (ms, name) in worst},
        "steepest_exponent": {id: [round(slope, 2), name, times] for id, (slope, name, times) in steep},
    }
    assert not late, f"over {LIMIT_MS} ms on 100 kB: {late}"
    assert not fast_growing, f"faster than their input grow: {fast_growing}"
    return Proof("hostile responses", "python -m benchmarks.run hostile", figures)
