"""The settings of an annotation project: what they may be, and reading them from its file."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from ...errors import UsageError, WorkspaceError
from .task import Settings

__all__ = ["check_settings", "read_settings"]

_MOST = 9
"""People asked of one thing at most."""


def check_settings(settings: Settings) -> None:
    """Raises for settings that cannot be.

    Raises:
        UsageError: with every problem.
    """
    if problems := _problems(settings):
        raise UsageError("these settings of an annotation project cannot be", problems)


def _problems(settings: Settings) -> list[str]:
    problems = []
    for name in ("labels_per_item", "checks_per_pair"):
        value = getattr(settings, name)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST:
            problems.append(f"{name} is {value!r}: give a whole number from 1 to {_MOST}")
    if not isinstance(settings.arbitrate, bool):
        problems.append(f"arbitrate is {settings.arbitrate!r}: give true or false")
    share = settings.pass_share
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        problems.append(f"pass_share is {share!r}: give a number from 0 to 1")
    if not isinstance(settings.guidelines, str) or not settings.guidelines.strip():
        problems.append("guidelines are empty: give their text, or leave them out for the packaged ones")
    return problems


def read_settings(text: str, path: Path) -> Settings:
    """Reads settings as the file holds them; keys it does not know are left to newer versions.

    Raises:
        WorkspaceError: when they are none.
    """
    names = {field.name for field in fields(Settings)}
    try:
        value: Any = json.loads(text)
        settings = Settings(**{name: given for name, given in value.items() if name in names})
        check_settings(settings)
    except (ValueError, AttributeError, UsageError) as error:
        raise WorkspaceError(f"the annotation project {str(path)!r} is damaged: its settings: {error}") from None
    return settings
