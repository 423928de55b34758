"""The sources that read files: layouts, columns, bad rows, revisions."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from benchwright.builders.source import SOURCES, Candidate
from benchwright.constraints.run import read_params as read_check
from benchwright.errors import InputError
from benchwright.schemas.drop import Drop
from benchwright.schemas.params import read_params
from benchwright.store.fetch import Fetch


def read(source, folder, **params):
    plugin = SOURCES.get(source)
    return list(plugin.read(plugin.Params(**params), Fetch(folder)))


def jsonl(path, rows):
    path.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8"
    )


def turn(role, content, **more):
    return {"role": role, "content": content, "hashed_ip": "u1" if role == "user" else None, "language": "English",
            "toxic": False, "redacted": False, "country": "X", **more}  # fmt: skip


def chat(hash, turns, **more):
    return {"conversation_hash": hash, "model": "m", "conversation": turns, "turn": 1,
            "language": "English", "toxic": False, "redacted": False, **more}  # fmt: skip


CHAT = [turn("user", "one"), turn("assistant", "two"), turn("user", "three"), turn("assistant", "four")]


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_wildchat_ends_at_the_last_or_first_user_turn(tmp_path, name):
    if name.endswith("parquet"):
        pq.write_table(pa.Table.from_pylist([chat("h1", CHAT)]), tmp_path / name)
    else:
        jsonl(tmp_path / name, [chat("h1", CHAT)])
    [last] = read("wildchat", tmp_path, files=name)
    assert [message["content"] for message in last.messages] == ["one", "two", "three"]
    assert all(set(message) == {"role", "content"} for message in last.messages)
    assert (last.row, last.conversation, last.user, last.language) == ("h1", "h1", "u1", "en")
    assert (last.toxic, last.redacted, last.license) == (False, False, "ODC-BY-1.0")
    assert last.revision == f"sha256:{Fetch().sha256(tmp_path / name)}"
    [first] = read("wildchat", tmp_path, files=name, turn="first")
    assert [message["content"] for message in first.messages] == ["one"]


def test_wildchat_flags_languages_and_rows_that_cannot_be_answered(tmp_path):
    rows = [
        chat("toxic_turn", [turn("user", "a", toxic=True)]),
        chat("row_flags", [turn("user", "a")], toxic=True, redacted=True, language="Chinese"),
        {"conversation": [{"role": "user", "content": "a"}], "language": "Nolang"},
        chat("none", []),
        chat("null", None),
        chat("role", [turn("wizard", "a")]),
        chat("content", [turn("user", None)]),
        chat("no_user", [turn("assistant", "a")]),
        chat("blank", [turn("user", " ")]),
        '{"conversation": [',
        {"other": 1},
    ]
    jsonl(tmp_path / "a.jsonl", rows)
    found = read("wildchat", tmp_path, files="a.jsonl")
    assert len(found) == len(rows)
    assert (found[0].toxic, found[0].redacted) == (True, False)
    assert (found[1].toxic, found[1].redacted, found[1].language) == (True, True, "zh")
    assert (found[2].toxic, found[2].row, found[2].conversation, found[2].language) == (None, "a.jsonl:3", None, None)
    assert [(drop.record, drop.reason) for drop in found[3:]] == [
        ("none", "no_messages"),
        ("null", "no_messages"),
        ("role", "unknown_role"),
        ("content", "null_content"),
        ("no_user", "ends_with_assistant"),
        ("blank", "empty_content"),
        ("a.jsonl:10", "invalid_json"),
        ("a.jsonl:11", "no_messages"),
    ]
    assert all(drop.stage == "collect" for drop in found[3:])
    assert len(read("wildchat", tmp_path, files="a.jsonl", rows=4)) == 4


def test_wildchat_in_another_layout_is_refused_with_its_columns(tmp_path):
    jsonl(tmp_path / "a.jsonl", [{"conversations": [], "id": 1}])
    with pytest.raises(InputError, match="did you mean 'conversations'"):
        read("wildchat", tmp_path, files="a.jsonl")


@pytest.mark.parametrize("params", [{}, {"files": "a", "dataset": "b"}, {"files": "a", "revision": "v1"}])
def test_wildchat_lies_in_files_or_on_the_hub(params):
    with pytest.raises(ValidationError):
        SOURCES.get("wildchat").Params(**params)


def test_wildchat_prompts_are_read_whole(data_dir):
    files = "wildchat_if/wildchat-if_val.parquet"
    found = read("wildchat", data_dir, files=files)
    assert len(found) == len({one.row for one in found}) == 250
    assert all(isinstance(one, Candidate) and len(one.messages) == 1 for one in found)
    assert found[0].row == "val/0"
    assert (found[0].toxic, found[0].language, found[0].user) == (None, None, None)
    plugin = SOURCES.get("wildchat")
    assert plugin.revision(plugin.Params(files=files), Fetch(data_dir)) == found[0].revision


def test_messages_maps_columns_paths_and_cells(tmp_path):
    row = {
        "turns": ["first", "second"], "meta": {"user": {"id": 7}, "lang": "German", "bad": "Yes"}, "key": 5,
        "licence": "MIT", "talk": "c1", "pii": 0, "about": "You are brief.", "wants": ["short?", "kind?"],
    }  # fmt: skip
    jsonl(tmp_path / "a.jsonl", [row, {**row, "licence": "", "about": None, "wants": None, "pii": None}])
    mapped = dict(
        files="a.jsonl", prompt="turns.-1", system="about", id_column="key", language="meta.lang", conversation="talk",
        user="meta.user.id", license="CC0-1.0", license_column="licence", toxic="meta.bad", redacted="pii",
        checklist="wants",
    )  # fmt: skip
    one, two = read("messages", tmp_path, **mapped)
    assert [tuple(message.values()) for message in one.messages] == [("system", "You are brief."), ("user", "second")]
    assert (one.row, one.language, one.user, one.license, one.conversation) == ("5", "de", "7", "MIT", "c1")
    assert (one.toxic, one.redacted) == (True, False)
    assert [(given.text, given.kind, given.origin) for given in one.given] == [
        ("short?", "soft", "checklist"), ("kind?", "soft", "checklist")]  # fmt: skip
    assert [message["role"] for message in two.messages] == ["user"]
    assert (two.license, two.redacted, two.given) == ("CC0-1.0", None, ())


def test_messages_reads_json_in_csv_cells_and_takes_what_there_is_without_a_mapping(tmp_path):
    talk = [{"role": "user", "content": 'a "quoted", word'}]
    cell = json.dumps(talk).replace('"', '""')
    (tmp_path / "a.csv").write_text(f'messages,checklist\n"{cell}","[""x?""]"\n"[{{",\n"",\n', encoding="utf-8")
    one, cut, blank = read("messages", tmp_path, files="a.csv", messages="messages", checklist="checklist")
    assert one.messages[0]["content"] == 'a "quoted", word'
    assert [given.text for given in one.given] == ["x?"]
    assert (cut.record, cut.reason) == ("a.csv:3", "invalid_json")
    assert blank.reason == "no_messages"
    jsonl(tmp_path / "b.jsonl", ['"bare"', {"messages": talk, "prompt": "not this"}, {"prompt": None}])
    bare, whole, nothing = read("messages", tmp_path, files="b.jsonl")
    assert bare.messages[0]["content"] == "bare"
    assert whole.messages[0]["content"] == 'a "quoted", word'
    assert nothing.reason == "no_prompt"


def test_messages_drops_each_kind_of_bad_row_with_its_reason(tmp_path):
    def asked(content, **more):
        return {"messages": [{"role": "user", "content": content}], "flag": None, "list": None, "sys": None, **more}

    [hi] = asked("hi")["messages"]
    rows = {
        "content_parts": asked([{"type": "text", "text": "hi"}]),
        "null_content": asked(None),
        "not_messages": {**asked("hi"), "messages": {"role": "user"}},
        "no_messages": {**asked("hi", sys="be brief"), "messages": []},
        "unknown_role": {**asked("hi"), "messages": [{"role": "tool", "content": "x"}]},
        "ends_with_assistant": {**asked("hi"), "messages": [hi, {"role": "assistant", "content": "x"}]},
        "two_system_messages": {**asked("hi", sys="a"), "messages": [{"role": "system", "content": "b"}, hi]},
        "not_text": asked("hi", sys=["a"]),
        "bad_flag": asked("hi", flag=0.13),
        "bad_checklist": asked("hi", list=["a", None]),
        "invalid_json": asked("hi", list="[1"),
    }  # fmt: skip
    jsonl(tmp_path / "a.jsonl", rows.values())
    found = read(
        "messages", tmp_path, files="a.jsonl", messages="messages", toxic="flag", checklist="list", system="sys"
    )
    assert [drop.reason for drop in found] == list(rows)
    assert [drop.record for drop in found] == [f"a.jsonl:{i}" for i in range(1, len(rows) + 1)]


def test_messages_names_every_column_that_no_row_has(tmp_path):
    jsonl(tmp_path / "a.jsonl", [{"promt": "a"}, {"promt": "b", "user_id": 1}])
    with pytest.raises(InputError) as caught:
        read("messages", tmp_path, files="a.jsonl", prompt="prompt", user="user_id", toxic="toxic")
    assert [line.split(";")[0] for line in caught.value.problems] == ["'prompt' is in no row", "'toxic' is in no row"]
    assert "did you mean 'promt'" in caught.value.problems[0]
    assert "promt, user_id" in caught.value.problems[1]
    with pytest.raises(InputError, match="'messages' is in no row"):
        read("messages", tmp_path, files="a.jsonl")


def test_messages_and_prompt_are_not_both_given():
    made, problems = read_params(SOURCES.get("messages").Params, {"files": "a", "messages": "m", "prompt": "p"}, "x")
    assert made is None
    assert problems == ["x: give messages or prompt, not both"]


def test_several_files_are_read_in_order_each_with_its_own_revision(tmp_path):
    jsonl(tmp_path / "b.jsonl", [{"prompt": "b"}])
    jsonl(tmp_path / "a.jsonl", [{"prompt": "a"}])
    first, second = read("messages", tmp_path, files="*.jsonl")
    assert (first.row, second.row) == ("a.jsonl:1", "b.jsonl:1")
    assert first.revision != second.revision
    plugin = SOURCES.get("messages")
    before = plugin.revision(plugin.Params(files="*.jsonl"), Fetch(tmp_path))
    jsonl(tmp_path / "b.jsonl", [{"prompt": "changed"}])
    assert plugin.revision(plugin.Params(files="*.jsonl"), Fetch(tmp_path)) != before


def test_ifeval_rows_carry_their_constraints_in_order(tmp_path):
    rows = [
        {"key": 3, "prompt": "Say it.",
         "instruction_id_list": ["es:punctuation:no_comma", "es:length_constraints:number_words"],
         "kwargs": [{"relation": None}, {"relation": "at least", "num_words": 30.0}]},
        {"key": 4, "prompt": "Say it.", "instruction_id_list": ["a:b"], "kwargs": []},
        {"key": 5, "prompt": None, "instruction_id_list": ["a:b"], "kwargs": [None]},
        {"key": 6, "prompt": "x", "instruction_id_list": "a:b", "kwargs": [None]},
    ]  # fmt: skip
    jsonl(tmp_path / "a.jsonl", rows)
    one, *drops = read("ifeval", tmp_path, files="a.jsonl")
    assert (one.row, one.language, one.license) == ("3", "es", "Apache-2.0")
    assert [given.text for given in one.given] == [
        "es:punctuation:no_comma",
        "es:length_constraints:number_words (relation at least, num_words 30)",
    ]
    assert [(given.checker, given.kwargs) for given in one.given] == [
        ("es:punctuation:no_comma", "{}"),
        ("es:length_constraints:number_words", '{"num_words":30,"relation":"at least"}'),
    ]
    assert {(given.kind, given.origin) for given in one.given} == {("verifiable", "attached")}
    assert one.given[1].categories == ("Numerical",)
    assert [(drop.record, drop.reason) for drop in drops] == [
        ("4", "bad_constraints"), ("5", "null_content"), ("6", "bad_constraints")]  # fmt: skip
    with pytest.raises(InputError, match="not in IFEval's layout"):
        jsonl(tmp_path / "b.jsonl", [{"prompts": "x"}])
        read("ifeval", tmp_path, files="b.jsonl")


@pytest.mark.parametrize(
    ("name", "prompts", "constraints", "language"),
    [
        ("m_ifeval/en_input_data.jsonl", 541, 834, "en"),
        ("m_ifeval/es_input_data.jsonl", 115, None, "es"),
        ("ifbench/IFBench_test.jsonl", 300, None, None),
    ],
)
def test_published_prompts_are_read_whole(data_dir, name, prompts, constraints, language):
    found = read("ifeval", data_dir, files=name)
    assert len(found) == prompts and not any(isinstance(one, Drop) for one in found)
    assert {one.language for one in found} == {language}
    given = [given for one in found for given in one.given]
    assert constraints is None or len(given) == constraints
    assert all(one.categories for one in given)
    assert not any(
        "null" in json.loads(one.kwargs).values() or None in json.loads(one.kwargs).values() for one in given
    )


def test_every_ifeval_constraint_has_a_check_that_takes_its_parameters(data_dir):
    for candidate in read("ifeval", data_dir, files="m_ifeval/e*_input_data.jsonl"):
        for given in candidate.given:
            read_check(given.checker, given.kwargs)
