"""M-IFEval's French letters: no ç or œ, no accents, words written with their accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator
from functools import lru_cache
from random import Random
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import Document, Span
from ._fit import is_about_language, wants_code
from ._published import NoParams, Published
from ._wording import listed

__all__ = ["Accents", "EthelOrCedilla", "NoAccents"]

_CHARACTER = re.compile("[^\u0300-\u036f][\u0300-\u036f]+|[\u00aa-\u024f\u1e00-\u1eff\ufb00-\ufb06]")
"""What may be other than a plain letter: one with combining marks, or a composed one."""
_INNER = re.compile(r"['’\-‐‑]")


def _fits(instruction: Instruction) -> bool:
    """Tells whether a request may be answered in French with other letters than usual."""
    return instruction.language == "fr" and not wants_code(instruction) and not is_about_language(instruction)


class Forbidden(ConstraintParams):
    """A character that may not stand."""

    forbidden_char: Literal["ç", "œ"]


class EthelOrCedilla(Published):
    """No ç, or no œ, capital or small, composed or not; the published check does not see a combining cedilla."""

    id = "fr:special_character:ethel_or_cedilla"
    Params = Forbidden
    categories = ("Linguistic",)
    slots = frozenset({"letter"})
    one_word = True

    def sample(self, instruction: Instruction, rng: Random) -> Forbidden | None:
        """Draws one of the two."""
        return Forbidden(forbidden_char=rng.choice(("ç", "œ"))) if _fits(instruction) else None

    def check(self, params: Forbidden, document: Document) -> Check:
        """Looks for the character; a text cut before one stands is judged as it stands."""
        if document.blank:
            return blank_check(document)
        wanted = set(unicodedata.normalize("NFD", params.forbidden_char))
        spans = tuple(
            match.span()
            for match in _CHARACTER.finditer(document.text)
            if wanted <= set(unicodedata.normalize("NFD", match.group().lower()))
        )
        return Check(Outcome.of(not spans), f"{len(spans)} × {params.forbidden_char}", len(spans), spans)

    def witness(self, params: Forbidden, rng: Random) -> Witness:
        """Gives a text without the character, and one with it."""
        return Witness("Tout va bien.", "Ma sœur a reçu une lettre.")


class NoAccents(Published):
    """No Latin letter with an accent, a cedilla, a diaeresis or another mark, composed or not; œ may stand.

    The published check knows a list of composed letters only.
    """

    id = "fr:special_character:no_accents"
    Params = NoParams
    categories = ("Linguistic",)
    slots = frozenset({"accents"})
    one_word = True

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits French requests, not code."""
        return NoParams() if _fits(instruction) else None

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for marks; a text cut before one stands is judged as it stands."""
        if document.blank:
            return blank_check(document)
        spans = tuple(match.span() for match in _CHARACTER.finditer(document.text) if _accented(match.group()))
        return Check(Outcome.of(not spans), f"{len(spans)} letters with a mark", len(spans), spans)

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a text without accents, and one with them."""
        return Witness("Tout va bien.", "Tout a été réglé.")


@lru_cache(maxsize=4096)
def _accented(character: str) -> bool:
    """Tells whether this is a Latin letter with a mark; a Cyrillic й is none."""
    parts = unicodedata.normalize("NFD", character)
    return parts[0].isalpha() and parts[0] < "\u0250" and any(map(unicodedata.combining, parts[1:]))


def _plain(word: str) -> str:
    """Gives a word in small letters without accents; œ becomes oe."""
    folded = unicodedata.normalize("NFD", word.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(character for character in folded if not unicodedata.combining(character))


def _composed(word: str) -> str:
    return unicodedata.normalize("NFC", word.casefold())


Word = Annotated[str, Field(min_length=1, max_length=100)]


class Accented(ConstraintParams):
    """Words without their accents, each with the word as it is written."""

    word_to_accentuate: Annotated[dict[Word, Word], Field(min_length=1, max_length=500)]

    @field_validator("word_to_accentuate")
    @classmethod
    def _matching(cls, words: dict[str, str]) -> dict[str, str]:
        for plain, accented in words.items():
            if not accented.strip() or _plain(plain) != _plain(accented):
                raise ValueError(f"{accented!r} is not {plain!r} with accents")
            if len(Document(accented).words) != 1 or _INNER.search(accented):
                raise ValueError(f"{accented!r} is not one word")
        return words

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.word_to_accentuate.items())))


_OFFERED = ("forêt", "été", "leçon", "événement", "hôpital", "fenêtre", "étoile", "château", "mémoire", "école")


class Accents(Published):
    """Every given word stands at least once, and always with its accents, in capitals too.

    The published check passes a text without any of the words.
    """

    id = "fr:special_character:accents"
    Params = Accented
    categories = ("Linguistic", "Content")
    slots = frozenset({"accents"})

    def sample(self, instruction: Instruction, rng: Random) -> Accented | None:
        """Draws some common words with accents."""
        if not _fits(instruction):
            return None
        words = rng.sample(_OFFERED, rng.choice((1, 2, 3)))
        return Accented(word_to_accentuate={_plain(word): word for word in words})

    def values(self, params: Accented, language: str, variant: int) -> dict[str, Any]:
        """Lists the words."""
        return {"words": listed(list(params.word_to_accentuate.values()), language)}

    def check(self, params: Accented, document: Document) -> Check:
        """Compares every word that is one of the given ones but for accents; the last of a cut text may go on."""
        if document.blank:
            return blank_check(document)
        wanted = {_plain(plain): _composed(word) for plain, word in params.word_to_accentuate.items()}
        found: dict[str, Span] = {}
        wrong: list[Span] = []
        for word, span in _pieces(document, wanted):
            if document.cut and span[1] == len(document.text):
                continue
            plain = _plain(word)
            if _composed(word) == wanted[plain]:
                found.setdefault(plain, span)
            else:
                wrong.append(span)
        missing = [wanted[plain] for plain in wanted if plain not in found]
        reason = f"{len(wrong)} with wrong accents, {len(missing)} of {len(wanted)} missing"
        if wrong or (missing and not document.cut):
            return Check(Outcome.VIOLATED, reason, len(wrong), tuple(wrong))
        outcome = Outcome.UNKNOWN if document.cut else Outcome.SATISFIED
        return Check(outcome, reason, len(wrong), tuple(sorted(found.values())))

    def witness(self, params: Accented, rng: Random) -> Witness:
        """Gives the words, and the same without accents."""
        words = list(params.word_to_accentuate.values())
        return Witness(" ".join(words), "Rien de tout cela.")


def _pieces(document: Document, wanted: Container[str]) -> Iterator[tuple[str, Span]]:
    """Gives the words that are wanted but for accents, taken apart at apostrophes and hyphens: *l'été* holds *été*."""
    # Each word is looked at once, and no place is looked for where none is wanted.
    held = {word for word in set(document.words) if any(_plain(piece) in wanted for piece in _INNER.split(word))}
    for word, (start, _) in zip(document.words, document.word_spans, strict=True) if held else ():
        for piece in _INNER.split(word) if word in held else ():
            if _plain(piece) in wanted:
                yield piece, (start, start + len(piece))
            start += len(piece) + 1
