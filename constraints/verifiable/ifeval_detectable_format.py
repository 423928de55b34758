"""IFEval's ``detectable_format`` ids."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from random import Random
from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import Document, Span
from ._counted import Quantity
from ._fit import request, wants_code
from ._ifeval import Meaning, N, Translated
from ._literal import may_appear
from ._published import NoParams, Published
from .format import Bullets, Highlights, Json, Title

__all__ = [
    "IfevalConstrainedResponse",
    "IfevalJsonFormat",
    "IfevalMultipleSections",
    "IfevalNumberBulletLists",
    "IfevalNumberHighlightedSections",
    "IfevalTitle",
]


class BulletsParams(Meaning):
    """How many bullets exactly."""

    theirs: ClassVar = Quantity
    names: ClassVar = {"n": "num_bullets"}
    fixed: ClassVar = {"relation": "exactly"}
    num_bullets: N


class HighlightsParams(Meaning):
    """How many highlighted parts at least."""

    theirs: ClassVar = Quantity
    names: ClassVar = {"n": "num_highlights"}
    fixed: ClassVar = {"relation": "at_least"}
    num_highlights: N


class IfevalNumberBulletLists(Translated, means=Bullets):
    """Exactly so many markdown bullets; the published check takes dividers and ``*emphasis*`` too, ``+`` not."""

    id = "detectable_format:number_bullet_lists"
    Params = BulletsParams


class IfevalNumberHighlightedSections(Translated, means=Highlights):
    """How many parts that stars emphasise at least, once each; the published check takes a bullet's star too."""

    id = "detectable_format:number_highlighted_sections"
    Params = HighlightsParams


class IfevalTitle(Translated, means=Title):
    """A title in double angular brackets, not in code; the published check takes ``cout << x; cin >> y`` for one."""

    id = "detectable_format:title"


class IfevalJsonFormat(Translated, means=Json):
    """The whole response is a JSON object or array; the published check takes ``NaN`` and bare words and numbers too.

    A bare value wraps nothing, and the sentence asks for output *wrapped in JSON*.
    """

    id = "detectable_format:json_format"


_OPTION = re.compile(
    r"(?<![^\W_])my\s+answer\s+is\s+[*_]{0,3}(yes|no|maybe)(?![^\W_])(?=([ \t*_\"'”’»)\]]*)(.?))", re.IGNORECASE
)
# What may stand between a sentence's beginning and its first word.
_MARKUP = " \t*_\"'“”‘’„«»([>#`~-–—"
_YES_NO = re.compile(
    r"\b(?:is|are|was|were|do|does|did|can|could|should|would|will|has|have|es|son|puede|puedo|debo|hay)\b[^?\n]*\?|[吗吧]",
    re.IGNORECASE,
)


def _chosen(document: Document) -> list[tuple[str, Span]]:
    """Gives the options that stand as sentences of their own, and those that stand as published anywhere."""
    text = document.text
    found: list[tuple[str, Span]] = []
    if not may_appear("answer", document):
        return found
    for match in _OPTION.finditer(text):
        start, end = match.span()
        closers, follows = match.group(2), match.group(3)
        before = text[max(0, start - 40) : start].rstrip(_MARKUP)
        begins = not before or before[-1] in ".!?…:;。！？：\n\r"
        # "My answer is no longer …" and "… is yes, but …" are other sentences.
        ends = not follows or follows in ".!。！" or bool(closers.strip())
        if (begins and ends) or (follows == "." and text.startswith("My answer is", start)):
            found.append((match.group(1).lower(), (start, end)))
    return found


