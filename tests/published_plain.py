"""Texts that are hard on the published constraints, and plain readings of words to compare fast ones with."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from benchwright.constraints.document import Document, Span
from benchwright.constraints.run import run_check
from benchwright.constraints.verifiable import _ifbench_format_nesting as nesting
from benchwright.constraints.verifiable import _ifbench_words_text as text_of

ALPHABET = "abBIiLlev1١ .,'’\"-‐*_`#()[]{}（】<>/$?!:;\t\r\n“”«»。今ーéññßİıſ\u0301\u200b\ufe0f😀🇦👍🏽\ud800"
PIECES = (
    "level",
    "radar ",
    "did",
    "1. ",
    "- 2) ",
    "I. ",
    "(i) ",
    "i.e. ",
    "x_i ",
    "World War I ",
    "the US ",
    "no one ",
    "it's ",
    "l'eau ",
    "Emma",
    "EMMA ",
    "xEmma ",
    "a) ",
    "The ",
    "NASA ",
    "iPhone ",
    "`code` ",
    "```\n",
    "https://a.b/c ",
    "?!",
    "1️⃣",
    "👩‍👧",
    "don't ",
    "'no' ",
    '"yes" ',
    "# Title\n",
    "<<T>>\n",
    "**Bold**\n",
    "été ",
    "noon\n",
    "never odd or even ",
    "12.21 ",
    "\n\n",
)
plain_texts = st.text(st.sampled_from([letter for letter in ALPHABET if letter.isascii()]), max_size=60)
texts = st.one_of(
    plain_texts,
    st.text(st.sampled_from(ALPHABET), max_size=40),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(st.sampled_from(ALPHABET), max_size=3)), max_size=14).map(
        "".join
    ),
)
many = settings(max_examples=150, deadline=None)


def spoken_plain(document: Document) -> list[Span]:
    numerals = {
        match.start(1)
        for start, end in document.prose_lines
        if (match := text_of._NUMERAL.match(document.text, start, end))
    }
    return [span for span in document.word_spans if span[0] not in numerals]


def settled_plain(document: Document, spans: list[Span]) -> list[Span]:
    if document.cut and spans and not any(map(str.isspace, document.text[spans[-1][1] :])):
        return spans[:-1]
    return spans


def within_plain(spans: list[Span], parts: list[Span]) -> list[list[Span]]:
    held = ([span for span in spans if start <= span[0] < end] for start, end in parts)
    return [found for found in held if found]


def check(id: str, text: str, cut: bool = False, **kwargs: Any) -> tuple[str, Any, tuple[Span, ...]]:
    ran = run_check(id, json.dumps(kwargs), Document(text, cut))
    assert ran.check is not None, ran.reason
    return ran.outcome.value, ran.check.measured, ran.check.spans


def deepest_plain(text: str) -> tuple[int, Span | None]:
    kinds: list[tuple[str, int, int]] = []
    best, place = 0, None
    for at, character in enumerate(text):
        if character in nesting._CLOSERS:
            kinds.append((nesting._CLOSERS[character], at, 0))
        elif character in nesting._CLOSES and any(kind == nesting._CLOSES[character] for kind, _, _ in kinds):
            inner, kind = 0, ""
            while kind != nesting._CLOSES[character]:
                kind, start, held = kinds.pop()
                inner = max(inner, held)
            if kinds:
                kinds[-1] = (*kinds[-1][:2], max(kinds[-1][2], inner + 1))
            if inner + 1 > best:
                best, place = inner + 1, (start, at + 1)
    return best, place
