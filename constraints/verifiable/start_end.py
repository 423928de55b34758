"""How the response begins and ends: a first phrase, a last phrase, quotation marks around it."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from random import Random
from typing import Annotated

from pydantic import Field

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, VerifiableConstraint, Witness, blank_check
from ..document import MARGIN, Document
from ._fit import wants_code
from ._keyword import Readable
from ._literal import ends_with, starts_with, without
from ._wording import Forms, pick, quoted

__all__ = ["EndPhrase", "Quotation", "StartPhrase"]

_EDGE = MARGIN + "\"'“”‘’«»「」『』*_#>`"
"""Quotation marks, emphasis and space around a response: they are not part of its first or last words."""
_MARKS = ".!?…。！？"
_READS = re.compile(r"[^\W_]")
"""A letter or a digit."""


class Plain(ConstraintParams):
    """No parameters."""


class Phrase(ConstraintParams):
    """A phrase with at least one letter or digit."""

    phrase: Annotated[str, Field(min_length=1, max_length=300), Readable]


_STARTS = {
    "en": ("In short", "Here is my answer", "To begin with", "Let me think"),
    "zh": ("总的来说", "首先", "我的回答是", "简单来说"),
    "es": ("En resumen", "Esta es mi respuesta", "Para empezar", "Vamos a ver"),
    "fr": ("En bref", "Voici ma réponse", "Pour commencer", "Voyons voir"),
    "ja": ("要するに", "私の答えは", "まず", "簡単に言うと"),
}
_ENDS = {
    "en": ("Is there anything else I can help with?", "That is all for now.", "I hope this helps.", "The end."),
    "zh": ("还有什么可以帮您的吗？", "以上就是全部内容。", "希望对你有帮助。", "谢谢阅读。"),
    "es": ("¿Puedo ayudarte en algo más?", "Eso es todo por ahora.", "Espero que te sirva.", "Fin de la respuesta."),
    "fr": (
        "Puis-je t'aider pour autre chose ?",
        "C'est tout pour le moment.",
        "J'espère que cela t'aide.",
        "Fin de la réponse.",
    ),
    "ja": ("他にお手伝いできることはありますか？", "以上です。", "お役に立てば幸いです。", "これで終わります。"),
}
_START_FORMS: Forms = {
    "en": (
        "Begin your answer with {p}.",
        "Your answer must start with the phrase {p}.",
        "Open your response with exactly these words: {p}.",
    ),
    "zh": ("回答请以{p}开头。", "你的回答必须以{p}这几个字开始。", "请以如下文字开始回答：{p}。"),
    "es": (
        "Empieza tu respuesta con {p}.",
        "Tu respuesta debe comenzar con la frase {p}.",
        "Abre tu respuesta exactamente con estas palabras: {p}.",
    ),
    "fr": (
        "Commence ta réponse par {p}.",
        "Ta réponse doit débuter par la phrase {p}.",
        "Ouvre ta réponse exactement par ces mots : {p}.",
    ),
    "ja": (
        "回答は{p}で始めてください。",
        "回答の冒頭は{p}という言葉でなければなりません。",
        "次の言葉で回答を書き始めてください：{p}。",
    ),
}
_END_FORMS: Forms = {
    "en": (
        "End your answer with {p} and write nothing after it.",
        "Your answer must finish with this phrase, and nothing may follow it: {p}",
        "Close your response with exactly these words and nothing after them: {p}",
    ),
    "zh": (
        "回答请以{p}结尾，之后不要再写任何内容。",
        "你的回答必须用{p}这句话结束，后面不得有其他文字。",
        "请以如下文字结束回答，其后不写任何内容：{p}",
    ),
    "es": (
        "Termina tu respuesta con {p} y no escribas nada después.",
        "Tu respuesta debe acabar con esta frase, y nada puede ir después: {p}",
        "Cierra tu respuesta exactamente con estas palabras y no añadas nada después: {p}",
    ),
    "fr": (
        "Termine ta réponse par {p} et n'écris rien après.",
        "Ta réponse doit finir par cette phrase, et rien ne peut suivre : {p}",
        "Conclus ta réponse exactement par ces mots, sans rien ajouter : {p}",
    ),
    "ja": (
        "回答は{p}で終え、その後には何も書かないでください。",
        "回答の最後は{p}という言葉にし、後に何も続けないでください。",
        "次の言葉で回答を締めくくり、その後は何も書かないでください：{p}",
    ),
}
_QUOTATION: Forms = {
    "en": (
        "Wrap your entire answer in double quotation marks.",
        "Your whole answer must stand between double quotation marks.",
        "Put one double quotation mark before and one after your entire answer.",
    ),
    "zh": ("请用双引号把整个回答括起来。", "你的全部回答必须放在双引号之内。", "在整个回答的前后各加一个双引号。"),
    "es": (
        "Escribe toda tu respuesta entre comillas dobles.",
        "Tu respuesta entera debe ir entre comillas dobles.",
        "Pon comillas dobles al principio y al final de toda tu respuesta.",
    ),
    "fr": (
        "Mets toute ta réponse entre guillemets doubles.",
        "Ta réponse entière doit se trouver entre guillemets doubles.",
        "Place des guillemets doubles au début et à la fin de toute ta réponse.",
    ),
    "ja": (
        "回答全体を二重引用符で囲んでください。",
        "回答はすべて二重引用符の中に入れてください。",
        "回答全体の前後に二重引用符を付けてください。",
    ),
}


def _plain(text: str) -> str:
    """Gives what a phrase is compared by: one form of letters, small, with one kind of space and apostrophe."""
    return " ".join(unicodedata.normalize("NFC", text).lower().replace("’", "'").split())


class StartPhrase(VerifiableConstraint):
    """The first words are the phrase, in any case; quotation marks and emphasis before it do not matter."""

    id = "start_end.start_phrase"
    Params = Phrase
    categories = ("Content", "Format")
    slots = frozenset({"start"})

    def sample(self, instruction: Instruction, rng: Random) -> Phrase | None:
        """Draws a general opening in the request's language."""
        phrases = _STARTS.get(instruction.language or "")
        return Phrase(phrase=rng.choice(phrases)) if phrases and not wants_code(instruction) else None

    def render(self, params: Phrase, language: str, variant: int = 0) -> str:
        """Words the phrase."""
        return pick(_START_FORMS, language, variant).format(p=quoted(params.phrase, language))

    def check(self, params: Phrase, document: Document) -> Check:
        """Compares the beginning; a text cut inside the phrase is unknown."""
        if document.blank:
            return blank_check(document)
        text = document.text
        start = len(text) - len(text.lstrip(_EDGE))
        # A phrase may itself begin with a quotation mark or emphasis.
        for at in (start, len(text) - len(text.lstrip(MARGIN))):
            if place := starts_with(params.phrase, text, at):
                if document.cut and place[1] == len(text):
                    return Check(Outcome.UNKNOWN, "the reply was cut where the phrase may go on")
                return Check(Outcome.SATISFIED, "begins with the phrase", None, (place,))
        if document.cut and _plain(params.phrase).lstrip(_EDGE).startswith(_plain(text[start : start + 1000])):
            return Check(Outcome.UNKNOWN, "the reply was cut inside the phrase")
        return Check(Outcome.VIOLATED, "begins otherwise", text[start : start + 40])

    def witness(self, params: Phrase, rng: Random) -> Witness:
        """Gives a text that begins with the phrase, and one without it."""
        return Witness(f"{params.phrase}\nAnd more.", without((params.phrase,)))


