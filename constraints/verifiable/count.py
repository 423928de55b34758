"""How often something stands in the response: placeholders, a letter, numbers."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from random import Random
from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from ...schemas.instruction import Instruction
from ...schemas.text import foreign
from ..common_words import by_common_words
from ..document import EVIDENCE, Document, Span
from ._counted import Counted, Draws, Quantity
from ._fit import has_case, wants_code
from ._wording import Forms, Nouns, pick, quantity, quoted

__all__ = ["Letter", "Numbers", "Placeholders"]

# No link or link definition, footnote, checkbox or escaped bracket; a name holds a letter and no quotation mark.
_PLACEHOLDER, _WIDE_PLACEHOLDER = (
    re.compile(rf"{opener}(?<!\\\[)(?!\^)([^\[\]［］\r\n\"]+)[\]］](?!\(|:[ \t]*(?:https?:|www\.|[/<#]))")
    for opener in (r"\[", "[\\[［]")
)
_CHARACTER = re.compile(r"[^\u0300-\u036f][\u0300-\u036f]*")
_COMBINING = re.compile("[\u0300-\u036f]")
_LABEL = re.compile(r"\[([^\[\]\r\n]{1,200})\]")
_DEFINED = re.compile(r"^[ \t]{0,3}\[([^\[\]\r\n]{1,200})\]:[ \t]*(?:https?:|www\.|[/<#])", re.MULTILINE)
_CHECKBOX = ("", "x", "X")
# 1,000.50 and 1.000,50 are one number each, so are 3.14, 3,14, 1.000.000 and 1,00,000; 1,2,3 are three, 2023-2024 two.
_NUMBER = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)"
    # Behind the first groups of two of what is no such number nothing is: it is not looked for again.
    r"|(?:(?<!(?<![\d.])\d,)(?<!(?<![\d.])\d\d,)|(?=\d,))\d{1,2}(?:,\d{2}(?=,))+,\d{3}(?!\d)"
    r"|\d{1,3}(?:\.\d{3})+,\d+(?!,?\d)"
    r"|(?<!\d)(?<!\d,)(?:\d{1,3},\d+|\d+,\d{1,2})(?!\d)(?!,\d)|\d+(?:\.\d+)*"
)

_PAIR = re.compile(r"\d,\d")
_UNIT = re.compile(r"\s?(?:%|(?:[kcm]?m|[km]?g|m?l|h|s)\b)")
_DIGITS = re.compile(r"\d\d*(?:([.,])\d\d*)*")
"""What may hold numbers: one, where no mark is in it."""


class Placeholders(Counted):
    """How many placeholders in square brackets, such as ``[name]``."""

    id = "count.placeholders"
    categories = ("Numerical", "Format")
    slots = frozenset({"placeholders"})
    nouns: ClassVar[Nouns] = {
        "en": ("placeholder", "placeholders"),
        "zh": ("个占位符", "个占位符"),
        "es": ("marcador de posición", "marcadores de posición"),
        "fr": ("champ à remplir", "champs à remplir"),
        "ja": ("個のプレースホルダー", "個のプレースホルダー"),
    }
    frames: ClassVar[Forms] = {
        "en": (
            "Include {q} in square brackets, such as [name].",
            "Your answer must contain {q} written in square brackets, like [date].",
            "Use {q} in square brackets, for example [place].",
        ),
        "zh": (
            "请包含{q}，用方括号表示，例如[姓名]。",
            "你的回答必须含有{q}，写在方括号里，如[日期]。",
            "使用{q}，放在方括号中，比如[地点]。",
        ),
        "es": (
            "Incluye {q} entre corchetes, como [nombre].",
            "Tu respuesta debe contener {q} entre corchetes, por ejemplo [fecha].",
            "Usa {q} entre corchetes, como [lugar].",
        ),
        "fr": (
            "Inclus {q} entre crochets, comme [nom].",
            "Ta réponse doit contenir {q} entre crochets, par exemple [date].",
            "Utilise {q} entre crochets, comme [lieu].",
        ),
        "ja": (
            "角括弧で{q}を入れてください（例：[名前]）。",
            "回答には[日付]のように角括弧で書いた{q}が必要です。",
            "[場所]のような角括弧の{q}を使ってください。",
        ),
    }
    draws: ClassVar[Draws] = {"at_least": (1, 2, 3)}

    def fits(self, instruction: Instruction) -> bool:
        """Code has brackets of its own."""
        return not wants_code(instruction)

    def find(self, params: Quantity, document: Document) -> Sequence[Span]:
        """Gives the bracketed names; in code an index (``a[i]``) is none."""
        text = document.text
        if "[" not in text and "［" not in text:
            return []
        # What begins with one character is found far sooner than a class.
        pattern = _WIDE_PLACEHOLDER if "［" in text else _PLACEHOLDER
        # A name is all on one line, so the lines matter where some are code.
        prose = set(document.prose_lines) if document.fenced else ()
        linked = {label.lower() for label in _DEFINED.findall(text)} if "]:" in text else set()
        return [
            match.span()
            for line in (document.lines if document.fenced else [(0, len(text))])
            for match in pattern.finditer(text, *line)
            if _names(match.group(1))
            and (not document.fenced or line in prose or not text[max(0, match.start() - 1)].isalnum())
            and not _indexes(text, *match.span())
            and not (linked and _refers(text, match, linked))
        ]

    def stays(self, document: Document, span: Span) -> bool:
        """A link's address may follow, if no more than its first signs are there."""
        after = document.text[span[1] : span[1] + 40]
        return "\n" in after or len(after) == 40

    def text_with(self, params: Quantity, count: int) -> str:
        """Repeats a placeholder."""
        return " ".join(["Dear", *["[name]"] * count])


