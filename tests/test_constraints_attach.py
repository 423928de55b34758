from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from benchwright.constraints.attach import attach
from benchwright.constraints.compatible import compatible
from benchwright.constraints.constrain import constrain
from benchwright.constraints.constraint import CONSTRAINTS, check_ids
from benchwright.errors import UsageError
from benchwright.schemas.constraint import Constraints
from benchwright.schemas.instruction import Given
from benchwright.schemas.recipe import Attach, ConstraintPolicy
from benchwright.schemas.tables import frame_of, validate

from .constraint_instructions import CODE, DATA, REQUESTS, instruction

ALL = ("length", "keywords", "format", "case", "count", "punctuation", "start_end", "language")


def held(id: str, **params: Any) -> tuple[str, dict[str, Any]]:
    return id, CONSTRAINTS.get(id).Params.model_validate(params).model_dump(mode="json")


def words(relation: str, n: int) -> tuple[str, dict[str, Any]]:
    return held("length.words", relation=relation, n=n)


@pytest.mark.parametrize(
    ("a", "b", "fit"),
    [
        (words("at_least", 60), held("length.sentences", relation="at_most", n=3), True),
        (words("at_least", 200), held("length.sentences", relation="at_most", n=2), False),
        (words("at_most", 10), held("length.sentences", relation="at_least", n=4), False),
        (words("at_most", 30), held("keywords.frequency", relation="at_least", n=9, keyword="sea"), False),
        (words("at_most", 30), words("at_least", 10), False),
        (held("case.lower"), held("case.upper"), False),
        (held("case.lower"), held("keywords.include", words=["Paris"]), False),
        (held("case.lower"), held("keywords.include", words=["river"]), True),
        (held("case.upper"), held("start_end.start_phrase", phrase="In short"), False),
        (held("case.lower"), held("language.response", language="ja"), False),
        (held("case.lower"), held("language.response", language="en"), True),
        (held("punctuation.no_comma"), held("start_end.end_phrase", phrase="Well, bye"), False),
        (held("punctuation.no_exclamation"), held("keywords.include", words=["go!"]), False),
        (held("punctuation.no_comma"), held("punctuation.no_exclamation"), True),
        (held("keywords.include", words=["sea"]), held("keywords.exclude", words=["sea"]), False),
        (held("keywords.include", words=["sea"]), held("keywords.exclude", words=["land"]), True),
        (held("keywords.exclude", words=["anything"]), held("start_end.end_phrase", phrase="anything else"), False),
        (held("format.json"), held("format.title"), False),
        (held("format.json"), held("format.bullets", relation="at_least", n=2), False),
        (held("format.json"), held("start_end.quotation"), False),
        (held("format.json"), held("case.upper"), False),
        (held("format.json"), held("punctuation.no_comma"), False),
        (held("start_end.quotation"), held("start_end.end_phrase", phrase="Bye"), False),
        (held("start_end.start_phrase", phrase="So"), held("start_end.end_phrase", phrase="Bye"), True),
        (held("language.response", language="fr"), held("keywords.include", words=["sea"]), False),
        (
            held("count.letter", letter="p", relation="at_most", n=1),
            held("keywords.include", words=["apple"]),
            False,
        ),
    ],
)
def test_compatible(a: Any, b: Any, fit: bool) -> None:
    assert compatible(a, b) is fit
    assert compatible(b, a) is fit


def draw(text: str, language: str | None, seed: int, **more: Any) -> list[Any]:
    options: dict[str, Any] = {"allowed": ALL, "count": (2, 4), "taken": [], "other_languages": "english", **more}
    return attach(instruction(text, language), seed=seed, **options)


def test_what_is_attached_fits_together_and_is_the_same_every_time() -> None:
    used: set[str] = set()
    for language, text in (*REQUESTS.items(), *DATA.items()):
        for seed in range(40):
            made = draw(text, language, seed)
            assert made == draw(text, language, seed)
            assert 2 <= len(made) <= 4
            for a, b in itertools.combinations(made, 2):
                assert compatible((a.checker, a.params), (b.checker, b.params))
            used |= {one.checker for one in made}
    assert used == set(check_ids(ALL))


