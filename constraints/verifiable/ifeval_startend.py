"""IFEval's ``startend`` ids."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ._ifeval import Meaning, Translated, conflicts_of
from ._published import NoParams
from .start_end import EndPhrase, Phrase, Quotation

__all__ = ["IfevalEndChecker", "IfevalQuotation"]


class EndPhraseParams(Meaning):
    """A phrase with at least one letter or digit."""

    theirs: ClassVar = Phrase
    end_phrase: Annotated[str, Field(min_length=1, max_length=300)]

    def kwargs(self) -> dict[str, Any]:
        """Gives our parameters."""
        return {"phrase": self.end_phrase}


class IfevalEndChecker(Translated):
    """The last words are the phrase, as whole words; unlike the published check, marks around them do not matter."""

    id = "startend:end_checker"
    ours = EndPhrase.id
    Params = EndPhraseParams
    categories = EndPhrase.categories
    slots = EndPhrase.slots
    conflicts = conflicts_of(EndPhrase)

    def back(self, drawn: Any) -> dict[str, Any]:
        """Renames the phrase."""
        return {"end_phrase": drawn.phrase}


class IfevalQuotation(Translated):
    """One pair of double quotation marks of any script encloses the whole response.

    The published check reads the first and the last character alone: ``"A" or "B"`` and ``""`` pass it.
    """

    id = "startend:quotation"
    ours = Quotation.id
    Params = NoParams
    categories = Quotation.categories
    slots = Quotation.slots
    conflicts = conflicts_of(Quotation)

    def back(self, drawn: Any) -> dict[str, Any]:
        """Has no parameters."""
        return {}
