"""What the answers of an annotator give away about their care: speed, runs of one answer, drift. Advice, no verdict.

A flag says which figures moved it. Nothing is removed and no label is changed by one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median
from typing import NamedTuple

import numpy as np

from .intervals import Array, Estimate, Sampling, interval, summed

__all__ = ["AnnotatorFigures", "Flag", "Timed", "annotator_figures", "run_probability"]

WORDS_A_SECOND = 10.0
"""Faster than this is skimming at best: people read 238 English words a minute silently (Brysbaert 2019, Journal of
Memory and Language 109), four a second; the floor leaves two and a half times that."""
TOO_FAST = 0.2
"""Share of answers below the floor that is flagged."""
RATIO = 1 / 3
"""Time taken against the others on the same tasks, as a median, below which it is flagged."""
CHANCE = 0.001
"""A run of one answer that chance gives more rarely than this is flagged."""
FEW = 10
"""Answers below which nothing is said of speed, and twice which of drift."""
WINDOWS = 5
DRIFT_LEVEL = 0.99
"""Of the interval of drift: at 95 %, one careful annotator of twenty would be flagged."""


class Timed(NamedTuple):
    """An answer with its time."""

    task: str
    instruction: str
    annotator: str
    answer: str | None
    """Null where the annotator could not tell."""
    seconds: float | None
    """How long the task was shown; null where nobody measured."""
    at: int
    """When, in any unit that grows."""
    words: int
    """Words shown that the annotator had not been shown before."""


@dataclass(frozen=True)
class Flag:
    """Something to look at."""

    kind: str
    """``too_fast``, ``faster_than_others``, ``straight_lining`` or ``drift``."""
    says: str
    """The figures, and what they mean."""


@dataclass(frozen=True)
class AnnotatorFigures:
    """The answers of one annotator."""

    annotator: str
    answers: int
    unsure: int
    seconds: float | None
    """Median time of an answer."""
    below_floor: float | None
    """Share of timed answers faster than their new words can be read."""
    against_others: float | None
    """Median over shared tasks of the time taken against the others' median; null without shared timed tasks."""
    longest_run: int
    """The most equal answers one after the other."""
    run_chance: float | None
    """Chance of a run as long, were answers drawn one by one with the others' shares (else the annotator's own)."""
    windows: tuple[float | None, ...]
    """Share of answers that agree with the others' majority, by fifth of the answers in time."""
    drift: Estimate
    """That share in the second half less the first, with a 99 % interval drawn by instruction."""
    flags: tuple[Flag, ...]


def annotator_figures(answers: Iterable[Timed], sampling: Sampling | None = None) -> list[AnnotatorFigures]:
    """Gives the figures of each annotator, by name, from the latest answer to each task."""
    everything = sorted(answers, key=lambda one: (one.at, one.task))
    mine: dict[str, list[Timed]] = defaultdict(list)
    by_task: dict[str, list[Timed]] = defaultdict(list)
    for one in everything:
        mine[one.annotator].append(one)
        by_task[one.task].append(one)
    sampling = sampling or Sampling()
    return [_figures(name, mine[name], by_task, sampling) for name in sorted(mine)]


def _figures(
    name: str, given: Sequence[Timed], by_task: Mapping[str, Sequence[Timed]], sampling: Sampling
) -> AnnotatorFigures:
    timed = [one for one in given if one.seconds is not None]
    below = sum(one.words / WORDS_A_SECOND > (one.seconds or 0) for one in timed) / len(timed) if timed else None
    ratios = _against_others(timed, by_task)
    run = max((len(list(same)) for _, same in groupby(one.answer for one in given)), default=0)
    shares, whose = _shares(name, given, by_task)
    chance = run_probability(len(given), run, shares)
    agreed = _agreed(given, by_task)
    drift = _drift(agreed, sampling, name)
    flags = [
        *_speed_flags(len(timed), below, ratios),
        *_run_flags(run, len(given), chance, whose),
        *_drift_flags(drift),
    ]
    return AnnotatorFigures(
        annotator=name,
        answers=len(given),
        unsure=sum(one.answer is None for one in given),
        seconds=median(one.seconds or 0 for one in timed) if timed else None,
        below_floor=below,
        against_others=median(ratios) if ratios else None,
        longest_run=run,
        run_chance=chance,
        windows=_windows(agreed),
        drift=drift,
        flags=tuple(flags),
    )


def _against_others(timed: Sequence[Timed], by_task: Mapping[str, Sequence[Timed]]) -> list[float]:
    """Gives the time of each answer against the median of the others on its task, where somebody else was timed."""
    ratios = []
    for one in timed:
        others = [other.seconds for other in by_task[one.task] if other.annotator != one.annotator and other.seconds]
        if others and one.seconds is not None:
            ratios.append(one.seconds / median(others))
    return ratios


def _speed_flags(timed: int, below: float | None, ratios: Sequence[float]) -> list[Flag]:
    flags = []
    if below is not None and timed >= FEW and below >= TOO_FAST:
        others = f"; the others took {1 / max(median(ratios), 1e-9):.1f} times as long" if ratios else ""
        says = (
            f"{below:.0%} of {timed:,} answers came faster than their new words can be read "
            f"({WORDS_A_SECOND:.0f} words a second){others}: the texts may not have been read"
        )
        flags.append(Flag("too_fast", says))
    if len(ratios) >= FEW and median(ratios) < RATIO:
        says = (
            f"takes {median(ratios):.0%} of the others' time on {len(ratios):,} tasks they share, as a median "
            f"(flagged below {RATIO:.0%}): much less care, or much more practice"
        )
        flags.append(Flag("faster_than_others", says))
    return flags


