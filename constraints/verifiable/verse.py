"""Poems: syllables per line, rhymes, acrostics."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import combinations
from random import Random
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ...schemas.text import words
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import Document
from ._fit import request, wants_code, wants_data
from ._judged import complete_part
from ._rhyme import rhymes, rhyming_words
from ._verse_lines import Verse, beats, reads_as_english, script_of, verse_lines
from ._worded import Number, Worded
from ._wording import LANGUAGES

__all__ = ["Acrostic", "Rhyme", "Syllables"]

# Forms that say their own lines, and answers that are no poem.
_FORM = re.compile(
    r"\b(?:haikus?|limericks?|sonnets?|slogans?|letters?|e-?mails?|plan|paragraphs?|sentences?|words?|lines?|bullets?|one"
    r"|yes or no|just|only|numbers?|translate|correct|shorten|rewrite|table|speech|carta|frases?|palabras|línea"
    r"|lettre|phrases?|mots|code)\b|字|句|词|列表|信|文で|メール",
    re.IGNORECASE,
)


class Poem(Worded):
    """The whole answer is a poem of so many lines."""

    categories: ClassVar[tuple[str, ...]] = ("Format", "Linguistic")
    slots = frozenset(
        {"whole_form", "verse", "lines", "paragraphs", "sentences", "sentence_lengths", "bullets", "title", "headings"}
        | {"start", "end", "table", "words", "characters", "reading_level", "numbered_list"}
    )
    conflicts = frozenset({"data", "table", "code", "lists", "format", "language", "length"})

    def fits(self, instruction: Instruction) -> bool:
        """Tells whether the request could be answered by a poem, and says no form itself."""
        asked = request(instruction)
        return (
            len(asked) < 300 and not _FORM.search(asked) and not wants_code(instruction) and not wants_data(instruction)
        )

    def lines_of(self, document: Document, wanted: int) -> tuple[list[Verse], Check | None]:
        """Gives the lines, and the verdict where their number already decides it.

        Of a cut response only a line too many does: what follows may show it in another language.
        """
        lines = verse_lines(complete_part(document), wanted)
        # The last line of a cut response counts, though what it says is not known yet.
        count = len(verse_lines(document, wanted)) if document.cut else len(lines)
        if count > wanted or (count < wanted and not document.cut):
            spans = tuple(line.span for line in lines)
            said = f"more than {wanted}" if count > wanted else f"{count}"
            return lines, Check(Outcome.VIOLATED, f"{said} lines; asked: {wanted}", count, spans)
        return lines, None


class Beats(ConstraintParams):
    """How many syllables each line has."""

    counts: Annotated[tuple[Annotated[int, Field(ge=1, le=40)], ...], Field(min_length=1, max_length=40)]


_JOINT = {"en": " and ", "es": " y ", "fr": " et ", "zh": "、", "ja": "、"}
_BEAT_LINE = "we see the sun rise in the east and go to rest on the wide sea at dusk".split()


class Syllables(Poem):
    """The answer is one line per count, each of so many syllables: of English words, morae of kana, Chinese characters.

    Unknown where a word may be said in several ways, where Chinese characters leave Japanese open, and in other
    languages. Titles count as lines.
    """

    id = "verse.syllables"
    Params = Beats
    categories = ("Numerical", "Format", "Linguistic")

    def sample(self, instruction: Instruction, rng: Random) -> Beats | None:
        """Draws the counts of a short poem."""
        draws: tuple[tuple[int, ...], ...] = ((5, 7, 5), (5, 7, 5, 7, 7), (6, 6, 6, 6))
        if instruction.language == "ja":
            draws = draws[:2]
        if instruction.language not in ("en", "ja") or not self.fits(instruction):
            return None
        return Beats(counts=rng.choice(draws))

    def values(self, params: Beats, language: str, variant: int) -> dict[str, Any]:
        """Lists the counts."""
        counts = list(map(str, params.counts))
        comma = "、" if language in ("zh", "ja") else ", "
        shown = counts[0] if len(counts) == 1 else comma.join(counts[:-1]) + _JOINT[language] + counts[-1]
        return {"counts": shown, "n": Number(len(counts), language)}

    def check(self, params: Beats, document: Document) -> Check:
        """Counts line by line."""
        if document.blank:
            return blank_check(document)
        lines, decided = self.lines_of(document, len(params.counts))
        if decided:
            return decided
        script = script_of(document)
        if script is None:
            return Check(Outcome.UNKNOWN, "syllables are counted in English, Japanese and Chinese")
        sure, shown = True, []
        for wanted, line in zip(params.counts, lines, strict=False):
            found = beats(line.text, script)
            if found and not found[0] <= wanted <= found[1] and not document.cut:
                said = f"{found[0]}" if found[0] == found[1] else f"{found[0]} to {found[1]}"
                return Check(Outcome.VIOLATED, f"{said} syllables; asked: {wanted}", found[0], (line.span,))
            sure = sure and found is not None and found[0] == found[1]
            shown.append("?" if found is None else "-".join(map(str, sorted(set(found)))))
        reason = f"syllables: {', '.join(shown)[:150]}"
        outcome = Outcome.of(True if sure and not document.cut else None)
        return Check(outcome, reason, ", ".join(shown)[:300], tuple(line.span for line in lines))

    def witness(self, params: Beats, rng: Random) -> Witness:
        """Gives lines of words of one syllable, and a first line that is longer by one."""
        lines = [" ".join(_BEAT_LINE[at % len(_BEAT_LINE)] for at in range(count)) for count in params.counts]
        return Witness("\n".join(lines), "\n".join([f"{lines[0]} now", *lines[1:]]))


class Scheme(ConstraintParams):
    """A rhyme scheme: lines with one letter rhyme."""

    scheme: Annotated[str, Field(pattern=r"^[A-Z]{2,20}$")]

    @field_validator("scheme")
    @classmethod
    def _rhymed(cls, scheme: str) -> str:
        counts = Counter(scheme)
        if max(counts.values()) < 2:
            raise ValueError(f"no two lines of {scheme!r} rhyme")
        if max(counts.values()) > 12:
            raise ValueError(f"more than 12 lines of {scheme!r} rhyme with each other")
        return scheme


class Rhyme(Poem):
    """The answer is one line per letter of the scheme, and lines with one letter rhyme at their ends, in English.

    Judged by spelling: unknown unless every pair surely rhymes or one surely does not. A word does not rhyme with
    itself. Lines with different letters may rhyme too. Titles count as lines.
    """

    id = "verse.rhyme"
    Params = Scheme

    def sample(self, instruction: Instruction, rng: Random) -> Scheme | None:
        """Draws a common scheme."""
        if instruction.language != "en" or not self.fits(instruction):
            return None
        return Scheme(scheme=rng.choice(("AABB", "ABAB", "ABCB", "AABBA")))

    def values(self, params: Scheme, language: str, variant: int) -> dict[str, Any]:
        """Gives the scheme and its number of lines."""
        return {"scheme": params.scheme, "n": Number(len(params.scheme), language)}

    def check(self, params: Scheme, document: Document) -> Check:
        """Compares the last words of each two lines that have to rhyme."""
        if document.blank:
            return blank_check(document)
        lines, decided = self.lines_of(document, len(params.scheme))
        if decided:
            return decided
        if not reads_as_english(document):
            return Check(Outcome.UNKNOWN, "rhymes are judged in English")
        last = [(words(line.text[-200:]) or [""])[-1] for line in lines]
        open_: list[str] = []
        for at, other in combinations(range(len(lines)), 2):
            if params.scheme[at] != params.scheme[other]:
                continue
            verdict = rhymes(last[at], last[other])
            if verdict is False and not document.cut:
                spans = lines[at].span, lines[other].span
                return Check(Outcome.VIOLATED, f"{last[at]!r} and {last[other]!r} do not rhyme", last[other], spans)
            if not verdict:
                open_.append(f"{last[at]!r} and {last[other]!r}")
        all_spans = tuple(line.span for line in lines)
        ends = ", ".join(last)[:300]
        if open_ or document.cut:
            reason = f"cannot be told: {open_[0][:100]}" if open_ else "the reply was cut"
            return Check(Outcome.UNKNOWN, reason, ends, all_spans)
        return Check(Outcome.SATISFIED, f"all pairs rhyme: {ends[:120]}", ends, all_spans)

    def witness(self, params: Scheme, rng: Random) -> Witness:
        """Ends lines with words that rhyme; then one with a word that does not."""
        counts = Counter(params.scheme)
        families = dict(zip([letter for letter, _ in counts.most_common()], rhyming_words(), strict=False))
        taken: Counter[str] = Counter()
        lines = []
        for letter in params.scheme:
            lines.append(f"And so we came to see the {families[letter][taken[letter]]}")
            taken[letter] += 1
        wrong = params.scheme.rindex(counts.most_common(1)[0][0])
        missed = [*lines[:wrong], "And so we came to see the lamp", *lines[wrong + 1 :]]
        return Witness("\n".join(lines), "\n".join(missed))


class Spelled(ConstraintParams):
    """A word that first letters spell."""

    word: Annotated[str, Field(min_length=2, max_length=30)]

    @field_validator("word")
    @classmethod
    def _letters(cls, word: str) -> str:
        word = unicodedata.normalize("NFC", word.strip())
        if len(word) < 2 or not all(map(str.isalpha, word)):
            raise ValueError(f"an acrostic spells a word of at least two letters, and letters only: {word!r}")
        return word


_ACROSTICS = {
    "en": ("HOPE", "DREAM", "LIGHT", "RIVER"),
    "zh": ("春暖花开", "平安喜乐"),
    "es": ("LUNA", "SUEÑO", "CAMINO"),
    "fr": ("LUNE", "AMOUR", "SOLEIL"),
    "ja": ("さくら", "ひかり"),
}


class Acrostic(Poem):
    """The first letters of the answer's lines spell the word, one line a letter; case and accents do not matter.

    Ñ is a letter of its own. Marks, emphasis and list marks before the first letter are passed over, titles are not.
    """

    id = "verse.acrostic"
    Params = Spelled
    categories = ("Format", "Content", "Linguistic")

    def sample(self, instruction: Instruction, rng: Random) -> Spelled | None:
        """Draws a word in the request's language."""
        if instruction.language not in LANGUAGES or not self.fits(instruction):
            return None
        return Spelled(word=rng.choice(_ACROSTICS[instruction.language]))

    def check(self, params: Spelled, document: Document) -> Check:
        """Reads the first letters."""
        if document.blank:
            return blank_check(document)
        lines = verse_lines(document, len(params.word))
        first = [_first(line.text) for line in lines]
        shown = "".join(first)[:60]
        spans = tuple(line.span for line in lines[:100])
        right = len(first) <= len(params.word) and all(map(_same, first, params.word))
        reason = f"the lines begin with {shown!r}"
        if document.cut:
            return Check(Outcome.of(None if right else False), f"the reply was cut; {reason}", shown, spans)
        return Check(Outcome.of(right and len(first) == len(params.word)), reason, shown, spans)

    def witness(self, params: Spelled, rng: Random) -> Witness:
        """Gives a line a letter, and the last one missing."""
        lines = [f"{letter} is where this line begins" for letter in params.word]
        return Witness("\n".join(lines), "\n".join(lines[:-1]))


def _first(text: str) -> str:
    """Gives the first letter or digit, with its accents."""
    found = re.search(r"[^\W_]", text)
    return unicodedata.normalize("NFC", text[found.start() : found.start() + 3])[:1] if found else ""


def _same(one: str, other: str) -> bool:
    """Tells whether two letters are one but for case and accents."""
    if one.casefold() == other.casefold():
        return True
    if "ñ" in (one.casefold(), other.casefold()):
        return False
    base, base2 = (unicodedata.normalize("NFD", letter.casefold())[:1] for letter in (one, other))
    # Voiced kana are letters of their own.
    return base == base2 and not "\u3040" <= base <= "\u30ff"