class EndPhrase(VerifiableConstraint):
    """The last words are the phrase, in any case; quotation marks, emphasis and end marks after it do not matter."""

    id = "start_end.end_phrase"
    Params = Phrase
    categories = ("Content", "Format")
    slots = frozenset({"end"})

    def sample(self, instruction: Instruction, rng: Random) -> Phrase | None:
        """Draws a general closing in the request's language."""
        phrases = _ENDS.get(instruction.language or "")
        return Phrase(phrase=rng.choice(phrases)) if phrases and not wants_code(instruction) else None

    def render(self, params: Phrase, language: str, variant: int = 0) -> str:
        """Words the phrase."""
        return pick(_END_FORMS, language, variant).format(p=quoted(params.phrase, language))

    def check(self, params: Phrase, document: Document) -> Check:
        """Compares the end; a cut text has none."""
        if document.blank:
            return blank_check(document)
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut")
        text = document.text
        for characters in (MARGIN, _EDGE, _EDGE + _MARKS):
            if place := ends_with(params.phrase, text, len(text.rstrip(characters))):
                return Check(Outcome.SATISFIED, "ends with the phrase", None, (place,))
        return Check(Outcome.VIOLATED, "ends otherwise", text.rstrip()[-40:])

    def witness(self, params: Phrase, rng: Random) -> Witness:
        """Gives a text that ends with the phrase, and one where it does not stand last."""
        return Witness(f"Some text.\n{params.phrase}", f"{params.phrase}\n{without((params.phrase,))}")


