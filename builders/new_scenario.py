"""Writing a new scenario's file from the template: it passes the contract test before a word of it is edited."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from ..errors import UsageError
from .scenario import SCENARIOS
from .template import check_name, class_name, import_lines, is_package_folder, write_new

__all__ = ["write_scenario"]

_IMPORTS = {
    ("schemas", "instruction"): ("Given",),
    ("schemas", "messages"): ("last_user_text",),
    ("schemas", "recipe"): ("Use",),
    ("builders", "scenario"): ("Gold", "GoldConstraint", "Scenario"),
    ("builders", "source"): ("Candidate",),
}
_INSIDE = {"schemas": "...schemas", "builders": "."}


def write_scenario(name: str, folder: Path) -> Path:
    """Writes ``NAME.py`` with a working scenario of that id.

    In the package's own scenarios folder it is found by its id at the next start; a file elsewhere imports Benchwright
    by its full name and is found through the entry point ``benchwright.scenarios`` of the package it lies in.

    Args:
        name: the id, in lower snake case.
        folder: an existing folder.

    Raises:
        UsageError: when the name is not in lower snake case or is taken, the file exists, or the folder does not.
    """
    check_name(name, "scenario", SCENARIOS.ids())
    if not folder.is_dir():
        raise UsageError(f"there is no folder {str(folder)!r} to write the scenario to: make it first")
    inside = _INSIDE if is_package_folder(folder, SCENARIOS.package) else None
    template = files(f"{__package__}.scenarios").joinpath("template.txt").read_text(encoding="utf-8")
    marks = {
        "@NAME@": name,
        "@CLASS@": class_name(name, "scenario", _IMPORTS),
        "@IMPORTS@": import_lines(_IMPORTS, inside),
    }
    for mark, text in marks.items():
        template = template.replace(mark, text)
    path = folder / f"{name}.py"
    write_new(path, template)
    return path
