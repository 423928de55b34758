"""Bad input is normal input: sources, rows and replies of every kind, through the command line."""

import json
from collections import Counter
from datetime import UTC, datetime
from io import BytesIO
from struct import pack
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from .servers import FakeServer, Fault, reply_body
from .small_build import BUILD, RECIPE, ROWS, answer, build, built, environment, proven, refused, write_small
from .test_cli import run, write_lines


@pytest.fixture(scope="module")
def server():
    with FakeServer(answer=answer) as running:
        yield running


@pytest.fixture
def folder(tmp_path):
    return write_small(tmp_path)


# What a source may be as a whole


def parquet(table):
    data = BytesIO()
    pq.write_table(table, data)
    return data.getvalue()


WHOLE = parquet(pa.table({"prompt": [row["prompt"] for row in ROWS]}))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.jsonl", None, ["no file 'rows.jsonl'", "--data DIR or BENCHWRIGHT_DATA"]),
        ("rows.parquet", WHOLE[:-20], ["rows.parquet: not a readable Parquet file"]),
        ("rows.parquet", WHOLE[:20] + bytes(40) + WHOLE[60:], ["rows.parquet: not a readable Parquet file"]),
        ("rows.jsonl", b'{"prompt": "\xff"}\n' * 3, ["3 × invalid_utf8, such as rows.jsonl:1: byte 13"]),
        ("rows.jsonl", b"\xef\xbb\xbf\r\n\n", ["the sources hold no row", "messages files='rows.jsonl'"]),
    ],
    ids=["missing", "cut-parquet", "damaged-parquet", "no-utf8", "no-rows"],
)
def test_a_source_that_is_none(folder, server, name, content, said):
    (folder / "rows.jsonl").unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    recipe = RECIPE.replace("rows.jsonl", name)
    (folder / "small.yaml").write_text(recipe, encoding="utf-8")
    refused(build(folder, server), 3, *said)
    assert not (folder / "out").exists()


def test_a_column_that_is_not_there(folder, server):
    done = build(folder, server, "--set", "scenarios.0.sources=[{id: messages, files: rows.jsonl, prompt: promt}]")
    refused(done, 3, "rows.jsonl: a column", "'promt' is in no row; did you mean 'prompt'?")


def test_no_row_left_after_filtering(folder, server):
    done = build(folder, server, "--set", "filters=[{id: length, max_tokens: 1}]")
    refused(done, 3, "no instruction is left after filter", "filter: 4 × length:too_many_tokens, such as ins_")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.jsonl", b"", "rows.jsonl is empty (0 bytes)"),
        ("rows.json", b"", "rows.json is empty (0 bytes)"),
        ("rows.json", b'[{"prompt": "cut', "rows.json: not valid JSON"),
        ("rows.json", b"[" * 100_000, "rows.json: not valid JSON"),
        ("rows.json", b"[" + b"9" * 5000 + b"]", "rows.json: not valid JSON"),
        ("rows.json", b"[]", "the sources hold no row"),
        ("rows.csv", b"\n", "rows.csv: the first line holds no column names"),
        ("rows.csv", b"prompt,prompt\na,b\n", "the header names 'prompt' more than once"),
        ("rows.jsonl.gz", b'{"prompt": "a"}\n', "rows.jsonl.gz: not a whole gzip file"),
        ("rows.xlsx", b"PK", "its format '.xlsx' cannot be read"),
        ("rows.parquet", b"PAR1", "rows.parquet: not a readable Parquet file"),
        ("rows.parquet", WHOLE.replace(b"prompt", b"\x96rompt"), "rows.parquet: not a readable Parquet file"),
        (
            "rows.parquet",
            parquet(pa.Table.from_arrays([pa.array(["a"])] * 2, names=["prompt"] * 2)),
            "the schema names 'prompt' more than once",
        ),
        ("rows.jsonl", json.dumps(ROWS[0]).encode("utf-16"), "1 × invalid_utf8, such as rows.jsonl:1"),
    ],
)
def test_more_sources_that_are_none(folder, server, name, content, said):
    (folder / name).write_bytes(content)
    (folder / "small.yaml").write_text(RECIPE.replace("rows.jsonl", name), encoding="utf-8")
    refused(run(*BUILD, cwd=folder, code=3, env=environment(server)), 3, said)


def test_a_folder_in_place_of_a_file(folder, server):
    (folder / "rows.jsonl").unlink()
    (folder / "rows.jsonl").mkdir()
    refused(run(*BUILD, cwd=folder, code=3, env=environment(server)), 3, "rows.jsonl is a folder: name its files")


# What a row may be


def message(role, content):
    return {"role": role, "content": content}


