"""M-IFEval's Spanish case: all capitals or all small letters, in Spanish."""

from __future__ import annotations

from random import Random
from typing import ClassVar

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, Witness, blank_check
from ..document import Document
from ._fit import is_about_language, wants_code
from ._published import NoParams, Published
from .case import Lower, Upper
from .language import Language, Response

__all__ = ["SpanishCapital", "SpanishLowercase"]


ENOUGH = 60
"""Latin letters from which a text that reads as another language is taken for one: names and titles mislead."""


class CaseIn(Published):
    """Every letter has the case, and the text does not read as another language, looked at in small letters.

    Case decides where the language cannot be told; a paragraph in another language makes it unknown. The published
    check detects capitals, which look German.
    """

    Params = NoParams
    categories = ("Format", "Linguistic")
    slots = frozenset({"case", "language"})
    conflicts = Response.conflicts
    language: ClassVar[str]
    case: ClassVar[type[Lower] | type[Upper]]
    example: ClassVar[str]
    """A text in the language, in both cases."""

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits requests in the language, not code."""
        fits = instruction.language == self.language and not wants_code(instruction)
        return NoParams() if fits and not is_about_language(instruction) else None

    def check(self, params: NoParams, document: Document) -> Check:
        """Checks the case, then the language."""
        if document.blank:
            return blank_check(document)
        case = self.case()
        written = case.check(case.Params(), document)
        if written.outcome is not Outcome.SATISFIED:
            return written
        spoken = Response().check(Language(language=self.language), document)
        reason = f"{written.reason}; {spoken.reason}"
        outcome = spoken.outcome
        if spoken.measured is None or (outcome is Outcome.VIOLATED and 0 < _latin(document.text) < ENOUGH):
            outcome = Outcome.SATISFIED
        return Check(outcome, reason, spoken.measured, spoken.spans)

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a text that is right, and one in mixed case."""
        return Witness(self.example.upper() if self.case is Upper else self.example.lower(), self.example)


def _latin(text: str) -> int:
    """Counts the Latin letters."""
    return sum(character.isalpha() and character < "\u0250" for character in text)


class SpanishCapital(CaseIn):
    """All letters are capitals and the text is in Spanish, which is read off it in small letters."""

    id = "es:change_case:spanish_capital"
    language = "es"
    case = Upper
    example = "Esta es una respuesta breve que está escrita en español sencillo para todos."


class SpanishLowercase(CaseIn):
    """All letters are small and the text is in Spanish."""

    id = "es:change_case:spanish_lowercase"
    language = "es"
    case = Lower
    example = SpanishCapital.example
