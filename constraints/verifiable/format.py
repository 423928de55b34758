"""The response's form: bullets, highlights, a title, JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from random import Random
from typing import Any, ClassVar

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, VerifiableConstraint, Witness, blank_check
from ..document import MARGIN, Document, Span
from ._counted import Counted, Draws, Quantity
from ._fit import wants_code, wants_data
from ._wording import Forms, Nouns, pick

__all__ = ["Bullets", "Highlights", "Json", "Title"]

DEEPEST = 200
"""Levels of nesting that the JSON check reads: Python's own limit depends on who calls."""


class Plain(ConstraintParams):
    """No parameters."""


class Bullets(Counted):
    """How many markdown bullets."""

    id = "format.bullets"
    categories = ("Format", "Numerical")
    slots = frozenset({"bullets"})
    conflicts = frozenset({"length.paragraphs", "length.sentences"})
    nouns: ClassVar[Nouns] = {
        "en": ("bullet point", "bullet points"),
        "zh": ("个项目符号", "个项目符号"),
        "es": ("viñeta", "viñetas"),
        "fr": ("puce", "puces"),
        "ja": ("個の箇条書き", "個の箇条書き"),
    }
    frames: ClassVar[Forms] = {
        "en": (
            'Use {q}, each on a line of its own that starts with "- " or "* ".',
            'Your answer must contain {q} in markdown, such as "- This is a point."',
            'Write {q}, every one on a new line beginning with "* " or "- ".',
        ),
        "zh": (
            "请使用{q}，每个另起一行并以“- ”或“* ”开头。",
            "你的回答必须包含{q}，采用Markdown格式，例如“- 这是一点”。",
            "写出{q}，每个单独成行，以“* ”或“- ”开头。",
        ),
        "es": (
            'Usa {q}; cada línea de la lista debe empezar por "- " o "* ".',
            'Tu respuesta debe contener {q} en markdown, como "- Esto es un punto."',
            'Escribe {q}, siempre en una línea nueva que comience con "* " o "- ".',
        ),
        "fr": (
            'Utilise {q} ; chaque ligne de la liste doit commencer par "- " ou "* ".',
            'Ta réponse doit contenir {q} en markdown, comme "- Voici un point."',
            'Écris {q}, chacune sur une nouvelle ligne qui commence par "* " ou "- ".',
        ),
        "ja": (
            "{q}を使い、それぞれ「- 」か「* 」で始まる行にしてください。",
            "回答にはMarkdownの{q}が必要です。例えば「- これは要点です」のように書きます。",
            "「* 」か「- 」で始まる行で、{q}を書いてください。",
        ),
    }
    draws: ClassVar[Draws] = {"at_least": (2, 3, 4), "exactly": (2, 3, 4, 5)}

    def fits(self, instruction: Instruction) -> bool:
        """Code is no list."""
        return not wants_code(instruction)

    def find(self, params: Quantity, document: Document) -> Sequence[Span]:
        """Gives the bullets."""
        return document.bullets

    def stays(self, document: Document, span: Span) -> bool:
        """A bullet stays, unless it may still become a divider (``- - -``)."""
        return super().stays(document, span) or bool(document.text[slice(*span)].strip("-*_ \t"))

    def text_with(self, params: Quantity, count: int) -> str:
        """Repeats a bullet."""
        return "\n".join(["Points:", *["- one point"] * count])


class Highlights(Counted):
    """How many places that markdown stars emphasise, once each."""

    id = "format.highlights"
    categories = ("Format", "Numerical")
    slots = frozenset({"highlights"})
    nouns: ClassVar[Nouns] = {
        "en": ("highlighted part", "highlighted parts"),
        "zh": ("处强调", "处强调"),
        "es": ("parte resaltada", "partes resaltadas"),
        "fr": ("passage mis en évidence", "passages mis en évidence"),
        "ja": ("か所の強調", "か所の強調"),
    }
    frames: ClassVar[Forms] = {
        "en": (
            "Your answer must have {q}, marked with asterisks as in *this* or **this**.",
            "Your answer must contain {q} in markdown, such as *highlighted*.",
            "Use markdown asterisks, as in **important**, for {q}.",
        ),
        "zh": (
            "你的回答必须有{q}，用星号标出，如*这样*或**这样**。",
            "回答中必须有{q}，用Markdown写成*重点*的样子。",
            "请用Markdown的星号做{q}，如**重要**。",
        ),
        "es": (
            "Tu respuesta debe tener {q} con asteriscos, como *esto* o **esto**.",
            "Tu respuesta debe contener {q} en markdown, por ejemplo *resaltado*.",
            "Marca {q} con asteriscos de markdown, como en **importante**.",
        ),
        "fr": (
            "Ta réponse doit avoir {q} avec des astérisques, comme *ceci* ou **ceci**.",
            "Ta réponse doit contenir {q} en markdown, par exemple *important*.",
            "Marque {q} avec les astérisques de markdown, comme **important**.",
        ),
        "ja": (
            "回答には、*これ*や**これ**のようにアスタリスクで示した{q}が必要です。",
            "回答にMarkdownで*強調*のように{q}を入れてください。",
            "**重要**のようなMarkdownのアスタリスクで{q}をしてください。",
        ),
    }
    draws: ClassVar[Draws] = {"at_least": (1, 2, 3)}

    def fits(self, instruction: Instruction) -> bool:
        """Code has stars of its own."""
        return not wants_code(instruction)

    def find(self, params: Quantity, document: Document) -> Sequence[Span]:
        """Gives the emphasised places."""
        return document.highlights

    def stays(self, document: Document, span: Span) -> bool:
        """In the last line a star may follow, or the end of code that began before."""
        text, (start, end) = document.text, span
        if end < document.lines[-1][0]:
            return True
        return end < len(text) and "`" not in text[document.lines[-1][0] : start]

    def text_with(self, params: Quantity, count: int) -> str:
        """Repeats an emphasised word."""
        return " ".join(["Note", *["*this*"] * count])


