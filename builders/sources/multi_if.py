"""Multi-IF's conversations (He et al. 2024, arXiv 2410.15553; CC-BY-NC-2.0): up to three turns, eight languages.

A row is ``key``, ``language`` (``English``) and, of each turn, ``turn_1_prompt`` (a message as JSON),
``turn_1_instruction_id_list`` and ``turn_1_kwargs`` (lists as JSON, the parameters as JSON again). A turn's lists
repeat what earlier turns asked for and still holds. The published file holds no answers; files of a run may, as
``turn_1_response``, as ``turns`` (the conversation so far) or as ``responses`` (one a turn).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...constraints.layout import parsed, read_lists
from ...schemas.drop import Drop
from ...schemas.language import language_code
from ...store.fetch import Fetch
from ..files import FileRow, conversation, files_revision, rows_of_layout
from ..listed import given_constraints, unknown_constraints
from ..source import Candidate, Source, SourceParams

__all__ = ["MultiIf", "MultiIfParams"]

_COLUMNS = ("language", "turn_1_prompt", "turn_1_instruction_id_list", "turn_1_kwargs")
_ABSENT = (None, "", "None")
"""How files write that there is no such turn or answer."""


class MultiIfParams(SourceParams):
    """Which files."""

    files: str
    """CSV, Parquet or JSONL files, relative to the data folder; may hold ``*``."""
    license: str | None = "CC-BY-NC-2.0"


class MultiIf(Source):
    """Multi-IF's turns with the constraints they state, each after the answers that it follows."""

    id = "multi_if"
    Params = MultiIfParams

    def read(self, params: MultiIfParams, fetch: Fetch) -> Iterator[Candidate | Drop]:
        """Yields every turn of every row, as a candidate with its listed constraints in order, or as a drop.

        A turn whose earlier answers are not in the file is a drop ``missing_response``.

        Raises:
            InputError: when the files cannot be read or lack the layout's columns.
        """
        for row in rows_of_layout(fetch, params.files, _COLUMNS, "Multi-IF's"):
            if isinstance(row, Drop):
                yield row
            else:
                yield from _turns(row, params)

    def revision(self, params: MultiIfParams, fetch: Fetch) -> str:
        """Gives the files' hash.

        Raises:
            InputError: when there is no such file or it cannot be read.
        """
        return files_revision(fetch, params.files)


def _turns(row: FileRow, params: MultiIfParams) -> Iterator[Candidate | Drop]:
    """Yields a row's turns; one that cannot be read takes those after it along."""
    key = row.values.get("key")
    own = row.place if key in _ABSENT else str(key)
    asked = _asked(row.values)
    if not asked:
        yield Drop("collect", own, "no_prompt", "turn_1_prompt is empty")
    answers = _answers(row.values, len(asked))
    history: list[Any] = []
    for number, prompt in asked.items():
        place, message = f"{own}/{number}", parsed(prompt)
        if len(history) < 2 * (number - 1):
            detail = f"turn {len(history) // 2 + 1} and its answer are not both in the row"
            yield Drop("collect", place, "missing_response", detail)
        elif not isinstance(message, Mapping):
            detail = f"turn_{number}_prompt is not a message as JSON: {prompt!r:.80}"
            yield Drop("collect", place, "not_messages", detail)
        else:
            yield _candidate(row, params, number, [*history, dict(message)], own)
            if (answer := answers.get(number)) is not None:
                history += [dict(message), {"role": "assistant", "content": answer}]


def _asked(values: dict[str, Any]) -> dict[int, Any]:
    """Gives the prompts by turn, from 1 to the last before one that is not there."""
    asked: dict[int, Any] = {}
    while values.get(f"turn_{len(asked) + 1}_prompt") not in _ABSENT:
        asked[len(asked) + 1] = values[f"turn_{len(asked) + 1}_prompt"]
    return asked


def _answers(values: dict[str, Any], turns: int) -> dict[int, str]:
    """Gives the answers that the row holds by turn."""
    columns = {n: values.get(f"turn_{n}_response") for n in range(1, turns + 1)}
    found = {n: text for n, text in columns.items() if isinstance(text, str) and text not in _ABSENT}
    if found:
        return found
    said, replies = parsed(values.get("turns")), parsed(values.get("responses"))
    if isinstance(said, list) and (answers := [one.get("content") for one in said if _role(one) == "assistant"]):
        replies = answers
    elif not isinstance(replies, list) or not _aligned(replies, values.get("turn_index")):
        return {}
    return {n: text for n, text in enumerate(replies, 1) if isinstance(text, str) and text}


def _aligned(replies: list[Any], turn: Any) -> bool:
    """Tells whether the answers are those of the turns from the first on: some files hold the latest one alone."""
    return not str(turn).isdecimal() or int(turn) == len(replies)


def _role(message: Any) -> Any:
    return message.get("role") if isinstance(message, Mapping) else None


def _candidate(row: FileRow, params: MultiIfParams, number: int, turns: list[Any], own: str) -> Candidate | Drop:
    place = f"{own}/{number}"
    lists = (row.values.get(f"turn_{number}_{name}") for name in ("instruction_id_list", "kwargs"))
    try:
        listed = read_lists(*lists)
    except ValueError as error:
        return Drop("collect", place, "bad_constraints", str(error))
    messages = conversation(turns, place)
    if isinstance(messages, Drop):
        return messages
    if unknown := unknown_constraints(listed):
        return Drop("collect", place, "unknown_constraint", unknown)
    language = row.values.get("language")
    return Candidate(
        messages=messages,
        row=place,
        revision=row.revision,
        license=params.license,
        language=language_code(language) if isinstance(language, str) else None,
        conversation=own,
        given=given_constraints(listed),
    )
