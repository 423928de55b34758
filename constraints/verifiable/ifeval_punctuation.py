"""IFEval's ``punctuation`` ids."""

from __future__ import annotations

from ._ifeval import Translated
from .punctuation import NoComma

__all__ = ["IfevalNoComma"]


class IfevalNoComma(Translated, means=NoComma):
    """No comma of any script; the published check knows the ASCII one alone."""

    id = "punctuation:no_comma"
    one_word = True
