"""Running a recipe's filters one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import UsageError
from ..schemas.drop import Drop
from ..schemas.instruction import Instruction
from ..schemas.params import read_params
from ..schemas.recipe import Use
from .filter import FILTERS, Filter, FilterParams

__all__ = ["apply_filters", "check_filters"]


def apply_filters(uses: Sequence[Use], instructions: Sequence[Instruction]) -> tuple[list[Instruction], list[Drop]]:
    """Gives the instructions every filter lets through, in their order, and a drop for each of the others.

    Each filter sees what those before it kept. Drops are of stage ``filter``, their reason ``filter:code``.

    Raises:
        UsageError: for unknown filters and wrong parameters, with all of them.
    """
    kept = list(instructions)
    drops: list[Drop] = []
    for plugin, params in _read(uses):
        rejected = {rejection.index: rejection for rejection in plugin.reject(params, kept)}
        drops += [
            Drop("filter", kept[index].id, f"{plugin.id}:{rejected[index].reason}", rejected[index].detail)
            for index in sorted(rejected)
        ]
        kept = [instruction for index, instruction in enumerate(kept) if index not in rejected]
    return kept, drops


def check_filters(uses: Sequence[Use]) -> None:
    """Checks that every filter exists and takes its parameters.

    Raises:
        UsageError: with every problem.
    """
    _read(uses)


def _read(uses: Sequence[Use]) -> list[tuple[Filter, FilterParams]]:
    read: list[tuple[Filter, FilterParams]] = []
    problems: list[str] = []
    for use in uses:
        try:
            plugin = FILTERS.get(use.id)
        except UsageError as error:
            problems.append(error.message)
            continue
        params, wrong = read_params(plugin.Params, use.params, f"filter {use.id!r}")
        if params is None:
            problems += wrong or ()
        else:
            read.append((plugin, params))
    if problems:
        raise UsageError("the filters cannot be used as given", problems)
    return read
