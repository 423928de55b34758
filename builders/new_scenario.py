"""Writing a new scenario's file from the template: it passes the contract test before a word of it is edited."""

from __future__ import annotations

import keyword
import re
from importlib import import_module
from importlib.resources import files
from pathlib import Path

from ..errors import UsageError
from .scenario import SCENARIOS

__all__ = ["write_scenario"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_IMPORTS = {
    ("schemas", "instruction"): ("Given",),
    ("schemas", "messages"): ("last_user_text",),
    ("schemas", "recipe"): ("Use",),
    ("builders", "scenario"): ("Gold", "GoldConstraint", "Scenario"),
    ("builders", "source"): ("Candidate",),
}
"""What the template's code uses, by folder and module."""


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
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise UsageError(
            f"{name!r} cannot be a scenario's id: it names a Python file, so it takes small letters, digits and "
            f"underscores, begins with a letter and is no Python keyword; for example {_suggest(name)!r}"
        )
    if SCENARIOS.has(name):
        raise UsageError(f"a scenario is already called {name!r}; taken: {', '.join(SCENARIOS.ids())}")
    if not folder.is_dir():
        raise UsageError(f"there is no folder {str(folder)!r} to write the scenario to: make it first")
    path = folder / f"{name}.py"
    template = files(f"{__package__}.scenarios").joinpath("template.txt").read_text(encoding="utf-8")
    marks = {"@NAME@": name, "@CLASS@": _class_name(name), "@IMPORTS@": _imports(inside=_is_ours(folder))}
    for mark, text in marks.items():
        template = template.replace(mark, text)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(template)
    except FileExistsError:
        raise UsageError(f"{str(path)!r} exists already: choose another name, or delete the file first") from None
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror}; choose a folder you may write to") from None
    return path


def _suggest(name: str) -> str:
    """Gives the nearest name that is allowed and free."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    snake = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
    if not _NAME.fullmatch(snake) or keyword.iskeyword(snake):
        snake = f"scenario_{snake}" if snake else "my_scenario"
    number = 2
    free = snake
    while SCENARIOS.has(free):
        free, number = f"{snake}_{number}", number + 1
    return free


def _class_name(name: str) -> str:
    camel = "".join(part.capitalize() for part in name.split("_"))
    taken = {imported for names in _IMPORTS.values() for imported in names}
    return f"{camel}Scenario" if camel in taken or keyword.iskeyword(camel) else camel


def _is_ours(folder: Path) -> bool:
    """Tells whether the registry looks for scenarios in this folder."""
    return folder.resolve() in {Path(path).resolve() for path in import_module(SCENARIOS.package).__path__}


def _imports(*, inside: bool) -> str:
    """Gives the import lines, relative inside the package and with the root's name outside."""
    roots = {"schemas": "...schemas", "builders": "."}
    if not inside:
        roots = {folder: f"benchwright.{folder}" for folder in roots}
    lines = [f"from {roots[folder]}.{module} import {', '.join(names)}" for (folder, module), names in _IMPORTS.items()]
    return "\n".join(sorted(lines))
