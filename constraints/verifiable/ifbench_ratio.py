"""IFBench's constraints on shares: stop words, kinds of sentences, shared trigrams, sentences of one length."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ...schemas.text import words
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import Document, Span
from ._fit import free_length, request, wants_code
from ._ifbench_lists import OTHER_FUNCTION_WORDS, STOP_WORDS
from ._ifbench_text import composed, folded, kind_of, settled
from ._published import NoParams, Published

__all__ = ["Balance", "Overlap", "SentenceType", "SentenceWords", "StopWords"]

Percent = Annotated[int, Field(ge=0, le=100)]


class Share(ConstraintParams):
    """A share of the words."""

    percentage: Percent


class StopWords(Published):
    """At most such a share of the words are stop words of the answer's language: English, Spanish or French.

    Contractions (*don't*, *it's*) are one stop word. Other languages are unknown; published, English ones are counted
    in any language.
    """

    id = "ratio:stop_words"
    Params = Share
    categories = ("Numerical", "Linguistic")
    one_word = True

    def sample(self, instruction: Instruction, rng: Random) -> Share | None:
        """Fits prose in a language whose stop words are known."""
        if instruction.language not in ("en", "es", "fr") or wants_code(instruction):
            return None
        return Share(percentage=rng.choice((30, 35, 40, 45, 50)))

    def check(self, params: Share, document: Document) -> Check:
        """Counts the stop words of the language that has most of them."""
        if document.blank:
            return blank_check(document)
        found = composed(document.words, document.text.isascii())
        if not found:
            return Check(Outcome.of(None if document.cut else False), "no words", 0)
        language, count, total = _stop_words(list(map(str.casefold, found)), document.text.isascii())
        if language is None:
            return Check(Outcome.UNKNOWN, "its language's stop words are not known", None)
        percent = round(100 * count / total, 1)
        reason = (
            f"{count} of {total} words are {language} stop words, {percent} %; asked: at most {params.percentage} %"
        )
        # Whatever share a cut text has, more text may change it.
        outcome = Outcome.of(None if document.cut else 100 * count <= params.percentage * total)
        return Check(outcome, reason, percent)

    def witness(self, params: Share, rng: Random) -> Witness:
        """Gives a text with just the share, and one with stop words alone."""
        right = ["the"] * params.percentage + ["river"] * (100 - params.percentage)
        wrong = ["the"] * (params.percentage + 1) + ["river"] * (99 - params.percentage)
        return Witness(" ".join(right), " ".join(wrong))


_ENGLISH, _FRENCH = STOP_WORDS["English"], STOP_WORDS["French"]
_LISTS = (*STOP_WORDS.values(), *OTHER_FUNCTION_WORDS)
_FIELD = 40
"""Bits of a count: all lists are counted in one number."""
_ONES: dict[str, int] = {}
for _at, _listed in enumerate(_LISTS):
    for _word in _listed:
        _ONES[_word] = _ONES.get(_word, 0) + (1 << _FIELD * _at)


def _stop_words(found: list[str], ascii_: bool) -> tuple[str | None, int, int]:
    """Gives the language of most stop words, null where another is likelier, how many there are, and of how many."""
    # Words of scripts other than the Latin one begin beyond these.
    if not ascii_ and 2 * sum(map("\u0250".__le__, found)) > len(found):
        return None, 0, len(found)
    together = sum(filter(None, map(_ONES.get, found)))
    times = [together >> _FIELD * at & (1 << _FIELD) - 1 for at in range(len(_LISTS))]
    counts = {name: (count, len(found)) for name, count in zip(STOP_WORDS, times, strict=False)}
    if joined := [word for word in found if "'" in word]:
        counts["English"] = (times[0] + sum(map(_contracted, joined)), len(found))
        # What a French apostrophe joins are two words: l'eau.
        pieces = _ELIDED.sub(r"\1 ", " ".join(joined)).split()
        parted = sum(map(_FRENCH.__contains__, pieces)) - sum(map(_FRENCH.__contains__, joined))
        counts["French"] = (counts["French"][0] + parted, len(found) + len(pieces) - len(joined))
    language = max(counts, key=lambda name: counts[name][0])
    count, total = counts[language]
    if any(others > count for others in times[len(STOP_WORDS) :]):
        return None, 0, total
    return language, count, total


_ELIDED = re.compile(r"\b((?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)')(?=\w)")
_CONTRACTIONS = frozenset({"s", "m", "re", "ve", "ll", "d", "t"})


def _contracted(word: str) -> bool:
    """Tells whether a word with an apostrophe is an English stop word that is not listed: *that's*."""
    head, _, tail = word.partition("'")
    return head in _ENGLISH and tail in _CONTRACTIONS and word not in _ENGLISH


