"""Writing a plug-in's file from a template: the names it may bear, its imports, and never over another file."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Mapping
from importlib import import_module
from pathlib import Path

from ..errors import UsageError

__all__ = ["check_name", "class_name", "import_lines", "is_package_folder", "write_new"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
Imports = Mapping[tuple[str, str], tuple[str, ...]]
"""What a template's code uses, by folder and module."""


def check_name(name: str, noun: str, taken: Collection[str]) -> None:
    """Checks a plug-in's name.

    Raises:
        UsageError: when it is not in lower snake case, is a keyword of Python, or is taken.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise UsageError(
            f"{name!r} cannot be a {noun}'s id: it names a Python file, so it takes small letters, digits and "
            f"underscores, begins with a letter and is no Python keyword; for example {_suggest(name, noun, taken)!r}"
        )
    if name in taken:
        raise UsageError(f"a {noun} is already called {name!r}; taken: {', '.join(sorted(taken))}")


def _suggest(name: str, noun: str, taken: Collection[str]) -> str:
    """Gives the nearest name that is allowed and free."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    snake = re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
    if not _NAME.fullmatch(snake) or keyword.iskeyword(snake):
        snake = f"{noun}_{snake}" if snake else f"my_{noun}"
    number = 2
    free = snake
    while free in taken:
        free, number = f"{snake}_{number}", number + 1
    return free


def class_name(name: str, noun: str, imports: Imports) -> str:
    """Gives the class a snake-case name stands for; one that the template imports gets the noun behind it."""
    camel = "".join(part.capitalize() for part in name.split("_"))
    taken = {imported for names in imports.values() for imported in names}
    return f"{camel}{noun.capitalize()}" if camel in taken or keyword.iskeyword(camel) else camel


def is_package_folder(folder: Path, package: str) -> bool:
    """Tells whether a registry that scans a package looks in this folder."""
    return folder.resolve() in {Path(path).resolve() for path in import_module(package).__path__}


def import_lines(imports: Imports, inside: Mapping[str, str] | None) -> str:
    """Gives the import lines.

    Args:
        imports: by folder and module.
        inside: the relative name of each folder, for a file inside the package; null for one outside.
    """
    roots = inside or {folder: f"benchwright.{folder}" for folder, _ in imports}
    lines = [f"from {roots[folder]}.{module} import {', '.join(names)}" for (folder, module), names in imports.items()]
    return "\n".join(sorted(lines))


def write_new(path: Path, text: str) -> None:
    """Writes a file that is not there yet.

    Raises:
        UsageError: when it is, or cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{str(path)!r} exists already: choose another name, or delete the file first") from None
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror}; choose a folder you may write to") from None
