"""How the response is laid out: width and number of lines, characters, headings."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check, compare
from ..document import MARGIN, Document, Span
from ..fences import FENCE_LINE
from ._amounted import Amounted, right_and_wrong
from ._columns import is_line
from ._counted import Draws, Quantity
from ._fit import free_length, has_case, wants_code, wants_data
from ._graphemes import seen_length
from ._judged import complete_part
from ._tables import same_name
from ._worded import Worded
from ._wording import Nouns, asked, listed

__all__ = ["Characters", "HeadingCount", "Headings", "LineWidth", "Lines"]

_LINES = "so it is and so it goes on"


class Width(ConstraintParams):
    """The longest a line may be, in characters."""

    n: Annotated[int, Field(ge=5, le=10_000)]


class LineWidth(Worded):
    """No line, of code neither, has more than n characters; white space at its end does not count."""

    id = "layout.line_width"
    Params = Width
    categories = ("Format", "Numerical")
    slots = frozenset({"line_width"})
    conflicts = frozenset({"table"})
    one_word = True

    def sample(self, instruction: Instruction, rng: Random) -> Width:
        """Draws a width for text or code."""
        return Width(n=rng.choice((72, 79, 80, 100) if wants_code(instruction) else (40, 60, 72, 80)))

    def check(self, params: Width, document: Document) -> Check:
        """Measures the lines."""
        if document.blank:
            return blank_check(document)
        longest, spans = 0, []
        for start, end in document.lines:
            line = document.text[start:end].rstrip(MARGIN)
            length = seen_length(line) if len(line) > longest else 0
            longest = max(longest, length)
            # Unseen characters make a text longer, never shorter.
            if len(line) > params.n and (length or seen_length(line)) > params.n:
                spans.append((start, end))
        outcome = compare(longest, "at_most", params.n, document.cut)
        return Check(outcome, f"the longest line has {longest} characters", longest, tuple(spans))

    def witness(self, params: Width, rng: Random) -> Witness:
        """Gives a line of the width and one that is longer by one."""
        return Witness("x" * params.n, "x" * (params.n + 1))


class Some(Quantity):
    """A number that an answer can have: not none."""

    @model_validator(mode="after")
    def _some(self) -> Self:
        if right_and_wrong(self)[0] < 1:
            raise ValueError(f"{self.relation.replace('_', ' ')} {self.n} leaves room for no answer")
        return self


class Lines(Amounted):
    """How many lines are not blank; those of code count, the marks around a code block do not."""

    id = "layout.lines"
    Params = Some
    slots = frozenset({"lines"})
    one_word = True
    nouns: ClassVar[Nouns] = {"en": ("lines", "lines")}
    draws: ClassVar[Draws] = {"at_least": (4, 5, 6), "at_most": (4, 6, 8), "exactly": (3, 4, 5)}

    def fits(self, instruction: Instruction) -> bool:
        """Code has its own lines."""
        return free_length(instruction) and not wants_code(instruction)

    def find(self, params: Quantity, document: Document) -> Sequence[Span]:
        """Gives the lines."""
        text = document.text
        return [
            line
            for line in document.lines
            if text[slice(*line)].strip(MARGIN) and not FENCE_LINE.fullmatch(text, *line)
        ]

    def stays(self, document: Document, span: Span) -> bool:
        """A line stays one, unless it may become the mark of a code block."""
        return super().stays(document, span) or bool(document.text[slice(*span)].strip("`~ \t"))

    def text_with(self, params: Quantity, count: int) -> str:
        """Repeats a line; no line is no text but the marks of an empty code block."""
        return "\n".join([_LINES] * count) or "```\n```"


class Characters(Worded):
    """How many characters a reader sees, spaces and marks included, white space at both ends left out.

    A letter with its accents, a flag, a joined emoji and an end of line are one each.
    """

    id = "layout.characters"
    Params = Some
    categories = ("Numerical",)
    one_word = True
    slots = frozenset({"characters", "words"})

    def sample(self, instruction: Instruction, rng: Random) -> Some | None:
        """Draws lengths such as those of short messages."""
        if wants_code(instruction) or wants_data(instruction) or not free_length(instruction):
            return None
        wide = has_case(instruction.language)
        draws = {"at_most": (140, 280, 500) if wide else (60, 100, 140), "at_least": (200, 300) if wide else (60, 100)}
        relation = rng.choice(sorted(draws))
        return Some.model_validate({"relation": relation, "n": rng.choice(draws[relation])})

    def check(self, params: Some, document: Document) -> Check:
        """Counts."""
        if document.blank:
            return blank_check(document)
        count = seen_length(document.text.strip(MARGIN))
        outcome = compare(count, params.relation, params.n, document.cut)
        return Check(outcome, f"{count} characters; asked: {asked(params.relation, params.n)}", count)

    def witness(self, params: Some, rng: Random) -> Witness:
        """Gives texts that are exactly so long."""
        right, wrong = right_and_wrong(params)
        return Witness(self._text(right), self._text(wrong))

    def _text(self, count: int) -> str:
        text = ("So it goes and so it is. " * (count // 25 + 1))[:count]
        return text[:-1] + "." if text.endswith(" ") else text


class HeadingCount(Amounted):
    """How many Markdown headings: lines that begin with one to six ``#`` and a space, or are underlined by ``===``."""

    id = "layout.heading_count"
    slots = frozenset({"headings"})
    conflicts = frozenset({"data", "format.json", "start_end.quotation"})
    one_word = True
    nouns: ClassVar[Nouns] = {"en": ("headings", "headings")}
    draws: ClassVar[Draws] = {"at_least": (2, 3), "at_most": (2, 3), "exactly": (2, 3, 4)}

    def fits(self, instruction: Instruction) -> bool:
        """Code has no headings."""
        return not wants_code(instruction)

    def find(self, params: Quantity, document: Document) -> Sequence[Span]:
        """Gives the headings."""
        return [heading.span for heading in document.headings]

    def stays(self, document: Document, span: Span) -> bool:
        """A heading goes on as one."""
        return True

    def text_with(self, params: Quantity, count: int) -> str:
        """Writes sections."""
        return "\n\n".join(f"## Part {number}\n\nIt is so." for number in range(1, count + 1)) or "It is so."


