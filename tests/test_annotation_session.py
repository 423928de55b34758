"""One annotator's screens over a real store: what is shown next, what is kept, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchwright.cli.annotate import annotate
from benchwright.errors import InputError, UsageError
from benchwright.labels.annotation.project import draw_gold, standing
from benchwright.labels.annotation.session import Desk, Session
from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.annotation.task import Settings

from .annotation_server import item, label, make_project, pair


class Clock:
    """Stands where it is put."""

    at = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AnnotationStore]:
    with AnnotationStore(tmp_path / ANNOTATIONS) as store:
        yield store


def desk_of(store: AnnotationStore, clock: Clock, *tasks: object) -> Desk:
    store.add_tasks(tasks)  # type: ignore[arg-type]
    return Desk(store, clock)


def shows(session: Session) -> str | None:
    return session.screen.task.id if session.screen.task is not None else None


def say(session: Session, answer: str, **over: str) -> None:
    assert session.answer(session.screen.serial, answer, **over) is not None


def test_an_answer_is_stored_before_the_screen_moves_on(store: AnnotationStore, clock: Clock) -> None:
    ada = desk_of(store, clock, label(1), label(2)).log_in("Ada")
    clock.at += 7.5
    given = ada.answer(ada.screen.serial, "yes", "  it says so ")
    assert given is not None
    assert [(one.answer, one.note, one.seconds, one.at) for one in store.given()] == [("yes", "it says so", 7.5, 1007)]
    assert (ada.screen.stage, shows(ada), ada.screen.done) == ("work", "task-0002", 1)


def test_what_was_meant_for_an_earlier_screen_is_not_taken(store: AnnotationStore, clock: Clock) -> None:
    ada = desk_of(store, clock, label(1), label(2), label(3)).log_in("Ada")
    serial = ada.screen.serial
    say(ada, "yes")
    assert ada.answer(serial, "no") is None
    assert ada.answer(ada.screen.serial, "a") is None
    assert [one.answer for one in store.given(latest=False)] == ["yes"]
    assert shows(ada) == "task-0002"


def test_two_people_get_tasks_a_third_where_they_differ(store: AnnotationStore, clock: Clock) -> None:
    desk = desk_of(store, clock, label(1))
    ada, bo, cy = (desk.log_in(name) for name in ("Ada", "Bo", "Cy"))
    assert (shows(ada), shows(bo), shows(cy)) == ("task-0001", "task-0001", None)
    assert cy.screen.stage == "done"
    say(ada, "yes")
    say(bo, "no")
    cy.go_on()
    assert shows(cy) == "task-0001"


def test_a_task_on_a_screen_is_kept_for_a_while(store: AnnotationStore, clock: Clock) -> None:
    store.set_settings(Settings(labels_per_item=1))
    desk = desk_of(store, clock, label(1), label(2))
    ada, bo = desk.log_in("Ada"), desk.log_in("Bo")
    assert (shows(ada), shows(bo)) == ("task-0001", "task-0002")
    clock.at += 600
    assert ada.keep_draft("task-0001", "still thinking", None)
    clock.at += 600
    cy = desk.log_in("Cy")
    assert shows(cy) == "task-0002", "Bo left, Ada types"
    clock.at += 901
    assert shows(desk.log_in("Dee")) == "task-0001"


def test_a_clock_that_is_set_back(store: AnnotationStore, clock: Clock) -> None:
    store.set_settings(Settings(labels_per_item=1))
    desk = desk_of(store, clock, label(1), label(2), label(3))
    ada, bo = desk.log_in("Ada"), desk.log_in("Bo")
    clock.at -= 500
    say(ada, "yes")
    given = store.given()[0]
    assert (given.seconds, given.at) == (None, 500), "how long it took is not known"
    assert (shows(ada), shows(bo)) == ("task-0003", "task-0002")
    say(ada, "no")
    assert ada.screen.stage == "done", "Bo's task is still kept for Bo"
    clock.at += 901
    ada.go_on()
    assert shows(ada) == "task-0002", "and no longer than any other"


def test_two_tabs_of_one_annotator(store: AnnotationStore, clock: Clock) -> None:
    desk = desk_of(store, clock, label(1), label(2), label(3))
    one, two = desk.log_in("Ada"), desk.log_in("ada")
    assert shows(one) == shows(two) == "task-0001"
    say(one, "yes")
    assert shows(one) == "task-0002"
    two.keep_draft("task-0001", "late", None)
    say(two, "no", note="changed my mind")
    assert shows(two) == "task-0002"
    say(two, "yes")
    say(one, "unsure")
    latest = {given.task_id: (given.answer, given.note) for given in store.given()}
    assert latest == {"task-0001": ("no", "changed my mind"), "task-0002": ("unsure", None)}
    assert len(store.given(latest=False)) == 4 and one.screen.done == 2


def test_logging_in_again_goes_on_where_one_stopped(store: AnnotationStore, clock: Clock) -> None:
    tasks = [label(1), label(2), label(3)]
    ada = desk_of(store, clock, *tasks).log_in("Ada")
    say(ada, "yes")
    ada.keep_draft("task-0002", "half a no", None)
    again = Desk(store, clock).log_in("  ADA ")
    assert again.annotator == ada.annotator
    assert (shows(again), again.screen.note, again.screen.done) == ("task-0002", "half a no", 1)


def test_going_back_changes_ones_own_answer(store: AnnotationStore, clock: Clock) -> None:
    ada = desk_of(store, clock, label(1), label(2), label(3)).log_in("Ada")
    say(ada, "yes", note="first")
    say(ada, "yes")
    ada.previous()
    ada.previous()
    ada.previous()
    assert (shows(ada), ada.screen.note, ada.screen.back, ada.screen.first) == ("task-0001", "first", True, True)
    assert ada.screen.earlier is not None and ada.screen.earlier.answer == "yes"
    say(ada, "no")
    assert shows(ada) == "task-0002"
    ada.following()
    assert (shows(ada), ada.screen.back) == ("task-0003", False)
    latest = {one.task_id: (one.answer, one.note) for one in store.given()}
    assert latest == {"task-0001": ("no", None), "task-0002": ("yes", None)}
    assert len(store.given(latest=False)) == 3


def test_a_pair_goes_to_nobody_who_labelled_its_responses(store: AnnotationStore, clock: Clock) -> None:
    desk = desk_of(store, clock, label(1), pair(2, a_id=label(1).body["response_id"]))
    ada = desk.log_in("Ada")
    say(ada, "yes")
    assert ada.screen.stage == "done"


def test_an_edit_needs_its_wording(store: AnnotationStore, clock: Clock) -> None:
    ada = desk_of(store, clock, item(1)).log_in("Ada")
    assert ada.answer(ada.screen.serial, "edit", None, "   ") is None
    assert store.given() == []
    say(ada, "edit", text="Is the note under 50 words?")
    assert [(one.answer, one.text) for one in store.given()] == [("edit", "Is the note under 50 words?")]


@pytest.mark.parametrize(("answers", "passed"), [("yes no", True), ("yes yes", False)])
def test_the_test_comes_first(store: AnnotationStore, clock: Clock, answers: str, passed: bool) -> None:
    store.set_settings(Settings(pass_share=0.6))
    tasks = [label(1, gold="yes"), label(2, gold="no", why="no day is named"), label(3)]
    ada = desk_of(store, clock, *tasks).log_in("Ada")
    for answer in answers.split():
        assert (ada.screen.stage, ada.screen.first) == ("test", True)
        say(ada, answer)
    assert ada.screen.stage == "result" and ada.screen.test is not None
    assert ada.screen.test.state == ("passed" if passed else "failed")
    assert [one.right for one in ada.screen.results] == [True, passed]
    ada.previous()
    ada.go_on()
    assert shows(ada) == ("task-0003" if passed else None)
    assert [one.qualified for one in store.annotators()] == [passed]
    again = Desk(store, clock).log_in("Ada")
    assert again.screen.stage == ("work" if passed else "result")


def test_what_is_typed_on_no_task_is_refused(store: AnnotationStore, clock: Clock) -> None:
    ada = desk_of(store, clock, label(1)).log_in("Ada")
    assert not ada.keep_draft("task-9999", "lost?", None)
    with pytest.raises(UsageError, match="is no name"):
        desk_of(store, clock).log_in("   ")


def test_nobody_sees_what_others_do(store: AnnotationStore, clock: Clock) -> None:
    desk = desk_of(store, clock, label(1), label(2))
    ada, bo = desk.log_in("Ada"), desk.log_in("Bo")
    say(ada, "no", note="mine")
    bo.again()
    assert (bo.screen.earlier, bo.screen.note, bo.screen.done) == (None, "", 0)


# --- the verb ---------------------------------------------------------------------------------------------------------


def run(folder: Path, **over: object) -> None:
    annotate(folder, **{"no_serve": True, "as_json": True, "workspace": folder, **over})  # type: ignore[arg-type]


def test_a_folder_without_a_project_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        run(tmp_path / "none", tasks="labls", budget=3, recipe=None)
    told = "\n".join(caught.value.problems)
    assert "--recipe RECIPE fills it" in told and "did you mean 'labels'" in told and "--budget says what" in told
    assert not (tmp_path / "none").exists()


def test_a_project_is_set_up_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_project(tmp_path, [label(1), pair(1), item(1)])
    words = tmp_path / "words.md"
    words.write_text("# Ours\n", encoding="utf-8")
    gold = tmp_path / "gold.jsonl"
    gold.write_text(
        '{"instruction": "Say hi.", "constraint": "Says hi.", "response": "hi", "answer": "yes"}\n', "utf-8"
    )
    run(tmp_path, guidelines=words, per_label=3, gold=str(gold))
    counts = '{"tasks": {"item": 1, "label": 1, "pair": 1}, "gold": 1, "annotators": 0, "answers": 0, "done": 0'
    assert capsys.readouterr().out == counts + ', "open": 3, "new": 1, "picked": null, "remark": null}\n'
    with AnnotationStore.read(tmp_path / ANNOTATIONS) as store:
        assert (store.settings.guidelines, store.settings.labels_per_item) == ("# Ours\n", 3)
        assert standing(store)["gold"] == 1


def test_guidelines_and_gold_that_are_not_there(tmp_path: Path) -> None:
    make_project(tmp_path, [label(1)])
    with pytest.raises(InputError, match="guidelines"):
        run(tmp_path, guidelines=tmp_path / "absent.md")
    with pytest.raises(UsageError, match="scenarios, or none"):
        run(tmp_path, gold="absent.jsonl")
    with pytest.raises(UsageError, match="needs --recipe or --release"):
        run(tmp_path, gold="scenarios")
    assert draw_gold("none", None) == []
