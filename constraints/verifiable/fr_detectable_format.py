"""M-IFEval's French formats: *Oui.*, *Non.* or *Peut-être.*; a title between double number signs."""

from __future__ import annotations

import re
from random import Random

from ...schemas.instruction import Instruction
from ..constraint import Check, Witness, blank_check, compare
from ..document import Document
from ._fit import wants_code
from ._options import OneOption
from ._published import NoParams, Published

__all__ = ["FrenchConstrainedResponse", "FrenchTitle"]


class FrenchConstrainedResponse(OneOption):
    """*Oui.*, *Non.* or *Peut-être.* stands as a sentence of its own, and no other of the three does.

    The published check takes several options for one, and rejects *Oui* without its full stop.
    """

    id = "fr:detectable_format:constrained_response"
    language = "fr"
    options = ("Oui.", "Non.", "Peut-être.")
    asked = re.compile(
        r"(?<!\w)(?:est-ce qu|peut-on|puis-je|dois-je|faut-il|y a-t-il|\w{1,20}-(?:t-)?(?:il|elle|on|ils|elles|vous|tu)"
        r"(?!\w))[^?\n]*\?",
        re.IGNORECASE,
    )
    examples = Witness("Peut-être.", "Cela se peut.")


_TITLE = re.compile(r"(?<!#)##(?!#)([^#\r\n]{1,1000})##(?!#)")


class FrenchTitle(Published):
    """A title between double number signs on one line (``##titre##``) with a letter or digit in it, not in code.

    A markdown heading without closing signs is none. The published check takes signs and code too.
    """

    id = "fr:detectable_format:title"
    Params = NoParams
    categories = ("Format", "Content")
    slots = frozenset({"title"})
    conflicts = frozenset({"format.json", "detectable_format:json_format"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits French requests, not code."""
        return NoParams() if instruction.language == "fr" and not wants_code(instruction) else None

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for titles; at the very end of a cut text a third sign may follow."""
        if document.blank:
            return blank_check(document)
        spans = tuple(
            match.span()
            for line in document.prose_lines
            if document.text.find("##", *line) >= 0
            for match in _TITLE.finditer(document.text, *line)
            if any(map(str.isalnum, match[1])) and not (document.cut and match.end() == len(document.text))
        )
        outcome = compare(len(spans), "at_least", 1, document.cut)
        return Check(outcome, f"{len(spans)} titles between ## and ##", len(spans), spans)

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a title, and a markdown heading."""
        return Witness("##Un soir au port##\n\nLa mer est calme.", "## Un soir au port\n\nLa mer est calme.")
