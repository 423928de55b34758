"""Finding the wishes of length, language and form that a user wrote, so that nothing attached goes against them.

Read are the turn to answer and the system message, in English, Chinese and Spanish. What is quoted or code is not read,
nor the middle of a long turn, which is material more often than request. Precision comes first: a wish that is missed
costs less than one that nobody had.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..schemas.messages import Messages
from .forms import FORMS
from .phrases import (
    ASKS_FOR_A_WORD,
    CODE,
    CONDITION,
    COUNTS,
    DIRECTIVE,
    LANGUAGES,
    NEGATED,
    OF_THE_USER,
    PART_AFTER,
    PART_BEFORE,
    Counting,
    language_code,
    number,
)

__all__ = ["Wish", "extract"]

ENDS = {"user": (1200, 800), "system": (6000, 2000)}
"""Characters that are read of a message's beginning and end; the middle of a longer one is left out."""

_UNITS = {
    "words": ("word", "palabra", "字", "词", "单词"),
    "sentences": ("sentence", "frase", "oracion", "oración", "句"),
    "paragraphs": ("paragraph", "párrafo", "段"),
    "bullets": ("bullet", "viñeta", "项目符号"),
}
_MATERIAL = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]+`|\"[^\"\n]{1,600}\"|“[^”\n]{1,600}”|«[^»\n]{1,600}»|「[^」\n]{1,600}」|『[^』\n]{1,600}』"
    r"|(?<!\w)'[^'\n]{1,120}'(?!\w)|‘[^’\n]{1,120}’|^[ \t]*>[^\n]*",
    re.DOTALL | re.MULTILINE,
)
_STOP = re.compile(r"[.!?。！？\n](?=\s|\Z|[\u3000-\u9fff])|\n|[。！？]")
_REPORT = re.compile(
    r"\b(?:able to use|ha[sd]|have|contains?|contained|was|were|wrote|already|currently|tiene|tenía|tengo|hay)\s*\Z",
    re.IGNORECASE,
)
_DEFINITE = re.compile(r"\b(?:the|this|these|that|those|my|your|last|first|next|starting|opening)\s*\Z", re.IGNORECASE)
_ALONE_BEFORE = re.compile(r"\W*(?:(?:in|en|with|con|about|just|solo)\s+)?", re.IGNORECASE)
_VERB_AFTER = re.compile(
    r"\s+(?:is|are|was|were|has|have|had|isn|aren|sounds?|seems?|takes?|es|son|era|eran|fue|tiene|parece)\b",
    re.IGNORECASE,
)
_MODAL = re.compile(
    r"\b(?:should|must|needs? to|has to|have to|ensure|make sure|want|shall|will|debe|tiene que)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Wish:
    """A requirement in the user's own words that one of our checks covers."""

    checker: str
    kwargs: dict[str, Any] = field(hash=False)
    """The check's parameters, JSON types only."""
    message: int
    """Index of the message it stands in."""
    start: int
    end: int
    """[start, end) character offsets in the message."""
    text: str
    """The words themselves."""
    binding: bool = True
    """False where nobody can be rated on it: *about 500 words*, *100 words each*. It still guides what is attached."""


def _readable(text: str, role: str) -> tuple[str, int, int]:
    """Blanks out quotations and code, offsets unchanged, and leaves out a long message's middle.

    Returns:
        What is read, where the end begins in it, and how far the end was moved; 0 where nothing is left out.
    """
    masked = _MATERIAL.sub(lambda match: re.sub(r"[^\n]", "\0", match.group()), text)
    head, tail = ENDS[role]
    left = len(text) - head - tail
    if left <= 0:
        return masked, len(text), 0
    # One line end stands between the two, so that no phrase runs across.
    return f"{masked[:head]}\n{masked[-tail:]}", head + 1, left - 1


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Gives the span of the sentence around a match."""
    first = max(
        (match.end() for match in _STOP.finditer(text, max(0, start - 400), start)), default=max(0, start - 400)
    )
    stop = _STOP.search(text, end, min(len(text), end + 400))
    return first, stop.end() if stop else min(len(text), end + 400)


def _unit(word: str) -> str:
    word = word.lower()
    return next(unit for unit, stems in _UNITS.items() if word.startswith(stems))


@dataclass
class _Reader:
    """One message being read."""

    message: int
    original: str
    text: str
    """What is read of it."""
    moved: tuple[int, int]
    """From where on what is read was moved, and how far."""
    found: list[Wish] = field(default_factory=list)

    def _add(self, checker: str, kwargs: dict[str, Any], span: tuple[int, int], binding: bool) -> None:
        at, by = self.moved
        start, end = (offset + by if span[0] >= at else offset for offset in span)
        raw = self.original[start:end]
        start += len(raw) - len(raw.lstrip(" \t\r\n.,;!?"))
        end -= len(raw) - len(raw.rstrip())
        self.found.append(Wish(checker, kwargs, self.message, start, end, self.original[start:end], binding))

    def _around(self, match: re.Match[str]) -> tuple[str, str]:
        """Gives the rest of the sentence, before and after a match."""
        first, last = _sentence(self.text, match.start(), match.end())
        return self.text[first : match.start()], self.text[match.end() : last]

    def counts(self) -> None:
        """Finds lengths; where phrases overlap the first pattern of the list has it."""
        spans: list[tuple[int, int]] = []
        for counting in COUNTS:
            for match in counting.pattern.finditer(self.text):
                if not any(start < match.end() and match.start() < end for start, end in spans):
                    spans.append(match.span())
                    self._count(counting, match)

    def _count(self, counting: Counting, match: re.Match[str]) -> None:
        before, after = self._around(match)
        # *Two sentences max.* is a request that needs no verb; *500 words is a lot* has one.
        alone = bool(_ALONE_BEFORE.fullmatch(before)) and not _VERB_AFTER.match(after)
        if not alone and not DIRECTIVE.search(before + match.group() + after):
            return
        if _DEFINITE.search(before) or (_REPORT.search(before) and not _MODAL.search(before)):
            return
        unit, n = _unit(match["unit"]), number(match["n"])
        m = number(match["m"]) if counting.relation == "range" else None
        if not n or (counting.relation == "range" and (not m or m < n)):
            return
        checker = "format.bullets" if unit == "bullets" else f"length.{unit}"
        relation, shift = counting.relation, counting.shift
        if relation == "at_least" and shift and NEGATED.search(before):
            relation, shift = "at_most", 0
        # In brackets a length is said of what stands before them.
        part = bool(PART_BEFORE.search(before) or PART_AFTER.match(after)) or before.rstrip().endswith(("(", "（"))
        part = part or bool(CONDITION.search(before))
        # *In 100 words* is meant roughly, and a title may come on top of *five paragraphs*.
        loose = relation == "about" or (relation == "exactly" and unit in ("words", "paragraphs") and _plain(match))
        for relation_, value in _bounds(relation, n + shift, m):
            if value >= 1:
                self._add(checker, {"relation": relation_, "n": value}, match.span(), not (part or loose))

    def languages(self) -> None:
        """Finds the answer's language; two different ones in a message leave it open."""
        found: list[tuple[str, tuple[int, int]]] = []
        for pattern in LANGUAGES:
            for match in pattern.finditer(self.text):
                groups = match.groupdict()
                name = groups.get("lang") or groups.get("also")
                before, after = self._around(match)
                if OF_THE_USER.search(before) or CODE.search(before):
                    continue
                if name and not ASKS_FOR_A_WORD.search(before + match.group() + after):
                    found.append((language_code(name), match.span()))
        if len({code for code, _ in found}) == 1:
            code, span = min(found, key=lambda one: (one[1][0], -one[1][1]))
            self._add("language.response", {"language": code}, span, True)

    def forms(self) -> None:
        """Finds forms; what is said of code, or of a part, is none of the answer's."""
        for form in FORMS:
            match = form.pattern.search(self.text)
            if match is None or any(wish.checker == form.checker for wish in self.found):
                continue
            before, after = self._around(match)
            directive = DIRECTIVE.search(before + match.group() + after)
            if not (directive or form.asks) or (form.binding and CODE.search(before + after)):
                continue
            part = bool(PART_BEFORE.search(before) or PART_AFTER.match(after)) or not directive
            self._add(form.checker, dict(form.kwargs), match.span(), form.binding and not part)


def _plain(match: re.Match[str]) -> bool:
    """Tells whether a number is given without *exactly*."""
    return not re.match(r"exactly|precisely|exactamente|恰好|正好|刚好", match.group(), re.IGNORECASE)


def _bounds(relation: str, n: int, m: int | None) -> Iterator[tuple[str, int]]:
    if relation == "range" and m is not None:
        yield "at_least", n
        yield "at_most", m
    else:
        yield "exactly" if relation == "about" else relation, n


def extract(instruction_messages: Messages) -> list[Wish]:
    """Finds the wishes in the system message and the turn to answer, in the order they stand.

    Args:
        instruction_messages: as collected; the last is the user turn to answer.
    """
    last = len(instruction_messages) - 1
    wishes: list[Wish] = []
    for index, message in enumerate(instruction_messages):
        if index != last and message["role"] != "system":
            continue
        text, at, by = _readable(message["content"], message["role"])
        reader = _Reader(index, message["content"], text, (at, by))
        reader.counts()
        reader.languages()
        reader.forms()
        wishes += sorted(reader.found, key=lambda wish: (wish.start, wish.end, wish.checker))
    return wishes
