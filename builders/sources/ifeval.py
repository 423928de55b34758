"""Prompt files in IFEval's layout (Zhou et al. 2023, arXiv 2311.07911): IFEval, M-IFEval, IFBench, IFEvalG. Apache-2.0.

A row is ``key``, ``prompt``, ``instruction_id_list`` and ``kwargs``: the prompt states its constraints already, the
lists say which they are, one parameter object each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from ...constraints.layout import read_lists
from ...schemas.drop import Drop
from ...store.fetch import Fetch
from ..files import FileRow, conversation, files_revision, rows_of_layout
from ..listed import given_constraints, unknown_constraints
from ..source import Candidate, LanguageCode, Source, SourceParams

__all__ = ["IfEval", "IfEvalParams"]

_COLUMNS = ("prompt", "instruction_id_list", "kwargs")
_LANGUAGE = re.compile(r"([a-z]{2}):(?=[^:]+:)")
"""M-IFEval writes the prompt's language before the id: ``es:punctuation:no_comma``."""


class IfEvalParams(SourceParams):
    """Which files, and who checks."""

    files: str
    """JSONL files, relative to the data folder; may hold ``*``."""
    license: str | None = "Apache-2.0"
    language: LanguageCode | None = None
    """The prompts' language; null takes the one that the constraint ids are marked with, else detects it."""
    unknown_ids: Literal["drop", "keep"] = "drop"
    """What becomes of a row that lists an id which no constraint checks; kept, that constraint stays unrated."""


class IfEval(Source):
    """IFEval's prompts with the constraints they state."""

    id = "ifeval"
    Params = IfEvalParams

    def read(self, params: IfEvalParams, fetch: Fetch) -> Iterator[Candidate | Drop]:
        """Yields every row, as a candidate with a constraint per listed id, in order, or as a drop.

        Raises:
            InputError: when the files cannot be read or lack the layout's columns.
        """
        for row in rows_of_layout(fetch, params.files, _COLUMNS, "IFEval's"):
            yield row if isinstance(row, Drop) else _candidate(row, params)

    def revision(self, params: IfEvalParams, fetch: Fetch) -> str:
        """Gives the files' hash.

        Raises:
            InputError: when there is no such file or it cannot be read.
        """
        return files_revision(fetch, params.files)


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
