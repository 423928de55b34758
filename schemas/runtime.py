"""How a build is run, and what it gives: nothing here bears on what a release holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .progress import QUIET, Progress

__all__ = ["Built", "Plan", "Runtime"]


@dataclass(frozen=True)
class Runtime:
    """Folders, endpoints, keys, concurrency: never hashed. Name and date of the release are arguments, not facts."""

    workspace: Path
    """Where finished stages and the request ledger lie."""
    out: Path | None = None
    """The release goes to ``out/release``; null writes none."""
    data: Path | None = None
    """Where a recipe's relative paths start from; null is the working directory."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """Endpoints and keys."""
    progress: Progress = QUIET
    release: str = "dev"
    """The release's name."""
    date: str | None = None
    """The release's date, ISO 8601; null writes none."""
    until: str | None = None
    """The last stage to run; null runs all."""
    concurrency: int | None = None
    """Requests in flight per endpoint at most; null takes the default."""
    argv: tuple[str, ...] = ()
    """The command, for ``run.json``."""
    clock: Callable[[], float] = time.monotonic
    """Seconds, for the times in ``run.json``."""


@dataclass(frozen=True)
class Built:
    """What a build gives."""

    release: Path | None
    """The release's folder; null where the build ended before it."""
    run: dict[str, Any]
    """What ``run.json`` holds: counts, drops, funnel, shares, model calls, tokens, seconds, stages."""


@dataclass(frozen=True)
class Plan:
    """What a build would do."""

    stages: list[dict[str, Any]]
    """A row per stage: ``name, fingerprint, done, owed``; ``owed`` counts model requests, null for other stages."""
    instructions: int
    """Instructions that would be sampled."""
    tokens: dict[str, int]
    """Estimated ``prompt`` and ``completion`` tokens of what is owed; the latter is what the limits allow."""
