"""How long the response is: words, sentences, paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ...schemas.text import foreign, word_start
from ..constraint import Check, compare
from ..document import Document, Span
from ._counted import Counted, Draws, Quantity
from ._fit import free_length, wants_code
from ._wording import Forms, Nouns

__all__ = ["Paragraphs", "Sentences", "Words"]

_UNPARTED = re.compile("[\u0e01-\u0e2e\u0e81-\u0eae\u1000-\u102a\u1780-\u17b3]+")
"""Letters of scripts that do not part their words."""
_BEGUN = re.compile(r"[\s*_#-]*[^\s*_#<-]")


class Words(Counted):
    """How many words; a Chinese or Japanese character counts as one, ``don't`` and ``3.14`` as one.

    Of Thai, Lao, Khmer and Burmese, which write words without spaces, a run has one word at least and as many as
    letters at most: unknown where that decides nothing.
    """

    id = "length.words"
    categories = ("Numerical",)
    one_word = True
    slots = frozenset({"words"})
    nouns: ClassVar[Nouns] = {
        "en": ("word", "words"),
        "zh": ("个字", "个字"),
        "es": ("palabra", "palabras"),
        "fr": ("mot", "mots"),
        "ja": ("語", "語"),
    }
    frames: ClassVar[Forms] = {
        "en": ("Your answer must have {q}.", "Write {q}.", "Use {q} in your answer."),
        "zh": ("你的回答必须有{q}。", "请写{q}。", "回答的字数要求：{q}。"),
        "es": ("Tu respuesta debe tener {q}.", "Escribe {q}.", "Usa {q} en tu respuesta."),
        "fr": ("Ta réponse doit avoir {q}.", "Écris {q}.", "Utilise {q} dans ta réponse."),
        "ja": ("回答は{q}にしてください。", "{q}で書いてください。", "回答の長さは{q}でなければなりません。"),
    }
    draws: ClassVar[Draws] = {"at_least": (20, 25, 30, 40, 50, 60), "at_most": (30, 40, 50, 60, 80)}

    def fits(self, instruction: Instruction) -> bool:
        """Fits where words can be counted and no length may be said that is not read."""
        return free_length(instruction)

    def find(self, params: Quantity, document: Document) -> Sequence[Span]:
        """Gives the words."""
        return document.word_spans

    def tally(self, params: Quantity, document: Document) -> tuple[int, Sequence[Span]]:
        """Counts the words without finding them all; what goes beyond a maximum is where it stands."""
        count, text = document.word_count, document.text
        most = params.n - (params.relation == "less_than")
        if count <= most or params.relation in ("at_least", "more_than"):
            return count, ()
        return count, [(word_start(text, most), len(text.rstrip()))]

    def check(self, params: Quantity, document: Document) -> Check:
        """Compares the count; where a script does not part its words, only what holds however they are parted."""
        found = super().check(params, document)
        if not _UNPARTED.search(foreign(document.text)):
            return found
        more = sum(len(run) - 1 for run in _UNPARTED.findall(document.text))
        if not more or document.blank or found.outcome is Outcome.UNKNOWN:
            return found
        least, most = document.word_count, document.word_count + more
        same = compare(most, params.relation, params.n, document.cut) is found.outcome
        if same and not (params.relation == "exactly" and least <= params.n <= most):
            return found
        return Check(Outcome.UNKNOWN, "Thai, Lao, Khmer and Burmese words are not told apart", found.measured)

    def stays(self, document: Document, span: Span) -> bool:
        """A word goes on as one."""
        return True

    def text_with(self, params: Quantity, count: int) -> str:
        """Repeats a word."""
        return " ".join(["word"] * count)


class Sentences(Counted):
    """How many sentences; list numerals and abbreviations end none.

    A heading or list item without an end mark belongs to the sentence after it.
    """

    id = "length.sentences"
    categories = ("Numerical",)
    one_word = True
    slots = frozenset({"sentences"})
    nouns: ClassVar[Nouns] = {
        "en": ("sentence", "sentences"),
        "zh": ("句话", "句话"),
        "es": ("frase", "frases"),
        "fr": ("phrase", "phrases"),
        "ja": ("文", "文"),
    }
    frames: ClassVar[Forms] = {
        "en": ("Your answer must have {q}.", "Answer in {q}.", "Write {q}."),
        "zh": ("你的回答必须有{q}。", "请用{q}回答。", "请写{q}。"),
        "es": ("Tu respuesta debe tener {q}.", "Responde con {q}.", "Escribe {q}."),
        "fr": ("Ta réponse doit avoir {q}.", "Réponds en {q}.", "Écris {q}."),
        "ja": ("回答は{q}にしてください。", "{q}で答えてください。", "{q}で書いてください。"),
    }
    draws: ClassVar[Draws] = {"at_least": (2, 3, 4), "at_most": (2, 3, 4, 5, 6), "exactly": (2, 3)}

    def fits(self, instruction: Instruction) -> bool:
        """Code has no sentences to count."""
        return free_length(instruction) and not wants_code(instruction)

    def find(self, params: Quantity, document: Document) -> Sequence[Span]:
        """Gives the sentences."""
        spans = document.sentences
        # Signs alone say nothing.
        return spans if len(spans) != 1 or any(map(str.isalnum, document.text)) else []

    def stays(self, document: Document, span: Span) -> bool:
        """A sentence goes on as one."""
        return True

    def text_with(self, params: Quantity, count: int) -> str:
        """Repeats a sentence."""
        return " ".join(["It is so."] * count)


class Paragraphs(Counted):
    """How many paragraphs, as blank lines separate them; headings, titles and dividers are none."""

    id = "length.paragraphs"
    categories = ("Numerical",)
    one_word = True
    slots = frozenset({"paragraphs"})
    conflicts = frozenset({"format.bullets"})
    nouns: ClassVar[Nouns] = {
        "en": ("paragraph", "paragraphs"),
        "zh": ("个段落", "个段落"),
        "es": ("párrafo", "párrafos"),
        "fr": ("paragraphe", "paragraphes"),
        "ja": ("段落", "段落"),
    }
    frames: ClassVar[Forms] = {
        "en": (
            "Your answer must have {q}, separated by blank lines.",
            "Write {q} and put a blank line between paragraphs.",
            "Divide your answer with blank lines so that it has {q}.",
        ),
        "zh": (
            "你的回答必须有{q}，段落之间用空行隔开。",
            "请写{q}，段落之间空一行。",
            "用空行给回答分段，使它有{q}。",
        ),
        "es": (
            "Tu respuesta debe tener {q}, separados por líneas en blanco.",
            "Escribe {q} y deja una línea en blanco entre párrafos.",
            "Divide tu respuesta con líneas en blanco para que tenga {q}.",
        ),
        "fr": (
            "Ta réponse doit avoir {q}, séparés par des lignes vides.",
            "Écris {q} et laisse une ligne vide entre les paragraphes.",
            "Divise ta réponse par des lignes vides pour qu'elle ait {q}.",
        ),
        "ja": (
            "回答は空行で区切った{q}にしてください。",
            "{q}で書き、段落の間に空行を入れてください。",
            "空行で区切って、回答を{q}に分けてください。",
        ),
    }
    draws: ClassVar[Draws] = {"at_least": (2, 3), "at_most": (2, 3), "exactly": (2, 3)}

    def fits(self, instruction: Instruction) -> bool:
        """Code has its own blank lines."""
        return free_length(instruction) and not wants_code(instruction)

    def find(self, params: Quantity, document: Document) -> Sequence[Span]:
        """Gives the paragraphs."""
        return document.paragraphs

    def stays(self, document: Document, span: Span) -> bool:
        """A paragraph goes on as one, unless it may still become a divider, a heading or a title."""
        return super().stays(document, span) or bool(_BEGUN.match(document.text, *span))

    def text_with(self, params: Quantity, count: int) -> str:
        """Repeats a paragraph."""
        return "\n\n".join(["A short paragraph."] * count)
