"""The published verdicts of IFBench's ``custom`` ids (allenai/IFBench db69a6f; Apache-2.0)."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from itertools import pairwise

from .parameter import Params, Verdict
from .punctuation import EDGES, without_punctuation
from .text import OfficialText, split_sentences

__all__ = ["VERDICTS"]

MULTIPLES = [str(number) for number in range(14, 51, 7)]
CAPITALS = (
    "Reykjavik Helsinki Oslo Tallinn Stockholm Riga Moscow Copenhagen Vilnius Minsk Dublin Berlin Amsterdam Warsaw "
    "London Brussels Prague Luxembourg Paris Vienna Bratislava Budapest Vaduz Chisinau Bern Ljubljana Zagreb"
).split()
"""From north to south as published: without Kyiv."""
CITY_HEADER = ["ID", "Country", "City", "Year", "Count"]
LONGEST_MONTHS = (1, 3, 5, 7, 8, 10, 12)
LONG_MONTHS = (4, 6, 9, 11)

_NUMBER = re.compile(r"\d+")
_QUESTION = re.compile(r"Question \d+[.|):;]?\s*")
_OPTION = re.compile(r"[A-Ea-e][.|)]\s*\w+")
_SPECIAL = re.compile(r'".*[^\d\w\s].*"')
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def _header(names: str, separator: str) -> re.Pattern[str]:
    return re.compile(separator.join(f'(?:{name}|"{name}")' for name in names.split()))


_PRODUCTS = _header("ProductID Category Brand Price Stock", r",[ \t]*")
_STUDENTS = _header("StudentID Subject Grade Semester Score", r"\t *")


def _ascii(text: str) -> str:
    """Takes accents off; characters that are not ASCII then are deleted."""
    return text if text.isascii() else unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def multiples(params: Params, text: OfficialText) -> bool:
    """Compares the runs of digits with the multiples of seven from 14 to 49."""
    return _NUMBER.findall(text.text) == MULTIPLES


def _question_length(question: str) -> int | None:
    """Gives the length of a question before its first option; null unless it has five."""
    lines = [line.strip() for line in question.split("\n")]
    marks = [_OPTION.match(line) is not None for line in lines]
    if sum(marks) != 5:
        return None
    # The published code puts a space before each line and strips the whole.
    return len(" ".join(lines[: marks.index(True)]).strip())


def mcq_count_length(params: Params, text: OfficialText) -> bool:
    """Finds nothing but four numbered questions, each longer than the one before, with five options."""
    if not text.text.startswith("Question"):
        return False
    questions = [part for piece in _QUESTION.split(text.text) if (part := piece.strip())]
    if len(questions) != 4:
        return False
    lengths = [_question_length(question) for question in questions]
    return all(one is not None and two is not None and one < two for one, two in pairwise(lengths))


def reverse_newline(params: Params, text: OfficialText) -> bool:
    """Finds 52 lines or more, from the first with Zimbabwe on, in falling order; countries are not looked up."""
    lines = [core for line in text.text.split("\n") if (core := line.strip(EDGES))]
    start = next((place for place, line in enumerate(lines) if "Zimbabwe" in line), len(lines))
    names = [_ascii(line) for line in lines[start:]]
    return len(names) >= 52 and all(one >= next_one for one, next_one in pairwise(names))


def word_reverse(params: Params, text: OfficialText) -> bool:
    """Finds the bald eagle in the words read backwards, if they are one sentence."""
    value = " ".join(reversed(without_punctuation(text.lower.strip()).split()))
    return "bald eagle" in value and value in split_sentences(value)


def character_reverse(params: Params, text: OfficialText) -> bool:
    """Finds the bald eagle spelt backwards."""
    return "elgae dlab" in text.lower


def sentence_alphabet(params: Params, text: OfficialText) -> bool:
    """Compares the first letters of 26 sentences with the alphabet."""
    if len(text.sentences) != 26:
        return False
    words = [sentence.split(None, 1)[:1] for sentence in text.sentences]
    return all(word and word[0].lower()[0] == chr(97 + place) for place, word in enumerate(words))


def european_capitals_sort(params: Params, text: OfficialText) -> bool:
    """Compares the names between commas with the published list, accents aside."""
    return [name for part in _ascii(text.text).split(",") if (name := part.strip())] == CAPITALS


def csv_city(params: Params, text: OfficialText) -> bool:
    """Finds the header and seven rows of five.

    Raises:
        csv.Error: where the text is not CSV for Python.
    """
    rows = list(csv.reader(io.StringIO(text.text)))
    return len(rows) == 8 and rows[0] == CITY_HEADER and all(len(row) == 5 for row in rows[1:])


def csv_special_character(params: Params, text: OfficialText) -> bool:
    """Finds the header, fifteen rows, and a special character in quotation marks before any row that is not of five.

    Raises:
        csv.Error: where the text is not CSV for Python.
    """
    value = text.text
    if not _PRODUCTS.fullmatch(value.split("\n", 1)[0].strip()):
        return False
    rows = list(csv.reader(io.StringIO(value.replace('"', '"""'))))
    if len(rows) != 15:
        return False
    for row in rows[1:]:
        if len(row) != 5:
            return False
        if any(map(_SPECIAL.match, row)):
            return True
    return False


def csv_quotes(params: Params, text: OfficialText) -> bool:
    """Finds the header and four rows of five fields, tabs between, in quotation marks.

    Raises:
        csv.Error: where the text is not CSV for Python.
        IndexError: for a blank field.
    """
    value = text.text
    if not _STUDENTS.fullmatch(value.split("\n", 1)[0].strip()):
        return False
    rows = list(csv.reader(io.StringIO(value.replace('"', '"""')), delimiter="\t"))
    if len(rows) != 4:
        return False
    for row in rows:
        fields = [field.strip() for field in row]
        if len(fields) != 5 or not all(field[0] == '"' and field[-1] == '"' for field in fields):
            return False
    return True


def _is_date(text: str) -> bool:
    """Tells whether a text is a day from 1769 to 1821; month and day zero are."""
    if (match := _DATE.fullmatch(text)) is None:
        return False
    year, month, day = map(int, match.groups())
    last = 31 if month in LONGEST_MONTHS else 30 if month in LONG_MONTHS else 29 if month == 2 else 99
    return 1769 <= year <= 1821 and month <= 12 and day <= last


def date_format_list(params: Params, text: OfficialText) -> bool:
    """Finds nothing but dates between commas."""
    return all(_is_date(part.strip()) for part in text.text.split(","))


VERDICTS: dict[str, Verdict] = {
    "custom:character_reverse": character_reverse,
    "custom:csv_city": csv_city,
    "custom:csv_quotes": csv_quotes,
    "custom:csv_special_character": csv_special_character,
    "custom:date_format_list": date_format_list,
    "custom:european_capitals_sort": european_capitals_sort,
    "custom:mcq_count_length": mcq_count_length,
    "custom:multiples": multiples,
    "custom:reverse_newline": reverse_newline,
    "custom:sentence_alphabet": sentence_alphabet,
    "custom:word_reverse": word_reverse,
}
"""The verdict of each published id; see ``verdict.published_verdict``."""
