"""Recorded responses as a sampling source: read from files, joined to the instructions they answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ..errors import InputError, UsageError, nearest
from ..schemas.canonical import digest
from ..schemas.drop import Drop
from ..schemas.instruction import Instruction
from ..schemas.messages import last_user_text
from ..schemas.recipe import Use
from ..schemas.response import response_id
from ..store.fetch import BadRow, Fetch
from .layouts import LAYOUTS, Found, LayoutParams, Unreadable

__all__ = ["Joined", "Recorded", "check_recorded", "join", "read_recorded", "recorded_revision"]

STAGE = "sample"


@dataclass
class Recorded:
    """What files of recorded responses hold."""

    responses: list[tuple[Found, str]] = field(default_factory=list)
    """Each response with its revision, ``sha256:`` and the file's hash, in order of files and rows."""
    drops: list[Drop] = field(default_factory=list)
    """Rows that hold none."""


@dataclass
class Joined:
    """Recorded responses under the instructions they answer."""

    responses: list[dict[str, Any]]
    """Rows of table ``Responses``."""
    published: list[dict[str, Any]]
    """Rows of table ``Published``."""
    drops: list[Drop]
    """Rows that could not be read, verdicts that fit no constraints, instructions without a response."""
    unused: int
    """Recorded responses to prompts that are none of the instructions."""


def check_recorded(use: Use) -> LayoutParams:
    """Gives a layout's parameters, checked.

    Raises:
        UsageError: for an unknown layout, and with every problem of its parameters.
    """
    if use.id not in LAYOUTS:
        raise UsageError(f"no recorded layout is called {use.id!r}: {nearest(use.id, list(LAYOUTS))}")
    kind = LAYOUTS[use.id].params
    try:
        return kind.model_validate(use.params)
    except ValidationError as error:
        problems = [_problem(use.id, dict(item), list(kind.model_fields)) for item in error.errors()]
        raise UsageError(f"the parameters of the recorded layout {use.id!r} do not fit", problems) from None


def _problem(layout: str, item: dict[str, Any], allowed: list[str]) -> str:
    where = ".".join(str(part) for part in item["loc"] if part not in {"str", "tuple[str, ...]"})
    if item["type"] == "extra_forbidden":
        return f"recorded {layout}: unknown key {where!r}: {nearest(where, allowed)}"
    said = str(item["msg"]).removeprefix("Value error, ")
    given = "" if item["type"] == "missing" or not where else f" (given: {item['input']!r:.80})"
    return f"recorded {layout}: {where + ': ' if where else ''}{said}{given}"


def recorded_revision(use: Use, fetch: Fetch) -> str:
    """Gives what identifies the recorded responses: names and contents of the files, not where they lie.

    Raises:
        UsageError: when the layout or its parameters do not fit.
        InputError: when a file is missing or cannot be read.
    """
    # Names count because some layouts take the model from them.
    return digest([[path.name, fetch.sha256(path)] for path in _files(check_recorded(use), fetch)])


def _files(params: LayoutParams, fetch: Fetch) -> list[Any]:
    """Gives the files of all patterns in their order, each once."""
    return list(dict.fromkeys(path for pattern in params.patterns for path in fetch.resolve(pattern)))


def read_recorded(use: Use, fetch: Fetch) -> Recorded:
    """Reads every recorded response.

    Raises:
        UsageError: when the layout or its parameters do not fit.
        InputError: when a file is missing or cannot be read, or no file holds a response.
    """
    params = check_recorded(use)
    layout = LAYOUTS[use.id]
    recorded = Recorded()
    files = _files(params, fetch)
    for path in files:
        revision = f"sha256:{fetch.sha256(path)}"
        for row in fetch.rows(path):
            where = f"{path.name}:{row.number}"
            if isinstance(row, BadRow):
                recorded.drops.append(Drop(STAGE, where, row.reason, row.detail))
                continue
            try:
                # A row counts as a whole: one bad part and none of it is taken.
                found = list(layout.read(row.values, path.name, params))
            except Unreadable as error:
                recorded.drops.append(Drop(STAGE, where, error.reason, error.detail))
                continue
            recorded.responses += [(one, revision) for one in found]
    if not recorded.responses:
        shown = [f"{drop.record}: {drop.reason}: {drop.detail}" for drop in recorded.drops[:5]]
        names = ", ".join(path.name for path in files)
        raise InputError(f"no recorded response of layout {use.id!r} is in {names}", shown)
    return recorded