def _refers(text: str, found: re.Match[str], linked: set[str]) -> bool:
    """Tells whether brackets are a link whose address is defined elsewhere: ``[docs]``, ``[docs][1]``."""
    label = _LABEL.match(text, found.end())
    return (label[1] if label else found[1]).lower() in linked


def _indexes(text: str, start: int, end: int) -> bool:
    """Tells whether short brackets right behind a letter or digit are an index: ``a[i]``, ``R[x]``."""
    before = text[max(0, start - 1) : start]
    return end - start <= 5 and before.isascii() and before.isalnum()


def _names(inside: str) -> bool:
    return inside.strip() not in _CHECKBOX and any(map(str.isalpha, inside))


def _combines(text: str) -> bool:
    return _COMBINING.search(foreign(text)) is not None


def _is(character: str, wanted: str) -> bool:
    """Tells whether a character with its combining marks is a letter, capital or small."""
    return unicodedata.normalize("NFC", character)[0].lower() == wanted


def _forms(wanted: str, text: str) -> str:
    """Gives the characters of a text without combining marks that are a letter, which is given in lower case."""
    plain = {wanted, wanted.upper()} if wanted.isascii() else ()
    return "".join([*plain, *(one for one in set(foreign(text)) if _is(one, wanted))])


def _letters(wanted: str, text: str) -> Iterator[re.Match[str]]:
    """Finds a letter that is given in lower case."""
    if _combines(text):
        return (match for match in _CHARACTER.finditer(text) if _is(match.group(), wanted))
    forms = _forms(wanted, text)
    return _any_of("".join(sorted(forms))).finditer(text) if forms else iter(())


@lru_cache(maxsize=1024)
def _any_of(characters: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(characters)}]")


class LetterQuantity(Quantity):
    """A letter and how often it stands in the response."""

    letter: Annotated[str, Field(min_length=1, max_length=2)]

    @field_validator("letter")
    @classmethod
    def _one_letter(cls, letter: str) -> str:
        letter = unicodedata.normalize("NFC", letter)
        if len(letter) != 1 or letter.isspace() or unicodedata.combining(letter):
            raise ValueError(f"{letter!r} is not one letter")
        return letter


