from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.constraints.document import Document
from benchwright.schemas.text import words


def parts(text: str, name: str) -> list[str]:
    document = Document(text)
    return [text[start:end] for start, end in getattr(document, name)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        (" \n", []),
        ("no end", ["no end"]),
        ("!!!", ["!!!"]),
        ("It rains. We stay! Why?", ["It rains.", "We stay!", "Why?"]),
        ("all small. still two.", ["all small.", "still two."]),
        ("天黑了。我们回家吧！好吗？", ["天黑了。", "我们回家吧！", "好吗？"]),
        ("雨が降る。家にいる。", ["雨が降る。", "家にいる。"]),
        ("यह घर है। वह पेड़ है॥", ["यह घर है।", "वह पेड़ है॥"]),
        ("¿Vienes? Sí, Sr. Gil. ¡Vamos!", ["¿Vienes?", "Sí, Sr. Gil.", "¡Vamos!"]),
        ("1. Sow beans.\n2. Water them.", ["Sow beans.", "Water them."]),
        ("It costs 3.50 euros. Cheap.", ["It costs 3.50 euros.", "Cheap."]),
        ("Use tools, e.g. a saw. Ask Dr. Lee.", ["Use tools, e.g. a saw.", "Ask Dr. Lee."]),
        ("J. Doe came at 5 p.m. Then he left.", ["J. Doe came at 5 p.m.", "Then he left."]),
        ('"Why?" she asked. Nobody knew...', ['"Why?" she asked.', "Nobody knew..."]),
        ("Well... maybe. Yes", ["Well... maybe.", "Yes"]),
        ("# Heading\nOne line\ngoes on.", ["Heading\nOne line\ngoes on."]),
        ("Dear Ann,\n\nI write.\n\nYours", ["Dear Ann,\n\nI write.", "Yours"]),
        ("Look:\n```\nx. y. z.\n```\nDone.", ["Look:\n```\nx. y. z.\n```\nDone."]),
        ("Visit a.example.org now", ["Visit a.example.org now"]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert parts(text, "sentences") == sentences


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("one\ntwo", ["one\ntwo"]),
        ("one\n\ntwo\n \n\nthree\n", ["one", "two", "three"]),
        ("one\r\n\r\ntwo", ["one", "two"]),
        ("one\n\n---\n\ntwo", ["one", "two"]),
        ("\n\n", []),
        ("a\n\n```\nx\n\ny\n```", ["a", "```\nx\n\ny\n```"]),
    ],
)
def test_paragraphs(text: str, paragraphs: list[str]) -> None:
    assert parts(text, "paragraphs") == paragraphs


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("- a\n* b\n+ c", 3),
        ("  - nested\n- a", 2),
        ("* a\n\n---\n* * *\n- - -", 1),
        ("*loud* word", 0),
        ("-5 degrees", 0),
        ("1. one", 0),
        ("```\n- a\n```\n- b", 1),
        ("```\n- a never closed", 0),
        ("```markdown\n- a\n```", 1),
        ("- \n-", 0),
    ],
)
def test_bullets(text: str, count: int) -> None:
    assert len(Document(text).bullets) == count


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("*a* and **b c** and ***d***", ["*a*", "**b c**", "***d***"]),
        ("* **Title**: text", ["**Title**"]),
        ("2 * 3 * 4 = 24", []),
        ("2*3*4 = 24", []),
        ("* one with a *", []),
        ("这是*重点*内容", ["*重点*"]),
        ("**bold *and* more**", ["*and*"]),
        ("** ** *?*", []),
        (r"\*no\*", []),
        ("`x`\n```\n*a*\n```", []),
    ],
)
def test_highlights(text: str, found: list[str]) -> None:
    assert parts(text, "highlights") == found


def test_blank_is_what_cannot_be_seen() -> None:
    assert all(Document(text).blank for text in ("", " \t\n", "\u200b\ufeff", "\x00"))
    assert not Document("。").blank


@given(st.text(st.sampled_from("ab1.!?。*-`#~>[]() \n\r\t'’,é好"), max_size=80))
def test_spans_lie_in_the_text_in_order(text: str) -> None:
    document = Document(text)
    for spans in (document.lines, document.word_spans, document.sentences, document.paragraphs, document.bullets):
        assert all(0 <= start <= end <= len(text) for start, end in spans)
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert [text[start:end] for start, end in document.word_spans] == words(text)
    assert [text[start:end] for start, end in document.lines] == (text.replace("\r\n", "\n").replace("\r", "\n")).split(
        "\n"
    )[: len(document.lines)]


RICH = """# Plan

The river is long and it is where they have been with their boats. So it goes.

- one
- two

1. first
2. second

Below
=====

```python
# no heading
1. no item
```
"""


def test_what_is_told_of_the_whole() -> None:
    document = Document(RICH)
    assert document.language == "en"
    assert [heading.text for heading in document.headings] == ["Plan", "Below"]
    assert [[item.text for item in one.items] for one in document.lists] == [["one", "two"], ["first", "second"]]
    assert [one.numbered for one in document.lists] == [False, True]
    (block,) = document.code_blocks
    assert (block.language, block.closed) == ("python", True)
    assert RICH[slice(*block.body)] == "# no heading\n1. no item\n"
    assert Document("```\nthe code of it\n```\n¿Qué pasa con el río y por qué?").language == "es"


PROPERTIES = (
    "blank", "bullets", "code_blocks", "folded", "headings", "highlights", "language", "lines", "lists", "lower",
    "paragraphs", "prose", "sentences", "upper", "word_count", "word_spans", "words",
)  # fmt: skip


def test_one_document_serves_many_threads() -> None:
    plain = [getattr(Document(RICH * 10), name) for name in PROPERTIES]
    for _ in range(20):
        shared = Document(RICH * 10)
        with ThreadPoolExecutor(16) as pool:
            found = list(pool.map(lambda _, shared=shared: [getattr(shared, name) for name in PROPERTIES], range(16)))
        assert all(one == plain for one in found)


def test_nothing_is_kept_between_documents() -> None:
    """Each is told the same, whatever was read before it, and says nothing else for being asked twice."""
    texts = [RICH, "No list here, said she.", "", "今天天气很好。", "```\nopen", RICH]
    first = [[getattr(Document(text), name) for name in PROPERTIES] for text in texts]
    again = [[getattr(Document(text), name) for name in reversed(PROPERTIES)][::-1] for text in reversed(texts)][::-1]
    assert first == again
