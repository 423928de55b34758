"""Reading a plug-in's parameters from a recipe, and saying in its words what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ..errors import nearest

__all__ = ["read_params"]

P = TypeVar("P", bound=BaseModel)


def read_params(model: type[P], params: Mapping[str, Any], where: str) -> tuple[P, None] | tuple[None, list[str]]:
    """Checks parameters against their model.

    Args:
        where: what the parameters belong to; begins each problem, such as ``filter 'length'``.

    Returns:
        The parameters and null, or null and one line for each problem: what was given, what is allowed.
    """
    try:
        return model.model_validate(dict(params)), None
    except ValidationError as error:
        return None, [f"{where}: {_problem(model, item)}" for item in error.errors(include_url=False)]


def _problem(model: type[BaseModel], error: Any) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"no parameter is called {key!r}: {nearest(key, list(model.model_fields))}"
    if error["type"] == "missing":
        return f"{key} is missing"
    said = str(error["msg"]).removeprefix("Value error, ")
    said = said.replace("Input should be", "must be", 1)
    if not key:
        return said
    return f"{key}: {said} (given {error['input']!r:.80})"
