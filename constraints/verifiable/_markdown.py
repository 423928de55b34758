"""Where a response uses Markdown: headings, emphasis, bullets, tables, code, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..document import Document, Span
from ._fences import fence_spans
from ._tables import tables

__all__ = ["Heading", "headings", "markdown"]

_ATX = re.compile(r"[ \t]{0,3}#{1,6}(?:[ \t]+(?P<text>[^\r\n]*)|\Z)")
_SETEXT = re.compile(r"[ \t]{0,3}={2,}[ \t]*")
_CLOSING = re.compile(r"(?:^|[ \t])#+[ \t]*\Z")
_BLOCK = re.compile(r"[ \t]*(?:[-*+>|#]|\d{1,3}[.)])(?:[ \t]|\Z)")
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


class Heading(NamedTuple):
    """A heading."""

    text: str
    span: Span


def headings(document: Document) -> list[Heading]:
    """Finds the headings with something to read: ``# One`` to ``###### One``, and a line underlined by ``===``."""
    text = document.text
    if "#" not in text and "==" not in text:
        return []
    found: list[Heading] = []
    above: Span | None = None
    for start, end in document.prose_lines:
        line = text[start:end].strip(" \t")
        if line.startswith("#"):
            atx = _ATX.fullmatch(text, start, end)
            named = (atx["text"] or "").strip() if atx else ""
            named = _CLOSING.sub("", named).strip() if named.endswith("#") else named
            if _reads(named):
                found.append(Heading(named, (start, end)))
        elif line.startswith("==") and above is not None and start - above[1] <= 2:
            # A line below may still go on where a response was cut.
            underlined = _SETEXT.fullmatch(text, start, end) and not (document.cut and end == len(text))
            if underlined and _reads(text[slice(*above)]) and not _BLOCK.match(text, *above):
                found.append(Heading(text[slice(*above)].strip(), (above[0], end)))
        above = (start, end)
    return found


def _reads(text: str) -> bool:
    """Tells whether there is anything to read."""
    return text[:1].isalnum() or any(map(str.isalnum, text))


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
                if not _DUNDER.fullmatch(match.group()) and _reads(match.group()):
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
    found = [*document.bullets, *(heading.span for heading in headings(document))]
    found += document.highlights if "*" in document.text else []
    found += [(start, end) for _, start, end in fence_spans(document)]
    if "|" in document.text:
        found += [table.span for table in tables(document) if table.ended or not document.cut]
    found += _marks(document)
    return sorted(set(found))
