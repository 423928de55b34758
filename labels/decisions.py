"""What people decided on soft constraints, from an annotation folder or a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..constraints.checklists.review import DecisionLike
from ..constraints.checklists.review import read_decisions as read_rows
from ..errors import InputError
from ..store.rows import read_rows as rows_of
from .annotation.records import item_decisions
from .annotation.store import ANNOTATIONS, AnnotationStore

__all__ = ["decision_row", "read_decisions"]


def read_decisions(path: Path) -> list[DecisionLike]:
    """Reads an annotation folder, or a file of decisions with a row each.

    Raises:
        InputError: when there is neither, or a row decides nothing that can be understood; with all of them.
    """
    if path.is_dir():
        if not (path / ANNOTATIONS).is_file():
            raise InputError(f"{path} holds no {ANNOTATIONS}: benchwright annotate DIR --tasks items makes one")
        with AnnotationStore.read(path / ANNOTATIONS) as store:
            return list(item_decisions(store.tasks("item"), store.given()))
    if not path.is_file():
        raise InputError(f"there is no {path}: name an annotation folder or a file of decisions")
    return list(read_rows(rows_of(path), str(path)))


def decision_row(decision: DecisionLike) -> dict[str, Any]:
    """Gives a decision as JSON types: what a stage that applies it is fingerprinted by."""
    return dict(vars(decision))
