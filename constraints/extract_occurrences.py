"""Finding how often a word, a letter or words in capitals shall occur."""

from __future__ import annotations

import re
from typing import NamedTuple

from .extract_numbers import Amount, bounds, is_of_part
from .extract_reading import OPENED, Reading
from .phrases import DIRECTIVE, QUOTE
from .phrases_counts import CAPITAL_SUBJECT, HAS_SUBJECT, NAMING, NEGATED_VERB, ONCE, USED, WITH_LETTER

__all__ = ["occurrences", "once"]

_LONGEST = 100
_NEAR = 60
_ONCE_RELATION = {
    "at least": ("at_least", 0),
    "at most": ("at_most", 0),
    "no more than": ("at_most", 0),
    "not more than": ("at_most", 0),
    "more than": ("at_least", 1),
}


class _Subject(NamedTuple):
    """What shall occur so often."""

    kind: str
    """``letter`` or ``word``."""
    word: str
    start: int
    end: int


def _named(reading: Reading, amount: Amount, found: list[re.Match[str]], first: int) -> _Subject | None:
    """Gives the word or letter that is named as one, nearest before the amount; null where that is not plain."""
    near = [match for match in found if match.end() <= amount.start and amount.start - match.end() < _NEAR]
    match = (near or found[:1])[-1]
    name = next(name for name, value in match.groupdict().items() if value is not None)
    if "," in reading.text[match.end() : amount.start]:
        return None
    quoted = match[name][0] == OPENED
    word = reading.quotes(*match.span(name))[0] if quoted else reading.said(*match.span(name))
    kind = "letter" if name.startswith("letter") else "word"
    if kind == "letter" and WITH_LETTER.search(reading.text[first : match.start()]):
        return None
    return _Subject(kind, word, match.start(), match.end())


def _subject(reading: Reading, amount: Amount) -> _Subject | None:
    """Finds what shall occur so often; null where none or several may be."""
    first, last = amount.start - len(amount.before), amount.end + len(amount.after)
    if found := list(HAS_SUBJECT.finditer(reading.text, first, last)):
        return _named(reading, amount, found, first)
    quotes = list(QUOTE.finditer(reading.text[first:last]))
    if len(quotes) != 1 or not USED.search(amount.before + amount.after):
        return None
    start, end = first + quotes[0].start(), first + quotes[0].end()
    word = reading.quotes(start, end)[0]
    # Neither *words with "x"* nor *such as "x"*.
    near = abs(end - amount.start) < _NEAR // 2 and NAMING.search(reading.text[first:start])
    return _Subject("word", word, start, end) if near and len(word) > 1 else None


def occurrences(reading: Reading, amount: Amount) -> None:
    """Notes how often a word, a letter or words in capitals shall occur."""
    binding = amount.relation != "about" and not is_of_part(reading, amount)
    sentence = amount.before + amount.after
    if CAPITAL_SUBJECT.search(sentence):
        for relation, n in bounds(amount):
            reading.add("case.capital_words", {"relation": relation, "n": n}, (amount.start, amount.end), binding)
        return
    subject = _subject(reading, amount)
    if subject is None or not subject.word.strip() or len(subject.word) > _LONGEST:
        return
    kind, word = subject.kind, subject.word
    span = min(subject.start, amount.start), max(subject.end, amount.end)
    if kind == "letter" and len(word) != 1:
        return
    named, checker = ("letter", "count.letter") if kind == "letter" else ("keyword", "keywords.frequency")
    for relation, n in bounds(amount):
        if n or relation != "at_least":
            reading.add(checker, {"relation": relation, "n": n, named: word}, span, binding)


def once(reading: Reading) -> None:
    """Finds *at least once*, *no more than twice*."""
    for match in ONCE.finditer(reading.text):
        before, after = reading.around(*match.span())
        said = re.sub(r"\s+", " ", (match["relation"] or "").strip().lower())
        relation, shift = _ONCE_RELATION.get(said, ("exactly", 0))
        if shift and NEGATED_VERB.search(before):
            relation, shift = "at_most", 0
        n = (1 if match["n"].lower() == "once" else 2) + shift
        amount = Amount("times", relation, n, None, *match.span(), before, after, not said)
        if said and DIRECTIVE.search(before + after) and USED.search(before + after):
            occurrences(reading, amount)
