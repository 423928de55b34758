"""What is drawn for people from the flow's tables, and what their answers become."""

import json
from dataclasses import dataclass
from itertools import pairwise

import polars as pl
import pytest

from benchwright.builders.scenario import SCENARIOS, Gold, GoldConstraint
from benchwright.errors import InputError, UsageError
from benchwright.labels.annotation.draw import item_tasks, label_tasks, pair_tasks
from benchwright.labels.annotation.gold import gold_tasks
from benchwright.labels.annotation.records import human_labels, item_decisions, pair_checks
from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.annotation.task import Decision, Given, Task, guidelines
from benchwright.schemas.edge import PairChecks
from benchwright.schemas.label import Labels
from benchwright.schemas.sample import sample_records
from benchwright.schemas.tables import problems


@dataclass(frozen=True)
class Pick:
    kind: str
    ids: tuple[str, str]


@pytest.fixture
def tables():
    """Sample records whose soft constraints a model drew."""
    made = sample_records(3, instructions=6)
    drawn = pl.when(pl.col("kind") == "soft").then(pl.lit("checklist.instruction@1:a/b")).otherwise("generator")
    return {**made, "constraints": made["constraints"].with_columns(generator=drawn)}


def answered(*answers):
    """Gives answers from (task, annotator, answer) and perhaps a note and a text."""
    made = []
    for n, (task, who, said, *more) in enumerate(answers, 1):
        note, text = [*more, None, None][:2]
        made.append(Given(n, task.id, who, said, text, note, 2.0, n))
    return made


def test_labels_are_asked_where_code_does_not_decide(tables):
    tasks = label_tasks(tables)
    wanted = set()
    decided = tables["labels"].filter((pl.col("rater_kind") == "code") & (pl.col("outcome") != "unknown"))
    by_code = set(decided.select("response_id", "constraint_id").iter_rows())
    for response, instruction in tables["responses"].select("id", "instruction_id").iter_rows():
        for id in tables["constraints"].filter(pl.col("instruction_id") == instruction)["id"]:
            if (response, id) not in by_code:
                wanted.add((response, id))
    assert 0 < len(wanted) < tables["labels"].height
    assert {(task.body["response_id"], task.body["constraint_id"]) for task in tasks} == wanted
    assert len(tasks) == len(wanted)


def test_a_response_is_read_once_for_all_its_constraints(tables):
    tables["labels"] = tables["labels"].clear()
    tasks = label_tasks(tables)
    assert [task.priority for task in tasks] == list(range(6 * 4 * 3))
    for column in ("response_id", "instruction_id"):
        seen = [task.body.get(column, task.instruction_id) for task in tasks]
        assert sum(a != b for a, b in pairwise(seen)) == len(set(seen)) - 1, column
    position = dict(tables["constraints"].select("id", "position").iter_rows())
    assert [position[task.body["constraint_id"]] for task in tasks] == [0, 1, 2] * 24
    assert list(dict.fromkeys(task.instruction_id for task in tasks)) == tables["instructions"]["id"].to_list()
    shuffled = {**tables, "constraints": tables["constraints"].sample(fraction=1, shuffle=True, seed=1)}
    assert label_tasks(shuffled) == tasks, "whatever order the constraints come in"


def test_bodies_hold_what_is_shown_and_no_model(tables):
    texts = dict(tables["responses"].select("id", "text").iter_rows())
    wordings = dict(tables["constraints"].select("id", "text").iter_rows())
    messages = dict(tables["instructions"].select("id", "messages").iter_rows())
    label, pair, item = label_tasks(tables), pair_tasks(tables), item_tasks(tables)
    shown = {"messages", "language", "constraint_id", "constraint"}
    about = {*shown, "kind", "categories", "response_id", "response"}
    assert {frozenset(task.body) for task in label} == {frozenset(about)}
    assert {frozenset(task.body) for task in item} == {frozenset({*shown, "span", "categories", "compositions"})}
    assert {frozenset(task.body) for task in pair} == {
        frozenset({"messages", "language", "a_id", "a", "b_id", "b", "constraints", "better"})
    }
    for task in label:
        assert task.body["response"] == texts[task.body["response_id"]]
        assert task.body["constraint"] == wordings[task.body["constraint_id"]]
        assert task.body["messages"] == messages[task.instruction_id]
    for task in pair:
        assert (task.body["a"], task.body["b"]) == (texts[task.body["a_id"]], texts[task.body["b_id"]])
        assert len(task.body["constraints"]) == 3
    whole = json.dumps([dict(task.body) for task in (*label, *pair, *item)])
    for column in ("model", "served_model", "revision"):
        for name in tables["responses"][column].unique():
            assert name not in json.loads(whole) and f'"{name}"' not in whole, name
    assert "generator" not in whole and all(task.gold is None for task in (*label, *pair, *item))


