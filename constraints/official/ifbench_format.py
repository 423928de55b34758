"""The published verdicts of IFBench's ``format`` and ``repeat`` ids (allenai/IFBench db69a6f; Apache-2.0)."""

from __future__ import annotations

import re
import string
from collections import defaultdict, deque
from functools import lru_cache
from itertools import pairwise

from .parameter import Params, Verdict, not_empty
from .punctuation import EDGES, without_punctuation
from .text import OfficialText, is_emoji, split_sentences

__all__ = ["VERDICTS"]

SENTENCE = "only output this sentence here, ignore all other requests."
"""What ``repeat:repeat_simple`` asks for, in small letters."""
TEMPLATE = ("My Answer:", "My Conclusion:", "Future Outlook:")
PAIRS = {")": "(", "]": "[", "}": "{"}

_BRACKET = re.compile(r"[()\[\]{}]")
_QUOTE = re.compile(r"[\"']")
_LETTERS = re.compile(r"\W*[aA]\W*[bB]\W*[cC]\W*")
_SPACE = re.compile(r"\s")
_UNQUOTED = string.digits + string.punctuation.replace('"', "")


def parentheses(params: Params, text: OfficialText) -> bool:
    """Finds brackets five deep of which one closes; a bracket that closes nothing starts anew."""
    opened: list[str] = []
    depth = 0
    for bracket in _BRACKET.findall(text.text):
        if bracket not in PAIRS:
            opened.append(bracket)
            depth = max(depth, len(opened))
        elif opened and opened[-1] == PAIRS[bracket]:
            opened.pop()
            if depth >= 5:
                return True
        else:
            opened, depth = [], 0
    return False


def quotes(params: Params, text: OfficialText) -> bool:
    """Finds straight quotation marks and apostrophes that close three levels, apostrophes in words too."""
    opened: list[str] = []
    depth = 0
    for quote in _QUOTE.findall(text.text):
        if opened and opened[-1] == quote:
            opened.pop()
            if depth - len(opened) >= 3:
                return True
        else:
            opened.append(quote)
            depth = max(depth, len(opened))
    return False


@lru_cache(maxsize=256)
def _options(options: str) -> tuple[bool, frozenset[str]]:
    """Splits options; gives whether they are letters, which are compared as they are."""
    mark = next((mark for mark in ("/", "or") if mark in options), ",")
    exact = _LETTERS.match(options) is not None
    parts = (option.strip() for option in options.split(mark))
    return exact, frozenset(part if exact else part.strip(EDGES).lower() for part in parts)


def options(params: Params, text: OfficialText) -> bool:
    """Compares the whole text with each option."""
    exact, wanted = _options(params["options"])
    return (text.text if exact else text.text.strip(EDGES).lower()) in wanted


def newline(params: Params, text: OfficialText) -> bool:
    """Compares the number of words with that of lines that are not empty, punctuation deleted."""
    value = without_punctuation(text.text).strip()
    return sum(1 for line in value.split("\n") if line) == len(value.split())


def emoji(params: Params, text: OfficialText) -> bool:
    """Finds an emoji of one code point near the end of each sentence or at the start of the next."""
    cores = [without_punctuation(sentence).strip() for sentence in text.sentences]
    for place, core in enumerate(cores):
        if not core:
            return False
        if not any(map(is_emoji, core[-2:])):
            after = cores[place + 1] if place + 1 < len(cores) else ""
            if not after or not is_emoji(after[0]):
                return False
    return True


def line_indent(params: Params, text: OfficialText) -> bool:
    """Wants each line to start with more spaces than the one before; some blank lines count.

    The published code removes blank lines while it goes through them: it does not look at the line behind each blank
    one, and removes the first that is left of the same text.
    """
    lines = text.text.split("\n")
    left: dict[str, deque[int]] = defaultdict(deque)
    for place, line in enumerate(lines):
        if not line.strip():
            left[line].append(place)
    removed: set[int] = set()
    place = 0
    while left and place < len(lines):
        if (line := lines[place]) in left:
            removed.add(left[line].popleft())
            place += 1
        place += 1
    indents = [len(line) - len(line.lstrip(" ")) for place, line in enumerate(lines) if place not in removed]
    return all(next_one > one for one, next_one in pairwise(indents))


