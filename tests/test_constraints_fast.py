"""What is fast in the constraints says what the plain way says, which stands here beside it."""

from __future__ import annotations

import json
import re
import unicodedata
from itertools import islice
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from benchwright.constraints import document as documents
from benchwright.constraints import sentences
from benchwright.constraints.constraint import CONSTRAINTS, Relation
from benchwright.constraints.document import EVIDENCE, Document, Span
from benchwright.constraints.run import run_check
from benchwright.constraints.verifiable import _literal as literal
from benchwright.constraints.verifiable import case, count, format, length, start_end
from benchwright.constraints.verifiable._counted import Quantity
from benchwright.constraints.verifiable._published import Adapted
from benchwright.constraints.verifiable.ifeval_combination import _alike, _closed, _plain, _repeated
from benchwright.schemas import text as texts
from benchwright.schemas.text import count_words, normalise, word_spans, words

PIECES = [
    *"aAbIzZ019 .,!?…:;-'’\"“”()[]{}*_`~#<>|\\\n\t\r",
    *(
        "\r\n",
        "\n\n",
        ". ",
        "! ",
        "Dr",
        "U.S",
        "e.g",
        " The ",
        "Vitamin C",
        "1. ",
        "- ",
        "* ",
        "+ x",
        "# h",
        "a) ",
        "--",
    ),
    *(
        "```",
        "```\n",
        "~~~",
        "```text\n",
        "---",
        "***",
        "******",
        "- - -",
        "<<a>>",
        "<<",
        "**a**",
        "*a b*",
        "`*a*`",
        "`",
    ),
    *("é", "e\u0301", "ñ", "ß", "İ", "ı", "ſ", "\u212a", "ς", "Σ", "ǅ", "ﬀ", "ᾳ", "½", "²", "٣", "\u0301", "\ufe0f"),
    *(
        "好",
        "。",
        "“好。”",
        "说",
        "と",
        "カ",
        "한",
        "हि",
        "में",
        "।",
        "ส",
        "สวั",
        "م",
        "😀",
        "👩\u200d👩",
        "\u200b",
        "\ufeff",
    ),
    *("\ud800", "\x00", "\x0b", "\u2028", "\x85", "\xa0", "\u3000", "、", "1、", "．", "？", "」"),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=24).map("".join) | st.text(max_size=30)
"""Texts of what checks look for, and any text at all: surrogates, combining marks, ends of lines, fences, scripts."""
WESTERN = st.text(st.sampled_from("aZ9.,'’-–—é½²ªº ÿŸŠ€“”…_\n\x92\x81\xa0\xad‐ß×÷"), max_size=20)

ANY = Quantity(relation="at_least", n=1)


# --- Words ---------------------------------------------------------------------------------------------------------


def test_marks_are_where_they_are_looked_for() -> None:
    characters = "".join(map(chr, range(0x300, 0x10000)))
    marks = [character for character in characters if unicodedata.category(character)[0] == "M"]
    assert texts._mark().findall(characters) == marks


@settings(max_examples=400)
@given(TEXTS | WESTERN)
@example("rock-n-roll 1.2.3 a-b-c-d 1,000.5 don't -a- 'q' 5.a ½-¾ 1'2")
def test_words(text: str) -> None:
    plain = [match.span() for match in texts._word().finditer(text)]
    assert word_spans(text) == plain
    assert words(text) == [text[start:end] for start, end in plain]
    assert count_words(text) == len(plain)
    assert all(word_spans(text, most) == plain[:most] for most in (0, 1, 2, 20))


