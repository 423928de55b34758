"""The annotation page in a real browser against a real server that is killed and started again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchwright.labels.annotation.shown import shown
from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.annotation.task import Settings, Task

from .annotation_browser import answers, browser, persons
from .annotation_server import AnnotationServer, item, label, make_project, pair

pytest.importorskip("nicegui", reason="needs the extra annotate")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.fixture
def person(chromium: Any) -> Iterator[Any]:
    with persons(chromium) as make:
        yield make


HOSTILE = [
    "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>",
    "</script><script>window.hacked = 1</script>${window.hacked=1}`{{ window.hacked = 1 }}",
    "**bold** " + "[" * 5_000 + "](javascript:hacked=1) " + "> " * 2_000 + "![](http://192.0.2.1/x.png)",
    "&lt;b&gt; &amp; &#x202e; &nbsp;",
    "pay \u202eevil\u202c now \u0000 \x1b[31m \ud800 \u200b \u2066x\u2069",
    "שלום <b>עולם</b> \u200f!",
    "x" * 100_000,
    "word " * 20_000,
    "Z" + "\u0301\u0489" * 2_000,
    "\u200d\u202e" * 20_000,
    "\n" * 5_000 + "end",
]


def test_hostile_texts_are_shown_as_text(tmp_path: Path, person: Any) -> None:
    texts = {f"Q{at} {text}": text for at, text in enumerate(HOSTILE)}
    tasks = [
        label(at, response=text, constraint=name, messages=[{"role": "system", "content": text}])
        for at, (name, text) in enumerate(texts.items())
    ]
    tasks.append(pair(90, a=HOSTILE[0], b=HOSTILE[6], constraints=[HOSTILE[4]]))
    tasks.append(item(91, constraint=HOSTILE[0], messages=[{"role": "<b>", "content": HOSTILE[6]}]))
    folder = make_project(tmp_path / "project", tasks, Settings(guidelines=f"# {HOSTILE[0]}\n\n{HOSTILE[4]}"))
    ada = person()
    with AnnotationServer(folder) as server:
        ada.log_in(server.url, HOSTILE[0])
        for text in HOSTILE:
            found = ada.page.evaluate("document.querySelector('.response .words').textContent")
            assert found == shown(text)
            assert ada.page.evaluate("document.querySelector('.message .words').textContent") == shown(text)
            assert ada.page.evaluate("document.querySelector('.response .words').children.length") == 0
            assert ada.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            assert (
                ada.page.evaluate("getComputedStyle(document.querySelector('.response .words')).unicodeBidi")
                == "isolate"
            )
            started = time.monotonic()
            ada.press("y")
            assert time.monotonic() - started < 3, "the page does not freeze"
        ada.press("a")
        ada.press("n")
        assert ada.page.evaluate("window.hacked") is None
        assert not ada.page.query_selector("#app script, #app img")
    assert len(answers(folder)) == len(tasks)


def test_what_is_typed_survives_server_and_browser(tmp_path: Path, person: Any) -> None:
    folder = make_project(tmp_path / "project", [label(1), item(2)])
    ada = person()
    with AnnotationServer(folder) as server:
        ada.log_in(server.url, "Ada")
        ada.page.keyboard.press("/")
        ada.page.keyboard.type("It is nearly there,")
        ada.page.wait_for_function("document.querySelector('#state').textContent === 'draft saved'", polling=20)
        server.kill()
        ada.page.wait_for_selector("#banner:visible")
        ada.page.keyboard.type(" but no day is named.")
        ada.page.keyboard.press("Escape")
        ada.page.keyboard.press("n")
        ada.page.click("[data-answer=unsure]")
        ada.page.evaluate("delete document.body.dataset.shown")
        server.start()
        ada.wait()
        typed = "It is nearly there, but no day is named."
        assert ada.page.input_value("#note") == typed
        assert answers(folder) == []
        ada.page.wait_for_function("document.querySelector('#state').textContent === 'draft saved'", polling=20)
        ada.press("n")
        assert [(one.answer, one.note) for one in answers(folder)] == [("no", typed)]
        # Now the browser goes, with its storage.
        ada.page.keyboard.press("e")
        ada.page.wait_for_selector("#edit:visible")
        ada.page.keyboard.press("End")
        ada.page.keyboard.type(" In 50 words?")
        ada.page.wait_for_function("document.querySelector('#state').textContent === 'draft saved'", polling=20)
        ada.close()
        again = person()
        again.log_in(server.url, "Ada")
        assert again.page.input_value("#edit") == "Is the note short? In 50 words?"
        again.page.focus("#edit")
        again.press("Control+Enter")
    assert [one.text for one in answers(folder)] == [None, "Is the note short? In 50 words?"]


def test_going_back_held_keys_help_and_guidelines(tmp_path: Path, person: Any) -> None:
    folder = make_project(tmp_path / "project", [label(at) for at in range(4)])
    ada = person()
    with AnnotationServer(folder) as server:
        ada.log_in(server.url, "Ada")
        for _ in range(5):
            ada.page.keyboard.down("y")  # held: the browser repeats it
        ada.wait("1")
        ada.page.keyboard.up("y")
        assert ada.text("#progress") == "Done: 1 of about 4"
        ada.press("2")
        ada.press("Backspace")
        ada.press("ArrowLeft")
        assert ada.page.get_attribute("[aria-pressed=true]", "data-answer") == "yes"
        ada.press("3")
        ada.press("ArrowRight")
        assert ada.text("#progress") == "Done: 2 of about 4"
        ada.page.keyboard.press("?")
        assert ada.page.is_visible("#help")
        ada.page.keyboard.press("Escape")
        assert not ada.page.is_visible("#help")
        assert ada.page.is_visible("aside.guidelines")
        ada.page.keyboard.press("g")
        assert not ada.page.is_visible("aside.guidelines")
        ada.page.keyboard.press("t")
        ada.page.keyboard.type("yes no g ?")
        assert ada.page.input_value("#note") == "yes no g ?"
        assert ada.page.is_visible("#note:focus") and not ada.page.is_visible("#help")
    assert [one.answer for one in answers(folder)] == ["no", "unsure"]


@pytest.mark.parametrize("task", [label(1), pair(1), item(1)], ids=lambda task: task.kind)
def test_it_works_on_a_phone(tmp_path: Path, person: Any, task: Task) -> None:
    body = {key: value * 40 if key in {"response", "a", "b"} else value for key, value in task.body.items()}
    folder = make_project(tmp_path / "project", [Task(task.id, task.kind, task.instruction_id, 1, body)])
    ada = person(width=390, height=844)
    with AnnotationServer(folder) as server:
        ada.log_in(server.url, "Ada")
        assert not ada.page.is_visible("aside.guidelines")
        assert ada.page.evaluate("document.documentElement.scrollWidth <= 390")
        for button in ada.page.query_selector_all("[data-answer]"):
            box = button.bounding_box()
            assert box["height"] >= 44 and box["width"] >= 44
            assert box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["y"] + box["height"] <= 844
        ada.page.click("header [data-act=guidelines]")
        assert ada.page.is_visible("aside.guidelines")
        ada.page.click("aside .close")
        ada.page.click("[data-answer]:first-child")
        ada.wait("1")
    assert len(answers(folder)) == 1


def test_nobody_sees_others_or_what_the_graph_says(tmp_path: Path, person: Any) -> None:
    folder = make_project(tmp_path / "project", [pair(1), pair(2)])
    with AnnotationServer(folder) as server:
        ada, bo = person(), person()
        ada.log_in(server.url, "Ada Secret")
        ada.page.keyboard.press("/")
        ada.page.keyboard.type("private remark")
        ada.page.keyboard.press("Escape")
        ada.press("1")
        bo.log_in(server.url, "Bo")
        bo.press("2")
    with AnnotationStore.read(folder / ANNOTATIONS) as store:
        pseudonym = store.annotators()[0].pseudonym
    told = "\n".join(bo.frames)
    assert "There will be cake" in told
    for secret in ("Ada Secret", "private remark", pseudonym, '"better"', pair(1).body["a_id"], "secret-model"):
        assert secret not in told


def test_the_test_is_taken_and_explained(tmp_path: Path, person: Any) -> None:
    tasks = [label(1, gold="yes"), label(2, gold="no", why="A remark on why."), label(3)]
    folder = make_project(tmp_path / "project", tasks, Settings(pass_share=0.5))
    ada = person()
    with AnnotationServer(folder) as server:
        ada.log_in(server.url, "Ada")
        assert ada.text("#progress") == "Test: 0 of 2"
        ada.press("y")
        ada.press("y")
        assert ada.text("#result") == "Test passed"
        assert "Expected: No. You said: Yes." in ada.text(".missed") and "A remark on why." in ada.text(".missed")
        ada.press("Enter")
        ada.press("y")
        assert ada.page.query_selector("#done")


def test_the_token_leaves_the_address(tmp_path: Path, person: Any) -> None:
    folder = make_project(tmp_path / "project", [label(1)])
    with AnnotationServer(folder, "--host", "127.0.0.1", "--token", "a-token-of-our-own") as server:
        assert server.url.endswith("/?token=a-token-of-our-own")
        ada = person()
        ada.log_in(server.url, "Ada")
        assert "token" not in ada.page.url
        ada.press("y")
    assert len(answers(folder)) == 1
