"""Judges' labels read again, from the replies they carry alone: what an audit holds them against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..errors import UsageError
from ..schemas.canonical import canonical_json
from ..schemas.outcome import Outcome
from .labellers.labeller import LABELLERS, Case, Cell, Labeller, Said, Text, make_labeller
from .labellers.raw import Place, Raw

__all__ = [
    "MISSING",
    "Drawn",
    "NotDerivable",
    "ReadAgain",
    "Settled",
    "first_order",
    "label_of",
    "read_again",
    "settle",
]

MISSING = Said(Outcome.UNKNOWN, "missing_response")
"""What is said of a response without a text; nobody is asked."""


class ReadAgain(NamedTuple):
    """A label as it follows from its raw reply."""

    outcome: str
    probability: float | None
    reason: str
    evidence: str | None
    order: list[int] | None


class NotDerivable(NamedTuple):
    """A label that does not follow from its raw reply here, and why."""

    detail: str
    other_version: bool = False
    """Whether it may follow where the label's version of the labeller is installed."""


class Drawn(NamedTuple):
    """What the orders in which a judge is shown things hang on."""

    instruction_id: str
    seed: int
    """The recipe's."""
    positions: Mapping[str, int]
    """Of the instruction's constraints, by id."""


class Settled(NamedTuple):
    """What a raw reply says, of whatever label carries it."""

    stamp: str | None
    """The labeller and version it is of; null where that cannot be read."""
    labels: Mapping[Cell, ReadAgain]
    problem: NotDerivable | None = None
    """Why it settles nothing."""


def settle(stored: str, judge: Labeller | None = None, drawn: Drawn | None = None) -> Settled:
    """Reads a raw reply.

    Args:
        stored: what ``raw_reply`` holds.
        judge: the labeller that its rater is known to be, with the parameters it has; null takes the reply's word.
        drawn: holds the orders in which things were shown against those the labeller draws; null takes its word.
    """
    try:
        raw = Raw.model_validate_json(stored)
        installed = LABELLERS.get(raw.labeller)
    except (UsageError, ValueError) as error:
        return Settled(None, {}, _none_of_ours(error))
    stamp = f"{raw.labeller}@{raw.version}"
    if judge is not None and judge.id != raw.labeller:
        return Settled(stamp, {}, NotDerivable("the raw reply is of another labeller than its rater's"))
    if stamp != installed.stamp:
        problem = NotDerivable(f"the label is of {stamp}; {installed.stamp} is installed", other_version=True)
        return Settled(stamp, {}, problem)
    try:
        labeller = make_labeller(raw.labeller, raw.params)
    except UsageError as error:
        return Settled(stamp, {}, _none_of_ours(error))
    if judge is not None and judge.params != labeller.params:
        return Settled(stamp, {}, NotDerivable("the raw reply is of other parameters than its rater's"))
    found = _read(raw, labeller, drawn)
    return Settled(stamp, {}, found) if isinstance(found, NotDerivable) else Settled(stamp, found)


def _none_of_ours(error: Exception) -> NotDerivable:
    return NotDerivable(f"the raw reply is none of ours: {str(error).splitlines()[0]}")


def _read(raw: Raw, labeller: Labeller, drawn: Drawn | None) -> dict[Cell, ReadAgain] | NotDerivable:
    groups = {(frozenset(one.responses), frozenset(one.constraints)) for one in raw.asked}
    if len(groups) != 1:
        return NotDerivable("the raw reply's questions do not belong together")
    ((responses, constraints),) = groups
    asked, owed = sorted(one.turn for one in raw.asked), labeller.together(len(constraints), len(responses))
    if asked != list(range(owed)):
        return NotDerivable(f"the raw reply holds questions {asked} of {owed}")
    strange = NotDerivable(f"labeller {raw.labeller!r} asks no such questions as the raw reply holds")
    try:
        said = labeller.read(raw.asked)
    except (LookupError, ValueError):
        return strange
    if said.keys() != {(response, constraint) for response in responses for constraint in constraints}:
        return strange
    places = sorted((one.place for one in raw.asked), key=lambda place: place.turn)
    if drawn is not None and places != _places(raw, labeller, drawn):
        return NotDerivable("the raw reply's order is not the order in which the recipe has them shown")
    order = first_order(raw)
    return {cell: _again(one, order) for cell, one in said.items()}


def _places(raw: Raw, labeller: Labeller, drawn: Drawn) -> list[Place]:
    """Gives the places of the questions that a labeller asks of the same responses and constraints."""
    constraints = sorted(raw.asked[0].constraints, key=lambda id: drawn.positions.get(id, -1))
    case = Case(
        drawn.instruction_id,
        ({"role": "user", "content": ""},),
        tuple(Text(id, "") for id in constraints),
        tuple(Text(id, "") for id in sorted(raw.asked[0].responses)),
    )
    return sorted((one.place for one in labeller.questions(case, drawn.seed)), key=lambda place: place.turn)


def first_order(raw: Raw) -> list[int] | None:
    """Gives the first order in which responses were shown, as indexes into their sorted ids; null for one alone."""
    shown = min(raw.asked, key=lambda question: question.turn).responses
    places = {id: place for place, id in enumerate(sorted(shown))}
    return [places[id] for id in shown] if len(shown) > 1 else None


def _again(said: Said, order: list[int] | None) -> ReadAgain:
    evidence = None if said.evidence is None else canonical_json(said.evidence)
    return ReadAgain(said.outcome.value, said.probability, said.reason, evidence, order)


def label_of(settled: Settled, label: Mapping[str, Any]) -> ReadAgain | NotDerivable:
    """Gives what a raw reply says of a label; its ``response_id``, ``constraint_id`` and ``version`` are read."""
    if settled.stamp is not None and settled.stamp != label["version"]:
        return NotDerivable(f"the label is of {label['version']}, its raw reply of {settled.stamp}")
    if settled.problem is not None:
        return settled.problem
    found = settled.labels.get((label["response_id"], label["constraint_id"]))
    return found or NotDerivable("the raw reply is on other responses or constraints")


def read_again(label: Mapping[str, Any], judge: Labeller | None = None) -> ReadAgain | NotDerivable:
    """Reads a label from its raw reply alone: what it says itself is not looked at.

    Args:
        label: a row of ``Labels`` by a judge; ``response_id``, ``constraint_id``, ``version`` and ``raw_reply`` are
            read. Without a raw reply nobody was asked, and the label is unknown.
        judge: the labeller that its rater is known to be, with the parameters it has; null takes the reply's word.
    """
    if label["raw_reply"] is None:
        return _again(MISSING, None)
    return label_of(settle(label["raw_reply"], judge), label)