class IfevalConstrainedResponse(Published):
    """One of *My answer is yes*, *… no* or *… maybe* stands as a sentence, and no other of the three does.

    Unlike in the published check neither its full stop nor capitals matter, and naming several options is no answer.
    """

    id = "detectable_format:constrained_response"
    Params = NoParams
    categories = ("Content", "Format")
    slots = frozenset({"option"})
    conflicts = frozenset({"language", "ifeval_language", "format.json", "detectable_format:json_format"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits questions that can be answered so."""
        fits = _YES_NO.search(request(instruction)) and not wants_code(instruction)
        return NoParams() if fits else None

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for the options; a cut text may still name another."""
        if document.blank:
            return blank_check(document)
        chosen = _chosen(document)
        if document.cut:
            # The last words may go on.
            last = document.lines[-1][0]
            settled = {option for option, span in chosen if span[0] < last}
            if len(settled) < 2:
                return Check(Outcome.UNKNOWN, "the reply was cut")
        options = sorted({option for option, _ in chosen})
        spans = tuple(span for _, span in chosen)
        if not options:
            return Check(Outcome.VIOLATED, "none of the options")
        reason = f"answers {' and '.join(options)}"
        return Check(Outcome.of(len(options) == 1), reason, ", ".join(options), spans)

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives an option, and an answer in other words."""
        return Witness("My answer is no.", "No, it is not.")


class SectionsParams(ConstraintParams):
    """How many sections, and the word that each begins with."""

    section_spliter: Annotated[str, Field(min_length=1, max_length=100)]
    num_sections: Annotated[int, Field(ge=1, le=1_000)]

    @field_validator("section_spliter")
    @classmethod
    def _readable(cls, word: str) -> str:
        if not any(character.isalnum() for character in word) or "\n" in word or "\r" in word:
            raise ValueError(f"{word!r} is no word on one line")
        return word.strip()


_NUMBERS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty uno una dos tres cuatro cinco seis siete ocho nueve diez un une deux trois quatre cinq "
    "sept huit neuf dix"
).split()
_ROMAN = "(?=[IVXL])(?:XC|XL|L?X{0,4})(?:IX|IV|V?I{0,4})"
_LABEL = rf"\d{{1,9}}|{_ROMAN}|{_ROMAN.lower()}|[一二三四五六七八九十]{{1,3}}|(?i:{'|'.join(_NUMBERS)})|[A-Z]"
_DECORATION = r"[ \t\\\ufeff\u200b>\"'“‘«#*_~(\[-]*"


@lru_cache(maxsize=256)
def _heading(word: str) -> re.Pattern[str]:
    """Compiles a heading: perhaps decoration, the word as given, a numeral, then nothing that makes it a sentence."""
    forms = dict.fromkeys(unicodedata.normalize(form, word) for form in ("NFC", "NFD"))
    escaped = "|".join(r"[ \t]+".join(map(re.escape, form.split())) for form in forms)
    return re.compile(
        rf"(?P<before>{_DECORATION})(?<!\w)(?:{escaped})[ \t*_]{{0,9}}(?:[#№:–-][ \t*_]{{0,9}})?[<\[(]?"
        rf"(?P<label>{_LABEL})(?![^\W_])(?P<after>[ \t]*)(?P<next>[^\r\n]?)"
    )


def _goes_on(match: re.Match[str]) -> bool:
    """Tells whether a line is a sentence: ``Section 2 of the act says …``; markdown makes any line a heading."""
    if match["before"].strip(" \t\"'“‘«"):
        return False
    return match["next"] in ("'", "’", ",") or (bool(match["after"]) and match["next"].islower())


def _headings(word: str, document: Document) -> list[tuple[str, Span]]:
    """Gives the label and the place of each section heading: at a line's beginning, outside code."""
    pattern, text = _heading(word), document.text
    # Of a word outside ASCII there are several forms; of any other each heading holds the first part.
    part = word.split()[0] if word.isascii() else ""
    found: list[tuple[str, Span]] = []
    for start, end in document.prose_lines:
        match = pattern.match(text, start, end) if part in text[start:end] else None
        if match and not _goes_on(match):
            found.append((match["label"].casefold(), (match.start() + len(match["before"]), match.end("label"))))
    return found


def filled(headings: list[tuple[str, Span]], text: str) -> tuple[Span, ...]:
    """Gives the headings, each with a label of its own, behind which something stands before the next one."""
    sections: dict[str, Span] = {}
    ends = [*(span[0] for _, span in headings), len(text)][1:]
    for (label, span), end in zip(headings, ends, strict=True):
        if label not in sections and any(map(str.isalnum, text[span[1] : end])):
            sections[label] = span
    return tuple(sections.values())


def sections_of(word: str, document: Document) -> tuple[Span, ...]:
    """Gives the headings of the sections; of a cut text without one on its last line, whose numeral may go on."""
    found = _headings(word, document)
    if document.cut:
        found = [one for one in found if one[1][1] < document.lines[-1][0]]
    return filled(found, document.text)


class IfevalMultipleSections(Published):
    """Exactly so many sections, each begun at a line's beginning by the word as given and a number of its own.

    Digits, Roman numerals, number words and capital letters will do, markdown around them too; a section that holds
    nothing is none. The published check knows digits alone, finds them inside sentences and takes more for enough.
    """

    id = "detectable_format:multiple_sections"
    Params = SectionsParams
    categories = ("Format", "Numerical")
    slots = frozenset({"sections"})
    conflicts = frozenset(
        {"case", "ifeval_change_case", "format.json", "detectable_format:json_format", "count.numbers"}
    )

    def sample(self, instruction: Instruction, rng: Random) -> SectionsParams | None:
        """Draws a word and a few sections for prose."""
        if wants_code(instruction):
            return None
        return SectionsParams(
            section_spliter=rng.choice(("Section", "SECTION", "Part")), num_sections=rng.randint(2, 5)
        )

    def check(self, params: SectionsParams, document: Document) -> Check:
        """Counts the sections by their numbers; of a cut text more than enough stay too many."""
        if document.blank:
            return blank_check(document)
        sections = sections_of(params.section_spliter, document)
        count = len(sections)
        if document.cut and count <= params.num_sections:
            return Check(Outcome.UNKNOWN, f"the reply was cut after {count} sections", count, sections)
        reason = f"{count} sections; asked: {params.num_sections}"
        return Check(Outcome.of(count == params.num_sections), reason, count, sections)

    def witness(self, params: SectionsParams, rng: Random) -> Witness:
        """Gives so many sections, and one more."""
        texts = [f"{params.section_spliter} {at}\nA short text." for at in range(1, params.num_sections + 2)]
        return Witness("\n\n".join(texts[:-1]), "\n\n".join(texts))
