"""The published verdicts of IFEvalG's 29 ids beside IFEval's (open_instruct/IFEvalG of e6c3044; Apache-2.0)."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from .ifeval import DIVIDER, frequency, letter_frequency, number_paragraphs, paragraph_count
from .parameter import Params, Verdict, keyword_count, not_empty
from .rule_sentences import rule_sentences
from .text import OfficialText, tokenize

__all__ = ["VERDICTS"]

_SMALL_WORD = re.compile(r"\b[a-z]+\b")
_NO_LETTER = bytes(byte for byte in range(256) if not chr(byte).isascii() or not chr(byte).isalpha())
_MARK = re.compile(r"[^\w\s]")


def _word(params: Params, name: str) -> str:
    """Gives a word: stripped, and the first of a list."""
    value = not_empty(params, name)
    word: str = (value if isinstance(value, str) else value[0]).strip()
    return word


@lru_cache(maxsize=1024)
def _phrase(first: str, last: str) -> re.Pattern[str]:
    return re.compile(f"{first} .*? {last}")


def repeat_phrase(params: Params, text: OfficialText) -> bool:
    """Finds the phrase so often, from its first word to its last, and in each at most one other word.

    Only of the last one it is asked that a word differs. The two words are regular expressions.
    """
    words, wanted = not_empty(params, "phrase").split(), not_empty(params, "small_n")
    found = _phrase(words[0], words[-1]).findall(text.text)
    if len(found) != wanted:
        return False
    changed = 0
    for phrase in found:
        others = phrase.split()
        changed = sum(one != other for one, other in zip(others, words, strict=False))
        if len(others) != len(words) or changed > 1:
            return False
    return changed == 1


def copy(params: Params, text: OfficialText) -> bool:
    """Compares the text with the prompt."""
    return bool(text.lower.strip() == not_empty(params, "prompt_to_repeat").strip().lower())


def copy_span_idx(params: Params, text: OfficialText) -> bool:
    """Compares the text with a piece of the prompt, its last character left out."""
    prompt = not_empty(params, "prompt_to_repeat")
    span = prompt[not_empty(params, "n_start") : not_empty(params, "n_end")]
    return bool(text.lower.strip() == span.strip().lower())


def copying_multiple(params: Params, text: OfficialText) -> bool:
    """Compares every part between six asterisks with the prompt."""
    prompt, parts = not_empty(params, "prompt_to_repeat").strip().lower(), text.text.split("******")
    return bool(len(parts) == not_empty(params, "N") and all(part.strip().lower() == prompt for part in parts))


def sentence_hyphens(params: Params, text: OfficialText) -> bool:
    """Compares the parts between hyphens with the sentences, as far as there are both."""
    sentences = rule_sentences(text.text.replace("-", " "))
    return all(part == sentence for part, sentence in zip(text.text.split("-"), sentences, strict=False))


def no_adjacent_consecutive(params: Params, text: OfficialText) -> bool:
    """Wants no two neighbours of which the second starts with the character after the first's."""
    for one, next_one in pairwise([word[0].lower() for word in text.text.split()]):
        # A capital whose small letter is two characters does not follow.
        if len(one) != 1 or len(next_one) != 1 or ord(next_one) - ord(one) == 1:
            return False
    return True


def square_brackets(params: Params, text: OfficialText) -> bool:
    """Wants every word in square brackets."""
    return all(word[0] == "[" and word[-1] == "]" for word in text.text.split())


def word_once(params: Params, text: OfficialText) -> bool:
    """Finds a keyword, as a regular expression, once."""
    return keyword_count(not_empty(params, "keyword").strip(), text) == 1


def exclude_word_harder(params: Params, text: OfficialText) -> bool:
    """Wants the keyword not between two spaces."""
    return f" {not_empty(params, 'keyword').strip()} " not in text.text


def paragraphs(params: Params, text: OfficialText) -> bool:
    """Counts two paragraphs around ``***``."""
    return number_paragraphs({"num_paragraphs": 2}, text)


def paragraphs2(params: Params, text: OfficialText) -> bool:
    """Counts two paragraphs around an empty line."""
    return paragraph_count(text.text.split("\n\n")) == 2


def first_word_sent(params: Params, text: OfficialText) -> bool:
    """Compares the first word of each sentence; a blank sentence does not follow."""
    word = _word(params, "first_word").lower()
    return all(sentence and sentence.split(None, 1)[0].lower() == word for sentence in rule_sentences(text.text))


def first_word_answer(params: Params, text: OfficialText) -> bool:
    """Compares the first word of the text."""
    word, words = not_empty(params, "first_word").strip().lower(), text.text.split(None, 1)
    return bool(words and words[0].lower() == word)


def _last(text: str) -> str:
    return _MARK.sub("", text.rsplit(None, 1)[-1].strip()).lower()


def last_word_sent(params: Params, text: OfficialText) -> bool:
    """Compares the last word of each sentence without punctuation; a blank sentence does not follow."""
    word = _word(params, "last_word").lower()
    return all(sentence and _last(sentence) == word for sentence in rule_sentences(text.text))


