"""Sentences by rule, as IFEvalG splits them: marks are written into the text, and the text is cut at them.

Punkt is not asked: IFEval's code has these rules beside it. A text that contains the marks itself is read like one into
which they were written, as in the published code.
"""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["rule_sentences"]

_LETTER = "([A-Za-z])"
_SUFFIX = "(Inc|Ltd|Jr|Sr|Co)"
_STARTER = (
    r"(Mr|Mrs|Ms|Dr|Prof|Capt|Cpt|Lt|He\s|She\s|It\s|They\s|Their\s|Our\s|We\s|But\s|However\s|That\s|This\s|Wherever)"
)


def _dots(match: re.Match[str]) -> str:
    """Keeps two or more full stops, and ends a sentence after them."""
    return "<prd>" * len(match.group()) + "<stop>"


_RULES: tuple[tuple[str, str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"\.(?<=(?:Mr|St|rs|Ms|Dr)\.)", r"(Mr|St|Mrs|Ms|Dr)\.", r"\1<prd>"),
    (r"\.[cnoigem]", r"\.(com|net|org|io|gov|edu|me)", r"<prd>\1"),
    (r"\.[0-9]", r"([0-9])\.([0-9])", r"\1<prd>\2"),
    (r"\.\.", r"\.{2,}", _dots),
    (r"\.D\.", r"Ph\.D\.", "Ph<prd>D<prd>"),
    (r"\. (?<=\s[A-Za-z]\. )", rf"\s{_LETTER}\. ", r" \1<prd> "),
    (r"\. (?<=[A-Z]\.[A-Z]\. )", rf"([A-Z]\.[A-Z]\.(?:[A-Z]\.)?) {_STARTER}", r"\1<stop> \2"),
    (r"\.[A-Za-z]\.", rf"{_LETTER}\.{_LETTER}\.{_LETTER}\.", r"\1<prd>\2<prd>\3<prd>"),
    (r"\.[A-Za-z]\.", rf"{_LETTER}\.{_LETTER}\.", r"\1<prd>\2<prd>"),
    (r"\.(?<=[cdro]\.)", rf" {_SUFFIX}\. {_STARTER}", r" \1<stop> \2"),
    (r"\.(?<=[cdro]\.)", rf" {_SUFFIX}\.", r" \1<prd>"),
    (r"\.(?<= [A-Za-z]\.)", rf" {_LETTER}\.", r" \1<prd>"),
)
"""What a text has to contain, what is looked for, what is written, in this order.

The first is there for speed: a pattern that starts with a full stop is searched for several times faster.
"""
_COMPILED = tuple((re.compile(needed), re.compile(pattern), written) for needed, pattern, written in _RULES)
_OUTSIDE = ((".”", "”."), ('."', '".'), ('!"', '"!'), ('?"', '"?'))
"""Ends inside a quotation go outside."""


def rule_sentences(text: str) -> list[str]:
    """Splits a text into stripped sentences, blank ones between two ends among them, none after the last end."""
    marked = f" {text}  ".replace("\n", " ")
    if "." in marked:
        for needed, pattern, written in _COMPILED:
            if needed.search(marked):
                marked = pattern.sub(written, marked)
    for inside, outside in _OUTSIDE:
        marked = marked.replace(inside, outside)
    for end in ".?!":
        marked = marked.replace(end, end + "<stop>")
    sentences = [sentence.strip() for sentence in marked.replace("<prd>", ".").split("<stop>")]
    return sentences if sentences[-1] else sentences[:-1]