def test_draws_differ_by_seed_and_by_instruction() -> None:
    assert len({str(draw(REQUESTS["en"], "en", seed)) for seed in range(10)}) > 5
    assert draw(REQUESTS["en"], "en", 1) != draw(DATA["en"], "en", 1)


def test_nothing_is_attached_against_what_is_taken() -> None:
    taken = [words("at_most", 20), held("case.lower"), ("ifbench:format:emoji", {}), held("format.title")]
    for seed in range(60):
        for one in draw(REQUESTS["en"], "en", seed, taken=taken, count=(1, 6)):
            assert one.checker not in ("length.words", "case.upper", "case.capital_words", "format.title")
            assert all(compatible((one.checker, one.params), other) for other in taken if CONSTRAINTS.has(other[0]))


def test_only_what_is_allowed_is_attached() -> None:
    for seed in range(20):
        made = draw(REQUESTS["en"], "en", seed, allowed=["punctuation", "format.title"], count=(3, 3))
        assert {one.checker for one in made} <= {"punctuation.no_comma", "punctuation.no_exclamation", "format.title"}
    assert len(made) == 3


def test_an_unknown_id_is_named_with_the_nearest() -> None:
    for call in (lambda: draw("Hi", "en", 0, allowed=["lenght"]), lambda: check_ids(["lenght"])):
        with pytest.raises(UsageError) as raised:
            call()
        assert "'length'" in raised.value.problems[0]


def test_other_languages() -> None:
    assert draw(REQUESTS["de"], "de", 1, other_languages="skip") == []
    made = draw(REQUESTS["de"], "de", 1)
    expected = [CONSTRAINTS.get(one.checker) for one in made]
    assert all(
        one.text in {constraint.render(constraint.Params.model_validate(one.params), "en", v) for v in range(60)}
        for one, constraint in zip(made, expected, strict=True)
    )


SOFT = Given("The reply is kind.", categories=("Style",))


def policy(**more: Any) -> ConstraintPolicy:
    return ConstraintPolicy(**{"attach": Attach(min=2, max=3), **more})


def test_positions_origins_and_generators() -> None:
    given = (
        Given("No commas.", "verifiable", "punctuation.no_comma", "{}", origin="attached"),
        Given("It names a harbour.", categories=("Content",)),
    )
    asked = instruction("Describe the harbour in at most 50 words.", given=given)
    made = constrain(asked, policy(extracted="check"), ALL, [SOFT], 7)
    validate(Constraints, frame_of(Constraints, made.constraints))
    rows = made.constraints
    assert [row["position"] for row in rows] == list(range(len(rows)))
    assert [row["origin"] for row in rows[:3]] == ["attached", "checklist", "extracted"]
    assert rows[2]["text"] == "at most 50 words"
    assert rows[2]["span"] == {"message": 0, "start": 24, "end": 40}
    assert asked.source_messages[0]["content"][24:40] == rows[2]["text"]
    assert [row["generator"] for row in rows] == [
        "source:tests",
        "source:tests",
        "extract@2",
        *["attach@1"] * (len(rows) - 4),
        "scenario:single_turn",
    ]
    assert rows[0]["version"] == 1 and rows[0]["categories"] == ["Format", "Linguistic"]
    assert rows[1]["version"] is None and rows[-1]["checker"] is None
    assert rows[-1]["text"] == SOFT.text
    attached = rows[3:-1]
    assert 2 <= len(attached) <= 3
    assert not {"length.words", "punctuation.no_comma"} & {row["checker"] for row in attached}
    content = made.messages[-1]["content"]
    assert content == asked.source_messages[-1]["content"] + "\n\n" + " ".join(row["text"] for row in attached)
    assert made == constrain(asked, policy(extracted="check"), ALL, [SOFT], 7)


