"""How many syllables an English word has at least and at most, by a list of words and by rule."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ..official.syllables import listed_syllables
from ._ifbench_syllables import syllables

__all__ = ["likely_syllables", "syllable_range"]

_LETTERS = re.compile(r"[a-z]+(?:['-][a-z]+)*'?")
_VOWELS = frozenset("aeiouy")
_LONGEST = 40
_MOST = 3
"""Syllables that one character may stand for: W, a digit."""
# Words whose spelling says more or fewer syllables than are spoken, one way or another.
_RANGES = """
1-2 drawer poem poems
2-2 acres barefoot being cafe centre centres chaos colleague colleagues creature creatures doing driveway elsewhere
2-2 eyebrow fatigue framework gateway genre going grateful iris maybe ninety oceans ok pipeline quiet safety science
2-2 acre cafes genres nieces pieces seeing sidewalk someone somewhat wholeness wiser wretched
1-1 isle isles prague
2-3 catholic desires empires evenings fireflies firefly firewood solely violet violets wednesday
3-3 anyone butterflies butterfly everyday everyone everywhere horizon lavender likelihood lullaby mosaic oasis recipe
3-3 chaotic creations finale intriguing recipes uniquely
3-4 averages basically beverages imagery entirely etc valuable
4-4 algorithm algorithms continuing
"""
_BOTH = {word: (int(line[0]), int(line[2])) for line in _RANGES.strip().split("\n") for word in line[4:].split()}
# Two vowels that may be two syllables, however the rules count them.
_HIATUS = re.compile(
    r"[iy](?:a|e[nrst]|o|u)|[bcdfghlmnprstv]eo|[uo]e|ua|ui|eu|ea(?=[tcldm])|oi(?=n?[cz])|oa(?!ch|[dltmks])|eing|ei(?=t)"
)
_SETTLED = re.compile(
    r"[stcxg]i(?:on|ou|al|an)|ying|eau(?=x?\Z)|[qg]u[ae]|oes\Z|ue[ds]?\Z|iou?s|uys?\Z|[bsf]rui|suit|guil|buil"
)
"""Vowels of which it is known: *nation*, *bureau*, *queen*."""
# A first part whose last e stays silent before a consonant: timeline, framework, wildflower.
_SILENT = re.compile(
    r"(?:time|frame|fore|fare|life|live|home|side|wave|space|note|scare|safe|lime|name|game|fire|base|store|house|horse"
    r"|eye|grape|whole|some|same|stone|smoke|snake|white|wide|hope|grace|shame|care|wire|bare|rose|pine|wine|face"
    r"|place|lake|bone|rope|cheese|goose|moose|nurse|race|shore|spare|state|table|tide|use|wake|wilde?|inter|over|ever)"
    r"(?=[bcdfghjklmnpqrstvwxz])"
)


@lru_cache(maxsize=16384)
def syllable_range(word: str) -> tuple[int, int]:
    """Gives the fewest and the most syllables that a word may have; wide where it is no plain English word."""
    lower, known = _read(word)
    if not known:
        if lower.isdigit() and lower.isascii() and len(lower) < 3 and int(lower) <= 20:
            return min(syllables(lower)), max(syllables(lower))
        return 1, max(1, _MOST * len(word))
    if lower in _BOTH:
        return _BOTH[lower]
    ruled = syllables(lower)
    listed = listed_syllables().get(lower)
    found = ruled if listed is None else ruled | {listed}
    low, high = max(1, min(found)), max(1, *found)
    if lower.endswith("ically"):
        low = min(low, high - 1)
    if lower.endswith(("'ll", "'d", "'ve", "'re")) and lower.rpartition("'")[0][-1] not in _VOWELS:
        high += 1
    if _SILENT.match(lower) and low > 1:
        low -= 1
    if (len(ruled) > 1 or listed is None or listed not in ruled) and _HIATUS.search(_SETTLED.sub("", lower)):
        high += 1
    return low, high


@lru_cache(maxsize=16384)
def likely_syllables(word: str) -> int:
    """Gives the likeliest number of syllables: for averages over many words."""
    lower, known = _read(word)
    if lower in _BOTH:
        return _BOTH[lower][1]
    if not known:
        return max(1, len(lower) // 3)
    ruled = syllables(lower)
    if len(ruled) == 1:
        return max(ruled)
    listed = listed_syllables().get(lower)
    return listed if listed is not None and listed in ruled else max(ruled)


def _read(word: str) -> tuple[str, bool]:
    """Gives a word in small letters without accents, and whether it is one that is said as it is spelled."""
    plain = unicodedata.normalize("NFKD", word[: _LONGEST + 1].replace("’", "'").replace("‑", "-").replace("‐", "-"))
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    lower = plain.lower()
    if len(word) > _LONGEST or _LETTERS.fullmatch(lower) is None:
        return lower, False
    parts = re.split(r"[-']", lower)
    spelled = any(part and not _VOWELS & set(part) and part not in _ENDINGS for part in parts)
    capitals = plain.isupper() and 2 <= len(plain) <= 4 and lower not in _SHOUTED
    return lower, not (spelled or capitals)


_ENDINGS = frozenset("s t d ll m n th ve re".split()) | {"hmm", "shh", "psst", "brr", "tsk"}
_SHOUTED = frozenset(
    """the and for you not but all are was one our out day get has him his how man new now old see two way who boy did
    its let put say she too use that with have this will your from they know want been good much some time love me my
    we he it is in on of to so no go up at be by do if or as an am""".split()
)
