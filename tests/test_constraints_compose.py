"""Compositions: three-valued logic over their parts, beside a plain reference; parameters, places, wordings."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from benchwright.constraints.attach import attach
from benchwright.constraints.constraint import CONSTRAINTS
from benchwright.constraints.document import Document
from benchwright.constraints.run import read_params, run_check
from benchwright.constraints.verifiable._wording import LANGUAGES
from benchwright.schemas.messages import Messages
from benchwright.schemas.outcome import Outcome

from .constraint_instructions import REQUESTS, instruction
from .constraint_runs import instructions

S, V, U = Outcome.SATISFIED, Outcome.VIOLATED, Outcome.UNKNOWN
Tree = dict[str, Any]


def part(checker: str, /, **kwargs: Any) -> Tree:
    return {"checker": checker, "kwargs": kwargs}


NO_COMMA = part("punctuation.no_comma")
SALT = part("keywords.include", words=["salt"])
FRENCH = part("language.response", language="fr")
SHORT = part("length.words", relation="at_most", n=3)
LONG = part("length.words", relation="at_least", n=3)
LEAVES = [NO_COMMA, SALT, FRENCH, SHORT, LONG, part("relative.answer_length", relation="shorter")]
"""Of the texts below each is satisfied, violated and, in short, cut or first answers, unknown by some."""


def choice(on: str, condition: Tree, then: Tree, *otherwise: Tree) -> Tree:
    return part("compose.selection", condition={**condition, "on": on}, then=then, otherwise=list(otherwise))


def trees(chain: bool = True) -> st.SearchStrategy[Tree]:
    """Draws compositions up to four deep; no chain inside a chain."""

    def over(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        several = st.lists(inner, min_size=2, max_size=3)
        made = several.map(lambda parts: part("compose.and", parts=parts))
        chosen = st.tuples(st.sampled_from(["response", "input"]), several).map(
            lambda drawn: choice(drawn[0], *drawn[1])
        )
        return st.one_of(made, chosen)

    plain = over(st.one_of(st.sampled_from(LEAVES), over(st.sampled_from(LEAVES))))
    if not chain:
        return plain
    step = st.one_of(st.sampled_from(LEAVES), plain)
    chained = st.lists(step, min_size=2, max_size=3).map(lambda steps: part("compose.chain", steps=steps))
    beside = st.tuples(chained, step).map(lambda parts: part("compose.and", parts=list(parts)))
    return st.one_of(plain, chained, beside)


def leaves(tree: Tree) -> int:
    if not tree["checker"].startswith("compose."):
        return 1
    held = [one for value in tree["kwargs"].values() for one in (value if isinstance(value, list) else [value])]
    return sum(map(leaves, held))


def conjunction(outcomes: list[Outcome]) -> Outcome:
    return V if V in outcomes else U if U in outcomes else S


def plainly(tree: Tree, text: str, cut: bool, messages: Messages) -> Outcome:
    """Evaluates a tree as its definition reads; texts hold no code and no space at line ends."""
    kwargs = tree["kwargs"]
    if not tree["checker"].startswith("compose."):
        document = Document(text, cut=cut, messages=messages)
        return run_check(tree["checker"], json.dumps(kwargs), document).outcome
    if not text.strip():
        return U if cut else V
    if tree["checker"] == "compose.and":
        return conjunction([plainly(one, text, cut, messages) for one in kwargs["parts"]])
    if tree["checker"] == "compose.chain":
        return chain_plainly(kwargs["steps"], text, cut, messages)
    condition = kwargs["condition"]
    if condition["on"] == "response":
        holds = plainly(condition, text, cut, messages)
        if cut and holds is S and plainly(condition, "Zyxquv", True, messages) is S:
            holds = U
    else:
        holds = plainly(condition, messages[-1]["content"], False, messages) if messages else U
    branches = [plainly(one, text, cut, messages) for one in [kwargs["then"], *kwargs["otherwise"]]] + [S]
    yes, no = branches[:2]
    if holds is not U:
        return yes if holds is S else no
    return yes if yes is no else U


def chain_plainly(steps: list[Tree], text: str, cut: bool, messages: Messages) -> Outcome:
    pieces = text.split("\n***\n")
    if cut:
        pieces[-1] = pieces[-1].removesuffix("\n***")
    if pieces and not pieces[-1].strip():
        del pieces[-1]
    if len(pieces) > len(steps) or (len(pieces) < len(steps) and not cut):
        return V
    found = [
        plainly(
            step,
            piece.strip() if not cut or at < len(pieces) - 1 else piece.lstrip(),
            cut and at == len(pieces) - 1,
            messages,
        )
        for at, (step, piece) in enumerate(zip(steps, pieces, strict=False))
    ]
    return conjunction(found + [U] * cut)


PIECES = ["salt", "a salt mine", "oui", "one, two", "x", "voici une réponse courte qui est écrite en français", "."]
TEXTS = st.lists(st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map(" ".join), max_size=4).map(
    "\n***\n".join
)
TALKS: list[Messages] = [
    (),
    ({"role": "user", "content": "Do you like salt, then?"},),
    (
        {"role": "user", "content": "oui"},
        {"role": "assistant", "content": "three words here"},
        {"role": "user", "content": "x"},
    ),
]


@settings(max_examples=500, deadline=None)
@given(
    tree=trees().filter(lambda tree: leaves(tree) <= 8), text=TEXTS, cut=st.booleans(), messages=st.sampled_from(TALKS)
)
def test_the_outcome_is_that_of_the_parts(tree: Tree, text: str, cut: bool, messages: Messages) -> None:
    found = run_check(tree["checker"], json.dumps(tree["kwargs"]), Document(text, cut=cut, messages=messages))
    assert not found.reason.startswith(("bad_params", "check_crashed")), found
    assert found.outcome is plainly(tree, text, cut, messages), found


@settings(max_examples=300, deadline=None)
@given(tree=trees().filter(lambda tree: leaves(tree) <= 8), text=TEXTS, more=TEXTS, messages=st.sampled_from(TALKS))
def test_more_text_mends_no_violation(tree: Tree, text: str, more: str, messages: Messages) -> None:
    kwargs = json.dumps(tree["kwargs"])
    if run_check(tree["checker"], kwargs, Document(text, cut=True, messages=messages)).outcome is V:
        assert run_check(tree["checker"], kwargs, Document(text + more, messages=messages)).outcome is not S


def outcome(tree: Tree, text: str, messages: Messages = (), cut: bool = False) -> tuple[Outcome, str]:
    found = run_check(tree["checker"], json.dumps(tree["kwargs"]), Document(text, cut=cut, messages=messages))
    return found.outcome, found.reason


def test_the_first_part_that_fails_is_named() -> None:
    both = part("compose.and", parts=[SALT, NO_COMMA, SHORT])
    assert outcome(both, "salt, pepper, thyme, sage") == (V, "part 2 (punctuation.no_comma): 3 found")
    chain = part("compose.chain", steps=[SALT, NO_COMMA])
    assert outcome(chain, "salt\n***\na, b") == (V, "part 2 (punctuation.no_comma): 1 found")
    assert outcome(chain, "salt") == (V, "1 parts between lines with ***; asked: 2")
    vacuous = outcome(choice("response", SALT, NO_COMMA), "one, two")
    assert vacuous == (S, "the condition does not hold (missing: salt): nothing else is asked")


def test_places_are_those_of_the_parts() -> None:
    text = "Some salt.\n\n***\n\n one, two"
    chain = part("compose.chain", steps=[SALT, NO_COMMA])
    found = run_check(chain["checker"], json.dumps(chain["kwargs"]), Document(text)).check
    assert found is not None and [text[a:b] for a, b in found.spans] == [","]
    steps = part("compose.chain", steps=[SALT, part("keywords.include", words=["two"])])
    found = run_check(steps["checker"], json.dumps(steps["kwargs"]), Document(text)).check
    assert found is not None and [text[a:b] for a, b in found.spans] == ["salt", "two"]


CHAIN = part("compose.chain", steps=[SALT, NO_COMMA])


def nest(depth: int) -> Tree:
    return part("compose.and", parts=[nest(depth - 1), NO_COMMA]) if depth else SALT


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        (part("compose.and", parts=[part("keywords.inclde", words=["a"]), SALT]), "did you mean 'keywords.include'"),
        (part("compose.and", parts=[part("keywords.include", wrds=["a"]), SALT]), "words"),
        (part("compose.and", parts=[part("keywords.include", words=["a"], wrods=1), SALT]), "did you mean 'words'"),
        (part("compose.and", parts=[part("length.words", relation="some", n=1), SALT]), "length.words: relation"),
        (part("compose.and", parts=[SALT]), "at least 2"),
        (part("compose.and", parts=[NO_COMMA] * 9), "at most 8"),
        (part("compose.and", parts=[part("compose.and", parts=[NO_COMMA] * 5)] * 2), "at most 8 parts in all, not 10"),
        (nest(5), "nested at most 4 deep, not 5"),
        (part("compose.and", parts=[SALT, part("turns.keeps_rule", **nest(3))]), "nested at most 4 deep, not 5"),
        (part("compose.chain", steps=[part("compose.and", parts=[SALT, CHAIN]), SALT]), "a chain inside a chain"),
        (choice("question", SALT, NO_COMMA), "input"),
        (part("compose.selection", condition={**SALT, "on": "input"}, then=SALT), "otherwise"),
        (choice("input", SALT, SALT, SALT, SALT), "at most 1"),
        (part("compose.and", parts=[SALT, {**NO_COMMA, "more": 1}]), "more"),
        (part("compose.and", parts=[SALT, part("length.words", relation="at_least", n=float("nan"))]), "plain JSON"),
    ],
)  # fmt: skip
def test_parameters_of_parts_are_read_with_the_whole(tree: Tree, says: str) -> None:
    with pytest.raises(ValidationError, match="(?s)" + says.replace("(", r"\(")):
        CONSTRAINTS.get(tree["checker"]).Params.model_validate(tree["kwargs"])


def test_deep_json_is_refused_not_followed() -> None:
    deep: Any = []
    for _ in range(50_000):
        deep = [deep]
    with pytest.raises(ValidationError, match="levels"):
        CONSTRAINTS.get("turns.keeps_rule").Params.model_validate(part("keywords.include", words=deep))


def test_parameters_are_plain_json_and_nulls_are_absent() -> None:
    tree = choice("response", part("keywords.include", words=["salt"], extra=None), NO_COMMA)
    _, params = read_params(tree["checker"], json.dumps(tree["kwargs"]))
    plain = params.model_dump(mode="json")
    assert plain["condition"] == {**SALT, "on": "response"} and plain["otherwise"] == []
    assert json.loads(json.dumps(plain)) == plain
    one = read_params(tree["checker"], json.dumps({**tree["kwargs"], "otherwise": SALT}))[1]
    assert one.model_dump(mode="json")["otherwise"] == [SALT]


def test_sentences_read_as_one() -> None:
    ends = part("start_end.end_phrase", phrase="The end.")
    both = part("compose.and", parts=[LONG, NO_COMMA, ends])

    def worded(tree: Tree, language: str, variant: int = 0) -> str:
        constraint, params = read_params(tree["checker"], json.dumps(tree["kwargs"]))
        return constraint.render(params, language, variant)

    assert worded(both, "en") == (
        "Keep to all of these rules: your answer must have at least 3 words; do not use any commas in your answer; "
        'and end your answer with "The end." and write nothing after it.'
    )
    condition = choice("response", LONG, NO_COMMA, SALT)
    assert worded(condition, "en") == (
        "If your answer has at least 3 words, do not use any commas in your answer; otherwise, "
        'include the word "salt" in your answer.'
    )
    assert worded(condition, "zh") == (
        "如果你的回答有至少3个字，那么回答中不要使用任何逗号或顿号；否则，请在回答中使用词语“salt”。"
    )
    assert worded(condition, "ja") == (
        "回答が3語以上である場合は、回答に読点やコンマを一切使わないで、そうでない場合は回答に語句「salt」を入れてください。"
    )
    other = choice("input", part("case.lower"), NO_COMMA)
    assert "Write your entire answer in lowercase letters" in worded(other, "en")
    whole = part("compose.chain", steps=[part("compose.and", parts=[SALT, NO_COMMA]), SHORT, LONG, condition])
    for language in LANGUAGES:
        for variant in range(6):
            text = worded(whole, language, variant)
            assert "salt" in text and "3" in text and "4" in text and "***" in text


def test_a_text_begun_by_a_parameter_keeps_its_letters() -> None:
    named = part("keywords.include", words=["Your"])
    constraint, params = read_params("compose.and", json.dumps({"parts": [named, SALT]}))
    assert all("Your" in constraint.render(params, "en", variant) for variant in range(12))


@pytest.mark.parametrize("id", ["compose.and", "compose.chain", "compose.selection"])
def test_compositions_are_attached(id: str) -> None:
    attached = []
    for request in instructions()[::6]:
        attached += attach(request, allowed=[id], count=(1, 1), taken=[], seed=1, other_languages="english")
    assert len(attached) > 5
    for one in attached:
        _, params = read_params(one.checker, json.dumps(one.params))
        assert params.model_dump(mode="json") == one.params and one.text


def test_a_language_has_its_own_parts() -> None:
    rng = Random(3)
    drawn = [CONSTRAINTS.get("compose.and").sample(instruction(REQUESTS["zh"], "zh"), rng) for _ in range(10)]
    assert any(drawn) and not any("case." in str(one) for one in drawn)


def test_many_dividers_are_no_load() -> None:
    chain = part("compose.chain", steps=[SALT, NO_COMMA])
    found, reason = outcome(chain, "a\n***\n" * 20_000)
    assert found is V and reason.startswith("20000 parts")