def last_word_answer(params: Params, text: OfficialText) -> bool:
    """Compares the last word of the text without punctuation."""
    return bool(_last(text.text) == not_empty(params, "last_word").strip().lower())


def bigram_wrapping(params: Params, text: OfficialText) -> bool:
    """Wants every two words between ``<<`` and ``>>``; one that is left over may be anything."""
    words = text.text.split()
    return all(a.startswith("<<") and b.endswith(">>") for a, b in zip(words[::2], words[1::2], strict=False))


def punctuation_dot(params: Params, text: OfficialText) -> bool:
    """Wants no full stop."""
    return "." not in text.text


def punctuation_exclamation(params: Params, text: OfficialText) -> bool:
    """Wants no exclamation mark."""
    return "!" not in text.text


def lowercase_counting(params: Params, text: OfficialText) -> bool:
    """Counts words of small ASCII letters."""
    return bool(len(_SMALL_WORD.findall(text.text)) <= not_empty(params, "N"))


def letter_counting(params: Params, text: OfficialText) -> bool:
    """Counts ASCII letters; under another relation than the two nothing follows."""
    wanted, relation = not_empty(params, "N"), not_empty(params, "relation")
    found = len(text.text.encode("ascii", "ignore").translate(None, _NO_LETTER))
    return bool(found >= wanted if relation == "at least" else relation == "less than" and found < wanted)


def counting_composition(params: Params, text: OfficialText) -> bool:
    """Counts three paragraphs around ``***``, their sentences, and the tokens of each, punctuation among them."""
    sentences, words = not_empty(params, "n_sent"), not_empty(params, "n_words")
    parts = DIVIDER.split(text.text)
    if len(parts) != 3 or not all(part.strip() for part in parts):
        return False
    for part in parts:
        found = rule_sentences(part)
        if len(found) != sentences or any(len(tokenize(sentence)) != words for sentence in found):
            return False
    return True


def count_unique(params: Params, text: OfficialText) -> bool:
    """Wants no token twice, punctuation among them."""
    return len(text.tokens) == len(set(text.tokens))


def count_increment_word(params: Params, text: OfficialText) -> bool:
    """Finds one keyword once and one twice, as regular expressions."""
    once, twice = (not_empty(params, name).strip() for name in ("keyword1", "keyword2"))
    return keyword_count(once, text) == 1 and keyword_count(twice, text) == 2


def palindrome(params: Params, text: OfficialText) -> bool:
    """Finds a word that reads the same backwards, one letter among them."""
    return any(word == word[::-1] for word in text.text.split())


def keyword_specific_position(params: Params, text: OfficialText) -> bool:
    """Compares the m-th token of the n-th sentence."""
    word, n, m = _word(params, "keyword"), not_empty(params, "n"), not_empty(params, "m")
    sentences = rule_sentences(text.text)
    if len(sentences) < n:
        return False
    tokens = tokenize(sentences[n - 1])
    return bool(len(tokens) >= m and tokens[m - 1] == word)


def start_end(params: Params, text: OfficialText) -> bool:
    """Compares the first token with the last, punctuation among them."""
    return len(text.tokens) > 1 and text.tokens[0].lower() == text.tokens[-1].lower()


VERDICTS: dict[str, Verdict] = {
    "copy:copy": copy,
    "copy:copying_multiple": copying_multiple,
    "copy:copying_simple": copy,
    "copy:repeat_phrase": repeat_phrase,
    "count:count_increment_word": count_increment_word,
    "count:count_unique": count_unique,
    "count:counting_composition": counting_composition,
    "count:lowercase_counting": lowercase_counting,
    "detectable_format:bigram_wrapping": bigram_wrapping,
    "detectable_format:sentence_hyphens": sentence_hyphens,
    "detectable_format:square_brackets": square_brackets,
    "first_word:first_word_answer": first_word_answer,
    "first_word:first_word_sent": first_word_sent,
    "keywords:exclude_word_harder": exclude_word_harder,
    "keywords:keyword_specific_position": keyword_specific_position,
    "keywords:no_adjacent_consecutive": no_adjacent_consecutive,
    "keywords:palindrome": palindrome,
    "keywords:start_end": start_end,
    "keywords:word_count_different_numbers": frequency,
    "keywords:word_once": word_once,
    "last_word:last_word_answer": last_word_answer,
    "last_word:last_word_sent": last_word_sent,
    "letters:letter_counting": letter_counting,
    "letters:letter_counting2": letter_frequency,
    "new:copy_span_idx": copy_span_idx,
    "paragraphs:paragraphs": paragraphs,
    "paragraphs:paragraphs2": paragraphs2,
    "punctuation:punctuation_dot": punctuation_dot,
    "punctuation:punctuation_exclamation": punctuation_exclamation,
}
"""The verdict of each published id; see ``verdict.published_verdict``."""
