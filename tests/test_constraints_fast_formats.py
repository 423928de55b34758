"""Fast ways of the published formats and whole answers against plain ones."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.constraints.constraint import CONSTRAINTS, families
from benchwright.constraints.document import MARGIN, Document, Span
from benchwright.constraints.run import run_check
from benchwright.constraints.verifiable import _ifbench_format_nesting as nesting
from benchwright.constraints.verifiable import _ifbench_format_titles as titles
from benchwright.constraints.verifiable._ifbench_format_emoji import _EMOJI, emoji
from benchwright.constraints.verifiable._ifbench_format_lists import written_lines
from benchwright.constraints.verifiable._ifbench_format_options import _light, chosen
from benchwright.constraints.verifiable._ifbench_format_words import _JOINED, _LONG, crowded_lines
from benchwright.constraints.verifiable._ifbench_tables import begins_otherwise, read_rows
from benchwright.constraints.verifiable._ifbench_text import composed, unwrapped

from .published_plain import check, deepest_plain, many, texts

# Formats.


@many
@given(st.one_of(texts, st.text(st.sampled_from("([{}])（］a"), max_size=40)))
def test_brackets(text: str) -> None:
    assert nesting.deepest_brackets(text) == deepest_plain(text)


@many
@given(texts, st.booleans())
def test_quotations(text: str, cut: bool) -> None:
    document, reader = Document(text, cut), nesting._Reader()
    for start, end in document.prose_lines:
        line = text[start:end]
        if not line or line.isspace():
            reader.forget()
        else:
            reader.read(nesting._CODE.sub(lambda match: " " * len(match.group()), line), start)
    if cut and reader.found and reader.found[-1].end == len(text):
        reader.found.pop()
    assert nesting.quotations(document) == reader.found


@many
@given(texts)
def test_emoji(text: str) -> None:
    assert emoji(text) == [match.span() for match in _EMOJI.finditer(text)]


@many
@given(texts)
def test_crowded_lines(text: str) -> None:
    document, count, crowded = Document(text), 0, []
    for line in written_lines(document):
        own = [token for token in text[slice(*line)].split() if any(map(str.isalnum, token))]
        count += bool(own)
        if len(own) > 1 or (own and (_JOINED.search(own[0]) or _LONG.search(own[0]))):
            crowded.append(line)
    assert crowded_lines(document) == (count, crowded)


@many
@given(texts)
def test_title_case(text: str) -> None:
    document, judged = Document(text), 0
    against: list[Span] = []
    capitals: list[Span] = []
    for start, end in document.prose_lines:
        line = titles._CODE.sub(lambda match: " " * len(match.group()), text[start:end])
        for match in titles._TOKEN.finditer(line):
            kind = titles._kind(match.group())
            if kind == "letter" and line[match.end() : match.end() + 1] == ")":
                continue
            judged += bool(kind)
            alone = kind == "letter" and (match.group() == "i" or judged == 1)
            if kind == "small" or alone or (kind == "minor" and judged == 1):
                against.append((start + match.start(), start + match.end()))
            elif kind == "capitals":
                capitals.append((start + match.start(), start + match.end()))
    expected = judged, against, capitals if 2 * len(capitals) > judged else []
    assert titles.against_title_case(document) == expected


@many
@given(texts, st.sampled_from([",", "\t"]))
def test_headers_of_tables(text: str, delimiter: str) -> None:
    header = ("b", "I")
    if begins_otherwise(text, header, delimiter):
        rows = read_rows(text, 0, len(text), delimiter)
        assert not isinstance(rows, str)
        assert not rows or [field.value.strip() for field in rows[0]] != list(header)


@many
@given(texts, st.integers(0, 80))
def test_options(text: str, padding: int) -> None:
    options = ("b", "b i")
    said = text + " x" * padding
    answer = _light(said)
    if answer in options:
        assert chosen(options, said) == answer
    elif len(answer) > 103:
        assert chosen(options, said) is None


requests = texts.map(lambda text: text.replace("\ud800", "").strip()).filter(lambda text: not Document(text).blank)


def repeats_plain(right: list[str], given_: str, cut: bool) -> str | None:
    """Says what is wrong with an answer that shall be some words, of its form without quotation marks too."""
    wrong: list[str] = []
    for form in unwrapped(given_, cut):
        read = [word.casefold() for word in composed(form.split())]
        apart = (
            f"{word[:40]!r} instead of {wanted[:40]!r} at word {at + 1}"
            for at, (wanted, word) in enumerate(zip(right, read, strict=False))
            if word != wanted and not (cut and at == len(read) - 1 and wanted.startswith(word))
        )
        count = len(read) > len(right) or (len(read) < len(right) and not cut)
        problem = next(apart, f"{len(read)} words instead of {len(right)}" if count else None)
        if problem is None:
            return None
        wrong.append(problem)
    return wrong[0]


@many
@given(requests.filter(lambda text: len(text.split()) > 1), texts, st.booleans(), st.booleans())
def test_repeated_requests(asked: str, other: str, same: bool, cut: bool) -> None:
    given_ = f'"{asked}"' if same else other
    params = {"prompt_to_repeat": asked, "n_start": 0, "n_end": len(asked.split()) - 1}
    ran = run_check("repeat:repeat_span", json.dumps(params), Document(given_, cut))
    if not Document(given_).blank:
        problem = repeats_plain([word.casefold() for word in composed(asked.split())], given_, cut)
        assert ran.reason == (problem or ("as asked so far" if cut else "as asked"))


@many
@given(requests, texts)
def test_copies(asked: str, given_: str) -> None:
    def plain(text: str) -> str:
        alike = str.maketrans("’‘“”\u00a0", "''\"\" ")
        return " ".join(unicodedata.normalize("NFC", text).strip(MARGIN).translate(alike).split())

    for said in (asked, given_, f" {asked}\n"):
        if not Document(said).blank:
            outcome = check("copy:copy", said, prompt_to_repeat=asked)[0]
            assert outcome == ("satisfied" if plain(said) == plain(asked) else "violated")


# Whole forms.


@pytest.mark.parametrize(
    "id",
    [id for id in CONSTRAINTS.ids() if id.startswith(("custom:", "repeat:", "new:", "copy:copy"))]
    + ["format:options", "format:newline", "format:no_whitespace"],
)
def test_what_is_a_whole_answer_goes_with_nothing(id: str) -> None:
    assert CONSTRAINTS.get(id).conflicts == set(families(CONSTRAINTS.ids()))


def test_both_rules_for_first_letters_share_a_slot() -> None:
    one, other = CONSTRAINTS.get("words:alphabet"), CONSTRAINTS.get("keywords:no_adjacent_consecutive")
    assert "initials" in one.slots & other.slots