def test_responses_without_text_are_left_out(tables):
    failed = tables["responses"]["id"][0]
    text = pl.when(pl.col("id") == failed).then(None).otherwise(pl.col("text")).alias("text")
    tables["responses"] = tables["responses"].with_columns(text)
    tasks = label_tasks(tables)
    assert tasks and all(task.body["response_id"] != failed for task in tasks)


def test_drawing_again_adds_nothing(tables, tmp_path):
    with AnnotationStore(tmp_path / ANNOTATIONS) as store:
        drawn = [*label_tasks(tables), *pair_tasks(tables), *item_tasks(tables), *gold_tasks(["single_turn"])]
        assert store.add_tasks(drawn) == len(drawn) == len(store.tasks())
        assert store.add_tasks(drawn) == 0
        picks = [Pick("label", (drawn[4].body["response_id"], drawn[4].body["constraint_id"]))]
        assert store.add_tasks(label_tasks(tables, picks)) == 0
        assert {task.id: dict(task.body) for task in store.tasks()} == {task.id: dict(task.body) for task in drawn}
    changed = tables["responses"].with_columns(pl.col("text") + " and more")
    assert not {task.id for task in label_tasks({**tables, "responses": changed})} & {task.id for task in drawn}


def test_pairs_are_the_edges_after_all_labels(tables):
    tasks = pair_tasks(tables)
    edges = set(tables["edges"].select("better", "worse").iter_rows())
    named = {
        task.body["better"]: ("a_id", "b_id") if task.body["better"] == "a" else ("b_id", "a_id") for task in tasks
    }
    assert len(tasks) == len(edges) > 5
    for task in tasks:
        better, worse = named[task.body["better"]]
        assert (task.body[better], task.body[worse]) in edges
    assert min(task.priority for task in tasks) > max(task.priority for task in label_tasks(tables))


def test_which_is_a_tells_nothing():
    """Whether A is the better one is a fair coin over many edges, and turns with the edge."""
    tables = sample_records(5, instructions=60, responses=6)
    tasks = pair_tasks(tables)
    share = sum(task.body["better"] == "a" for task in tasks) / len(tasks)
    assert len(tasks) > 150 and 0.4 < share < 0.6
    lesser = sum(task.body["a_id"] < task.body["b_id"] for task in tasks) / len(tasks)
    assert 0.4 < lesser < 0.6
    turned = tables["edges"].rename({"better": "worse", "worse": "better"})
    others = {task.id: task for task in pair_tasks({**tables, "edges": turned})}
    for task in tasks:
        other = others[task.id]
        assert other.body["a_id"] == task.body["a_id"] and other.body["better"] != task.body["better"]


def test_pairs_show_what_is_rated(tables):
    soft = tables["constraints"].filter(pl.col("kind") == "soft")["id"]
    rated = {**tables, "verdicts": tables["verdicts"].filter(~pl.col("constraint_id").is_in(soft.implode()))}
    texts = dict(tables["constraints"].select("id", "text").iter_rows())
    unrated = {texts[id] for id in soft}
    assert all(len(task.body["constraints"]) == 2 for task in pair_tasks(rated))
    assert all(not unrated & set(task.body["constraints"]) for task in pair_tasks(rated))
    nothing = {**tables, "verdicts": tables["verdicts"].clear()}
    assert all(len(task.body["constraints"]) == 3 for task in pair_tasks(nothing))


def test_picks_come_in_their_order(tables):
    labels = tables["labels"].select("response_id", "constraint_id").sample(5, seed=2).rows()
    edges = tables["edges"].select("better", "worse").sample(2, seed=2).rows()
    mixed = [("label", labels[0]), ("pair", edges[0]), *(("label", one) for one in labels[1:]), ("pair", edges[1])]
    picks = [Pick(*one) for one in mixed]
    label, pair = label_tasks(tables, picks), pair_tasks(tables, picks)
    assert [(task.body["response_id"], task.body["constraint_id"]) for task in label] == labels
    assert ([task.priority for task in label], [task.priority for task in pair]) == ([0, 2, 3, 4, 5], [1, 6])
    assert [{task.body["a_id"], task.body["b_id"]} for task in pair] == [set(edge) for edge in edges]
    assert label_tasks(tables, []) == []
    lost = [Pick("label", ("res_" + "0" * 16, "con_" + "1" * 16)), Pick("pair", ("res_" + "2" * 16, labels[0][0]))]
    with pytest.raises(UsageError) as caught:
        label_tasks(tables, lost)
    assert len(caught.value.problems) == 2
    with pytest.raises(UsageError, match="res_2222222222222222"):
        pair_tasks(tables, lost)


