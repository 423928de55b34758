"""M-IFEval's Japanese marks: no 句点 (。), no 読点 (、)."""

from __future__ import annotations

import re
from random import Random
from typing import ClassVar

from ...schemas.outcome import Outcome
from ..constraint import Check, Witness, blank_check
from ..document import Document
from ._japanese import KANJI, Japanese
from ._published import NoParams

__all__ = ["NoComma", "NoPeriod"]

_AFTER = f"(?<=[\u3041-\u309f\u30a1-\u30ff\uff66-\uff9f々{KANJI}」』）】])"


class Without(Japanese):
    """A mark stands nowhere; a Western mark in its place, after a Japanese character, is one too."""

    categories = ("Format", "Linguistic")
    one_word = True
    mark: ClassVar[re.Pattern[str]]
    noun: ClassVar[str]
    examples: ClassVar[Witness]

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for the mark; a text cut before one stands is judged as it stands."""
        if document.blank:
            return blank_check(document)
        spans = tuple(match.span() for match in self.mark.finditer(document.text))
        text = document.text
        if document.cut and spans and all(end == len(text) and text[start] in "．.，" for start, end in spans):
            # A Western mark at the very end may belong to a number or a name that goes on.
            return Check(Outcome.UNKNOWN, f"one {self.noun} at the very end of a cut reply", len(spans), spans)
        return Check(Outcome.of(not spans), f"{len(spans)} {self.noun}", len(spans), spans)

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a text without the mark, and one with it."""
        return self.examples


class NoPeriod(Without):
    """No 。, ｡ or, in its place after a Japanese character, ． or a full stop; decimals and list numerals may stand.

    The published check sees 。 alone.
    """

    id = "ja:punctuation:no_period"
    slots = frozenset({"dot"})
    mark = re.compile(rf"[。｡]|{_AFTER}[．.](?![A-Za-z0-9０-９])")
    noun = "句点"
    examples = Witness("今日は良い天気！散歩に行こう！", "今日は良い天気です。散歩に行きます。")


class NoComma(Without):
    """No 、, ､ or, in its place after a Japanese character, a Western comma; commas inside numbers may stand.

    The published check sees 、 alone.
    """

    id = "ja:punctuation:no_comma"
    slots = frozenset({"comma"})
    mark = re.compile(rf"[、､]|{_AFTER}[，,]|(?<!\d)，|，(?!\d)")
    noun = "読点"
    examples = Witness("今日は良い天気です。", "今日は、良い天気です。")
