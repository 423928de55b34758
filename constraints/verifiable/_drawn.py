"""Drawing parts for compositions: rules of our own families that fit a request and each other."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, Literal

from ...schemas.instruction import Instruction
from ..compatible import compatible
from ..constraint import CONSTRAINTS
from ._fit import content_words, free_length, has_case, is_about_language, wants_code
from ._parts import Part

__all__ = ["CONFLICTS", "SLOTS", "draw_condition", "draw_rule", "draw_steps", "draw_together", "other_rule"]

SLOTS = frozenset(
    "words sentences paragraphs bullets title highlights comma exclamation start end case numbers whole_form".split()
)
"""What the parts that are drawn decide."""
CONFLICTS = frozenset("length punctuation keywords start_end case format count language relative turns compose".split())
_RULES = (
    "length.words",
    "length.sentences",
    "length.paragraphs",
    "punctuation.no_comma",
    "punctuation.no_exclamation",
    "keywords.include",
    "keywords.exclude",
    "keywords.frequency",
    "start_end.start_phrase",
    "start_end.end_phrase",
    "case.capital_words",
    "case.lower",
    "format.bullets",
    "format.highlights",
    "format.title",
    "count.numbers",
)
_STEPS = (
    "length.words",
    "length.sentences",
    "punctuation.no_comma",
    "keywords.include",
    "keywords.exclude",
    "start_end.start_phrase",
    "start_end.end_phrase",
    "format.bullets",
    "count.numbers",
)
"""What can be said of a part of an answer."""
_BRANCHES = (
    "punctuation.no_comma",
    "punctuation.no_exclamation",
    "start_end.start_phrase",
    "start_end.end_phrase",
    "format.title",
    "format.highlights",
    "case.capital_words",
)
"""What can be asked for under a condition, and goes with any."""
_TOLD = ("en", "es", "fr", "de", "zh", "ja")


def _drawn(id: str, instruction: Instruction, rng: Random) -> Part | None:
    params = CONSTRAINTS.get(id).sample(instruction, rng)
    return None if params is None else Part(checker=id, kwargs=params.model_dump(mode="json"))


def _apart(part: Part, held: Sequence[Part]) -> bool:
    """Tells whether a part can be asked for beside others."""
    return all(compatible((part.checker, part.kwargs), (one.checker, one.kwargs)) for one in held)


def _some(ids: Sequence[str], instruction: Instruction, rng: Random, held: Sequence[Part], count: int) -> list[Part]:
    """Draws up to so many parts that go with those held and with each other."""
    drawn: list[Part] = []
    for id in rng.sample(ids, len(ids)):
        if len(drawn) == count:
            break
        part = _drawn(id, instruction, rng)
        if part is not None and _apart(part, [*held, *drawn]):
            drawn.append(part)
    return drawn


def draw_together(instruction: Instruction, rng: Random, count: int) -> tuple[Part, ...] | None:
    """Draws rules that hold together; null where fewer than two fit."""
    drawn = _some(_RULES, instruction, rng, (), count)
    return tuple(drawn) if len(drawn) > 1 else None


def draw_steps(instruction: Instruction, rng: Random, count: int) -> tuple[Part, ...] | None:
    """Draws a rule for each part of an answer; null where fewer fit."""
    drawn = (_drawn(id, instruction, rng) for id in rng.sample(_STEPS, len(_STEPS)))
    steps = [part for part in drawn if part is not None][:count]
    return tuple(steps) if len(steps) == count else None


def draw_rule(instruction: Instruction, rng: Random) -> Part | None:
    """Draws one rule."""
    return next(iter(_some(_RULES, instruction, rng, (), 1)), None)


def _of_input(instruction: Instruction, rng: Random) -> tuple[str, dict[str, Any]] | None:
    """Draws what may be said of the user's turn."""
    kinds = ["words"] if free_length(instruction) else []
    kinds += [] if is_about_language(instruction) else ["language"]
    own = content_words(instruction, rng, 1) if has_case(instruction.language) else []
    kinds += ["keyword"] if own else []
    if not kinds:
        return None
    kind = rng.choice(kinds)
    if kind == "keyword":
        return "keywords.include", {"words": own}
    if kind == "words":
        return "length.words", {"relation": "at_least", "n": rng.choice((10, 15, 20, 30))}
    mine = instruction.language in _TOLD and rng.random() < 0.5
    return "language.response", {"language": instruction.language if mine else rng.choice(_TOLD)}


def _of_answer(instruction: Instruction, rng: Random) -> tuple[str, dict[str, Any]] | None:
    """Draws what may be said of the answer."""
    if not free_length(instruction):
        return None
    id, numbers = rng.choice(
        (("length.words", (40, 60, 80, 100)), ("length.sentences", (3, 4, 5)), ("length.paragraphs", (2, 3)))
    )
    return id, {"relation": "at_least", "n": rng.choice(numbers)}


def draw_condition(instruction: Instruction, rng: Random) -> tuple[Literal["response", "input"], Part, Part] | None:
    """Draws what a condition is said of, the condition, and a rule under it; null where none fits."""
    if wants_code(instruction):
        return None
    on: Literal["response", "input"] = rng.choice(("response", "input"))
    drawn = (_of_input if on == "input" else _of_answer)(instruction, rng)
    if drawn is None:
        return None
    condition = Part(checker=drawn[0], kwargs=drawn[1])
    held = (condition,) if on == "response" else ()
    rules = _some(_BRANCHES, instruction, rng, held, 1)
    return (on, condition, rules[0]) if rules else None


def other_rule(instruction: Instruction, rng: Random, then: Part) -> tuple[Part, ...]:
    """Draws a rule for where the condition does not hold; none where none fits."""
    ids = [id for id in _BRANCHES if id != then.checker]
    return tuple(_some(ids, instruction, rng, (), 1))