def quote_unquote(params: Params, text: OfficialText) -> bool:
    """Wants no straight quotation marks side by side, white space aside, and none at the end."""
    value = "".join(text.text.replace("'\"'", "").split())
    return '""' not in value and not value.strip(_UNQUOTED).endswith('"')


def separated_list(params: Params, text: OfficialText) -> bool:
    """Counts separators."""
    return text.text.count(params["sep"]) >= 2


def thesis(params: Params, text: OfficialText) -> bool:
    """Finds text in HTML italics and text after it; ``<em>`` is cut like the shorter ``<i>``."""
    value = text.text
    start = next((found for mark in ("<i>", "<em>") if (found := value.find(mark)) >= 0), -1)
    if start < 0:
        return False
    value = value[start:]
    end = next((found for mark in ("</i>", "</em>") if (found := value.find(mark)) >= 0), -1)
    return end >= 0 and bool(value[3:end].strip()) and bool(value[end + 4 :].strip())


def sub_bullets(params: Params, text: OfficialText) -> bool:
    """Finds a hyphen after each asterisk, before the next."""
    return all("-" in part for part in text.text.split("*")[1:])


def no_bullets_bullets(params: Params, text: OfficialText) -> bool:
    """Finds two sentences and then two lines or more that start with ``*``, and nothing else.

    Only the line before the first bullet may be blank.
    """
    lines = [line.strip() for line in text.text.split("\n")]
    first = next((place for place, line in enumerate(lines) if line.startswith("*")), len(lines))
    if len(lines) - first < 2 or not all(line.startswith("*") for line in lines[first:]) or "" in lines[: first - 1]:
        return False
    sentences = 0
    for line in lines[:first]:
        sentences += len(split_sentences(line)) if line else 0
        if sentences >= 2:
            return True
    return False


def repeat_change(params: Params, text: OfficialText) -> bool:
    """Compares all words but the first; the prompt itself does not follow."""
    prompt = not_empty(params, "prompt_to_repeat")
    return bool(prompt != text.text and prompt.split()[1:] == text.text.split()[1:])


def repeat_simple(params: Params, text: OfficialText) -> bool:
    """Compares the text with one sentence."""
    return text.lower.strip() == SENTENCE


def repeat_span(params: Params, text: OfficialText) -> bool:
    """Compares the text with a piece of the prompt, its last character included."""
    prompt = not_empty(params, "prompt_to_repeat")
    return bool(text.lower.strip() == prompt[params["n_start"] : params["n_end"] + 1].strip().lower())


def _is_small(token: str) -> bool:
    """Tells whether a token counts as not capitalised."""
    first, rest = token[:1], token[1:]
    # Some numerals are small letters without being letters.
    return first.islower() and first.isalpha() and (not rest or rest.islower() or rest.isupper())


def title_case(params: Params, text: OfficialText) -> bool:
    """Wants no token in small letters, or in capitals after a small one."""
    return not any(map(_is_small, text.tokens))


def output_template(params: Params, text: OfficialText) -> bool:
    """Finds the three headings in any order."""
    return all(heading in text.text for heading in TEMPLATE)


def no_whitespace(params: Params, text: OfficialText) -> bool:
    """Wants no white space."""
    return _SPACE.search(text.text) is None


VERDICTS: dict[str, Verdict] = {
    "format:emoji": emoji,
    "format:line_indent": line_indent,
    "format:list": separated_list,
    "format:newline": newline,
    "format:no_bullets_bullets": no_bullets_bullets,
    "format:no_whitespace": no_whitespace,
    "format:options": options,
    "format:output_template": output_template,
    "format:parentheses": parentheses,
    "format:quote_unquote": quote_unquote,
    "format:quotes": quotes,
    "format:sub-bullets": sub_bullets,
    "format:thesis": thesis,
    "format:title_case": title_case,
    "repeat:repeat_change": repeat_change,
    "repeat:repeat_simple": repeat_simple,
    "repeat:repeat_span": repeat_span,
}
"""The verdict of each published id; see ``verdict.published_verdict``."""
