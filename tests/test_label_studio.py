"""Label Studio without a server: configurations, tasks out, annotations back."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchwright.errors import InputError, UsageError
from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.annotation.task import ANSWERS, KINDS
from benchwright.labels.label_studio.annotations import PROBLEMS, read_annotations
from benchwright.labels.label_studio.config import TARGET, checked_kind, labelling_config
from benchwright.labels.label_studio.files import read_export
from benchwright.labels.label_studio.intake import take
from benchwright.labels.label_studio.tasks import MODEL_VERSION, Verdict, export_tasks

from .label_studio_exports import AT, JSON, LATER, MADE, annotation, choice, exported, read, typed
from .label_studio_server import MESSAGES, NASTY, item_task, label_task, pair_task

# Configurations and tasks


@pytest.mark.parametrize("kind", KINDS)
def test_a_configuration_asks_for_every_answer_and_shows_data_as_text_only(kind):
    root = ElementTree.fromstring(labelling_config(kind))
    by_data = {tag.tag for tag in root.iter() if tag.get("value", "").startswith("$")}
    assert by_data == {"Paragraphs", "Text"}
    assert [tag.get("value") for tag in root.iter("Choice")] == list(ANSWERS[kind])
    hotkeys = [tag.get("hotkey") for tag in root.iter("Choice")]
    assert hotkeys == [str(number) for number in range(1, len(hotkeys) + 1)]
    controls = [*root.iter("Choices"), *root.iter("TextArea")]
    assert {tag.get("toName") for tag in controls} == {TARGET[kind]}
    assert TARGET[kind] in {tag.get("name") for tag in root.iter("Text")}
    assert {tag.get("valueType") for tag in root.iter("Text")} == {"text"}  # else a text that is a URL would be fetched


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_of_a_configuration_is_in_its_tasks(kind):
    root = ElementTree.fromstring(labelling_config(kind))
    wanted = {tag.get("value")[1:] for tag in root.iter() if tag.get("value", "").startswith("$")}
    (row,) = export_tasks([MADE[kind]], "demo")
    assert wanted == set(row["data"]) - {"task_id", "project"}


def test_a_kind_that_is_not_is_named_with_those_that_are():
    with pytest.raises(UsageError, match=r"did you mean 'label'\? allowed: item, label, pair"):
        checked_kind("labels")


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_bears_our_id_twice_and_nothing_that_was_not_to_be_seen(kind):
    (row,) = export_tasks([MADE[kind]], "demo")
    assert row["data"]["task_id"] == row["meta"]["task_id"] == MADE[kind].id
    assert "predictions" not in row
    told = json.dumps(row)
    assert "better" not in told.replace('better?"', "")
    assert "res_" not in told and "con_" not in told and "gold" not in told


def test_texts_are_shown_whole_and_what_steers_a_screen_is_written_out():
    (row,) = export_tasks([MADE["label"]], "demo")
    text = row["data"]["response"]
    assert text == NASTY.replace("\u202e", "⟨U+202E⟩").replace("\u202c", "⟨U+202C⟩").replace("\x00", "⟨U+0000⟩")
    assert [one["role"] for one in row["data"]["conversation"]] == [one["role"] for one in MESSAGES]


def test_an_item_quotes_the_words_it_is_drawn_from():
    (row,) = export_tasks([MADE["item"]], "demo")
    assert row["data"]["span"] == "Use no comma."
    assert row["data"]["types"] == "Format, Single"
    (row,) = export_tasks([item_task(2)], "demo")
    assert row["data"]["span"] == ""


def test_qualification_tasks_stay_here():
    gold = replace(label_task(3), gold="yes")
    assert list(export_tasks([gold], "demo")) == []
    reading = read_annotations(exported(label_task(3), annotation(choice("yes"))), {})
    assert [one.kind for one in reading.problems] == ["unknown_task"]


def test_predictions_are_made_where_they_are_asked_for_and_a_verdict_is():
    tasks = [label_task(number) for number in range(4)] + [pair_task(), item_task()]
    ids = [(task.body["response_id"], task.body["constraint_id"]) for task in tasks[:3]]
    verdicts = {ids[0]: Verdict(True, 0.9), ids[1]: Verdict(False, 0.25), ids[2]: Verdict(True, None)}
    made = [row.get("predictions") for row in export_tasks(tasks, "demo", verdicts)]
    assert made[3:] == [[], None, None]
    said = [(one["result"][0]["value"]["choices"], one.get("score")) for (one,) in made[:3]]
    assert said == [(["yes"], 0.9), (["no"], 0.75), (["yes"], None)]
    assert {one["model_version"] for (one,) in made[:3]} == {MODEL_VERSION}


# Annotations


def test_an_annotation_becomes_an_answer():
    reading = read(annotation(choice("no"), typed("there <b>is</b> one")))
    (found,) = reading.found
    assert (found.task_id, found.user, found.answer, found.text) == (MADE["label"].id, "1", "no", None)
    assert (found.note, found.seconds, found.written.isoformat()) == (
        "there <b>is</b> one",
        12.5,
        "2026-03-01T10:00:00.250000+00:00",
    )
    assert (reading.problems, reading.cancelled, reading.drafts) == ([], 0, 0)


def test_an_edit_brings_its_wording():
    (found,) = read(annotation(choice("edit"), typed("No commas.", "wording"), typed("plural")), kind="item").found
    assert (found.answer, found.text, found.note) == ("edit", "No commas.", "plural")
    (found,) = read(annotation(choice("approve"), typed("left over", "wording")), kind="item").found
    assert (found.answer, found.text) == ("approve", None)


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("no_answer", annotation()),
        ("no_answer", annotation(typed("only a note"))),
        ("no_answer", annotation(choice())),
        ("no_answer", annotation(result=None)),
        ("no_answer", annotation(choice("yes", name="mine"))),
        ("no_answer", "yes"),
        ("two_answers", annotation(choice("yes", "no"))),
        ("two_answers", annotation(choice("yes"), choice("no"))),
        ("unknown_answer", annotation(choice("Yes"))),
        ("unknown_answer", annotation(choice("approve"))),
        ("unknown_answer", annotation(choice(True))),
        ("unknown_answer", annotation(choice(["yes"]))),
        ("no_annotator", annotation(choice("yes"), by=None)),
        ("no_annotator", annotation(choice("yes"), by=True)),
        ("no_time", annotation(choice("yes"), at=None)),
        ("no_time", annotation(choice("yes"), at="yesterday")),
        ("no_time", annotation(choice("yes"), at="2026-03-01T10:00:00")),
        ("no_time", annotation(choice("yes"), at=5)),
        ("edited_by_another", annotation(choice("yes"), updated_at=LATER, updated_by=2)),
    ],
)
def test_what_cannot_be_told_is_a_problem_with_the_tasks_number(kind, bad):
    reading = read(bad, annotation(choice("yes"), id=9, by=3))
    assert [(one.kind, one.where.split(",")[0]) for one in reading.problems] == [(kind, "task 7")]
    assert [found.user for found in reading.found] == ["3"], "the next annotation is lost"


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("not_a_task", None),
        ("not_a_task", {"data": {}}),
        ("no_task_id", {"id": 7, "data": {}, "annotations": [annotation(choice("yes"))]}),
        ("unknown_task", {"id": 7, "data": {"task_id": "tsk_other"}, "annotations": [annotation(choice("yes"))]}),
    ],
)
def test_what_is_no_task_of_ours_is_a_problem(kind, row):
    reading = read_annotations(row, {})
    assert [one.kind for one in reading.problems] == [kind]
    assert reading.found == []


def test_somebody_elses_change_is_told_from_the_servers_own_second_writing():
    twice = annotation(choice("yes"), updated_at="2026-03-01T10:00:00.900000Z", updated_by=2)
    assert len(read(twice).found) == 1


def test_an_annotator_is_the_same_in_every_kind_of_export():
    forms = [4, "4", {"id": 4, "email": "d@example.org"}]
    assert {read(annotation(choice("yes"), by=by, updated_by=None)).found[0].user for by in forms} == {"4"}
    assert read(annotation(choice("yes"), by="d@example.org")).found[0].user == "d@example.org"


@pytest.mark.parametrize("lead", [None, -1, "12", float("nan"), float("inf"), True])
def test_a_time_that_is_none_is_unknown(lead):
    assert read(annotation(choice("yes"), lead_time=lead)).found[0].seconds is None


def test_half_a_character_is_kept_as_a_mark():
    assert read(annotation(choice("yes"), typed("so \ud800"))).found[0].note == "so ?"


def test_skipped_annotations_and_drafts_are_counted_and_not_taken():
    drafts = [{"result": [choice("yes")]}, {"result": []}]
    reading = read(annotation(choice("yes"), was_cancelled=True), drafts=drafts)
    assert (reading.found, reading.cancelled, reading.drafts) == ([], 1, 2)
    assert read(draft_exists=True).drafts == 1


KEYS = ["completed_by", "result", "updated_at", "created_at", "updated_by", "lead_time", "was_cancelled", "id"]
RESULTS = st.fixed_dictionaries(
    {}, optional={"from_name": st.just("answer") | JSON, "value": JSON | st.fixed_dictionaries({"choices": JSON})}
)


@settings(max_examples=300)
@given(st.lists(st.dictionaries(st.sampled_from(KEYS), JSON | st.lists(RESULTS | JSON, max_size=3)) | JSON, max_size=4))
def test_every_annotation_is_an_answer_or_counted(annotations):
    """Whatever stands in a file: nothing crashes, nothing is lost, and no answer is one that may not be given."""
    reading = read(*annotations)
    assert len(reading.found) + len(reading.problems) + reading.cancelled == len(annotations)
    assert {found.answer for found in reading.found} <= set(ANSWERS["label"])
    assert {problem.kind for problem in reading.problems} <= set(PROBLEMS)


DEEP = None
for _ in range(900):
    DEEP = [DEEP]
TIMES = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01", "2026-01-01T00:00:00", AT, LATER, 0]
USERS = [1, "1", {"id": 2, "email": "b@example.org"}, {"id": None, "email": "c@example.org"}, True, 1.0, -5, 10**300]
USERS += ["x" * 200, "a\nb", "a\u200bb", "\u202eb", "\ud800", "\u3164", "", " ", DEEP, {"id": DEEP}]
ODD = {
    "completed_by": USERS,
    "updated_at": TIMES,
    "created_at": TIMES,
    "updated_by": [None, *USERS],
    "lead_time": [10**400, -(10**400), float("inf"), float("nan"), -1, True, "3", 2.5, DEEP],
    "was_cancelled": [None, False, True, 1, "no", DEEP],
    "id": [10**300, "\u202e", DEEP, None],
    "result": [DEEP, {}, None, "yes", [DEEP], [None, 3], [choice("yes"), choice("no")], [choice("yes")], []],
}


def odd():
    """An annotation as the server has it, of which some things are otherwise."""
    fields = {key: st.sampled_from(values) | JSON for key, values in ODD.items()}
    text = {"from_name": "note", "value": {"text": ["\ud800 \x00", 3, DEEP]}}
    changed = st.fixed_dictionaries({}, optional=fields)
    return changed.map(lambda over: {**annotation(choice("yes"), text), **over})


@settings(max_examples=400)
@given(st.lists(odd() | JSON, max_size=5), st.lists(JSON, max_size=2))
def test_whatever_an_export_holds_is_taken_or_counted(tmp_path_factory, annotations, junk):
    """Through to the project: no traceback, no invented answer, counts that add up, and nothing twice."""
    rows = [exported(MADE["label"], *annotations), {"annotations": annotations, "meta": {"task_id": 3}, "id": DEEP}]
    folder = tmp_path_factory.mktemp("odd")
    with AnnotationStore(folder / ANNOTATIONS) as store:
        store.add_tasks(MADE.values())
        tally = take(store, [*rows, *junk])
        given, people = store.given(latest=False), len(store.annotators())
        assert take(store, rows).counts["new"] == 0 and store.given(latest=False) == given
    # Rows of junk are no tasks, unless they hold a list of annotations themselves.
    held = [row.get("annotations") if isinstance(row, dict) else None for row in junk]
    extra = [len(inner) if isinstance(inner, list) else 1 for inner in held]
    assert tally.annotations == 2 * len(annotations) + sum(extra)
    assert tally.counts["new"] + tally.counts["changed"] == len(given) and tally.counts["new"] == people
    assert sum(tally.annotators.values()) == tally.annotations - len(tally.problems) - tally.counts["cancelled"]
    assert {one.answer for one in given} <= {value for value in ("yes", "no", "unsure") if said(value, annotations)}
    assert all(one.seconds is None or 0 <= one.seconds < float("inf") for one in given)


def said(answer, annotations):
    """Tells whether one of these annotations has an answer for its choice."""
    results = [one["result"] for one in annotations if isinstance(one, dict) and isinstance(one.get("result"), list)]
    return any(choice(answer)["value"] == held.get("value") for r in results for held in r if isinstance(held, dict))


@pytest.mark.parametrize("number", ["1" * 5_000, "[" * 2_000 + "]" * 2_000])
def test_a_value_that_python_cannot_read_is_worded(tmp_path, number):
    path = tmp_path / "export.json"
    path.write_text(f'[{{"id": {number}}}]', encoding="utf-8")
    with pytest.raises(InputError, match="no JSON array of tasks"):
        list(read_export(path))
