"""The sections of a text and what each begins with."""

from __future__ import annotations

import re

from ..document import Document, Span, reads
from ._ifbench_format_lists import written_lines

__all__ = ["sections_without_thesis"]

_HASH = re.compile(r"[ \t]*(#{1,6})[ \t]+\S")
_HTML = re.compile(r"[ \t]*<h([1-6])(?:\s[^<>]*)?>", re.IGNORECASE)
_HTML_END = re.compile(r"</h[1-6]\s*>", re.IGNORECASE)
_BOLD = re.compile(
    r"[ \t]*(?:\*\*[^*\r\n]+\*\*|__[^_\r\n]+__|<(?:b|strong)>[^<>\r\n]+</(?:b|strong)>)[ \t]*:?[ \t]*", re.IGNORECASE
)
_NAMED = re.compile(
    r"[ \t]*(?:(?:section|part|chapter)\s+[\w.]{1,8}\b[^<>\r\n]{0,80}|(?:\d{1,2}|[IVX]{1,5})[.)][ \t]+[^<>\r\n]{1,80})"
    r"(?<![.!?;,])[ \t]*",
    re.IGNORECASE,
)
# What may stand before the italics: tags that hold text, breaks, the mark of a list item or quotation, a label.
_TAGS = re.compile(r"(?:\s+|<(?!/?(?:i|em|span|cite)\b)/?[a-z!][^<>]{0,200}>)+", re.IGNORECASE)
_MARK = re.compile(r"(?:[-*+>]|\d{1,2}[.)])[ \t]+")
_LABEL = re.compile(r"(?:\*\*|__)?thesis(?:[ \t]statement)?(?:\*\*|__)?[ \t]*[:.–—-](?:\*\*|__)?\s*", re.IGNORECASE)
_ITALIC = re.compile(
    r"<(?:(?P<tag>i|em)(?:\s[^<>]*)?|(?P<styled>[a-z]+[1-6]?)\s[^<>]{0,200}?font-style\s*:\s*italic[^<>]{0,200})>",
    re.IGNORECASE,
)
_CLOSE = {tag: re.compile(rf"</{tag}\s*>", re.IGNORECASE) for tag in ("i", "em", "p", "span", "div", "blockquote")}
# Tags, and what shows as space: <b></b>, &nbsp;
_UNREAD = re.compile(
    r"</?[a-z!][^<>]{0,200}>|&(?:nbsp|e[mn]sp|thinsp|zwn?j|#0*160|#0*32|#x0*a0|#x0*20);", re.IGNORECASE
)
_TITLE_LENGTH = 80


def _level(text: str, line: Span) -> int:
    """Gives a heading's depth, 0 for any other line."""
    if text[line[0]].isalnum() or not text[line[0] : line[1]].lstrip().startswith(("#", "<")):
        return 0
    if match := _HASH.match(text, *line):
        return len(match.group(1))
    match = _HTML.match(text, *line)
    return int(match.group(1)) if match else 0


def _labels(text: str, start: int, end: int) -> bool:
    """Tells whether a line of a text without headings names what follows: bold, numbered, or *Part 1*."""
    short = end - start <= 2 * _TITLE_LENGTH
    return short and (_BOLD.fullmatch(text, start, end) or _NAMED.fullmatch(text, start, end)) is not None


def _sections(document: Document) -> list[Span]:
    """Gives the spans of the sections, without their headings; a text without headings is one section."""
    text, lines = document.text, written_lines(document)
    levels = [_level(text, line) for line in lines]
    if not any(levels):
        levels = [int(_labels(text, *line)) for line in lines]
    heads = [at for at, level in enumerate(levels) if level]
    # A first heading above all others is the text's title.
    if len(heads) > 1 and levels[heads[0]] < min(levels[at] for at in heads[1:]):
        heads = heads[1:]
    if not heads:
        return [(_after_title(text, lines), len(text))] if lines else []
    top = min(levels[at] for at in heads)
    heads = [at for at in heads if levels[at] == top]
    spans = []
    for at, following in zip(heads, [*heads[1:], None], strict=True):
        end = len(text) if following is None else lines[following][0]
        body = at + 1
        while body < len(lines) and levels[body] and lines[body][0] < end:
            body += 1
        spans.append((_body_start(text, lines, levels, at, body, end), end))
    return [(start, end) for start, end in spans if _reads(text[start:end])]


def _body_start(text: str, lines: list[Span], levels: list[int], head: int, body: int, end: int) -> int:
    """Gives where a section's text begins: after its headings; an HTML heading may share its line with text."""
    last = lines[max(head, body - 1)]
    if _HTML.match(text, *last) and (closing := _HTML_END.search(text, *last)):
        return closing.end()
    return lines[body][0] if body < len(lines) and lines[body][0] < end else end


def _after_title(text: str, lines: list[Span]) -> int:
    """Gives where a text without headings begins, after a title: a short first line that is no sentence."""
    start, end = lines[0]
    first = text[start:end].strip()
    title = len(first) <= _TITLE_LENGTH and first[-1].isalnum() and "<" not in first
    return lines[1][0] if title and len(lines) > 1 else start


def _reads(text: str) -> bool:
    """Tells whether there is anything to read beside tags and entities for space."""
    if "<" in text or "&" in text:
        text = _UNREAD.sub(" ", text)
    return reads(text)


def _thesis(text: str, start: int, end: int) -> Span | None:
    """Gives the italics that a section begins with, if they hold anything to read."""
    at = start
    for pattern in (_TAGS, _MARK, _LABEL, _TAGS):
        if match := pattern.match(text, at, end):
            at = match.end()
    opened = _ITALIC.match(text, at, end)
    if opened is None:
        return None
    tag = (opened.group("tag") or opened.group("styled")).lower()
    closed = _CLOSE[tag].search(text, opened.end(), end) if tag in _CLOSE else None
    if closed is None or not _reads(text[opened.end() : closed.start()]):
        return None
    return at, closed.end()


def sections_without_thesis(document: Document) -> tuple[list[Span], list[Span], bool]:
    """Reads what each section begins with.

    Returns:
        The theses in HTML italics that begin a section, the beginnings of sections that have none, and whether any
        thesis is followed by text.
    """
    text = document.text
    theses: list[Span] = []
    without: list[Span] = []
    followed = False
    for start, end in _sections(document):
        thesis = _thesis(text, start, end)
        if thesis is None:
            without.append((start, min(end, start + 40)))
        else:
            theses.append(thesis)
            followed = followed or _reads(text[thesis[1] : end])
    return theses, without, followed
