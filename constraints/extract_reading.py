"""One message as it is read for wishes: quotations and code blanked out, the middle of a long one left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .phrases import CONDITION, CONDITIONAL_ITEM, OF_THE_USER, OVERALL, QUOTE, STEP, STEPS, one_of

__all__ = ["CLOSED", "ENDS", "OPENED", "Reading", "Wish", "read_message", "unique"]

ENDS = {"user": (1200, 800), "system": (6000, 2000)}
"""Characters that are read of a message's beginning and end; the middle of a longer one is left out."""

OPENED, CLOSED = "\x01", "\x02"
"""What stands in place of a quotation's marks; all between them is ``\\0``."""
_MATERIAL = re.compile(
    r"(?P<block>```.*?(?:```|\Z)|^[ \t]*>[^\n]*)|`[^`\n]{1,600}`|\"[^\"\n]{1,600}\"|“[^”\n]{1,600}”|«[^»\n]{1,600}»"
    r"|「[^」\n]{1,600}」|『[^』\n]{1,600}』|(?<!\w)'[^'\n]{1,120}'(?!\w)|(?<!\w)‘[^’\n]{1,120}’(?!\w)",
    re.DOTALL | re.MULTILINE,
)
_STOP = re.compile(r"[.!?。！？](?=\s|\Z|[\u3000-\u9fff])|\n|[。！？]")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|max|min|approx|no|p\. ?ej|ej|par ex)|\b\d{1,2})\.\Z", re.IGNORECASE
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_REACH = 400
"""Characters of a sentence that are read before and after a wish."""
# A request to work on a text that follows: what stands below the colon is that text.
_MATERIAL_BELOW = one_of(
    r"\b(?:translat\w+|re-?writ\w+|rephras\w+|paraphras\w+|proof-?read\w*|summari[sz]\w+|edit|improve"
    r"|correct|fix|revise"
    r"|polish|shorten|expand|continue|analy[sz]e|check|reword|review|reply to|respond to|answer|convert|tradu[cz]\w*"
    r"|resum\w+|corrig\w+|reescrib\w+|tradui\w+|résum\w+|reformul\w+)\b[^\n]{0,160}:[ \t]*(?:\n|\Z)",
    r"(?:翻译|润色|改写|总结|概括|修改|校对|扩写|缩写|続き|翻訳|要約|添削)[^\n]{0,80}[:：][ \t]*(?:\n|\Z)",
)
_FOR_THE_ANSWER = one_of(
    r"\b(?:your|the)\s+(?:\w+\s+){0,2}?(?:answer|response|reply|output|translation|summary|rewrite)\b",
    r"\A\W*(?:please|make sure|do not|don't|use|include|write|answer|respond|wrap|finish|end|start|begin|keep|limit)\b",
    r"\b(?:tu|su) (?:\w+ )?respuesta\b|\b(?:ta|votre) réponse\b|回答|回复|请|答え|ください",
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


def _blank(match: re.Match[str]) -> str:
    inner = re.sub(r"[^\n]", "\0", match.group())
    return inner if match["block"] is not None else f"{OPENED}{inner[1:-1]}{CLOSED}"


def _without_material(masked: str) -> str:
    """Blanks out the text that a request above it works on, its paragraphs about the answer aside."""
    match = _MATERIAL_BELOW.search(masked, 0, 2000)
    if match is None:
        return masked
    head, rest = masked[: match.end()], masked[match.end() :]
    parts = re.split(r"(\n)", rest)
    first = next((at for at, part in enumerate(parts) if part.strip()), 0)
    for at, part in enumerate(parts):
        if at == first or not _FOR_THE_ANSWER.search(part[:400]):
            parts[at] = re.sub(r"[^\n]", "\0", part)
    return head + "".join(parts)


def unique(words: list[str]) -> list[str]:
    """Gives words without what may stand after them, each once, blank and long ones left out."""
    plain = (re.sub(r"[,，、.]\Z", "", word.strip()).strip() for word in words)
    return list(dict.fromkeys(word for word in plain if word and len(word) <= 200))


@dataclass
class Reading:
    """A message being read, and what was found in it."""

    message: int
    original: str
    text: str
    """What is read of it."""
    moved: tuple[int, int]
    """From where on what is read was moved, and how far."""
    found: list[Wish] = field(default_factory=list)

    def at(self, offset: int) -> int:
        """Gives the offset in the message of one in what is read."""
        start, by = self.moved
        return offset + by if offset >= start else offset

    def add(self, checker: str, kwargs: dict[str, Any], span: tuple[int, int], binding: bool) -> None:
        """Notes a wish; its span is in what is read."""
        start, end = map(self.at, span)
        raw = self.original[start:end]
        start += len(raw) - len(raw.lstrip(" \t\r\n.,;!?，。；、("))
        end -= len(raw) - len(raw.rstrip())
        self.found.append(Wish(checker, kwargs, self.message, start, end, self.original[start:end], binding))

    def said(self, start: int, end: int) -> str:
        """Gives the message's own words at a span of what is read."""
        return self.original[self.at(start) : self.at(start) + end - start]

    def quotes(self, start: int, end: int) -> list[str]:
        """Gives what the quotations in a span of what is read say."""
        places = (match.span() for match in QUOTE.finditer(self.text[start:end]))
        return [self.said(start + a + 1, start + b - 1).strip() for a, b in places]

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """Gives the span of the sentence around a place."""
        first = low = max(0, start - _REACH)
        for stop in _STOP.finditer(self.text, low, start):
            if not _ABBREVIATED.search(self.text, max(low, stop.end() - 8), stop.end()):
                first = stop.end()
        high = min(len(self.text), end + _REACH)
        for stop in _STOP.finditer(self.text, end, high):
            if not _ABBREVIATED.search(self.text, max(low, stop.end() - 8), stop.end()):
                return first, stop.end()
        return first, high

    def around(self, start: int, end: int) -> tuple[str, str]:
        """Gives the rest of the sentence, before and after a place."""
        first, last = self.sentence(start, end)
        return self.text[first:start], self.text[end:last]

    def is_of_part(self, start: int, before: str) -> bool:
        """Tells whether what stands at a place is said under a condition, or of one step of several.

        Args:
            before: the sentence up to the place.
        """
        line = self.text[self.text.rfind("\n", max(0, start - 1000), start) + 1 : start]
        if CONDITION.search(before) or CONDITIONAL_ITEM.search(line) or STEP.search(before):
            return True
        if not _HAN.search(self.text[max(0, start - 40) : start + 10]):
            return False
        steps = STEPS.search(self.text)
        # What stands before the first of them is wished of all.
        if steps is None or (steps["first"] is not None and start < steps.start()):
            return False
        above = self.text[max(0, start - 300) : start]
        heads = [part for part in above.split("\n") if part.rstrip().endswith(("：", ":"))]
        return not (OVERALL.search(line) or (heads and OVERALL.search(heads[-1])))

    def is_the_users(self, start: int) -> bool:
        """Tells whether the words before a place say what the user does: *I will write in French*."""
        return bool(OF_THE_USER.search(self.text[max(0, start - 60) : start]))


def read_message(index: int, content: str, role: str) -> Reading:
    """Blanks out quotations and code, offsets unchanged, and leaves out a long message's middle."""
    plain = re.sub(r"[\x00-\x02]", " ", content)
    masked = _MATERIAL.sub(_blank, plain)
    head, tail = ENDS.get(role, ENDS["user"])
    left = len(content) - head - tail
    if left <= 0:
        return Reading(index, content, _without_material(masked), (len(content), 0))
    # One line end stands between the two, so that no phrase runs across.
    return Reading(index, content, f"{_without_material(masked[:head])}\n{masked[-tail:]}", (head + 1, left - 1))
