"""Prompt files in IFEval's layout (Zhou et al. 2023, arXiv 2311.07911): IFEval, M-IFEval, IFBench, IFEvalG. Apache-2.0.

A row is ``key``, ``prompt``, ``instruction_id_list`` and ``kwargs``: the prompt states its constraints already, the
lists say which they are, one parameter object each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import field_validator

from ...constraints.layout import read_lists
from ...errors import InputError, nearest
from ...schemas.drop import Drop
from ...schemas.language import LANGUAGES
from ...store.fetch import Fetch
from ..files import FileRow, conversation, file_rows, files_revision
from ..listed import given_constraints, unknown_constraints
from ..source import Candidate, Source, SourceParams

__all__ = ["IfEval", "IfEvalParams"]

_COLUMNS = ("prompt", "instruction_id_list", "kwargs")
_LANGUAGE = re.compile(r"([a-z]{2}):(?=[^:]+:)")
"""M-IFEval writes the prompt's language before the id: ``es:punctuation:no_comma``."""


class IfEvalParams(SourceParams):
    """Which files, and who checks."""

    files: str
    """JSONL files, relative to the data folder; may hold ``*``."""
    license: str | None = "Apache-2.0"
    language: str | None = None
    """The prompts' language; null takes the one that the constraint ids are marked with, else detects it."""
    unknown_ids: Literal["drop", "keep"] = "drop"
    """What becomes of a row that lists an id which no constraint checks; kept, that constraint stays unrated."""

    @field_validator("language")
    @classmethod
    def _known(cls, language: str | None) -> str | None:
        if language is not None and language not in LANGUAGES:
            raise ValueError(f"is no ISO 639-1 code we know; {nearest(language, list(LANGUAGES))}")
        return language


class IfEval(Source):
    """IFEval's prompts with the constraints they state."""

    id = "ifeval"
    Params = IfEvalParams

    def read(self, params: IfEvalParams, fetch: Fetch) -> Iterator[Candidate | Drop]:
        """Yields every row, as a candidate with a constraint per listed id, in order, or as a drop.

        Raises:
            InputError: when the files cannot be read or lack the layout's columns.
        """
        checked = False
        for row in file_rows(fetch, params.files):
            if isinstance(row, Drop):
                yield row
                continue
            if not checked:
                _check_layout(row.values, params.files)
                checked = True
            yield _candidate(row, params)

    def revision(self, params: IfEvalParams, fetch: Fetch) -> str:
        """Gives the files' hash.

        Raises:
            InputError: when there is no such file or it cannot be read.
        """
        return files_revision(fetch, params.files)


def _check_layout(values: dict[str, Any], where: str) -> None:
    if absent := [name for name in _COLUMNS if name not in values]:
        lines = [
            f"no column {name!r}; {nearest(name, list(values)).replace('allowed:', 'there are:')}" for name in absent
        ]
        raise InputError(f"{where}: not in IFEval's layout", lines)


def _candidate(row: FileRow, params: IfEvalParams) -> Candidate | Drop:
    values = row.values
    key = values.get("key")
    place = row.place if key is None else str(key)
    try:
        listed = read_lists(values.get("instruction_id_list"), values.get("kwargs"))
    except ValueError as error:
        return Drop("collect", place, "bad_constraints", str(error))
    messages = conversation([{"role": "user", "content": values.get("prompt")}], place)
    if isinstance(messages, Drop):
        return messages
    if params.unknown_ids == "drop" and (unknown := unknown_constraints(listed)):
        return Drop("collect", place, "unknown_constraint", unknown)
    marked = {match[1] for id, _ in listed if (match := _LANGUAGE.match(id))}
    return Candidate(
        messages=messages,
        row=place,
        revision=row.revision,
        license=params.license,
        language=params.language or (marked.pop() if len(marked) == 1 else None),
        given=given_constraints(listed),
    )
