"""Which words the response uses: included, excluded, how often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, VerifiableConstraint, Witness, blank_check
from ..document import Document, Span
from ._counted import Counted, Draws, Quantity
from ._fit import content_words, names_words
from ._keyword import Written
from ._literal import appears, places_in, without
from ._wording import Forms, Nouns, listed, pick, quantity, quoted

__all__ = ["Exclude", "Frequency", "Include"]

# Neutral words for requests that offer none of their own; Chinese ones of two characters.
_NEUTRAL = {
    "en": ("important", "result", "example", "simple", "people", "world", "change", "reason", "moment", "value"),
    "zh": ("重要", "结果", "例如", "简单", "世界", "变化", "原因", "时间", "价值", "方法"),
    "es": ("importante", "resultado", "ejemplo", "sencillo", "gente", "mundo", "cambio", "razón", "momento", "valor"),
    "fr": ("important", "résultat", "exemple", "simple", "monde", "gens", "raison", "moment", "valeur", "vie"),
    "ja": ("重要", "結果", "例えば", "簡単", "世界", "変化", "理由", "時間", "価値", "方法"),
}


def _draw(instruction: Instruction, rng: Random, count: int, own_words: bool = True) -> list[str]:
    """Draws words of the request or, where it has too few, neutral ones of its language; none in other languages."""
    if own_words and instruction.language not in {"zh", "ja", "ko", "th"}:
        own = content_words(instruction, rng, count)
        if len(own) == count:
            return own
    neutral = _NEUTRAL.get(instruction.language or "", ())
    return rng.sample(neutral, count) if neutral else []


class Words(ConstraintParams):
    """Words or phrases, each once."""

    words: Annotated[tuple[Written, ...], Field(min_length=1, max_length=50)]

    @field_validator("words")
    @classmethod
    def _distinct(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(words))


_INCLUDE: Forms = {
    "en": ("Include {w} in your answer.", "Your answer must contain {w}.", "Make sure to use {w}."),
    "zh": ("请在回答中使用{w}。", "你的回答必须包含{w}。", "务必用到{w}。"),
    "es": ("Incluye {w} en tu respuesta.", "Tu respuesta debe contener {w}.", "Asegúrate de usar {w}."),
    "fr": ("Inclus {w} dans ta réponse.", "Ta réponse doit contenir {w}.", "Veille à utiliser {w}."),
    "ja": ("回答に{w}を入れてください。", "回答には{w}が必要です。", "必ず{w}を使ってください。"),
}
_EXCLUDE: Forms = {
    "en": ("Do not use {w} in your answer.", "Your answer must not contain {w}.", "Never use {w} in your answer."),
    "zh": ("回答中不要使用{w}。", "你的回答不得包含{w}。", "完全不要出现{w}。"),
    "es": ("No uses {w} en tu respuesta.", "Tu respuesta no debe contener {w}.", "No emplees en ningún caso {w}."),
    "fr": ("N'utilise pas {w} dans ta réponse.", "Ta réponse ne doit pas contenir {w}.", "N'emploie en aucun cas {w}."),
    "ja": ("回答に{w}を使わないでください。", "回答に{w}を含めてはいけません。", "{w}は決して使わないでください。"),
}
_NOUN = {
    "en": ("the word ", "the words "),
    "zh": ("词语", "词语"),
    "es": ("la palabra ", "las palabras "),
    "fr": ("le mot ", "les mots "),
    "ja": ("語句", "語句"),
}


def _worded(forms: Forms, words: Sequence[str], language: str, variant: int, none: bool = False) -> str:
    noun = _NOUN.get(language, _NOUN["en"])[len(words) > 1]
    return pick(forms, language, variant).format(w=f"{noun}{listed(words, language, none)}")


def _settled(word: str, document: Document) -> Iterator[Span]:
    """Finds a word's places; at the very end of a cut text *cat* may become *category*."""
    found = places_in(word, document)
    return (span for span in found if span[1] < len(document.text)) if document.cut else found


class Include(VerifiableConstraint):
    """Every word occurs, in any case, at word boundaries."""

    id = "keywords.include"
    Params = Words
    categories = ("Content", "Linguistic")

    def sample(self, instruction: Instruction, rng: Random) -> Words | None:
        """Draws one or two words of the request."""
        words = _draw(instruction, rng, rng.choice((1, 1, 2)))
        return Words(words=tuple(words)) if words else None

    def render(self, params: Words, language: str, variant: int = 0) -> str:
        """Words the list."""
        return _worded(_INCLUDE, params.words, language, variant)

    def check(self, params: Words, document: Document) -> Check:
        """Looks for each word; evidence is its first place."""
        if document.blank:
            return blank_check(document)
        found = {word: next(_settled(word, document), None) for word in params.words}
        missing = [word for word, place in found.items() if place is None]
        spans = tuple(sorted(place for place in found.values() if place is not None))
        outcome = Outcome.SATISFIED if not missing else Outcome.of(None if document.cut else False)
        reason = f"missing: {', '.join(missing)}" if missing else f"all {len(found)} found"
        return Check(outcome, reason, len(spans), spans)

    def witness(self, params: Words, rng: Random) -> Witness:
        """Gives the words, and a text with none of them."""
        return Witness("\n".join(params.words), without(params.words))


