"""What a proof is: it runs the real thing, checks what it promises, and gives its figures."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Proof", "Skipped", "benchwright", "data_folder", "tree_hashes"]


class Skipped(Exception):
    """A proof that cannot run here, and why."""


@dataclass
class Proof:
    """One proof's outcome."""

    name: str
    command: str
    """What a reader types to run it again."""
    figures: dict[str, Any] = field(default_factory=dict)


def data_folder() -> Path:
    """Gives the folder of real data that some recipes read, or skips."""
    named = os.environ.get("BENCHWRIGHT_DATA")
    folder = Path(named) if named else Path(__file__).parents[1] / "../shared/data"
    if not folder.is_dir():
        raise Skipped("needs the folder of real data: set BENCHWRIGHT_DATA")
    return folder.resolve()


def benchwright(*args: str, env: dict[str, str] | None = None, check: bool = True) -> tuple[int, dict[str, Any]]:
    """Runs the command line; gives its exit code and the JSON object of its last line (empty where there is none)."""
    done = subprocess.run(
        [sys.executable, "-m", "benchwright", *args],
        capture_output=True,
        text=True,
        env={**os.environ, **(env or {})},
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"benchwright {' '.join(args)} exited {done.returncode}:\n{done.stderr[-2000:]}")
    lines = done.stdout.strip().splitlines()
    last = lines[-1] if lines else ""
    return done.returncode, json.loads(last) if last.startswith("{") else {}


def tree_hashes(folder: Path) -> dict[str, str]:
    """Gives the sha256 of every file below a folder, by its relative path."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
