"""Each wording of a check whose wishes are extracted is found again, with its parameters, in every language."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import pytest

from benchwright.constraints.constraint import CONSTRAINTS
from benchwright.constraints.extract import EXTRACTED, Wish, confirm, extract
from benchwright.constraints.extract_meaning import meaning
from benchwright.constraints.verifiable._wording import LANGUAGES
from benchwright.schemas.instruction import Instruction
from benchwright.schemas.messages import Message

from .constraint_instructions import instruction

SAMPLES = 12
"""Parameters of a check that are worded, at most."""
VARIANTS = 12
"""Wordings that are asked for; a check with fewer repeats them."""
REQUESTS = ("List some names of rivers.", "Nombra varios datos sobre los ríos.", "列出一些关于河流的数据。")
# What a wording says beside its own check.
IMPLIED = {"code.only": {"code.blocks"}}


@cache
def requests() -> tuple[Instruction, ...]:
    languages = ("en", "es", "zh", "fr", "ja")
    texts = (*REQUESTS, "Cite quelques données sur les fleuves.", "川の名前のリストを作ってください。")
    return tuple(
        instruction(text, language)
        for text, language in zip(texts, ("en", "es", "zh", "fr", "ja"), strict=True)
        if language in languages
    )


@cache
def sampled(id: str) -> tuple[Any, ...]:
    constraint, rng = CONSTRAINTS.get(id), Random(id)
    drawn: dict[str, Any] = {}
    for _ in range(60):
        for request in requests():
            params = constraint.sample(request, rng)
            if params is not None:
                drawn.setdefault(params.model_dump_json(), params)
    assert drawn, f"{id} fits none of the requests"
    return tuple(drawn.values())[:SAMPLES]


def read(text: str) -> list[Wish]:
    message: Message = {"role": "user", "content": text}
    return extract((message,))


def test_all_that_is_extracted_exists() -> None:
    assert len(set(EXTRACTED)) == len(EXTRACTED)
    assert set(EXTRACTED) <= set(CONSTRAINTS.ids())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", EXTRACTED)
def test_every_wording_is_found_again(id: str, language: str) -> None:
    constraint = CONSTRAINTS.get(id)
    for params in sampled(id):
        kwargs = params.model_dump(mode="json")
        for text in dict.fromkeys(constraint.render(params, language, variant) for variant in range(VARIANTS)):
            found = read(text)
            binding = [(wish.checker, wish.kwargs) for wish in found if wish.binding]
            assert (id, kwargs) in binding, (text, found)
            others = {checker for checker, _ in binding} - {id} - IMPLIED.get(id, set())
            assert not others, (text, others)


@pytest.mark.parametrize("id", EXTRACTED)
def test_a_proposed_wording_is_confirmed_and_others_are_not(id: str) -> None:
    constraint = CONSTRAINTS.get(id)
    for params in sampled(id)[:2]:
        text = constraint.render(params, "en")
        kwargs = params.model_dump(mode="json")
        around = f"Hello there. {text} Thank you."
        start = around.index(text)
        wish = confirm(3, around, id, kwargs, start, start + len(text))
        assert wish is not None and wish.binding and wish.message == 3
        assert meaning(wish.checker, wish.kwargs) == meaning(id, kwargs)
        assert around[wish.start : wish.end] == wish.text
        assert confirm(3, around, id, kwargs, 0, 11) is None
        if "n" in kwargs:
            assert confirm(3, around, id, {**kwargs, "n": kwargs["n"] + 1}, start, start + len(text)) is None
