"""Benchwright builds instruction-following benchmarks for judges and reward models from what real users asked."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# Where each public name lives. Names are loaded on first use, so that importing the package costs nothing.
_HOMES = {
    "BenchwrightError": "errors",
    "Candidate": "builders.source",
    "Filter": "filters.filter",
    "Fetch": "store.fetch",
    "Gold": "builders.scenario",
    "Instruction": "schemas.instruction",
    "Outcome": "schemas.outcome",
    "Recipe": "schemas.recipe",
    "Runtime": "pipeline",
    "Scenario": "builders.scenario",
    "Source": "builders.source",
    "VerifiableConstraint": "constraints.constraint",
    "audit": "release.audit",
    "build": "pipeline",
    "load_recipe": "recipes.load",
    "validate": "release.validate",
}

if TYPE_CHECKING:
    from benchwright.builders.scenario import Gold as Gold
    from benchwright.builders.scenario import Scenario as Scenario
    from benchwright.builders.source import Candidate as Candidate
    from benchwright.builders.source import Source as Source
    from benchwright.constraints.constraint import VerifiableConstraint as VerifiableConstraint
    from benchwright.errors import BenchwrightError as BenchwrightError
    from benchwright.filters.filter import Filter as Filter
    from benchwright.pipeline import Runtime as Runtime
    from benchwright.pipeline import build as build
    from benchwright.recipes.load import load_recipe as load_recipe
    from benchwright.release.audit import audit as audit
    from benchwright.release.validate import validate as validate
    from benchwright.schemas.instruction import Instruction as Instruction
    from benchwright.schemas.outcome import Outcome as Outcome
    from benchwright.schemas.recipe import Recipe as Recipe
    from benchwright.store.fetch import Fetch as Fetch

__all__ = [*sorted(_HOMES, key=str.casefold), "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'benchwright' has no attribute {name!r}")
    return getattr(import_module(f"benchwright.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
