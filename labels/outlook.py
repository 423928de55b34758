"""What checklists and judges will ask, before there is anything to ask about: guesses for ``plan``. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from ..sampling.estimate import TOKENS_PER_WORD, TOKENS_UNLIMITED, Estimate, Range
from ..sampling.outlook import guessed
from ..sampling.prices import Prices
from ..schemas.instruction import Instruction
from ..schemas.parameters import over_defaults
from ..schemas.recipe import ChecklistUse, JudgeUse, SamplingPolicy
from ..schemas.text import count_words
from .judge import estimate_calls, is_over
from .labellers.labeller import make_labeller

__all__ = ["Coming", "Sizes", "checklists_ask", "coming", "idle_judges", "judges_ask", "sizes_of"]

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


class Coming(NamedTuple):
    """Soft constraints that checklists add to an instruction."""

    low: int
    likely: int
    high: int


def coming(uses: Sequence[ChecklistUse]) -> Coming:
    """Guesses what checklists will draw: from none to all they may, half of it where every instruction has a list."""
    most = {use.id: use.most for use in uses}
    return Coming(0, sum(each for id, each in most.items() if id != "feedback") // 2, sum(most.values()))


def judges_ask(
    uses: Sequence[JudgeUse],
    constraints: pl.DataFrame,
    more: Coming,
    responses: Mapping[str, int],
    sizes: Sizes,
    prices: Prices,
    batch: bool,
) -> list[Estimate]:
    """Estimates judging, over the constraints known so far and those to come.

    Args:
        responses: responses by instruction id.
    """
    found = []
    frames = [_with_soft(constraints, list(responses), count) for count in more]
    for use in uses:
        labeller = make_labeller(use.id, use.params)
        # A judge of all responses at once is shown as many.
        shown = max(responses.values(), default=1) if use.id == "joint" else 1
        given = over_defaults(labeller.parameters(), use.model.parameters)
        most = given.get("max_completion_tokens") or given.get("max_tokens") or 1024
        limit = int(most) if isinstance(most, int) else 1024
        calls = Coming(*(sum(one.calls for one in estimate_calls([use], frame, responses)) for frame in frames))
        prompts = _each(calls, _times(1, sizes.prompt + shown * sizes.answer))
        answers = _each(calls, Range(min(limit, 1 + limit / 20), max(1, limit / 4), limit))
        basis = _BASIS if more.high == 0 else f"{_BASIS}, and soft constraints to come from none to {more.high} each"
        found.append(guessed(use.model.id, calls.likely, prompts, answers, prices, batch, basis))
    return [one for one in found if one.prompt_tokens.high]


def idle_judges(uses: Sequence[JudgeUse], constraints: pl.DataFrame) -> list[str]:
    """Gives a line for each judge that has no constraint to judge.

    Args:
        constraints: table ``Constraints``; ``kind`` and ``checker`` are read.
    """
    rows = constraints.select("kind", "checker").unique().to_dicts()
    return [
        f"labels.judges[{place}]: {use.model.id} with labeller {use.id!r} is over: {use.over}, and there is no such one"
        for place, use in enumerate(uses)
        if not any(is_over(use, row) for row in rows)
    ]


def _with_soft(constraints: pl.DataFrame, instructions: Sequence[str], count: int) -> pl.DataFrame:
    """Gives the columns that tell who judges what, with so many further soft constraints of each instruction."""
    known = constraints.select("instruction_id", "kind", "checker")
    ids = [id for id in instructions for _ in range(count)]
    soft = pl.DataFrame({"instruction_id": ids}, {"instruction_id": pl.String}).with_columns(
        kind=pl.lit("soft", known["kind"].dtype), checker=pl.lit(None, known["checker"].dtype)
    )
    return pl.concat([known, soft])


def _each(calls: Coming, one: Range) -> Range:
    return Range(*(count * end for count, end in zip(calls, one, strict=True)))


def _times(calls: int, text: float) -> Range:
    return Range(calls * text / _SPREAD, calls * (text + _AROUND), calls * (text * _SPREAD + 2 * _AROUND))


def _scaled(one: Range, calls: int) -> Range:
    return Range(*(end * calls for end in one))
