"""Finding the wishes that a user wrote and that our checks cover, so that they are rated and nothing goes against them.

Read are the turn to answer and the system message, in English, Spanish, French, Chinese and Japanese. What is quoted
or code is not read, nor a text that a request works on, nor the middle of a long turn, which is material more often
than request. Precision comes first: a wish that is missed costs less than one that nobody had.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..schemas.messages import Messages
from .extract_meaning import bounds, meaning
from .extract_reading import Reading, Wish, read_message

__all__ = ["EXTRACTED", "Wish", "confirm", "extract"]

EXTRACTED = (
    "case.capital_words",
    "case.lower",
    "case.upper",
    "charset.no_emoji",
    "charset.no_markdown",
    "count.letter",
    "count.numbers",
    "count.placeholders",
    "data.csv",
    "data.html",
    "data.toml",
    "data.xml",
    "data.yaml",
    "format.bullets",
    "format.highlights",
    "format.json",
    "format.title",
    "keywords.exclude",
    "keywords.frequency",
    "keywords.include",
    "language.response",
    "layout.characters",
    "layout.lines",
    "length.paragraphs",
    "length.sentences",
    "length.words",
    "lists.numbered",
    "punctuation.no_comma",
    "punctuation.no_exclamation",
    "start_end.end_phrase",
    "start_end.quotation",
    "start_end.start_phrase",
    "style.no_first_person",
    "table.columns",
    "table.rows",
)
"""Checks whose wishes are found; each of their wordings is."""

_CONTRARY = (("case.lower", "case.upper"), ("keywords.include", "keywords.exclude"))


def _clash(one: Wish, other: Wish) -> bool:
    """Tells whether two wishes of one message leave open what is wished."""
    if one.checker != other.checker:
        if (one.checker, other.checker) == _CONTRARY[1]:
            words = {word.casefold() for word in one.kwargs["words"]}
            return any(word.casefold() in words for word in other.kwargs["words"])
        return (one.checker, other.checker) in _CONTRARY
    a, b = bounds(one.kwargs), bounds(other.kwargs)
    if a == b and a is not None and a[0] == a[1] and one.kwargs == other.kwargs:
        # *A 5 sentence summary and 5 sentences on its style* are two parts.
        return one is not other
    if a is None or b is None:
        return one.checker.startswith("start_end.") and meaning(one.checker, one.kwargs) != meaning(
            other.checker, other.kwargs
        )
    named = [
        {name: value for name, value in wish.kwargs.items() if name not in ("relation", "n")} for wish in (one, other)
    ]
    if named[0] != named[1] or a == b:
        return False
    # At least 3 and at most 5 are a range; two maxima, or 3 and at least 4, are of different parts.
    (low, high), (least, most) = a, b
    if high is None and most is not None:
        return most < low or low == most
    if most is None and high is not None:
        return high < least or high == least
    return True


def _settled(found: list[Wish]) -> list[Wish]:
    """Gives a message's wishes in order, each once; those that contradict another only guide."""
    once: dict[Any, Wish] = {}
    for wish in found:
        exact = wish.kwargs.get("relation") == "exactly"
        key = meaning(wish.checker, wish.kwargs), wish.binding, wish.start if exact else 0
        if key not in once:
            once[key] = wish
    wishes = list(once.values())
    open_ = [
        wish
        for wish in wishes
        if wish.binding and any(other.binding and (_clash(wish, other) or _clash(other, wish)) for other in wishes)
    ]
    settled = [dataclasses.replace(wish, binding=False) if wish in open_ else wish for wish in wishes]
    return sorted(settled, key=lambda wish: (wish.start, wish.end, wish.checker))


def _read(reading: Reading) -> list[Wish]:
    # Their patterns take a fifth of a second to compile, which only a run that reads wishes should wait for.
    from .extract_amounts import amounts
    from .extract_columns import columns
    from .extract_edges import repetition
    from .extract_forms import forms, languages
    from .extract_lists import lists
    from .extract_quotes import named_words

    amounts(reading)
    named_words(reading)
    columns(reading)
    lists(reading)
    languages(reading)
    forms(reading)
    repetition(reading)
    return _settled(reading.found)


def extract(instruction_messages: Messages) -> list[Wish]:
    """Finds the wishes in the system message and the turn to answer, in the order they stand.

    Args:
        instruction_messages: as collected; the last is the user turn to answer.
    """
    last = len(instruction_messages) - 1
    wishes: list[Wish] = []
    for index, message in enumerate(instruction_messages):
        if index == last or message["role"] == "system":
            wishes += _read(read_message(index, message["content"], message["role"]))
    return wishes


def confirm(
    message_index: int, text: str, checker: str, kwargs: Mapping[str, Any], start: int, end: int
) -> Wish | None:
    """Accepts a wish that somebody proposed, a model for instance, if the rules find it there.

    Args:
        message_index: of the message it stands in.
        text: that message.
        checker: what is said to cover it.
        kwargs: its parameters.
        start: [start, end) character offsets of the words that are said to wish it.
        end: see start.

    Returns:
        The wish as the rules find it in these words, read as a message of their own; null where they find none that
        binds and means the same, or where the offsets are none of the text.
    """
    if not 0 <= start < end <= len(text):
        return None
    try:
        wanted = meaning(checker, kwargs)
    except (AttributeError, KeyError, TypeError):
        return None
    for wish in extract(({"role": "user", "content": text[start:end]},)):
        if wish.binding and meaning(wish.checker, wish.kwargs) == wanted:
            return dataclasses.replace(wish, message=message_index, start=start + wish.start, end=start + wish.end)
    return None