BAD_ROWS = [
    (b'{"prompt": "not \xff text"}', "invalid_utf8"),
    (b'{"prompt": "cut in ha', "invalid_json"),
    (b"\0\0\0", "invalid_json"),
    (b"[" * 100_000, "invalid_json"),
    (b'{"prompt": ' + b"9" * 5000 + b"}", "invalid_json"),
    (rb'{"prompt": "half \ud800 of a pair"}', "lone_surrogate"),
    (b"null", "not_an_object"),
    (b"[1, 2]", "not_an_object"),
    (b'{"prompt": null}', "no_prompt"),
    (b'{"other": 1}', "no_prompt"),
    (b'{"prompt": NaN}', "not_text"),
    (b'{"prompt": " \\n"}', "empty_content"),
    (b'{"messages": []}', "no_messages"),
    (b'{"messages": {"role": "user"}}', "not_messages"),
    (b'{"messages": [null]}', "not_messages"),
    (b'{"messages": "[{"}', "invalid_json"),
    (json.dumps({"messages": [message("robot", "x")]}).encode(), "unknown_role"),
    (json.dumps({"messages": [message(["user"], "x")]}).encode(), "unknown_role"),
    (json.dumps({"messages": [message("user", None)]}).encode(), "null_content"),
    (json.dumps({"messages": [message("user", "x"), message("assistant", "y")]}).encode(), "ends_with_assistant"),
    (json.dumps({"messages": [message("user", "x"), message("system", "y")]}).encode(), "system_not_first"),
    (json.dumps({"messages": [message("user", [{"type": "text", "text": "x"}])]}).encode(), "content_parts"),
    (json.dumps({"prompt": "x" * 10_000_000}).encode(), "length:too_many_characters"),
]
LAST = b'{"prompt": "the file ends in this li'