@given(st.lists(st.sampled_from(["a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "1.2", "-", " ", "好"]), max_size=60))
def test_first_words(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert word_spans(text, 2) == word_spans(text)[:2]


# --- Document ------------------------------------------------------------------------------------------------------

STOP = re.compile(
    f"[{sentences._WIDE}]{sentences._WIDE_END}|[{sentences._NARROW}]{sentences._NARROW_END}",
)
HIGHLIGHT = re.compile(r"(?<![*\\])(\*{1,3})(?![\s*])([^*\r\n]+)(?<![\s\\])\1(?!\*)")


def plain_lines(text: str) -> list[Span]:
    breaks = [match.span() for match in re.finditer(r"\r\n|\r|\n", text)]
    starts = [0, *(end for _, end in breaks)]
    spans = list(zip(starts, [*(start for start, _ in breaks), len(text)], strict=True))
    return spans[:-1] if breaks and starts[-1] == len(text) else spans


def plain_sentences(text: str, lines: list[Span]) -> list[Span]:
    """Line by line, as the rules read; what ends a sentence is asked of the rules themselves."""
    spans: list[Span] = []
    at: int | None = None
    for first, last in lines:
        marker = sentences._FIRST_MARKER.match(text, first, last)
        begin = marker.end() if marker else first
        at = begin if at is None else at
        for match in STOP.finditer(text, begin, last):
            wide = match.group()[0] in sentences._WIDE
            if (
                sentences._ends_wide(text, match.end(), last)
                if wide
                else sentences._ends(text, begin, *match.span(), last)
            ):
                spans.append((at, match.end()))
                at = begin = match.end()
        if at == last:
            at = None
    if at is not None:
        spans.append((at, lines[-1][1]))
    kept = [(start, end) for start, end in spans if any(map(str.isalnum, text[start:end]))]
    return [(end - len(text[start:end].lstrip()), start + len(text[start:end].rstrip())) for start, end in kept]


def plain_paragraphs(document: Document) -> list[Span]:
    spans: list[Span] = []
    begun: Span | None = None
    for (start, end), kind in zip(document.lines, document._kinds, strict=True):
        if kind == "code" or not documents._EMPTY.fullmatch(document.text, start, end):
            begun = (start if begun is None else begun[0], end)
        elif begun is not None:
            spans.append(begun)
            begun = None
    if begun is not None:
        spans.append(begun)
    named = (documents.RULE, documents._HEADING)
    return [span for span in spans if not any(one.fullmatch(document.text, *span) for one in named)]


def plain_highlights(document: Document) -> list[Span]:
    text = document.text
    found = []
    for line in document.prose_lines:
        codes = [match.span() for match in documents._INLINE_CODE.finditer(text, *line)]
        for match in HIGHLIGHT.finditer(text, *line):
            start, end = match.span()
            around = text[max(0, start - 1) : start], text[end : end + 1]
            if (
                not any(first < start and end < last for first, last in codes)
                and any(map(str.isalnum, match.group(2)))
                and not all(one.isascii() and one.isalnum() for one in around)
            ):
                found.append((start, end))
    return found


@settings(max_examples=600)
@given(TEXTS)
@example("U.S.U.S. - ")
@example("Hi. \n1. Go.\n   \n- \n- on.")
@example("A.\n---\n---\n")
def test_document(text: str) -> None:
    document = Document(text)
    assert document.blank == (not any(one.isprintable() and not one.isspace() for one in text))
    assert document.lines == plain_lines(text)
    assert document.prose == "\n".join(text[start:end] for start, end in document.prose_lines)
    assert document.paragraphs == plain_paragraphs(document)
    assert document.highlights == plain_highlights(document)
    divides = documents.RULE.fullmatch
    bullets = (line for line in document.prose_lines if documents._BULLET.match(text, *line))
    assert document.bullets == [line for line in bullets if not divides(text, *line)]
    # A note may stand on the line behind the mark: it is read across lines.
    assume("</" not in text)
    lines = [line for line in document.prose_lines if not divides(text, *line)]
    whole = [(len(text) - len(text.lstrip()), len(text.rstrip()))]
    assert document.sentences == plain_sentences(text, lines) or (document.sentences == whole and not document.blank)
    some = [line for line in lines if text[slice(*line)][:1] not in ("", "#")]
    assert sentences.sentence_spans(text, some) == plain_sentences(text, some)


# --- Words of the user ---------------------------------------------------------------------------------------------

PHRASES = ("art", "a b", "it's", "é", "café", "İ", "ſs", "K", "-a", "a-", "好", "k", "ΑΣ", "kiss", ".", "a.")
AROUND = st.sampled_from(
    ["a", "art", "kiss", "K", " ", "-", "'", "’", "é", "\u0301", "好", "İ", "ı", "ſ", "\u212a", "\n", "."]
)


def plain_places(phrase: str, text: str) -> list[Span]:
    forms = dict.fromkeys(unicodedata.normalize(form, phrase) for form in ("NFC", "NFD"))
    parts = (r"\s+".join(re.sub("['’]", "['’]", re.escape(part)) for part in form.split()) for form in forms)
    pattern, at, found = re.compile("|".join(parts), re.IGNORECASE), 0, []
    while match := pattern.search(text, at):
        at = match.start() + 1
        if literal._bounded(text, *match.span()):
            found.append(match.span())
            at = match.end()
    return found


@settings(max_examples=500)
@given(st.sampled_from(PHRASES), st.lists(AROUND | st.sampled_from(PHRASES), max_size=10), st.booleans())
def test_places(phrase: str, pieces: list[str], capital: bool) -> None:
    text = "".join(pieces).upper() if capital else "".join(pieces)
    found = plain_places(phrase, text)
    assert list(literal.places(phrase, text)) == found
    assert literal.appears(phrase, text) == bool(found)
    assert literal.may_appear(phrase, Document(text)) or not found


# --- Single checks -------------------------------------------------------------------------------------------------


@given(TEXTS)
def test_case(text: str) -> None:
    for name, wrong in (("capital", case._capital), ("small", case._small)):
        total, runs = case._runs(text, wrong)
        assert total == sum(map(wrong, text))
        assert case._found(text, name) == (total, runs)
        assert (text.lower() if name == "capital" else text.upper()) == text or total
        assert [span for span in runs if not all(map(wrong, text[slice(*span)]))] == []
    capitals = (span for span in word_spans(text) if sum(map(case._capital, text[slice(*span)])) > 1)
    plain = [span for span in capitals if text[slice(*span)].upper() == text[slice(*span)]]
    assert list(case.CapitalWords().find(ANY, Document(text))) == plain


@given(TEXTS, st.sampled_from("eékKs.1σñ"))
def test_letter(text: str, letter: str) -> None:
    characters = re.finditer("[^\u0300-\u036f][\u0300-\u036f]*", text)
    normal = ((match.span(), unicodedata.normalize("NFC", match.group())) for match in characters)
    plain = [span for span, character in normal if character[0].lower() == letter.lower()]
    params = count.LetterQuantity(letter=letter, relation="at_least", n=1)
    assert list(count.Letter().find(params, Document(text))) == plain
    assert count.Letter().tally(params, Document(text)) == (len(plain), plain[:EVIDENCE])


NUMBER = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)|\d{1,3}(?:\.\d{3})+,\d+(?!,?\d)"
    r"|(?<!\d)(?<!\d,)(?:\d{1,3},\d+|\d+,\d{1,2})(?!\d)(?!,\d)|\d+(?:\.\d+)*"
)


@settings(max_examples=500)
@given(st.lists(st.sampled_from(["1", "11", "11,", "11,", "111,", "5,", "1.5,", "1234", "111", ",", ".", " ", "٣"])))
@example(["11,"] * 8 + ["111"])
def test_numbers(pieces: list[str]) -> None:
    text = "".join(pieces)
    parts = [match.span() for match in count._DIGITS.finditer(text)]
    found = [match.span() for part in parts for match in count._NUMBER.finditer(text, *part)]
    assert found == [match.span() for match in NUMBER.finditer(text)]


def plain_depths(text: str, opener: str, closer: str) -> list[int]:
    depth, depths = 0, []
    for at, character in enumerate(text):
        if opener == closer and character == opener:
            before = at == 0 or not (text[at - 1].isalnum() or text[at - 1] in ".,!?…;:)*]}%")
            after = at + 1 == len(text) or not text[at + 1].isalnum()
            step = 1 if before and (at == 0 or not after) else -1 if after and not before else 0
        else:
            step = (character == opener) - (character in closer)
        if step:
            depth += step
            depths.append(depth)
    return depths


@given(st.sampled_from(list(start_end._PAIRS)), st.lists(st.sampled_from([*'ab \n.,"“”„«»「」＂', "é"]), max_size=14))
def test_quotation(opener: str, rest: list[str]) -> None:
    text, closer = opener + "".join(rest), start_end._PAIRS[opener]
    plain = any(depth <= 0 for depth in plain_depths(text, opener, closer)[:-1])
    assert start_end._closed_early(text, opener, closer) == plain


@given(st.lists(st.sampled_from(['"', "\\", "[" * 70, "{" * 70, "]" * 60, "}", "a", " "]), max_size=12))
def test_json_depth(pieces: list[str]) -> None:
    text = "".join(pieces)
    depth = deepest = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"?|[\[{\]}]', text, re.DOTALL):
        depth += (match.group() in "[{") - (match.group() in "]}")
        deepest = max(deepest, depth)
    assert format._too_deep(text) == (deepest > format.DEEPEST)


@given(*[st.lists(st.sampled_from(["Go by train ", "go BY  ", "tráin", "tra\u0301in", "ß", "ss", "\n"]))] * 2)
def test_alike(one: list[str], other: list[str]) -> None:
    a, b = "".join(one), "".join(other)
    assert _alike(a, b) == (normalise(a) == normalise(b))


def plain_repeated(prompt: str, text: str) -> tuple[Span, bool]:
    start = end = len(text) - len(text.lstrip(documents.MARGIN))
    tokens, done = prompt.split(), 0
    for wanted, match in zip(tokens, islice(re.finditer(r"\S+", text[:]), len(tokens)), strict=False):
        said, plain = _plain(match.group()), _plain(wanted)
        done += 1
        if said == plain:
            end = match.end()
        elif done == len(tokens) and said.startswith(plain) and _closed(said, len(plain)):
            alike = len(said) == len(match.group())
            return (start, match.start() + len(plain) if alike else match.end()), True
        else:
            return (start, end), False
    return (start, end), done == len(tokens)


@given(*[st.lists(st.sampled_from(["Say", "say", " ", "\n", "it.", "“it”", '"it"', "é", "e\u0301", "**"]))] * 2)
def test_repeated(asked: list[str], more: list[str]) -> None:
    prompt = " ".join(asked).strip()
    assume(prompt)
    for text in (prompt + "".join(more), "".join(more), prompt.upper() + " " + "".join(more)):
        text = text.strip()
        assert _repeated(prompt, text) == plain_repeated(prompt, text)


COUNTED = ("count.numbers", "count.placeholders", "format.bullets", "format.highlights", "length.paragraphs")


@given(TEXTS.map(lambda text: text * 3))
def test_a_tally_is_what_is_found(text: str) -> None:
    for id in (*COUNTED, "length.sentences", "case.capital_words"):
        constraint: Any = CONSTRAINTS.get(id)
        params = constraint.Params(relation="at_least", n=3)
        found = list(constraint.find(params, Document(text)))
        total, spans = constraint.tally(params, Document(text))
        assert (total, list(spans[:EVIDENCE])) == (len(found), found[:EVIDENCE])


@given(TEXTS.map(lambda text: text * 3), st.sampled_from(["at_most", "less_than", "exactly", "at_least"]))
def test_words_beyond_the_maximum_are_shown(text: str, relation: Relation) -> None:
    params, every = Quantity(relation=relation, n=3), Document(text).word_spans
    count, spans = length.Words().tally(params, Document(text))
    most = {"less_than": 2, "at_least": len(text)}.get(relation, 3)
    assert count == len(every)
    assert [start for start, _ in spans] == [start for start, _ in every[most : most + 1]]
    assert all(words(text[slice(*span)]) == words(text)[most:] for span in spans)


def test_a_published_id_is_checked_as_ours_or_by_itself() -> None:
    adapted = [id for id in CONSTRAINTS.ids() if isinstance(CONSTRAINTS.get(id), Adapted)]
    assert "length_constraints:number_words" in adapted
    for id in ("length_constraints:number_words", "keywords:existence", "punctuation:no_comma", "startend:quotation"):
        constraint: Any = CONSTRAINTS.get(id)
        given: dict[str, dict[str, Any]] = {
            "length_constraints:number_words": {"num_words": 3, "relation": "at least"},
            "keywords:existence": {"keywords": ["one", "two"]},
        }
        kwargs = given.get(id, {})
        for text in ("One, two, three.", '"All of it"', "two"):
            found = run_check(id, json.dumps(kwargs), Document(text)).check
            assert found == constraint.check(constraint.Params(**kwargs), Document(text))


def test_real_answers(data_dir: Any) -> None:
    folder = data_dir / "m_ifeval"
    if not folder.is_dir():
        pytest.skip("needs m_ifeval in the folder of real data")
    for path in sorted(folder.glob("*__strict.jsonl")):
        for line in path.read_text("utf-8").split("\n")[:-1:9]:
            text = json.loads(line)["response"]
            document = Document(text)
            assert document.lines == plain_lines(text)
            assert document.paragraphs == plain_paragraphs(document)
            assert document.highlights == plain_highlights(document)
            assert document.word_count == len(texts._word().findall(text))
