"""IFEval's ``startend`` ids."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from ._ifeval import Meaning, Translated
from .start_end import EndPhrase, Phrase, Quotation

__all__ = ["IfevalEndChecker", "IfevalQuotation"]


class EndPhraseParams(Meaning):
    """A phrase with at least one letter or digit."""

    theirs: ClassVar = Phrase
    names: ClassVar = {"phrase": "end_phrase"}
    end_phrase: Annotated[str, Field(min_length=1, max_length=300)]


class IfevalEndChecker(Translated, means=EndPhrase):
    """The last words are the phrase, as whole words; unlike the published check, marks around them do not matter."""

    id = "startend:end_checker"
    Params = EndPhraseParams


class IfevalQuotation(Translated, means=Quotation):
    """One pair of double quotation marks of any script encloses the whole response.

    The published check reads the first and the last character alone: ``"A" or "B"`` and ``""`` pass it.
    """

    id = "startend:quotation"
