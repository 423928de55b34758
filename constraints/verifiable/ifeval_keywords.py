"""IFEval's ``keywords`` ids."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from ._ifeval import Meaning, N, Translated
from ._keyword import Keyword
from ._published import PublishedRelation
from .count import Letter, LetterQuantity
from .keywords import Exclude, Frequency, Include, WordQuantity, Words

__all__ = ["IfevalExistence", "IfevalForbiddenWords", "IfevalFrequency", "IfevalLetterFrequency"]

Keywords = Annotated[tuple[Keyword, ...], Field(min_length=1, max_length=50)]


class ExistenceParams(Meaning):
    """Words or phrases."""

    theirs: ClassVar = Words
    names: ClassVar = {"words": "keywords"}
    keywords: Keywords


class ForbiddenParams(Meaning):
    """Words or phrases."""

    theirs: ClassVar = Words
    names: ClassVar = {"words": "forbidden_words"}
    forbidden_words: Keywords


class FrequencyParams(Meaning):
    """A word and how often it occurs."""

    theirs: ClassVar = WordQuantity
    names: ClassVar = {"keyword": "keyword", "relation": "relation", "n": "frequency"}
    keyword: Keyword
    frequency: N
    relation: PublishedRelation


class LetterParams(Meaning):
    """One character, as given, and how often it occurs."""

    theirs: ClassVar = LetterQuantity
    names: ClassVar = {"letter": "letter", "relation": "let_relation", "n": "let_frequency"}
    letter: Annotated[str, Field(min_length=1, max_length=2)]
    let_frequency: N
    let_relation: PublishedRelation


class IfevalExistence(Translated, means=Include):
    """Every keyword occurs as a whole word; the published check reads it as a pattern, inside words too."""

    id = "keywords:existence"
    Params = ExistenceParams


class IfevalForbiddenWords(Translated, means=Exclude):
    """None of the words occurs as a whole word; the published check reads them as patterns."""

    id = "keywords:forbidden_words"
    Params = ForbiddenParams
    one_word = True


class IfevalFrequency(Translated, means=Frequency):
    """How often a word occurs as a whole word; the published check counts it inside other words too."""

    id = "keywords:frequency"
    Params = FrequencyParams
    one_word = True


class IfevalLetterFrequency(Translated, means=Letter):
    """How often a character occurs, capital or small; the published check counts a random letter for a sign."""

    id = "keywords:letter_frequency"
    Params = LetterParams
    one_word = True
