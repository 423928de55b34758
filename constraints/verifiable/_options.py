"""One of a few fixed answers, such as *Sí.*, *No.* or *Quizás.*, that stands as a sentence of its own."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from random import Random
from typing import Any, ClassVar

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, Witness, blank_check
from ..document import Document, Span
from ._fit import request, wants_code
from ._published import NoParams, Published

__all__ = ["OneOption"]

# What may stand between a sentence's beginning and its first word, and behind its last.
_BEFORE = " \t\u3000\u00a0*_\"'“‘„«‹(（[「『>#`~-–—•・¡¿"
_AFTER = re.compile(r"[ \t\u3000\u00a0*_\"'“”’»›)）\]」』`]*")
_STOPS = ".!。！．"
_STOP = tuple(_STOPS)
_GOES_ON = frozenset(".…,，、/;；「『!?！？。．")
"""Where one of these follows its end a sentence has not ended."""
_BEGINNINGS = ".!?…:;。！？：；\n\r"
_REACH = 40


@lru_cache(maxsize=16)
def _pattern(options: tuple[str, ...]) -> re.Pattern[str]:
    """Compiles the options without their stops, composed and decomposed."""
    forms = {unicodedata.normalize(form, option.rstrip(_STOPS)): None for option in options for form in ("NFC", "NFD")}
    longest = sorted(forms, key=len, reverse=True)
    escaped = "|".join(map(re.escape, longest)).replace(r"\-", "[-‐‑]")
    return re.compile(rf"(?<![^\W_])(?:{escaped})(?![\u0300-\u036f])", re.IGNORECASE)


def _behind(text: str, at: int) -> int:
    """Gives where the closing marks from an offset on end."""
    match = _AFTER.match(text, at)
    return match.end() if match else at


def _ends(text: str, at: int) -> bool:
    """Tells whether a sentence ends here: by one stop, perhaps inside quotes, or with the line.

    A comma or another quotation behind it belongs to a list of options, a digit to *No. 5*.
    """
    stopped = text.startswith(_STOP, at)
    end = _behind(text, at + stopped)
    if not stopped and text.startswith(_STOP, end):
        stopped, end = True, end + 1
    follows = text[end : end + 1]
    if not follows or follows in "\r\n":
        return True
    return stopped and not follows.isdigit() and follows not in _GOES_ON


class OneOption(Published):
    """One of the options stands as a sentence of its own, and no other of them does.

    Neither its stop nor capitals matter; naming several options is no answer. The published check finds an option
    inside any sentence, and rejects one without its stop.
    """

    Params = NoParams
    categories = ("Content", "Format")
    slots = frozenset({"option"})
    conflicts = frozenset(
        {"language", "ifeval_language", "format.json", "detectable_format:json_format", "script", "comma"}
    )
    language: ClassVar[str]
    options: ClassVar[tuple[str, ...]]
    """As published, with their stops."""
    asked: ClassVar[re.Pattern[str]]
    """Finds a question that can be answered so."""
    examples: ClassVar[Witness]

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits questions in the language."""
        fits = instruction.language == self.language and not wants_code(instruction)
        return NoParams() if fits and self.asked.search(request(instruction)) else None

    def chosen(self, document: Document) -> list[tuple[str, Span]]:
        """Gives the options that stand as sentences, in small letters without their stops."""
        text = document.text
        found: list[tuple[str, Span]] = []
        for match in _pattern(self.options).finditer(text):
            before = text[max(0, match.start() - _REACH) : match.start()].rstrip(_BEFORE)
            if (not before or before[-1] in _BEGINNINGS) and _ends(text, match.end()):
                option = unicodedata.normalize("NFC", match.group()).lower()
                found.append((option.replace("‑", "-").replace("‐", "-"), match.span()))
        return found

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for the options; a cut text may still name another."""
        if document.blank:
            return blank_check(document)
        chosen = self.chosen(document)
        if document.cut:
            # The last line may go on.
            chosen = [(option, span) for option, span in chosen if span[1] < document.lines[-1][0]]
        options = sorted({option for option, _ in chosen})
        spans = tuple(span for _, span in chosen)
        reason = f"answers {' and '.join(options)}" if options else "none of the options"
        if document.cut and len(options) < 2:
            return Check(Outcome.UNKNOWN, f"the reply was cut; {reason}", ", ".join(options), spans)
        return Check(Outcome.of(len(options) == 1), reason, ", ".join(options), spans)

    def witness(self, params: Any, rng: Random) -> Witness:
        """Gives an option, and an answer in other words."""
        return self.examples