def _shares(
    name: str, given: Sequence[Timed], by_task: Mapping[str, Sequence[Timed]]
) -> tuple[dict[str | None, float], str]:
    """Gives how often each answer is expected, and by whose answers: the others' to the same tasks, else the own ones.

    Every answer seen gets one more: an answer that the others never gave is rare, not impossible.
    """
    others = [other.answer for one in given for other in by_task[one.task] if other.annotator != name]
    own = [one.answer for one in given]
    counts = Counter(others or own)
    counts.update(set(own) | set(others))
    total = sum(counts.values())
    return {answer: count / total for answer, count in counts.items()}, "others'" if others else "own"


def run_probability(answers: int, run: int, shares: Mapping[str | None, float]) -> float | None:
    """Gives the chance of a run of at least ``run`` equal answers among ``answers`` that are drawn independently.

    Exact: the mass of sequences without such a run is carried from answer to answer, by the last answer; what began
    a run ``run - 1`` answers ago and has gone on since reaches it. Null without answers.
    """
    if not answers or not run:
        return None
    odds = list(shares.values())
    starts: list[list[float]] = [odds]  # by answer: the mass whose run began there, no run reached before
    alive = list(odds)
    hits = sum(odds) if run == 1 else 0.0
    for at in range(1, answers if run > 1 else 1):
        total = sum(alive)
        starts.append([odd * (total - own) for odd, own in zip(odds, alive, strict=True)])
        begun = starts[at - run + 1] if at >= run - 1 else [0.0] * len(odds)
        ended = [mass * odd ** (run - 1) for mass, odd in zip(begun, odds, strict=True)]
        moved = zip(alive, odds, ended, starts[at], strict=True)
        alive = [own * odd - gone + new for own, odd, gone, new in moved]
        hits += sum(ended)
    return min(hits, 1.0)


def _run_flags(run: int, answers: int, chance: float | None, whose: str) -> list[Flag]:
    if chance is None or chance >= CHANCE:
        return []
    says = (
        f"gave the same answer {run:,} times in a row, of {answers:,}: with the {whose} shares of answers chance "
        f"does so with probability {chance:.1g} (flagged below {CHANCE:g}): clicked through, or alike tasks in a row"
    )
    return [Flag("straight_lining", says)]


def _agreed(given: Sequence[Timed], by_task: Mapping[str, Sequence[Timed]]) -> list[tuple[str, bool]]:
    """Gives (instruction, whether it agrees) of answers, in time, on whose task the others have one leading answer."""
    agreed = []
    for one in given:
        others = Counter(
            other.answer for other in by_task[one.task] if other.annotator != one.annotator and other.answer is not None
        )
        leading = others.most_common(2)
        if one.answer is not None and leading and (len(leading) == 1 or leading[0][1] > leading[1][1]):
            agreed.append((one.instruction, one.answer == leading[0][0]))
    return agreed


def _windows(agreed: Sequence[tuple[str, bool]]) -> tuple[float | None, ...]:
    edges = [len(agreed) * i // WINDOWS for i in range(WINDOWS + 1)]
    parts = [agreed[low:high] for low, high in pairwise(edges)]
    return tuple(sum(same for _, same in part) / len(part) if part else None for part in parts)


def _drift(agreed: Sequence[tuple[str, bool]], sampling: Sampling, name: str) -> Estimate:
    if len(agreed) < 2 * FEW:
        return Estimate.undefined(f"{len(agreed)} answers to compare with the others, {2 * FEW} are needed")
    names = {instruction: i for i, instruction in enumerate(sorted({instruction for instruction, _ in agreed}))}
    clusters = np.array([names[instruction] for instruction, _ in agreed])
    same = np.array([float(agrees) for _, agrees in agreed])
    late = (np.arange(len(agreed)) >= len(agreed) // 2).astype(float)
    rows = np.stack([1 - late, (1 - late) * same, late, late * same], axis=1)
    tallies = summed(rows, clusters, len(names))
    value = float(_second_less_first(rows.sum(axis=0)))
    return interval(value, tallies, _second_less_first, sampling.generator("drift", name), sampling.draws, DRIFT_LEVEL)


def _second_less_first(sums: Array) -> Array:
    """Gives the share that agrees of the second half less that of the first, NaN where a half is empty."""
    first, second = (
        np.divide(sums[..., i + 1], sums[..., i], out=np.full(sums.shape[:-1], np.nan), where=sums[..., i] > 0)
        for i in (0, 2)
    )
    return np.asarray(second - first)


def _drift_flags(drift: Estimate) -> list[Flag]:
    if drift.value is None or drift.low is None or drift.high is None or drift.low <= 0 <= drift.high:
        return []
    way = "less" if drift.value < 0 else "more"
    says = (
        f"agrees with the others {abs(drift.value):.0%} {way} in the second half of the answers than in the first "
        f"({DRIFT_LEVEL:.0%} interval {drift.low:+.0%} to {drift.high:+.0%}): tired, or reads the guidelines otherwise"
    )
    return [Flag("drift", says)]
