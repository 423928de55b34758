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
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Endpoints and keys; not shown."""
    progress: Progress = QUIET
    release: str = "dev"
    """The release's name."""
    date: str | None = None
    """The release's date, ISO 8601; null writes none."""
    until: str | None = None
    """The last stage to run; null runs all."""
    concurrency: int | None = None
    """Requests in flight per server and model at most; null takes the provider's number."""
    endpoints: Path | None = None
    """A file that says how providers and models are asked; null takes the defaults."""
    prices: Path | None = None
    """A price list in place of the packaged one."""
    max_cost: float | None = None
    """US dollars that this build may spend, over all of its runs; null sets no limit."""
    max_tokens: int | None = None
    """Tokens that this build may use, prompts and answers, over all of its runs; null sets no limit."""
    retry_failed: bool = False
    """Asks again what failed for a reason that may pass."""
    batch: bool = False
    """Asks hosted models by their Batch API."""
    batch_wait: float | None = None
    """Seconds to wait for batches; null waits until they are done."""
    argv: tuple[str, ...] = ()
    """The command, for ``run.json``."""
    clock: Callable[[], float] = time.monotonic
    """Seconds, for the times in ``run.json``."""
    now: Callable[[], float] = time.time
    """Unix seconds, for waiting for batches."""
    sleep: Callable[[float], None] = time.sleep


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
    """Estimated ``prompt`` and ``completion`` tokens of what is owed by all stages, a strategy's further rounds left
    out; the latter is what the limits allow."""
    models: list[dict[str, Any]]
    """A row per stage and model that something is owed of: ``stage, model, requests``, ``prompt_tokens,
    completion_tokens, dollars`` (each a range ``low, likely, high``; dollars null where no price is known) and
    ``basis``, a sentence. A strategy's further rounds are rows of their own."""
    spent: dict[str, Any]
    """What this build has spent so far: ``answers, tokens, cost, unpriced``."""
    prices: dict[str, str]
    """The price list: ``name``, ``date`` and ``sha256`` of its file."""
