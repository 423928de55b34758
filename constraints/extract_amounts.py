"""Finding amounts: lengths, and how often a word, a letter or a form is wished for."""

from __future__ import annotations

import re

from .extract_numbers import CHECKERS, Amount, bounds, is_asked, is_of_part, read_amount
from .extract_occurrences import occurrences, once
from .extract_reading import Reading
from .phrases_amounts import INVERSE, TONGUES
from .phrases_counts import (
    ADDED,
    ANSWER,
    ATTRIBUTE,
    CAPITALS,
    DIGITS,
    EMPHASIS,
    FULL_CAPITALS,
    HEADER,
    MARK,
    STARS,
    SUBSET,
    TABLE,
)
from .phrases_numbers import number

__all__ = ["amounts"]

_ROUND = 5
_FEW = 20
_LEAST_CHARACTERS = 20


def _is_rated(reading: Reading, amount: Amount) -> bool:
    """Tells whether an amount is exact enough, and of a kind that is counted as it is meant."""
    unit, explicit = amount.unit, not amount.plain
    if amount.plain and ADDED.search(amount.before):
        return False
    if unit in ("sentences", "paragraphs", "bullets"):
        # *Two-sentence descriptions* are several.
        said = reading.text[amount.start : amount.end]
        if amount.plain and re.search(r"-\w+\Z", said) and not ATTRIBUTE.match(amount.after):
            return False
        if unit == "paragraphs" and STARS.search(reading.text):
            return False
        return not (explicit and unit != "bullets" and SUBSET.match(amount.after))
    if unit == "words":
        # A round number is meant roughly.
        return explicit or (amount.relation == "in" and (amount.n < _FEW or amount.n % _ROUND != 0))
    if unit == "rows":
        return bool(HEADER.search(amount.before + amount.after))
    # Lines are those of a verse or a file more often than the answer's.
    return explicit and (unit != "lines" or bool(ANSWER.search(amount.before + amount.after)))


def _counted(amount: Amount, middle: str) -> str | None:
    """Gives the unit that an amount means, by what stands around it; null where nothing of ours counts it."""
    unit, plain, sentence = amount.unit, amount.plain, amount.before + middle + amount.after
    if unit == "words" and (CAPITALS.match(amount.after) or FULL_CAPITALS.search(middle)):
        return "capitals"
    if unit in ("words", "sentences", "parts") and EMPHASIS.search(sentence):
        # *Highlight in less than 100 words what I did* is a length.
        if unit == "parts" or (not plain and (MARK.search(amount.before) or EMPHASIS.match(amount.after.lstrip()))):
            return "parts"
    elif unit == "parts":
        return None
    if unit == "lines" and TABLE.search(sentence):
        unit = "rows"
    one = amount.n == 1 and amount.relation == "at_least"
    none = {
        # 一段 is *a passage*.
        "paragraphs": plain and amount.n == 1 and "段" in middle,
        "words": bool(SUBSET.match(amount.after)),
        "characters": plain or amount.n < _LEAST_CHARACTERS or bool(SUBSET.match(amount.after)),
        "numbers": plain or not DIGITS.search(sentence),
        "lines": one,
        "rows": one or not TABLE.search(sentence),
    }
    return None if none.get(unit, False) else unit


def _length(reading: Reading, amount: Amount, middle: str) -> None:
    """Notes a length or a count of forms."""
    unit = _counted(amount, middle)
    if unit is None:
        return
    # 词 are no characters, and *one sentence* in passing is no length.
    in_passing = amount.n == 1 and "句" in middle and not re.match(r"[用以成只仅].*话", middle)
    if amount.plain and ("词" in middle or in_passing):
        amount = amount._replace(relation="about")
    amount = amount._replace(unit=unit)
    binding = amount.relation != "about" and not is_of_part(reading, amount) and _is_rated(reading, amount)
    for relation, n in bounds(amount):
        if n >= 1:
            reading.add(CHECKERS[unit], {"relation": relation, "n": n}, (amount.start, amount.end), binding)


def amounts(reading: Reading) -> None:
    """Finds the amounts that are asked for; where two overlap the first tongue has it."""
    taken: list[tuple[int, int]] = []
    for code, tongue in TONGUES.items():
        for match in tongue.amount.finditer(reading.text):
            if any(a < match.end() and match.start() < b for a, b in taken):
                continue
            amount = read_amount(reading, code, match)
            if amount is None:
                continue
            taken.append((amount.start, amount.end))
            middle = reading.text[amount.start : amount.end]
            if not is_asked(amount, middle):
                continue
            if amount.unit == "times":
                occurrences(reading, amount)
            else:
                _length(reading, amount, middle)
    once(reading)
    _inverse(reading)


def _inverse(reading: Reading) -> None:
    """Finds limits whose unit stands before the number, and *in a single sentence*."""
    for pattern, unit in INVERSE:
        for match in pattern.finditer(reading.text):
            before, after = reading.around(*match.span())
            groups = {name: value for name, value in match.groupdict().items() if value is not None}
            n = 1 if unit == "noun" else number(groups["n"])
            if not n or any(
                wish.start < reading.at(match.end()) and reading.at(match.start()) < wish.end for wish in reading.found
            ):
                continue
            relation = next(name for name in ("at_least", "at_most", "exactly") if name in groups)
            said = f"{groups['noun'].lower()}s" if unit == "noun" else unit
            amount = Amount(said, relation, n, None, *match.span(), before, after, False)
            if is_asked(amount, match.group()):
                _length(reading, amount, match.group())
