"""Citations and what they point to: numbers in brackets with a numbered list, or author and year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ..document import Document, Span
from ._prose import prose_only

__all__ = ["Citations", "Style", "citations"]

Style = Literal["numbered", "author_year"]

# Not the index of ``a['b'][0]``, nor of what stands in braces before it.
_MARK = re.compile(r"(?<![}\\])(?<!['\"]\])\[(?!0\])([0-9]{1,3}(?:[ ]?[,;–-][ ]?[0-9]{1,3}){0,20})\](?!:)")
_HEADINGS = (
    "(?:list of )?(?:references?|sources?|bibliography|works cited|citations|footnotes|literature)|参考文献|参考资料"
    "|引用文献|参考来源|资料来源|文献|出典|参考|referencias(?: bibliográficas)?|fuentes|bibliografía|références"
    "|bibliographie|quellen|literatur"
)
_LINE = re.compile(
    rf"""
    (?:(?<=[\r\n])|\A)[ \t]*+(?:
        (?P<heading>[\#*_>\ ]*+(?:{_HEADINGS.replace(" ", "[ ]")})[ \t*_:：]*+(?=[\r\n]|\Z))
        |(?:[-*+][ \t]++)?\\?\[(?P<entry>[0-9]{{1,3}})\\?\]:?[ \t]*+(?=[^\s])[^\r\n]*+
        |(?:[-*+][ \t]++)?(?P<numeral>[0-9]{{1,3}})[.)][ \t]++(?=[^\s])[^\r\n]*+
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NAME = r"[^\W\d_a-z][\w'’.-]{0,40}"
_YEAR = r"(?:[12][0-9]{3}[a-h]?|n\.d\.|s\.f\.|in press)"
_PAGES = r"(?:[,:，][ ]?(?:pp?\.|págs?\.|S\.|ch\.|第)?[ ]?[0-9]{1,5}(?:[–-][0-9]{1,5})?页?)?"
_PAREN = re.compile(r"[(（]([^()（）\r\n]{4,400})[)）]")
_TAIL = re.compile(rf"[,，][ ]?{_YEAR}(?:,[ ]?{_YEAR}){{0,5}}{_PAGES}\Z")
_SEPARATOR = re.compile(r"[\s,，、&]+")
_JOINTS = frozenset(
    (
        "and y e et und al al. otros van von de der den la del da di le see also cf. e.g. véase voir 等 等人 ほか ら"
    ).split()
)
_DATED = rf"[ ]?[(（]{_YEAR}{_PAGES}[)）]"
# One name and a year may be a town's or a film's: of a source something is reported.
_NARRATIVE = re.compile(
    rf"(?<!\w){_NAME}(?:[ ](?:and|&|y|et)[ ]{_NAME}|[ ]et[ ]al\.?|等人?|ほか){_DATED}"
    rf"|(?:[Aa]ccording[ ]to|[Ss]ee|[Ss]egún|[Ss]elon|[Nn]ach|根据|によると)[ ]?{_NAME}{_DATED}"
    rf"|(?<!\w){_NAME}{_DATED}(?=[ ](?:shows?|showed|argue[sd]?|found|finds?|points?|pointed|notes?|noted"
    r"|reports?|reported|suggests?|suggested|claims?|claimed|demonstrate[sd]?|observe[sd]?|describe[sd]?|propose[sd]?|states?|stated"
    r"|writes?|wrote|explains?|explained|muestra|señala|sostiene|afirma|montre|affirme|soutient|explique)\b)"
)


def _is_author_year(part: str) -> bool:
    """Tells ``Smith & Jones, 2020, p. 4`` from other remarks in brackets."""
    tail = _TAIL.search(part)
    if tail is None:
        return False
    words = [word for word in _SEPARATOR.split(part[: tail.start()]) if word]
    names = [word for word in words if word.lower() not in _JOINTS]
    return 0 < len(names) <= 12 and all(word[0].isalpha() and not word[0].islower() for word in names)


@dataclass(frozen=True)
class Citations:
    """What an answer cites, and the entries of its numbered list."""

    numbers: dict[int, Span]
    """Numbers that are cited, each with its first place."""
    entries: frozenset[int]
    authors: list[Span]


def _listed(text: str) -> tuple[frozenset[int], list[Span]]:
    """Gives the entries of the reference list and the lines that hold them.

    Lines that begin ``[1]`` are entries anywhere, lines that begin ``1.`` after a heading that says so.
    """
    entries: set[int] = set()
    lines: list[Span] = []
    inside = False
    for match in _LINE.finditer(text):
        inside = inside or match["heading"] is not None
        number = match["entry"] or (match["numeral"] if inside else None)
        if number is not None:
            entries.add(int(number))
            lines.append(match.span())
    return frozenset(entries), lines


def _numbers(inside: str) -> list[int]:
    """Reads ``1, 3-5``."""
    found: list[int] = []
    for part in re.split(r"[,;]", inside):
        first, *rest = re.split(r"[–-]", part)
        low, high = int(first), int(rest[-1] if rest else first)
        found += range(low, min(high, low + 50) + 1) if low <= high else [low, high]
    return found


def citations(document: Document) -> Citations:
    """Reads an answer's citations outside code; the lines of the reference list cite nothing."""
    text = prose_only(document)
    entries, listed = _listed(text)
    pieces: list[str] = []
    at = 0
    for start, end in listed:
        pieces += [text[at:start], " " * (end - start)]
        at = end
    body = "".join([*pieces, text[at:]])
    numbers: dict[int, Span] = {}
    for match in _MARK.finditer(body) if "[" in body else ():
        for number in _numbers(match[1]):
            numbers.setdefault(number, match.span())
    if "(" not in body and "（" not in body:
        return Citations(numbers, entries, [])
    authors = [
        match.span()
        for match in _PAREN.finditer(body)
        if any(_is_author_year(part.strip()) for part in re.split("[;；]", match[1]))
    ]
    authors += [match.span() for match in _NARRATIVE.finditer(body)]
    return Citations(numbers, entries, authors)