class Kinds(Published):
    """Compares how many sentences end as statements, questions and exclamations."""

    Params = NoParams
    categories = ("Numerical", "Linguistic")
    slots = frozenset({"sentence_kinds"})
    examples: ClassVar[Witness]

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits prose that has room for some sentences."""
        return NoParams() if free_length(instruction) and not wants_code(instruction) else None

    @abstractmethod
    def holds(self, statements: int, questions: int, exclamations: int) -> bool:
        """Tells whether the numbers are as asked."""

    def check(self, params: NoParams, document: Document) -> Check:
        """Counts the kinds; of a cut text more may come of each."""
        if document.blank:
            return blank_check(document)
        counts = Counter(kind_of(document.text, span) for span in document.sentences)
        three = counts["statement"], counts["question"], counts["exclamation"]
        reason = "{} statements, {} questions, {} exclamations".format(*three)
        outcome = Outcome.of(None if document.cut else self.holds(*three))
        return Check(outcome, reason, "/".join(map(str, three)))

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives two texts."""
        return self.examples


class SentenceType(Kinds):
    """Twice as many sentences end in a full stop as in a question mark, and one at least is a question.

    Published: an answer with neither passes. Abbreviations and list numerals end no sentence; ``?!`` ends a question.
    """

    id = "ratio:sentence_type"
    examples = Witness("It rains. It pours. Do you mind?", "It rains! It pours! Never mind!")

    def holds(self, statements: int, questions: int, exclamations: int) -> bool:
        """Two to one."""
        return questions > 0 and statements == 2 * questions


class Balance(Kinds):
    """As many sentences end in a full stop as in a question mark and in an exclamation mark, one at least each.

    Published: an answer without any of them passes.
    """

    id = "ratio:sentence_balance"
    conflicts = frozenset({"punctuation.no_exclamation"})
    examples = Witness("It rains. Do you mind? Never!", "It rains. Do you mind? Never! Not at all!")

    def holds(self, statements: int, questions: int, exclamations: int) -> bool:
        """One to one to one."""
        return statements == questions == exclamations > 0


class Shared(ConstraintParams):
    """A text and the share of trigrams."""

    reference_text: Annotated[str, Field(min_length=1, max_length=50_000)]
    percentage: Percent

    @field_validator("reference_text")
    @classmethod
    def _has_trigrams(cls, text: str) -> str:
        if len(words(text)) < _N:
            raise ValueError("a text of less than three words has no trigrams")
        return text


_N = 3
_AROUND = 2


