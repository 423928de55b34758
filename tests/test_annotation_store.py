"""The file of an annotation project: what was taken is there, whatever is killed, and nothing else gets in."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from hashlib import sha256

import pytest

from benchwright.errors import UsageError, WorkspaceError, WorkspaceLocked
from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.annotation.task import Answer, Given, Settings, Task, guidelines

AT = 1_700_000_000
BODIES = {
    "label": {"messages": [{"role": "user", "content": "Hi"}], "language": "en", "response": "<script>é\u202e"},
    "pair": {"messages": [], "language": None, "a": "x" * 100_000, "b": "\ud800", "better": "a"},
    "item": {"messages": [], "language": None, "constraint": "Is it short?", "span": None},
}


def task(name, kind="label", priority=0, gold=None):
    return Task(f"tsk_{name}", kind, f"ins_{name}", priority, BODIES[kind], gold)


TASKS = [task("b", priority=1), task("a", priority=1), task("p", "pair"), task("i", "item", 2), task("g", gold="yes")]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "project" / ANNOTATIONS


@pytest.fixture
def store(path):
    with AnnotationStore(path, project="5a" * 16) as opened:
        opened.add_tasks(TASKS)
        yield opened


def test_tasks_come_back_as_they_went_in(store, path):
    assert [one.id for one in store.tasks()] == ["tsk_g", "tsk_p", "tsk_a", "tsk_b", "tsk_i"]
    assert {one.id: one for one in store.tasks()} == {one.id: one for one in TASKS}
    assert [one.id for one in store.tasks("label")] == ["tsk_g", "tsk_a", "tsk_b"]
    with AnnotationStore.read(path) as reader:
        assert reader.tasks() == store.tasks()


def test_a_task_that_is_there_stays(store):
    assert store.add_tasks([replace(TASKS[0], priority=9, body={"other": 1}), task("new", priority=9)]) == 1
    assert [one.id for one in store.tasks()][-1] == "tsk_new"
    assert TASKS[0] in store.tasks()
    assert store.add_tasks(TASKS) == 0
    assert len(store.tasks()) == 6


def test_tasks_go_in_all_or_none(store):
    bad = [task("fine"), Task("tsk_x", "labels", "ins_x", 0, {}), task("y", "pair", gold="yes")]
    with pytest.raises(UsageError) as caught:
        store.add_tasks(bad)
    first, second = caught.value.problems
    assert "'labels'" in first and "did you mean 'label'" in first
    assert "'yes'" in second and "a, b, same, unsure" in second
    assert len(store.tasks()) == len(TASKS)


def test_answers_are_kept_and_the_latest_counts(store):
    ada, bo = store.register("Ada").pseudonym, store.register("Bo").pseudonym
    first = store.answer("tsk_a", ada, "yes", seconds=3, at=AT)
    other = store.answer("tsk_a", bo, "no", note="  too long  ", at=AT + 1)
    again = store.answer("tsk_a", ada, "unsure", note=" ", at=AT + 2)
    edit = store.answer("tsk_i", ada, "edit", text="Is it brief?", at=AT + 3)
    assert first == Given(1, "tsk_a", ada, "yes", None, None, 3.0, AT)
    assert other == Given(2, "tsk_a", bo, "no", None, "too long", None, AT + 1)
    assert again.note is None
    assert store.given(latest=False) == [first, other, again, edit]
    assert store.given() == [other, again, edit]
    with sqlite3.connect(store.path) as db:
        with pytest.raises(sqlite3.IntegrityError):
            db.execute("UPDATE answers SET answer = 'no' WHERE serial = 1")
        with pytest.raises(sqlite3.IntegrityError):
            db.execute("DELETE FROM answers")
    db.close()


def test_many_answers_go_in_together_or_not_at_all(store, path):
    ada, bo = store.register("Ada").pseudonym, store.register("Bo").pseudonym
    store.save_draft("tsk_a", ada, "half a", None, AT)
    taken = store.answer("tsk_b", bo, "no", at=AT)
    good = [
        Answer("tsk_a", ada, "yes", note=" why ", seconds=2, at=AT),
        Answer("tsk_i", bo, "edit", "Is it?", at=AT + 1),
    ]
    bad = [Answer("tsk_a", ada, "?", at=AT), Answer("tsk_x", "a-00000000", "yes", at=AT), Answer("tsk_i", ada, "edit")]
    with pytest.raises(UsageError) as caught:
        store.answer_many([*good, *bad])
    assert len(caught.value.problems) == 4
    assert store.given() == [taken] and store.draft("tsk_a", ada) == ("half a", None)
    given = store.answer_many([*good, good[0]])
    assert [(one.serial, one.task_id, one.note, one.seconds) for one in given] == [
        (2, "tsk_a", "why", 2.0), (3, "tsk_i", None, None), (4, "tsk_a", "why", 2.0)
    ]  # fmt: skip
    assert store.draft("tsk_a", ada) is None and store.answer_many([]) == []
    with AnnotationStore.read(path) as reader:
        assert reader.given(latest=False) == store.given(latest=False) == [taken, *given]


BULK = """
import sys
from pathlib import Path
from benchwright.labels.annotation.store import AnnotationStore
from benchwright.labels.annotation.task import Answer, Task
with AnnotationStore(Path(sys.argv[1])) as store:
    store.add_tasks(Task(f"tsk_{i}", "label", "ins", i, {}) for i in range(500))
    me = store.register("Ada").pseudonym
    for batch in range(10_000):
        store.answer_many([Answer(f"tsk_{i}", me, "yes", note=f"batch {batch}", at=i) for i in range(500)])
        print(batch, flush=True)
