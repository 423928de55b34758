"""Every requirement as the user's own words: verbatim spans, atomic, in order, none invented, none used twice.

The rules are those of IF-Critic's extraction (the sister work of IF-RewardBench, arXiv 2603.04738). Its code trusts the
model; here each span is looked for in the messages and left out where it is not there. Only Unicode's composed form
(NFC) and white space may differ; a span never begins or ends inside a word of a script that writes spaces. The wording
is ours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import partial

from ...schemas.instruction import Instruction
from ...schemas.messages import Messages
from .asking import Asker, Steps, ask_list, directed, language_rule
from .item import LONGEST, Item, LeftOut, Line, Listed, Span, marked_lines, notes_of, read_line

__all__ = ["VERSION", "Searched", "draft", "read", "same_but_for_space"]

VERSION = 1
"""Of the prompts, for the generator of what comes from them."""

_ARROWS = ("->", "=>", "→", "⇒", "➔")
_QUOTES = {'"': '"', "“": "”", "«": "»", "「": "」", "`": "`", "'": "'"}
_SPACED = 0x0590
"""Letters below are of scripts that write spaces between words: Latin, Greek, Cyrillic, Armenian."""
_JAMO = range(0x1160, 0x1200)
"""Korean vowels and finals: they begin no character of their own."""


def same_but_for_space(text: str) -> str:
    """Gives the form in which a span and its place are equal: NFC, white space as single spaces, none around it."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    """Yields offsets and composed form of the parts of a text that compose by themselves; a run of spaces is one."""
    start = 0
    while start < len(text):
        end = start + 1
        if text[start].isspace():
            while end < len(text) and text[end].isspace():
                end += 1
            yield start, end, " "
        else:
            while end < len(text) and _belongs(text[end]):
                end += 1
            yield start, end, unicodedata.normalize("NFC", text[start:end])
        start = end


def _belongs(character: str) -> bool:
    """Tells whether a character may compose with what stands before it."""
    return not character.isascii() and (unicodedata.category(character)[0] == "M" or ord(character) in _JAMO)


class Searched:
    """A message that spans are looked for in; found places are taken."""

    def __init__(self, text: str) -> None:
        self._starts: list[int | None] = []
        self._ends: list[int | None] = []
        """Offsets in the text where a character begins or ends a piece; null within one."""
        self.taken: list[tuple[int, int]] = []
        self._after = 0
        composed = []
        for start, end, piece in _pieces(text):
            composed.append(piece)
            inside = [None] * (len(piece) - 1)
            self._starts += [start, *inside]
            self._ends += [*inside, end]
        self._text = "".join(composed)

    def find(self, wanted: str) -> Iterator[tuple[int, int]]:
        """Yields the [start, end) offsets of every place where it stands, taken ones too."""
        needle = same_but_for_space(wanted)
        at = self._text.find(needle) if needle else -1
        while at >= 0:
            last = at + len(needle) - 1
            start, end = self._starts[at], self._ends[last]
            if start is not None and end is not None and not (self._cuts(at) or self._cuts(last + 1)):
                yield start, end
            at = self._text.find(needle, at + 1)

    def take(self, wanted: str) -> tuple[int, int] | str:
        """Takes the first place behind what was taken before, or says why there is none."""
        places = list(self.find(wanted))
        for start, end in places:
            if start >= self._after:
                self.taken.append((start, end))
                self._after = end
                return start, end
        if not places:
            return "not_verbatim"
        free = any(all(end <= a or b <= start for a, b in self.taken) for start, end in places)
        return "out_of_order" if free else "span_taken"

    def _cuts(self, at: int) -> bool:
        """Tells whether a place in the composed text lies within a word."""
        around = self._text[max(0, at - 1) : at + 1]
        return 0 < at < len(self._text) and all(c.isalnum() and ord(c) < _SPACED for c in around)


def draft(asker: Asker, instruction: Instruction, most: int) -> Steps[Item]:
    """Asks for an instruction's requirements."""
    values = {"most": str(most), "language": language_rule(instruction, "second lines")}
    messages = directed("spans_v1", "conversation_v1", instruction, values)
    return (yield from ask_list(asker, messages, partial(read, messages=instruction.source_messages, most=most)))


def _pairs(lines: list[str]) -> list[tuple[Line, str | None]]:
    """Gives each requirement's line with the rewording that follows it, or null."""
    pairs: list[tuple[Line, str | None]] = []
    for line in lines:
        bare = line.strip(" \t-*") if line.strip().startswith(("- ->", "* ->")) else line.strip()
        arrow = next((arrow for arrow in (*_ARROWS, ">") if bare.startswith(arrow)), None)
        if arrow and pairs and pairs[-1][1] is None:
            pairs[-1] = pairs[-1][0], read_line(bare.removeprefix(arrow)).text
        else:
            pairs.append((read_line(line), None))
    return pairs


def _take(searched: dict[int, Searched], text: str) -> Span | str:
    """Takes a span in the first message that has it free and in order; else gives the reason that says most."""
    reasons = set()
    quoted = text[:1] in _QUOTES and text[-1:] == _QUOTES[text[0]]
    for wanted in (text, text[1:-1]) if quoted else (text,):
        for message, place in searched.items():
            found = place.take(wanted)
            if not isinstance(found, str):
                return Span(message, *found)
            reasons.add(found)
    return next(reason for reason in ("out_of_order", "span_taken", "not_verbatim") if reason in reasons)


def read(text: str, messages: Messages, most: int) -> Listed[Item]:
    """Reads a reply against the messages of user and system.

    An item's text is the rewording, or the span on one line where there is none. No span that is there is a problem.
    """
    lines = marked_lines(text, "requirements")
    if lines is None:
        return Listed(problem='there is no line "Requirements:"')
    searched = {at: Searched(turn["content"]) for at, turn in enumerate(messages) if turn["role"] != "assistant"}
    pairs = _pairs(lines)
    items: list[Item] = []
    left: list[LeftOut] = []
    for line, rewording in pairs:
        if len(items) == most:
            left.append(LeftOut("too_many", line.text))
            continue
        span = _take(searched, line.text)
        if isinstance(span, str):
            left.append(LeftOut(span, line.text))
            continue
        wording = rewording or same_but_for_space(messages[span.message]["content"][span.start : span.end])
        if len(wording) > LONGEST:
            left.append(LeftOut("too_long", line.text))
        else:
            items.append(Item(wording, line.categories, line.compositions, span))
    if not items:
        return Listed(problem="no line below it holds words that stand so in a message of the user or the system")
    return Listed(tuple(items), tuple(left), notes_of([line for line, _ in pairs]))
