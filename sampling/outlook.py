"""What a strategy may ask beyond first answers, estimated from theirs. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ..schemas.recipe import Strategy
from .estimate import Estimate, Range
from .judging import VERDICT_TOKENS, by_code
from .prices import Prices

__all__ = ["beyond", "guessed"]

_FEEDBACK = 120
"""Tokens of the words around what a revision or a verdict is asked on, and of the items."""


def beyond(
    strategy: Strategy | None, first: Sequence[Estimate], constraints: pl.DataFrame, prices: Prices, batch: bool
) -> list[tuple[str, Estimate]]:
    """Gives what may be asked beyond first answers, each with what it is called; nothing where a strategy asks no more.

    Nobody knows beforehand how many answers miss something: the range is from none to all of them, in every round.

    Args:
        first: all first answers, those that were given before too.
        constraints: table ``Constraints``.
    """
    if strategy is None or strategy.id == "guided":
        return []
    rounds = strategy.rounds if strategy.id == "self_refine" else 0
    found: list[tuple[str, Estimate]] = []
    soft = _soft(constraints) if strategy.critic == "self" else 0.0
    for one in first:
        if rounds:
            found.append(("revisions", _more(one, rounds, one.completion_tokens.high, prices, batch)))
        if soft:
            # A round judges what it revises; best of n judges once.
            verdicts = VERDICT_TOKENS * one.requests
            found.append(("critiques", _more(one, soft * max(1, rounds), verdicts, prices, batch)))
    return found


def _soft(constraints: pl.DataFrame) -> float:
    """Gives how many constraints of an instruction no check has, in the mean."""
    soft = sum(not by_code(row) for row in constraints.iter_rows(named=True))
    return soft / max(1, constraints["instruction_id"].n_unique())


def _more(first: Estimate, times: float, completion: float, prices: Prices, batch: bool) -> Estimate:
    """Estimates requests that show a first answer again, so many times as many.

    Args:
        completion: tokens of as many answers as there are first ones, at most.
    """
    requests = round(first.requests * times)
    prompt = times * (first.prompt_tokens.high + first.completion_tokens.high + _FEEDBACK * first.requests)
    prompts, completions = Range(0, prompt / 2, prompt), Range(0, times * completion / 2, times * completion)
    basis = "none to all first answers miss something"
    return guessed(first.model, requests, prompts, completions, prices, batch, basis)


def guessed(
    model: str, requests: int, prompts: Range, completions: Range, prices: Prices, batch: bool, basis: str
) -> Estimate:
    """Gives the estimate of requests that cannot be made yet, in dollars where the model has a price.

    Args:
        prompts: tokens of all prompts; completions: of all answers.
        basis: a sentence on where the figures come from.
    """
    price = prices.find(model)
    dollars = None
    if price is not None:
        pairs = zip(prompts, completions, strict=True)
        dollars = Range(*(price.dollars(asked, answered, batch=batch) for asked, answered in pairs))
    return Estimate(model, requests, prompts, completions, dollars, basis)
