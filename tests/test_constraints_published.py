"""Published ids: what checks them, in which layout files bring them, and how a check of them runs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchwright.constraints.document import Document
from benchwright.constraints.layout import read_lists, write_lists
from benchwright.constraints.loose import loose_texts
from benchwright.constraints.published import checker_of, is_checked, known_ids, resolve
from benchwright.constraints.run import run_check, version_of
from benchwright.errors import UsageError


@pytest.mark.parametrize(
    ("id", "kwargs", "checker", "ours"),
    [
        ("punctuation:no_comma", {}, "punctuation:no_comma", {}),
        ("en:punctuation:no_comma", {"n": None}, "punctuation:no_comma", {}),
        ("fr:startend:quotation", {}, "startend:quotation", {}),
        ("es:punctuation:question_marks", {}, "es:punctuation:question_marks", {}),
        ("length.words", {"relation": "at_least", "n": 3}, "length.words", {"relation": "at_least", "n": 3}),
        (
            "es:length_constraints:number_words",
            {"num_words": 5, "relation": "menos de"},
            "length.words",
            {"relation": "less_than", "n": 5},
        ),
        (
            "fr:keywords:frequency",
            {"keyword": "eau", "frequency": 2, "relation": "au moins"},
            "keywords.frequency",
            {"relation": "at_least", "n": 2, "keyword": "eau"},
        ),
        (
            "es:detectable_content:number_placeholders",
            {"num_placeholders": 2},
            "count.placeholders",
            {"relation": "at_least", "n": 2},
        ),
    ],
)
def test_what_checks_an_id(id: str, kwargs: dict[str, Any], checker: str, ours: dict[str, Any]) -> None:
    assert resolve(id, kwargs) == (checker, ours)
    assert checker_of(id) == checker and is_checked(id)


def test_an_unknown_id_names_the_nearest() -> None:
    assert not is_checked("punctuation:no_coma") and not is_checked("xx:punctuation:no_comma")
    with pytest.raises(UsageError, match="did you mean 'punctuation:no_comma'"):
        resolve("punctuation:no_coma", {})
    with pytest.raises(ValueError, match=r"relation: .*given 'casi'"):
        resolve("es:length_constraints:number_words", {"num_words": 5, "relation": "casi"})


def test_every_published_id_is_known() -> None:
    assert len([id for id in known_ids() if id.count(":") == 1]) == 112


def test_lists_are_read_in_every_form_and_written_back() -> None:
    wanted = [("a:b", {"n": 3, "words": ["x"]}), ("c:d", {})]
    for kwargs in (
        [{"n": 3, "words": ["x"]}, {}],
        [{"n": 3.0, "words": ["x"], "other": None}, None],
        ['{"n": 3, "words": ["x"]}', "{}"],
        '[{"n": 3, "words": ["x"]}, {"n": null}]',
    ):
        assert read_lists(["a:b", "c:d"], kwargs) == wanted
    assert read_lists('["a:b", "c:d"]', [{"n": 3, "words": ["x"]}, {}]) == wanted
    back = write_lists(wanted)
    assert back == {"instruction_id_list": ["a:b", "c:d"], "kwargs": [{"n": 3, "words": ["x"]}, {}]}
    assert read_lists(**{"ids": back["instruction_id_list"], "kwargs": back["kwargs"]}) == wanted


@pytest.mark.parametrize(
    ("ids", "kwargs"),
    [(None, []), (["a"], None), (["a"], []), ("a", [{}]), ([1], [{}]), (["a"], ["[1]"]), (["a"], ["{"]), ([""], [{}])],
)
def test_lists_that_are_none(ids: Any, kwargs: Any) -> None:
    with pytest.raises(ValueError, match=r"instruction_id_list|kwargs"):
        read_lists(ids, kwargs)


def test_a_loose_variant_may_satisfy() -> None:
    document = Document("Sure, here it is:\nwarm and bright")
    assert run_check("punctuation:no_comma", None, document).outcome == "violated"
    loose = run_check("punctuation:no_comma", None, document, mode="loose")
    assert loose.outcome == "satisfied" and loose.reason.startswith("loose: ")
    assert run_check("punctuation:no_comma", None, Document("a, b"), mode="loose").outcome == "violated"
    assert loose_texts("a\n*b*\nc") == ["a\n*b*\nc", "a\nb\nc", "*b*\nc", "b\nc", "a\n*b*", "a\nb", "*b*", "b"]
    assert loose_texts("") == [] and loose_texts(" \n*") == [" \n*", "*"]


@pytest.mark.parametrize(
    ("kwargs", "reason"),
    [
        ("{}", "bad_params: num_words: Field required"),
        ('{"num_words": 3, "relation": "at least", "x": 1}', "bad_params: x: "),
        ('{"num_words": 3, "relation": "about"}', "bad_params: relation: "),
        ("[]", "bad_params: parameters are an object"),
        ("{", "bad_params: "),
    ],
)
def test_parameters_that_are_none_are_unknown(kwargs: str, reason: str) -> None:
    ran = run_check("length_constraints:number_words", kwargs, Document("one two three"))
    assert ran.outcome == "unknown" and ran.reason.startswith(reason) and ran.check is None


def test_dialects_differ_where_the_published_code_is_wrong() -> None:
    kwargs = json.dumps({"num_words": 3, "relation": "less than"})
    document = Document("Don't worry")
    assert run_check("length_constraints:number_words", kwargs, document).outcome == "satisfied"
    official = run_check("length_constraints:number_words", kwargs, document, "official")
    assert (official.outcome, official.version) == ("violated", "official@ifeval-2025")
    assert version_of("length_constraints:number_words", "fixed") == "fixed@1"
    ours = run_check("length.words", '{"relation": "at_most", "n": 3}', document, "official")
    assert (ours.outcome, ours.version) == ("unknown", None) and "no_official_check" in ours.reason
    for dialect in ("fixed", "official"):
        assert run_check("length_constraints:number_words", kwargs, None, dialect).reason == "missing_response"
    nulls = run_check("length_constraints:number_words", '{"num_words": 3, "relation": null}', document, "official")
    assert nulls.outcome == "unknown" and "relation" in nulls.reason
