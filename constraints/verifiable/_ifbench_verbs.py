"""Telling whether an English text opens with a verb, in any form: imperative, question, past, third person, *-ing*.

A form that is nearly always a verb decides alone. One that may be a noun or an adjective (*plan*, *love*, *building*)
is decided by what follows it: an object (*Plan the …*), another verb (*Plans are …*), the rest of a whole sentence.
Where that does not tell, the answer is null.
"""

from __future__ import annotations

import re

from ...schemas.text import words
from ..document import MARGIN
from ._ifbench_verb_list import (
    ADJECTIVES_ING,
    AUXILIARIES,
    EITHER,
    IRREGULAR,
    MAINLY_NOUNS,
    NOUNS_ING,
    PARTICIPLES,
    VERBS,
)

__all__ = ["first_word", "opens_with_verb"]

_REACH = 600
"""Characters of the opening that are looked at."""
_KNOWN = VERBS | EITHER | MAINLY_NOUNS
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,20}(?:\s[^<>\n]{0,200})?/?>")
_NUMERAL = re.compile(r"(?:\d{1,3}|[a-z])[.)](?=\s)")
_WORD_START = re.compile(r"[^\W_]")
_COINED = re.compile(r"[a-z]*[aeiouy][a-z]+ing")
"""A stem of more than one letter with a vowel: *whirring*, not *string*."""
_AFTER = re.compile(r"[\s*_\"'“”‘’]*")
_OBJECTS = frozenset(
    """a an the this these those your my our their his her its it them me us him you yourself yourselves myself
    themselves itself oneself all each every any some both either another up out off down away back how what why where
    whether who whom if carefully together yes so too as not please one two three four five six seven eight nine
    ten twelve twenty here there everything everyone something someone anything nothing whatever home enough""".split()
)
"""Words that follow a verb rather than a noun that opens a text."""
_CLAUSES = frozenset("that which who what how where when while if before until so because".split())
"""Words that open a clause with a verb of its own."""
_NUMBERS = frozenset("one two three four five six seven eight nine ten twelve twenty".split())
_PREPOSITIONS = frozenset("in into on onto with for of at by from about over under through between without".split())
_LINKS = frozenset(
    """is are was were has had can could will would shall should may might must does did isn't aren't wasn't weren't
    can't won't doesn't didn't hasn't cannot of""".split()
)
"""Words that follow a noun rather than an imperative."""
_NO_ADVERBS = frozenset(
    """family reply supply only early daily weekly monthly yearly friendly lovely likely italy elderly""".split()
)
_SUBJECTS = frozenset(
    """i you he she it we they the a an this that these those there my your our their his her its""".split()
)
_MODAL_NAMES = frozenset({"will", "may", "might"})
"""Modal verbs that are names and nouns too."""
_MOTION = frozenset(
    """return travel drive walk run race hike march journey drift leap jump lead talk listen step dive venture
    look""".split()
)
"""Verbs that go with *to* and *into*; of others the noun may, as in *Answer to …*."""
_OF = frozenset("think dispose beware speak hear consist conceive approve tell know learn rid reek beg".split())
_NUMBERED = frozenset(
    """step part question answer stage page level round note point figure table phase model chapter section article
    scene room verse option version unit type""".split()
)
"""What a number follows as a label: *Step 1*, *Chapter one*."""
_THAT = frozenset("note show state hope report wonder worry trust notice mean".split())
_NEVER = frozenset(
    """during morning evening nothing something everything anything ceiling sibling darling inning pudding stocking
    viking sterling herring dumpling duckling seedling earring shilling beijing according indeed please hundred red bed
    seed sacred kindred perhaps always sometimes besides news thanks politics physics mathematics united""".split()
)
"""Look like forms of verbs and are none."""
_ENGLISH = frozenset(
    """the of and to is that it for with this you your by from at be not have was are on as or an we they can will our
    their which these its has how what when""".split()
)
_ARTICLES = frozenset("the a an my your our their its every each".split())
_DETERMINERS = frozenset("the a an your my our his their its it them this these those".split())
_NO_VERBS = frozenset(
    """about above across after afterwards against ago ah aha alas all almost along alongside already although amid
    amidst among amongst and another any anyway apart around as aside at away because before behind below beneath
    beside besides between beyond both bout but by concerning considering despite down each else enough even ever
    every except far few finally first for from furthermore half hello hence here hey hi how however i if in indeed
    inside instead into just last later lest many maybe meanwhile more moreover most much near neither never
    nevertheless next no nobody none nor not now of off often oh ok okay on once one only onto ooh opposite or
    otherwise out outside over past per perhaps quite rather regarding second seldom several since so some somehow
    somewhere soon still such than that then there therefore third this though through throughout thus till to today
    together tomorrow tonight too toward towards tuesday twas twice under underneath unless unlike until unto up
    upon versus very via wednesday well what whatever when whenever where whereas wherever whether which while who
    whoever whose why with within without wow yes yesterday yet""".split()
)
"""Small words and adverbs that an article or a pronoun may follow."""
_FOREIGN = frozenset(
    """el los las del que en y una por para con es lo su como der die das und ist ein eine zu den mit von für auf nicht
    sich dem wir sie le les des et une dans pour est du au qui sur il elle ce nous vous o os da em um uma não com di che
    per sono della gli dei ka na ya wa kwa ki hai ke het een van niet och att""".split()
)


