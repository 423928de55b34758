"""How constraints are worded: in English, Chinese and Spanish, each in several ways that mean the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..constraint import Relation

__all__ = ["LANGUAGES", "Forms", "Nouns", "asked", "listed", "pick", "quantity", "quoted"]

LANGUAGES = ("en", "zh", "es")
"""Languages with wordings; any other is worded in English."""

Forms = Mapping[str, Sequence[str]]
"""Wordings by language."""
Nouns = Mapping[str, tuple[str, str]]
"""What is counted, singular and plural, by language; a Chinese noun comes with its measure word."""

_RELATIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "at_least": ("at least {n}", "no fewer than {n}"),
        "at_most": ("at most {n}", "no more than {n}"),
        "exactly": ("exactly {n}", "precisely {n}"),
    },
    "zh": {
        "at_least": ("至少{n}", "不少于{n}"),
        "at_most": ("最多{n}", "不超过{n}"),
        "exactly": ("恰好{n}", "正好{n}"),
    },
    "es": {
        "at_least": ("al menos {n}", "como mínimo {n}"),
        "at_most": ("como máximo {n}", "no más de {n}"),
        "exactly": ("exactamente {n}", "ni más ni menos que {n}"),
    },
}


# Spanish says *e* for *y* before the sound i.
_SOUNDS_I = re.compile(r"h?[ií](?!e)", re.IGNORECASE)


def pick(forms: Forms, language: str, variant: int) -> str:
    """Gives one wording of several, in English where the language has none."""
    own = forms.get(language) or forms["en"]
    return own[variant % len(own)]


def quantity(relation: Relation, n: int, nouns: Nouns, language: str, variant: int) -> str:
    """Words a count: ``at least 3 sentences``, ``至少3句话``, ``al menos 3 frases``."""
    if language not in _RELATIONS:
        language = "en"
    forms = _RELATIONS[language][relation]
    number = forms[variant % len(forms)].format(n=n)
    return f"{number}{'' if language == 'zh' else ' '}{nouns[language][n != 1]}"


def asked(relation: Relation, n: int) -> str:
    """Words a count for a check's reason: ``at least 3``."""
    return f"{relation.replace('_', ' ')} {n}"


def quoted(text: str, language: str) -> str:
    """Puts a text between the language's quotation marks."""
    return f"“{text}”" if language == "zh" else f'"{text}"'


def listed(texts: Sequence[str], language: str, none: bool = False) -> str:
    """Lists texts in quotation marks: ``"a", "b" and "c"``, or ``"a", "b" or "c"`` where none is allowed."""
    marked = [quoted(text, language) for text in texts]
    if language == "zh":
        return "、".join(marked)
    if len(marked) == 1:
        return marked[0]
    if language == "es":
        joint = "ni" if none else "e" if _SOUNDS_I.match(texts[-1]) else "y"
    else:
        joint = "or" if none else "and"
    return f"{', '.join(marked[:-1])} {joint} {marked[-1]}"