"""


def test_a_killed_writer_leaves_whole_batches(path):
    draw = random.Random(3)
    for _ in range(4):
        path.unlink(missing_ok=True)
        child = subprocess.Popen([sys.executable, "-c", BULK, str(path)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        printed = [child.stdout.readline()]
        time.sleep(draw.uniform(0, 0.1))
        os.kill(child.pid, signal.SIGKILL)
        printed += [line for line in child.stdout.read().splitlines(True) if line.endswith("\n")]
        child.wait()
        child.stdout.close()
        with AnnotationStore(path) as store:
            there = store.given(latest=False)
        assert len(there) % 500 == 0 and len(printed) <= len(there) // 500 <= len(printed) + 1
        for extra in ("-wal", "-shm"):
            path.with_name(path.name + extra).unlink(missing_ok=True)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_a_time_that_is_none_costs_no_answer(store, seconds):
    ada = store.register("Ada").pseudonym
    assert store.answer("tsk_a", ada, "yes", seconds=seconds, at=AT).seconds is None


def test_what_is_no_answer_is_refused(store):
    ada = store.register("Ada").pseudonym
    for id, who, answer, text, words in (
        ("tsk_a", ada, "Yes", None, ["'Yes' is no answer to a label task", "no, unsure, yes"]),
        ("tsk_p", ada, "yes", None, ["no answer to a pair task"]),
        ("tsk_i", ada, "edit", "  ", ["without the new wording"]),
        ("tsk_nowhere", ada, "yes", None, ["no task 'tsk_nowhere'"]),
        ("tsk_nowhere", "a-00000000", "yes", None, ["no task 'tsk_nowhere'", "no annotator 'a-00000000'", ada]),
    ):
        with pytest.raises(UsageError) as caught:
            store.answer(id, who, answer, text=text, at=AT)
        assert all(word in str(caught.value) for word in words), str(caught.value)
    for save in (("tsk_nowhere", ada), ("tsk_a", "Ada")):
        with pytest.raises(UsageError):
            store.save_draft(*save, "note", None, AT)
    with pytest.raises(UsageError):
        store.set_qualified("a-00000000", True)
    assert store.given() == []


def test_drafts(store, path):
    ada, bo = store.register("Ada").pseudonym, store.register("Bo").pseudonym
    assert store.draft("tsk_i", ada) is None
    store.save_draft("tsk_i", ada, "because ", None, AT)
    store.save_draft("tsk_i", ada, "because it ", "Is it sh", AT + 1)
    store.save_draft("tsk_a", ada, "half a \ud83d", None, AT)
    assert store.draft("tsk_i", ada) == ("because it ", "Is it sh")
    assert store.draft("tsk_a", ada) == ("half a \ufffd", None)
    assert store.draft("tsk_i", bo) is None
    with AnnotationStore.read(path) as reader:
        assert reader.draft("tsk_i", ada) == ("because it ", "Is it sh")
    store.answer("tsk_i", ada, "edit", text="Is it short?", at=AT + 2)
    assert store.draft("tsk_i", ada) is None
    store.save_draft("tsk_a", ada, " ", "", AT + 3)
    assert store.draft("tsk_a", ada) is None


def test_names_become_pseudonyms(store, path):
    ada = store.register("  Zoë Ångström ")
    assert (ada.name, ada.qualified) == ("Zoë Ångström", None)
    wanted = sha256(("5a" * 16 + "zoë ångström").encode()).hexdigest()[:8]
    assert ada.pseudonym == f"a-{wanted}"
    assert store.register("ZOE\u0308 A\u030angstro\u0308m") == ada
    store.set_qualified(ada.pseudonym, True)
    bo = store.register("Bo")
    assert store.annotators() == [replace(ada, qualified=True), bo]
    store.set_qualified(ada.pseudonym, False)
    assert store.register("zoë ångström").qualified is False
    with AnnotationStore(path.with_name("other.sqlite")) as other, AnnotationStore(path.with_name("third.sqlite")) as c:
        made = {one.register("Bo").pseudonym for one in (other, c, store)}
    assert len(made) == 3, "a name has another pseudonym in every project"


@pytest.mark.parametrize(
    "name", ["", "  \t", "a\nb", "a\tb", "x" * 101, "\x00", "\u200b", "A\u200bda", "\u202eadA", "\u3164"]
)
def test_what_is_no_name(store, name):
    with pytest.raises(UsageError, match="is no name"):
        store.register(name)
    assert store.annotators() == []


def test_pseudonyms_that_collide_are_told_apart(store):
    bo = store.register("Bo").pseudonym
    hashed = sha256(("5a" * 16 + "cy").encode()).hexdigest()
    with sqlite3.connect(store.path) as db:
        db.execute("UPDATE annotators SET pseudonym = ? WHERE pseudonym = ?", [f"a-{hashed[:8]}", bo])
    db.close()
    assert store.register("Cy").pseudonym == f"a-{hashed[1:9]}"


def test_settings(store, path):
    assert store.settings == Settings() == Settings(2, True, 2, 0.8, guidelines())
    mine = Settings(labels_per_item=3, arbitrate=False, checks_per_pair=1, pass_share=1, guidelines="# Ours")
    store.set_settings(mine)
    with AnnotationStore.read(path) as reader:
        assert reader.settings == mine
    with pytest.raises(UsageError) as caught:
        store.set_settings(Settings(0, 1, True, 1.5, " "))  # type: ignore[arg-type]
    names = ["labels_per_item", "checks_per_pair", "arbitrate", "pass_share", "guidelines"]
    assert [problem.split()[0] for problem in caught.value.problems] == names
    assert store.settings == mine


def test_one_writes_and_others_read(store, path):
    with pytest.raises(WorkspaceLocked, match=f"process {os.getpid()}"):
        AnnotationStore(path)
    with AnnotationStore.read(path) as reader:
        ada = store.register("Ada").pseudonym
        taken = store.answer("tsk_a", ada, "yes", at=AT)
        assert reader.given() == [taken]
        again = store.answer("tsk_a", ada, "no", at=AT)
        assert reader.given() == [again] and reader.given(latest=False) == [taken, again]
        with pytest.raises(WorkspaceError):
            reader.answer("tsk_a", ada, "yes", at=AT)
    store.close()
    store.close()
    with AnnotationStore(path) as next_one:
        assert next_one.given() == [again]
        assert next_one.register("Ada").pseudonym == ada


def test_another_process_that_serves_is_named(path):
    code = (
        "import sys, time; from pathlib import Path; from benchwright.labels.annotation.store import AnnotationStore\n"
        "AnnotationStore(Path(sys.argv[1])); print('open', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None and child.stdout.readline() == "open\n"
        with pytest.raises(WorkspaceLocked, match=f"process {child.pid}"):
            AnnotationStore(path)
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    AnnotationStore(path).close()


def test_threads_share_a_store(store):
    who = [store.register(f"Annotator {n}").pseudonym for n in range(4)]
    taken = []

    def work(pseudonym):
        for n in range(25):
            taken.append(store.answer("tsk_a", pseudonym, ("yes", "no")[n % 2], at=AT + n))
            assert taken[-1] in store.given(latest=False)

    threads = [threading.Thread(target=work, args=[one]) for one in who]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.serial for one in taken) == list(range(1, 101))
    assert store.given(latest=False) == sorted(taken, key=lambda one: one.serial)
    assert [one.answer for one in store.given()] == ["yes"] * 4


WRITER = """
import sys
from pathlib import Path
from benchwright.labels.annotation.store import AnnotationStore
from benchwright.labels.annotation.task import Task
with AnnotationStore(Path(sys.argv[1])) as store:
    store.add_tasks(Task(f"tsk_{i}", "label", "ins", i, {"response": "x" * 1000}) for i in range(50))
    who = [store.register(name).pseudonym for name in ("Ada", "Bo")]
    n = int(sys.argv[2])
    while True:
        task, me = f"tsk_{n % 50}", who[n % 2]
        store.save_draft(task, me, f"typing {n}", None, n)
        given = store.answer(task, me, "yes" if n % 3 else "no", note=f"note {n}", at=n)
        print(given.serial, n, flush=True)
        n += 1
