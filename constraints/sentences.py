"""Splitting prose into sentences by rule, for the terminators of Western, Chinese, Japanese, Hindi and Arabic scripts.

Only a terminator ends a sentence: a heading, a greeting or a list item without one belongs to the sentence after it;
what is left at the end is one. A list numeral (``1.``), an abbreviation, an initial or a decimal ends none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["sentence_spans", "sentences_in"]

Span = tuple[int, int]

_UNSEEN = "\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff"
_CLOSERS = rf"\"'”’»)\]*_」』）》】{_UNSEEN}"
_PICTURES = "\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff"
_WIDE = "。！？｡．।॥։።။៕។"
_NARROW = ".!?…؟۔‽"
# 1. or (b) or IV. or 1\. or **2.1.**
_NUMBER = (
    r"[*_]{0,3}\(?(?:\d{1,3}(?:(?:\.\d{1,3}){1,3}\.|\\?[.)、．])|(?:[ivx]{1,5}|[a-z]|[IVX]{1,5})\\?[.)]|[A-Z]\))"
    r"[*_]{0,3}(?:[ \t]+|(?<=[、．]))"
)
# Signs, perhaps several (> - …), then perhaps a number: what begins a line without being part of a sentence.
_MARKER = rf"[ \t]*(?:(?:(?:[-*+•‣◦]|#{{1,6}}|>)[ \t]+){{1,4}}(?:{_NUMBER})?|{_NUMBER})"
# What may stand between a mark and the space after it: [1], ², closing tags.
_NOTE = r"(?:\[\^?\d{1,3}\]|[¹²³⁰-⁹])*(?:\s*</[A-Za-z]\w{0,20}>)*"
_FIRST_MARKER = re.compile(_MARKER)
# Behind the first mark of a terminator: the marks that follow it, and what closes the sentence with them.
_WIDE_END = rf"(?<=[{_WIDE}])[{_WIDE}]*[{_CLOSERS}]*"
_NARROW_END = rf"(?<=[{_NARROW}])[{_NARROW}]*[{_CLOSERS}]*{_NOTE}(?=\s|\Z|[\u3040-\u30ff\u3400-\u9fff{_PICTURES}])"
# What a text is read for: markers at the beginning of lines, and terminators. It begins with one class of characters,
# so that the search skips what lies between.
_EVENT = re.compile(rf"[\r\n{_WIDE}{_NARROW}](?:(?<=[\r\n]){_MARKER}|{_WIDE_END}|{_NARROW_END})")
_MARKS = re.compile(f"[{_NARROW}]+")
_BREAKS = re.compile(r"[\r\n]*")
_BEFORE = re.compile(r"[^\s(\"'“‘«\[*_]*\Z")
_OPENERS = re.compile(r"[ \t\"'“‘«(\[*_¿¡「『（]*")
# Never the end of a sentence, then never but before a capital.
_ALWAYS = frozenset(
    "dr mr mrs ms prof sr sra srta dra dña lic ing arq gral mt rev capt lt sgt e.g i.e cf vs viz p.ej ej núm pág págs "
    "ud uds ee approx a.k.a messrs mme mmes mlle sig dott pp nr z.b d.h u.a bzw bspw ggf evtl "
    "p.s p.p.s n.b".split()
)
_TITLES = frozenset({"Gen", "Col", "Hon", "Gov", "Sen", "Rep", "Pres", "Maj", "Adm", "Univ"})
"""Abbreviations with a capital, words without one: *col* is cabbage."""
_OFTEN = frozenset(
    "etc inc ltd co corp jr st dept no nos vol ed eds al fig figs eq eqs art a.m p.m uu ee.uu ph.d a.c d.c "
    "jan feb apr jun jul aug sep sept oct nov dec ave blvd rd incl".split()
)
_PLACES = frozenset({"St", "Ft", "Av", "Avda"})
"""Part of the name behind them, as initials are: St. John; but Main St. The shop."""
_NUMBERED = frozenset("no vol op ch sec art fig est min max".split())
_NUMERAL = re.compile(r"\d|[IVXLC]{2,7}\b")
# 44 a. C., siglo: s. XIX, p. ej., p. 12
_SPACED = re.compile(r"(?:[ad]\.[^\S\r\n]?C\b|s\.[^\S\r\n]?[IVX]+\b|p\.[^\S\r\n]?(?:ej\b|\d))")
# After one capital letter these begin a sentence more often than a name: Vitamin C. It helps.
_STARTER = re.compile(
    r"(?:The|This|That|These|Those|It|Its|He|She|They|We|You|In|On|At|For|But|And|Then|If|There|When|El|La|Los|Las|Es"
    r"|Un|Una|Pero|Y|En|Si|Luego|My|Your|His|Her|Our|Their|What|Why|How|While|After|Before|However)\b"
    r"|I['’ ](?-i:[a-z])",
    re.IGNORECASE,
)
_QUOTES = '”』」"’'
_SAID = re.compile(r"[^\s。！？“「『，,：]{0,6}?(?:说|問|问|道|答|喊|叫|笑|想)|と")
_READS = re.compile(r"[^\W_]")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")


_SHORT = frozenset(map(str.lower, _ALWAYS | _TITLES | _OFTEN | _PLACES | _NUMBERED))
"""What a full stop may stand behind without ending a sentence, besides single letters and what holds dots."""


def _ends(text: str, begin: int, start: int, end: int, last: int) -> bool:
    """Tells whether a Western terminator from ``start`` to ``end`` ends a sentence.

    Args:
        begin: where what may stand before it begins at the earliest.
        last: where the text that is read ends.
    """
    if end == last or text[end] in "\r\n":
        return True
    token = ""
    if text[start] == ".":
        first = max(begin, start - 24)
        token = text[max(first, text.rfind(" ", first, start) + 1) : start]
        if end - start == 1 and (not token or (len(token) > 1 and token.isalnum() and token.lower() not in _SHORT)):
            return True
    rest = end + 1
    if rest == last or text[end] != " " or not text[rest].isalnum():
        rest = _OPENERS.match(text, end, last).end()  # type: ignore[union-attr]
        if rest == last or text[rest] in "\r\n":
            return True
    if text[start] != "." or end - start > 1:
        marks = _MARKS.match(text, start, end).group()  # type: ignore[union-attr]
        if marks != ".":
            # An ellipsis, or a mark inside quotes, followed by a small letter goes on: "Why?" he asked. So does an
            # ellipsis with a Chinese or Japanese character right behind it: 我……我不知道。
            trails = "…" in marks or marks.startswith("..")
            if trails and rest == end and text[rest] > "\u3000" and text[rest].isalpha():
                return False
            return not ((trails or len(marks) < end - start) and text[rest].islower())
    if not token.isalnum():
        token = _BEFORE.search(token).group()  # type: ignore[union-attr]
    return not token or _ends_after(token, text, start, rest, last)


def _ends_after(token: str, text: str, start: int, rest: int, last: int) -> bool:
    """Tells whether a full stop behind a short token, before what stands at ``rest``, ends a sentence."""
    # Initials: J. Smith, J.K. Rowling, U.S. Navy. The pronoun I may end a sentence, and so may Plan B.
    if len(token) == 1:
        if token in "adsp" and _SPACED.match(text, start - 1, last):
            return False
        if token.islower() and text[rest].isdigit():
            # c. 1990
            return False
        if token == "I" or not token.isupper():
            return True
        return _STARTER.match(text, rest, last) is not None and not _begins_line(text, start - 1)
    plain = token.lower()
    if plain in _ALWAYS or token in _TITLES:
        return False
    dotted = "." in token and _DOTTED.fullmatch(token)
    if token in _PLACES or (dotted and token.isupper()):
        return _STARTER.match(text, rest, last) is not None
    if plain in _NUMBERED and _NUMERAL.match(text, rest, last):
        return False
    return text[rest].isupper() if dotted or plain in _OFTEN else True


def _begins_line(text: str, at: int) -> bool:
    """Tells whether nothing stands before an offset on its line: the A. of a list."""
    while at > 0 and text[at - 1] in " \t":
        at -= 1
    return at == 0 or text[at - 1] in "\r\n"


def _ends_wide(text: str, end: int, last: int) -> bool:
    """Tells whether a Chinese, Hindi … terminator ends a sentence: in ``“好吗？”他问。`` the first does not."""
    return text[end - 1] not in _QUOTES or _SAID.match(text, end, last) is None


def sentence_spans(text: str, lines: Sequence[Span]) -> list[Span]:
    """Gives the [start, end) spans of the sentences; what holds no letter or digit is none.

    Args:
        lines: the spans of the lines to read, in order; empty ones may be left out.
    """
    regions: list[Span] = []
    first = last = -1
    for start, end in lines:
        if last < 0 or text[last:start].strip("\r\n"):
            if last >= 0:
                regions.append((first, last))
            first = start
        last = end
    return sentences_in(text, [*regions, (first, last)] if last >= 0 else [])


def sentences_in(text: str, regions: Sequence[Span]) -> list[Span]:
    """Gives the sentences of parts of a text, each of them whole lines; one may go on in the next part."""
    spans: list[Span] = []
    at: int | None = None  # Where the open sentence begins; null where it begins with the first line after ``free``.
    for first, last in regions:
        marker = _FIRST_MARKER.match(text, first, last)
        begin = free = marker.end() if marker else first
        for match in _EVENT.finditer(text, begin, last):
            start, end = match.span()
            mark = text[start]
            if mark in "\r\n":
                begin = end
                if at is None:
                    line = _BREAKS.match(text, free, last).end()  # type: ignore[union-attr]
                    at, free = (None, end) if line > start else (line, free)
                continue
            if not (_ends(text, begin, start, end, last) if mark in _NARROW else _ends_wide(text, end, last)):
                continue
            if at is None:
                at = _BREAKS.match(text, free, last).end()  # type: ignore[union-attr]
            # Most often a letter stands behind one space.
            at += text[at] == " "
            if text[at].isalnum():
                spans.append((at, end))
            else:
                _add(spans, text, at, end)
            begin = at = end
            if end == last or text[end] in "\r\n":
                at, free = None, end
        if at is None and (line := _BREAKS.match(text, free, last).end()) < last:  # type: ignore[union-attr]
            at = line
    if at is not None:
        _add(spans, text, at, regions[-1][1])
    return spans


def _add(spans: list[Span], text: str, start: int, end: int) -> None:
    """Adds a sentence without the white space around it, if there is anything to read."""
    if _READS.search(text, start, end):
        part = text[start:end]
        spans.append((start + len(part) - len(part.lstrip()), start + len(part.rstrip())))
