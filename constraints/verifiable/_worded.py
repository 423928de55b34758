"""Constraints whose wordings stand in a text file: ``constraints/wordings/<family>.yaml``.

The file maps an id to languages, a language to a list of wordings that mean the same. In a wording

- ``{name}`` is a parameter as it is, text without quotation marks,
- ``{n:sentence|sentences}`` is the number and its noun, singular or plural,
- ``{q:sentence|sentences}`` is the number with its relation, *at least 3 sentences*, of ``relation`` and ``n``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ..constraint import Relation, VerifiableConstraint
from ._wording import LANGUAGES, counted, quantity

__all__ = ["Amount", "Number", "Worded"]

_FOLDER = Path(__file__).parents[1] / "wordings"
Wordings = dict[str, dict[str, list[str]]]


class Number(int):
    """A number in a wording; ``{n:word|words}`` gives it with its noun."""

    language: str

    def __new__(cls, value: int, language: str) -> Number:
        """Makes a number that is worded in a language."""
        number = super().__new__(cls, value)
        number.language = language
        return number

    def __format__(self, nouns: str) -> str:
        """Words the number with one of its nouns."""
        if not nouns:
            return str(int(self))
        one, _, many = nouns.partition("|")
        return counted(int(self), (one, many or one), self.language)


class Amount:
    """A number with its relation in a wording; ``{q:word|words}`` gives *at least 3 words*."""

    def __init__(self, relation: Relation, n: int, language: str, variant: int) -> None:
        self.relation, self.n, self.language, self.variant = relation, n, language, variant

    def __format__(self, nouns: str) -> str:
        """Words the relation, the number and its noun."""
        one, _, many = nouns.partition("|")
        return quantity(self.relation, self.n, {self.language: (one, many or one)}, self.language, self.variant)


@cache
def _wordings(family: str) -> Wordings:
    # Checking needs no wording.
    import yaml

    loaded: Wordings = yaml.safe_load((_FOLDER / f"{family}.yaml").read_text(encoding="utf-8"))
    return loaded


class Worded(VerifiableConstraint):
    """Takes its wordings from the file of its family."""

    def values(self, params: Any, language: str, variant: int) -> dict[str, Any]:
        """Gives what wordings may name: the parameters, numbers able to take a noun, and ``q`` for a relation.

        Args:
            language: one that has wordings.
            variant: picks the wording of a relation.
        """
        plain = dict(params)
        relation, n = plain.get("relation"), plain.get("n")
        values = {
            name: Number(value, language) if isinstance(value, int) and not isinstance(value, bool) else value
            for name, value in plain.items()
        }
        if relation is not None and n is not None:
            values["q"] = Amount(relation, n, language, variant)
        return values

    def render(self, params: Any, language: str, variant: int = 0) -> str:
        """Words the constraint by one of its file's wordings."""
        language = language if language in LANGUAGES else "en"
        forms = _wordings(type(self).__module__.rpartition(".")[2])[self.id][language]
        return forms[variant % len(forms)].format_map(self.values(params, language, variant // len(forms)))
