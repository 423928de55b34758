"""IFEval's published constraint ids in ours, as far as we check the same thing.

The ids and parameters are those of google-research/instruction_following_eval (Apache-2.0) and of M-IFEval's English
and Spanish files. Our checks keep their own semantics, which repair what the published ones get wrong (word boundaries,
scripts, decimals, list numerals …): a verdict may differ where the published one is mistaken.

Not translated: ``number_paragraphs`` (separated by ``***``, ours by blank lines), ``nth_paragraph_first_word``,
``multiple_sections``, ``postscript``, ``constrained_response``, ``two_responses``, ``repeat_prompt``, and the Spanish
letters and marks. Of ``english_capital`` and ``english_lowercase`` the case is checked, not the language.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .constraint import CONSTRAINTS

__all__ = ["translate"]

_PREFIXES = ("ifeval", "m_ifeval", "en", "es")
_RELATIONS: dict[str, tuple[str, int]] = {
    "at least": ("at_least", 0),
    "al menos": ("at_least", 0),
    "more than": ("at_least", 1),
    "más de": ("at_least", 1),
    "at most": ("at_most", 0),
    "como máximo": ("at_most", 0),
    "less than": ("at_most", -1),
    "menos de": ("at_most", -1),
    "exactly": ("exactly", 0),
    "exactamente": ("exactly", 0),
}
"""Relation of ours, and what is added to the number."""

Translated = tuple[str, dict[str, Any]]


def _counted(id: str, number: str, relation: str, default: str | None = None) -> Callable[[dict[str, Any]], Translated]:
    """Gives a translation of a count; a relation that is missing is ``default``."""

    def one(kwargs: dict[str, Any]) -> Translated:
        ours, shift = _RELATIONS[kwargs.get(relation) or default or ""]
        return id, {"relation": ours, "n": kwargs[number] + shift}

    return one


def _frequency(kwargs: dict[str, Any]) -> Translated:
    id, params = _counted("keywords.frequency", "frequency", "relation")(kwargs)
    if params["relation"] == "at_most" and params["n"] == 0:
        return "keywords.exclude", {"words": [kwargs["keyword"]]}
    return id, {"keyword": kwargs["keyword"], **params}


def _letter(kwargs: dict[str, Any]) -> Translated:
    id, params = _counted("count.letter", "let_frequency", "let_relation")(kwargs)
    return id, {"letter": kwargs["letter"], **params}


def _same(id: str, **names: str) -> Callable[[dict[str, Any]], Translated]:
    """Gives a translation that renames parameters: ours by theirs."""
    return lambda kwargs: (id, {ours: kwargs[theirs] for ours, theirs in names.items()})


def _language(kwargs: dict[str, Any]) -> Translated:
    return "language.response", {"language": kwargs["language"].split("-")[0]}


_IDS: dict[str, Callable[[dict[str, Any]], Translated]] = {
    "keywords:existence": _same("keywords.include", words="keywords"),
    "keywords:forbidden_words": _same("keywords.exclude", words="forbidden_words"),
    "keywords:frequency": _frequency,
    "keywords:letter_frequency": _letter,
    "language:response_language": _language,
    "length_constraints:number_sentences": _counted("length.sentences", "num_sentences", "relation"),
    "length_constraints:number_words": _counted("length.words", "num_words", "relation"),
    "detectable_content:number_placeholders": _counted(
        "count.placeholders", "num_placeholders", "relation", "at least"
    ),
    "detectable_format:number_bullet_lists": _counted("format.bullets", "num_bullets", "relation", "exactly"),
    "detectable_format:number_highlighted_sections": _counted(
        "format.highlights", "num_highlights", "relation", "at least"
    ),
    "detectable_format:json_format": _same("format.json"),
    "detectable_format:title": _same("format.title"),
    "startend:end_checker": _same("start_end.end_phrase", phrase="end_phrase"),
    "startend:quotation": _same("start_end.quotation"),
    "change_case:capital_word_frequency": _counted("case.capital_words", "capital_frequency", "capital_relation"),
    "change_case:english_capital": _same("case.upper"),
    "change_case:english_lowercase": _same("case.lower"),
    "change_case:spanish_capital": _same("case.upper"),
    "change_case:spanish_lowercase": _same("case.lower"),
    "punctuation:no_comma": _same("punctuation.no_comma"),
}


def translate(id: str, kwargs: dict[str, Any]) -> Translated | None:
    """Gives our check and its parameters for a published one; null where we have none, or not for these parameters.

    Args:
        id: such as ``punctuation:no_comma``, also behind ``ifeval:``, ``en:`` or ``es:``.
        kwargs: as published; null values are as if they were not there.
    """
    prefix, _, rest = id.partition(":")
    while prefix in _PREFIXES:
        id = rest
        prefix, _, rest = id.partition(":")
    if id not in _IDS:
        return None
    try:
        ours, params = _IDS[id]({name: value for name, value in kwargs.items() if value is not None})
        checked = CONSTRAINTS.get(ours).Params.model_validate(params)
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
    return ours, checked.model_dump(mode="json")