def test_extracted_wishes_may_guide_only_or_be_ignored() -> None:
    asked = instruction("Describe the harbour in at most 50 words.")
    only = Attach(min=1, max=1, use=("length.words", "format.title"))
    for seed in range(10):
        made = constrain(asked, policy(extracted="avoid", attach=only), ALL, [], seed)
        assert [row["checker"] for row in made.constraints] == ["format.title"]
    ignored = [
        constrain(asked, policy(extracted="ignore", attach=only), ALL, [], seed).constraints[0]["checker"]
        for seed in range(10)
    ]
    assert "length.words" in ignored


def test_a_given_constraint_is_not_extracted_twice_and_guides() -> None:
    given = (Given("x", "verifiable", "en:punctuation:no_comma", "{}", origin="attached"),)
    asked = instruction("Describe the harbour without commas.", given=given)
    made = constrain(asked, policy(extracted="check", attach=None), ALL, [], 1)
    assert [row["checker"] for row in made.constraints] == ["en:punctuation:no_comma"]
    assert made.constraints[0]["version"] == 1
    assert made.messages == asked.messages
    only = Attach(min=1, max=1, use=("punctuation.no_comma", "format.title"))
    for seed in range(10):
        rows = constrain(asked, policy(attach=only), ALL, [], seed).constraints
        assert [row["checker"] for row in rows] == ["en:punctuation:no_comma", "format.title"]


def test_given_ones_may_be_left_out() -> None:
    asked = instruction("Hi", given=(Given("x"),))
    assert constrain(asked, ConstraintPolicy(given=False), ALL, [], 1).constraints == []


def test_broken_given_parameters_do_no_harm() -> None:
    broken = (
        Given("x", "verifiable", "length.words", '{"n": 3}', origin="attached"),
        Given("y", "verifiable", "en:punctuation:no_comma", "not json", origin="attached"),
    )
    made = constrain(instruction("Hi", given=broken), policy(), ALL, [], 1)
    assert [row["kwargs"] for row in made.constraints[:2]] == ['{"n": 3}', "not json"]


def test_too_few_constraints() -> None:
    code = instruction(CODE)
    made = constrain(code, policy(), ["case", "punctuation"], [SOFT], 1)
    assert made.drop is not None
    assert (made.drop.stage, made.drop.record, made.drop.reason) == ("constrain", code.id, "too_few_constraints")
    assert made.constraints == []
    skipped = constrain(instruction(REQUESTS["de"], "de"), policy(attach=Attach(other_languages="skip")), ALL, [], 1)
    assert skipped.drop is not None and "'de'" in skipped.drop.detail
    kept = constrain(code, policy(), ["length.words"], [], 1)
    assert kept.drop is None and len(kept.constraints) == 1
    nothing_asked = constrain(code, policy(attach=Attach(min=0, max=0)), ALL, [], 1)
    assert nothing_asked.drop is None and nothing_asked.constraints == []


def test_use_and_exclude_override_the_scenario() -> None:
    chosen = Attach(min=2, max=3, use=("punctuation", "format.title"), exclude=("punctuation.no_comma",))
    rows = constrain(instruction(REQUESTS["en"]), policy(attach=chosen), ["length"], [], 1).constraints
    assert {row["checker"] for row in rows} == {"punctuation.no_exclamation", "format.title"}
    with pytest.raises(UsageError):
        constrain(instruction("Hi"), policy(attach=Attach(exclude=("commas",))), ALL, [], 1)


def test_chinese_sentences_are_joined_without_a_space() -> None:
    made = constrain(instruction(REQUESTS["zh"], "zh"), policy(), ALL, [], 3)
    added = made.messages[-1]["content"].removeprefix(REQUESTS["zh"] + "\n\n")
    assert added == "".join(row["text"] for row in made.constraints)


def test_kwargs_are_canonical_json_of_the_parameters() -> None:
    for seed in range(20):
        for row in constrain(instruction(REQUESTS["es"], "es"), policy(), ALL, [], seed).constraints:
            params = CONSTRAINTS.get(row["checker"]).Params.model_validate_json(row["kwargs"])
            assert json.loads(row["kwargs"]) == params.model_dump(mode="json")
            assert row["text"] in {CONSTRAINTS.get(row["checker"]).render(params, "es", v) for v in range(60)}
