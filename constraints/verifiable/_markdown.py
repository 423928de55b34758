"""Where a response uses Markdown: headings, emphasis, bullets, tables, code, links."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..document import Document, Span, reads
from ._tables import tables

__all__ = ["markdown"]

# _so_ and __so__, not snake_case and not Python's __init__; ~~so~~; `so`.
_UNDERSCORES = re.compile(
    r"(?<![\w\\])(?:__(?=[^\s_])[^_\r\n]{1,500}(?<=[^\s_])__|_(?=[^\s_])[^_\r\n]{1,500}(?<=[^\s_])_)(?!\w)"
)
# Names that programs write so; __important__ is emphasis.
_DUNDER = re.compile(
    r"__(?:init|main|name|str|repr|call|file|all|dict|class|doc|len|eq|hash|new|del|iter|next|enter|exit|getitem|setitem"
    r"|contains|add|slots|version|init_subclass|proto|dirname|filename|FILE|LINE|builtins|import|module|lt|gt|bool)__"
)
_ADDRESS = re.compile(r"[A-Za-z]{2,10}://[^\s<>\"')\]]+")
_STRUCK = re.compile(r"(?<![~\\])~~(?=[^\s~])[^~\r\n]{1,500}(?<=\S)~~(?!~)")
_CODE = re.compile(r"(?<![`\\])(`{1,2})(?!`)[^`\r\n]{1,999}(?<!`)\1(?!`)")
_LINK = re.compile(
    r"(?<!\\)\[[^\[\]\r\n]{1,500}\]\([^\s()]{1,1000}(?:\([^\s()]{0,200}\)[^\s()]{0,200})?"
    r"(?:[ \t]+[\"'][^\"'\r\n]{0,300}[\"'])?\)"
)
_REFERENCE = re.compile(r"(?<![\w\\\])])\[[^\[\]\r\n]{1,500}\]\[[^\[\]\r\n]{0,300}\]")


def _marks(document: Document) -> Iterator[Span]:
    """Finds what stands within lines."""
    text = document.text
    if not any(mark in text for mark in ("`", "_", "~~", "](", "][")):
        return
    for start, end in document.prose_lines:
        plain = text[start:end]
        if "`" in plain:
            for match in _CODE.finditer(text, start, end):
                yield match.span()
        if "_" in plain:
            # What an address holds is none.
            held = _ADDRESS.sub(lambda found: "x" * len(found.group()), plain) if "://" in plain else plain
            for match in _UNDERSCORES.finditer(held):
                if not _DUNDER.fullmatch(match.group()) and reads(match.group()):
                    yield start + match.start(), start + match.end()
        if "~~" in plain:
            for match in _STRUCK.finditer(text, start, end):
                yield match.span()
        if "](" in plain or "][" in plain:
            for pattern in (_LINK, _REFERENCE):
                for match in pattern.finditer(text, start, end):
                    yield match.span()


def markdown(document: Document) -> list[Span]:
    """Finds the Markdown of a response, in order."""
    found = [*document.bullets, *(heading.span for heading in document.headings)]
    found += document.highlights if "*" in document.text else []
    found += [block.span for block in document.code_blocks]
    if "|" in document.text:
        found += [table.span for table in tables(document) if table.ended or not document.cut]
    found += _marks(document)
    return sorted(set(found))