def _trigrams(found: list[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(zip(found, found[1:], found[2:], strict=False))


@lru_cache(maxsize=256)
def _trigrams_of(text: str) -> frozenset[tuple[str, ...]]:
    """Gives the trigrams of a text that many responses are compared with."""
    return _trigrams(folded(words(text)))


class Overlap(Published):
    """Of the different runs of three words in the answer, such a share also occurs in the text, give or take 2 points.

    Capitals and marks make no difference. Published: runs of three characters.
    """

    id = "ratio:overlap"
    Params = Shared
    categories = ("Numerical", "Content")
    slots = frozenset({"trigrams"})

    def values(self, params: Shared, language: str, variant: int) -> dict[str, Any]:
        """Takes the space off the text's ends."""
        return super().values(params, language, variant) | {"reference_text": params.reference_text.strip()}

    def sample(self, instruction: Instruction, rng: Random) -> Shared | None:
        """Draws a sentence of the request and a small share."""
        if not free_length(instruction) or wants_code(instruction):
            return None
        asked = Document(request(instruction))
        sentences = [asked.text[slice(*span)] for span in asked.sentences]
        fit = [text for text in sentences if "\n" not in text and 8 <= len(words(text)) <= 60]
        if not fit:
            return None
        return Shared(reference_text=rng.choice(fit), percentage=rng.choice((10, 15, 20, 25)))

    def check(self, params: Shared, document: Document) -> Check:
        """Compares the sets of trigrams; of a cut text the share may change."""
        if document.blank:
            return blank_check(document)
        own, others = _trigrams(folded(document.words, document.text.isascii())), _trigrams_of(params.reference_text)
        if not own:
            return Check(Outcome.of(None if document.cut else False), "fewer than three words", 0)
        shared = len(own & others)
        low, high = (params.percentage + around for around in (-_AROUND, _AROUND))
        outcome = Outcome.of(None if document.cut else low * len(own) <= 100 * shared <= high * len(own))
        percent = round(100 * shared / len(own), 1)
        reason = f"{shared} of {len(own)} trigrams are the text's, {percent} %; asked: {params.percentage} % ± 2"
        return Check(outcome, reason, percent)

    def witness(self, params: Shared, rng: Random) -> Witness:
        """Goes on after the text with words of its own."""
        said = words(params.reference_text)
        filler = [f"q{i}q" for i in range(101)]
        if params.percentage <= _AROUND:
            return Witness(" ".join(filler), " ".join(said))
        shared = len(_trigrams(folded(said)))
        own = round(shared * (100 - params.percentage) / params.percentage)
        more = [f"q{i}q" for i in range(own)]
        return Witness(" ".join([*said, *more]), " ".join(filler))


_COMBINING = re.compile(r"[\u0300-\u036f]")
_EMPHASIS = re.compile(r"\*+|`|(?<!\w)_+|_+(?!\w)")
_CJK = "\u3041"
"""Words of one character begin here: Chinese and Japanese ones, which are parts of words."""


class SentenceWords(Published):
    """Just three sentences of as many characters each, marks and spaces included, without any word twice.

    Published: words may repeat. Where only Chinese or Japanese characters repeat it is unknown whether a word does.
    """

    id = "ratio:sentence_words"
    Params = NoParams
    categories = ("Numerical", "Linguistic")
    slots = frozenset({"sentences", "words"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits prose in a language of which words can be told."""
        fits = instruction.language in ("en", "es", "fr") and free_length(instruction)
        return NoParams() if fits and not wants_code(instruction) else None

    def check(self, params: NoParams, document: Document) -> Check:
        """Counts the sentences, their characters, and each word."""
        if document.blank:
            return blank_check(document)
        sentences = document.sentences
        # What follows may join the last two sentences of a cut text.
        if len(sentences) > 3 + document.cut or (len(sentences) < 3 and not document.cut):
            return Check(Outcome.VIOLATED, f"{len(sentences)} sentences", len(sentences))
        lengths = [_length(document.text, span) for span in sentences]
        told = sentences if not document.cut else sentences[:-2]
        if any(a != b for a, b in pairwise(lengths[: len(told)])):
            listed = ", ".join(map(str, lengths))
            return Check(Outcome.VIOLATED, f"{listed} characters", listed, tuple(told))
        again = _repeated(document)
        if plain := [word for word in again if len(word) > 1 or word < _CJK]:
            return Check(Outcome.VIOLATED, f"repeated: {', '.join(plain[:5])}", len(plain))
        if document.cut or again:
            return Check(Outcome.UNKNOWN, "cut" if document.cut else "characters repeat, maybe in different words")
        return Check(Outcome.SATISFIED, f"three sentences of {lengths[0]} characters, no word twice", lengths[0])

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives three short sentences, and three with a word in common."""
        return Witness("Cats nap now. Dogs run off. Owls see all.", "Cats nap now. Cats run off. Owls see all.")


def _length(text: str, span: Span) -> int:
    """Counts the characters that a reader sees, a break of lines as one space."""
    plain = " ".join(_EMPHASIS.sub("", text[slice(*span)]).split())
    return len(_COMBINING.sub("", plain))


def _repeated(document: Document) -> list[str]:
    """Gives the words that occur more than once."""
    return [word for word, times in Counter(folded(settled(document, document.words))).items() if times > 1]
