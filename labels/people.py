"""What people wrote that a recipe takes in: remarks on answers, decisions on soft constraints, annotations."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from ..constraints.checklists.review import DecisionLike
from ..errors import InputError
from ..schemas.recipe import Recipe
from ..store.fetch import BadRow, Fetch, Row
from .decisions import decision_row, read_decisions
from .human import Annotations, read_annotations

__all__ = ["People"]


class People:
    """The files and folders that a recipe names; each is read once."""

    def __init__(self, recipe: Recipe, fetch: Fetch) -> None:
        """Reads them.

        Raises:
            InputError: when some cannot be read, with all of them.
        """
        self._recipe, self._fetch = recipe, fetch
        reads: dict[str, Callable[[], object]] = {
            "constraints.checklists": lambda: self._files,
            "constraints.review": lambda: self.decisions,
            "labels.annotations": lambda: self.annotations,
        }
        problems: list[str] = []
        for key, read in reads.items():
            try:
                read()
            except InputError as error:
                problems += [f"{key}: {problem}" for problem in error.problems or (error.message,)]
        if problems:
            raise InputError(f"what the recipe {recipe.name!r} takes in of people cannot be read", problems)

    @cached_property
    def _files(self) -> dict[str, Path]:
        named = [use.feedback for use in self._recipe.constraints.checklists if use.feedback]
        return {name: self._file(name) for name in named}

    def _file(self, name: str) -> Path:
        found = self._fetch.resolve(name)
        if len(found) > 1:
            raise InputError(f"{name} names {len(found)} files, and remarks are in one: name it")
        return found[0]

    @property
    def remark_digests(self) -> dict[str, str]:
        """The sha256 of each file of remarks, by the name that the recipe has for it."""
        return {name: self._fetch.sha256(path) for name, path in self._files.items()}

    def remarks(self) -> dict[str, list[BadRow | Row]]:
        """Gives the rows of the files of remarks, by the name that the recipe has for each."""
        return {name: list(self._fetch.rows(path)) for name, path in self._files.items()}

    @cached_property
    def decisions(self) -> list[DecisionLike]:
        """What people decided on items of checklists."""
        review = self._recipe.constraints.review
        return [] if review is None else read_decisions(self._fetch.place(review))

    @property
    def decision_rows(self) -> list[dict[str, Any]]:
        """The decisions as JSON types."""
        return [decision_row(decision) for decision in self.decisions]

    @cached_property
    def annotations(self) -> Annotations:
        """What people answered in the annotation folders."""
        return read_annotations([self._fetch.place(folder) for folder in self._recipe.labels.annotations])
