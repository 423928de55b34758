"""No reply that is cut, thought aloud or against itself becomes a verdict; and numbers find their places."""

import random

import pytest

from benchwright.labels.labellers.labeller import make_labeller
from benchwright.labels.labellers.raw import Place, RawReply
from benchwright.schemas.outcome import Outcome
from benchwright.schemas.thought import visible

from .judge_cases import case, labeller, question

ONE, TWO = Place(("r0",), ("c0",)), Place(("r0",), ("c0", "c1"))
BOTH = Place(("r0", "r1"), ("c0",))


def said(id, place, text, finish="stop", **params):
    """Reads one reply."""
    found = make_labeller(id, params).read([question(place, RawReply(text=text, finish=finish))])
    return [
        found[response, constraint].outcome.value for response in place.responses for constraint in place.constraints
    ]


def lines(text, finish="stop"):
    return said("checklist", TWO, text, finish, both_orders=False)


THOUGHT = [
    "Sure.\n<think>\n",
    "Sure.<think>",
    "<Think>\n",
    "<thought>",
    "◁think▷",
    "[THINK]\n",
    "<|channel|>analysis",
    "</think><think>",
]


@pytest.mark.parametrize("begin", THOUGHT)
def test_a_thought_that_never_ends_is_no_verdict_wherever_it_begins(begin):
    assert said("item", ONE, f"{begin}It is met.\nYES") == ["unknown"]
    assert lines(f"{begin}\nVerdict 1: YES\nVerdict 2: NO\n", "length") == ["unknown", "unknown"]
    assert said("joint", BOTH, f'{begin}{{"1": 90, "2": 10}}', rotations=1) == ["unknown", "unknown"]


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("<think>", "</think>"),
        ("[THINK]", "[/THINK]"),
        ("◁think▷", "◁/think▷"),
        ("<seed:think>", "</seed:think>"),
        ("<|channel|>analysis", "<|channel|>final<|message|>"),
    ],
)
def test_what_follows_a_thought_is_read(begin, end):
    assert visible(f"{begin}Verdict 1: NO{end}YES") == "YES"
    assert visible(f"Verdict 1: NO{end}YES") == "YES"


@pytest.mark.parametrize("quoted", ["`<think>`", '"<think>"', "“<think>”"])
def test_a_tag_that_is_spoken_of_is_none(quoted):
    assert said("item", ONE, f"It leaks its {quoted} tag.\nNO") == ["violated"]


@pytest.mark.parametrize("finish", ["length", "model_length", "MAX_TOKENS", "error", "abort", "content_filter"])
def test_what_something_else_than_the_judge_ended_is_cut(finish):
    assert said("item", ONE, "Reasons.\nYES", finish) == ["unknown"]
    assert lines("Verdict 1: YES\nVerdict 2: NO", finish) == ["satisfied", "unknown"]


@pytest.mark.parametrize("finish", ["stop", None, "end_turn"])
def test_what_the_judge_ended_is_whole(finish):
    assert said("item", ONE, "Reasons.\nYES", finish) == ["satisfied"]


@pytest.mark.parametrize(
    "text",
    [
        "Verdict 1: YES\nVerdict 2: NO\nFinal verdict 1: NO",
        "Verdict 1: YES\nVerdict 1: NO, on reflection.\nVerdict 2: NO",
        "Verdict 1: YES\nVerdict 2: NO\nSo verdict 1 should be NO.",
    ],
)
def test_a_verdict_that_is_taken_back_is_none(text):
    assert lines(text) == ["unknown", "violated"]


@pytest.mark.parametrize(
    "said_of_it", ["Verdict 1 is YES, as said.", "No verdict is harder. No.", "The verdict.\nNo list."]
)
def test_what_takes_nothing_back_changes_nothing(said_of_it):
    assert lines(f"Verdict 1: YES\nVerdict 2: NO\n{said_of_it}") == ["satisfied", "violated"]
    assert said("item", ONE, f"{said_of_it}\nYES") == ["satisfied"]


