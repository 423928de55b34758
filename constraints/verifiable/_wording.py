"""How constraints are worded: in five languages, in each in several ways that mean the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import get_args

from ..constraint import Relation

__all__ = ["LANGUAGES", "Forms", "Nouns", "asked", "counted", "listed", "pick", "quantity", "quoted"]

LANGUAGES = ("en", "zh", "es", "fr", "ja")
"""Languages with wordings; any other is worded in English."""

Forms = Mapping[str, Sequence[str]]
"""Wordings by language."""
Nouns = Mapping[str, tuple[str, str]]
"""What is counted, singular and plural, by language; a Chinese noun comes with its measure word."""

_RELATIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "at_least": ("at least {q}", "no fewer than {q}"),
        "at_most": ("at most {q}", "no more than {q}"),
        "exactly": ("exactly {q}", "precisely {q}"),
        "less_than": ("fewer than {q}", "less than {q}"),
        "more_than": ("more than {q}", "over {q}"),
    },
    "zh": {
        "at_least": ("至少{q}", "不少于{q}"),
        "at_most": ("最多{q}", "不超过{q}"),
        "exactly": ("恰好{q}", "正好{q}"),
        "less_than": ("少于{q}", "不到{q}"),
        "more_than": ("多于{q}", "超过{q}"),
    },
    "es": {
        "at_least": ("al menos {q}", "como mínimo {q}"),
        "at_most": ("como máximo {q}", "no más de {q}"),
        "exactly": ("exactamente {q}", "ni más ni menos que {q}"),
        "less_than": ("menos de {q}", "por debajo de {q}"),
        "more_than": ("más de {q}", "por encima de {q}"),
    },
    "fr": {
        "at_least": ("au moins {q}", "au minimum {q}"),
        "at_most": ("au plus {q}", "au maximum {q}"),
        "exactly": ("exactement {q}", "précisément {q}"),
        "less_than": ("moins de {q}", "strictement moins de {q}"),
        "more_than": ("plus de {q}", "strictement plus de {q}"),
    },
    "ja": {
        "at_least": ("{q}以上", "最低{q}"),
        "at_most": ("{q}以下", "最大{q}"),
        "exactly": ("ちょうど{q}", "正確に{q}"),
        "less_than": ("{q}未満",),
        "more_than": ("{q}超",),
    },
}
"""Wordings of a relation; ``{q}`` stands for the number and its noun."""


_UNSPACED = frozenset({"zh", "ja"})
_MARKS = {"zh": ("“", "”"), "fr": ("« ", " »"), "ja": ("「", "」")}
# Spanish says *e* for *y* before the sound i.
_SOUNDS_I = re.compile(r"h?[ií](?!e)", re.IGNORECASE)


def pick(forms: Forms, language: str, variant: int = 0) -> str:
    """Gives one wording of several, in English where the language has none."""
    own = forms.get(language) or forms["en"]
    return own[variant % len(own)]


def counted(n: int, nouns: tuple[str, str], language: str) -> str:
    """Words a number and its noun: ``3 sentences``, ``3句话``."""
    # French counts none and one alike.
    one = n in (0, 1) if language == "fr" else n == 1
    return f"{n}{'' if language in _UNSPACED else ' '}{nouns[0] if one else nouns[1]}"


def quantity(relation: Relation, n: int, nouns: Nouns, language: str, variant: int = 0) -> str:
    """Words a count: ``at least 3 sentences``, ``至少3句话``, ``al menos 3 frases``."""
    if language not in _RELATIONS:
        language = "en"
    forms = _RELATIONS[language][relation]
    return forms[variant % len(forms)].format(q=counted(n, nouns[language], language))


_ASKED: dict[Relation, str] = {relation: relation.replace("_", " ") for relation in get_args(Relation)}


def asked(relation: Relation, n: int) -> str:
    """Words a count for a check's reason: ``at least 3``."""
    return f"{_ASKED[relation]} {n}"


def quoted(text: str, language: str) -> str:
    """Puts a text between the language's quotation marks."""
    left, right = _MARKS.get(language, ('"', '"'))
    return f"{left}{text}{right}"


def listed(texts: Sequence[str], language: str, none: bool = False) -> str:
    """Lists texts in quotation marks: ``"a", "b" and "c"``, or ``"a", "b" or "c"`` where none is allowed."""
    marked = [quoted(text, language) for text in texts]
    if language in _UNSPACED:
        return "、".join(marked)
    if len(marked) == 1:
        return marked[0]
    if language == "es":
        joint = "ni" if none else "e" if _SOUNDS_I.match(texts[-1]) else "y"
    elif language == "fr":
        joint = "ni" if none else "et"
    else:
        joint = "or" if none else "and"
    return f"{', '.join(marked[:-1])} {joint} {marked[-1]}"
