"""Fenced code blocks: their language, their content, and the answer that is nothing but one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from .document import MARGIN, Document, Span

__all__ = ["ALIASES", "FENCE_LINE", "Fence", "fences_of", "payload", "source"]

# As deep as a list item may put it; the first word after the marks names the language. ```` ```x``` ```` on one line is
# code in a line: it opens nothing.
_INDENT = "".join(character for character in MARGIN if not character.isspace())
_FENCE = re.compile(
    rf"(?:(?<=[\r\n])|\A)([ \t{_INDENT}]*+)(`{{3,}}+(?![^`\r\n]*`)|~{{3,}}+)[ \t]*+([^\s`]*+)([^\r\n]*+)"
)
FENCE_LINE = re.compile(r"[ \t]*(?:`{3,}|~{3,})[ \t]*[\w+#.-]*[ \t]*")
"""A line that is a fence alone, whether it opens or closes a block."""
_NAME = re.compile(r"[\w+#-]+")
ALIASES: dict[str, tuple[str, ...]] = {
    "python": ("python", "py", "python3", "py3"),
    "json": ("json",),
    "yaml": ("yaml", "yml"),
    "toml": ("toml",),
    "xml": ("xml",),
    "html": ("html", "htm"),
    "sql": ("sql", "mysql", "postgresql", "postgres", "psql", "sqlite", "tsql"),
    "javascript": ("javascript", "js", "jsx", "node"),
    "typescript": ("typescript", "ts", "tsx"),
    "java": ("java",),
    "c": ("c", "h"),
    "cpp": ("cpp", "c++", "cc", "hpp"),
    "csharp": ("csharp", "c#", "cs"),
    "go": ("go", "golang"),
    "rust": ("rust", "rs"),
}
"""What a fence may say to name a language, in small letters."""


class Fence(NamedTuple):
    """A fenced block; one that is not closed runs to the end."""

    language: str
    """As it is written after the marks, in small letters; empty where nothing is."""
    span: Span
    """With both fence lines."""
    body: Span
    """What stands between them."""
    closed: bool
    indent: int
    """Spaces before the marks; as many may stand before each line of the body."""


def _language(info: str) -> str:
    found = _NAME.search(info)
    return found.group().lower() if found else ""


def fences_of(document: Document) -> list[Fence]:
    """Finds the fenced blocks, in order."""
    return list(_fences(document.text)) if document.fenced else []


def _fences(text: str) -> Iterator[Fence]:
    open_: re.Match[str] | None = None
    marks = ""
    for match in _FENCE.finditer(text):
        if open_ is None:
            open_, marks = match, match[2]
            continue
        _, other, info, rest = match.groups()
        # A fence as long or longer, of the same marks, begins with the marks that opened it.
        if not info and other.startswith(marks) and not rest.strip():
            yield _fence(open_, *match.span(), True)
            open_ = None
    if open_ is not None:
        yield _fence(open_, len(text), len(text), False)


def _fence(opening: re.Match[str], body_end: int, end: int, closed: bool) -> Fence:
    """Makes a block of its opening line, where its body ends, and where it ends with its closing line."""
    text, (start, begin) = opening.string, opening.span()
    indent, _, info, _ = opening.groups()
    if begin < len(text):
        begin += 2 if text[begin] == "\r" and text.startswith("\n", begin + 1) else 1
    return Fence(_language(info) if info else "", (start, end), (begin, body_end), closed, len(indent))


def source(document: Document, fence: Fence) -> str:
    """Gives a block's content without the spaces that its place in a list puts before each line."""
    text = document.text[slice(*fence.body)]
    if not fence.indent:
        return text
    return re.sub(rf"(?m)^[ \t]{{1,{fence.indent}}}", "", text)


def payload(document: Document) -> tuple[str, int]:
    """Gives the answer, or the content of the one fence it consists of, and where that begins.

    A fence that is not closed is taken off where the token limit cut the response only.
    """
    text = document.text
    start = len(text) - len(text.lstrip(MARGIN))
    end = len(text.rstrip(MARGIN))
    if text.startswith(("```", "~~~"), start):
        found = list(islice(_fences(text), 2))
        only = len(found) == 1 and not text[: found[0].span[0]].strip(MARGIN)
        if only and not text[found[0].span[1] :].strip(MARGIN) and (found[0].closed or document.cut):
            start, end = found[0].body
    return text[start:end], start
