"""Finding a user's word or phrase in a text: escaped, at word boundaries, any case.

A boundary stands where the phrase's edge and the text's next character are both of a script that puts spaces between
words; Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese characters need none. Combining marks belong to the
letter before them. Straight and curly apostrophes are one, any white space matches any other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from ..document import Document, Span

__all__ = ["appears", "ends_with", "may_appear", "places", "places_in", "starts_with", "without"]

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0002fa1f"
)
_MARKS = "\u0300-\u036f\u064b-\u065f\u0900-\u0903\u093a-\u094f"
_LETTER = re.compile(rf"[^\W_{_UNSPACED}]|[{_MARKS}]")
_SPACE = r"\s+"
_LOOSE = re.compile(r"[\s']")
"""What stands for other characters too."""
_REACH = 8
"""An end is looked for in so many times the phrase's length: white space inside it may be longer in the text."""


@lru_cache(maxsize=4096)
def _pattern(phrase: str, tail: str = "") -> re.Pattern[str]:
    """Compiles a phrase that is not blank, composed and decomposed, with such boundaries as ASCII letters make.

    What other letters stand around it is for ``_bounded``: classes of all of them take milliseconds to compile.
    """
    forms = dict.fromkeys(unicodedata.normalize(form, phrase) for form in ("NFC", "NFD"))
    parts = ((re.sub("['’]", "['’]", re.escape(part)) for part in form.split()) for form in forms)
    before = "(?<![A-Za-z0-9])" if _LETTER.match(phrase[0]) else ""
    behind = "(?![A-Za-z0-9])" if _LETTER.match(phrase[-1]) else ""
    either = "|".join(map(_SPACE.join, parts))
    return re.compile(f"{before}(?i:{either}){behind}{tail}")


def _bounded(text: str, start: int, end: int) -> bool:
    """Tells whether a word begins and ends where a match does."""
    left = start > 0 and _LETTER.match(text, start - 1) and _LETTER.match(text, start)
    right = end < len(text) and _LETTER.match(text, end) and _LETTER.match(text, end - 1)
    return not (left or right)


def places(phrase: str, text: str) -> Iterator[Span]:
    """Finds where the phrase stands, without overlap."""
    return places_in(phrase, Document(text))


def places_in(phrase: str, document: Document) -> Iterator[Span]:
    """Finds the same in a response, whose small letters are known to all who look."""
    plain, folded = _plain(phrase), document.folded
    if plain and folded is not None:
        return _plain_places(*plain, document.text, folded)
    return _matched_places(phrase.strip(), document.text) if may_appear(phrase, document) else iter(())


@lru_cache(maxsize=4096)
def _plain(phrase: str) -> tuple[str, bool, bool] | None:
    """Gives a phrase that has but one form in lower case, and whether its edges need a boundary; else null."""
    phrase = phrase.strip()
    if not phrase.isascii() or _LOOSE.search(phrase):
        return None
    return phrase.lower(), phrase[0].isalnum(), phrase[-1].isalnum()


def _plain_places(phrase: str, left: bool, right: bool, text: str, small: str) -> Iterator[Span]:
    """Finds a plain phrase in a text and its lower case: nothing is compiled."""
    size, at = len(phrase), small.find(phrase)
    while at >= 0:
        end = at + size
        if (left and at and _is_letter(text[at - 1])) or (right and end < len(text) and _is_letter(text[end])):
            at = small.find(phrase, at + 1)
        else:
            yield at, end
            at = small.find(phrase, end)


def _is_letter(character: str) -> bool:
    return character.isalnum() if character.isascii() else _LETTER.match(character) is not None


def _matched_places(phrase: str, text: str) -> Iterator[Span]:
    pattern, at = _pattern(phrase), 0
    while match := pattern.search(text, at):
        at = match.start() + 1
        if _bounded(text, *match.span()):
            yield match.span()
            at = match.end()


def starts_with(phrase: str, text: str, at: int) -> Span | None:
    """Gives the phrase's place if it stands at an offset."""
    match = _pattern(phrase.strip()).match(text, at)
    return match.span() if match and _bounded(text, *match.span()) else None


def ends_with(phrase: str, text: str, end: int) -> Span | None:
    """Gives the phrase's place if it ends at an offset."""
    phrase = phrase.strip()
    at = max(0, end - _REACH * len(phrase) - 64)
    # In plain text a phrase ends as its last word does: mostly that tells, and nothing is compiled.
    if phrase.isascii() and text.isascii() and not text[at:end].lower().endswith(_last_word(phrase)):
        return None
    if _LETTER.match(phrase[-1]) and _LETTER.match(text, end):
        return None
    pattern = _pattern(phrase, r"\Z")
    while match := pattern.search(text, at, end):
        if _bounded(text, *match.span()):
            return match.span()
        at = match.start() + 1
    return None


@lru_cache(maxsize=4096)
def _sign(phrase: str) -> str:
    """Gives what must stand in the folded text where the phrase stands in the text; empty where that is not known."""
    return max(re.split(r"[\s'’]+", phrase.lower()), key=len) if phrase.isascii() else ""


@lru_cache(maxsize=4096)
def _last_word(phrase: str) -> str:
    return re.split(r"[\s']", phrase.lower())[-1]


def may_appear(phrase: str, document: Document) -> bool:
    """Tells quickly of most phrases that are not in the text that they are not."""
    folded = document.folded
    return folded is None or _sign(phrase) in folded


def appears(phrase: str, text: str) -> bool:
    """Tells whether the phrase is in the text."""
    return next(places(phrase, text), None) is not None


def without(phrases: tuple[str, ...]) -> str:
    """Gives a short text in which none of the phrases appears; for witnesses."""
    for text in ("Fine.", "Good so far.", "Very well!", "好的。", "7", "?", "#", "%", "~"):
        if not any(appears(phrase, text) for phrase in phrases):
            return text
    return "§"
