"""Where the fifty person names of IFBench stand, as whole words with their capital or all in capitals."""

from __future__ import annotations

import re

from ..document import Span
from ._ifbench_lists import PERSON_NAMES

__all__ = ["names_in"]

_CAPITALISED = re.compile(r"[A-Z][A-Za-z]+")
_FORMS = {form: name for name in PERSON_NAMES for form in (name, name.upper())}


def names_in(text: str, cut: bool) -> tuple[Span, ...]:
    """Gives the first place of each name that the text has, in order.

    Args:
        cut: a name at the very end may go on and is none.
    """
    found: dict[str, Span] = {}
    for form in _FORMS.keys() & set(_CAPITALISED.findall(text)):
        at = text.find(form)
        while at >= 0:
            end = at + len(form)
            alone = not (_is_letter(text[end : end + 1]) or (at and _is_letter(text[at - 1])))
            if alone and not (cut and end == len(text)):
                name = _FORMS[form]
                found[name] = min(found.get(name, (at, end)), (at, end))
                break
            at = text.find(form, end)
    return tuple(sorted(found.values()))


def _is_letter(character: str) -> bool:
    """Tells whether a name goes on with a character; nothing is none."""
    if character.isascii():
        return character.isalpha()
    return "\u00c0" <= character <= "\u024f" or "\u0300" <= character <= "\u036f"