def test_an_item_whose_reasons_give_the_other_verdict_has_none():
    assert said("item", ONE, "The verdict is NO.\nYES") == ["unknown"]
    assert said("item", ONE, "The verdict is NO.\nNO") == ["violated"]


def test_an_entry_that_is_no_verdict_is_against_one():
    text = (
        '{"verdicts": [{"number": 1, "verdict": "YES"}, {"number": 1, "verdict": "?"}, {"number": 2, "verdict": "NO"}]}'
    )
    assert said("checklist", TWO, text, both_orders=False, json_schema=True) == ["unknown", "violated"]


def test_a_letter_that_only_looks_like_another_case_is_not_the_other_word():
    assert said("item", ONE, "yeſ") == ["satisfied"] and lines("Verdict 1: YEſ\nVerdict 2: no") == [
        "satisfied",
        "violated",
    ]


@pytest.mark.parametrize("token", ["▁No", "ĠNo", "No.", '"No', "**NO", "\nno", "No"])
def test_tokens_as_tokenizers_write_them_count(token):
    reply = RawReply(text=token, finish="length", top=((token, -0.05), ("Yes", -6.0)))
    for id in ("token", "principle"):
        found = labeller(id).read([question(ONE, reply)])["r0", "c0"]
        assert found.outcome is Outcome.VIOLATED and found.probability < 0.01


WHOLE = [
    ("item", ONE, "It names one.\nYES", {}),
    ("checklist", TWO, "Analysis 1: so\nVerdict 1: YES\nAnalysis 2: not so\nVerdict 2: NO\n", {"both_orders": False}),
    ("checklist", TWO, "Verdict 1: NO\nVerdict 2: NO", {"both_orders": False}),
    (
        "checklist",
        TWO,
        '{"verdicts": [{"number": 1, "verdict": "YES"}, {"number": 2, "verdict": "NO"}]}',
        {"both_orders": False, "json_schema": True},
    ),
    ("joint", BOTH, '{"1": 100, "2": 10}', {"rotations": 1}),
]


@pytest.mark.parametrize(("id", "place", "text", "params"), WHOLE)
def test_a_reply_cut_anywhere_says_what_the_whole_one_says_or_nothing(id, place, text, params):
    whole = said(id, place, text, "stop", **params)
    assert "unknown" not in whole
    for end in range(len(text)):
        cut = said(id, place, text[:end], "length", **params)
        assert all(one in ("unknown", full) for one, full in zip(cut, whole, strict=True)), text[:end]


@pytest.mark.parametrize("count", [2, 9, 10, 12, 100])
def test_each_of_many_requirements_gets_its_own_verdict_in_both_orders(count):
    """Equal wordings, ids that begin alike: only the place counts."""
    ids = [f"c{number}" for number in range(count)]
    asked = list(labeller("checklist").questions(case(("Is it short?",) * count, ("x",)), 0))
    truth = {id: random.Random(id).random() < 0.5 for id in ids}

    def reply(order):
        verdicts = [f"Verdict {n}: {'YES' if truth[id] else 'NO'}" for n, id in enumerate(order, start=1)]
        random.Random(count).shuffle(verdicts)
        return "\n".join(verdicts)

    found = labeller("checklist").read([question(one.place, reply(one.place.constraints)) for one in asked[::-1]])
    assert {id: found["r0", id].outcome for id in ids} == {id: Outcome.of(truth[id]) for id in ids}


@pytest.mark.parametrize("count", [1, 2, 11])
def test_each_of_many_responses_gets_its_own_score_under_all_rotations(count):
    asked = list(labeller("joint").questions(case(("Is it short?",), ("the same",) * count), 7))
    score = {f"r{number}": 3 * number + 30 for number in range(count)}
    replies = [
        "{" + ", ".join(f'"{n}": {score[id]}' for n, id in enumerate(one.place.responses, start=1)) + "}"
        for one in asked
    ]
    made = [question(one.place, reply) for one, reply in zip(asked, replies, strict=True)]
    found = labeller("joint").read(made[::-1])
    assert {id: one.probability for (id, _), one in found.items()} == {id: value / 100 for id, value in score.items()}
