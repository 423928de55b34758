"""What a filter is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from ..schemas.instruction import Instruction
from ..schemas.plugin import Registry

__all__ = ["FILTERS", "Filter", "FilterParams", "Rejection"]


class FilterParams(BaseModel):
    """Parameters of a filter; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Rejection:
    """One instruction that a filter does not let through."""

    index: int
    """Its place in the sequence the filter was given."""
    reason: str
    """A code in snake_case."""
    detail: str
    """What was found and what was allowed."""


class Filter(ABC):
    """Lets instructions through or says why not. One class a file; the file's name is the id.

    A filter is pure: what it says depends on its parameters and the instructions alone.
    """

    id: ClassVar[str]
    version: ClassVar[int] = 1
    """Bumped by hand when the filter's behaviour changes."""
    Params: ClassVar[type[FilterParams]] = FilterParams

    @abstractmethod
    def reject(self, params: Any, instructions: Sequence[Instruction]) -> Iterator[Rejection]:
        """Yields the instructions that go, each once, in any order."""


FILTERS: Registry[Filter] = Registry("filter", "benchwright.filters", Filter, "benchwright.filters")