def first_word(text: str) -> tuple[int, int] | None:
    """Gives the [start, end) place of the first word; marks, tags and list numerals before it do not count.

    Returns:
        Null where there is none among the first characters.
    """
    at, end = 0, min(len(text), _REACH)
    while at < end:
        if text[at] == "<" and (tag := _TAG.match(text, at)) and not (at and text[at - 1] == "<"):
            at = tag.end()
        elif numeral := _NUMERAL.match(text, at):
            at = numeral.end()
        elif _WORD_START.match(text, at):
            word = words(text[at : at + 200])[0]
            return (at, at + len(word)) if text.startswith(word, at) else (at, at + 1)
        else:
            at += 1
    return None


def _bases(word: str, suffix: str) -> list[str]:
    """Gives what a regular form may come from: *planning* from *plan*, *making* from *make*, *tries* from *try*."""
    stem = word.removesuffix(suffix)
    found = [stem, f"{stem}e"]
    if len(stem) > 2 and stem[-1] == stem[-2]:
        found.append(stem[:-1])
    if stem.endswith("i"):
        found.append(f"{stem[:-1]}y")
    if suffix == "ing" and stem.endswith("y"):
        found.append(f"{stem[:-1]}ie")
    return found


def _base(word: str, suffix: str) -> str | None:
    """Gives the base form of a regular form; null where none is known."""
    if not word.endswith(suffix) or len(word) < len(suffix) + 2:
        return None
    return next((base for base in _bases(word, suffix) if base in _KNOWN), None)


def _third(word: str) -> str | None:
    """Gives the base form of a third person: *explores*, *goes*, *tries*."""
    if not word.endswith("s") or word.endswith("ss"):
        return None
    options = [word[:-1], word.removesuffix("es"), f"{word.removesuffix('ies')}y" if word.endswith("ies") else ""]
    return next((base for base in options if base in _KNOWN and base != word), None)


def _foreign(text: str) -> bool:
    """Tells whether a text reads as another language than English: by its small words."""
    seen = words(text[:_REACH].lower() if text.isascii() else text[:_REACH])
    seen = seen if text.isascii() else list(map(str.lower, seen))
    foreign = sum(map(_FOREIGN.__contains__, seen))
    return foreign >= 2 and foreign > sum(map(_ENGLISH.__contains__, seen))


def _may_govern(word: str) -> bool:
    """Tells whether a word may be the verb of a sentence."""
    if word in AUXILIARIES or word in IRREGULAR or word in PARTICIPLES or word in VERBS or word in EITHER:
        return word not in {"be", "been", "being", "like"}
    base = _third(word) or _base(word, "ed")
    return base is not None and base not in MAINLY_NOUNS


def _governs(rest: str) -> bool | None:
    """Tells whether the opening is the only verb of its sentence; null where the sentence is not whole."""
    line = rest.partition("\n")[0]
    end = next((at for at, mark in enumerate(line) if mark in ".!;"), None)
    if end is None:
        return None
    after = [word.lower() for word in words(line[:end])]
    # What follows an article is a noun; what follows *to*, *and* or a relative belongs to another clause, or is
    # governed by the opening.
    governed = {"to", "and", "or", "as", "not", *_ARTICLES}
    inner = phrase = False
    # A singular noun takes no base form after it: in *Travel light.* the second word is no verb.
    if after and (after[0] in VERBS or after[0] in EITHER):
        after[0] = ""
    for before, word in zip(["", *after], after, strict=False):
        inner = inner or before in _CLAUSES
        phrase = phrase or before in _PREPOSITIONS
        # After a preposition a word that may be a noun is one.
        noun = phrase and (word in EITHER or (_third(word) or "") in EITHER)
        if not inner and not noun and before not in governed and _may_govern(word):
            return None
    return True if after else None


def _is_label(text: str, end: int) -> bool:
    """Tells whether the opening belongs to a few capitalised words before a colon: *Journal Entry:*."""
    label, colon, _ = text[end : end + 80].partition("\n")[0].partition(":")
    return bool(colon) and all(word[:1].isupper() or word[:1].isdigit() for word in words(label))


