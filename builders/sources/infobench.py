"""Decomposed questions in InFoBench's layout (Qin et al. 2024, arXiv 2401.03601; MIT): requirements as questions.

A row is ``id``, ``instruction``, ``input`` (empty, or null in translations, where there is none), ``subset``,
``category``, ``decomposed_questions`` and ``question_label``: of each question the kinds of requirement it asks for.
Files of a run add ``output`` and ``eval``, which the recorded layout ``infobench`` reads.

Kinds become categories by name: Format, Content, Style and Linguistic as they are, Number as Numerical. Where a row has
not as many labels as questions, which label is whose cannot be told: its questions are of no category.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...schemas.drop import Drop
from ...schemas.instruction import Given
from ...store.fetch import Fetch
from ..files import FileRow, conversation, files_revision, rows_of_layout
from ..source import Candidate, LanguageCode, Source, SourceParams

__all__ = ["CATEGORY_OF", "InfoBench", "InfoBenchParams", "asked_text", "questions_of"]

CATEGORY_OF: Mapping[str, str] = {
    "Content": "Content",
    "Format": "Format",
    "Linguistic": "Linguistic",
    "Number": "Numerical",
    "Style": "Style",
}
_COLUMNS = ("instruction", "input", "decomposed_questions")


class InfoBenchParams(SourceParams):
    """Which files."""

    files: str
    """JSONL files, relative to the data folder; may hold ``*``. One of several runs over the same rows is enough."""
    license: str | None = "MIT"
    language: LanguageCode | None = None
    """The instructions' language; null detects it."""


class InfoBench(Source):
    """InFoBench's instructions with a soft constraint for each decomposed question."""

    id = "infobench"
    Params = InfoBenchParams

    def read(self, params: InfoBenchParams, fetch: Fetch) -> Iterator[Candidate | Drop]:
        """Yields every row, as a candidate with a constraint per question, in order, or as a drop.

        Raises:
            InputError: when the files cannot be read or lack the layout's columns.
        """
        for row in rows_of_layout(fetch, params.files, _COLUMNS, "InFoBench's"):
            yield row if isinstance(row, Drop) else _candidate(row, params)

    def revision(self, params: InfoBenchParams, fetch: Fetch) -> str:
        """Gives the files' hash.

        Raises:
            InputError: when there is no such file or it cannot be read.
        """
        return files_revision(fetch, params.files)


def asked_text(values: Mapping[str, Any]) -> str | None:
    """Gives what a row asks: the instruction and, after an empty line, its input; null where one is no text."""
    instruction, given = values.get("instruction"), values.get("input")
    if not isinstance(instruction, str) or not isinstance(given, str | None):
        return None
    return "\n\n".join(part for part in (instruction.strip(), (given or "").strip()) if part)


def questions_of(values: Mapping[str, Any]) -> list[str] | None:
    """Gives a row's questions; null where it has none, or one that is no text."""
    questions = values.get("decomposed_questions")
    if not isinstance(questions, list) or not questions:
        return None
    return questions if all(isinstance(one, str) and one.strip() for one in questions) else None


def _candidate(row: FileRow, params: InfoBenchParams) -> Candidate | Drop:
    values = row.values
    place = row.place if values.get("id") is None else str(values["id"])
    text = asked_text(values)
    if text is None:
        detail = f"instruction is {values.get('instruction')!r:.80}, input {values.get('input')!r:.80}: not texts"
        return Drop("collect", place, "no_text", detail)
    questions = questions_of(values)
    if questions is None:
        detail = f"decomposed_questions is {values.get('decomposed_questions')!r:.80}, not a list of texts"
        return Drop("collect", place, "bad_constraints", detail)
    messages = conversation([{"role": "user", "content": text}], place)
    if isinstance(messages, Drop):
        return messages
    kinds = values.get("question_label")
    if not isinstance(kinds, list) or len(kinds) != len(questions):
        kinds = [None] * len(questions)
    given = (Given(one.strip(), categories=_categories(kind)) for one, kind in zip(questions, kinds, strict=True))
    return Candidate(
        messages=messages,
        row=place,
        revision=row.revision,
        license=params.license,
        language=params.language,
        given=tuple(given),
        tags=tuple(str(values[name]) for name in ("subset", "category") if isinstance(values.get(name), str)),
    )


def _categories(kinds: Any) -> tuple[str, ...]:
    """Gives the categories of a question's kinds, each once; a kind that is none of ours is left out."""
    named = [kinds] if isinstance(kinds, str) else kinds if isinstance(kinds, list) else []
    return tuple(dict.fromkeys(CATEGORY_OF[kind] for kind in named if isinstance(kind, str) and kind in CATEGORY_OF))
