"""A response as checks see it: one lazy analysis, shared by all constraints of the response.

Spans are [start, end) character offsets in the text. Every scan is linear in the text. Two threads that compute a
property at once get equal values, so a document may be shared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..schemas.messages import Messages
from ..schemas.text import count_words, word_spans, words
from .loose import loose_texts

if TYPE_CHECKING:
    from functools import cached_property as lazy

    from .fences import Fence
    from .headings import Heading
    from .items import List
    from .official.verdict import OfficialResponse
else:

    class lazy:
        """A property that is worked out once, without the lock by which ``cached_property`` keeps threads waiting."""

        def __init__(self, function: Any) -> None:
            self.function, self.name, self.__doc__ = function, function.__name__, function.__doc__

        def __get__(self, instance: Any, owner: Any = None) -> Any:
            if instance is None:
                return self
            value = instance.__dict__[self.name] = self.function(instance)
            return value


__all__ = ["BREAK", "EVIDENCE", "MARGIN", "PROSE", "RULE", "Document", "Span", "reads"]

Span = tuple[int, int]

EVIDENCE = 20
"""Places that are kept as evidence."""
BREAK = re.compile(r"\r\n|\r|\n")
_UNSEEN = (
    "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
MARGIN = _UNSEEN + "".join(filter(str.isspace, map(chr, range(0x3001))))
"""What a text may begin and end with and nobody sees: space, joiners, marks of direction, byte order mark."""
_INDENT = rf"[ \t{_UNSEEN}]*"
PROSE = frozenset({"text", "txt", "plaintext", "markdown", "md"})
"""What a fence says of its content when that is no code."""
RULE = re.compile(r"[ \t]*([-*_])[ \t]*(?:\1[ \t]*){2,}")
_THREE = re.compile(r"[ \t]*([-*_])[ \t]*\1[ \t]*\1")
_LATER_THREE = re.compile(rf"\n{_THREE.pattern}")
"""What every divider begins with, on the first line or a later one."""
_EMPTY = re.compile(rf"[\s{_UNSEEN}]*")
_SHOWN = re.compile("[!-~]")
_BULLET = re.compile(rf"{_INDENT}[-*+][ \t]+\S")
# One line that names what follows: ``# Heading``, ``<<Title>>``.
_HEADING = re.compile(r"[ \t]*#{1,6}[ \t]+[^\r\n]*|[*_#\s]*<<[^<>\r\n]+>>[*_\s]*")
_INLINE_CODE = re.compile(r"(?<!`)(`+)(?!`)[^\r\n]{1,999}?(?<!`)\1(?!`)")
# Emphasis: no space inside the stars. `**bold *and* italic**` is found once, by its inner pair. It begins with the star
# itself, so that the search skips what lies between.
_HIGHLIGHT = re.compile(r"\*(?<![*\\]\*)(\*{0,2})(?![\s*])([^*\r\n]+)(?<![\s\\])\*\1(?!\*)")


@dataclass(frozen=True, init=False)
class Document:
    """A response's text and what is read off it when first asked for."""

    text: str
    cut: bool = False
    """Whether the token limit cut it: it has no end of its own."""
    messages: Messages = ()
    """The conversation that it answers, as the user wrote it, the last being the user's; empty where it is not known:
    what depends on it is unknown then."""

    def __init__(self, text: str, cut: bool = False, messages: Messages = ()) -> None:
        # One is made for every response: a frozen dataclass sets its fields in twice the time.
        fields = self.__dict__
        fields["text"], fields["cut"], fields["messages"] = text, cut, messages

    @lazy
    def official(self) -> OfficialResponse:
        """The text as the published checkers see it."""
        # Loads word lists and the language profiles' reader: only for those who ask.
        from .official.verdict import OfficialResponse

        return OfficialResponse(self.text)

    # What is read by a module of its own is loaded for those who ask.
    @lazy
    def language(self) -> str | None:
        """The ISO 639-1 code of the prose's language; null where it cannot be told."""
        from .language import language_of

        return language_of(self.prose)

    @lazy
    def code_blocks(self) -> list[Fence]:
        """The fenced code blocks."""
        from .fences import fences_of

        return fences_of(self)

    @lazy
    def headings(self) -> list[Heading]:
        """The headings outside code that hold something to read."""
        from .headings import headings_of

        return headings_of(self)

    @lazy
    def lists(self) -> list[List]:
        """The lists at the outer depth, of bullets or numbered items, outside code."""
        from .items import lists_of

        return lists_of(self)

    @lazy
    def variants(self) -> list[Document]:
        """The texts that loose mode tries, itself among them."""
        return [self if text == self.text else replace(self, text=text) for text in loose_texts(self.text)]

    @lazy
    def blank(self) -> bool:
        """Whether nothing can be seen: no character but space, controls and joiners."""
        if _SHOWN.search(self.text):
            return False
        return not any(character.isprintable() and not character.isspace() for character in set(self.text))

    @lazy
    def lower(self) -> str:
        """The text in lower case; offsets may differ from the text's (``İ`` becomes two characters)."""
        return self.text.lower()

    @lazy
    def upper(self) -> str:
        """The text in upper case; offsets may differ from the text's (``ß`` becomes two characters)."""
        return self.text.upper()

    @lazy
    def folded(self) -> str | None:
        """The text in lower case where an ASCII word stands, in any case, just where its small letters stand.

        Null where the text holds a letter that pairs with an ASCII one and is not in lower case: ``ſ``, ``ı``, ``İ``.
        """
        plain = self.text.isascii() or not any(letter in self.text for letter in "ſıİ")
        return self.lower if plain else None

    @lazy
    def words(self) -> list[str]:
        """The words, as ``schemas.text.words`` counts them."""
        return words(self.text)

    @lazy
    def word_count(self) -> int:
        """How many words there are."""
        return count_words(self.text)

    @lazy
    def word_spans(self) -> list[Span]:
        """Where each word stands."""
        return word_spans(self.text)

    @lazy
    def lines(self) -> list[Span]:
        """The lines, without their ends."""
        text, at = self.text, 0
        spans: list[Span] = []
        if "\r" in text:
            for match in BREAK.finditer(text):
                spans.append((at, match.start()))
                at = match.end()
            spans.append((at, len(text)))
        else:
            for line in text.split("\n"):
                end = at + len(line)
                spans.append((at, end))
                at = end + 1
        # An end of line closes a line: what follows the last one is no line of its own.
        if len(spans) > 1 and spans[-1][0] == len(text):
            del spans[-1]
        return spans

    @lazy
    def fenced(self) -> bool:
        """Whether there may be a fence at all."""
        return "```" in self.text or "~~~" in self.text

    @lazy
    def _kinds(self) -> list[str]:
        """What each line is: ``prose``, ``fence``, or ``code`` inside one; an unclosed fence runs to the end."""
        lines, at = self.lines, 0
        kinds = ["prose"] * len(lines)
        for block in self.code_blocks:
            while lines[at][0] < block.span[0]:
                at += 1
            kinds[at] = "fence"
            inside, at = "prose" if block.language in PROSE else "code", at + 1
            while at < len(lines) and lines[at][0] < block.body[1]:
                kinds[at] = inside
                at += 1
            if block.closed:
                kinds[at] = "fence"
                at += 1
        return kinds

    @lazy
    def prose_lines(self) -> list[Span]:
        """The lines outside fenced code; a fence marked as text or markdown holds none."""
        if not self.fenced:
            return self.lines
        return [line for line, kind in zip(self.lines, self._kinds, strict=True) if kind == "prose"]

    @lazy
    def paragraphs(self) -> list[Span]:
        """What blank lines separate; a code block is never split.

        A lone divider (``---``), heading or title is no paragraph.
        """
        text = self.text
        spans: list[Span] = []
        begun = False
        for (start, end), kind in zip(self.lines, self._kinds, strict=True):
            # What begins with a letter is neither blank nor a divider nor a heading.
            shown = start < end and (text[start].isalnum() or not _EMPTY.fullmatch(text, start, end))
            if shown or kind == "code":
                spans.append((spans.pop()[0] if begun else start, end))
            begun = shown or kind == "code"
        return [
            span
            for span in spans
            if text[span[0]].isalnum() or not (RULE.fullmatch(text, *span) or _HEADING.fullmatch(text, *span))
        ]

    @lazy
    def sentences(self) -> list[Span]:
        """The sentences outside fenced code; a text that is not blank has at least one."""
        from .sentences import sentence_spans, sentences_in

        text = self.text
        if self.fenced or _THREE.match(text) or _LATER_THREE.search(text) or "\r" in text:
            found = sentence_spans(text, [line for line in self.prose_lines if not self._divides(line)])
        else:
            found = sentences_in(text, [(0, len(text))])
        if found or self.blank:
            return found
        return [(len(self.text) - len(self.text.lstrip()), len(self.text.rstrip()))]

    def _divides(self, line: Span) -> bool:
        """Tells whether a line is a divider."""
        return RULE.fullmatch(self.text, *line) is not None

    @lazy
    def bullets(self) -> list[Span]:
        """The lines that are markdown bullets: ``-``, ``*`` or ``+``, then a space; no dividers, nothing in code."""
        text = self.text
        return [
            line
            for line in self.prose_lines
            if line[0] < line[1]
            and not text[line[0]].isalnum()
            and _BULLET.match(text, *line)
            and not self._divides(line)
        ]

    @lazy
    def highlights(self) -> list[Span]:
        """What markdown stars emphasise, once each: ``*x*``, ``**x**``, ``***x***``; nothing in code."""
        text = self.text
        if "*" not in text:
            return []
        found: list[Span] = []
        # Neither emphasis nor code in a line goes beyond its line.
        for part in self.prose_lines if self.fenced else [(0, len(text))]:
            codes = _INLINE_CODE.finditer(text, *part) if "`" in text else iter(())
            code = next(codes, None)
            for match in _HIGHLIGHT.finditer(text, *part):
                start, end = match.span()
                while code is not None and code.end() <= start:
                    code = next(codes, None)
                inside = code is not None and code.start() < start and end < code.end()
                if not inside and reads(match.group(2)) and not self._within_word(start, end):
                    found.append((start, end))
        return found

    def _within_word(self, start: int, end: int) -> bool:
        """Tells whether ASCII letters or digits touch both sides: ``2*3*4`` is arithmetic."""
        behind = self.text[end : end + 1]
        if not (behind.isascii() and behind.isalnum()):
            return False
        before = self.text[max(0, start - 1) : start]
        return before.isascii() and before.isalnum()

    @lazy
    def prose(self) -> str:
        """The text without fenced code."""
        if not self.fenced and "\r" not in self.text:
            return self.text.removesuffix("\n")
        return "\n".join(self.text[start:end] for start, end in self.prose_lines)


def reads(text: str) -> bool:
    """Tells whether there is anything to read."""
    return text[:1].isalnum() or any(map(str.isalnum, text))
