"""IFEval's ``combination`` ids."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from random import Random
from typing import Annotated

from pydantic import Field, field_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ...schemas.text import normalise
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import MARGIN, Document, Span, reads
from ._fit import request, wants_code
from ._published import NoParams, Published

__all__ = ["IfevalRepeatPrompt", "IfevalTwoResponses"]

LONGEST = 300
"""Characters of a request that attachment asks to repeat."""
_SIGN = "******"
_SIX = re.compile(r"\*(?<!\*\*)\*{5}(?!\*)")
_TOKEN = re.compile(r"\S+")
_UNSPACED = "\u0e00"
"""From here on most scripts put no space between words."""
_QUOTES = str.maketrans(dict.fromkeys("“”„‟″＂", '"') | dict.fromkeys("‘’‚‛′＇", "'"))


def _alike(one: str, other: str) -> bool:
    """Tells whether two texts are the same but for case, space and composition."""
    # Their first words tell most of them apart, where they are ASCII; the last of each may be cut.
    heads = [text.strip()[:100].lower() for text in (one, other)]
    if all(map(str.isascii, heads)):
        first, second = (head.split()[:-1] for head in heads)
        if any(a != b for a, b in zip(first, second, strict=False)):
            return False
    return normalise(one) == normalise(other)


class IfevalTwoResponses(Published):
    """Two different parts with six asterisks, neither more nor fewer, between them, outside code.

    The published check takes any six of a longer run, in code too; a difference of case or space alone suffices it.
    """

    id = "combination:two_responses"
    Params = NoParams
    categories = ("Format", "Content")
    slots = frozenset({"whole_form", "paragraphs"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits any request but one for code."""
        return None if wants_code(instruction) else NoParams()

    def check(self, params: NoParams, document: Document) -> Check:
        """Reads the parts; empty ones may stand at both ends, and more than two stay too many."""
        if document.blank:
            return blank_check(document)
        text = document.text
        # Six asterisks are all on one line, so the lines matter where some are code.
        lines = document.prose_lines if document.fenced else [(0, len(text))]
        marks = [match.span() for line in lines for match in _SIX.finditer(text, *line)] if _SIGN in text else []
        if document.cut and marks and marks[-1][1] == len(text):
            # The run of asterisks may go on.
            del marks[-1]
        edges = [0, *(at for mark in marks for at in mark), len(text)]
        parts = list(zip(edges[::2], edges[1::2], strict=True))
        full = tuple(part for part in parts if reads(text[slice(*part)]))
        found = f"{len(full)} responses between six asterisks; asked: 2"
        if len(full) > 2:
            return Check(Outcome.VIOLATED, found, len(full), full)
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut", len(full), full)
        if len(full) < 2 or any(part not in full for part in parts[1:-1]):
            return Check(Outcome.VIOLATED, found, len(full), full)
        if _alike(*(text[slice(*part)] for part in full)):
            return Check(Outcome.VIOLATED, "both responses are the same", len(full), full)
        return Check(Outcome.SATISFIED, found, len(full), full)

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives two responses, and one of them twice."""
        return Witness("Go by train.\n\n******\n\nTake the bus.", "Go by train.\n\n******\n\nGo by train.")


class RepeatParams(ConstraintParams):
    """The request to repeat."""

    prompt_to_repeat: Annotated[str, Field(min_length=1, max_length=100_000)]

    @field_validator("prompt_to_repeat")
    @classmethod
    def _readable(cls, prompt: str) -> str:
        if not reads(prompt):
            raise ValueError(f"{prompt!r:.80} holds no letter or digit")
        return prompt.strip()


def _plain(token: str) -> str:
    """Gives what words are compared by: one form of letters, small, with straight quotation marks."""
    return unicodedata.normalize("NFC", token.translate(_QUOTES)).casefold()


def _repeated(prompt: str, text: str) -> tuple[Span, bool]:
    """Gives how far the text repeats the prompt, and whether it repeats all of it; any white space is like any other.

    The last word may be followed by a sign (``**``), or by anything where it ends in a sign or needs no space.
    """
    start = end = len(text) - len(text.lstrip(MARGIN))
    done = 0
    if text.startswith(prompt, start) and text[start + len(prompt) : start + len(prompt) + 1].isspace():
        return (start, start + len(prompt)), True
    tokens = prompt.split()
    for wanted, match in zip(tokens, islice(_TOKEN.finditer(text, start), len(tokens)), strict=False):
        done += 1
        if match.group() == wanted:
            end = match.end()
            continue
        said, plain = _plain(match.group()), _plain(wanted)
        if said == plain:
            end = match.end()
        elif done == len(tokens) and said.startswith(plain) and _closed(said, len(plain)):
            alike = len(said) == len(match.group())
            return (start, match.start() + len(plain) if alike else match.end()), True
        else:
            return (start, end), False
    return (start, end), done == len(tokens)


def _closed(text: str, at: int) -> bool:
    """Tells whether no word of a script with spaces goes on at an offset."""
    return not (text[at].isalnum() and text[at - 1].isalnum() and text[at - 1] < _UNSPACED)


class IfevalRepeatPrompt(Published):
    """The response begins with the request, word for word in any case, nothing before it, and an answer follows.

    Unlike in the published check white space and the shape of quotation marks do not matter, but the answer does.
    """

    id = "combination:repeat_prompt"
    Params = RepeatParams
    categories = ("Content", "Format")
    slots = frozenset({"start", "whole_form", "title"})
    conflicts = frozenset(
        {
            *("case", "punctuation", "language", "keywords", "length", "count", "format.bullets", "format.highlights"),
            *("ifeval_change_case", "ifeval_punctuation", "ifeval_language", "ifeval_keywords"),
            *("ifeval_length_constraints", "ifeval_detectable_format"),
        }
    )

    def sample(self, instruction: Instruction, rng: Random) -> RepeatParams | None:
        """Takes the request itself where it is short and one line of prose."""
        prompt = request(instruction).strip()
        if len(prompt) > LONGEST or "\n" in prompt or '"' in prompt or not reads(prompt) or wants_code(instruction):
            return None
        return RepeatParams(prompt_to_repeat=prompt)

    def check(self, params: RepeatParams, document: Document) -> Check:
        """Compares word by word; a cut text that has repeated rightly so far is unknown until an answer begins."""
        if document.blank:
            return blank_check(document)
        text = document.text
        place, whole = _repeated(params.prompt_to_repeat, text)
        rest = text[place[1] :]
        if whole and reads(rest):
            return Check(Outcome.SATISFIED, "the request, then an answer", None, (place,))
        if document.cut and (whole or len(rest.split()) < 2):
            return Check(Outcome.UNKNOWN, "the reply was cut inside the request")
        if whole:
            return Check(Outcome.VIOLATED, "no answer after the request", None, (place,))
        after = text[place[1] : place[1] + 40].strip()
        return Check(Outcome.VIOLATED, "does not begin with the request", after, (place,))

    def witness(self, params: RepeatParams, rng: Random) -> Witness:
        """Gives the request with an answer, and the request alone."""
        return Witness(f"{params.prompt_to_repeat}\n\nHere is my answer.", params.prompt_to_repeat)
