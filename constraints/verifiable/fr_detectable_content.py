"""M-IFEval's French contents: the reader is called *tu*, numbers are written in words."""

from __future__ import annotations

import re
from bisect import bisect_right
from operator import itemgetter
from random import Random

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, Witness, blank_check
from ..document import Document
from ._fit import has_case, is_about_language, wants_code, wants_data
from ._published import NoParams, Published

__all__ = ["InformalAddress", "NoDigits"]

_TU = re.compile(
    r"(?<![\w'’])(?:t['’](?=\w)|(?:tu|te|toi|tien|tiens|tienne|tiennes)(?![\w'’])|(?:ta|tes)(?!\w)"
    # Un ton, le ton, ce ton: a tone.
    r"|(?<!\ble )(?<!\bun )(?<!\bce )(?<!\bdu )(?<!\bau )(?<!\bde )ton(?!\w))|(?<=-)(?:tu|toi|te|t['’](?=en|y))(?!\w)",
    re.IGNORECASE,
)
_VOUS = re.compile(r"(?<!rendez-)(?<!garde-à-)(?<!\w)(?:vous|votre|vos|vôtres?)(?!\w)", re.IGNORECASE)
_QUOTED = re.compile(r"«[^«»]*»|“[^“”]*”|\"[^\"\r\n]*\"")
LONG = 120
"""Letters from which the language is looked at: *te* and *tu* are words of Spanish too."""


class InformalAddress(Published):
    """The reader is called *tu* (tu, te, t', toi, ton, ta, tes …) in French, and more often than *vous*.

    As often as *vous* is unknown, since *vous* may be several readers; quotations say nothing of *vous*. The published
    check takes *le ton* for an address, and does not look at *vous*.
    """

    id = "fr:detectable_content:informal_address"
    Params = NoParams
    categories = ("Style", "Linguistic")
    slots = frozenset({"address"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits French requests for prose."""
        fits = instruction.language == "fr" and not wants_code(instruction) and not is_about_language(instruction)
        return NoParams() if fits else None

    def check(self, params: NoParams, document: Document) -> Check:
        """Counts both forms; more of a cut text may turn the balance."""
        if document.blank:
            return blank_check(document)
        text = document.text
        tu = tuple(match.span() for match in _TU.finditer(text))
        quotes = [match.span() for match in _QUOTED.finditer(text)]
        vous = tuple(match.span() for match in _VOUS.finditer(text) if not _within(match.start(), quotes))
        reason = f"tu {len(tu)} times, vous {len(vous)} times"
        if document.cut:
            return Check(Outcome.UNKNOWN, f"{reason}; the reply was cut", len(tu))
        if not tu or len(vous) > len(tu):
            return Check(Outcome.VIOLATED, reason, len(tu), vous)
        if sum(map(str.isalpha, text)) >= LONG and (found := document.language) not in ("fr", None):
            return Check(Outcome.VIOLATED, f"not in French but {found}", found)
        return Check(Outcome.of(None if len(vous) == len(tu) else True), reason, len(tu), tu)

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Says *tu*, and *vous*."""
        return Witness("Tu peux essayer demain.", "Vous pouvez essayer demain.")


def _within(at: int, spans: list[tuple[int, int]]) -> bool:
    """Tells whether an offset lies in one of the spans, which are in order."""
    first = bisect_right(spans, at, key=itemgetter(1))
    return first < len(spans) and spans[first][0] <= at


# Superscripts, fractions and circled numbers hold digits; Roman numerals do not.
_DIGIT = re.compile(
    "[\\d\u00b2\u00b3\u00b9\u00bc-\u00be\u2070\u2074-\u2079\u2080-\u2089\u2150-\u215f\u2189\u2460-\u249b\u24ea-\u24ff"
    "\u2776-\u2793]+"
)


class NoDigits(Published):
    """No digit anywhere, in list numerals, dates, code, superscripts and fractions neither; Roman numerals may stand.

    The published check does not see ² or ½.
    """

    id = "fr:detectable_content:no_digits"
    Params = NoParams
    categories = ("Linguistic", "Format")
    slots = frozenset({"numbers"})
    one_word = True

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits French requests for prose."""
        fits = instruction.language == "fr" and has_case("fr") and not wants_code(instruction)
        return NoParams() if fits and not wants_data(instruction) else None

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for digits; a text cut before one stands is judged as it stands."""
        if document.blank:
            return blank_check(document)
        spans = tuple(match.span() for match in _DIGIT.finditer(document.text))
        return Check(Outcome.of(not spans), f"{len(spans)} numbers in digits", len(spans), spans)

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Writes a number in words, and in digits."""
        return Witness("Il y en a trois.", "Il y en a 3.")
