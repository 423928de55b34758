"""M-IFEval's Spanish letters: how many words have an ñ, a ü, or a written accent."""

from __future__ import annotations

import re
import unicodedata
from random import Random
from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from ...schemas.instruction import Instruction
from ..constraint import Check, ConstraintParams, Relation, Witness, blank_check, compare
from ..document import Document, Span
from ._counted import Count
from ._fit import wants_code
from ._published import Published
from ._worded import Amount
from ._wording import asked

__all__ = ["Dieresis", "Enie", "Tildes"]


class Frequency(ConstraintParams):
    """An exact number of words."""

    let_frequency: Count


class WordsWith(Published):
    """How many words hold one of the letters, capital or small, composed or not."""

    categories = ("Numerical", "Linguistic")
    letters: ClassVar[str]
    """How they are written."""
    marked: ClassVar[re.Pattern[str]]
    """Finds them in a decomposed small-letter text."""
    example: ClassVar[str]
    """A word that holds one."""
    numbers: ClassVar[tuple[int, ...]] = (1, 2, 3)

    def wanted(self, params: Any) -> tuple[Relation, int]:
        """Gives the relation and the number."""
        return "exactly", params.let_frequency

    def draw(self, rng: Random) -> Any:
        """Draws parameters."""
        return Frequency(let_frequency=rng.choice(self.numbers))

    def sample(self, instruction: Instruction, rng: Random) -> Any | None:
        """Fits Spanish requests, not code."""
        return None if instruction.language != "es" or wants_code(instruction) else self.draw(rng)

    def find(self, document: Document) -> tuple[Span, ...]:
        """Gives the words that count."""
        if not self.marked.search(unicodedata.normalize("NFD", document.lower)):
            return ()
        pairs = zip(document.words, document.word_spans, strict=True)
        return tuple(
            span
            for word, span in pairs
            if not word.isascii() and self.marked.search(unicodedata.normalize("NFD", word).lower())
        )

    def check(self, params: Any, document: Document) -> Check:
        """Compares the number of words; the last one of a cut text may still go on, but keeps its letters."""
        if document.blank:
            return blank_check(document)
        relation, n = self.wanted(params)
        spans = self.find(document)
        reason = f"{len(spans)} words with {self.letters}; asked: {asked(relation, n)}"
        return Check(compare(len(spans), relation, n, document.cut), reason, len(spans), spans)

    def witness(self, params: Any, rng: Random) -> Witness:
        """Repeats a word with the letter, and misses the number by one."""
        relation, n = self.wanted(params)
        wrong = n - 1 if relation == "at_least" else n + 1
        right, other = (" ".join(["Todo bien", *[self.example] * count]) for count in (n, wrong))
        return Witness(right, other)


class Enie(WordsWith):
    """Exactly so many words with ñ; a word that stands twice counts twice, one joined by hyphens once."""

    id = "es:special_character:enie"
    Params = Frequency
    slots = frozenset({"enie"})
    letters = "ñ"
    marked = re.compile("n[\u0300-\u036f]*\u0303")
    example = "niño"


class Dieresis(WordsWith):
    """Exactly so many words with ü; a word that stands twice counts twice, one joined by hyphens once."""

    id = "es:special_character:dieresis"
    Params = Frequency
    slots = frozenset({"dieresis"})
    letters = "ü"
    marked = re.compile("u[\u0300-\u036f]*\u0308")
    example = "pingüino"
    numbers = (1, 2)


SpanishRelation = Literal["al menos", "como máximo", "at least", "at most"]
"""How M-IFEval's Spanish ids compare: as published or in English."""


def ours_relation(relation: SpanishRelation) -> Relation:
    """Gives our name for a relation."""
    return "at_least" if relation in ("al menos", "at least") else "at_most"


class TildeParams(ConstraintParams):
    """A number of words and a relation, in Spanish as published or in English."""

    num_words: Count
    relation: SpanishRelation

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.num_words == 0 and ours_relation(self.relation) == "at_least":
            raise ValueError("at least 0 words asks for nothing")
        return self


class Tildes(WordsWith):
    """At least or at most so many words with á, é, í, ó or ú; the published check does not find decomposed ones."""

    id = "es:special_character:tildes"
    Params = TildeParams
    slots = frozenset({"accents"})
    letters = "á, é, í, ó or ú"
    marked = re.compile("[aeiou][\u0300-\u036f]*\u0301")
    example = "aquí"
    one_word = True

    def wanted(self, params: TildeParams) -> tuple[Relation, int]:
        """Gives the relation under our name."""
        return ours_relation(params.relation), params.num_words

    def draw(self, rng: Random) -> TildeParams:
        """Draws more words than an answer has by chance, or fewer."""
        relation: SpanishRelation = rng.choice(("al menos", "como máximo"))
        return TildeParams(num_words=rng.choice((3, 5, 8) if relation == "al menos" else (3, 5)), relation=relation)

    def values(self, params: TildeParams, language: str, variant: int) -> dict[str, Any]:
        """Gives the number with its relation."""
        return {"q": Amount(*self.wanted(params), language, variant)}
