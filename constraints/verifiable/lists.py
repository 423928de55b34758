"""Lists in the response: numbered, in alphabetical order, separated by commas; items that are named once."""

from __future__ import annotations

import re
from random import Random
from typing import Annotated, Any

from pydantic import Field, field_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import MARGIN, Document, Span
from ._alphabet import Order, misplaced
from ._comma_line import parts_of
from ._fit import content_words, free_length, has_case, wants_code, wants_data
from ._judged import complete_part
from ._literal import appears, places_in, without
from ._published import NoParams
from ._worded import Worded
from ._wording import listed

__all__ = ["Alphabetical", "CommaSeparated", "ExactlyOnce", "Numbered"]

_LIST_SLOTS = frozenset({"bullets"})
_LEAST = 3
"""Items from which a list shows an order."""


class Items(ConstraintParams):
    """How many items."""

    n: Annotated[int, Field(ge=1, le=500)]


class Numbered(Worded):
    """The answer's numbered items at the outer depth are n, numbered 1 to n in order; other text may stand around."""

    id = "lists.numbered"
    Params = Items
    categories = ("Format", "Numerical")
    slots = _LIST_SLOTS | {"numbered_list"}
    conflicts = frozenset({"length.paragraphs", "length.sentences", "data", "format.json"})

    def sample(self, instruction: Instruction, rng: Random) -> Items | None:
        """Draws a number of items."""
        if wants_code(instruction) or not free_length(instruction):
            return None
        return Items(n=rng.choice((3, 4, 5, 6, 7)))

    def check(self, params: Items, document: Document) -> Check:
        """Compares the numerals with 1 to n; those of a cut response as far as they go."""
        if document.blank:
            return blank_check(document)
        found = [item for one in document.lists if one.numbered for item in one.items]
        numbers = [item.number for item in found]
        spans = tuple(item.span for item in found)
        shown = ", ".join(map(str, numbers[:20])) or "none"
        right = numbers == list(range(1, len(numbers) + 1)) and len(numbers) <= params.n
        reason = f"items numbered {shown}; asked: 1 to {params.n}"
        if document.cut:
            return Check(Outcome.of(None if right else False), f"the reply was cut; {reason}", len(numbers), spans)
        return Check(Outcome.of(right and len(numbers) == params.n), reason, len(numbers), spans)

    def witness(self, params: Items, rng: Random) -> Witness:
        """Gives a list, and one with an item more."""
        lines = [f"{number}. one point" for number in range(1, params.n + 2)]
        return Witness("\n".join(lines[:-1]), "\n".join(lines))


class Named(ConstraintParams):
    """Items that are told apart: none appears within another."""

    items: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=100)], ...], Field(min_length=1, max_length=30)
    ]

    @field_validator("items")
    @classmethod
    def _apart(cls, items: tuple[str, ...]) -> tuple[str, ...]:
        plain = tuple(item.strip() for item in items)
        if any(not any(map(str.isalnum, item)) for item in plain):
            raise ValueError("an item has no letter or digit")
        for at, one in enumerate(plain):
            if inside := next((other for other in plain[:at] if appears(one, other) or appears(other, one)), None):
                raise ValueError(f"one item is named within another: {one!r}, {inside!r}")
        return plain


_NEUTRAL = {
    "en": ("garden", "window", "market", "bridge", "paper"),
    "zh": ("花园", "窗户", "市场", "桥梁", "纸张"),
    "es": ("jardín", "ventana", "mercado", "puente", "papel"),
    "fr": ("jardin", "fenêtre", "marché", "pont", "papier"),
    "ja": ("庭園", "窓辺", "市場", "橋脚", "用紙"),
}


class ExactlyOnce(Worded):
    """Each item is named exactly once, in any case, as whole words; inflected forms are other words."""

    id = "lists.exactly_once"
    Params = Named
    categories = ("Content", "Numerical")
    slots = frozenset({"repeats"})
    conflicts = frozenset({"keywords", "count.letter", "language"})

    def sample(self, instruction: Instruction, rng: Random) -> Named | None:
        """Draws words of the request, else neutral ones."""
        count = rng.choice((2, 3))
        if wants_code(instruction):
            return None
        own = content_words(instruction, rng, count) if instruction.language in ("en", "es") else []
        if len(own) < count or any(appears(one, other) for one in own for other in own if one != other):
            neutral = _NEUTRAL.get(instruction.language or "")
            own = rng.sample(neutral, count) if neutral else []
        return Named(items=tuple(own)) if own else None

    def values(self, params: Named, language: str, variant: int) -> dict[str, Any]:
        """Lists the items."""
        return {"items": listed(params.items, language)}

    def check(self, params: Named, document: Document) -> Check:
        """Counts each; what ends a cut response may go on as another word."""
        if document.blank:
            return blank_check(document)
        often: list[str] = []
        never: list[str] = []
        spans: list[Span] = []
        offending: list[Span] = []
        for item in params.items:
            found = list(places_in(item, document))
            spans += found[:1]
            if len(found) > 1:
                offending += found
                if not document.cut or sum(end < len(document.text) for _, end in found) > 1:
                    often.append(item)
            elif not found:
                never.append(item)
        if often:
            return Check(
                Outcome.VIOLATED, f"named more than once: {_some(often)}", len(often), tuple(sorted(offending))
            )
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut", len(never), tuple(sorted(spans)))
        if never:
            return Check(Outcome.VIOLATED, f"not named: {_some(never)}", len(never), tuple(sorted(spans)))
        return Check(Outcome.SATISFIED, "each named once", len(params.items), tuple(sorted(spans)))

    def witness(self, params: Named, rng: Random) -> Witness:
        """Names each, and the first once more."""
        named = ", ".join(params.items)
        return Witness(named, f"{named}, {params.items[0]}" if named else without(params.items))


