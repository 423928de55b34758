"""Label Studio without a server: answers into the project, files, and the verbs that use them."""

import json
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.errors import InputError
from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.label_studio.config import labelling_config
from benchwright.labels.label_studio.files import read_export, write_tasks
from benchwright.labels.label_studio.intake import SAID, take

from .label_studio_exports import JSON, LATER, MADE, annotation, choice, exported
from .label_studio_server import label_task
from .test_cli import last_json, run

# Into the project


@pytest.fixture
def store(tmp_path):
    with AnnotationStore(tmp_path / ANNOTATIONS) as opened:
        opened.add_tasks(MADE.values())
        yield opened


def answers(store):
    return [(one.task_id, one.annotator, one.answer, one.seconds, one.at) for one in store.given()]


def test_several_people_come_in_each_once(store):
    rows = [exported(MADE["label"], annotation(choice("yes")), annotation(choice("no"), id=2, by=2))]
    tally = take(store, rows)
    assert tally.counts == {"new": 2, "cancelled": 0, "drafts": 0}
    assert {one.name for one in store.annotators()} == {"label-studio:1", "label-studio:2"}
    assert set(tally.annotators) == {one.pseudonym for one in store.annotators()}
    before = store.given(latest=False)
    again = take(store, rows)
    assert again.counts["there"] == again.annotations == 2
    assert store.given(latest=False) == before


def test_an_edited_annotation_is_a_new_revision_and_an_old_export_does_not_bring_it_back(store):
    first = exported(MADE["label"], annotation(choice("yes")))
    edited = exported(MADE["label"], annotation(choice("no"), updated_at=LATER))
    assert take(store, [first]).counts["new"] == 1
    assert take(store, [edited]).counts["changed"] == 1
    assert [one.answer for one in store.given()] == ["no"]
    assert take(store, [first]).counts["there"] == 1
    older = exported(MADE["label"], annotation(choice("unsure"), at="2026-02-01T10:00:00Z"))
    assert take(store, [older]).counts["outdated"] == 1
    assert [one.answer for one in store.given()] == ["no"]
    assert [one.answer for one in store.given(latest=False)] == ["yes", "no"]


def test_of_two_annotations_of_one_person_the_later_counts(store):
    two = [annotation(choice("no"), at=LATER), annotation(choice("yes"), id=2)]
    assert take(store, [exported(MADE["label"], *two)]).counts["changed"] == 1
    assert [one.answer for one in store.given()] == ["no"]


def test_a_named_user_is_the_annotator_of_that_name(store):
    anna = store.register("Anna").pseudonym
    take(store, [exported(MADE["label"], annotation(choice("yes"), by=5))], {"5": "anna"})
    assert [one.annotator for one in store.given()] == [anna]


def test_what_was_read_before_the_rows_fail_is_kept(store):
    def failing():
        yield exported(MADE["label"], annotation(choice("yes")))
        raise InputError("the server went")

    with pytest.raises(InputError, match="the server went"):
        take(store, failing())
    assert [one.answer for one in store.given()] == ["yes"]


def test_a_hundred_thousand_annotations_take_seconds(store):
    tasks = [label_task(number) for number in range(100, 2_100)]
    store.add_tasks(tasks)
    many = [exported(task, *(annotation(choice("yes"), id=by, by=by) for by in range(50))) for task in tasks]
    started = time.monotonic()
    assert take(store, many).counts["new"] == 100_000
    assert time.monotonic() - started < 20, "an answer is a transaction of its own"
    assert len(store.given(latest=False)) == 100_000


def test_everything_read_is_counted(store):
    rows = [
        exported(MADE["label"], annotation(choice("yes")), annotation(choice("?"), id=2, by=2)),
        exported(MADE["pair"], annotation(choice("same"), was_cancelled=True), drafts=[{}]),
        exported(label_task(99), annotation(choice("yes"))),
        "junk",
    ]
    tally = take(store, rows)
    assert tally.tasks == 4
    assert tally.counts == {"new": 1, "cancelled": 1, "drafts": 1}
    assert sorted(one.kind for one in tally.problems) == ["not_a_task", "unknown_answer", "unknown_task"]
    assert tally.annotations == 5
    assert set(tally.counts) <= set(SAID)


# Files


def test_an_export_is_read_a_task_at_a_time(tmp_path):
    tasks = [{"n": n, "text": "é\u202e\n" * (n * 300)} for n in range(60)]
    path = tmp_path / "tasks.json"
    assert write_tasks(path, tasks) == 60
    assert json.loads(path.read_text("utf-8")) == tasks
    assert list(read_export(path)) == tasks
    path.write_text(json.dumps(tasks, indent=3), encoding="utf-8-sig")
    assert list(read_export(path)) == tasks
    assert write_tasks(path, []) == 0
    assert list(read_export(path)) == []


