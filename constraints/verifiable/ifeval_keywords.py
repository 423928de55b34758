"""IFEval's ``keywords`` ids."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from ._ifeval import Meaning, N, Translated, conflicts_of, published_count
from ._published import PublishedRelation, ours_relation
from .count import Letter, LetterQuantity
from .keywords import Exclude, Frequency, Include, Keyword, WordQuantity, Words

__all__ = ["IfevalExistence", "IfevalForbiddenWords", "IfevalFrequency", "IfevalLetterFrequency"]

Keywords = Annotated[tuple[Keyword, ...], Field(min_length=1, max_length=50)]


class ExistenceParams(Meaning):
    """Words or phrases."""

    theirs: ClassVar = Words
    keywords: Keywords

    def kwargs(self) -> dict[str, Any]:
        """Gives our parameters."""
        return {"words": self.keywords}


class ForbiddenParams(Meaning):
    """Words or phrases."""

    theirs: ClassVar = Words
    forbidden_words: Keywords

    def kwargs(self) -> dict[str, Any]:
        """Gives our parameters."""
        return {"words": self.forbidden_words}


class FrequencyParams(Meaning):
    """A word and how often it occurs."""

    theirs: ClassVar = WordQuantity
    keyword: Keyword
    frequency: N
    relation: PublishedRelation

    def kwargs(self) -> dict[str, Any]:
        """Gives our parameters."""
        return {"keyword": self.keyword, "relation": ours_relation(self.relation), "n": self.frequency}


class LetterParams(Meaning):
    """One character, as given, and how often it occurs."""

    theirs: ClassVar = LetterQuantity
    letter: Annotated[str, Field(min_length=1, max_length=2)]
    let_frequency: N
    let_relation: PublishedRelation

    def kwargs(self) -> dict[str, Any]:
        """Gives our parameters."""
        return {"letter": self.letter, "relation": ours_relation(self.let_relation), "n": self.let_frequency}


class IfevalExistence(Translated):
    """Every keyword occurs as a whole word; the published check reads it as a pattern, inside words too."""

    id = "keywords:existence"
    ours = Include.id
    Params = ExistenceParams
    categories = Include.categories
    slots = Include.slots
    conflicts = conflicts_of(Include)

    def back(self, drawn: Any) -> dict[str, Any]:
        """Renames the words."""
        return {"keywords": drawn.words}


class IfevalForbiddenWords(Translated):
    """None of the words occurs as a whole word; the published check reads them as patterns."""

    id = "keywords:forbidden_words"
    ours = Exclude.id
    Params = ForbiddenParams
    categories = Exclude.categories
    slots = Exclude.slots
    conflicts = conflicts_of(Exclude)
    one_word = True

    def back(self, drawn: Any) -> dict[str, Any]:
        """Renames the words."""
        return {"forbidden_words": drawn.words}


class IfevalFrequency(Translated):
    """How often a word occurs as a whole word; the published check counts it inside other words too."""

    id = "keywords:frequency"
    ours = Frequency.id
    Params = FrequencyParams
    categories = Frequency.categories
    slots = Frequency.slots
    conflicts = conflicts_of(Frequency)
    one_word = True

    def back(self, drawn: Any) -> dict[str, Any]:
        """Renames the word and its count."""
        relation, n = published_count(drawn)
        return {"keyword": drawn.keyword, "frequency": n, "relation": relation}


class IfevalLetterFrequency(Translated):
    """How often a character occurs, capital or small; the published check counts a random letter for a sign."""

    id = "keywords:letter_frequency"
    ours = Letter.id
    Params = LetterParams
    categories = Letter.categories
    slots = Letter.slots
    conflicts = conflicts_of(Letter)
    one_word = True

    def back(self, drawn: Any) -> dict[str, Any]:
        """Renames the letter and its count."""
        relation, n = published_count(drawn)
        return {"letter": drawn.letter, "let_frequency": n, "let_relation": relation}
