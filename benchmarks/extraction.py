"""Compares the wishes that rules find with those that a reader marked by hand in 200 real prompts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from benchwright.constraints.extract import Wish, extract
from benchwright.constraints.extract_meaning import meaning

from .interval import wilson
from .marked_prompts import marked
from .proof import Proof

__all__ = ["Compared", "compare", "prove"]

LEAST_PRECISION = 0.95
"""Least share of the wishes found as binding that a reader marked as binding too."""


class Compared(NamedTuple):
    """A wish that was found, that was marked, or both."""

    checker: str
    language: str
    found: bool
    marked: bool
    span: tuple[int, int]


def compare(found: Iterable[Wish], marks: list[dict[str, Any]], language: str) -> Iterator[Compared]:
    """Pairs binding wishes with binding marks: same check, parameters that mean the same, spans that overlap.

    Each mark is taken once. Yields the pairs, then wishes that nobody marked and marks that were not found.
    """
    left = [mark for mark in marks if mark["binding"]]
    for wish in found:
        if not wish.binding:
            continue
        wanted = meaning(wish.checker, wish.kwargs)
        same = next(
            (
                mark
                for mark in left
                if meaning(mark["checker"], mark["kwargs"]) == wanted
                and mark["start"] < wish.end
                and wish.start < mark["end"]
            ),
            None,
        )
        if same is not None:
            left.remove(same)
        yield Compared(wish.checker, language, True, same is not None, (wish.start, wish.end))
    for mark in left:
        yield Compared(mark["checker"], language, False, True, (mark["start"], mark["end"]))


def _figures(compared: list[Compared]) -> dict[str, Any]:
    found = sum(one.found for one in compared)
    hits = sum(one.found and one.marked for one in compared)
    wanted = sum(one.marked for one in compared)
    return {
        "found": found,
        "marked": wanted,
        "right": hits,
        "precision": round(hits / found, 4) if found else None,
        "precision_interval": wilson(hits, found),
        "recall": round(hits / wanted, 4) if wanted else None,
        "recall_interval": wilson(hits, wanted),
    }


def _by(compared: list[Compared], name: str) -> dict[str, Any]:
    counts = Counter(getattr(one, name) for one in compared)
    return {
        value: _figures([one for one in compared if getattr(one, name) == value]) for value, _ in counts.most_common()
    }


def prove(small: bool) -> Proof:
    """All marked prompts, small or not: reading them takes less than a second."""
    compared: list[Compared] = []
    prompts = 0
    for text, mark in marked():
        prompts += 1
        found = extract(({"role": "user", "content": text},))
        compared += compare(found, mark["wishes"], mark["language"])
    figures = {
        "prompts": prompts,
        **_figures(compared),
        "by_checker": _by(compared, "checker"),
        "by_language": _by(compared, "language"),
    }
    assert figures["found"], "no wish was found"
    assert figures["precision"] >= LEAST_PRECISION, (
        f"precision {figures['precision']}, at least {LEAST_PRECISION} asked"
    )
    return Proof("extraction of wishes", "python -m benchmarks.run extraction", figures)