def _some(items: list[str]) -> str:
    return ", ".join(map(repr, items[:5]))[:200]


class Alphabetical(Worded):
    """Each list's items are in alphabetical order, and one list has at least 3; numbered lists too.

    Accents, case, a leading article and how spaces sort are taken as fits; Chinese characters have no alphabet:
    unknown. So is a list in several scripts.
    """

    id = "lists.alphabetical"
    Params = NoParams
    categories = ("Format", "Content")
    slots = frozenset({"list_order"})
    conflicts = frozenset({"data", "format.json", "length.paragraphs", "length.sentences"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits where a list is asked for, in a script with an alphabet."""
        fits = wants_data(instruction) and not wants_code(instruction) and has_case(instruction.language)
        return NoParams() if fits else None

    def check(self, params: NoParams, document: Document) -> Check:
        """Compares neighbours in each list."""
        if document.blank:
            return blank_check(document)
        found = complete_part(document).lists
        open_ = False
        for one in found:
            order = misplaced([item.text for item in one.items])
            if isinstance(order, int):
                pair = one.items[order - 1 : order + 1]
                reason = f"{pair[1].text[:60]!r} comes after {pair[0].text[:60]!r}"
                return Check(Outcome.VIOLATED, reason, order, tuple(item.span for item in pair))
            open_ = open_ or order is Order.UNKNOWN
        longest = max((len(one.items) for one in found), default=0)
        spans = tuple(item.span for one in found for item in one.items)
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut", longest, spans)
        if longest < _LEAST:
            return Check(Outcome.VIOLATED, f"no list of at least {_LEAST} items", longest, spans)
        if open_:
            return Check(Outcome.UNKNOWN, "items without an alphabet, or in several", longest, spans)
        return Check(Outcome.SATISFIED, f"{len(found)} lists in order", longest, spans)

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a list in order and one out of it."""
        return Witness("- apples\n- bread\n- cheese", "- bread\n- apples\n- cheese")


class Several(ConstraintParams):
    """How many items, at least two: one alone has no comma."""

    n: Annotated[int, Field(ge=2, le=500)]


_WHOLE = frozenset(
    {
        "whole_form",
        "lines",
        "bullets",
        "paragraphs",
        "sentences",
        "title",
        "start",
        "end",
        "comma",
        "highlights",
        "headings",
    }
)
_AND = re.compile(r"(?:and|or|y|e|o|u|et|ou|und|oder|以及|及|和|と|や)\s", re.IGNORECASE)


class CommaSeparated(Worded):
    """The whole answer is one line of n items with commas alone between them, of any script; a last full stop is free.

    Commas in quotation marks, brackets and numbers such as ``1,000`` separate nothing.
    """

    id = "lists.comma_separated"
    Params = Several
    categories = ("Format", "Numerical")
    slots = _WHOLE
    conflicts = frozenset({"data", "table", "code", "format", "language"})

    def sample(self, instruction: Instruction, rng: Random) -> Several | None:
        """Fits where data is asked for."""
        if wants_code(instruction) or not wants_data(instruction):
            return None
        return Several(n=rng.choice((3, 4, 5, 6, 8)))

    def check(self, params: Several, document: Document) -> Check:
        """Splits the line."""
        if document.blank:
            return blank_check(document)
        text = document.text.strip(MARGIN)
        start = document.text.find(text)
        if "\n" in text or "\r" in text:
            return Check(Outcome.VIOLATED, "more than one line", None, ((start, start + len(text)),))
        parts = parts_of(text, document.cut)
        spans = tuple((start + begin, start + end) for begin, end in parts)
        if document.cut:
            outcome = Outcome.of(False if len(parts) > params.n else None)
            return Check(outcome, f"the reply was cut; {len(parts)} items so far", len(parts), spans)
        fault = self._fault(params, [text[slice(*part)].strip() for part in parts], document)
        return Check(Outcome.of(fault is None), fault or f"{len(parts)} items", len(parts), spans)

    def _fault(self, params: Several, items: list[str], document: Document) -> str | None:
        if len(items) != params.n:
            return f"{len(items)} items; asked: {params.n}"
        if not all(any(map(str.isprintable, item)) for item in items):
            return "an item is empty"
        if _AND.match(items[-1]):
            return "a word joins the last two items"
        if sum(re.search(r"[:：](?:\s|[^\d/\s])", item) is not None for item in items) == 1 and re.search(
            r"\w[:：](?:\s|[^\x00-\x7f])", items[0]
        ):
            return "words lead on to the items"
        return "several sentences" if len(document.sentences) > 1 else None

    def witness(self, params: Several, rng: Random) -> Witness:
        """Gives a line of items, and one with an item more."""
        items = ["one", "two", "three", "four", "five"]
        line = [items[at % 5] for at in range(params.n + 1)]
        return Witness(", ".join(line[:-1]), ", ".join(line))
