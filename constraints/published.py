"""Published ids and what checks them in the ``fixed`` dialect.

IFEval's, IFBench's and IFEvalG's ids are constraints themselves. M-IFEval (shisa-ai/M-IFEval 06f08ff, Apache-2.0) puts
a language before an id: what it adds for Spanish, French and Japanese are constraints too
(``es:special_character:enie``), and so are its translations of IFEval's ids that ask for other words or marks
(``ja:detectable_format:title``). The others (``es:keywords:existence``) are checked as ours, which count in any
language. Their relations are words of the language. Multi-IF uses IFEval's ids for all languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from ..errors import UsageError, nearest
from .constraint import CONSTRAINTS

__all__ = ["checker_of", "is_checked", "known_ids", "resolve"]

LANGUAGES = ("es", "fr", "ja")
_ALIASES = {"fr:detectable_format:no_digits": "fr:detectable_content:no_digits"}
"""Ids that M-IFEval's data names otherwise than its registry, and what they are called there."""
_RELATIONS: dict[str, tuple[str, ...]] = {
    "at_least": ("at least", "al menos", "por lo menos", "au moins", "以上"),
    "less_than": ("less than", "menos de", "moins de", "未満"),
    "at_most": ("at most", "como máximo", "como mucho", "au plus", "au maximum", "以下"),
    "more_than": ("more than", "más de", "plus de"),
    "exactly": ("exactly", "exactamente", "exactement", "ちょうど"),
}
_OURS = {word: ours for ours, words in _RELATIONS.items() for word in words}


class _Compared(NamedTuple):
    """One of ours that compares a count, and the published parameters that it takes its own from."""

    id: str
    number: str
    relation: str = "relation"
    default: str | None = None
    """The relation where none is given; null where one must be."""


_COMPARED = {
    "keywords:frequency": _Compared("keywords.frequency", "frequency"),
    "keywords:letter_frequency": _Compared("count.letter", "let_frequency", "let_relation"),
    "length_constraints:number_sentences": _Compared("length.sentences", "num_sentences"),
    "length_constraints:number_words": _Compared("length.words", "num_words"),
    "detectable_content:number_placeholders": _Compared("count.placeholders", "num_placeholders", default="at least"),
    "detectable_format:number_highlighted_sections": _Compared(
        "format.highlights", "num_highlights", default="at least"
    ),
    "change_case:capital_word_frequency": _Compared("case.capital_words", "capital_frequency", "capital_relation"),
}
"""IFEval's ids whose relations M-IFEval words in the language."""


@cache
def _split(id: str) -> tuple[str, str]:
    """Gives the language before an id, empty where there is none, and the id without it."""
    language, _, rest = id.partition(":")
    return (language, rest) if language in ("en", *LANGUAGES) and ":" in rest else ("", id)


@cache
def _compared(id: str) -> _Compared | None:
    """Gives what a translated id of IFEval's that compares is checked by; null for any other."""
    language, rest = _split(id)
    return _COMPARED.get(rest) if language in LANGUAGES and not CONSTRAINTS.has(id) else None


def _candidates(id: str) -> tuple[str, ...]:
    """Gives the ids that may check an id, the first that exists does: its own, its alias, the one of any language."""
    return id, _ALIASES.get(id, id), _split(id)[1]


@cache
def checker_of(id: str) -> str:
    """Gives the id of the constraint that checks an id.

    Raises:
        UsageError: when none does; names the nearest.
    """
    if compared := _compared(id):
        return compared.id
    for one in _candidates(id):
        if CONSTRAINTS.has(one):
            return one
    raise UsageError(f"no constraint is called {id!r}: {nearest(id, known_ids())}")


@cache
def known_ids() -> tuple[str, ...]:
    """Gives every id that a file may name: ours, the published ones, those with a language before them."""
    from .official.verdict import official_ids

    ours = set(CONSTRAINTS.ids())
    return tuple(sorted(ours | set(official_ids()) | _ALIASES.keys()))


def is_checked(id: str) -> bool:
    """Tells whether a constraint checks an id."""
    return any(map(CONSTRAINTS.has, _candidates(id)))


def resolve(id: str, kwargs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Gives the constraint that checks an id and its parameters there.

    Args:
        id: ours or published, also with ``en:``, ``es:``, ``fr:`` or ``ja:`` before it.
        kwargs: as published; null values are as if they were not there.

    Raises:
        UsageError: when nothing checks the id.
        ValueError: when a relation is none.
    """
    given = {name: value for name, value in kwargs.items() if value is not None}
    compared = _compared(id)
    if compared is None:
        return checker_of(id), given
    asked = given.pop(compared.relation, compared.default)
    if asked not in _OURS:
        raise ValueError(f"{compared.relation}: {nearest(str(asked), list(_OURS))} (given {asked!r})")
    return compared.id, {"relation": _OURS[asked], "n": given.pop(compared.number, None), **given}
