"""Prompt texts, which are files beside their users, and the fences between which texts are shown to a model."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

__all__ = ["fence", "prompt"]

_RUN = re.compile("`+")


@cache
def _text(package: str, name: str) -> str:
    return files(package).joinpath(f"{name}.txt").read_text(encoding="utf-8").removesuffix("\n")


def prompt(package: str, name: str, **values: str) -> str:
    """Gives a prompt text with its places filled; braces within the values are left as they are.

    A new wording is a new file with the next number.

    Args:
        package: the package whose folder holds ``NAME.txt``.
        name: the file's name without its ending, with the wording's version: ``rlmt_v1``.
        values: what stands at ``{name}`` in the text.
    """
    return _text(package, name).format_map(values)


def fence(*texts: str) -> str:
    """Gives a line of backticks longer than any in the texts, so that none of them can end its own part."""
    runs = (len(run) for text in texts for run in _RUN.findall(text))
    return "`" * max(3, 1 + max(runs, default=0))