_PAIRS = {'"': '"', "“": "”", "”": "”", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』", "＂": "＂"}


# Straight marks open before a letter or digit and close behind one or a mark; between others they do neither.
_BEHIND = r"[^\W_]|[.,!?…;:)*\]}%]"


@cache
def _steps(opener: str, closer: str) -> re.Pattern[str]:
    """Compiles the quotation marks of one kind that open (group 1) or close."""
    if opener == closer:
        # It begins with the mark itself, so that the search skips what lies between.
        return re.compile(rf"{opener}(?:(?<!(?:{_BEHIND}).)(?=[^\W_])()|(?<=(?:{_BEHIND}).)(?![^\W_]))")
    return re.compile(f"({opener})|[{closer}]")


def _closed_early(text: str, opener: str, closer: str) -> bool:
    """Tells whether the first quotation mark of one kind is closed before the last one stands."""
    depth = 1
    for match in _steps(opener, closer).finditer(text, 1):
        if depth <= 0:
            return True
        depth += 1 if match.lastindex else -1
    return False


class Quotation(VerifiableConstraint):
    """One pair of double quotation marks encloses the whole response, and something is inside."""

    id = "start_end.quotation"
    Params = Plain
    categories = ("Format",)
    slots = frozenset({"start", "end", "whole_form"})

    def sample(self, instruction: Instruction, rng: Random) -> Plain | None:
        """Fits any request but one for code."""
        return None if wants_code(instruction) else Plain()

    def render(self, params: Plain, language: str, variant: int = 0) -> str:
        """Words the marks."""
        return pick(_QUOTATION, language, variant)

    def check(self, params: Plain, document: Document) -> Check:
        """Looks at both ends; in ``"A" or "B"`` the first mark is closed before the end, so nothing encloses it."""
        if document.blank:
            return blank_check(document)
        text = document.text.strip(MARGIN)
        start = len(document.text) - len(document.text.lstrip(MARGIN))
        closer = _PAIRS.get(text[0])
        if closer is None:
            return Check(Outcome.VIOLATED, "does not begin with a quotation mark", None, ((start, start + 1),))
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut")
        end = start + len(text)
        if len(text) < 3 or text[-1] not in closer or not _READS.search(text):
            return Check(Outcome.VIOLATED, "does not end with a quotation mark", None, ((end - 1, end),))
        if _closed_early(text, text[0], closer):
            return Check(Outcome.VIOLATED, "the first quotation mark is closed before the end")
        return Check(Outcome.SATISFIED, "enclosed in quotation marks", None, ((start, start + 1), (end - 1, end)))

    def witness(self, params: Plain, rng: Random) -> Witness:
        """Gives a quoted text, and one that only begins and ends with quoted words."""
        return Witness('"This is all."', '"This" is not "all"')
