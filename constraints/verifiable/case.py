"""Capital and small letters.

A letter is capital if lower case changes it and small if upper case does; others have no case.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from itertools import islice
from random import Random
from typing import ClassVar

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, VerifiableConstraint, Witness, blank_check
from ..document import EVIDENCE, Document, Span
from ._counted import Counted, Draws, Quantity
from ._fit import has_case, wants_code
from ._wording import Forms, Nouns, pick

__all__ = ["CapitalWords", "Lower", "Upper"]


class Plain(ConstraintParams):
    """No parameters."""


def _capital(character: str) -> bool:
    return character.lower() != character


def _small(character: str) -> bool:
    return character.upper() != character


def _runs(text: str, wrong: Callable[[str], bool]) -> tuple[int, tuple[Span, ...]]:
    """Counts the characters that are wrong, and gives their first runs."""
    count = 0
    runs: list[Span] = []
    for at, character in enumerate(text):
        if wrong(character):
            count += 1
            if runs and runs[-1][1] == at:
                runs[-1] = (runs[-1][0], at + 1)
            elif len(runs) < EVIDENCE:
                runs.append((at, at + 1))
    return count, tuple(runs)


_OTHER = re.compile("[^\0-\x7f]")
_CASES = {
    "capital": (_capital, string.ascii_uppercase.encode(), re.compile("[A-Z][A-Z]*")),
    "small": (_small, string.ascii_lowercase.encode(), re.compile("[a-z][a-z]*")),
}
"""What has a case: among all characters, and the ASCII letters and their runs."""


def _found(text: str, name: str) -> tuple[int, tuple[Span, ...]]:
    """Gives what ``_runs`` gives of letters of a case, faster where all of them are ASCII letters."""
    wrong, letters, runs = _CASES[name]
    if not text.isascii() and any(map(wrong, set(_OTHER.findall(text)))):
        return _runs(text, wrong)
    data = text.encode("utf-8", "surrogatepass")
    spans = tuple(match.span() for match in islice(runs.finditer(text), EVIDENCE))
    return len(data) - len(data.translate(None, letters)), spans


def _judge(document: Document, name: str) -> Check:
    """Judges a whole text's case, ``name`` being the wrong one; a text without a cased letter tells nothing."""
    if document.blank:
        return blank_check(document)
    text, small, capital = document.text, document.lower, document.upper
    # A text changes where one of its characters does.
    wrong, right = (small, capital) if name == "capital" else (capital, small)
    if wrong != text:
        count, runs = _found(text, name)
        return Check(Outcome.VIOLATED, f"{count} {name} letters", count, runs)
    if right == text:
        return Check(Outcome.UNKNOWN, "no letter that has a case", 0)
    return Check(Outcome.SATISFIED, f"no {name} letter", 0)


def _free(instruction: Instruction) -> bool:
    return has_case(instruction.language) and not wants_code(instruction)


_LOWER: Forms = {
    "en": (
        "Write your entire answer in lowercase letters; no capital letters are allowed.",
        "Your whole answer must be in lowercase, without any capital letter.",
        "Do not use a single capital letter: answer in all lowercase letters.",
    ),
    "zh": (
        "回答中的所有字母都用小写，不得出现大写字母。",
        "你的回答必须全部使用小写字母，不能有大写字母。",
        "不要使用任何大写字母，字母一律小写。",
    ),
    "es": (
        "Escribe toda tu respuesta en minúsculas; no se permiten mayúsculas.",
        "Tu respuesta entera debe estar en minúsculas, sin ninguna mayúscula.",
        "No uses ni una sola mayúscula: responde todo en minúsculas.",
    ),
    "fr": (
        "Écris toute ta réponse en minuscules ; aucune majuscule n'est permise.",
        "Ta réponse entière doit être en minuscules, sans une seule majuscule.",
        "N'utilise pas une seule majuscule : réponds tout en minuscules.",
    ),
    "ja": (
        "回答はすべて小文字で書いてください。大文字は使えません。",
        "回答全体を小文字だけにし、大文字を一つも入れないでください。",
        "大文字は一切使わず、英字はすべて小文字で答えてください。",
    ),
}
_UPPER: Forms = {
    "en": (
        "Write your entire answer in capital letters only.",
        "Your whole answer must be in all capital letters, without any lowercase letter.",
        "Use no lowercase letters: answer in ALL CAPS.",
    ),
    "zh": (
        "回答中的所有字母都用大写。",
        "你的回答必须全部使用大写字母，不能有小写字母。",
        "不要使用任何小写字母，字母一律大写。",
    ),
    "es": (
        "Escribe toda tu respuesta solo en mayúsculas.",
        "Tu respuesta entera debe estar en mayúsculas, sin ninguna minúscula.",
        "No uses minúsculas: responde TODO EN MAYÚSCULAS.",
    ),
    "fr": (
        "Écris toute ta réponse en majuscules uniquement.",
        "Ta réponse entière doit être en majuscules, sans une seule minuscule.",
        "N'utilise pas de minuscules : réponds TOUT EN MAJUSCULES.",
    ),
    "ja": (
        "回答はすべて大文字だけで書いてください。",
        "回答全体を大文字にし、小文字を一つも入れないでください。",
        "小文字は使わず、英字はすべて大文字で答えてください。",
    ),
}


