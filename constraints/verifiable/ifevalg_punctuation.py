"""IFEvalG's ``punctuation`` constraints: marks that the response does without."""

from __future__ import annotations

import re
from itertools import islice
from random import Random

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, Witness, blank_check
from ..document import EVIDENCE, Document
from ._fit import wants_code
from ._published import Adapted, NoParams, Published

__all__ = ["PunctuationDot", "PunctuationExclamation"]

_DOTS = ".．。｡…‥․﹒︒۔"
_DOT = re.compile(f"[{_DOTS}]")


class PunctuationDot(Published):
    """No full stop of any script, no ellipsis and no dot inside numbers, abbreviations or addresses."""

    id = "punctuation:punctuation_dot"
    Params = NoParams
    categories = ("Format", "Linguistic")
    slots = frozenset({"dot", "sentences"})
    conflicts = frozenset({"start_end.end_phrase", "length.sentences"})
    one_word = True

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits any request but one for code."""
        return None if wants_code(instruction) else NoParams()

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for dots; a cut response is judged as it stands."""
        if document.blank:
            return blank_check(document)
        count = sum(map(document.text.count, _DOTS))
        spans = tuple([match.span() for match in islice(_DOT.finditer(document.text), EVIDENCE)]) if count else ()
        return Check(Outcome.of(not count), f"{count} found" if count else "none found", count, spans)

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a text without a dot and one with it."""
        return Witness("Soup warms; bread fills", "Soup warms; bread fills.")


class PunctuationExclamation(Adapted):
    """No exclamation mark of any script: ``punctuation.no_exclamation``."""

    id = "punctuation:punctuation_exclamation"
    Params = NoParams
    ours = "punctuation.no_exclamation"
    categories = ("Format", "Linguistic")
    slots = frozenset({"exclamation"})
    one_word = True

    def adapt(self, params: NoParams) -> dict[str, object]:
        """Gives no parameters."""
        return {}

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits any request but one for code."""
        return None if wants_code(instruction) else NoParams()
