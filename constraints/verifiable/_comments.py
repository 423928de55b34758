"""Comments in code, told from strings by the marks of each language; one pass.

A quotation mark that is not closed on its line hides nothing; a string or comment over several lines that is not closed
runs to the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from ..document import Span

__all__ = ["COMMENTED", "comments"]

_SINGLE = r"'(?:[^'\\\r\n]|\\.)*+'"
_DOUBLE = r'"(?:[^"\\\r\n]|\\.)*+"'
# A regular expression of JavaScript stands where a value may.
_PATTERN = r"(?<=[=(,:;!&|?{}\[\n\t ])/(?![*/ ])(?:[^/\\\r\n]|\\.){1,200}+/"
_CHARACTER = r"'(?:[^'\\\r\n]|\\[^\r\n]{1,10})'"
_BOTH = (_SINGLE, _DOUBLE)
_BLOCK = {"/*": r"\*/"}
_TICKS = {"`": r"(?:[^`\\]|\\[\s\S])*+`"}


@dataclass(frozen=True)
class Commented:
    """How a language writes comments."""

    example: str
    strings: tuple[str, ...] = _BOTH
    """Regular expressions of what stands on one line and holds no comment."""
    long: Mapping[str, str] = field(default_factory=dict)
    """How strings over several lines begin, as it stands, and a regular expression of the rest."""
    line: str | None = "//"
    """What makes the rest of a line a comment; null for nothing."""
    block: Mapping[str, str] = field(default_factory=lambda: _BLOCK)
    """How other comments begin, and a regular expression of their end."""


_LONG = {
    '"""': r'(?:[^"\\]|\\[\s\S]|"(?!""))*+"""',
    "'''": r"(?:[^'\\]|\\[\s\S]|'(?!''))*+'''",
}
_MARKUP = {"<!--": "-->"}

COMMENTED: dict[str, Commented] = {
    "python": Commented("# Now print.", _BOTH, _LONG, "#", {}),
    "javascript": Commented("// Set x.", (*_BOTH, _PATTERN), _TICKS),
    "typescript": Commented("// Set x.", (*_BOTH, _PATTERN), _TICKS),
    "java": Commented("// Set x.", _BOTH, {'"""': _LONG['"""']}),
    "c": Commented("/* Set x. */"),
    "cpp": Commented("// Set x."),
    "csharp": Commented("// Set x.", _BOTH, {'@"': r'(?:[^"]|"")*+"'}),
    "go": Commented("// Set x.", _BOTH, {"`": r"[^`]*+`"}),
    "rust": Commented("// Set x.", (_CHARACTER,), {'"': r'(?:[^"\\]|\\[\s\S])*+"'}),
    "sql": Commented(
        "-- Everybody over 30.",
        (),
        {"'": r"(?:[^']|'')*+'", '"': r'[^"]*+"', "`": "[^`]*+`"},
        "--",
    ),
    "html": Commented("<!-- The answer. -->", (), {}, None, _MARKUP),
    "xml": Commented("<!-- The answer. -->", (), {"<![CDATA[": r"[\s\S]*?\]\]>"}, None, _MARKUP),
}
"""By language."""


@cache
def _reader(language: str) -> tuple[re.Pattern[str], dict[str, re.Pattern[str]]]:
    """Gives what begins a string or comment, or is one, and how those over several lines end."""
    how = COMMENTED[language]
    long = "|".join(map(re.escape, how.long)) or r"(?!)"
    block = "|".join(map(re.escape, how.block)) or r"(?!)"
    line = re.escape(how.line) + r"[^\r\n]*" if how.line else r"(?!)"
    strings = "|".join(how.strings) or r"(?!)"
    # What a backslash stands before outside strings begins nothing.
    pattern = rf"(?P<long>{long})|(?P<line>{line})|(?P<block>{block})|(?:{strings})|\\."
    ends = {begin: re.compile(end) for begin, end in (*how.long.items(), *how.block.items())}
    return re.compile(pattern), ends


def comments(language: str, code: str) -> Iterator[Span]:
    """Finds the comments in code; a first line ``#!…`` is none."""
    reader, ends = _reader(language)
    at = code.find("\n") + 1 or len(code) if code.startswith("#!") else 0
    while match := reader.search(code, at):
        at = match.end()
        kind = match.lastgroup
        if kind in ("long", "block"):
            end = ends[match.group()].search(code, at) if kind == "block" else ends[match.group()].match(code, at)
            at = end.end() if end else len(code)
        if kind in ("line", "block"):
            yield match.start(), at
