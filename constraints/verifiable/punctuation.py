"""Punctuation marks that the response does without."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from random import Random
from typing import ClassVar

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ...schemas.text import foreign
from ..constraint import Check, ConstraintParams, VerifiableConstraint, Witness, blank_check
from ..document import EVIDENCE, Document
from ._fit import wants_code
from ._wording import Forms, pick

__all__ = ["NoComma", "NoExclamation"]


class Plain(ConstraintParams):
    """No parameters."""


@cache
def _patterns(marks: frozenset[str]) -> tuple[str, re.Pattern[str], re.Pattern[str]]:
    """Gives the marks that are ASCII, and what finds them and finds all."""
    plain = "".join(sorted(filter(str.isascii, marks)))
    some, every = (re.compile(f"[{re.escape(one)}]") for one in (plain, "".join(sorted(marks))))
    return plain, some, every


class Absent(VerifiableConstraint):
    """None of the marks occurs; a text cut before one occurs is judged as it stands."""

    Params = Plain
    categories = ("Format", "Linguistic")
    one_word = True
    marks: ClassVar[frozenset[str]]
    forms: ClassVar[Forms]
    examples: ClassVar[Witness]

    def sample(self, instruction: Instruction, rng: Random) -> Plain | None:
        """Fits any request but one for code."""
        return None if wants_code(instruction) else Plain()

    def render(self, params: Plain, language: str, variant: int = 0) -> str:
        """Words the ban."""
        return pick(self.forms, language, variant)

    def check(self, params: Plain, document: Document) -> Check:
        """Looks for the marks."""
        if document.blank:
            return blank_check(document)
        text = document.text
        plain, some, every = _patterns(self.marks)
        others = foreign(text)
        # Those outside ASCII are looked for among the few characters that are.
        count = sum(map(text.count, plain)) + (len(every.findall(others)) if others else 0)
        places = islice((every if others else some).finditer(text), EVIDENCE) if count else ()
        spans = tuple([match.span() for match in places])
        reason = f"{count} found" if count else "none found"
        return Check(Outcome.of(not count), reason, count, spans)

    def witness(self, params: Plain, rng: Random) -> Witness:
        """Gives a text without the mark and one with it."""
        return self.examples


class NoComma(Absent):
    """No comma of any script, in numbers neither."""

    id = "punctuation.no_comma"
    slots = frozenset({"comma"})
    marks = frozenset(",，、،﹐﹑､︐︑՝፣᠂᠈߸⸲⸴⹁⹉⹌꓾꘍꛵")
    forms: ClassVar[Forms] = {
        "en": (
            "Do not use any commas in your answer.",
            "Your answer must not contain a single comma.",
            "Refrain from using commas.",
        ),
        "zh": ("回答中不要使用任何逗号或顿号。", "你的回答不得出现逗号和顿号。", "请避免使用逗号与顿号。"),
        "es": (
            "No uses ninguna coma en tu respuesta.",
            "Tu respuesta no debe contener ni una sola coma.",
            "Evita por completo las comas.",
        ),
        "fr": (
            "N'utilise aucune virgule dans ta réponse.",
            "Ta réponse ne doit pas contenir une seule virgule.",
            "Évite complètement les virgules.",
        ),
        "ja": (
            "回答に読点やコンマを一切使わないでください。",
            "回答には読点もコンマも入れてはいけません。",
            "読点とコンマは避けてください。",
        ),
    }
    examples = Witness("Good and well.", "Good, and well.")


class NoExclamation(Absent):
    """No exclamation mark of any script."""

    id = "punctuation.no_exclamation"
    slots = frozenset({"exclamation"})
    marks = frozenset("!！¡﹗‼⁉⁈❗❕︕՜")
    forms: ClassVar[Forms] = {
        "en": (
            "Do not use any exclamation marks in your answer.",
            "Your answer must not contain a single exclamation mark.",
            "Refrain from using exclamation marks.",
        ),
        "zh": ("回答中不要使用任何感叹号。", "你的回答不得出现感叹号。", "请避免使用感叹号。"),
        "es": (
            "No uses ningún signo de exclamación en tu respuesta.",
            "Tu respuesta no debe contener ni un solo signo de exclamación.",
            "Evita por completo los signos de exclamación.",
        ),
        "fr": (
            "N'utilise aucun point d'exclamation dans ta réponse.",
            "Ta réponse ne doit pas contenir un seul point d'exclamation.",
            "Évite complètement les points d'exclamation.",
        ),
        "ja": (
            "回答に感嘆符を一切使わないでください。",
            "回答には感嘆符を一つも入れてはいけません。",
            "感嘆符は避けてください。",
        ),
    }
    examples = Witness("Good.", "Good!")
