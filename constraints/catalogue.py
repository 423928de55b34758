"""What a person wants to see of a constraint: its languages, an example, and the places that decide an outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from ..errors import UsageError
from ..schemas.instruction import Instruction
from ..schemas.messages import Messages
from .constraint import VerifiableConstraint, Witness
from .document import Span
from .verifiable._wording import LANGUAGES

__all__ = ["drawn_of", "example_of", "languages_of", "marked"]

_REQUESTS = (
    ("en", "Write a list of ideas for a small garden with a table of plants, their colours and names."),
    ("en", "Write a short story about a river, a bridge and a friendly stranger who crosses it every morning."),
    ("en", "What should a beginner know about baking bread at home?"),
    ("en", "Translate this into French:\n\nThe moon is late\nand so am I."),
    ("en", "Write a Python function that adds two numbers."),
    ("en", "In which years were the first railways opened, how long were they and how many people used them?"),
    ("en", "Is it better to plant roses in spring, in autumn or in winter?"),
    ("en", "Plan a week of meals with the price of every day, and compare what they cost."),
    ("es", "¿Es posible plantar rosas en invierno?"),
    ("fr", "Est-ce que l'on peut planter des roses en hiver ?"),
    ("ja", "冬にバラを植えることはできますか？"),
    ("es", "Escribe una historia corta sobre un puente y un río que cruza un pueblo."),
    ("fr", "Écris une courte histoire sur un pont et une rivière qui traverse un village."),
    ("ja", "川と橋についての短い話を書いてください。"),
    ("ja", "小さな庭の花の名前と色を表にしてください。"),
)
_TRIES = 20
_AROUND = 30
"""Characters shown before and after a place."""


def languages_of(id: str) -> tuple[str, ...]:
    """Gives the languages a constraint is for: those of its wordings; of an id such as ``es:…`` that one alone."""
    language, colon, rest = id.partition(":")
    return (language,) if colon and ":" in rest and len(language) == 2 else LANGUAGES


def _instruction(messages: Messages, language: str) -> Instruction:
    return Instruction(
        id="ins_" + "0" * 16,
        scenario="example",
        instruction_type="multi_turn" if len(messages) > 1 else "single_turn",
        language=language,
        source_messages=messages,
        messages=messages,
        source="example",
        source_revision="1",
        source_row="1",
        source_license=None,
    )


def drawn_of(constraint: VerifiableConstraint) -> tuple[Any, Witness]:
    """Draws parameters for one of the example requests, and texts that satisfy and violate them; always the same.

    Raises:
        UsageError: when the constraint fits none of the example requests.
    """
    rng = Random(0)
    earlier: Messages = ({"role": "user", "content": "Tell me about bread."},)
    answer: Messages = ({"role": "assistant", "content": "Bread is made of flour, water, salt and time."},)
    for _ in range(_TRIES):
        for language, request in _REQUESTS:
            turn: Messages = ({"role": "user", "content": request},)
            for messages in (turn, (*earlier, *answer, *turn)):
                params = constraint.sample(_instruction(messages, language), rng)
                if params is not None:
                    return params, constraint.witness(params, rng)
    raise UsageError(f"{constraint.id} fits none of the example requests")


def example_of(constraint: VerifiableConstraint) -> dict[str, Any]:
    """Gives parameters, the wording in every language, and texts that satisfy and violate them.

    Raises:
        UsageError: when the constraint fits none of the example requests.
    """
    params, witness = drawn_of(constraint)
    return {
        "kwargs": params.model_dump(mode="json"),
        "wordings": {name: constraint.render(params, name) for name in LANGUAGES},
        "satisfies": witness.satisfies,
        "violates": witness.violates,
    }


def marked(text: str, spans: Sequence[Span]) -> Iterator[tuple[str, str]]:
    """Yields each place as ``line:column`` and its line's text around it, the place between ``»`` and ``«``."""
    for start, end in spans:
        line = text.count("\n", 0, start) + 1
        column = start - (text.rfind("\n", 0, start) + 1) + 1
        before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
        shown = f"{before.rpartition(chr(10))[2]}»{text[start:end]}«{after.partition(chr(10))[0]}"
        yield f"{line}:{column}", shown.replace("\n", "⏎")
