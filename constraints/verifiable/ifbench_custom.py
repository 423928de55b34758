"""IFBench's ``custom`` constraints, repaired: single tasks whose whole answer code can check."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import ClassVar

from ...schemas.outcome import Outcome
from ...schemas.text import words
from ..constraint import Check, Witness
from ..document import Document
from ._ifbench_custom_rules import (
    Task,
    african_line,
    capitals_in_order,
    dates_problem,
    lines_of,
    numbers_listed,
    question_blocks,
    table,
)
from ._ifbench_places import AFRICA, CAPITALS
from ._ifbench_tables import Field, body
from ._ifbench_words_text import base_letter, ends_of, prose_sentences

__all__ = [
    "CharacterReverse",
    "CsvCity",
    "CsvQuotes",
    "CsvSpecialCharacter",
    "DateFormatList",
    "EuropeanCapitals",
    "McqCountLength",
    "Multiples",
    "ReverseNewline",
    "SentenceAlphabet",
    "WordReverse",
]

_AFRICAN = sorted(set(AFRICA.values()), reverse=True)
_NORTH = ", ".join(names[0].title() for names in CAPITALS)
_STORY = (
    "Anna Bob Carl Dora Emil Fay Gus Hal Ida Jim Kate Lou Mia Ned Ole Pia Quin Rob Sue Tom Una Vic Will Xena Yan Zoe"
)


class Multiples(Task):
    """The numbers in the response are 14, 21, 28, 35, 42 and 49, in this order, and no others.

    Numerals that mark the items of a list do not count, which the published check does not see.
    """

    id = "custom:multiples"
    categories = ("Numerical", "Content")
    examples = Witness("14, 21, 28, 35, 42, 49", "7, 14, 21, 28, 35, 42, 49")
    wanted: ClassVar[tuple[str, ...]] = ("14", "21", "28", "35", "42", "49")

    def judge(self, document: Document) -> Check:
        """Reads the numbers."""
        found = numbers_listed(document.text, *body(document))
        numbers = [str(int(number)) if number.isdigit() and len(number) < 4 else number for number, _, _ in found]
        wrong = next((at for at, number in enumerate(numbers) if self.wanted[at : at + 1] != (number,)), None)
        if wrong is not None:
            _, start, end = found[wrong]
            return Check(Outcome.VIOLATED, f"number {wrong + 1} is {numbers[wrong][:20]}", len(found), ((start, end),))
        holds = len(numbers) == len(self.wanted)
        return Check(Outcome.of(holds), f"{len(numbers)} of {len(self.wanted)} multiples", len(numbers))


def _quiz(lengths: list[int]) -> str:
    options = "\nA) one\nB) two\nC) three\nD) four\nE) five"
    asked = (f"Question {n}: What is {'very ' * length}new?{options}" for n, length in enumerate(lengths, 1))
    return "\n\n".join(asked)


class McqCountLength(Task):
    """Four questions, each labelled *Question*, of five options each; each is longer than the one before.

    The response begins with the first label and explains nothing. Length is counted in characters, without label and
    options; what the questions are about is not checked. The published check wants a number in the label.
    """

    id = "custom:mcq_count_length"
    categories = ("Numerical", "Format")
    examples = Witness(_quiz([1, 2, 3, 4]), _quiz([1, 1, 1, 1]))

    def judge(self, document: Document) -> Check:
        """Reads the questions."""
        questions = question_blocks(document)
        if not questions:
            return Check(Outcome.VIOLATED, "does not begin with a label Question")
        if len(questions) != 4:
            return Check(Outcome.VIOLATED, f"{len(questions)} questions, not 4", len(questions))
        for at, question in enumerate(questions, 1):
            if question.options != 5:
                return Check(Outcome.VIOLATED, f"question {at} has {question.options} options, not 5", at)
            if question.extra is not None:
                return Check(Outcome.VIOLATED, f"an explanation after question {at}: {question.extra[:40]}", at)
        lengths = [question.length for question in questions]
        grows = lengths[0] > 0 and all(a < b for a, b in pairwise(lengths))
        return Check(Outcome.of(grows), f"lengths in characters: {', '.join(map(str, lengths))}", lengths[-1])


class ReverseNewline(Task):
    """The 54 countries of Africa under names in use, one a line, from Z to A; lines before and after them are free.

    The published check accepts any lines that are sorted. A country is sorted under the name that is written, with or
    without *the*; Western Sahara may be among them; a letter alone on a line is a heading.
    """

    id = "custom:reverse_newline"
    examples = Witness("\n".join(_AFRICAN).title(), "\n".join(reversed(_AFRICAN)).title())

    def judge(self, document: Document) -> Check:
        """Reads the lines from the first country to the last."""
        lines = lines_of(document)
        read = [african_line(document.text[start:end]) for start, end in lines]
        places = [at for at, found in enumerate(read) if found]
        if not places:
            return Check(Outcome.VIOLATED, "no line is a country of Africa", 0)
        seen: set[str] = set()
        last: str | None = None
        for at in range(places[0], places[-1] + 1):
            found = read[at]
            name = document.text[slice(*lines[at])].strip()[:40]
            if found is None and sum(map(str.isalpha, document.text[slice(*lines[at])])) == 1:
                continue
            if found is None:
                return Check(Outcome.VIOLATED, f"no country of Africa: {name}", len(seen), (lines[at],))
            keys = [key for key in found[1] if last is None or key <= last]
            if not keys or found[0] in seen:
                return Check(Outcome.VIOLATED, f"out of order or a second time: {name}", len(seen), (lines[at],))
            seen.add(found[0])
            last = max(keys)
        missing = sorted(set(AFRICA.values()) - seen)
        reason = f"missing: {', '.join(missing[:3])}" if missing else f"all {len(seen)} countries from Z to A"
        return Check(Outcome.of(not missing), reason, len(seen))


_SPECIAL = re.compile(r"[^\w\s]")
_ARTICLES = frozenset({"the", "a", "an", "of", "our", "is", "as", "and"})
_BE = frozenset({"is", "was", "are", "of", "has", "in", "the", "a"})


class WordReverse(Task):
    """One sentence that names the bald eagle and whose words stand in reverse order.

    The published check looks for *eagle bald* alone: a sentence in its right order that only has it does not pass here.
    """

    id = "custom:word_reverse"
    examples = Witness("America of symbol the is eagle bald The.", "The bald eagle is the symbol of America.")

    def judge(self, document: Document) -> Check:
        """Reads the words backwards."""
        text = document.text[slice(*body(document))]
        read = [word.lower() for word in reversed(words(text))] if "bald" in text.lower() else []
        joined = f" {' '.join(read)} "
        if " bald eagle " not in joined:
            return Check(Outcome.VIOLATED, "read backwards it does not name the bald eagle")
        if " eagle bald " in joined or len(document.sentences) > 1:
            return Check(Outcome.VIOLATED, "more than one sentence in reverse order", len(document.sentences))
        broken = read[-1] in _ARTICLES or any(a in {"the", "a", "an"} and b in _BE for a, b in pairwise(read))
        return Check(Outcome.of(not broken), f"read backwards: {' '.join(read)[:60]}")


_FORWARD = frozenset("the is of symbol national united states bald eagle bird animal answer america sentence".split())


class CharacterReverse(Task):
    """One text that names the bald eagle and whose characters stand in reverse order.

    The published check looks for *elgae dlab* alone: what has it amid words in their right order does not pass here.
    """

    id = "custom:character_reverse"
    examples = Witness(".aciremA fo lobmys eht si elgae dlab ehT", "The bald eagle is the symbol of America.")

    def judge(self, document: Document) -> Check:
        """Reads the text backwards."""
        text = document.text[slice(*body(document))]
        read = words(text[::-1]) if "dlab" in text.lower() else []
        joined = f" {' '.join(read).lower()} "
        if " bald eagle " not in joined:
            return Check(Outcome.VIOLATED, "read backwards it does not name the bald eagle")
        straight = [word for word in words(text) if word.lower() in _FORWARD]
        reason = f"a word in its right order: {straight[0]}" if straight else f"read backwards:{joined[:60]}"
        return Check(Outcome.of(not straight), reason)


class SentenceAlphabet(Task):
    """Twenty-six sentences whose first words begin with A to Z, in order; headings and marks do not count.

    The published check fails a sentence that opens with a quotation mark.
    """

    id = "custom:sentence_alphabet"
    categories = ("Linguistic", "Numerical")
    examples = Witness(" ".join(f"{name} ran." for name in _STORY.split()), "Anna ran. Bob ran. Carl ran.")

    def judge(self, document: Document) -> Check:
        """Reads the first letter of each sentence."""
        firsts = [first for first, _ in ends_of(document, prose_sentences(document))]
        for at, (start, end) in enumerate(firsts[:26]):
            if base_letter(document.text[start]) != chr(97 + at):
                reason = f"sentence {at + 1} begins with {document.text[start:end][:40]}"
                return Check(Outcome.VIOLATED, reason, len(firsts), ((start, end),))
        return Check(Outcome.of(len(firsts) == 26), f"{len(firsts)} sentences", len(firsts))


class EuropeanCapitals(Task):
    """The 28 capitals of European states north of 45 degrees, with commas between them, from north to south.

    The published list lacks Kyiv and fails a full stop at the end. Accents and usual other names are accepted.
    """

    id = "custom:european_capitals_sort"
    examples = Witness(_NORTH, "Oslo, Helsinki, Reykjavik")

    def judge(self, document: Document) -> Check:
        """Compares the list; a line before it that ends with a colon does not count."""
        text = document.text[slice(*body(document))]
        first, _, rest = text.partition("\n")
        if first.rstrip(" *").endswith((":", "：")) and rest.strip():
            text = rest
        problem = capitals_in_order(text)
        return Check(Outcome.of(problem is None), problem or "all capitals from north to south")


class Table(Task):
    """Delimited data with a given header and number of rows, alone or in the only code block; see the ids."""

    header: ClassVar[tuple[str, ...]]
    count: ClassVar[int]
    delimiter: ClassVar[str] = ","
    categories = ("Format", "Numerical")

    def judge(self, document: Document) -> Check:
        """Reads all rows, then looks at their fields."""
        rows = table(document, self.header, self.count, self.delimiter)
        problem = rows if isinstance(rows, str) else self.fields_problem(rows)
        return Check(Outcome.of(problem is None), problem or f"a header and {self.count} rows")

    def fields_problem(self, rows: list[list[Field]]) -> str | None:
        """Says what is wrong with the fields; null where nothing is."""
        return None


def _csv(header: tuple[str, ...], row: str, count: int) -> str:
    return "\n".join([",".join(header), *(f"{n},{row}" for n in range(1, count + 1))])


class CsvCity(Table):
    """Comma-separated data with the columns ID, Country, City, Year, Count and 7 rows of 5 fields.

    Blank lines and a code fence do not count, which the published check does not see; wrong quotation marks do.
    """

    id = "custom:csv_city"
    header = ("ID", "Country", "City", "Year", "Count")
    count = 7
    examples = Witness(_csv(header, "Peru,Lima,2020,5", count), _csv(header, "Peru,Lima,2020,5", count - 1))


class CsvSpecialCharacter(Table):
    """Comma-separated data with five given columns and 14 rows, and a quoted field with a special character.

    All rows are read; the published check stops at the first that has such a field. A special character is no letter,
    digit, underscore or space.
    """

    id = "custom:csv_special_character"
    header = ("ProductID", "Category", "Brand", "Price", "Stock")
    count = 14
    examples = Witness(_csv(header, 'Toys,"A&B",5,9', count), _csv(header, 'Toys,"AB",5,9', count))

    def fields_problem(self, rows: list[list[Field]]) -> str | None:
        """Looks for the field below the header."""
        fields = (field for row in rows[1:] for field in row)
        found = any(field.quoted and _SPECIAL.search(field.value) for field in fields)
        return None if found else "no quoted field has a special character"


class CsvQuotes(Table):
    """Tab-separated data with five given columns and 3 rows; each field, the header's too, is in double quotes."""

    id = "custom:csv_quotes"
    header = ("StudentID", "Subject", "Grade", "Semester", "Score")
    count = 3
    delimiter = "\t"
    examples = Witness(
        "\n".join(["\t".join(f'"{name}"' for name in header), *['"1"\t"Art"\t"A"\t"2"\t"9"'] * count]),
        "\n".join([",".join(f'"{name}"' for name in header), *['"1","Art","A","2","9"'] * count]),
    )

    def fields_problem(self, rows: list[list[Field]]) -> str | None:
        """Looks at every field."""
        bare = [field.value for row in rows for field in row if not field.quoted]
        return f"{len(bare)} fields without quotation marks: {bare[0][:40]}" if bare else None


class DateFormatList(Task):
    """Two or more days of the calendar, YYYY-MM-DD, of 1793 to 1815, with commas between them and nothing else.

    The published check accepts 1805-00-00 and the years of Napoleon's whole life. Whether there was a battle on each
    day, and whether all are listed, is not checked.
    """

    id = "custom:date_format_list"
    examples = Witness("1796-05-10, 1805-12-02, 1815-06-18", "1805-00-00, 10-05-1796")

    def judge(self, document: Document) -> Check:
        """Reads the dates."""
        problem = dates_problem(document.text[slice(*body(document))])
        return Check(Outcome.of(problem is None), problem or "a list of dates")
