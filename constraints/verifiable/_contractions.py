"""English contractions: ``don't``, ``it's``, ``we'll``, also without their apostrophe, and ``gonna``."""

from __future__ import annotations

import re

from ..document import Span

__all__ = ["contractions"]

_APOSTROPHE = "['’ʼ＇´`‛]"
_MARK = re.compile(_APOSTROPHE)
_JOINED = re.compile(rf"(?<![\w'’])([A-Za-z]{{1,30}}){_APOSTROPHE}([A-Za-z]{{1,4}})(?!\w)")
_LEADING = re.compile(rf"(?<!\w){_APOSTROPHE}(?:tis|twas|twere|twill|em|cause|bout|til)(?!\w)", re.IGNORECASE)
_LOOSE = re.compile(
    r"(?=[acdghiklostwy])(?<![\w'’.@/-])(?:dont|doesnt|didnt|isnt|wasnt|arent|werent|couldnt|wouldnt|shouldnt|hasnt|havent|hadnt|aint|youre"
    r"|theyre|youve|weve|theyve|youll|theyll|thats|whats|gonna|wanna|gotta|gimme|lemme|dunno|kinda|sorta|coulda|shoulda"
    r"|woulda|outta|lotta|y['’]all|yall)(?![\w'’@/-]|\.\w)",
    re.IGNORECASE,
)
_AFTER_IS = frozenset(
    """it that he she what who where when why how there here let this everything nothing something anything one's
    everybody everyone somebody someone""".split()
)
_OWNERS = frozenset("everybody everyone somebody someone".split())
"""Of these ``'s`` may also say whose."""
_NOT_OWNED = re.compile(r"\s+(?:an?|been|not|gonna|already)\s")
"""What cannot follow a possessive: *Tom's a friend*, *the cat's been fed*."""


def _contracts(match: re.Match[str], text: str) -> bool:
    word, ending = match[1].lower(), match[2].lower()
    if ending == "t":
        return word.endswith("n")
    if ending in ("re", "ve", "ll"):
        return True
    if ending == "d":
        # OD'd, KO'd are past tenses.
        return not (match[1].isupper() and len(word) > 1 and match[2].islower())
    if ending == "m":
        return word == "i"
    if ending == "s":
        if word in _AFTER_IS and word not in _OWNERS:
            return True
        return _NOT_OWNED.match(text, match.end()) is not None
    return word == "y" and ending == "all"


def contractions(text: str) -> list[Span]:
    """Finds contractions; *cannot*, *o'clock* and possessives (*Tom's*) are none.

    Args:
        text: with what is not to be read blanked out.
    """
    found: list[Span] = []
    if _MARK.search(text):
        found += [match.span() for match in _JOINED.finditer(text) if _contracts(match, text)]
        found += [match.span() for match in _LEADING.finditer(text)]
    found += [match.span() for match in _LOOSE.finditer(text)]
    return sorted(set(found))
