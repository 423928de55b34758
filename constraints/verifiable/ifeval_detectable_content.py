"""IFEval's ``detectable_content`` ids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from random import Random
from typing import Annotated, ClassVar

from pydantic import Field

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import MARGIN, Document, Span
from ._counted import Quantity
from ._fit import wants_code
from ._ifeval import Meaning, N, Translated
from ._keyword import Readable
from ._literal import starts_with
from ._published import Published
from .count import Placeholders

__all__ = ["IfevalNumberPlaceholders", "IfevalPostscript"]

# What may stand before a postscript in its line without being read, and what alone is no paragraph.
_EDGE = MARGIN + "\"'“”‘’„«»「」『』*_#>`~([-–—•\\"
# Initials with their dots, the last one's perhaps left out: P.S., P.P.S.
_INITIALS = re.compile(r"(?:[^\W\d_]\.[ \t]?)+(?:[^\W\d_]\.?)?")
# Any postscript: what may follow the one asked for.
_ANY = re.compile(r"(?:p\.?[ \t]?){1,9}s\b", re.IGNORECASE)


class PlaceholdersParams(Meaning):
    """How many placeholders at least."""

    theirs: ClassVar = Quantity
    names: ClassVar = {"n": "num_placeholders"}
    fixed: ClassVar = {"relation": "at_least"}
    num_placeholders: N


class IfevalNumberPlaceholders(Translated, means=Placeholders):
    """How many names in square brackets at least; the published check takes links, footnotes and checkboxes too."""

    id = "detectable_content:number_placeholders"
    Params = PlaceholdersParams


class PostscriptParams(ConstraintParams):
    """What the postscript begins with."""

    postscript_marker: Annotated[str, Field(min_length=1, max_length=100), Readable]


@lru_cache(maxsize=256)
def _initials(marker: str) -> re.Pattern[str] | None:
    """Compiles a marker of initials, with or without a space after each dot; null for any other marker."""
    if not _INITIALS.fullmatch(marker):
        return None
    letters = [character for character in marker if character.isalpha()]
    body = r"\.[ \t]?".join(map(re.escape, letters))
    return re.compile(body + (r"\." if marker.endswith(".") else r"(?![^\W_])"), re.IGNORECASE)


def _marker_at(marker: str, text: str, line: Span) -> Span | None:
    """Gives the marker's place if a line begins with it."""
    start, end = line
    part = text[start:end]
    at = start + len(part) - len(part.lstrip(_EDGE))
    pattern = _initials(marker)
    if pattern is None:
        return starts_with(marker, text, at)
    match = pattern.match(text, at, end)
    return match.span() if match else None


def _paragraphs_from_the_end(document: Document) -> Iterator[list[Span]]:
    """Gives the lines of each part between blank lines, the last part first; parts without a word are left out."""
    text = document.text
    lines: list[Span] = []
    for start, end in [*reversed(document.lines), (0, 0)]:
        if start < end and (text[start].isalnum() or text[start:end].strip(MARGIN)):
            lines.append((start, end))
        elif lines:
            if any(text[slice(*line)].strip(_EDGE + "]})") for line in lines):
                yield lines[::-1]
            lines = []


def _reads(text: str, place: Span, lines: list[Span]) -> bool:
    """Tells whether anything with a letter or digit follows a place in its part."""
    return any(map(str.isalnum, text[place[1] : lines[-1][1]]))


def _postscript_in(marker: str, text: str, lines: list[Span]) -> Span | None:
    """Gives the marker's place if a line of a part begins with it and something follows in the part."""
    found = (_marker_at(marker, text, line) for line in reversed(lines))
    return next((place for place in found if place and _reads(text, place, lines)), None)


class IfevalPostscript(Published):
    """The last paragraph, or a line in it, begins with the marker, and something follows it.

    It may also stand alone above the last paragraph, and further postscripts may follow. The published check finds the
    marker anywhere, inside words too.
    """

    id = "detectable_content:postscript"
    Params = PostscriptParams
    categories = ("Content", "Format")
    slots = frozenset({"end"})
    conflicts = frozenset({"case.lower", "change_case:english_lowercase"})

    def sample(self, instruction: Instruction, rng: Random) -> PostscriptParams | None:
        """Draws one of two markers for prose."""
        return None if wants_code(instruction) else PostscriptParams(postscript_marker=rng.choice(("P.S.", "P.P.S")))

    def check(self, params: PostscriptParams, document: Document) -> Check:
        """Looks at the last paragraph; a cut text has none."""
        if document.blank:
            return blank_check(document)
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut")
        marker, text = params.postscript_marker, document.text
        last: Span = (0, 0)
        for at, lines in enumerate(_paragraphs_from_the_end(document)):
            last = last if at else (lines[0][0], lines[-1][1])
            if place := _postscript_in(marker, text, lines):
                return Check(Outcome.SATISFIED, f"ends with a postscript {marker!r}", None, (place,))
            first = text[slice(*lines[0])]
            if not _ANY.match(first.lstrip(_EDGE)):
                # The marker may stand alone above the last paragraph.
                above = next(islice(_paragraphs_from_the_end(document), 1, 2), None) if at == 0 else None
                if above and (place := _marker_at(marker, text, above[-1])) and not _reads(text, place, above):
                    return Check(Outcome.SATISFIED, f"ends with a postscript {marker!r}", None, (place,))
                break
        return Check(Outcome.VIOLATED, f"the end is no postscript that begins with {marker!r}", None, (last,))

    def witness(self, params: PostscriptParams, rng: Random) -> Witness:
        """Gives a text with a postscript at its end, and one with it at its beginning."""
        postscript = f"{params.postscript_marker} One more thing."
        return Witness(f"A short text.\n\n{postscript}", f"{postscript}\n\nA short text.")
