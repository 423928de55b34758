"""The published verdicts of IFBench's ``count`` and ``ratio`` ids (allenai/IFBench db69a6f; Apache-2.0)."""

from __future__ import annotations

import re
from functools import lru_cache

from .parameter import Params, Verdict, at_least_zero
from .punctuation import EDGES, without_punctuation
from .text import STOP_WORDS, OfficialText, tokenize

__all__ = ["VERDICTS"]

CONJUNCTIONS = frozenset({"and", "but", "for", "nor", "or", "so", "yet"})
NAMES = frozenset(
    "Abigail Alexander Amelia Andrew Aria Audrey Ava Benjamin Charlotte Chloe Christopher Claire Daniel David "
    "Elijah Ella Emma Ethan Gabriel Grace Hannah Harper Isabella Jackson Jacob Jonathan Joseph Layla Leo Liam "
    "Lily Lucas Mason Matthew Mia Nathan Nicholas Noah Nora Olivia Owen Penelope Ryan Samuel Scarlett Sophia "
    "Stella Thomas Victoria Zoe".split()
)
PRONOUNS = frozenset(
    "all any anybody anyone anything both each either everybody everyone everything he her hers herself him "
    "himself his i it its itself me mine my myself neither nobody none nothing our ours ourselves she some "
    "somebody someone something that their theirs them themselves these they this those us we what whatever which "
    "whichever who whoever whom whomever whose you your yours yourself yourselves".split()
)
MARKS = frozenset(".,!?;:")
FREQUENCIES = {"keyword1": 1, "keyword2": 2, "keyword3": 3, "keyword4": 5, "keyword5": 7}

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def word_count_range(params: Params, text: OfficialText) -> bool:
    """Counts words."""
    low, high = at_least_zero(params, "min_words"), at_least_zero(params, "max_words")
    return bool(low <= len(text.words) <= high)


def unique_word_count(params: Params, text: OfficialText) -> bool:
    """Counts different words in small letters; all that consist of punctuation are one."""
    wanted = at_least_zero(params, "N")
    return bool(len({word.strip(EDGES) for word in set(text.lower.split())}) >= wanted)


def stop_words(params: Params, text: OfficialText) -> bool:
    """Compares the percentage of stop words."""
    most = at_least_zero(params, "percentage")
    if not text.words:
        return False
    found = sum(1 for word in text.words if word.lower() in STOP_WORDS)
    return bool((found / len(text.words)) * 100 <= most)


def _ends(text: OfficialText) -> tuple[int, int, int]:
    """Counts the sentences that end in a full stop, a question mark and an exclamation mark."""
    ends = [sentence[-1:] for sentence in text.sentences]
    return ends.count("."), ends.count("?"), ends.count("!")


def sentence_type(params: Params, text: OfficialText) -> bool:
    """Wants twice as many full stops as question marks."""
    stops, questions, _ = _ends(text)
    return stops == 2 * questions


def sentence_balance(params: Params, text: OfficialText) -> bool:
    """Wants as many of each end."""
    return len(set(_ends(text))) == 1


def conjunctions(params: Params, text: OfficialText) -> bool:
    """Counts different forms of conjunctions, capitals and punctuation and all."""
    wanted = at_least_zero(params, "small_n")
    found = sum(1 for word in set(text.text.split()) if word.strip(EDGES).lower() in CONJUNCTIONS)
    return bool(found >= wanted)


def person_names(params: Params, text: OfficialText) -> bool:
    r"""Counts the listed names that occur between two ``\b``, which is as a whole word."""
    wanted = at_least_zero(params, "N")
    return bool(len(NAMES.intersection(text.words)) >= wanted)


def _trigrams(text: str) -> frozenset[tuple[str, str, str]]:
    return frozenset(zip(text, text[1:], text[2:], strict=False))


_kept_trigrams = lru_cache(maxsize=256)(_trigrams)


def overlap(params: Params, text: OfficialText) -> bool:
    """Compares the share of three-character pieces that the reference has too, within two per cent."""
    wanted, reference = at_least_zero(params, "percentage"), _kept_trigrams(params["reference_text"])
    found = _trigrams(text.text)
    return bool(found) and bool(wanted - 2 <= len(found & reference) / len(found) * 100 <= wanted + 2)


def numbers(params: Params, text: OfficialText) -> bool:
    """Counts runs of digits after punctuation is deleted."""
    wanted = at_least_zero(params, "N")
    return bool(len(_NUMBER.findall(without_punctuation(text.text))) == wanted)


def punctuation(params: Params, text: OfficialText) -> bool:
    """Finds an interrobang and, apart from it, all six marks."""
    value = text.text
    if not ("?!" in value or "!?" in value or "‽" in value):
        return False
    rest = value.replace("?!" if "?!" in value else "!?", "", 1)
    return all(mark in rest for mark in MARKS)


def words_japanese(params: Params, text: OfficialText) -> bool:
    """Finds a Japanese or Chinese character in every N-th word, apart from numbers and punctuation."""
    every = at_least_zero(params, "N")
    for place, word in enumerate(text.text.split(), 1):
        if place % every == 0 and not _JAPANESE.search(word):
            core = word.strip(EDGES)
            if core and not core.isdigit():
                return False
    return True


def pronouns(params: Params, text: OfficialText) -> bool:
    """Counts the tokens, in small letters, that are listed.

    Most texts need no tokens for it: what stands alone, or before a comma, is a token, and other tokens lie between
    two non-letters, apart from those that the tokeniser cuts out of ``gimme``, ``lemme`` and before ``n't``.
    """
    wanted, value = at_least_zero(params, "N"), text.text.replace("/", " ").lower()
    if sum(1 for piece in value.split() if piece.removesuffix(",") in PRONOUNS) >= wanted:
        return True
    most = sum(1 for word in _WORD.findall(value) if word in PRONOUNS)
    if most + sum(map(value.count, ("gimme", "lemme", "n't"))) < wanted:
        return False
    return bool(sum(1 for token in tokenize(value) if token in PRONOUNS) >= wanted)


def keywords_multiple(params: Params, text: OfficialText) -> bool:
    """Counts keywords, within words too: one, two, three, five and seven times."""
    keywords = [(params[name].strip().lower(), wanted) for name, wanted in FREQUENCIES.items()]
    return all(text.lower.count(keyword) == wanted for keyword, wanted in keywords)


VERDICTS: dict[str, Verdict] = {
    "count:conjunctions": conjunctions,
    "count:keywords_multiple": keywords_multiple,
    "count:numbers": numbers,
    "count:person_names": person_names,
    "count:pronouns": pronouns,
    "count:punctuation": punctuation,
    "count:unique_word_count": unique_word_count,
    "count:word_count_range": word_count_range,
    "count:words_japanese": words_japanese,
    "ratio:overlap": overlap,
    "ratio:sentence_balance": sentence_balance,
    "ratio:sentence_type": sentence_type,
    "ratio:stop_words": stop_words,
}
"""The verdict of each published id; see ``verdict.published_verdict``. ``ratio:sentence_words`` is with the words."""