class HeadingTexts(ConstraintParams):
    """Headings, in order."""

    headings: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=150)], ...], Field(min_length=1, max_length=30)
    ]

    @field_validator("headings")
    @classmethod
    def _lines(cls, headings: tuple[str, ...]) -> tuple[str, ...]:
        plain = tuple(heading.strip() for heading in headings)
        for heading in plain:
            if not any(map(str.isalnum, heading)) or heading.startswith("#") or heading.endswith("#"):
                raise ValueError(f"a heading is given without its #, with a letter or digit: {heading!r}")
            if not is_line(heading):
                raise ValueError(f"a heading is one line of text: {heading!r}")
        return plain


_SECTIONS: dict[str, tuple[tuple[str, ...], ...]] = {
    "en": (("Overview", "Details", "Summary"), ("Background", "Answer"), ("Pros", "Cons", "Verdict")),
    "zh": (("概述", "详情", "小结"), ("背景", "回答"), ("优点", "缺点", "结论")),
    "es": (("Resumen", "Detalles", "Conclusión"), ("Contexto", "Respuesta"), ("Ventajas", "Inconvenientes")),
    "fr": (("Aperçu", "Détails", "Conclusion"), ("Contexte", "Réponse"), ("Avantages", "Inconvénients")),
    "ja": (("概要", "詳細", "まとめ"), ("背景", "回答"), ("長所", "短所", "結論")),
}


class Headings(Worded):
    """The Markdown headings are these and no others, in this order, at any level; case and emphasis do not matter."""

    id = "layout.headings"
    Params = HeadingTexts
    categories = ("Format", "Content")
    slots = frozenset({"headings"})
    conflicts = frozenset({"data", "language", "case", "format.json", "start_end.quotation"})

    def sample(self, instruction: Instruction, rng: Random) -> HeadingTexts | None:
        """Draws headings that suit most answers."""
        if wants_code(instruction) or not free_length(instruction) or instruction.language not in _SECTIONS:
            return None
        return HeadingTexts(headings=rng.choice(_SECTIONS[instruction.language]))

    def values(self, params: HeadingTexts, language: str, variant: int) -> dict[str, Any]:
        """Lists the headings."""
        return {"headings": listed(params.headings, language)}

    def check(self, params: HeadingTexts, document: Document) -> Check:
        """Compares the headings one by one; of a cut response those on whole lines."""
        if document.blank:
            return blank_check(document)
        found = complete_part(document).headings
        wanted = params.headings
        same = [_same(one.text, name) for one, name in zip(found, wanted, strict=False)]
        spans = tuple(one.span for one in found)
        names = ", ".join(one.text for one in found)
        reason = f"headings: {names[:150] or 'none'}"
        right = all(same) and len(found) <= len(wanted)
        if document.cut:
            return Check(Outcome.of(None if right else False), f"the reply was cut; {reason}", names[:300], spans)
        return Check(Outcome.of(right and len(found) == len(wanted)), reason, names[:300], spans)

    def witness(self, params: HeadingTexts, rng: Random) -> Witness:
        """Gives the headings, and them without the last."""
        parts = [f"## {heading}\n\nIt is so." for heading in params.headings]
        return Witness("\n\n".join(parts), "\n\n".join(parts[:-1]) or "It is so.")


def _same(heading: str, name: str) -> bool:
    return same_name(heading, name) or (
        heading.rstrip("*_ ").endswith((":", "：")) and same_name(heading.rstrip("*_ ")[:-1], name)
    )
