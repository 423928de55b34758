"""The filters: what each lets through, what it says of the rest, and that nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.errors import UsageError
from benchwright.filters.apply import apply_filters, check_filters
from benchwright.filters.filter import FILTERS
from benchwright.schemas.drop import Drops, drops_frame
from benchwright.schemas.instruction import Instruction, instruction_id
from benchwright.schemas.recipe import Use
from benchwright.schemas.tables import validate
from benchwright.schemas.text import normalise


def user(text):
    return {"role": "user", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


def instruction(*messages, row="1", language="en", toxic=None, redacted=None):
    messages = tuple(user(message) if isinstance(message, str) else message for message in messages)
    return Instruction(
        id=instruction_id("test", "r", row, messages), scenario="single_turn", instruction_type="single_turn",
        language=language, source_messages=messages, messages=messages, source="test", source_revision="r",
        source_row=row, source_license=None, toxic=toxic, redacted=redacted,
    )  # fmt: skip


def reasons(use, *instructions):
    """Gives each instruction's reason code, null where it is kept."""
    kept, drops = apply_filters([use], list(instructions))
    said = {drop.record: drop.reason.partition(":")[2] for drop in drops}
    assert {one.id for one in kept} | set(said) == {one.id for one in instructions}
    return [said.get(one.id) for one in instructions]


def test_length_counts_words_of_user_turns_turns_and_characters():
    conversation = instruction(
        {"role": "system", "content": "one two three"}, user("four five"), assistant("six seven eight"), user("nine")
    )
    assert reasons(Use(id="length", min_tokens=3, max_tokens=3, min_turns=3, max_turns=3), conversation) == [None]
    assert reasons(Use(id="length", min_tokens=4), conversation) == ["too_few_tokens"]
    assert reasons(Use(id="length", max_tokens=2), conversation) == ["too_many_tokens"]
    assert reasons(Use(id="length", min_turns=4), conversation) == ["too_few_turns"]
    assert reasons(Use(id="length", max_turns=2), conversation) == ["too_many_turns"]
    characters = sum(len(message["content"]) for message in conversation.messages)
    assert reasons(Use(id="length", max_characters=characters), conversation) == [None]
    assert reasons(Use(id="length", max_characters=characters - 1), conversation) == ["too_many_characters"]


def test_length_by_default_drops_no_words_at_all_and_a_message_of_ten_megabytes():
    found = reasons(Use(id="length"), instruction("🙂?"), instruction("天"), instruction("word " * 2_000_000))
    assert found == ["too_few_tokens", None, "too_many_characters"]


def test_language_goes_by_the_code_and_says_what_becomes_of_unknown():
    rows = [instruction(code or "none", language=code) for code in ("en", "es", None)]
    assert reasons(Use(id="language", allow=["en"]), *rows) == [None, "not_allowed", "unknown"]
    assert reasons(Use(id="language", allow=["en"], unknown="keep"), *rows) == [None, "not_allowed", None]
    assert reasons(Use(id="language"), *rows) == [None, None, "unknown"]


def test_duplicates_keep_the_first_and_name_it():
    first = instruction("Hello  World", row="1")
    again = instruction("hello world", row="2")
    answered = instruction("hello", assistant("hi"), "world", row="3")
    as_system = instruction({"role": "system", "content": "hello world"}, "hello world", row="4")
    kept, [drop] = apply_filters([Use(id="duplicate")], [first, again, answered, as_system])
    assert kept == [first, answered, as_system]
    assert (drop.stage, drop.record, drop.reason) == ("filter", again.id, "duplicate:same_text")
    assert first.id in drop.detail


@given(st.lists(st.sampled_from(["a", "A", " a", "b", "B ", "c", "a b", "a  B"]), max_size=12))
def test_duplicates_leave_each_normal_form_once_in_order(texts):
    rows = [instruction(text, row=str(i)) for i, text in enumerate(texts)]
    kept, drops = apply_filters([Use(id="duplicate")], rows)
    plain, expected = set(), []
    for row, text in zip(rows, texts, strict=True):
        if normalise(text) not in plain:
            plain.add(normalise(text))
            expected.append(row)
    assert kept == expected
    assert len(drops) == len(rows) - len(kept)


def test_flags_drop_what_is_marked_and_keep_what_is_not_known():
    marks = [(True, False), (False, True), (True, True), (False, False), (None, None), (False, None)]
    rows = [instruction(str(mark), toxic=mark[0], redacted=mark[1]) for mark in marks]
    assert reasons(Use(id="flags"), *rows) == ["toxic", "redacted", "toxic", None, None, None]
    assert reasons(Use(id="flags", drop=["redacted"]), *rows) == [None, "redacted", "redacted", None, None, None]
    strict = reasons(Use(id="flags", unknown="drop"), *rows)
    assert strict == ["toxic", "redacted", "toxic", None, "unknown", "unknown"]


def test_filters_run_in_order_each_on_what_is_left():
    flagged, clean = instruction("same words", row="1", toxic=True), instruction("same words", row="2")
    kept, drops = apply_filters([Use(id="flags"), Use(id="duplicate")], [flagged, clean])
    assert kept == [clean]
    assert [drop.reason for drop in drops] == ["flags:toxic"]
    kept, drops = apply_filters([Use(id="duplicate"), Use(id="flags")], [flagged, clean])
    assert kept == []
    assert [drop.reason for drop in drops] == ["duplicate:same_text", "flags:toxic"]
    validate(Drops, drops_frame(drops))


def test_every_problem_of_every_filter_is_said_at_once():
    uses = [
        Use(id="lenght"),
        Use(id="length", min_token=3, max_turns=-1),
        Use(id="length", min_tokens=9, max_tokens=3),
        Use(id="language", allow=["english"]),
        Use(id="flags", unknown="maybe"),
        Use(id="duplicate"),
    ]
    with pytest.raises(UsageError) as caught:
        check_filters(uses)
    text = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 6
    for said in ("did you mean 'length'", "did you mean 'min_tokens'", "greater than or equal to 0 (given -1)",
                 "min_tokens (9) is above max_tokens (3)", "'english' is no ISO 639-1 code",
                 "'keep' or 'drop' (given 'maybe')"):  # fmt: skip
        assert said in text
    with pytest.raises(UsageError):
        apply_filters(uses, [])


def test_every_filter_runs_with_its_defaults_and_names_its_file():
    import importlib

    rows = [instruction("Write a poem about rain.", row=str(i), language=code) for i, code in enumerate(["en", None])]
    for id in FILTERS.ids():
        plugin = FILTERS.get(id)
        assert importlib.import_module(type(plugin).__module__).__name__.endswith(f".{id}")
        kept, drops = apply_filters([Use(id=id)], rows)
        assert len(kept) + len(drops) == len(rows)
