"""Whether two constraints can hold together, and a reader would ask for both."""

from __future__ import annotations

from typing import Any

from ..schemas.text import words
from .constraint import CONSTRAINTS, family_of
from .joint import Held, as_ours, fewest
from .verifiable._fit import has_case
from .verifiable._literal import appears

__all__ = ["compatible", "counted_alike"]

# Least words that a sentence, a paragraph or a bullet takes, and the most that a sentence should be asked for.
_WORDS_EACH = {"length.sentences": 4, "length.paragraphs": 8, "format.bullets": 2}
_WORDS_A_SENTENCE = 40
# Words that each occurrence takes at least, where a maximum of words is asked for.
_SHARE = {
    "keywords.frequency": 6,
    "case.capital_words": 4,
    "count.placeholders": 4,
    "count.numbers": 3,
    "format.highlights": 3,
}
_TITLE_WORDS = 10
# Languages whose words are not what a wording's "words" are; Chinese ones are counted by the character.
_UNCOUNTED = frozenset("ja th lo km my".split())


def _most(params: dict[str, Any]) -> int | None:
    shift = {"at_most": 0, "exactly": 0, "less_than": -1}.get(params.get("relation", ""))
    return None if shift is None else int(params["n"]) + shift


def _literals(held: Held) -> list[str]:
    """Gives the texts that a response must hold."""
    id, params = held
    if id == "keywords.include":
        return list(params["words"])
    if id == "keywords.frequency" and fewest(params):
        return [params["keyword"]]
    if id in ("start_end.start_phrase", "start_end.end_phrase"):
        return [params["phrase"]]
    return []


def _named(held: Held) -> list[str]:
    """Gives the words a constraint is about."""
    id, params = held
    return {
        "keywords.include": lambda: list(params["words"]),
        "keywords.exclude": lambda: list(params["words"]),
        "keywords.frequency": lambda: [params["keyword"]],
    }.get(id, lambda: _literals(held))()


def _lengths_clash(a: Held, b: Held) -> bool:
    """Tells whether what ``a`` needs at least does not fit into what ``b`` allows at most."""
    (one, params), (other, limits) = a, b
    least, most = fewest(params), _most(limits)
    if most is None:
        return False
    if other == "length.words" and (texts := _literals(a)):
        # What must be said word for word takes half of an answer at most.
        return 2 * len(words(" ".join(texts))) > most or least * _SHARE.get(one, 0) > most
    if other == "length.sentences" and one == "start_end.end_phrase":
        return most < 2 and not params["phrase"][-1].isalnum()
    if other == "length.words" and one == "format.title":
        return most < _TITLE_WORDS
    if not least:
        return False
    if other == "length.words":
        if one in _WORDS_EACH:
            return least * _WORDS_EACH[one] > most
        if one in _SHARE:
            return least * _SHARE[one] > most
        return one == "count.letter" and 2 * least > most
    if other == "length.sentences":
        return (one in ("length.paragraphs", "format.bullets") and least > most) or (
            one == "length.words" and least > most * _WORDS_A_SENTENCE
        )
    return False


def _words_clash(a: Held, b: Held) -> bool:
    """Tells whether texts that ``a`` asks for go against ``b``."""
    other, limits = b
    needed = _literals(a)
    if other == "case.lower":
        return any(text != text.lower() for text in needed)
    if other == "case.upper":
        return any(text != text.upper() for text in needed)
    if other == "punctuation.no_comma":
        return any(mark in text for text in needed for mark in ",，、")
    if other == "punctuation.no_exclamation":
        return any(mark in text for text in needed for mark in "!！¡")
    if other == "count.letter" and _most(limits) is not None:
        return sum(text.lower().count(str(limits["letter"]).lower()) for text in needed) > (_most(limits) or 0)
    if other.startswith("keywords."):
        # Two constraints on one word, or on a word inside the other's phrase, would only confuse.
        return any(appears(x, y) or appears(y, x) for x in _named(a) for y in _named(b))
    return False


def _languages_clash(a: Held, b: Held) -> bool:
    """Tells whether ``a`` asks for letters that the language ``b`` asks for does not have."""
    return b[0] == "language.response" and a[0].startswith("case.") and not has_case(b[1]["language"])


def counted_alike(a: Held, b: Held, wording: str) -> bool:
    """Tells whether an answer's words are what its wording says: 字 of a Chinese answer, words of any other.

    Args:
        wording: the language that constraints are worded in.
    """
    asked = dict([a, b])
    if "length.words" not in asked or "language.response" not in asked:
        return True
    language = asked["language.response"]["language"]
    return bool((wording == "zh") == (language == "zh") and language not in _UNCOUNTED)


def compatible(a: Held, b: Held) -> bool:
    """Tells whether two constraints, each an id and its parameters, may be asked for together."""
    a, b = as_ours(a), as_ours(b)
    if a[0] == b[0]:
        return False
    one, other = CONSTRAINTS.get(a[0]), CONSTRAINTS.get(b[0])
    if one.slots & other.slots:
        return False
    for first, second in ((one, other), (other, one)):
        if first.conflicts & {second.id, family_of(second.id)}:
            return False
    clashes = (_lengths_clash, _words_clash, _languages_clash)
    return not any(clash(x, y) for clash in clashes for x, y in ((a, b), (b, a)))