"""


def test_a_killed_writer_loses_nothing_it_took(path):
    draw, printed, start = random.Random(7), {}, 0
    for _ in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(start)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        lines = [child.stdout.readline()]
        time.sleep(draw.uniform(0, 0.2))
        os.kill(child.pid, signal.SIGKILL)
        lines += child.stdout.read().splitlines()
        child.wait()
        child.stdout.close()
        # The last line may be cut: what was not printed whole was not promised.
        printed |= {int(serial): int(n) for serial, n in (line.split() for line in lines if len(line.split()) == 2)}
        start = max(printed.values()) + 1
        with AnnotationStore.read(path) as reader:
            seen = reader.given(latest=False)
        with AnnotationStore(path) as store:
            assert store.given(latest=False) == seen
            there = {one.serial: one for one in store.given(latest=False)}
            assert all(there[serial].note == f"note {n}" and there[serial].at == n for serial, n in printed.items())
            assert sorted(there) == list(range(1, len(there) + 1)), "a serial was left out"
            assert len(there) <= len(printed) + 6, "more was stored than one unprinted answer a round"
            assert store._open().execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert len(store.tasks()) == 50 and len(store.annotators()) == 2
    assert len(printed) > 30


def test_every_commit_reaches_the_disk(store):
    db = store._open()
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA synchronous").fetchone() == (2,)