# `cout << x; cin >> y` is code; <<War; Peace>> is a title.
_TITLE = re.compile(r"<<(?![ \t][^<>\r\n]*;)([^<>\r\n]+)>>")
_TITLE_FORMS: Forms = {
    "en": (
        "Give your answer a title wrapped in double angular brackets, such as <<title>>.",
        "Your answer must contain a title in double angular brackets, for example <<my title>>.",
        "Include a title, and write it in double angular brackets like this: <<title>>.",
    ),
    "zh": (
        "请给回答加一个标题，用双尖括号括起来，例如<<标题>>。",
        "你的回答必须包含一个标题，写在双尖括号中，如<<我的标题>>。",
        "回答中要有标题，并按<<标题>>的形式写在双尖括号里。",
    ),
    "es": (
        "Pon a tu respuesta un título entre dobles corchetes angulares, como <<título>>.",
        "Tu respuesta debe contener un título entre dobles corchetes angulares, por ejemplo <<mi título>>.",
        "Incluye un título y escríbelo entre dobles corchetes angulares, así: <<título>>.",
    ),
    "fr": (
        "Donne à ta réponse un titre entre doubles chevrons, comme <<titre>>.",
        "Ta réponse doit contenir un titre entre doubles chevrons, par exemple <<mon titre>>.",
        "Ajoute un titre et écris-le entre doubles chevrons, ainsi : <<titre>>.",
    ),
    "ja": (
        "回答に<<題名>>のように二重の山括弧で囲んだ題名を付けてください。",
        "回答には、二重の山括弧で囲んだ題名が必要です（例：<<私の題名>>）。",
        "題名を入れ、<<題名>>の形で二重の山括弧の中に書いてください。",
    ),
}


_BEFORE = re.compile(r"[\w)\]\"'][ \t]{0,9}\Z")
_AFTER = re.compile(r"[ \t]{0,9}[\w(\"']")


def _shifts(text: str, start: int, end: int, cut: bool) -> bool:
    """Tells whether angles are operators, with something to work on at both sides: ``1 << 2 >> 1``, ``x<<y>>z``.

    In a cut text they may become ones where nothing stands behind them yet.
    """
    if not _BEFORE.search(text, max(0, start - 10), start):
        return False
    if cut and not text[end:].strip(" \t"):
        return True
    if not _AFTER.match(text, end):
        return False
    loose = text[start + 2].isspace() or text[end - 3].isspace()
    return loose or not (text[start - 1].isspace() or text[end].isspace())


class Title(VerifiableConstraint):
    """A title in double angular brackets; nothing in code is one."""

    id = "format.title"
    Params = Plain
    categories = ("Format",)
    slots = frozenset({"title"})
    conflicts = frozenset({"start_end.start_phrase", "start_end.quotation"})

    def sample(self, instruction: Instruction, rng: Random) -> Plain | None:
        """Fits any request but one for code."""
        return None if wants_code(instruction) else Plain()

    def render(self, params: Plain, language: str, variant: int = 0) -> str:
        """Words the title."""
        return pick(_TITLE_FORMS, language, variant)

    def check(self, params: Plain, document: Document) -> Check:
        """Looks for a title."""
        if document.blank:
            return blank_check(document)
        text = document.text
        # A title is all on one line, so the lines matter where some are code.
        lines = document.prose_lines if document.fenced else [(0, len(text))]
        for line in lines if "<<" in text else ():
            for match in _TITLE.finditer(text, *line):
                if any(map(str.isalnum, match.group(1))) and not _shifts(text, *match.span(), document.cut):
                    return Check(Outcome.SATISFIED, "a title is there", match.group(1).strip(), (match.span(),))
        return Check(Outcome.of(None if document.cut else False), "no title in << >>")

    def witness(self, params: Plain, rng: Random) -> Witness:
        """Gives a titled text and an untitled one."""
        return Witness("<<A Title>>\n\nA text.", "A Title\n\nA text.")


