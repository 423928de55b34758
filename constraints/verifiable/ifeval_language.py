"""IFEval's ``language`` ids."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ._ifeval import Meaning, Translated
from .language import Language, Response

__all__ = ["IfevalResponseLanguage"]


class LanguageParams(Meaning):
    """A language."""

    theirs: ClassVar = Language
    names: ClassVar = {"language": "language"}
    language: Annotated[str, Field(pattern=r"^[a-z]{2}(?:[-_][A-Za-z]{2,4})?$")]
    """ISO 639-1 code, Chinese as ``zh``, ``zh-cn`` or ``zh-tw``: a region or a script is not told apart."""

    def kwargs(self) -> dict[str, Any]:
        """Gives our code."""
        return {"language": self.language[:2]}


class IfevalResponseLanguage(Translated, means=Response):
    """The response is in the language, as ours tells it; ``zh`` is any Chinese, which the published check never finds.

    Where a language cannot be told it is unknown; the published check takes it as followed, and guesses at short texts.
    """

    id = "language:response_language"
    Params = LanguageParams
