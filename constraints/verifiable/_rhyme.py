"""Whether two English words rhyme, by their spelling: surely, surely not, or it cannot be told."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from ._rhyme_sounds import ENDINGS, OPEN, WORDS
from ._syllable_range import syllable_range

__all__ = ["rhymes", "rhyming_words"]

_LONGEST = 30
_FAMILIES = """
ever never forever clever endeavour endeavor whenever wherever whatever however
other mother brother another smother
flower power tower shower hour our
together weather feather whether heather leather tether
pleasure treasure measure
sorrow tomorrow borrow
river shiver quiver deliver sliver
over clover rover
motion ocean notion devotion emotion commotion potion
story glory
heaven seven eleven
money honey funny sunny bunny
pretty city witty kitty pity
people steeple
better letter setter wetter
after laughter rafter
candle handle sandal scandal
trouble double bubble rubble
yellow fellow mellow bellow cello
winter splinter
higher fire desire choir wire liar flyer inspire entire
lion iron_
beauty duty
lonely only
merry berry cherry very ferry
fairy hairy dairy
hollow follow swallow_
table able stable cable fable
little brittle
water daughter_
wonder thunder under asunder
tender slender surrender splendour splendor
matter chatter scatter shatter clatter
dinner winner inner sinner thinner
butter mutter flutter gutter clutter stutter
feeling ceiling
silly hilly chilly frilly
jelly belly smelly
happy snappy nappy
dizzy busy
ready steady already
early pearly curly
apple grapple chapel
paper vapour vapor caper taper
middle riddle fiddle
nation station creation sensation celebration foundation imagination destination
reason season treason
mountain fountain
ago
""".strip().split("\n")
_VOICED = {"S": "Z", "Z": "Z", "T": "D", "D": "D", "K": "G", "G": "G", "P": "B", "B": "B", "F": "V", "V": "V"}
_NASALS = {"M": "N", "N": "N"}
_SOUND = re.compile(r"(-?)(EAI|EI|EE|AI|OH|OO|OI|AU|AA|AE|AW|UH|A|E|I|O|U)(.*)")
# Endings without stress; those whose vowel is blurred rhyme with what has the same consonants for all that is known.
_WEAK: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"(?:{pattern})\Z"), sound)
    for pattern, sound in (
        ("[tscx]ions?|cians?|sions?", ""),
        ("[^aeiou]y|ity|ley|ney|key|ky|ie", "-EE"),
        ("[^aeiou]ies|leys|neys|keys", "-EEZ"),
        ("ings", "-INGZ"),
        ("ing", "-ING"),
        ("[^aeiou]ers|[^aeiou]ors", "-ERZ"),
        ("[^aeiou]er|[^aeiou]or|[td]ure|sure", "-ER"),
        ("ments", "-UNTS"),
        ("ment", "-UNT"),
        ("ness|less|ous", "-US"),
        ("[^aeiou]ow|[^aeiou]o", "-OH"),
        ("[^aeiouq]ic", "-IK"),
        ("[td]ed", "-UD"),
        ("[^aeious]en|[^aeiou]on", "-UN"),
        ("[^aeiou]al|[^aeiouy]le|ful|[^aeiou]el", "-UL"),
        ("age", "-UJ"),
    )
)
_FULL = frozenset({"EE", "I", "OH"})
"""Vowels of weak endings that are not blurred."""
_SUFFIXES = ("ings", "ing", "ers", "er", "est", "ies", "y", "ly", "en", "less", "ness", "ful")
_LENGTHENED = re.compile(r"[aeiouy]\w*(?:ings?|ly|ers?|est|ness)\Z")
_MUTE = re.compile(r"(?:[aeiouy][bcdgklmnpstvz]|[nr]c|[lnr]s|r[gv]|[lv]v)\Z")
"""A stem that lost its last e: *danc-ing*."""
_NEAR = (
    frozenset({"AW", "O", "AA", "A", "AE"}),
    frozenset({"UH", "U", "OO"}),
    frozenset({"E", "I"}),
    frozenset({"E", "EAI"}),
)
_COMPOUND = re.compile(
    r"(moon|sun|star|day|night|fire|twi|spot|flash|candle|lamp|head|day|some|thunder|snow|rain|river|sea|hill|country|water"
    r"|road|play|back|after|bed|class|life|spring|summer|winter|birth|every|to|yester|down|up|high|mid|home|rail|free)"
    r"(light|night|time|shine|stone|town|ground|fall|side|line|way|day|room|storm|song|dream|flow|sight|rise|tide)\Z"
)


class _End(NamedTuple):
    """How a word ends."""

    sound: str
    stressed: bool


@cache
def _spellings() -> dict[str, str]:
    found: dict[str, str] = {}
    twice: set[str] = set()
    for sound, spellings in ENDINGS:
        for spelling in spellings.split():
            if spelling.endswith("_") or (spelling in found and found[spelling] != sound):
                twice.add(spelling.rstrip("_"))
            found[spelling.rstrip("_")] = sound
    return {spelling: sound for spelling, sound in found.items() if spelling not in twice | OPEN}


class _Listed(NamedTuple):
    """What the list says of a word."""

    sounds: frozenset[str]
    sure: bool
    """Whether everybody says it so."""


@cache
def _listed() -> dict[str, _Listed]:
    found: dict[str, _Listed] = {}
    for sound, words in WORDS:
        for word in words.split():
            plain = word.rstrip("_")
            before = found.get(plain, _Listed(frozenset(), True))
            sure = before.sure and not word.endswith("_") and not sound.endswith("_")
            found[plain] = _Listed(before.sounds | {sound.rstrip("_")}, sure)
    return found


@cache
def _families() -> dict[str, frozenset[int]]:
    found: dict[str, frozenset[int]] = {}
    for at, line in enumerate(_FAMILIES):
        for word in line.split():
            found[word] = found.get(word, frozenset()) | {at}
    return found


def _short(word: str) -> str:
    """Gives the one sound of a word of one syllable; empty where spelling leaves it open."""
    if listed := _listed().get(word):
        return next(iter(listed.sounds)) if listed.sure and len(listed.sounds) == 1 else ""
    if syllable_range(word) != (1, 1):
        return ""
    rest = re.sub(r"^(?:[^aeiouy]*qu|y(?=[aeiou])|[^aeiouy]+)", "", word)
    if (
        word.startswith(("w", "qu", "squ"))
        and rest[:1] in ("a", "o")
        and not re.match(r"a(?:y|i|k|[bcdfgklmnpstvz]e)", rest)
    ):
        # Wash, war, word, quantity: w changes the vowel.
        return ""
    return _spellings().get(rest, "")


@lru_cache(maxsize=8192)
def _ends(word: str) -> tuple[_End, ...]:
    """Gives how a word may end, all ways; none where it cannot be told."""
    if sound := _short(word):
        return (_End(sound, True),)
    if listed := _listed().get(word):
        # Of a word that is said in one way here and another there the list has one.
        several = len(listed.sounds) > 1 or any(sound.endswith("R") for sound in listed.sounds)
        return tuple(_End(sound, True) for sound in sorted(listed.sounds)) if several else ()
    if syllable_range(word)[0] < 2 and not _LENGTHENED.search(word):
        return ()
    compound = _COMPOUND.match(word)
    if compound and (sound := _short(compound[2])):
        return (_End(sound, True),)
    for pattern, weak in _WEAK:
        if pattern.search(word):
            return (_End(weak, False),) if weak else ()
    return ()


def _stem(word: str, suffix: str) -> str:
    """Gives the sound of the word that a suffix was added to; empty where it is not one of one syllable."""
    stem = word.removesuffix(suffix)
    if stem == word or len(stem) < 2:
        return ""
    forms = [stem]
    if suffix in ("ies", "ing", "ings", "er", "ers", "est", "y", "en"):
        if stem[-1] == stem[-2] and stem[-1] not in "aeiousl":
            forms = [stem[:-1]]
        elif _MUTE.search(stem) and not re.search(r"[aeiou]{2}[^cs]\Z", stem):
            # Making comes of make, never of mak.
            forms = [stem + "e"]
    sounds = {_short(form) for form in forms}
    return sounds.pop() if len(sounds) == 1 else ""


def _split(sound: str) -> tuple[str, str]:
    match = _SOUND.fullmatch(sound)
    assert match is not None
    return match[2], match[3]


def _slanted(one: str, other: str) -> bool:
    """Tells whether final consonants are so near that some take them for a rhyme: *time* and *mine*."""
    plain = [
        "".join(_NASALS.get(sound, _VOICED.get(sound, sound)) for sound in coda.rstrip("SZTD") or coda)
        for coda in (one, other)
    ]
    return bool(one and other) and plain[0] == plain[1]


def _never(one: _End, other: _End) -> bool:
    """Tells whether two endings surely do not rhyme."""
    (vowel, coda), (vowel2, coda2) = _split(one.sound), _split(other.sound)
    weak = [end for end in (one, other) if not end.stressed]
    blurred = any(_split(end.sound)[0] not in _FULL for end in weak)
    if coda != coda2:
        same = vowel == vowel2 or any({vowel, vowel2} <= near for near in _NEAR)
        return not ((same or weak) and _slanted(coda, coda2))
    if vowel == vowel2 or blurred or any({vowel, vowel2} <= near for near in _NEAR):
        return False
    if coda.startswith("R"):
        # Sure and shore, fire and higher: R changes vowels from place to place.
        return {vowel, vowel2} <= {"AA", "EE", "E", "OH", "EAI"} and {vowel, vowel2} != {"E", "EE"}
    # Eternity and eye were a rhyme once; -ow is said in two ways.
    return not (weak and {vowel, vowel2} in ({"EE", "AI"}, {"OH", "AU"}))


def _plain(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word[: _LONGEST + 1].lower().replace("’", "'"))
    return "".join(one for one in plain if not unicodedata.combining(one))


def rhymes(one: str, other: str) -> bool | None:
    """Tells whether two words rhyme; a word does not rhyme with itself. Null where spelling does not tell.

    Sure rhymes agree from the stressed vowel on; sure misses differ in the last syllable.
    """
    a, b = _plain(one), _plain(other)
    if a == b:
        return False
    if not all(re.fullmatch(r"[a-z]{1,30}", word) for word in (a, b)):
        return None
    if _families().get(a, frozenset()) & _families().get(b, frozenset()):
        return True
    firsts, seconds = _ends(a), _ends(b)
    if not firsts or not seconds:
        return None
    first, second = firsts[0], seconds[0]
    if len(firsts) > 1 or len(seconds) > 1 or not (_sure(a) and _sure(b)):
        pass
    elif first.stressed and second.stressed:
        within = (a.endswith(b) and syllable_range(a)[0] > 1) or (b.endswith(a) and syllable_range(b)[0] > 1)
        if first.sound == second.sound:
            return None if within else True
    elif first.stressed == second.stressed:
        for suffix in _SUFFIXES:
            stems = _stem(a, suffix), _stem(b, suffix)
            if all(stems) and stems[0] == stems[1]:
                return True
    return False if all(_never(one, other) for one in firsts for other in seconds) else None


def _sure(word: str) -> bool:
    listed = _listed().get(word)
    return listed is None or listed.sure


@cache
def rhyming_words() -> tuple[tuple[str, ...], ...]:
    """Gives groups of words of one syllable of which each two surely rhyme, the largest first; for witnesses."""
    groups: dict[str, list[str]] = {}
    for word, listed in _listed().items():
        plain = word.isalpha() and len(word) > 1 and syllable_range(word) == (1, 1)
        if plain and listed.sure and len(listed.sounds) == 1:
            groups.setdefault(next(iter(listed.sounds)), []).append(word)
    return tuple(sorted(map(tuple, groups.values()), key=len, reverse=True))