class Letter(Counted):
    """How often a letter (or another single character) occurs, capital or small."""

    id = "count.letter"
    categories = ("Numerical", "Linguistic")
    one_word = True
    Params = LetterQuantity
    slots = frozenset({"letter"})
    nouns: ClassVar[Nouns] = {
        "en": ("time", "times"),
        "zh": ("次", "次"),
        "es": ("vez", "veces"),
        "fr": ("fois", "fois"),
        "ja": ("回", "回"),
    }
    frames: ClassVar[Forms] = {
        "en": (
            "The letter {letter} must appear {q} in your answer.",
            "Use the letter {letter} {q}.",
            "In your answer the letter {letter} should occur {q}.",
        ),
        "zh": (
            "字母{letter}在你的回答中必须出现{q}。",
            "请使用字母{letter}{q}。",
            "回答里字母{letter}要出现{q}。",
        ),
        "es": (
            "La letra {letter} debe aparecer {q} en tu respuesta.",
            "Usa la letra {letter} {q}.",
            "En tu respuesta la letra {letter} tiene que aparecer {q}.",
        ),
        "fr": (
            "La lettre {letter} doit apparaître {q} dans ta réponse.",
            "Utilise la lettre {letter} {q}.",
            "Dans ta réponse, la lettre {letter} doit figurer {q}.",
        ),
        "ja": (
            "回答に文字{letter}を{q}使ってください。",
            "文字{letter}は回答の中に{q}出てくる必要があります。",
            "回答では文字{letter}が{q}現れるようにしてください。",
        ),
    }
    draws: ClassVar[Draws] = {"at_least": (5, 8, 10, 12, 15), "at_most": (3, 4, 5, 6)}

    def sample(self, instruction: Instruction, rng: Random) -> LetterQuantity | None:
        """Draws a frequent letter to use, or a rarer one to use seldom."""
        if not has_case(instruction.language) or wants_code(instruction):
            return None
        relation, n = self.draw(rng)
        # A vowel with an accent is the same letter to its readers, another one to the check.
        often = "aeinorst" if instruction.language == "en" else "lrst"
        letter = rng.choice(often if relation == "at_least" else "bdfghmpv")
        return LetterQuantity(relation=relation, n=n, letter=letter)

    def render(self, params: LetterQuantity, language: str, variant: int = 0) -> str:
        """Words the letter and its count."""
        frames = self.frames.get(language) or self.frames["en"]
        q = quantity(params.relation, params.n, self.nouns, language, variant // len(frames))
        return pick(self.frames, language, variant).format(q=q, letter=quoted(params.letter, language))

    def find(self, params: LetterQuantity, document: Document) -> Sequence[Span]:
        """Gives the letter's places; a letter and its combining marks are one, so ``ñ`` is found in either form."""
        return [match.span() for match in _letters(params.letter.lower(), document.text)]

    def tally(self, params: LetterQuantity, document: Document) -> tuple[int, Sequence[Span]]:
        """Counts the places without finding them all."""
        wanted, text = params.letter.lower(), document.text
        if _combines(text):
            count = sum(n for one, n in Counter(_CHARACTER.findall(text)).items() if _is(one, wanted))
        else:
            count = sum(map(text.count, _forms(wanted, text)))
        places = islice(_letters(wanted, text), EVIDENCE if count else 0)
        return count, [match.span() for match in places]

    def text_with(self, params: LetterQuantity, count: int) -> str:
        """Repeats the letter."""
        other = "." if params.letter != "." else "!"
        return " ".join([other, *[params.letter] * count])


class Numbers(Counted):
    """How many numbers in digits: ``1,000`` and ``3.14`` are one each, ``1,2,3`` are three."""

    id = "count.numbers"
    categories = ("Numerical", "Content")
    one_word = True
    slots = frozenset({"numbers"})
    nouns: ClassVar[Nouns] = {
        "en": ("number", "numbers"),
        "zh": ("个数值", "个数值"),
        "es": ("número", "números"),
        "fr": ("nombre", "nombres"),
        "ja": ("個の数値", "個の数値"),
    }
    frames: ClassVar[Forms] = {
        "en": (
            "Include {q} written in digits.",
            "Your answer must contain {q}, written in digits.",
            "Mention {q} in digits, such as 7 or 25.",
        ),
        "zh": (
            "请在回答中写出{q}，用阿拉伯数字表示。",
            "你的回答必须含有{q}，写成阿拉伯数字。",
            "回答中要出现{q}，用阿拉伯数字书写，例如7或25。",
        ),
        "es": (
            "Incluye {q} en cifras.",
            "Tu respuesta debe contener {q} en cifras.",
            "Menciona {q} en cifras, por ejemplo 7 o 25.",
        ),
        "fr": (
            "Inclus {q} en chiffres.",
            "Ta réponse doit contenir {q} en chiffres.",
            "Mentionne {q} en chiffres, par exemple 7 ou 25.",
        ),
        "ja": (
            "数字で書いた{q}を入れてください。",
            "回答には、数字で書いた{q}が必要です。",
            "7や25のように数字で{q}を挙げてください。",
        ),
    }
    draws: ClassVar[Draws] = {"at_least": (1, 2, 3), "at_most": (1, 2, 3)}

    def fits(self, instruction: Instruction) -> bool:
        """Code has numbers of its own."""
        return not wants_code(instruction)

    def find(self, params: Quantity, document: Document) -> Sequence[Span]:
        """Gives the numbers."""
        text = document.text
        spans: list[Span] = []
        for digits in _DIGITS.finditer(text):
            if digits.lastindex and not _PAIR.fullmatch(text, *digits.span()):
                spans += (match.span() for match in _NUMBER.finditer(text, *digits.span()))
            elif digits.lastindex:
                # Of a cut text the rest decides: what is counted so far is the least that there will be.
                spans += [digits.span()] if document.cut else self._pair(text, *digits.span())
            else:
                spans.append(digits.span())
        return spans

    def _pair(self, text: str, start: int, end: int) -> list[Span]:
        """Reads ``3,4``: one number where the text writes decimals with a comma, two in plain ASCII without a unit."""
        one = not text.isascii() or _UNIT.match(text, end) or by_common_words(text) not in (None, "en")
        return [(start, end)] if one else [(start, start + 1), (end - 1, end)]

    def text_with(self, params: Quantity, count: int) -> str:
        """Repeats a number."""
        return " ".join(["Numbers:", *["7"] * count])
