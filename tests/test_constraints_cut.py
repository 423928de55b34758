"""What a check says of a response that the token limit cut still holds of the response that would have followed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchwright.constraints.constraint import CONSTRAINTS
from benchwright.constraints.document import Document
from benchwright.schemas.outcome import Outcome

from .constraint_runs import distinct, ran

S, V, U = Outcome.SATISFIED, Outcome.VIOLATED, Outcome.UNKNOWN

BANS = {
    "charset.ascii",
    "charset.no_emoji",
    "charset.no_markdown",
    "case.lower",
    "case.upper",
    "change_case:english_capital",
    "change_case:english_lowercase",
    "count:count_unique",
    "compose.and",
    "compose.selection",
    "es:change_case:spanish_capital",
    "es:change_case:spanish_lowercase",
    "fr:change_case:french_capital",
    "fr:change_case:french_lowercase",
    "fr:detectable_content:no_digits",
    "fr:special_character:ethel_or_cedilla",
    "fr:special_character:no_accents",
    "format:no_whitespace",
    "format:title_case",
    "language.response",
    "language:response_language",
    "ja:letters:hiragana_only",
    "ja:letters:kansuuji",
    "ja:letters:katakana_only",
    "ja:letters:no_hiragana",
    "ja:letters:no_katakana",
    "ja:punctuation:no_comma",
    "ja:punctuation:no_period",
    "keywords.exclude",
    "keywords:exclude_word_harder",
    "keywords:forbidden_words",
    "keywords:no_adjacent_consecutive",
    "punctuation.no_comma",
    "punctuation.no_exclamation",
    "style.no_contractions",
    "punctuation:no_comma",
    "punctuation:punctuation_dot",
    "punctuation:punctuation_exclamation",
    "turns.keeps_rule",
    "words:no_consecutive",
}
"""Judged as far as the text goes: more of it may break them, which the documentation says."""
OPEN = {"style.no_first_person"}
"""As far as the text goes."""
PARAMS: dict[str, list[dict[str, Any]]] = {
    "keywords.include": [{"words": ["cat"]}, {"words": ["cat", "a b"]}],
    "keywords.exclude": [{"words": ["cat", "a b"]}],
    "keywords.frequency": [{"keyword": "cat"}],
    "count.letter": [{"letter": "n"}, {"letter": "#"}],
    "start_end.start_phrase": [{"phrase": "Let's cat"}, {"phrase": '"a" b'}],
    "start_end.end_phrase": [{"phrase": "a b"}],
}
"""Parameters made for the pieces, beyond a relation and a number; of others two that attachment draws."""


def params_of(id: str) -> list[str]:
    fields = CONSTRAINTS.get(id).Params.model_fields
    if id not in PARAMS and set(fields) != {"relation", "n"}:
        return [params.model_dump_json() for params in distinct(id)[:2]]
    counts: list[dict[str, Any]] = [{}]
    if "relation" in fields:
        counts = [{"relation": r, "n": n} for r in ("at_least", "at_most", "exactly") for n in (1, 2)]
    return [json.dumps({**count, **own}) for own in PARAMS.get(id, [{}]) for count in counts]


JUDGED = [(id, kwargs) for id in CONSTRAINTS.ids() if id not in OPEN for kwargs in params_of(id)]
PIECES = [
    "cat", "cats", "egory", "a b", "N", "n", "\u0303", "#", "YES", "'s", "’", "-", "- ", "* ", "*", "**", "`", "```",
    "\n", "\n\n", " ", ". ", "!", "?", "[a]", "[", "](", "(x)", ": http", "<<", "T>>", ">", "1", "2,3", ",", ".5",
    "000", '"', "{", "}", "json", "Let", "Let’s ", "好", "。", "“", "”", ":", "_", "\r\n", "Dr", ";",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join),
)
@example("the cat", "egory")
@example("[a]", "(x)")
@example("*a*", "*")
@example("```json", "\n{}\n```")
@example("Let’s ", "cat.")
@example("1,2,3", "45")
@example("2,3cat", "’")
def test_more_text_does_not_turn_a_verdict_round(text: str, more: str) -> None:
    for id, kwargs in JUDGED:
        cut = ran(id, kwargs, text, "length")
        whole = ran(id, kwargs, text + more)
        if cut[0] is U or (cut[0] is S and id in BANS):
            continue
        assert cut[0] is whole[0], (id, kwargs, cut, whole)


@pytest.mark.parametrize(
    ("id", "kwargs", "text", "expected"),
    [
        ("keywords.include", {"words": ["cat"]}, "I saw a cat", U),
        ("keywords.include", {"words": ["cat"]}, "I saw a cat ", S),
        ("keywords.exclude", {"words": ["cat"]}, "I saw a cat", U),
        ("keywords.exclude", {"words": ["cat"]}, "I saw a cat, a c", V),
        ("keywords.frequency", {"keyword": "cat", "relation": "at_most", "n": 1}, "cat, cat", U),
        ("keywords.frequency", {"keyword": "cat", "relation": "at_most", "n": 1}, "cat, cat.", V),
        ("case.capital_words", {"relation": "at_least", "n": 1}, "an OK", U),
        ("count.placeholders", {"relation": "at_least", "n": 1}, "Dear [name]", U),
        ("count.placeholders", {"relation": "at_least", "n": 1}, "Dear [name]\n", S),
        ("format.highlights", {"relation": "at_least", "n": 1}, "It is *big*", U),
        ("format.highlights", {"relation": "at_least", "n": 1}, "It is *big* n", S),
        ("format.bullets", {"relation": "exactly", "n": 1}, "- one\n- tw", V),
        ("format.bullets", {"relation": "at_least", "n": 2}, "- one\n- tw", S),
        ("length.paragraphs", {"relation": "at_most", "n": 1}, "One.\n\n--", U),
        ("length.paragraphs", {"relation": "at_most", "n": 1}, "One.\n\nTw", V),
        ("format.json", {}, "```js", U),
        ("format.json", {}, "``", U),
        ("start_end.start_phrase", {"phrase": "Let's go"}, "Let’s g", U),
        ("start_end.start_phrase", {"phrase": "In short"}, "In short", U),
    ],
)
def test_the_very_end_of_a_cut_text_is_open(id: str, kwargs: dict[str, Any], text: str, expected: Outcome) -> None:
    assert ran(id, kwargs, text, "length")[0] is expected


def test_a_cut_blank_text_is_unknown() -> None:
    assert all(ran(id, kwargs, " \n\u200b", "length")[0] is U for id, kwargs in JUDGED)
    assert Document(" \n\u200b").blank
