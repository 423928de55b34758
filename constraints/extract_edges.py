"""Finding the words that an answer shall begin or end with."""

from __future__ import annotations

import dataclasses
import re

from .extract_reading import Reading
from .phrases import DIRECTIVE, KANA, QUOTE, anything
from .phrases_quotes import (
    CHANGED,
    ENDING,
    ENDING_AFTER,
    ENDING_BARE,
    NOT,
    PART_OF_ANSWER,
    REPEAT,
    REPEATED_FIRST,
    STARTING,
    STARTING_AFTER,
)

__all__ = ["edge", "ends_bare", "repetition"]

_REACH = 110
_LONGEST = 300
"""Characters of a phrase that the checks take."""
_WITH = re.compile(r"(?:以|用|从|由|使用)\s*(?:短语|词语|句子|这句话|这个词)?\s*\Z")
_GOES_ON = anything(
    r"\s(?:and|then|or|followed|as|in|at|when|for|before|without|on|but|exactly|only|please|verbatim|to"
    r"|is|so|with|after|if|nothing"
    r"|instead|not|always|every|para|con|sin|exactamente|pour|sans|avec|dans)\b"
)
_OPEN = re.compile(r"[/／\[\]{}<>＿]|__|X{1,}(?![A-Za-z])|\.{3}|…|(?<![a-z])[xX]{2}")
"""What leaves a phrase open: *the answer is [A/B]*."""


def _object(match: re.Match[str]) -> str:
    return next((value for name, value in match.groupdict().items() if name.startswith("object") and value), "")


def _marked(reading: Reading, match: re.Match[str], phrase: str, before: str, after: str) -> bool:
    """Tells whether a phrase is none that the whole answer begins or ends with, by what stands around it."""
    # *Start with the "main" file* names a file.
    file = re.match(r"\s[a-z]{3,}", after) and not _GOES_ON.match(after)
    another = re.match(r"\s*(?:or|o|ou|或)\b", after, re.IGNORECASE) and QUOTE.search(after[:30])
    return bool(file or another or len(phrase) < 2 or _OPEN.search(phrase) or reading.is_of_part(match.start(), before))


def edge(reading: Reading, match: re.Match[str], before: str, after: str, start: bool) -> bool:
    """Notes a first or last phrase.

    Args:
        reading: the message.
        match: quotations in what is read of it.
        before: the sentence up to them.
        after: the rest of the sentence.
        start: whether a first one is looked for, else a last one.

    Returns:
        Whether the quotation was one, binding or not.
    """
    near = before[-_REACH:]
    said = (STARTING if start else ENDING).search(near)
    closing = (STARTING_AFTER if start else ENDING_AFTER).match(after)
    lead = _WITH.search(near)
    if not said and not (closing and (lead or KANA.search(after[:12]))):
        return False
    words = reading.quotes(*match.span())
    if len(words) != 1 or not any(map(str.isalnum, words[0])) or len(words[0]) > _LONGEST:
        return True
    if said:
        # The sentence up to the verb, and what stands between the verb and its words.
        head, end = near[: said.start()], match.end()
        of = f"{head[-40:]} {_object(said)}"
    else:
        head, end = near[: lead.start()] if lead else near, match.end() + (closing.end() if closing else 0)
        of = re.split(r"[,，;；。：:]", head)[-1][-30:]
    begin = match.start() - len(near) + (said.start() if said else len(head))
    if DIRECTIVE.search(before + after) or not said:
        part = PART_OF_ANSWER.search(of) or NOT.search(head) or _marked(reading, match, words[0], before, after)
        phrase = words[0].rstrip(",，") or words[0]
        reading.add(
            "start_end.start_phrase" if start else "start_end.end_phrase", {"phrase": phrase}, (begin, end), not part
        )
    return True


def ends_bare(reading: Reading) -> None:
    """Finds last phrases without quotation marks."""
    for match in ENDING_BARE.finditer(reading.text):
        before, _ = reading.around(*match.span())
        phrase = reading.said(*match.span("phrase")).strip()
        part = PART_OF_ANSWER.search(match.group()[:40]) or reading.is_of_part(match.start(), before)
        reading.add("start_end.end_phrase", {"phrase": phrase}, match.span(), not part)


def repetition(reading: Reading) -> None:
    """Finds that the request shall be repeated first; nothing in what is repeated binds the whole answer then."""
    match = REPEAT.search(reading.text)
    if match is None or len(reading.text) != len(reading.original):
        return
    start, end = reading.sentence(*match.span())
    if not REPEATED_FIRST.search(reading.text, start, end):
        return
    start += len(reading.text[start:end]) - len(reading.text[start:end].lstrip())
    above, below = reading.original[:start], ""
    paragraph = reading.original.find("\n\n", end - 1)
    if paragraph >= 0:
        below = reading.original[paragraph:]
    first = not above.strip()
    phrase, at = (below, paragraph) if first else (above, 0)
    begin = at + len(phrase) - len(phrase.lstrip())
    phrase = phrase.strip()
    reading.found = [
        dataclasses.replace(wish, binding=False) if begin <= wish.start < begin + len(phrase) else wish
        for wish in reading.found
    ]
    # Text on both sides, a change, or a page of it leaves open what is meant.
    plain = bool(phrase) and len(phrase) <= _LONGEST and (first or not below.strip())
    if plain and not CHANGED.search(reading.text, start):
        reading.add("start_end.start_phrase", {"phrase": phrase}, (start, end), True)
