"""Things written after a pattern: the whole answer, or every date, number, measurement or citation in it."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from random import Random
from typing import Annotated, Any, ClassVar, NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import MARGIN, Document, Span
from ._citations import Style, citations
from ._dates import DateFormat, dates
from ._dates import written as written_date
from ._fit import request, wants_code, wants_data
from ._judged import Unjudged, complete_part
from ._linear import compiled, matches_all
from ._numbers import Decimal, Thousands, shown_numbers
from ._numbers import written as written_numbers
from ._prose import prose_only
from ._style_words import CITED, SYSTEMS
from ._units import System, measurements
from ._worded import Worded
from ._wording import quoted

__all__ = ["Citations", "Dates", "Numbers", "Regex", "Units"]


class RegexParams(ConstraintParams):
    """A regular expression that RE2 runs."""

    pattern: Annotated[str, Field(min_length=1, max_length=1_000)]

    @field_validator("pattern")
    @classmethod
    def _readable(cls, pattern: str) -> str:
        try:
            compiled(pattern)
        except Unjudged:
            pass  # RE2 is not installed: the check says so.
        return pattern


class _Sample(NamedTuple):
    pattern: str
    good: str
    bad: str


_SAMPLES = (
    _Sample(r"[A-Z¿¡][\s\S]*[.!?]", "Yes, it does.", "yes, it does"),
    _Sample(r"Answer: [^\n]+", "Answer: yes", "It is yes."),
    _Sample(r"\d+\. [^\n]+(\n\d+\. [^\n]+)*", "1. One thing\n2. Another", "One thing and another"),
    _Sample(r"([^\n]+;\n)+[^\n]+\.", "one thing;\nanother.", "One thing and another."),
    _Sample(r"\[[^\[\]]+\]", "[yes]", "yes"),
)
_TRIES = (
    *(
        "a",
        "A",
        "1",
        "42",
        "abc",
        "Abc",
        "ABC",
        "yes",
        "no",
        "Yes.",
        "2024-03-05",
        "05/03/2024",
        "10:30",
        "AB-1234",
    ),
    *("ABC-123", "ana@example.org", "+1 555 123 4567", "555-123-4567", "#ff8800", "12345", "3.5", "$3.50", "a b c"),
    *("https://example.org", "A line.\nAnother.", "one, two, three", "🙂", "Zyxquv!"),
)


class Regex(Worded):
    """The whole answer, or the answer without the space around it, matches the regular expression, as RE2 runs it."""

    id = "pattern.regex"
    Params = RegexParams
    categories = ("Format",)
    slots = frozenset(
        {
            *("whole_form", "start", "end", "title", "bullets", "highlights", "placeholders", "sentences"),
            *("paragraphs", "words", "table", "table_rows", "code_blocks"),
        }
    )
    conflicts = frozenset({"case", "punctuation", "start_end", "language", "length", "data", "code", "format"})

    def sample(self, instruction: Instruction, rng: Random) -> RegexParams | None:
        """Draws a layout that many answers can have."""
        if wants_code(instruction) or not wants_data(instruction):
            return None
        return RegexParams(pattern=rng.choice(_SAMPLES).pattern)

    def check(self, params: RegexParams, document: Document) -> Check:
        """Matches; of a cut response nothing is known."""
        if document.blank:
            return blank_check(document)
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut")
        text = document.text
        try:
            pattern = compiled(params.pattern)
            found = matches_all(pattern, text.strip(MARGIN)) or matches_all(pattern, text)
        except Unjudged as error:
            return Check(Outcome.UNKNOWN, str(error))
        return Check(Outcome.of(found), "matches" if found else "does not match", None, ((0, len(text)),))

    def witness(self, params: RegexParams, rng: Random) -> Witness:
        """Gives a text that matches and one that does not.

        Raises:
            ValueError: when none of some common texts does, or all do.
        """
        for sample in _SAMPLES:
            if sample.pattern == params.pattern:
                return Witness(sample.good, sample.bad)
        pattern = compiled(params.pattern)
        found = {matches_all(pattern, text): text for text in reversed(_TRIES)}
        if len(found) < 2:
            raise ValueError(f"no example was found for {params.pattern!r:.80}")
        return Witness(found[True], found[False])


class _Found(NamedTuple):
    """What stands in an answer."""

    kept: Sequence[Span]
    broken: Sequence[Span]
    unclear: Sequence[Span] = ()
    """Places that can be read either way."""


class Everywhere(Worded):
    """At least one thing of a kind stands in the answer, and every one keeps to the rule; code is not looked at."""

    noun: ClassVar[str]
    topic: ClassVar[re.Pattern[str]]
    """Requests that such things suit."""

    @abstractmethod
    def look(self, params: Any, document: Document) -> _Found:
        """Finds them."""

    @abstractmethod
    def draw(self, instruction: Instruction, rng: Random) -> Any:
        """Draws parameters."""

    def sample(self, instruction: Instruction, rng: Random) -> Any | None:
        """Fits requests that such things suit."""
        suits = not wants_code(instruction) and self.topic.search(request(instruction))
        return self.draw(instruction, rng) if suits else None

    def check(self, params: Any, document: Document) -> Check:
        """Looks for what breaks the rule, then for what keeps it; of a cut response whole lines only."""
        if document.blank:
            return blank_check(document)
        found = self.look(params, complete_part(document))
        if found.broken:
            first = " ".join(document.text[slice(*found.broken[0])].split())
            reason = f"{len(found.broken)} {self.noun} written otherwise, first {first!r:.60}"
            return Check(Outcome.VIOLATED, reason, len(found.broken), tuple(found.broken))
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut")
        if found.unclear:
            first = document.text[slice(*found.unclear[0])]
            return Check(Outcome.UNKNOWN, f"{first!r:.60} can be read either way", None, tuple(found.unclear))
        reason = f"{len(found.kept)} {self.noun}, all as asked" if found.kept else f"no {self.noun} that show it"
        return Check(Outcome.of(bool(found.kept)), reason, len(found.kept), tuple(found.kept))


class DateParams(ConstraintParams):
    """A format of dates."""

    format: DateFormat


class Dates(Everywhere):
    """At least one date, and every date with day and month is in the format and in the calendar; not in addresses."""

    id = "pattern.dates"
    Params = DateParams
    categories = ("Format", "Content")
    slots = frozenset({"dates", "comma"})
    conflicts = frozenset({"case", "language", "format.json"})
    noun = "dates"
    topic = re.compile(
        r"\b(?:plan|weeks?|days?|letter|e-?mail|history|when|schedule|event|carta|correo|semanas?|días?|cuándo|lettre|jour)\b"
        r"|计划|安排|历史|信|日|周|予定|メール",
        re.IGNORECASE,
    )

    def draw(self, instruction: Instruction, rng: Random) -> DateParams:
        """Draws a format; those with months' names where the request's language has them."""
        formats: list[DateFormat] = ["YYYY-MM-DD", "DD/MM/YYYY", "MM/DD/YYYY", "YYYY/MM/DD", "DD.MM.YYYY"]
        if instruction.language in ("en", "es", "fr"):
            formats.append("D Month YYYY")
        if instruction.language == "en":
            formats.append("Month D, YYYY")
        return DateParams(format=rng.choice(formats))

    def values(self, params: DateParams, language: str, variant: int) -> dict[str, Any]:
        """Gives the format and an example of it."""
        return {"format": params.format, "example": written_date(params.format, 2024, 3, 5, language)}

    def look(self, params: DateParams, document: Document) -> _Found:
        """Finds the dates."""
        found = list(dates(prose_only(document)))
        good = [one.span for one in found if one.formats.get(params.format)]
        return _Found(good, [one.span for one in found if not one.formats.get(params.format)])

    def witness(self, params: DateParams, rng: Random) -> Witness:
        """Gives a date in the format and one in another."""
        other: DateFormat = "D Month YYYY" if params.format == "YYYY-MM-DD" else "YYYY-MM-DD"
        right, wrong = (written_date(format, 2024, 3, 25) for format in (params.format, other))
        return Witness(f"We met first on {right} and wrote it down.", f"We met first on {wrong} and wrote it down.")


class NumberParams(ConstraintParams):
    """How numbers are written."""

    thousands: Thousands
    decimal: Decimal

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        if self.thousands == self.decimal:
            raise ValueError(f"thousands and decimals cannot both be marked by a {self.decimal}")
        return self


class Numbers(Everywhere):
    """At least one number shows the style, none another: groups of three from five digits on, the mark of decimals.

    Four digits may be a year and are read either way; dates, times, versions, codes and telephone numbers are left out.
    """

    id = "pattern.numbers"
    Params = NumberParams
    categories = ("Format", "Numerical")
    slots = frozenset({"number_style", "comma"})
    conflicts = frozenset({"format.json"})
    noun = "numbers"
    topic = re.compile(
        r"\b(?:prices?|costs?|euros?|dollars?|money|months?|count|compare|percent|population|precio|cuánto|inflación|prix)\b"
        r"|价格|多少|人口|いくら",
        re.IGNORECASE,
    )

    def draw(self, instruction: Instruction, rng: Random) -> NumberParams:
        """Draws a style."""
        pairs = [("comma", "point"), ("point", "comma"), ("space", "comma"), ("none", "point")]
        thousands, decimal = rng.choice(pairs)
        return NumberParams.model_validate({"thousands": thousands, "decimal": decimal})

    def values(self, params: NumberParams, language: str, variant: int) -> dict[str, Any]:
        """Gives an example of a large number and one with decimals."""
        large, fine = written_numbers(params.thousands, params.decimal)
        return {"large": quoted(large, language), "fine": quoted(fine, language)}

    def look(self, params: NumberParams, document: Document) -> _Found:
        """Finds the numbers that show a style."""
        found = list(shown_numbers(prose_only(document)))
        asked = (params.thousands, params.decimal)
        good = [number.span for number in found if asked in number.styles]
        unclear = [number.span for number in found if asked in number.unclear and asked not in number.styles]
        known = {*good, *unclear}
        return _Found(good, [number.span for number in found if number.span not in known], unclear)

    def witness(self, params: NumberParams, rng: Random) -> Witness:
        """Gives a number in the style and one in another."""
        right, _ = written_numbers(params.thousands, params.decimal)
        other: tuple[Thousands, Decimal] = ("none", "point") if params.thousands != "none" else ("space", "comma")
        wrong, _ = written_numbers(*other)
        return Witness(f"It cost {right} in all.", f"It cost {wrong} in all.")


class UnitParams(ConstraintParams):
    """A system of units."""

    system: System


class Units(Everywhere):
    """At least one measurement, and all in units of the system; spoonfuls, time, money and per cent are of neither."""

    id = "pattern.units"
    Params = UnitParams
    categories = ("Format", "Content")
    slots = frozenset({"units"})
    conflicts = frozenset({"case", "language"})
    noun = "measurements"
    topic = re.compile(
        r"\b(?:recipe|oven|cook\w*|dinner|bread|garden|distance|weigh\w*|tall|size|miles?|km|kg|cm|receta|cenar|horno|recette)\b"
        r"|菜谱|做饭|重量|距离|料理|レシピ",
        re.IGNORECASE,
    )

    def draw(self, instruction: Instruction, rng: Random) -> UnitParams:
        """Draws a system."""
        return UnitParams(system=rng.choice(["metric", "imperial"]) if instruction.language == "en" else "metric")

    def values(self, params: UnitParams, language: str, variant: int) -> dict[str, Any]:
        """Names the system and some of its units in the language."""
        return dict(SYSTEMS[language][params.system])

    def look(self, params: UnitParams, document: Document) -> _Found:
        """Finds the measurements."""
        found = list(measurements(prose_only(document)))
        good = [span for span, system in found if system == params.system]
        return _Found(good, [span for span, system in found if system != params.system])

    def witness(self, params: UnitParams, rng: Random) -> Witness:
        """Gives the same distance in both systems."""
        texts = ["It is 5 km from here.", "It is 3 miles from here."]
        good, bad = texts if params.system == "metric" else texts[::-1]
        return Witness(good, bad)


class CitationParams(ConstraintParams):
    """A style of citations."""

    style: Style


class Citations(Worded):
    """At least one citation in the style.

    Numbered: each number cited has its entry in a numbered list. Author and year: none is a number in brackets.
    """

    id = "pattern.citations"
    Params = CitationParams
    categories = ("Format", "Content")
    slots = frozenset({"citations", "comma"})
    conflicts = frozenset({"case", "format.json", "format.bullets", "length.sentences", "start_end.end_phrase"})

    def sample(self, instruction: Instruction, rng: Random) -> CitationParams | None:
        """Fits questions and explanations."""
        fits = _EXPLAIN.search(request(instruction)) and not wants_code(instruction)
        return CitationParams(style=rng.choice(["numbered", "author_year"])) if fits else None

    def values(self, params: CitationParams, language: str, variant: int) -> dict[str, Any]:
        """Says how sources are cited."""
        return {"how": CITED[language][params.style]}

    def check(self, params: CitationParams, document: Document) -> Check:
        """Reads the citations; of a cut response only a number where none may be."""
        if document.blank:
            return blank_check(document)
        found = citations(complete_part(document))
        if params.style == "author_year" and found.numbers:
            spans = tuple(found.numbers.values())
            return Check(Outcome.VIOLATED, f"{len(spans)} numbers are cited in brackets", len(spans), spans)
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut")
        if params.style == "author_year":
            reason = f"{len(found.authors)} citations of author and year"
            return Check(Outcome.of(bool(found.authors)), reason, len(found.authors), tuple(found.authors))
        lost = tuple(span for number, span in found.numbers.items() if number not in found.entries)
        if lost or not found.numbers:
            reason = f"{len(lost)} numbers without an entry in the list" if lost else "no number is cited in brackets"
            return Check(Outcome.VIOLATED, reason, len(found.numbers), lost)
        spans = tuple(found.numbers.values())
        return Check(Outcome.SATISFIED, f"{len(spans)} sources cited, all listed", len(spans), spans)

    def witness(self, params: CitationParams, rng: Random) -> Witness:
        """Gives the same remark in both styles."""
        numbered = "Ice floats on water [1].\n\nReferences\n\n[1] Smith, On Ice, 2020."
        named = "Ice floats on water (Smith, 2020).\n\nReferences\n\nSmith. On Ice. 2020."
        return Witness(*((numbered, named) if params.style == "numbered" else (named, numbered)))


_EXPLAIN = re.compile(
    r"\b(?:why|explain|how|what|difference|history|essay|argue|por qué|explica|qué|pourquoi|explique|c'est quoi)\b"
    r"|为什么|解释|说明|なぜ|説明",
    re.IGNORECASE,
)
