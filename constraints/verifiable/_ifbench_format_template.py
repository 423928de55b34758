"""The template of three labelled parts."""

from __future__ import annotations

import re

from ..document import Span

__all__ = ["LABELS", "read_template"]

LABELS = ("My Answer:", "My Conclusion:", "Future Outlook:")
_PLACEHOLDERS = ("answer", "conclusion", "outlook")
# Emphasis may stand around a label or its colon: **My Answer**: soup
_FORMS = tuple(re.compile(rf"(?<![^\W_]){re.escape(label[:-1])}[*_]{{0,3}}[ \t]?[:：]") for label in LABELS)
_START = re.compile(r"[\s*_#>`\u200b\ufeff]*")


def read_template(text: str) -> tuple[bool, list[tuple[Span, bool]]]:
    """Finds the labels, each after the one before.

    Returns:
        Whether the text begins with the first, and, if it does, of the labels found in order where each stands and
        whether something stands after it that is not the template's own placeholder.
    """
    at = begin = _START.match(text).end()  # type: ignore[union-attr]
    places: list[Span] = []
    if not _FORMS[0].match(text, begin):
        return False, []
    for form in _FORMS:
        match = form.search(text, at)
        if match is None:
            break
        places.append(match.span())
        at = match.end()
    ends = [start for start, _ in places[1:]] + [len(text)]
    parts = [
        (place, _filled(text[place[1] : end], placeholder))
        for place, end, placeholder in zip(places, ends, _PLACEHOLDERS, strict=False)
    ]
    return True, parts


def _filled(part: str, placeholder: str) -> bool:
    plain = part.strip(" \t\r\n*_#.").lower()
    return plain != f"[{placeholder}]" and any(character.isalnum() for character in plain)
