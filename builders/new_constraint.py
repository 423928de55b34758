"""Writing a new constraint's files from the templates: they pass the contract test before a word is edited."""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from ..constraints.constraint import CONSTRAINTS, families
from ..errors import UsageError
from .template import check_name, class_name, import_lines, is_package_folder, write_new

__all__ = ["WrittenConstraint", "write_constraint"]

_IMPORTS = {
    ("constraints", "document"): ("Document", "Span"),
    ("constraints.verifiable", "_counted"): ("Counted", "Draws"),
    ("constraints.verifiable", "_wording"): ("Forms", "Nouns"),
}
_INSIDE = {"constraints": ".", "constraints.verifiable": ""}


class WrittenConstraint(NamedTuple):
    """What was written."""

    path: Path
    """The constraint, ``NAME.py``."""
    fixtures: Path
    """Its fixtures, ``NAME.jsonl``: in a checkout among the tests', else beside the constraint."""


def write_constraint(name: str, folder: Path) -> WrittenConstraint:
    """Writes a family with one working constraint, ``NAME.questions``, and its fixtures.

    In the package's own folder it is found at the next start; a file elsewhere imports Benchwright by its full name and
    is found through the entry point ``benchwright.constraints`` of the package it lies in.

    Args:
        name: the family, in lower snake case.
        folder: an existing folder.

    Raises:
        UsageError: when the name is not in lower snake case or is taken, a file exists, or the folder does not.
    """
    check_name(name, "constraint", families(CONSTRAINTS.ids()))
    if not folder.is_dir():
        raise UsageError(f"there is no folder {str(folder)!r} to write the constraint to: make it first")
    ours = is_package_folder(folder, CONSTRAINTS.package)
    package = files(import_module(CONSTRAINTS.package))
    marks = {
        "@NAME@": name,
        "@CLASS@": class_name(name, "constraint", _IMPORTS),
        "@IMPORTS@": import_lines(_IMPORTS, _INSIDE if ours else None),
    }
    tests = folder.parents[1] / "tests" / "fixtures"
    fixtures = (tests if ours and tests.is_dir() else folder) / f"{name}.jsonl"
    written = WrittenConstraint(folder / f"{name}.py", fixtures)
    for path, template in zip(written, ("template.txt", "template_fixtures.txt"), strict=True):
        text = package.joinpath(template).read_text(encoding="utf-8")
        for mark, value in marks.items():
            text = text.replace(mark, value)
        write_new(path, text)
    return written
