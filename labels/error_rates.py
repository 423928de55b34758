"""How often checks are wrong: counted on responses judged by hand, ``error_rates.yaml``, and drawn together."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import Field

from ..constraints.constraint import family_of
from ..constraints.published import checker_of
from ..constraints.run import Dialect
from ..errors import UsageError
from ..schemas.canonical import digest
from ..schemas.recipe import Strict
from .rater_model import Rates

__all__ = ["Counts", "Judged", "audited_rater", "audited_rates", "family_of_checker", "judged", "rates_digest"]

Count = Annotated[int, Field(ge=0)]


class Counts(Strict):
    """Responses of one family, by what the judgement says of them; those that the check cannot tell left out."""

    satisfied: Count
    missed: Count
    """Of ``satisfied``, those that the check calls violated."""
    violated: Count
    passed: Count
    """Of ``violated``, those that the check calls satisfied."""


class Judged(Strict):
    """The file."""

    source: str
    date: date
    """When the responses were judged."""
    weight: Annotated[float, Field(gt=0)]
    """How many judged responses of its own a family needs to count as much as all families together."""
    dialects: dict[Dialect, dict[str, Counts]]
    """By family: the part of our ids before the dot; of published ones the file that defines them."""


@cache
def _text() -> str:
    return files(__package__).joinpath("error_rates.yaml").read_text(encoding="utf-8")


@cache
def judged() -> Judged:
    """Gives what comes with the package."""
    return Judged.model_validate(yaml.safe_load(_text()))


def rates_digest() -> str:
    """Gives the sha256 of the file: what a stage that weighs checks is fingerprinted by."""
    return digest(_text())


def family_of_checker(checker: str) -> str | None:
    """Gives the family of a check by any id it goes by; null where no check bears it here."""
    try:
        return family_of(checker_of(checker))
    except UsageError:
        return None


def audited_rates(counts: Counts | None, families: dict[str, Counts], weight: float) -> Rates:
    """Gives the rates of a check of one family: its own counts and, as ``weight`` further ones, those of all families.

    The rate of all families together is ``(wrong + 1/2) / (judged + 1)``, Jeffreys' estimate, so that none is 0 or 1.

    Args:
        counts: null where nobody judged a response of the family: the rates of all families.
    """
    own = counts or Counts(satisfied=0, missed=0, violated=0, passed=0)
    missed, satisfied = sum(one.missed for one in families.values()), sum(one.satisfied for one in families.values())
    passed, violated = sum(one.passed for one in families.values()), sum(one.violated for one in families.values())
    misses = (own.missed + weight * (missed + 0.5) / (satisfied + 1)) / (own.satisfied + weight)
    passes = (own.passed + weight * (passed + 0.5) / (violated + 1)) / (own.violated + weight)
    return Rates(
        sensitivity=round(1.0 - misses, 6),
        specificity=round(1.0 - passes, 6),
        basis="audited",
        labels=own.satisfied + own.violated,
    )


def audited_rater(rater_id: str, version: str | None) -> Rates:
    """Gives the rates of a rater of kind ``code``.

    Args:
        rater_id: ``code:`` and the check's id.
        version: of its labels: ``official@…`` is the official dialect, anything else the fixed one.
    """
    file = judged()
    families = file.dialects["official" if (version or "").startswith("official@") else "fixed"]
    family = family_of_checker(rater_id.removeprefix("code:"))
    return audited_rates(families.get(family) if family else None, families, file.weight)
