"""Parameters of IFBench's counting constraints, under their published names."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from ..constraint import ConstraintParams
from ._ifbench_lists import CONJUNCTIONS, PERSON_NAMES
from ._ifbench_text import folded
from ._keyword import Written

__all__ = ["TIMES", "ConjunctionCount", "Keywords", "Least", "NameCount", "NumberCount", "WordLimits"]

Positive = Annotated[int, Field(ge=1, le=100_000)]
TIMES = (1, 2, 3, 5, 7)
"""How often each of the five keywords occurs."""


class Least(ConstraintParams):
    """How many at least; of Japanese words, at which distance."""

    N: Positive


class WordLimits(ConstraintParams):
    """Fewest and most words."""

    min_words: Annotated[int, Field(ge=0, le=100_000)]
    max_words: Positive

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_words > self.max_words:
            raise ValueError(f"no text has at least {self.min_words} and at most {self.max_words} words")
        return self


class NumberCount(ConstraintParams):
    """How many numbers."""

    N: Annotated[int, Field(ge=0, le=100_000)]


class ConjunctionCount(ConstraintParams):
    """How many of the seven conjunctions."""

    small_n: Annotated[int, Field(ge=1, le=len(CONJUNCTIONS))]


class NameCount(ConstraintParams):
    """How many of the fifty names."""

    N: Annotated[int, Field(ge=1, le=len(PERSON_NAMES))]


class Keywords(ConstraintParams):
    """Five different keywords."""

    keyword1: Written
    keyword2: Written
    keyword3: Written
    keyword4: Written
    keyword5: Written

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len(set(folded(self.listed))) < len(TIMES):
            raise ValueError("a keyword comes twice: it cannot occur two numbers of times")
        return self

    @property
    def listed(self) -> list[str]:
        """The keywords in their order."""
        return [self.keyword1, self.keyword2, self.keyword3, self.keyword4, self.keyword5]
