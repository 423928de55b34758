"""Prompt files in IFEval's layout (Zhou et al. 2023, arXiv 2311.07911): IFEval, M-IFEval, IFBench. Apache-2.0.

A row is ``key``, ``prompt``, ``instruction_id_list`` and ``kwargs``: the prompt states its constraints already, the
lists say which they are, one parameter object each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import field_validator

from ...constraints.layout import read_lists
from ...errors import InputError, nearest
from ...schemas.canonical import canonical_json
from ...schemas.drop import Drop
from ...schemas.instruction import Given
from ...schemas.language import LANGUAGES
from ...store.fetch import Fetch
from ..files import FileRow, conversation, file_rows, files_revision
from ..source import Candidate, Source, SourceParams

__all__ = ["IfEval", "IfEvalParams"]

_COLUMNS = ("prompt", "instruction_id_list", "kwargs")
_LANGUAGE = re.compile(r"([a-z]{2}):(?=[^:]+:)")
"""M-IFEval writes the prompt's language before the id: ``es:punctuation:no_comma``."""
_CATEGORIES = {
    "change_case": "Linguistic",
    "combination": "Action",
    "copy": "Action",
    "count": "Numerical",
    "custom": "Action",
    "detectable_content": "Content",
    "detectable_format": "Format",
    "format": "Format",
    "keywords": "Content",
    "language": "Linguistic",
    "length_constraints": "Numerical",
    "punctuation": "Format",
    "ratio": "Numerical",
    "repeat": "Action",
    "sentence": "Linguistic",
    "special_character": "Linguistic",
    "startend": "Content",
    "words": "Linguistic",
}


class IfEvalParams(SourceParams):
    """Which files, and who checks."""

    files: str
    """JSONL files, relative to the data folder; may hold ``*``."""
    license: str | None = "Apache-2.0"
    language: str | None = None
    """The prompts' language; null takes the one that the constraint ids are marked with, else detects it."""

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
    marked = {match[1] for id, _ in listed if (match := _LANGUAGE.match(id))}
    return Candidate(
        messages=messages,
        row=place,
        revision=row.revision,
        license=params.license,
        language=params.language or (marked.pop() if len(marked) == 1 else None),
        given=tuple(_given(id, kwargs) for id, kwargs in listed),
    )


def _given(published: str, kwargs: dict[str, Any]) -> Given:
    """Gives a listed constraint."""
    id = published.removeprefix("en:")
    return Given(
        text=_words(id, kwargs),
        kind="verifiable",
        checker=id,
        kwargs=canonical_json(kwargs),
        categories=tuple(category for group in (id.split(":")[-2],) if (category := _CATEGORIES.get(group))),
        origin="attached",
    )


def _words(id: str, kwargs: dict[str, Any]) -> str:
    """Writes a constraint as its id and its parameters in their order: ``group:name (relation at least, n 3)``."""
    said = [f"{name} {value if isinstance(value, str) else canonical_json(value)}" for name, value in kwargs.items()]
    return f"{id} ({', '.join(said)})" if said else id
