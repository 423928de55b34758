"""The file of an annotation project when it is foreign, newer, damaged or not there."""

import json
import random
import shutil
import sqlite3
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.errors import BenchwrightError, UsageError, WorkspaceError
from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.annotation.task import Settings

from .test_annotation_store import AT, path, store, task

__all__ = ["path", "store"]


def filled(path):
    with AnnotationStore(path) as store:
        store.add_tasks(task(str(n)) for n in range(500))
        ada = store.register("Ada").pseudonym
        for n in range(20):
            store.answer(f"tsk_{n}", ada, "yes", at=AT)


def test_there_is_no_project(tmp_path, path):
    with pytest.raises(UsageError, match="holds no annotation project"):
        AnnotationStore.read(tmp_path / ANNOTATIONS)
    path.parent.mkdir()
    path.touch()
    with pytest.raises(UsageError, match="holds nothing yet"):
        AnnotationStore.read(path)
    AnnotationStore(path).close()
    assert AnnotationStore.read(path).tasks() == []


def test_a_foreign_file_is_left_alone(path):
    path.parent.mkdir()
    for content in (b"PNG and so on" * 100, b"x"):
        path.write_bytes(content)
        for opened in (AnnotationStore, AnnotationStore.read):
            with pytest.raises(WorkspaceError, match="no SQLite file"):
                opened(path)
        assert path.read_bytes() == content
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE answers(x)")
    db.close()
    before = path.read_bytes()
    for opened in (AnnotationStore, AnnotationStore.read):
        with pytest.raises(WorkspaceError, match="no annotation project of ours"):
            opened(path)
    assert path.read_bytes() == before


def test_a_newer_layout_and_lost_meta_are_named(path):
    filled(path)
    for value, words in (("2", "update Benchwright"), ("two", "does not say its layout")):
        with sqlite3.connect(path) as db:
            db.execute("UPDATE meta SET value = ? WHERE key = 'layout'", [value])
        db.close()
        for opened in (AnnotationStore, AnnotationStore.read):
            with pytest.raises(WorkspaceError, match=words):
                opened(path)


@pytest.mark.parametrize(
    ("change", "words", "use"),
    [
        ("UPDATE meta SET value = '[]' WHERE key = 'settings'", "its settings", lambda store: store.settings),
        ("UPDATE meta SET value = '{\"pass_share\": 2}' WHERE key = 'settings'", "pass_share", lambda s: s.settings),
        ("DELETE FROM meta WHERE key = 'project'", "lost its project", lambda store: store.register("Bo")),
        ("UPDATE tasks SET body = '{' WHERE id = 'tsk_7'", "'tsk_7'", lambda store: store.tasks()),
        ("DROP TABLE drafts", "cannot use", lambda store: store.draft("tsk_7", "a-1")),
    ],
)
def test_damaged_contents_are_worded(path, change, words, use):
    filled(path)
    with sqlite3.connect(path) as db:
        db.execute(change)
    db.close()
    with AnnotationStore(path) as store, pytest.raises(WorkspaceError, match=words):
        use(store)


def test_settings_of_a_newer_version_are_read(path):
    with AnnotationStore(path) as store:
        more = json.dumps({**asdict(Settings(pass_share=0.5)), "colour": "blue"})
        store._write("UPDATE meta SET value = ? WHERE key = 'settings'", more)
        assert store.settings == Settings(pass_share=0.5)


@given(st.integers(0, 2**32), st.integers(1, 3))
def test_a_damaged_file_gives_its_rows_or_a_worded_error(tmp_path_factory, seed, places):
    whole = tmp_path_factory.getbasetemp() / "whole" / ANNOTATIONS
    if not whole.exists():
        filled(whole)
    path = tmp_path_factory.mktemp("damaged") / ANNOTATIONS
    draw, data = random.Random(seed), bytearray(whole.read_bytes())
    for _ in range(places):
        at = draw.randrange(len(data))
        data[at : at + 64] = draw.randbytes(min(64, len(data) - at))
    path.write_bytes(data[: draw.randrange(100, len(data))] if seed % 5 == 0 else data)
    try:
        with AnnotationStore(path) as store:
            store.tasks(), store.given(), store.annotators(), store.settings
            store.register("Bo")
    except BenchwrightError as error:
        assert str(path) in str(error)
    finally:
        shutil.rmtree(path.parent)
