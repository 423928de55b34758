"""The published tables that come with the package: what is where is said in ``data/README.md``."""

from __future__ import annotations

import lzma
from pathlib import Path

__all__ = ["read_data"]

_FOLDER = Path(__file__).with_name("data")


def read_data(name: str) -> str:
    """Gives the text of a file of ``data``, unpacked when its name ends in ``.xz``."""
    data = (_FOLDER / name).read_bytes()
    return (lzma.decompress(data) if name.endswith(".xz") else data).decode("utf-8")