def join(recorded: Recorded, instructions: Sequence[Instruction]) -> Joined:
    """Puts each recorded response under every instruction it answers.

    A prompt answers an instruction whose only user turn it is, white space around it aside: what was said to a bare
    prompt is no answer to a conversation that ends with the same words. A row id answers the instruction with that
    source row. Samples of one model and file are counted in their order.
    """
    by_prompt, by_row = _indexed(instructions)
    joined = Joined([], [], list(recorded.drops), 0)
    counts: Counter[tuple[str, str, str]] = Counter()
    answered = set()
    for found, revision in recorded.responses:
        if found.prompt is not None:
            targets = by_prompt.get(found.prompt.strip(), [])
        else:
            targets = by_row.get(found.row or "", [])
        joined.unused += not targets
        for instruction in targets:
            answered.add(instruction.id)
            sample = counts[instruction.id, found.model, revision]
            counts[instruction.id, found.model, revision] += 1
            row = _row(found, instruction, revision, sample)
            joined.responses.append(row)
            _publish(joined, found, instruction, row["id"])
    for instruction in instructions:
        if instruction.id not in answered:
            what = f"none of {len(recorded.responses)} recorded responses answers row {instruction.source_row}"
            joined.drops.append(Drop(STAGE, instruction.id, "no_recorded_response", what))
    return joined


Index = dict[str, list[Instruction]]


def _indexed(instructions: Sequence[Instruction]) -> tuple[Index, Index]:
    by_prompt: Index = {}
    by_row: Index = {}
    for instruction in instructions:
        if sum(message["role"] != "system" for message in instruction.messages) == 1:
            by_prompt.setdefault(last_user_text(instruction.messages).strip(), []).append(instruction)
        by_row.setdefault(instruction.source_row, []).append(instruction)
    return by_prompt, by_row


def _row(found: Found, instruction: Instruction, revision: str, sample: int) -> dict[str, Any]:
    failed = found.text is None
    return {
        "id": response_id(instruction.id, instruction.messages, found.model, revision, "{}", sample),
        "instruction_id": instruction.id,
        "parent_id": None,
        "model": found.model,
        "revision": revision,
        "parameters": "{}",
        "sample_index": sample,
        "text": found.text,
        "thinking": None,
        "finish_reason": None,
        "prompt_tokens": None,
        "completion_tokens": None,
        "cost": None,
        "served_model": None,
        "system_fingerprint": None,
        "status": "failed" if failed else "ok",
        "error": "empty: the source has null in place of a response" if failed else None,
    }


def _publish(joined: Joined, found: Found, instruction: Instruction, response: str) -> None:
    """Adds a response's published verdicts, position by position, if they are as many as its constraints."""
    if found.labels is None:
        return
    if len(found.labels) != len(instruction.given):
        detail = (
            f"{len(found.labels)} verdicts for the {len(instruction.given)} constraints that came with {instruction.id}"
        )
        joined.drops.append(Drop(STAGE, response, "verdicts_do_not_fit", detail))
        return
    if found.asked is not None and found.asked != tuple(one.text for one in instruction.given):
        detail = f"the verdicts are on other questions than those that came with {instruction.id}"
        joined.drops.append(Drop(STAGE, response, "verdicts_do_not_fit", detail))
        return
    joined.published += _published(found, response)


def _published(found: Found, response: str) -> Iterator[dict[str, Any]]:
    labels = found.labels or ()
    for position, (label, reason) in enumerate(zip(labels, found.reasons or (None,) * len(labels), strict=True)):
        rater = found.rater or "published"
        yield {"response_id": response, "position": position, "label": label, "reason": reason, "rater": rater}
