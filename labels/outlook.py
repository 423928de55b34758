"""What checklists and judges will ask, before there is anything to ask about: guesses for ``plan``. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from ..sampling.estimate import TOKENS_PER_WORD, TOKENS_UNLIMITED, Estimate, Range
from ..sampling.outlook import guessed
from ..sampling.prices import Prices
from ..schemas.instruction import Instruction
from ..schemas.recipe import JudgeUse, SamplingPolicy
from ..schemas.text import count_words
from .judge import estimate_calls
from .labellers.labeller import make_labeller

__all__ = ["Sizes", "checklists_ask", "judges_ask", "sizes_of"]

_AROUND = 400
"""Tokens of the words around what is judged or drawn from."""
_LIST = Range(100, 400, 1024)
"""Tokens of a list of items."""
_SPREAD = 4.0
"""Ends of a guess of text, as a factor under and over it."""


class Sizes(NamedTuple):
    """Tokens of what is shown, in the mean."""

    prompt: float
    """Of an instruction."""
    answer: float
    """Of a response."""


def sizes_of(instructions: Sequence[Instruction], answers: pl.DataFrame | None, policy: SamplingPolicy) -> Sizes:
    """Guesses the sizes of instructions and of responses, those that are there or may be.

    Args:
        answers: table ``Responses``; null where there are none yet: then half the limit of the parameters.
    """
    words = [sum(count_words(turn["content"]) for turn in one.messages) for one in instructions]
    if answers is not None:
        texts = answers["text"].drop_nulls().to_list()
        answer = TOKENS_PER_WORD * sum(map(count_words, texts)) / max(1, len(texts))
    else:
        limit = policy.parameters.get("max_completion_tokens", policy.parameters.get("max_tokens"))
        answer = (limit if isinstance(limit, int) else TOKENS_UNLIMITED) / 2
    return Sizes(TOKENS_PER_WORD * sum(words) / max(1, len(words)), answer)


def checklists_ask(owed: Mapping[str, int], sizes: Sizes, prices: Prices, batch: bool) -> list[Estimate]:
    """Estimates drawing checklists.

    Args:
        owed: calls by model.
    """
    return [
        guessed(model, calls, _times(calls, sizes.prompt), _scaled(_LIST, calls), prices, batch, _BASIS)
        for model, calls in owed.items()
        if calls
    ]


_BASIS = "checklists and judging: calls counted, tokens guessed from the instructions and the limits"


def judges_ask(
    uses: Sequence[JudgeUse],
    constraints: pl.DataFrame,
    responses: Mapping[str, int],
    sizes: Sizes,
    prices: Prices,
    batch: bool,
) -> list[Estimate]:
    """Estimates judging, over the constraints known so far.

    Args:
        responses: responses by instruction id.
    """
    found = []
    for use in uses:
        labeller = make_labeller(use.id, use.params)
        # A judge of all responses at once is shown as many.
        shown = max(responses.values(), default=1) if use.id == "joint" else 1
        most = {**labeller.parameters(), **use.model.parameters}.get("max_tokens") or 1024
        limit = int(most) if isinstance(most, int) else 1024
        for calls in estimate_calls([use], constraints, responses):
            prompts = _times(calls.calls, sizes.prompt + shown * sizes.answer)
            answers = _scaled(Range(min(limit, 1 + limit / 20), max(1, limit / 4), limit), calls.calls)
            found.append(guessed(calls.model, calls.calls, prompts, answers, prices, batch, _BASIS))
    return [one for one in found if one.requests]


def _times(calls: int, text: float) -> Range:
    return Range(calls * text / _SPREAD, calls * (text + _AROUND), calls * (text * _SPREAD + 2 * _AROUND))


def _scaled(one: Range, calls: int) -> Range:
    return Range(*(end * calls for end in one))
