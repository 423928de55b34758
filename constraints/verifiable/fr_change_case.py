"""M-IFEval's French case: all capitals or all small letters, in French."""

from __future__ import annotations

from .case import Lower, Upper
from .es_change_case import CaseIn

__all__ = ["FrenchCapital", "FrenchLowercase"]


class FrenchCapital(CaseIn):
    """All letters are capitals and the text is in French, which is read off it in small letters."""

    id = "fr:change_case:french_capital"
    language = "fr"
    case = Upper
    example = "Voici une réponse courte qui est écrite en français simple pour tous les lecteurs."


class FrenchLowercase(CaseIn):
    """All letters are small and the text is in French."""

    id = "fr:change_case:french_lowercase"
    language = "fr"
    case = Lower
    example = FrenchCapital.example
