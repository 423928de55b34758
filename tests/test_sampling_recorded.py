from __future__ import annotations

import json

import pytest

from benchwright.errors import InputError, UsageError
from benchwright.sampling.recorded import check_recorded, join, read_recorded, recorded_revision
from benchwright.schemas.instruction import Given, Instruction, instruction_id
from benchwright.schemas.recipe import Use
from benchwright.schemas.response import Published, Responses
from benchwright.schemas.tables import frame_of, validate
from benchwright.store.fetch import Fetch


def instruction(row, prompt, given=0, before=()):
    messages = (*before, {"role": "user", "content": prompt})
    return Instruction(
        id=instruction_id("test", "r", str(row), messages),
        scenario="single_turn",
        instruction_type="single_turn",
        language="en",
        source_messages=messages,
        messages=messages,
        source="test",
        source_revision="r",
        source_row=str(row),
        source_license=None,
        given=tuple(Given(f"c{i}") for i in range(given)),
    )


def use(id, **params):
    return Use.model_validate({"id": id, **params})


def write(path, rows):
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n", "utf-8")


def read_lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def joined(use, fetch, instructions):
    made = join(read_recorded(use, fetch), instructions)
    validate(Responses, frame_of(Responses, made.responses))
    validate(Published, frame_of(Published, made.published))
    return made


def test_flat(tmp_path):
    write(
        tmp_path / "gpt-x.jsonl",
        [
            {"q": "a?", "answer": "first", "ok": [True, 0]},
            {"q": " a?\n", "answer": "second", "ok": [None, "unclear"]},
            {"q": "b?", "answer": None, "ok": [1]},
            {"q": "nobody asked", "answer": "x", "ok": []},
            '{"q": "cut',
            {"q": "a?", "ok": []},
            {"q": "a?", "answer": 3, "ok": []},
        ],
    )
    instructions = [instruction(0, "a?", given=2), instruction(1, "b?", given=2), instruction(2, "c?")]
    made = joined(
        use("flat", files="gpt-x.jsonl", prompt="q", response="answer", labels="ok"), Fetch(tmp_path), instructions
    )
    assert [(row["model"], row["sample_index"], row["text"], row["status"]) for row in made.responses] == [
        ("gpt-x", 0, "first", "ok"),
        ("gpt-x", 1, "second", "ok"),
        ("gpt-x", 0, None, "failed"),
    ]
    assert [(row["position"], row["label"], row["rater"]) for row in made.published] == [
        (0, 1, "published:flat"),
        (1, 0, "published:flat"),
        (0, None, "published:flat"),
        (1, None, "published:flat"),
    ]
    assert [(drop.record, drop.reason) for drop in made.drops] == [
        ("gpt-x.jsonl:5", "invalid_json"),
        ("gpt-x.jsonl:6", "missing_column"),
        ("gpt-x.jsonl:7", "no_text"),
        (made.responses[2]["id"], "verdicts_do_not_fit"),
        (instructions[2].id, "no_recorded_response"),
    ]
    assert made.unused == 1


def test_flat_by_key_with_models(tmp_path):
    write(tmp_path / "a.jsonl", [{"id": 7, "response": "x", "who": "m1"}, {"id": 7, "response": "y", "who": "m2"}])
    made = joined(use("flat", files="a.jsonl", key="id", model="who"), Fetch(tmp_path), [instruction(7, "a?")])
    assert [(row["model"], row["text"]) for row in made.responses] == [("m1", "x"), ("m2", "y")]
    assert made.published == []
    write(tmp_path / "run3_llama-8b.jsonl", [{"id": 7, "response": "z"}])
    named = use("flat", files="run*.jsonl", key="id", model_pattern=r"run\d+_(.+)\.jsonl")
    assert joined(named, Fetch(tmp_path), [instruction(7, "a?")]).responses[0]["model"] == "llama-8b"


def test_a_bare_prompt_answers_no_conversation(tmp_path):
    write(tmp_path / "m.jsonl", [{"prompt": "and now?", "response": "x"}])
    before = ({"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"})
    rows = [instruction(0, "and now?", before=before), instruction(1, "and now?")]
    made = joined(use("flat", files="m.jsonl", prompt="prompt"), Fetch(tmp_path), rows)
    assert [row["instruction_id"] for row in made.responses] == [rows[1].id]
    assert [drop.record for drop in made.drops] == [rows[0].id]


def test_revision_follows_content_and_names_not_folders(tmp_path):
    revisions = []
    for folder, name, text in [
        ("a", "m.jsonl", "x"),
        ("b", "m.jsonl", "x"),
        ("a", "n.jsonl", "x"),
        ("b", "m.jsonl", "y"),
    ]:
        (tmp_path / folder).mkdir(exist_ok=True)
        write(tmp_path / folder / name, [{"prompt": "a?", "response": text}])
        revisions.append(recorded_revision(use("flat", files=name, prompt="prompt"), Fetch(tmp_path / folder)))
    assert revisions[0] == revisions[1]
    assert len(set(revisions)) == 3