class Exclude(VerifiableConstraint):
    """None of the words occurs."""

    id = "keywords.exclude"
    Params = Words
    categories = ("Content", "Linguistic")
    one_word = True

    def sample(self, instruction: Instruction, rng: Random) -> Words | None:
        """Draws one or two words of the request, which an answer would likely use."""
        words = _draw(instruction, rng, rng.choice((1, 2)), not names_words(instruction))
        return Words(words=tuple(words)) if words else None

    def render(self, params: Words, language: str, variant: int = 0) -> str:
        """Words the list."""
        return _worded(_EXCLUDE, params.words, language, variant, none=True)

    def check(self, params: Words, document: Document) -> Check:
        """Looks for the words; evidence is every place of every one that occurs."""
        if document.blank:
            return blank_check(document)
        spans: list[Span] = []
        found = []
        for word in params.words:
            if here := list(_settled(word, document)):
                found.append(word)
                spans += here
        if found:
            return Check(Outcome.VIOLATED, f"found: {', '.join(found)}", len(spans), tuple(sorted(spans)))
        if document.cut and any(appears(word, document.text) for word in params.words):
            return Check(Outcome.UNKNOWN, "the reply was cut where one may stand", 0)
        return Check(Outcome.SATISFIED, "none found", 0)

    def witness(self, params: Words, rng: Random) -> Witness:
        """Gives a text with none of the words, and the first word."""
        return Witness(without(params.words), params.words[0])


class WordQuantity(Quantity):
    """A word and how often it occurs."""

    keyword: Written


class Frequency(Counted):
    """How often a word occurs, in any case, at word boundaries."""

    id = "keywords.frequency"
    Params = WordQuantity
    categories = ("Content", "Numerical")
    one_word = True
    nouns: ClassVar[Nouns] = {
        "en": ("time", "times"),
        "zh": ("次", "次"),
        "es": ("vez", "veces"),
        "fr": ("fois", "fois"),
        "ja": ("回", "回"),
    }
    frames: ClassVar[Forms] = {
        "en": (
            "Use the word {w} {q} in your answer.",
            "The word {w} must appear {q}.",
            "In your answer the word {w} should occur {q}.",
        ),
        "zh": ("请在回答中使用词语{w}{q}。", "词语{w}必须出现{q}。", "回答里词语{w}要出现{q}。"),
        "es": (
            "Usa la palabra {w} {q} en tu respuesta.",
            "La palabra {w} debe aparecer {q}.",
            "En tu respuesta la palabra {w} tiene que aparecer {q}.",
        ),
        "fr": (
            "Utilise le mot {w} {q} dans ta réponse.",
            "Le mot {w} doit apparaître {q}.",
            "Dans ta réponse, le mot {w} doit figurer {q}.",
        ),
        "ja": (
            "回答で語句{w}を{q}使ってください。",
            "語句{w}が{q}出てくるようにしてください。",
            "回答には語句{w}が{q}必要です。",
        ),
    }
    draws: ClassVar[Draws] = {"at_least": (2, 3), "at_most": (1, 2)}

    def sample(self, instruction: Instruction, rng: Random) -> WordQuantity | None:
        """Draws a word of the request and a count."""
        relation, n = self.draw(rng)
        words = _draw(instruction, rng, 1, relation == "at_least" or not names_words(instruction))
        return WordQuantity(keyword=words[0], relation=relation, n=n) if words else None

    def render(self, params: WordQuantity, language: str, variant: int = 0) -> str:
        """Words the keyword and its count."""
        frames = self.frames.get(language) or self.frames["en"]
        q = quantity(params.relation, params.n, self.nouns, language, variant // len(frames))
        return pick(self.frames, language, variant).format(w=quoted(params.keyword, language), q=q)

    def find(self, params: WordQuantity, document: Document) -> Sequence[Span]:
        """Gives the word's places."""
        return list(places_in(params.keyword, document))

    def text_with(self, params: WordQuantity, count: int) -> str:
        """Repeats the word."""
        return "\n".join([params.keyword] * count) if count else without((params.keyword,))
