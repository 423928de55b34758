"""Near copies: which texts share so many character 5-grams that they count as one for splits.

An exact similarity join with prefix filtering (Chaudhuri, Ganti and Kaushik, ICDE 2006; Bayardo, Ma and Srikant, WWW
2007).
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence

from ..schemas.text import grams, jaccard

__all__ = ["near_copies", "near_copies_plain"]

_SLACK = 1e-9
"""Filters round towards more candidates: only the final comparison decides, in the same floats as ``jaccard``."""


def near_copies_plain(texts: Sequence[str], threshold: float) -> list[tuple[int, int]]:
    """Compares every pair of texts: the reference for ``near_copies``.

    Args:
        threshold: above 0, at most 1.

    Returns:
        Index pairs (smaller, larger) whose Jaccard similarity is at least the threshold, sorted.
    """
    sets = [grams(text) for text in texts]
    return [(i, j) for i in range(len(sets)) for j in range(i + 1, len(sets)) if jaccard(sets[i], sets[j]) >= threshold]


def _ranked(texts: Sequence[str]) -> list[array[int]]:
    """Gives each text's grams as numbers, the rarest gram of all texts first; four bytes a gram."""
    number: dict[str, int] = {}
    count: list[int] = []
    rows: list[array[int]] = []
    for text in texts:
        row = array("I")
        for gram in grams(text):
            index = number.setdefault(gram, len(count))
            if index == len(count):
                count.append(0)
            count[index] += 1
            row.append(index)
        rows.append(row)
    rank = array("I", bytes(4 * len(count)))
    for position, index in enumerate(sorted(range(len(count)), key=count.__getitem__)):
        rank[index] = position
    return [array("I", sorted(map(rank.__getitem__, row))) for row in rows]


def _candidates(rows: Sequence[array[int]], threshold: float) -> Iterator[tuple[int, list[int]]]:
    """Yields each text with the smaller ones that share a gram with it among the rarest of both.

    Two sets with Jaccard >= t share at least ceil(t * size) grams of either, so their first size - ceil(t * size) + 1
    grams in any one global order have one in common. Texts are taken by size: what is too small for one is too small
    for the next.
    """
    holders: dict[int, list[int]] = defaultdict(list)
    start: dict[int, int] = defaultdict(int)
    for index in sorted(range(len(rows)), key=lambda i: len(rows[i])):
        row = rows[index]
        least = math.ceil(threshold * len(row) - _SLACK)
        found: set[int] = set()
        for gram in row[: len(row) - max(least, 1) + 1]:
            holding, first = holders[gram], start[gram]
            while first < len(holding) and len(rows[holding[first]]) < least:
                first += 1
            start[gram] = first
            found.update(holding[first:])
            holding.append(index)
        yield index, sorted(found)


def near_copies(texts: Sequence[str], threshold: float) -> list[tuple[int, int]]:
    """Finds all near copies without comparing every pair; equal to ``near_copies_plain``."""
    rows = _ranked(texts)
    pairs: list[tuple[int, int]] = []
    for index, others in _candidates(rows, threshold):
        if not others:
            continue
        mine = set(rows[index])
        for other in others:
            shared = len(mine.intersection(rows[other]))
            if shared / (len(mine) + len(rows[other]) - shared) >= threshold:
                pairs.append((min(index, other), max(index, other)))
    return sorted(pairs)
