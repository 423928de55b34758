"""Sampling parameters of requests that are none of the recipe's own: its own over ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["over_defaults"]


def over_defaults(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Gives what the recipe says of a model over what is asked by default.

    A null takes a parameter away. With ``max_completion_tokens`` in the recipe the default ``max_tokens`` goes, and the
    default temperature: models that want the one refuse the others.
    """
    full = {**defaults, **given}
    if given.get("max_completion_tokens") is not None:
        full = {name: value for name, value in full.items() if name in given or name not in _REFUSED}
    return {name: value for name, value in full.items() if value is not None}


_REFUSED = ("max_tokens", "temperature")
