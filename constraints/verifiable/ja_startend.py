"""M-IFEval's Japanese endings: every sentence ends alike."""

from __future__ import annotations

import re
from random import Random
from typing import Annotated

from pydantic import Field, field_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import Document, Span
from ._japanese import LANGUAGE_CONFLICTS, asks_japanese, core_end, units
from ._nominal import ends_with_noun
from ._published import Published

__all__ = ["SentenceUnifiedEnd"]

_HIRAGANA = re.compile("[\u3041-\u3096]")
ENOUGH = 1000
"""Sentences that end otherwise, after which no more are counted."""
_STOPS = "。｡．.！!？? \t\u3000"


class EndingParams(ConstraintParams):
    """What every sentence ends with, perhaps with its full stop."""

    ending: Annotated[str, Field(min_length=1, max_length=50)]

    @field_validator("ending")
    @classmethod
    def _readable(cls, ending: str) -> str:
        if not any(map(str.isalnum, ending)) or "\n" in ending or "\r" in ending:
            raise ValueError(f"{ending!r} holds no letter, or more than one line")
        return ending


class SentenceUnifiedEnd(Published):
    """Every sentence ends with the given letters, and there is one; marks, quotes and notes after them do not matter.

    Sentences inside quotation marks, lines without Japanese, headings, labels and list items that are no sentences say
    nothing. The published check takes an end of line after the last full stop for a sentence, and passes an empty text.
    """

    id = "ja:startend:sentence_unified_end"
    Params = EndingParams
    categories = ("Linguistic", "Style")
    slots = frozenset({"sentence_ends", "end"})
    conflicts = LANGUAGE_CONFLICTS | {"script"}

    def sample(self, instruction: Instruction, rng: Random) -> EndingParams | None:
        """Draws a polite ending."""
        return EndingParams(ending=rng.choice(("です", "ます", "ました"))) if asks_japanese(instruction) else None

    def check(self, params: EndingParams, document: Document) -> Check:
        """Looks at the end of every sentence; more of a cut text may end otherwise."""
        if document.blank:
            return blank_check(document)
        text, ending = document.text, params.ending.strip(_STOPS)
        right: list[Span] = []
        wrong: list[Span] = []
        # Brackets may still close on the last line of a cut text.
        open_from = document.lines[-1][0] if document.cut else len(text)
        for start, until, ended, _, label, quoted in units(document):
            if quoted or label or until > open_from:
                continue
            end = core_end(text, start, until)
            if text.endswith(ending, start, end):
                right.append((end - len(ending), end))
            elif ended or _is_sentence(text, start, end):
                wrong.append((max(start, end - len(ending)), end))
                if len(wrong) == ENOUGH:
                    break
        reason = f"{len(right)} of {len(right) + len(wrong)} sentences end with {ending}"
        if wrong:
            return Check(Outcome.VIOLATED, reason, len(wrong), tuple(wrong))
        if document.cut:
            return Check(Outcome.UNKNOWN, f"the reply was cut; {reason}", 0, tuple(right))
        return Check(Outcome.of(bool(right)), reason, 0, tuple(right))

    def witness(self, params: EndingParams, rng: Random) -> Witness:
        """Gives two sentences that end so, and two of which one does not."""
        ending = params.ending.strip(_STOPS)
        return Witness(f"これが答え{ending}。それも答え{ending}。", f"これが答え{ending}。それは違うのだ。")


def _is_sentence(text: str, start: int, end: int) -> bool:
    """Tells whether what no mark ends is a sentence: not where it ends with a noun, or holds no hiragana."""
    return ends_with_noun(text, start, end) is False and _HIRAGANA.search(text, start, end) is not None