@given(st.lists(JSON, max_size=6), st.sampled_from([None, 1, 4]))
def test_any_array_is_read_as_json_reads_it(tmp_path_factory, values, indent):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(values, indent=indent), encoding="utf-8")
    assert json.dumps(list(read_export(path))) == json.dumps(values)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no JSON array"),
        (b"{}", "no JSON array"),
        (b'[{"a": 1}', "cut off"),
        (b'[{"a": 1}, {"b', "cut off"),
        (b"[1 2]", "no JSON array"),
        (b"[1] x", "no JSON array"),
        (b"id,answer\n1,yes\n", "no JSON array"),
        (b'["\xff"]', "no UTF-8"),
        (b"[" * 200_000, "no JSON array"),
        (b'[{"annotation_id": 1, "answer": "yes"}]', "JSON-MIN"),
    ],
)
def test_a_file_that_is_no_export_says_what_is_allowed(tmp_path, content, said):
    path = tmp_path / "export"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said) as error:
        list(read_export(path))
    assert "allowed: a project's export as JSON" in error.value.message
    with pytest.raises(InputError, match="cannot be read"):
        list(read_export(tmp_path / "none"))


# The verbs


def test_export_and_import_of_a_folder(tmp_path):
    with AnnotationStore(tmp_path / "proj" / ANNOTATIONS) as store:
        store.add_tasks([*MADE.values(), label_task(2), replace(label_task(3), gold="no")])
    told = last_json(run("label-studio", "export", "proj", "-o", "out", "--json", cwd=tmp_path))
    assert [(row["kind"], row["tasks"], row["predictions"]) for row in told["kinds"]] == [
        ("label", 2, 0),
        ("pair", 1, 0),
        ("item", 1, 0),
    ]
    assert (tmp_path / "out" / "pair" / "config.xml").read_text("utf-8") == labelling_config("pair")
    rows = list(read_export(tmp_path / "out" / "label" / "tasks.json"))
    assert {row["data"]["project"] for row in rows} == {"proj"}
    for number, row in enumerate(rows):
        row.update(id=number, annotations=[annotation(choice("yes"), id=number), annotation(choice("no"), by=2)])
    rows[0]["annotations"].append(annotation(choice("maybe"), by=3))
    (tmp_path / "back.json").write_text(json.dumps(rows), encoding="utf-8")
    told = last_json(run("label-studio", "import", "proj", "back.json", "--user", "2=bo", "--json", cwd=tmp_path))
    assert (told["annotations"], told["new"], told["problems"]) == (5, 4, {"unknown_answer": 1})
    printed = run("label-studio", "import", "proj", "back.json", cwd=tmp_path).stdout
    assert "not taken: the choice is none of the task's" in printed and "task 0" in printed
    with AnnotationStore.read(tmp_path / "proj" / ANNOTATIONS) as store:
        # The second import gave the user no name: somebody new.
        assert [one.name for one in store.annotators()] == ["label-studio:1", "bo", "label-studio:2"]


def test_the_verbs_say_what_is_missing(tmp_path):
    refused = run("label-studio", "export", "none", "-o", "out", cwd=tmp_path, code=2).stderr
    assert "holds no annotation project" in refused
    with AnnotationStore(tmp_path / ANNOTATIONS) as store:
        assert "has no task yet" in run("label-studio", "export", ".", "-o", "o", cwd=tmp_path, code=2).stderr
        store.add_tasks([MADE["label"], MADE["pair"]])
    none = {"LABEL_STUDIO_URL": "http://127.0.0.1:9", "LABEL_STUDIO_API_KEY": ""}
    for arguments, env, said in [
        (["export", ".", "-o", "o", "--kind", "item"], none, "no task of kind item"),
        (["export", ".", "-o", "o", "--kind", "pairs"], none, "did you mean 'pair'?"),
        (["push", "."], {}, "no server is named"),
        (["push", "."], none, "no key for Label Studio: set LABEL_STUDIO_API_KEY"),
        (["push", "."], {**none, "LABEL_STUDIO_API_KEY": "a b"}, "characters that no key has"),
        (["push", ".", "--url", "localhost:8080"], none, "is no server's URL"),
        (["push", ".", "--project", "3"], {**none, "LABEL_STUDIO_API_KEY": "x"}, "say which goes there with --kind"),
        (["import", ".", "f", "--user", "3"], none, "ID=NAME"),
    ]:
        assert said in run("label-studio", *arguments, cwd=tmp_path, code=2, env=env).stderr, arguments
    (tmp_path / "f.json").write_text(json.dumps([exported(label_task(9), annotation(choice("yes")))]))
    assert "unknown_task" in run("label-studio", "import", ".", "f.json", cwd=tmp_path, code=3).stderr
