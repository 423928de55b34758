"""From an instruction to what a model is asked and what its responses are rated on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..schemas.canonical import canonical_json
from ..schemas.constraint import constraint_id
from ..schemas.drop import Drop
from ..schemas.instruction import Given, Instruction
from ..schemas.messages import Message, Messages
from ..schemas.recipe import ConstraintPolicy
from .attach import Attached, attach, wording_language
from .constraint import CONSTRAINTS, check_ids
from .extract import Wish, extract
from .joint import Held, as_ours
from .published import checker_of, is_checked

__all__ = ["Constrained", "constrain"]

Row = dict[str, Any]


@dataclass(frozen=True)
class Constrained:
    """What an instruction became."""

    messages: Messages
    """As sampled: attached constraints stand after the user's own text."""
    constraints: list[Row]
    """Rows of ``Constraints``, in the order of their positions; empty where it is dropped."""
    drop: Drop | None = None
    """Why it leaves the flow; null when it stays."""


def _row(text: str, kind: str, checker: str | None, kwargs: str | None, origin: str, generator: str) -> Row:
    """Gives a row without ids and position; categories are the check's own where it is ours."""
    ours = CONSTRAINTS.get(checker_of(checker)) if checker is not None and is_checked(checker) else None
    return {
        "text": text,
        "kind": kind,
        "checker": checker,
        "version": ours.version if ours else None,
        "kwargs": kwargs,
        "categories": list(ours.categories) if ours else [],
        "compositions": list(ours.compositions) if ours else ["Single"],
        "origin": origin,
        "span": None,
        "generator": generator,
    }


def _given(given: Given, generator: str) -> Row:
    row = _row(given.text, given.kind, given.checker, given.kwargs, given.origin, generator)
    row["categories"] = list(given.categories) or row["categories"]
    row["compositions"] = list(given.compositions)
    return row


def _extracted(wish: Wish) -> Row:
    row = _row(wish.text, "verifiable", wish.checker, canonical_json(wish.kwargs), "extracted", "extract@2")
    row["span"] = {"message": wish.message, "start": wish.start, "end": wish.end}
    return row


def _attached(attached: Attached) -> Row:
    return _row(attached.text, "verifiable", attached.checker, canonical_json(attached.params), "attached", "attach@1")


def _ours(given: Given) -> Held | None:
    """Gives the constraint that checks a given one, with its parameters; null where none does, or not for these."""
    if given.checker is None or not is_checked(given.checker):
        return None
    try:
        return as_ours((given.checker, json.loads(given.kwargs or "{}")))
    except ValueError:
        return None


def _render(messages: Messages, attached: Sequence[Attached], language: str | None) -> Messages:
    """Puts the attached constraints after the turn to answer, as one paragraph."""
    if not attached:
        return messages
    last = messages[-1]
    sentences = ("" if language in ("zh", "ja") else " ").join(one.text for one in attached)
    final: Message = {"role": last["role"], "content": f"{last['content'].rstrip()}\n\n{sentences}"}
    return (*messages[:-1], final)


def _numbered(instruction: Instruction, rows: Sequence[Row]) -> list[Row]:
    """Gives the rows their instruction, position and id."""
    return [
        {
            "id": constraint_id(instruction.id, at, row["kind"], row["checker"], row["kwargs"], row["text"]),
            "instruction_id": instruction.id,
            "position": at,
            **row,
        }
        for at, row in enumerate(rows)
    ]


def constrain(
    instruction: Instruction,
    policy: ConstraintPolicy,
    allowed: Sequence[str],
    checklist: Sequence[Given],
    seed: str | int,
) -> Constrained:
    """Lays down an instruction's constraints: given, extracted, attached, then the scenario's checklist.

    Args:
        instruction: as collected; its last message is the turn to answer.
        allowed: ids or families the scenario allows; the recipe's own list takes their place.
        checklist: the scenario's soft constraints.
        seed: decides, with the instruction's id, what is attached.

    Raises:
        UsageError: when an id or family does not exist.
    """
    given = [*instruction.given] if policy.given else []
    wishes = [] if policy.extracted == "ignore" else extract(instruction.source_messages)
    held = [ours for ours in map(_ours, given) if ours is not None]
    checked = [wish for wish in wishes if wish.binding and not any(wish.checker == id for id, _ in held)]
    attached: list[Attached] = []
    language = None
    if policy.attach is not None:
        use = check_ids(allowed if policy.attach.use is None else policy.attach.use)
        excluded = check_ids(policy.attach.exclude)
        language = wording_language(instruction, policy.attach.other_languages)
        attached = attach(
            instruction,
            allowed=[id for id in use if id not in excluded],
            count=(policy.attach.min, policy.attach.max),
            taken=[*held, *((wish.checker, wish.kwargs) for wish in wishes)],
            seed=seed,
            other_languages=policy.attach.other_languages,
            difficulty=policy.attach.difficulty,
        )
    rows = [
        *(_given(one, f"source:{instruction.source}") for one in given),
        *(_extracted(wish) for wish in checked if policy.extracted == "check"),
        *map(_attached, attached),
        *(_given(one, f"scenario:{instruction.scenario}") for one in checklist),
    ]
    if policy.attach is not None and policy.attach.min and not any(row["kind"] == "verifiable" for row in rows):
        why = f"{len(attached)} of {policy.attach.min} constraints could be attached and it has none of its own"
        if language is None:
            why += f"; nothing is worded in {instruction.language!r} (constraints.attach.other_languages: skip)"
        drop = Drop("constrain", instruction.id, "too_few_constraints", why)
        return Constrained(instruction.messages, [], drop)
    return Constrained(_render(instruction.messages, attached, language), _numbered(instruction, rows))