class Lower(VerifiableConstraint):
    """No capital letter."""

    id = "case.lower"
    Params = Plain
    categories = ("Format", "Linguistic")
    one_word = True
    slots = frozenset({"case"})

    def sample(self, instruction: Instruction, rng: Random) -> Plain | None:
        """Fits scripts with case, not code."""
        return Plain() if _free(instruction) else None

    def render(self, params: Plain, language: str, variant: int = 0) -> str:
        """Words the case."""
        return pick(_LOWER, language, variant)

    def check(self, params: Plain, document: Document) -> Check:
        """Looks for capital letters."""
        return _judge(document, "capital")

    def witness(self, params: Plain, rng: Random) -> Witness:
        """Gives a text in small letters, and one with a capital."""
        return Witness("all is small.", "All is small.")


class Upper(VerifiableConstraint):
    """No small letter."""

    id = "case.upper"
    Params = Plain
    categories = ("Format", "Linguistic")
    one_word = True
    slots = frozenset({"case"})

    def sample(self, instruction: Instruction, rng: Random) -> Plain | None:
        """Fits scripts with case, not code."""
        return Plain() if _free(instruction) else None

    def render(self, params: Plain, language: str, variant: int = 0) -> str:
        """Words the case."""
        return pick(_UPPER, language, variant)

    def check(self, params: Plain, document: Document) -> Check:
        """Looks for small letters."""
        return _judge(document, "small")

    def witness(self, params: Plain, rng: Random) -> Witness:
        """Gives a text in capitals, and one with small letters."""
        return Witness("ALL IS LARGE.", "ALL IS Large.")


# A word of ASCII characters without a small letter, with two capitals. It begins with one class of characters, so that
# the search skips what lies between; what may stand before the first is looked at behind it.
_JOINT = r"(?:['\-]|(?<=[0-9])[.,](?=[0-9]))"
_UP_TO_CAPITAL = rf"[0-9]*(?:{_JOINT}[0-9]+)*{_JOINT}?[A-Z]"
_CAPITALS = re.compile(
    r"[A-Z0-9](?<![a-zA-Z0-9].)(?<![a-zA-Z0-9]['\-].)(?<![0-9][.,][0-9])"
    rf"(?:(?<=[A-Z]){_UP_TO_CAPITAL}|{_UP_TO_CAPITAL}{_UP_TO_CAPITAL})[A-Z0-9]*(?:{_JOINT}[A-Z0-9]+)*"
    r"(?![a-zA-Z0-9]|['\-][a-zA-Z0-9]|(?<=[0-9])[.,][0-9])"
)


class CapitalWords(Counted):
    """How many words in all capitals, of two capital letters or more: the words I and A do not count."""

    id = "case.capital_words"
    categories = ("Numerical", "Format")
    one_word = True
    slots = frozenset({"case"})
    nouns: ClassVar[Nouns] = {
        "en": ("word in all capital letters", "words in all capital letters"),
        "zh": ("个全大写的单词", "个全大写的单词"),
        "es": ("palabra escrita toda en mayúsculas", "palabras escritas todas en mayúsculas"),
        "fr": ("mot tout en majuscules", "mots tout en majuscules"),
        "ja": ("個の全部大文字の単語", "個の全部大文字の単語"),
    }
    frames: ClassVar[Forms] = {
        "en": (
            "Use {q} (one-letter words do not count).",
            "Your answer must contain {q}, not counting one-letter words.",
            "There should be {q} of two or more letters in your answer.",
        ),
        "zh": (
            "请使用{q}（单个字母不算）。",
            "你的回答必须包含{q}，单个字母不算在内。",
            "回答中应有{q}（至少两个字母）。",
        ),
        "es": (
            "Usa {q} (las palabras de una letra no cuentan).",
            "Tu respuesta debe contener {q}, sin contar las de una letra.",
            "En tu respuesta debe haber {q}, de dos o más letras.",
        ),
        "fr": (
            "Utilise {q} (les mots d'une lettre ne comptent pas).",
            "Ta réponse doit contenir {q}, sans compter les mots d'une lettre.",
            "Il doit y avoir {q} dans ta réponse, de deux lettres ou plus.",
        ),
        "ja": (
            "{q}を使ってください（一文字の語は数えません）。",
            "回答には{q}を含めてください。一文字の語は数に入りません。",
            "二文字以上の、{q}が回答に必要です。",
        ),
    }
    draws: ClassVar[Draws] = {"at_least": (1, 2, 3), "at_most": (1, 2)}

    def fits(self, instruction: Instruction) -> bool:
        """Fits scripts with case, not code."""
        return _free(instruction)

    def find(self, params: Quantity, document: Document) -> Sequence[Span]:
        """Gives the words in capitals."""
        text = document.text
        if text.isascii():
            return [match.span() for match in _CAPITALS.finditer(text)]
        # A word without a small letter is its own upper case; where there is none no place is looked for.
        if not any(len(word) > 1 and word.upper() == word for word in document.words):
            return []
        long = ((start, end) for start, end in document.word_spans if end - start > 1)
        spans = [(start, end) for start, end in long if text[start:end].upper() == text[start:end]]
        return [(start, end) for start, end in spans if sum(map(_capital, text[start:end])) > 1]

    def tally(self, params: Quantity, document: Document) -> tuple[int, Sequence[Span]]:
        """Counts the words; of ASCII, places are made of the first ones alone."""
        text = document.text
        if not text.isascii():
            return super().tally(params, document)
        spans = [match.span() for match in islice(_CAPITALS.finditer(text), EVIDENCE)]
        more = _CAPITALS.findall(text, spans[-1][1]) if len(spans) == EVIDENCE else ()
        return len(spans) + len(more), spans

    def stays(self, document: Document, span: Span) -> bool:
        """A word may go on, also behind an apostrophe."""
        return span[1] + 1 < len(document.text)

    def text_with(self, params: Quantity, count: int) -> str:
        """Repeats a word in capitals."""
        return " ".join(["Well", *["YES"] * count])