def _in_context(word: str, base: str, text: str, end: int, mainly_noun: bool = False) -> bool | None:
    """Decides a form that may be a noun by what follows it."""
    rest = text[end : end + _REACH]
    gap = _AFTER.match(rest)
    stop = gap.end() if gap else 0
    mark, newline = rest[stop : stop + 1], "\n" in rest[:stop]
    if (mark and mark in ":])|=") or _is_label(text, end):
        return False
    if mark == "!" and not mainly_noun:
        return True
    after = words(rest[stop:])[:3] if mark.isalnum() and not newline else []
    following = after[0].lower() if after else ""
    if following in _LINKS:
        return False
    if following in _OBJECTS:
        return not (following in _NUMBERS and base in _NUMBERED)
    if following == "that":
        return True if base in _THAT or len(after) == 1 else None
    if following in {"to", "into", "onto"} and base in _MOTION:
        return True
    if following.isdigit():
        return base not in _NUMBERED and not mainly_noun
    if following.endswith("ly") and len(following) > 4 and following not in _NO_ADVERBS:
        return True
    if mainly_noun:
        return False
    if following in {"and", "or", "&"} and len(after) > 1 and after[1].lower() in VERBS and word == base:
        return True
    return _governs(rest) if word == base else None


def _decide_base(word: str, text: str, end: int) -> bool | None:
    """Decides a base form."""
    if word == "like" and _compares(text[end : end + _REACH]):
        return False
    if word in _MODAL_NAMES:
        after = words(text[end : end + 80])
        following = after[0] if after else ""
        if following.lower() in _SUBJECTS:
            return True
        return False if following.lower() in _LINKS or following.isdigit() else None
    if word in VERBS:
        # *List of …*, *Sleep is …*
        following = next(iter(words(text[end : end + 80])), "").lower()
        return following not in _LINKS or (following == "of" and word in _OF)
    return _in_context(word, word, text, end, word in MAINLY_NOUNS)


def _compares(rest: str) -> bool:
    """Tells whether *Like* opens a comparison that a comma ends: in *Like a bird, she sang.* it does."""
    before, comma, after = rest.partition("\n")[0].partition(",")
    subject = next(iter(words(after)), "").lower()
    return bool(comma) and subject in _SUBJECTS and not any(mark in before for mark in ".!?;")


def _decide_form(word: str, text: str, end: int) -> bool | None:
    """Decides what is no base form: a regular or irregular form, or no verb at all."""
    if word in PARTICIPLES:
        return True if _followed(text, end) else None
    if word in ADJECTIVES_ING or word in NOUNS_ING:
        return True if _followed(text, end) else False if word in ADJECTIVES_ING and word != "leading" else None
    if _base(word, "ing") or _COINED.fullmatch(word):
        return True
    if base := _base(word, "ed"):
        return True if base not in MAINLY_NOUNS or _followed(text, end) else None
    if len(word) > 5 and word.endswith("ed"):
        return True if _followed(text, end) else None
    if base := _third(word):
        return True if base in VERBS else _in_context(word, base, text, end, base in MAINLY_NOUNS)
    if word.endswith(("ize", "izes", "ized", "izing", "ify", "ifies", "ified", "ifying")) and len(word) > 6:
        return True
    prefixed = next((word.removeprefix(p) for p in ("re", "un", "over", "mis", "out", "pre") if word.startswith(p)), "")
    if len(prefixed) > 3 and prefixed in VERBS:
        return True
    return _maybe_unlisted(word, text, end)


def _maybe_unlisted(word: str, text: str, end: int) -> bool | None:
    """Gives null where an object follows what no list has and no adverb is, which may be a rare verb, else false."""
    after = words(text[end : end + 80])
    named = len(after) > 1 and after[1][:1].isupper()
    if word in _NO_VERBS or not word.isalpha() or word.endswith(("ly", "day")) or not after or named:
        return False
    gap = _AFTER.match(text, end)
    joined = gap is not None and text.startswith(after[0], gap.end())
    return None if joined and after[0].lower() in _DETERMINERS else False


def _followed(text: str, end: int) -> bool:
    """Tells whether what a verb takes follows: an object, a preposition, a number."""
    after = words(text[end : end + 80])
    following = after[0].lower() if after else ""
    takes = {
        "by",
        "in",
        "on",
        "from",
        "with",
        "to",
        "at",
        "for",
        "about",
        "over",
        "around",
        "through",
        "into",
        "between",
    }
    return following in _OBJECTS or following in takes or following.isdigit()


def opens_with_verb(text: str) -> bool | None:
    """Tells whether a text opens with a verb.

    Returns:
        Null where it cannot be told: a word that may be a verb or a noun, a text that is not English, no word at all.
    """
    place = first_word(text.rstrip(MARGIN))
    if place is None:
        return None
    start, end = place
    word = text[start:end].lower().replace("’", "'")
    letters = re.sub(r"[^\w]", "", word)
    if not (letters.isascii() or word in VERBS) or _foreign(text):
        return None
    if word in AUXILIARIES:
        return True
    if word in _NEVER or word[:1].isdigit():
        return False
    if word == "welcome":
        following = next(iter(words(text[end : end + 80])), "").lower()
        return True if following in {"a", "an", "the", "each", "every", "them", "your", "their"} else None
    if "-" in word:
        last = word.rpartition("-")[2]
        return True if word in VERBS else (None if last in VERBS or last in EITHER else _decide_form(last, text, end))
    if word in _KNOWN or word in _MODAL_NAMES:
        return _decide_base(word, text, end)
    return True if word in IRREGULAR else _decide_form(word, text, end)
