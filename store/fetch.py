"""The door to sources: local files and Hub datasets, read row by row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Fetch"]


@dataclass(frozen=True)
class Fetch:
    """Reads what recipes name."""

    data: Path | None = None
    """The folder that relative paths of recipes start from (``--data``, ``BENCHWRIGHT_DATA``)."""