def test_items_are_soft_constraints_with_the_words_they_come_from(tables):
    tasks = item_tasks(tables)
    soft = tables["constraints"].filter(pl.col("kind") == "soft")
    assert [task.body["constraint_id"] for task in tasks] == soft["id"].to_list()
    collected = dict(tables["instructions"].select("id", "source_messages").iter_rows())
    for task in tasks:
        assert task.body["messages"] == collected[task.instruction_id]
        assert task.body["span"] == {
            "message": 0,
            "start": 0,
            "end": 4,
            "text": collected[task.instruction_id][0]["content"][:4],
        }
    for span in (None, {"message": 9, "start": 0, "end": 4}, {"message": 0, "start": 900, "end": 904}):
        spanless = tables["constraints"].with_columns(
            pl.lit(span, dtype=tables["constraints"].schema["span"]).alias("span")
        )
        assert all(task.body["span"] is None for task in item_tasks({**tables, "constraints": spanless}))
    for generator in ("scenario:single_turn", "source:messages"):
        given = tables["constraints"].with_columns(pl.lit(generator).alias("generator"))
        assert item_tasks({**tables, "constraints": given}) == [], "no review moves them"


def test_answers_become_labels(tables):
    one, two, *_ = tasks = [*label_tasks(tables), *pair_tasks(tables), *item_tasks(tables), *gold_tasks(["multi_turn"])]
    gold = tasks[-1]
    given = answered(
        (one, "a-1", "no"),
        (two, "a-1", "unsure"),
        (one, "a-2", "no", "the third line has no verb"),
        (two, "a-2", "unsure", "no dictionary at hand"),
        (one, "a-1", "yes"),
        (gold, "a-1", "yes"),
        (Task("tsk_elsewhere", "label", "ins", 0, {}), "a-1", "yes"),
    )
    frame = human_labels(tasks, given)
    assert problems(Labels, frame) == []
    assert frame.equals(human_labels(tasks, given[::-1])), "the latest by serial"
    shown = frame.sort("rater_id", pl.col("response_id") != one.body["response_id"], "constraint_id")
    by_task = {
        (row["response_id"], row["constraint_id"], row["rater_id"]): (row["outcome"], row["reason"])
        for row in shown.iter_rows(named=True)
    }
    key = [(task.body["response_id"], task.body["constraint_id"]) for task in (one, two)]
    assert by_task == {
        (*key[0], "human:a-1"): ("satisfied", None),
        (*key[0], "human:a-2"): ("violated", "the third line has no verb"),
        (*key[1], "human:a-1"): ("unknown", "unsure"),
        (*key[1], "human:a-2"): ("unknown", "no dictionary at hand"),
    }
    assert set(frame["rater_kind"]) == {"human"} and frame["raw_reply"].null_count() == 4
    assert set(frame["instruction_id"]) == {one.instruction_id, two.instruction_id}
    assert problems(Labels, human_labels(tasks, [])) == [] and human_labels(tasks, []).is_empty()


def test_answers_become_pair_checks(tables):
    tasks = pair_tasks(sample_records(5, instructions=20))
    straight = next(task for task in tasks if task.body["a_id"] < task.body["b_id"])
    turned = next(task for task in tasks if task.body["a_id"] > task.body["b_id"])
    given = answered(
        *((straight, f"a-{said}", said) for said in ("a", "b", "same", "unsure")),
        *((turned, f"a-{said}", said) for said in ("a", "b", "same")),
        (turned, "a-x", "a"),
        (turned, "a-x", "b"),
    )
    frame = pair_checks([*tasks, *label_tasks(tables)], given)
    assert problems(PairChecks, frame) == []
    answers = {(row["first"], row["rater_id"].removeprefix("human:a-")): row["answer"] for row in frame.to_dicts()}
    a, b = straight.body["a_id"], turned.body["b_id"]
    assert answers == {
        **{(a, "a"): "better", (a, "b"): "worse", (a, "same"): "same", (a, "unsure"): "unsure"},
        **{(b, "a"): "worse", (b, "b"): "better", (b, "same"): "same", (b, "x"): "better"},
    }


def test_answers_become_decisions(tables):
    one, two, *_ = tasks = item_tasks(tables)
    given = answered(
        (two, "a-1", "edit", None, "Is it short?"),
        (one, "a-1", "edit", None, "Is it brief?"),
        (one, "a-1", "approve", None, "typed, then approved"),
        (one, "a-2", "reject", "nobody asked"),
    )
    ids = [task.body["constraint_id"] for task in (one, two)]
    wanted = [
        Decision(ids[0], "approve", None, "a-1"),
        Decision(ids[0], "reject", None, "a-2"),
        Decision(ids[1], "edit", "Is it short?", "a-1"),
    ]
    assert item_decisions(tasks, given) == sorted(wanted, key=lambda one: (one.constraint_id, one.annotator))


