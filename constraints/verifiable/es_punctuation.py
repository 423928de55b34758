"""M-IFEval's Spanish marks: a question between ¿ and ?, an exclamation between ¡ and !."""

from __future__ import annotations

import re
from random import Random
from typing import ClassVar

from ...schemas.instruction import Instruction
from ..constraint import Check, Witness, blank_check, compare
from ..document import Document
from ._fit import wants_code
from ._published import NoParams, Published

__all__ = ["ExclamationMarks", "QuestionMarks"]

_GAP = re.compile(r"\n[^\S\n]*\n|\r[^\S\r\n]*\r")


class Between(Published):
    """Something with a letter or digit in it stands between an inverted mark and its closing one, in one paragraph.

    The published check reads on over paragraphs, and takes signs alone (``¿…?``) for a sentence.
    """

    Params = NoParams
    categories = ("Linguistic", "Format")
    marked: ClassVar[re.Pattern[str]]
    noun: ClassVar[str]
    examples: ClassVar[Witness]

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits Spanish requests, not code."""
        return None if instruction.language != "es" or wants_code(instruction) else NoParams()

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for the marks; one pair is enough, whatever follows."""
        if document.blank:
            return blank_check(document)
        spans = tuple(
            match.span()
            for match in self.marked.finditer(document.text)
            if any(map(str.isalnum, match.group())) and not _GAP.search(match.group())
        )
        outcome = compare(len(spans), "at_least", 1, document.cut)
        return Check(outcome, f"{len(spans)} {self.noun}", len(spans), spans)

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a sentence with both marks, and one without the first."""
        return self.examples


class QuestionMarks(Between):
    """At least one question between ¿ and ? in one paragraph, with a letter or digit in it."""

    id = "es:punctuation:question_marks"
    marked = re.compile(r"¿[^¿?？]*[?？]")
    noun = "questions between ¿ and ?"
    examples = Witness("¿Por qué no?", "Por qué no?")


class ExclamationMarks(Between):
    """At least one exclamation between ¡ and ! in one paragraph, with a letter or digit in it."""

    id = "es:punctuation:exclamation_marks"
    slots = frozenset({"exclamation"})
    marked = re.compile(r"¡[^¡!！]*[!！]")
    noun = "exclamations between ¡ and !"
    examples = Witness("¡Qué bien!", "Qué bien!")
