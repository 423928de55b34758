"""How reliable raters are: the numbers from which posteriors follow, as a release carries them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from ..schemas.recipe import Strict

__all__ = ["RaterModel", "Rates"]

Share = Annotated[FiniteFloat, Field(gt=0, lt=1)]
"""Neither 0 nor 1: no single label settles what other raters say."""


class Rates(Strict):
    """One rater's confusion, two outcomes by two."""

    sensitivity: Share
    """Probability that the rater says *satisfied* of what is satisfied."""
    specificity: Share
    """Probability that the rater says *violated* of what is violated."""
    basis: Literal["audited", "fitted", "given"]
    """``audited``: from responses judged by hand, and fixed; ``fitted``: from the labels; ``given``: by you."""
    labels: Annotated[int, Field(ge=0)]
    """What they were drawn from: the rater's labels that are not unknown; of ``audited``, the hand-judged responses of
    the check's family."""


class RaterModel(Strict):
    """All that ``aggregate`` needs beside the labels; a release's manifest carries it whole."""

    method: Literal["dawid_skene", "mace"]
    prior: Share
    """Share of (response, constraint) taken to be satisfied before anybody has rated them."""
    raters: dict[str, Rates]
    """By rater id, sorted."""