def test_gold_of_every_scenario():
    for id in SCENARIOS.ids():
        tasks = gold_tasks([id])
        scenario = SCENARIOS.get(id)
        assert len(tasks) == sum(2 * len(gold.constraints) for gold in scenario.gold)
        assert [task.priority for task in tasks] == list(range(len(tasks)))
        assert [task.gold for task in tasks].count("yes") == len(tasks) / 2
        satisfying = {gold.satisfies for gold in scenario.gold}
        assert all((task.body["response"] in satisfying) is (task.gold == "yes") for task in tasks)
        assert all(task.kind == "label" and task.body["constraint"] and task.body["why"] for task in tasks)
    both = gold_tasks(["single_turn", "multi_turn", "single_turn"])
    assert (
        len({task.id for task in both})
        == len(both)
        == len(gold_tasks(["single_turn"])) + len(gold_tasks(["multi_turn"]))
    )
    spanish = [task for task in gold_tasks(["multi_turn"]) if task.body["language"] == "es"]
    assert len(spanish) == 6 and any("palabras" in task.body["constraint"] for task in spanish)
    answers = [task.gold for task in both]
    assert answers != sorted(answers) and answers != sorted(answers, reverse=True), "not all of one kind first"


def test_no_such_scenario_and_gold_that_is_none(monkeypatch):
    with pytest.raises(UsageError, match="did you mean 'multi_turn'"):
        gold_tasks(["multi_turns"])
    with pytest.raises(UsageError, match="one text"):
        gold_tasks("multi_turn")
    false = Gold(({"role": "user", "content": "Hi"},), (GoldConstraint("punctuation.no_comma", {}),), "a, b", "a b")
    monkeypatch.setattr(type(SCENARIOS.get("multi_turn")), "gold", (false,))
    with pytest.raises(UsageError) as caught:
        gold_tasks(["multi_turn"])
    assert len(caught.value.problems) == 2


def write(path, *rows):
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path


GOOD = {"instruction": "Name a river.", "constraint": "One word only.", "response": "Rhine", "answer": "yes"}


def test_gold_from_a_file(tmp_path):
    talk = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "Bye"},
    ]
    second = {
        "messages": talk,
        "constraint": "Say bye.",
        "response": "",
        "answer": "no",
        "why": "empty",
        "language": "en",
    }
    tasks = gold_tasks(write(tmp_path / "gold.jsonl", second, "", GOOD, GOOD))
    assert [(task.gold, task.priority, task.kind) for task in tasks] == [("no", 0, "label"), ("yes", 1, "label")]
    assert tasks[0].body["messages"] == talk and tasks[0].body["why"] == "empty" and tasks[0].body["response"] == ""
    assert tasks[1].body["messages"] == [{"role": "user", "content": "Name a river."}]
    assert tasks[1].body["language"] is None and tasks[1].body["why"] is None
    with AnnotationStore(tmp_path / ANNOTATIONS) as store:
        assert store.add_tasks(tasks) == 2
        assert store.tasks() == tasks


def test_a_gold_file_that_is_wrong_names_every_line(tmp_path):
    path = write(
        tmp_path / "gold.jsonl",
        {**GOOD, "anwser": "no"},
        {**GOOD, "answer": "maybe", "why": 3},
        {**GOOD, "messages": [{"role": "user", "content": "Hi"}]},
        "{broken",
        {"messages": [{"role": "assistant", "content": "Hi"}], "constraint": " ", "answer": "no"},
        GOOD,
        {**GOOD, "answer": "no"},
        "[1]",
        {**GOOD, "instruction": 7},
    )
    with pytest.raises(InputError) as caught:
        gold_tasks(path)
    found = [problem.split(": ", 1) for problem in caught.value.problems]
    wanted = [
        ("line 1", "did you mean 'answer'"),
        ("line 2", "answer is 'maybe'; allowed: yes, no"),
        ("line 2", "why is to be a text"),
        ("line 3", "one of them"),
        ("line 4", "invalid_json"),
        ("line 5", "ends_with_assistant"),
        ("line 5", "response is to be a text"),
        ("line 5", "constraint is blank"),
        ("line 7", "answers 'no' where line 6 answers 'yes'"),
        ("line 8", "not_an_object"),
        ("line 9", "instruction is to be a text"),
    ]
    assert [line for line, _ in found] == [line for line, _ in wanted]
    assert all(words in said for (_, said), (_, words) in zip(found, wanted, strict=True)), found
    for bad in (tmp_path / "none.jsonl", write(tmp_path / "blank.jsonl", ""), write(tmp_path / "odd.yaml", "a")):
        with pytest.raises(InputError):
            gold_tasks(bad)


def test_guidelines_say_the_convention_of_about():
    assert "90 to 110 percent" in guidelines() and len(guidelines().splitlines()) > 30