def test_copies_of_a_file_keep_ids_apart(tmp_path):
    for name in ("a.jsonl", "b.jsonl"):
        write(tmp_path / name, [{"prompt": "a?", "response": "x", "m": "m"}])
    made = joined(use("flat", files="*.jsonl", prompt="prompt", model="m"), Fetch(tmp_path), [instruction(0, "a?")])
    assert [row["sample_index"] for row in made.responses] == [0, 1]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"id": "flatt", "files": "x"}, "did you mean 'flat'"),
        ({"id": "flat"}, "files"),
        ({"id": "flat", "files": [], "key": "k"}, "at least one file"),
        ({"id": "flat", "files": "x"}, "either prompt or key"),
        ({"id": "flat", "files": "x", "prompt": "a", "key": "b"}, "either prompt or key"),
        ({"id": "flat", "files": "x", "prompt": "a", "respons": "b"}, "did you mean 'response'"),
        ({"id": "flat", "files": "x", "prompt": "a", "model_pattern": "(("}, "no regular expression"),
        ({"id": "ifeval", "files": "x", "model_pattern": "abc"}, "no group"),
    ],
)
def test_wrong_parameters(params, said):
    with pytest.raises(UsageError, match=said):
        check_recorded(Use.model_validate(params))


def test_nothing_there(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        read_recorded(use("flat", files="nowhere.jsonl", prompt="q"), Fetch(tmp_path))
    write(tmp_path / "m.jsonl", [{"question": "a?"}])
    with pytest.raises(InputError, match=r"missing_column.*'q'.*question"):
        read_recorded(use("flat", files="m.jsonl", prompt="q", response="question"), Fetch(tmp_path))


# Published result files, as they are.


@pytest.mark.parametrize(("language", "prompts"), [("en", 541), ("es", 115)])
def test_ifeval_results(data_dir, language, prompts):
    source = read_lines(data_dir / f"m_ifeval/{language}_input_data.jsonl")
    instructions = [instruction(row["key"], row["prompt"], len(row["instruction_id_list"])) for row in source]
    made = joined(use("ifeval", files=f"m_ifeval/{language}__*__strict.jsonl"), Fetch(data_dir), instructions)
    assert (len(made.responses), made.drops, made.unused) == (6 * prompts, [], 0)
    assert len(made.published) == 6 * sum(len(row["instruction_id_list"]) for row in source)
    assert {row["rater"] for row in made.published} == {"published:ifeval-strict"}
    models = {row["model"] for row in made.responses}
    assert len(models) == 6
    assert {"gpt-4o-2024-08-06", "Qwen/Qwen2.5-7B-Instruct-GPTQ-Int4"} <= models
    # Pareto edges over the published verdicts, counted in the plainest way.
    labels, owner = {}, {row["id"]: row["instruction_id"] for row in made.responses}
    for row in made.published:
        labels.setdefault(row["response_id"], []).append(row["label"])
    groups = {}
    for id, verdicts in labels.items():
        groups.setdefault(owner[id], []).append(verdicts)
    edges = sum(
        u != v and all(a >= b for a, b in zip(u, v, strict=True))
        for rows in groups.values()
        for u in rows
        for v in rows
    )
    assert edges == {"en": 3194, "es": 453}[language]


def test_ifeval_loose_results_say_so(data_dir):
    recorded = read_recorded(use("ifeval", files="m_ifeval/es__*__loose.jsonl"), Fetch(data_dir))
    assert {found.rater for found, _ in recorded.responses} == {"published:ifeval-loose"}


def test_arena_answers(data_dir):
    source = read_lines(data_dir / "arena_bench_v1/question.jsonl")
    instructions = [instruction(row["question_id"], row["turns"][0]) for row in source]
    made = joined(use("arena", files="arena_bench_v1/model_answer__*.jsonl"), Fetch(data_dir), instructions)
    assert (len(made.responses), made.drops) == (5 * 300, [])
    assert made.unused == 8, "later turns of six conversations"
    assert "mistralai/Mistral-7B-Instruct-v0.1" in {row["model"] for row in made.responses}


def test_oasst_reports(data_dir):
    fetch = Fetch(data_dir)
    every = use("oasst_eval", files=["oasst_model_eval/2*.json", "oasst_model_eval/2*.jsonl"])
    recorded = read_recorded(every, fetch)
    assert len(recorded.responses) == 250 + 1250 + 1500 + 250 + 300 + 789
    prompts = sorted({found.prompt for found, _ in recorded.responses if "pythia" in found.model})
    made = joined(every, fetch, [instruction(i, prompt) for i, prompt in enumerate(prompts)])
    assert not made.drops
    assert len(made.responses) + made.unused == len(recorded.responses)
    pythia = [row for row in made.responses if "pythia" in row["model"]]
    assert len(pythia) == 1250
    assert {row["sample_index"] for row in pythia} == set(range(5))
    greedy = read_recorded(use("oasst_eval", files="oasst_model_eval/2023-05-07*", configs=["greedy"]), fetch)
    assert len(greedy.responses) == 250
