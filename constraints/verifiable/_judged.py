"""What the checks of data and code say: wrong, not to be judged, or right; and what they need that may be missing."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from ...schemas.outcome import Outcome
from ..constraint import Check
from ..document import Document

__all__ = ["ALL_FAMILIES", "MISSING", "Unjudged", "Wrong", "complete_part", "optional", "part_check"]

ALL_FAMILIES = frozenset(file.stem for file in Path(__file__).parent.glob("[!_]*.py"))
"""What a constraint conflicts with that leaves nothing of a response open: every family of constraints."""
MISSING = "needs {name}: pip install 'benchwright[checks]'"
_LONGEST = 200
"""Characters of a reason that are kept: parsers quote what they read."""


class Wrong(ValueError):
    """The text is not what was asked for."""

    def __init__(self, reason: str, at: int | None = None) -> None:
        super().__init__(reason[:_LONGEST])
        self.at = at
        """Where in the text, in characters; null where it cannot be said."""


class Unjudged(Exception):
    """It cannot be told: too large, too deep, or a library is missing."""


def optional(module: str, name: str) -> Any:
    """Imports a library of the extra ``checks``.

    Raises:
        Unjudged: when it is not installed; the reason names the pip line.
    """
    try:
        return import_module(module)
    except ImportError:
        raise Unjudged(MISSING.format(name=name)) from None


def part_check(error: Wrong | Unjudged, start: int, length: int) -> Check:
    """Gives the verdict that an error stands for.

    Args:
        start: where the text that was read begins in the response.
        length: of the response.
    """
    if isinstance(error, Unjudged):
        return Check(Outcome.UNKNOWN, str(error))
    spans = () if error.at is None else ((min(start + error.at, length), min(start + error.at + 1, length)),)
    return Check(Outcome.VIOLATED, str(error) or "not valid", None, spans)


def complete_part(document: Document) -> Document:
    """Gives the whole lines of a cut response: what they show stays, whatever follows; any other as it is."""
    if not document.cut:
        return document
    text = document.text
    return Document(text[: text.rfind("\n") + 1], messages=document.messages)
