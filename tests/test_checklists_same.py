"""Telling items alike: what is the same in other clothes, and what one word or number keeps apart."""

from __future__ import annotations

import json
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.constraints.checklists.same import Known, alike, cosine, plain
from benchwright.schemas.text import grams, jaccard


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Does the response name a river?", "does the response name  a river"),
        ("Does the response name a river?", "Does the answer name the river?"),
        ("Does the response use bullet points?", "Does the response use bullets points?"),
        ("Is it, all in all, short?", "Is it all in all short?"),
        ("回答是否提到“长江”？", "回答是否提到长江?"),
        ("Ist die Antwort höflich?", "Ist die Antwort ho\u0308flich ?"),
    ],
)
def test_the_same(one, other):
    assert alike(one, other) and alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Does it have 3 parts?", "Does it have 5 parts?"),
        ("Does it give 3.5 litres?", "Does it give 35 litres?"),
        ("Does it list 3, 5?", "Does it list 35?"),
        ("Does it mention the sea?", "Does it not mention the sea?"),
        ("Is it written in C?", "Is it written in C#?"),
        ('Does it end with "!"?', 'Does it end with "?"?'),
        ("Does A come before B?", "Does B come before A?"),
        ("Is it with sugar?", "Is it without sugar?"),
        ("Is it formal?", "Is it a format?"),
        ("回答是否提到长江？", "回答是否提到黄河？"),
        ("", "?"),
    ],
)
def test_not_the_same(one, other):
    assert not alike(one, other) or plain(one) == plain(other) == ""
    assert one == "" or not alike(other, one)


@given(st.text(), st.text())
def test_likeness_is_symmetric_and_holds_of_itself(one, other):
    assert alike(one, one)
    assert alike(one, other) == alike(other, one)


def test_questions_that_people_put_beside_each_other_stay_apart(data_dir):
    """All questions of one instruction ask different things; near copies by character grams would lose some of them."""
    lines = (data_dir / "infobench" / "gpt-4__GPT4_DecomposeEval.jsonl").read_text("utf-8").splitlines()
    pairs = [pair for line in lines for pair in combinations(json.loads(line)["decomposed_questions"], 2)]
    assert len(pairs) == 5375
    assert [pair for pair in pairs if alike(*pair)] == []
    assert sum(jaccard(grams(one), grams(other)) >= 0.8 for one, other in pairs) == 42


def test_the_first_stays():
    known = Known()
    known.add("Is it short?", "given")
    known.add("is it SHORT", "instruction")
    assert known.same("Is it short ?") == ("Is it short?", "given")
    assert known.same("Is it long?") is None


def test_vectors_tell_other_wordings_with_the_same_numbers():
    known = Known()
    known.add("Has it 3 lines?", "given", (1.0, 0.0))
    assert known.same("Are there 3 lines?", (0.96, 0.28)) == ("Has it 3 lines?", "given")
    assert known.same("Are there 4 lines?", (1.0, 0.0)) is None
    assert known.same("Are there 3 lines?", (0.95, 0.3122498999199199)) is None, "0.95 is not above 0.95"
    assert known.same("Are there 3 lines?") is None
    assert cosine((0.0, 0.0), (1.0, 0.0)) == 0.0
