"""IFEval's ``punctuation`` ids."""

from __future__ import annotations

from typing import Any

from ._ifeval import Translated, conflicts_of
from ._published import NoParams
from .punctuation import NoComma

__all__ = ["IfevalNoComma"]


class IfevalNoComma(Translated):
    """No comma of any script; the published check knows the ASCII one alone."""

    id = "punctuation:no_comma"
    ours = NoComma.id
    Params = NoParams
    categories = NoComma.categories
    slots = NoComma.slots
    conflicts = conflicts_of(NoComma)
    one_word = True

    def back(self, drawn: Any) -> dict[str, Any]:
        """Has no parameters."""
        return {}