_FENCE_BEGUN = re.compile(r"`{1,2}|```[ \t]*\w*[ \t]*")
_OPENED = re.compile(r"(`{3,}|~{3,})[ \t]*\w*\s*")
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{\]}]', re.DOTALL)
_JSON_FORMS: Forms = {
    "en": (
        "Give your entire answer as one JSON object or array.",
        "Your whole answer must be valid JSON, an object or an array, and nothing else.",
        "Output only JSON: one object or array with nothing before or after it.",
    ),
    "zh": (
        "请将整个回答写成一个JSON对象或数组。",
        "你的全部回答必须是合法的JSON（对象或数组），不含其他内容。",
        "只输出JSON：一个对象或数组，前后不要有其他文字。",
    ),
    "es": (
        "Escribe toda tu respuesta como un solo objeto o arreglo JSON.",
        "Tu respuesta entera debe ser JSON válido, un objeto o un arreglo, y nada más.",
        "Devuelve solo JSON: un objeto o arreglo sin nada antes ni después.",
    ),
    "fr": (
        "Donne toute ta réponse sous la forme d'un seul objet ou tableau JSON.",
        "Ta réponse entière doit être du JSON valide, un objet ou un tableau, et rien d'autre.",
        "Ne renvoie que du JSON : un objet ou un tableau, sans rien avant ni après.",
    ),
    "ja": (
        "回答全体を一つのJSONオブジェクトまたは配列にしてください。",
        "回答は正しいJSON（オブジェクトか配列）だけにし、他は何も書かないでください。",
        "JSONだけを出力してください。一つのオブジェクトか配列で、前後に何も書きません。",
    ),
}


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


# Numbers are not built: a long one is as valid as any.
_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_int=len, parse_float=len)


def _too_deep(text: str) -> bool:
    """Tells whether brackets outside strings nest deeper than ``DEEPEST`` levels."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    depth = 0
    for token in _JSON_TOKEN.findall(text):
        if token in "[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif token in "]}":
            depth -= 1
    return False


def _json_problem(text: str) -> str | None:
    """Says why a text is no JSON object or array; null when it is one."""
    if not text.startswith(("{", "[")):
        return "does not begin with an object or array"
    if _too_deep(text):
        return f"nested deeper than {DEEPEST} levels"
    try:
        _DECODER.decode(text)
    except ValueError as error:
        return str(error)
    return None


class Json(VerifiableConstraint):
    """The whole response, or what its one code fence holds, is a JSON object or array; NaN is none."""

    id = "format.json"
    Params = Plain
    categories = ("Format",)
    slots = frozenset({"whole_form", "start", "end", "title", "bullets", "highlights", "placeholders"})
    conflicts = frozenset(
        {"case", "punctuation", "start_end", "length.sentences", "length.paragraphs", "language", "keywords.frequency"}
    )

    def sample(self, instruction: Instruction, rng: Random) -> Plain | None:
        """Fits requests whose answer could be data."""
        return Plain() if wants_data(instruction) and not wants_code(instruction) else None

    def render(self, params: Plain, language: str, variant: int = 0) -> str:
        """Words the form."""
        return pick(_JSON_FORMS, language, variant)

    def check(self, params: Plain, document: Document) -> Check:
        """Parses the text; one that is cut is unknown unless it begins wrongly."""
        if document.blank:
            return blank_check(document)
        text = document.text.strip(MARGIN)
        if opened := _OPENED.match(text):
            if text.endswith(opened[1]) and len(text) - len(opened[1]) >= opened.end():
                text = text[opened.end() : -len(opened[1])]
            elif document.cut:
                text = text[opened.end() :]
        text = text.strip()
        # Of a fence perhaps nothing but its first line is there.
        if document.cut and (not text or _FENCE_BEGUN.fullmatch(text) or text.startswith(("{", "["))):
            return Check(Outcome.UNKNOWN, "the reply was cut")
        problem = _json_problem(text)
        return Check(Outcome.of(problem is None), problem or "valid JSON")

    def witness(self, params: Plain, rng: Random) -> Witness:
        """Gives an object, and the same as prose."""
        return Witness('{"answer": ["yes", "no"]}', "The answer is yes or no.")
