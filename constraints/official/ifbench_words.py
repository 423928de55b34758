"""The published verdicts of IFBench's ``words`` and ``sentence`` ids (allenai/IFBench db69a6f; Apache-2.0)."""

from __future__ import annotations

import re
import string
from collections import Counter
from functools import lru_cache
from itertools import pairwise

from .parameter import Params, Verdict, at_least_zero, not_empty
from .punctuation import EDGES, without_punctuation
from .text import OfficialText, syllable_count, tokenize

__all__ = ["VERDICTS"]

ALPHABET = string.ascii_lowercase
PRIMES = frozenset({2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97})
"""Primes below 100: words that are longer never follow."""

_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxyz]{2}")


def alphabet(params: Params, text: OfficialText) -> bool:
    """Compares the first letters, punctuation deleted, with the alphabet from the first word's letter on."""
    words = without_punctuation(text.text).split()
    start = words[0][0].lower() if words else ""
    if not start or start not in ALPHABET:
        return False
    first = ALPHABET.index(start)
    return all(word.lower()[0] == ALPHABET[(first + place) % 26] for place, word in enumerate(words[1:], 1))


def vowel(params: Params, text: OfficialText) -> bool:
    """Counts different vowels in a text of one line."""
    return "\n" not in text.text.strip() and sum(1 for letter in "aeiou" if letter in text.lower) <= 3


def consonants(params: Params, text: OfficialText) -> bool:
    """Finds two consonants in a row in every word."""
    return all(map(_CONSONANTS.search, text.lower.split()))


def _alliteration(sentence: str) -> int:
    """Counts the words that start like a neighbour: each run of them with its length."""
    starts = [core[0] for word in sentence.lower().split() if (core := word.lstrip(EDGES))]
    found, running = 0, False
    for one, next_one in pairwise(starts):
        same = one == next_one
        found += same * (1 if running else 2)
        running = same
    return found


def alliteration_increment(params: Params, text: OfficialText) -> bool:
    """Wants more alliterating words in each sentence than in the one before."""
    last = -1
    for sentence in text.sentences:
        if (found := _alliteration(sentence)) <= last:
            return False
        last = found
    return True


def palindrome(params: Params, text: OfficialText) -> bool:
    """Counts palindromes of five letters or more, punctuation deleted."""
    words = without_punctuation(text.text).lower().split()
    return sum(1 for word in words if len(word) >= 5 and word == word[::-1]) >= 10


def prime_lengths(params: Params, text: OfficialText) -> bool:
    """Wants words of prime length, punctuation deleted."""
    return PRIMES.issuperset(map(len, without_punctuation(text.text).split()))


def sentence_words(params: Params, text: OfficialText) -> bool:
    """Wants three sentences of one length in characters; words may repeat."""
    return len(text.sentences) == 3 and len({len(sentence.strip()) for sentence in text.sentences}) == 1


def start_verb(params: Params, text: OfficialText) -> bool:
    """Wants a verb's tag for the first token."""
    return text.first_tag is not None and "VB" in text.first_tag


def repeats(params: Params, text: OfficialText) -> bool:
    """Counts each word in small letters, punctuation deleted."""
    most = at_least_zero(params, "small_n")
    counts = Counter(without_punctuation(text.lower).split())
    return not any(count > most for count in counts.values())


@lru_cache(maxsize=1024)
def _whole_word(word: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)


def keyword(params: Params, text: OfficialText) -> bool:
    r"""Finds the word, escaped and between two ``\b``, in the N-th sentence."""
    pattern, place = _whole_word(not_empty(params, "word")), at_least_zero(params, "N")
    return len(text.sentences) >= place and pattern.search(text.sentences[int(place - 1)]) is not None


def odd_even_syllables(params: Params, text: OfficialText) -> bool:
    """Wants odd and even numbers of syllables by turns, punctuation deleted."""
    parities = (syllable_count(word) % 2 for word in without_punctuation(text.text).lower().split())
    return all(one != next_one for one, next_one in pairwise(parities))


def last_first(params: Params, text: OfficialText) -> bool:
    """Compares the last word of each sentence with the first of the next, both without outer punctuation."""
    for sentence, next_sentence in pairwise(text.sentences):
        last, first = sentence.rstrip(EDGES).split()[-1:], next_sentence.lstrip(EDGES).split(None, 1)[:1]
        if not last or not first or last[0].lower() != first[0].lower():
            return False
    return True


def paragraph_last_first(params: Params, text: OfficialText) -> bool:
    """Compares the first and the last word of each line, without the line's outer punctuation."""
    for line in text.text.split("\n"):
        words = line.strip().lower().strip(EDGES).split()
        if words and words[0] != words[-1]:
            return False
    return True


def increment(params: Params, text: OfficialText) -> bool:
    """Wants as many words more in each sentence than in the one before, punctuation deleted.

    Raises:
        IndexError: for a text without a sentence.
    """
    more = at_least_zero(params, "small_n")
    last = len(without_punctuation(text.sentences[0]).split())
    for sentence in text.sentences[1:]:
        words = len(without_punctuation(sentence).split())
        if words != last + more:
            return False
        last = words
    return True


def no_consecutive(params: Params, text: OfficialText) -> bool:
    """Wants neighbours that start differently, in small letters, punctuation deleted."""
    words = without_punctuation(text.lower).split()
    return all(one[0] != next_one[0] for one, next_one in pairwise(words))


def keywords_specific_position(params: Params, text: OfficialText) -> bool:
    """Compares the m-th token of the n-th sentence; tokens without a letter or digit do not count."""
    word = not_empty(params, "keyword").strip().lower()
    n, m = not_empty(params, "n"), not_empty(params, "m")
    if len(text.sentences) < n:
        return False
    tokens = [token for token in tokenize(text.sentences[n - 1]) if any(map(str.isalnum, token))]
    return bool(len(tokens) >= m and tokens[m - 1].lower() == word)


def words_position(params: Params, text: OfficialText) -> bool:
    """Compares the second token and the second to last, before one closing token of punctuation."""
    word, tokens = params["keyword"].strip().lower(), text.tokens
    if len(tokens) < 2:
        return False
    place = -3 if tokens[-1] in string.punctuation else -2
    return len(tokens) >= -place and bool(tokens[1].lower() == tokens[place].lower() == word)


VERDICTS: dict[str, Verdict] = {
    "ratio:sentence_words": sentence_words,
    "sentence:alliteration_increment": alliteration_increment,
    "sentence:increment": increment,
    "sentence:keyword": keyword,
    "words:alphabet": alphabet,
    "words:consonants": consonants,
    "words:keywords_specific_position": keywords_specific_position,
    "words:last_first": last_first,
    "words:no_consecutive": no_consecutive,
    "words:odd_even_syllables": odd_even_syllables,
    "words:palindrome": palindrome,
    "words:paragraph_last_first": paragraph_last_first,
    "words:prime_lengths": prime_lengths,
    "words:repeats": repeats,
    "words:start_verb": start_verb,
    "words:vowel": vowel,
    "words:words_position": words_position,
}
"""The verdict of each published id; see ``verdict.published_verdict``."""
