"""The published verdicts of IFEval's 25 ids (google-research/instruction_following_eval, 2025; Apache-2.0)."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from string import ascii_lowercase

from .parameter import Params, Verdict, at_least_zero, compare, has_keyword, keyword_count, not_empty, nth_of
from .text import OfficialText

__all__ = ["DIVIDER", "STAR", "VERDICTS", "frequency", "letter_frequency", "marked_line", "paragraph_count"]

LANGUAGES = frozenset(
    "en es pt ar hi fr ru de ja it bn uk th ur ta te bg ko pl he fa vi ne sw kn mr gu pa ml fi".split()
)
"""Languages that the published code has a name for; it fails for others, ``zh`` among them."""

ANSWERS = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
FENCES = ("```json", "```Json", "```JSON", "```")

DIVIDER = re.compile(r"\s?\*\*\*\s?")
_PLACEHOLDER = re.compile(r"\[[^\]]*\]")
# The published patterns start with ^\s*, which rereads every run of blank lines from each of its lines; white space
# without line breaks finds as many.
STAR = re.compile(r"^[^\S\n]*\*[^*].*$", re.MULTILINE)
_DASH = re.compile(r"^[^\S\n]*-", re.MULTILINE)
_EMPHASIS = re.compile(r"\*[^\n*]*\*")
_STRONG = re.compile(r"\*\*([^\n*]*)\*\*")
_WORD_END = re.compile(r"[.,?!'\"]")
_POSTSCRIPT = re.compile(r"p\.\s?s\.")
_SECOND_POSTSCRIPT = re.compile(r"p\.\s?p\.\s?s")


def existence(params: Params, text: OfficialText) -> bool:
    """Finds every keyword, as a regular expression, in the order in which the published code stops at one."""
    return all(has_keyword(keyword, text) for keyword in sorted(not_empty(params, "keywords")))


def frequency(params: Params, text: OfficialText) -> bool:
    """Counts a keyword, as a regular expression."""
    found = keyword_count(not_empty(params, "keyword").strip(), text)
    return compare(found, params["relation"], at_least_zero(params, "frequency"))


def forbidden_words(params: Params, text: OfficialText) -> bool:
    r"""Finds none of the words between two ``\b``, as regular expressions."""
    words = sorted(set(not_empty(params, "forbidden_words")))
    return not any(has_keyword(word, text, whole=True) for word in words)


def letter_frequency(params: Params, text: OfficialText) -> bool:
    """Counts a letter in the lower-cased text.

    Raises:
        ValueError: for what is not one letter from a to z: the published code draws one at random.
    """
    letter = params["letter"]
    if len(letter) != 1 or letter.lower() not in ascii_lowercase:
        raise ValueError(f"letter is {letter!r}: for all but a to z the published code draws a letter at random")
    wanted = at_least_zero(params, "let_frequency")
    return compare(text.lower.count(letter.lower()), params["let_relation"], wanted)


def response_language(params: Params, text: OfficialText) -> bool:
    """Compares the language; a text that has none for langdetect follows.

    Raises:
        ValueError: for a language that the published code has no name for.
    """
    language = params["language"]
    if language not in LANGUAGES:
        raise ValueError(f"language is {language!r}; the published code knows {', '.join(sorted(LANGUAGES))}")
    return text.language in {None, language}


def number_sentences(params: Params, text: OfficialText) -> bool:
    """Counts sentences."""
    return compare(len(text.sentences), params["relation"], at_least_zero(params, "num_sentences"))


def number_words(params: Params, text: OfficialText) -> bool:
    """Counts words."""
    return compare(len(text.words), params["relation"], at_least_zero(params, "num_words"))


def paragraph_count(parts: list[str]) -> int | None:
    """Counts parts; a blank one at an end does not count, and null where one is blank in between."""
    blank = [index for index, part in enumerate(parts) if not part.strip()]
    return None if any(0 < index < len(parts) - 1 for index in blank) else len(parts) - len(blank)


def number_paragraphs(params: Params, text: OfficialText) -> bool:
    """Counts the paragraphs between ``***``."""
    return bool(paragraph_count(DIVIDER.split(text.text)) == at_least_zero(params, "num_paragraphs"))


def nth_paragraph_first_word(params: Params, text: OfficialText) -> bool:
    """Counts paragraphs that are not blank and looks at the first word of the n-th, blank ones counted this time."""
    nth, wanted = nth_of(params)
    first_word = params["first_word"].lower()
    parts = text.text.split("\n\n")
    if sum(1 for part in parts if part.strip()) != wanted or not (words := parts[nth - 1].split(None, 1)):
        return False
    word = _WORD_END.split(words[0].lstrip("'").lstrip('"'), maxsplit=1)[0]
    # One letter after the other: a sigma at the end of a word has a lower case of its own.
    return bool("".join(map(str.lower, word)) == first_word)


def number_placeholders(params: Params, text: OfficialText) -> bool:
    """Counts square brackets that close on their line."""
    wanted = at_least_zero(params, "num_placeholders")
    found = 0
    if "[" in text.text:
        # Up to a line's last closing bracket every opening one has a match: none is searched for in vain.
        found = sum(len(_PLACEHOLDER.findall(line, 0, line.rfind("]") + 1)) for line in text.text.split("\n"))
    return bool(found >= wanted)


def postscript(params: Params, text: OfficialText) -> bool:
    """Finds the marker anywhere in the lower-cased text; other markers than the two are regular expressions."""
    marker = params["postscript_marker"].strip()
    known = {"P.P.S": _SECOND_POSTSCRIPT, "P.S.": _POSTSCRIPT}.get(marker)
    pattern = known or marked_line(marker)
    return pattern.search(text.lower) is not None


@lru_cache(maxsize=1024)
def marked_line(marker: str) -> re.Pattern[str]:
    """Gives what an unknown postscript marker is taken for: a regular expression, up to the end of its line."""
    return re.compile(rf"\s*{marker.lower()}.*$", re.MULTILINE)


def number_bullet_lists(params: Params, text: OfficialText) -> bool:
    """Counts lines that start with ``*`` (a second one does not follow) or ``-``."""
    wanted = at_least_zero(params, "num_bullets")
    found = len(STAR.findall(text.text)) if "*" in text.text else 0
    return bool(found + (len(_DASH.findall(text.text)) if "-" in text.text else 0) == wanted)


def constrained_response(params: Params, text: OfficialText) -> bool:
    """Finds one of three answers."""
    return any(answer in text.text for answer in ANSWERS)


def number_highlighted_sections(params: Params, text: OfficialText) -> bool:
    """Counts text between one asterisk, and again between two, that is not blank."""
    wanted, found = at_least_zero(params, "num_highlights"), 0
    if "*" in text.text:
        found = sum(1 for part in _EMPHASIS.findall(text.text) if part.strip("*").strip())
        found += sum(1 for part in _STRONG.findall(text.text) if part.strip())
    return bool(found >= wanted)


def multiple_sections(params: Params, text: OfficialText) -> bool:
    """Counts numbered section marks, as regular expressions: groups in them count as pieces."""
    marks = _section_mark(params["section_spliter"].strip())
    return bool(len(marks.split(text.text)) - 1 >= at_least_zero(params, "num_sections"))


@lru_cache(maxsize=1024)
def _section_mark(name: str) -> re.Pattern[str]:
    return re.compile(rf"\s?{name}\s?\d+\s?")


def json_format(params: Params, text: OfficialText) -> bool:
    """Reads the text as JSON, NaN and Infinity too, without one opening of each kind of fence and a closing one.

    Raises:
        RecursionError: where it is nested too deeply.
    """
    value = text.text.strip()
    for fence in FENCES:
        value = value.removeprefix(fence)
    try:
        json.loads(value.removesuffix("```").strip())
    except ValueError:
        return False
    return True


def title(params: Params, text: OfficialText) -> bool:
    """Finds something between the first ``<<`` and the last ``>>`` of a line."""
    if "<<" not in text.text:
        return False
    for line in text.text.split("\n"):
        start, end = line.find("<<"), line.rfind(">>")
        if 0 <= start < end - 2 and line[start : end + 2].lstrip("<").rstrip(">").strip():
            return True
    return False


def two_responses(params: Params, text: OfficialText) -> bool:
    """Finds two different answers around six asterisks."""
    parts = text.text.split("******")
    full = [part.strip() for part in parts if part.strip()]
    return paragraph_count(parts) == 2 and full[0] != full[1]


def repeat_prompt(params: Params, text: OfficialText) -> bool:
    """Compares the beginning with the prompt."""
    return bool(text.lower.lstrip().startswith(not_empty(params, "prompt_to_repeat").strip().lower()))


def end_checker(params: Params, text: OfficialText) -> bool:
    """Compares the end with the phrase; closing quotation marks do not count."""
    return bool(text.lower.strip().strip('"').endswith(params["end_phrase"].strip().lower()))


def quotation(params: Params, text: OfficialText) -> bool:
    """Looks at the first and the last character."""
    value = text.text.strip()
    return len(value) > 1 and value[0] == value[-1] == '"'


def capital_word_frequency(params: Params, text: OfficialText) -> bool:
    """Counts tokens in capitals."""
    return compare(sum(map(str.isupper, text.tokens)), params["capital_relation"], params["capital_frequency"])


def english_capital(params: Params, text: OfficialText) -> bool:
    """Wants capitals, and English unless langdetect fails."""
    return text.text.isupper() and text.language in {None, "en"}


def english_lowercase(params: Params, text: OfficialText) -> bool:
    """Wants small letters, and English unless langdetect fails."""
    return text.text.islower() and text.language in {None, "en"}


def no_comma(params: Params, text: OfficialText) -> bool:
    """Wants no ASCII comma."""
    return "," not in text.text


VERDICTS: dict[str, Verdict] = {
    "change_case:capital_word_frequency": capital_word_frequency,
    "change_case:english_capital": english_capital,
    "change_case:english_lowercase": english_lowercase,
    "combination:repeat_prompt": repeat_prompt,
    "combination:two_responses": two_responses,
    "detectable_content:number_placeholders": number_placeholders,
    "detectable_content:postscript": postscript,
    "detectable_format:constrained_response": constrained_response,
    "detectable_format:json_format": json_format,
    "detectable_format:multiple_sections": multiple_sections,
    "detectable_format:number_bullet_lists": number_bullet_lists,
    "detectable_format:number_highlighted_sections": number_highlighted_sections,
    "detectable_format:title": title,
    "keywords:existence": existence,
    "keywords:forbidden_words": forbidden_words,
    "keywords:frequency": frequency,
    "keywords:letter_frequency": letter_frequency,
    "language:response_language": response_language,
    "length_constraints:nth_paragraph_first_word": nth_paragraph_first_word,
    "length_constraints:number_paragraphs": number_paragraphs,
    "length_constraints:number_sentences": number_sentences,
    "length_constraints:number_words": number_words,
    "punctuation:no_comma": no_comma,
    "startend:end_checker": end_checker,
    "startend:quotation": quotation,
}
"""The verdict of each published id; see ``verdict.published_verdict``."""