def test_rows_that_cannot_be_used_are_dropped_with_their_place(folder, server):
    good = [*(json.dumps(row).encode() for row in ROWS), rb'{"prompt": "Say what a \u0000 in a text is, please."}']
    lines = [*good, *(line for line, _ in BAD_ROWS), b"  ", LAST]
    (folder / "rows.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(lines))
    with (folder / "small.yaml").open("a", encoding="utf-8") as recipe:
        recipe.write("filters: [{id: length}]\n")
    figures = built(build(folder, server))
    reasons = [*(reason for _, reason in BAD_ROWS), "invalid_json"]
    found = Counter(figures["dropped"]["collect"]) + Counter(figures["dropped"]["filter"])
    assert found == Counter(reasons)
    assert figures["funnel"][0]["given"] == len(good) + len(reasons)
    assert figures["counts"]["instructions"] == len(good)
    release = proven(folder / "out" / "release")
    assert any("\0" in item["source_messages"][0]["content"] for item in release.table("items").iter_rows(named=True))
    gone = {row["record"]: row for row in release.drops.iter_rows(named=True)}
    for line, reason in enumerate(reasons[:22], len(good) + 1):
        assert gone[f"rows.jsonl:{line}"]["reason"] == reason
    assert "it may be cut off" in gone[f"rows.jsonl:{len(lines)}"]["detail"]


def test_a_message_of_ten_megabytes_reaches_the_release(folder, server):
    write_lines(folder / "rows.jsonl", [ROWS[0], {"prompt": "word " * 2_000_000}])
    figures = built(build(folder, server, "--set", "sampling.responses=2"))
    assert figures["counts"]["instructions"] == 2
    items = proven(folder / "out" / "release").table("items")
    assert max(len(item["source_messages"][0]["content"]) for item in items.iter_rows(named=True)) == 10_000_000


def test_rows_of_tables_that_cannot_be_used(folder, server):
    (folder / "a.csv").write_bytes(
        b'prompt,n\r\n"What is a river, please?",1\r\nno second cell\r\n\xff,1\r\nNUL \0,1\r\n"open\r\n'
    )
    ends = pa.Array.from_buffers(
        pa.string(), 3, [None, pa.py_buffer(pack("<4i", 0, 8, 10, 18)), pa.py_buffer(b"Say one.\xff\xfeSay two.")]
    )
    (folder / "b.parquet").write_bytes(parquet(pa.table({"prompt": ends})))
    when = pa.array([int(datetime(2024, 1, 1, tzinfo=UTC).timestamp() * 1e6), 2**62], pa.timestamp("us"))
    (folder / "c.parquet").write_bytes(parquet(pa.table({"prompt": ["Say three.", "Say four."], "when": when})))
    files = ", ".join(f"{{id: messages, files: {name}}}" for name in ("rows.jsonl", "a.csv", "b.parquet", "c.parquet"))
    figures = built(build(folder, server, "--set", f"scenarios.0.sources=[{files}]"))
    assert figures["dropped"]["collect"] == {
        "invalid_csv": 1,
        "invalid_utf8": 2,
        "invalid_value": 1,
        "wrong_columns": 1,
    }
    assert figures["counts"]["instructions"] == len(ROWS) + 2 + 2 + 1


def test_duplicate_ids_and_ids_that_look_like_ours(folder, server):
    """A row that was seen is dropped; a row with the same id and other words is not; ids mean nothing to the funnel."""
    same = {"id": "a", **ROWS[0]}
    blank = [{"id": id, "prompt": " "} for id in ("res_0123456789abcdef", "ins_0123456789abcdef", "res_1")]
    write_lines(folder / "rows.jsonl", [same, same, {"id": "a", **ROWS[1]}, *blank])
    source = "scenarios.0.sources=[{id: messages, files: rows.jsonl, id_column: id}]"
    figures = built(build(folder, server, "--set", source))
    assert figures["dropped"] == {"collect": {"duplicate_id": 1, "empty_content": 3}}
    assert figures["counts"]["instructions"] == 2
    proven(folder / "out" / "release")


def test_recorded_rows_and_verdicts_that_cannot_be_used(tmp_path):
    prompts = [
        {"key": n, "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}], **row} for n, row in enumerate(ROWS)
    ]
    write_lines(tmp_path / "prompts.jsonl", prompts)
    for model, verdict in (("a", True), ("b", False), ("c", True)):
        rows = [{**prompt, "follow_instruction_list": [verdict], "response": f"By {model}"} for prompt in prompts]
        if model == "c":
            rows[0] |= {"instruction_id_list": ["x:y"] * 2, "follow_instruction_list": [True, False]}
            rows[1]["response"] = None
        write_lines(tmp_path / f"en__{model}__strict.jsonl", rows)
    with (tmp_path / "en__c__strict.jsonl").open("ab") as file:
        file.write(LAST)
    source, layout = "{id: ifeval, files: prompts.jsonl, language: en}", '{id: ifeval, files: "en__*__strict.jsonl"}'
    (tmp_path / "small.yaml").write_text(
        f"name: small\nscenarios: [{{id: single_turn, sources: [{source}]}}]\n"
        f"sampling: {{recorded: {layout}}}\nlabels: {{raters: [published]}}\n",
        encoding="utf-8",
    )
    done = run(*BUILD, cwd=tmp_path)
    figures = built(SimpleNamespace(code=0, **vars(done)))
    assert figures["dropped"]["sample"] == {"invalid_json": 1, "verdicts_do_not_fit": 1}
    assert figures["dropped"]["graph"] == {"isolated_response": 1, "missing_response": 1}
    proven(tmp_path / "out" / "release")


# What a model may reply


def test_replies_of_every_kind(folder):
    """Half pairs become the replacement character; empty and missing texts are what they are; nothing breaks."""
    odd = ["half \ud800 of a pair", "a \0 in it", "", None, "\x1b[31mred", "x" * 1_000_000]

    def strange(body):
        at = next(n for n, row in enumerate(rows) if row["prompt"] in body["messages"][-1]["content"])
        reply = answer(body) if body["seed"] < 2 else reply_body(odd[at])
        reply["model"], reply["usage"] = "m\ud800\0", {"prompt_tokens": "x", "completion_tokens": -1}
        return reply

    rows = [{"prompt": f"Tell me about lake number {n}, please."} for n in range(len(odd))]
    write_lines(folder / "rows.jsonl", rows)
    with FakeServer(answer=strange) as server:
        figures = built(build(folder, server, "--set", "graph.isolated_responses=keep"))
        assert server.requests == 18
    assert figures["dropped"] == {"graph": {"missing_response": 1}}
    items = proven(folder / "out" / "release").table("items")
    texts = {response["response"] for item in items.iter_rows(named=True) for response in item["responses"]}
    assert {"half \ufffd of a pair", *odd[1:3], *odd[4:]} <= texts


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        (Fault(401, body={"error": {"message": "bad\x1b[31m key"}}), 4, r"HTTP 401: bad\x1b[31m key): check the key"),
        (Fault(404, body={"error": {"message": "no such model"}}), 4, "serves no model 'fake'"),
        (Fault(400, body={"error": {"message": "odd"}}), 3, "12 × missing_response, such as res_"),
    ],
)
def test_a_server_that_refuses(folder, fault, code, said):
    with FakeServer(lambda body, seen: fault) as server:
        refused(run(*BUILD, cwd=folder, code=code, env=environment(server)), code, said)
