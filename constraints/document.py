"""A response as checks see it: one lazy analysis, shared by all constraints of the response.

Spans are [start, end) character offsets in the text. Every scan is linear in the text. Two threads that compute a
property at once get equal values, so a document may be shared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from ..schemas.messages import Messages
from ..schemas.text import word_spans, words
from .loose import loose_texts
from .sentences import sentence_spans

if TYPE_CHECKING:
    from .official.verdict import OfficialResponse

__all__ = ["MARGIN", "Document", "Span"]

Span = tuple[int, int]

_BREAK = re.compile(r"\r\n|\r|\n")
_UNSEEN = (
    "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
MARGIN = _UNSEEN + "".join(filter(str.isspace, map(chr, range(0x3001))))
"""What a text may begin and end with and nobody sees: space, joiners, marks of direction, byte order mark."""
_INDENT = rf"[ \t{_UNSEEN}]*"
# As deep as a list item may put it. ```` ```x``` ```` on one line is code in a line: it opens nothing.
_FENCE = re.compile(rf"{_INDENT}(`{{3,}}(?![^`\r\n]*`)|~{{3,}})[ \t]*(\w*)")
_PROSE = frozenset({"text", "txt", "plaintext", "markdown", "md"})
"""What a fence says of its content when that is no code."""
_RULE = re.compile(r"[ \t]*([-*_])[ \t]*(?:\1[ \t]*){2,}")
_EMPTY = re.compile(rf"[\s{_UNSEEN}]*")
_BULLET = re.compile(rf"{_INDENT}[-*+][ \t]+\S")
# One line that names what follows: ``# Heading``, ``<<Title>>``.
_HEADING = re.compile(r"[ \t]*#{1,6}[ \t]+[^\r\n]*|[*_#\s]*<<[^<>\r\n]+>>[*_\s]*")
_INLINE_CODE = re.compile(r"(?<!`)(`+)(?!`)[^\r\n]{1,999}?(?<!`)\1(?!`)")
# Emphasis: no space inside the stars. `**bold *and* italic**` is found once, by its inner pair.
_HIGHLIGHT = re.compile(r"(?<![*\\])(\*{1,3})(?![\s*])([^*\r\n]+)(?<![\s\\])\1(?!\*)")


@dataclass(frozen=True)
class Document:
    """A response's text and what is read off it when first asked for."""

    text: str
    cut: bool = False
    """Whether the token limit cut it: it has no end of its own."""
    messages: Messages = ()
    """The conversation that it answers, as the user wrote it, the last being the user's; empty where it is not known:
    what depends on it is unknown then."""

    @cached_property
    def official(self) -> OfficialResponse:
        """The text as the published checkers see it."""
        # Loads word lists and the language profiles' reader: only for those who ask.
        from .official.verdict import OfficialResponse

        return OfficialResponse(self.text)

    @cached_property
    def variants(self) -> list[Document]:
        """The texts that loose mode tries, itself among them."""
        return [self if text == self.text else replace(self, text=text) for text in loose_texts(self.text)]

    @cached_property
    def blank(self) -> bool:
        """Whether nothing can be seen: no character but space, controls and joiners."""
        return not any(character.isprintable() and not character.isspace() for character in self.text)

    @cached_property
    def lower(self) -> str:
        """The text in lower case; offsets may differ from the text's (``İ`` becomes two characters)."""
        return self.text.lower()

    @cached_property
    def words(self) -> list[str]:
        """The words, as ``schemas.text.words`` counts them."""
        return words(self.text)

    @cached_property
    def word_spans(self) -> list[Span]:
        """Where each word stands."""
        return word_spans(self.text)

    @cached_property
    def lines(self) -> list[Span]:
        """The lines, without their ends."""
        breaks = [match.span() for match in _BREAK.finditer(self.text)]
        starts = [0, *(end for _, end in breaks)]
        spans = list(zip(starts, [*(start for start, _ in breaks), len(self.text)], strict=True))
        # An end of line closes a line: what follows the last one is no line of its own.
        return spans[:-1] if breaks and starts[-1] == len(self.text) else spans

    @cached_property
    def _fenced(self) -> bool:
        """Whether there may be a fence at all."""
        return "```" in self.text or "~~~" in self.text

    @cached_property
    def _kinds(self) -> list[str]:
        """What each line is: ``prose``, ``fence``, or ``code`` inside one; an unclosed fence runs to the end."""
        if not self._fenced:
            return ["prose"] * len(self.lines)
        inside: str | None = None
        prose = False
        kinds: list[str] = []
        for start, end in self.lines:
            match = _FENCE.match(self.text, start, end)
            if match is None:
                kinds.append("prose" if inside is None or prose else "code")
                continue
            fence, info = match.groups()
            if inside is None:
                inside, prose = fence, info.lower() in _PROSE
                kinds.append("fence")
            elif fence[0] == inside[0] and len(fence) >= len(inside) and not self.text[match.end() : end].strip():
                kinds.append("fence")
                inside = None if not info else inside
            else:
                kinds.append("prose" if prose else "code")
        return kinds

    @cached_property
    def prose_lines(self) -> list[Span]:
        """The lines outside fenced code; a fence marked as text or markdown holds none."""
        if not self._fenced:
            return self.lines
        return [line for line, kind in zip(self.lines, self._kinds, strict=True) if kind == "prose"]

    @cached_property
    def paragraphs(self) -> list[Span]:
        """What blank lines separate; a code block is never split.

        A lone divider (``---``), heading or title is no paragraph.
        """
        spans: list[Span] = []
        open_: Span | None = None
        for (start, end), kind in zip(self.lines, self._kinds, strict=True):
            if kind == "code" or not _EMPTY.fullmatch(self.text, start, end):
                open_ = (start if open_ is None else open_[0], end)
            elif open_ is not None:
                spans.append(open_)
                open_ = None
        if open_ is not None:
            spans.append(open_)
        return [
            span for span in spans if not (_RULE.fullmatch(self.text, *span) or _HEADING.fullmatch(self.text, *span))
        ]

    @cached_property
    def sentences(self) -> list[Span]:
        """The sentences outside fenced code; a text that is not blank has at least one."""
        found = sentence_spans(self.text, [line for line in self.prose_lines if not _RULE.fullmatch(self.text, *line)])
        if found or self.blank:
            return found
        return [(len(self.text) - len(self.text.lstrip()), len(self.text.rstrip()))]

    @cached_property
    def bullets(self) -> list[Span]:
        """The lines that are markdown bullets: ``-``, ``*`` or ``+``, then a space; no dividers, nothing in code."""
        return [
            line
            for line in self.prose_lines
            if _BULLET.match(self.text, *line) and not _RULE.fullmatch(self.text, *line)
        ]

    @cached_property
    def highlights(self) -> list[Span]:
        """What markdown stars emphasise, once each: ``*x*``, ``**x**``, ``***x***``; nothing in code."""
        found: list[Span] = []
        for line in self.prose_lines:
            if self.text.find("*", *line) < 0:
                continue
            codes = _INLINE_CODE.finditer(self.text, *line)
            code = next(codes, None)
            for match in _HIGHLIGHT.finditer(self.text, *line):
                start, end = match.span()
                while code is not None and code.end() <= start:
                    code = next(codes, None)
                inside = code is not None and code.start() < start and end < code.end()
                if not inside and _reads(match.group(2)) and not self._within_word(start, end):
                    found.append((start, end))
        return found

    def _within_word(self, start: int, end: int) -> bool:
        """Tells whether ASCII letters or digits touch both sides: ``2*3*4`` is arithmetic."""
        around = self.text[max(0, start - 1) : start], self.text[end : end + 1]
        return all(character.isascii() and character.isalnum() for character in around)

    @cached_property
    def prose(self) -> str:
        """The text without fenced code."""
        return "\n".join(self.text[start:end] for start, end in self.prose_lines)


def _reads(text: str) -> bool:
    """Tells whether there is anything to read."""
    return any(character.isalnum() for character in text)
