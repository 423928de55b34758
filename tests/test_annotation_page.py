"""The annotation page in a real browser against a real server that is killed and started again."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from benchwright.graph.derive import derive_graphs
from benchwright.labels.aggregate import aggregate
from benchwright.labels.annotation.draw import label_tasks
from benchwright.labels.annotation.records import human_labels
from benchwright.labels.annotation.shown import shown
from benchwright.labels.annotation.store import ANNOTATIONS, AnnotationStore
from benchwright.labels.annotation.task import Given, Settings, Task
from benchwright.schemas.constraint import Constraints
from benchwright.schemas.label import Labels
from benchwright.schemas.recipe import GraphPolicy
from benchwright.schemas.response import Responses
from benchwright.schemas.tables import frame_of

from .annotation_server import AnnotationServer, hexed, item, label, make_project, pair

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run")
pytest.importorskip("nicegui", reason="needs the extra annotate")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright and chromium")
    if CHROMIUM is None:
        pytest.skip("needs playwright and chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(FLAGS))
        yield browser
        browser.close()


class Person:
    """An annotator with a browser of their own.

    Attributes:
        hosts: whom the browser asked.
        frames: what came over the WebSocket.
        errors: what the page's scripts complained of while the server was there.
    """

    def __init__(self, chromium: Any, width: int = 1280, height: int = 800) -> None:
        self.context = chromium.new_context(viewport={"width": width, "height": height})
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.hosts: set[str] = set()
        self.frames: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.hosts.add(re.split("[/:]+", request.url)[1]))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("websocket", self._listen)

    def _listen(self, opened: Any) -> None:
        self.hosts.add(re.split("[/:]+", opened.url)[1])
        opened.on("framereceived", lambda frame: self.frames.append(str(frame)))

    def log_in(self, url: str, name: str) -> None:
        self.page.goto(url)
        self.page.wait_for_function("window.did_handshake")
        self.page.fill("#name", name)
        self.page.keyboard.press("Enter")
        self.wait()

    def wait(self, beyond: str | None = None) -> None:
        """Waits until a screen is shown, another than the given one."""
        self.page.wait_for_function(
            "old => document.body.dataset.shown && document.body.dataset.shown !== old", arg=beyond, polling=20
        )

    def press(self, key: str) -> None:
        """Presses a key that leads to another screen."""
        before = self.page.evaluate("document.body.dataset.shown")
        self.page.keyboard.press(key)
        self.wait(before)

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))

    def close(self) -> None:
        self.context.close()
        assert self.hosts == {"127.0.0.1"}, "nothing but the server is asked"
        assert self.errors == []


@pytest.fixture
def person(chromium: Any) -> Iterator[Any]:
    people: list[Person] = []

    def make(**over: int) -> Person:
        people.append(Person(chromium, **over))
        return people[-1]

    yield make
    for one in people:
        one.close()


def answers(folder: Path) -> list[Given]:
    with AnnotationStore.read(folder / ANNOTATIONS) as store:
        return store.given()


def tables() -> dict[str, pl.DataFrame]:
    """5 instructions with 2 responses and 2 soft constraints each: 20 labels to give."""
    instructions, constraints, responses = [], [], []
    for at in range(5):
        instruction = f"ins_{hexed(at)}"
        messages = [{"role": "user", "content": f"Tell me about town {at}."}]
        instructions.append({"id": instruction, "messages": messages, "source_messages": messages, "language": "en"})
        for place in range(2):
            constraints.append({
                "id": f"con_{hexed(10 * at + place)}", "instruction_id": instruction, "position": place,
                "text": ["It is friendly.", "It is brief."][place], "kind": "soft", "categories": ["Style"],
                "compositions": ["Single"], "origin": "checklist", "generator": "checklist@1",
            })  # fmt: skip
            responses.append({
                "id": f"res_{hexed(10 * at + place)}", "instruction_id": instruction, "model": "local/secret-model",
                "revision": "r", "parameters": "{}", "sample_index": place, "text": f"Town {at}, told in way {place}.",
                "finish_reason": "stop", "status": "ok",
            })  # fmt: skip
    return {
        "instructions": pl.DataFrame(instructions),
        "constraints": frame_of(Constraints, constraints),
        "responses": frame_of(Responses, responses),
        "labels": frame_of(Labels, []),
    }


def edges(made: dict[str, pl.DataFrame], labels: pl.DataFrame) -> set[tuple[str, str]]:
    ids = made["instructions"]["id"].to_list()
    derived = derive_graphs(
        ids, made["constraints"], made["responses"], aggregate(labels), GraphPolicy(), recorded=False
    )
    return set(derived.edges.select("better", "worse").iter_rows())


def kappa(pairs: list[tuple[str, str]]) -> float:
    """Cohen's, from its definition."""
    same = sum(a == b for a, b in pairs) / len(pairs)
    chance = (
        sum(
            sum(a == value for a, _ in pairs) * sum(b == value for _, b in pairs)
            for value in {x for p in pairs for x in p}
        )
        / len(pairs) ** 2
    )
    return (same - chance) / (1 - chance)


def label_all(who: Person, contrary: str) -> Iterator[str]:
    """Answers by keyboard until nothing is left: the second way is not brief, and one town is judged by taste."""
    while not who.page.query_selector("#done"):
        response, constraint = who.text(".response .words"), who.text(".constraint")
        no = "way 1" in response and "brief" in constraint
        if contrary in response:
            no = not no
        yield response + constraint
        who.press("n" if no else "y")


def test_two_people_label_by_keyboard_through_a_crash(tmp_path: Path, person: Any) -> None:
    made = tables()
    tasks = label_tasks(made)
    assert len(tasks) == 20
    folder = make_project(tmp_path / "project", tasks, Settings(arbitrate=False))
    ada, bo = person(), person()
    with AnnotationServer(folder) as server:
        ada.log_in(server.url, "Ada")
        bo.log_in(server.url, "Bo")
        work = {ada: label_all(ada, "no town"), bo: label_all(bo, "Town 3, told in way 0")}
        seen: dict[Person, list[str]] = {ada: [], bo: []}
        for turn in range(60):
            if turn == 17:
                server.kill()
                before = answers(folder)
                for who in (ada, bo):
                    who.page.wait_for_selector("#banner:visible")
                    who.page.keyboard.press("y")
                    assert who.text("#state") == "not saved: no connection"
                    who.page.evaluate("delete document.body.dataset.shown")
                server.start()
                for who in (ada, bo):
                    who.wait()
                    assert not who.page.is_visible("#banner")
                assert answers(folder) == before, "what was pressed meanwhile was nothing"
                work = {ada: label_all(ada, "no town"), bo: label_all(bo, "Town 3, told in way 0")}
            who = (ada, bo)[turn % 2]
            if (text := next(work[who], None)) is not None:
                seen[who].append(text)
        assert ada.text("#progress") == "Done: 20 of about 20"
        # The screens before the crash came once, the one it happened on twice or not at all.
        assert all(len(set(texts)) == 20 for texts in seen.values())
        code, out, _ = server.interrupt()
    left = {one.name for one in folder.iterdir()}
    assert left == {ANNOTATIONS, f"{ANNOTATIONS}.lock"}, "nothing else is left beside the answers"
    assert code == 0 and "40 answers of 2 people" in out and "20 tasks have all they need" in out
    given = answers(folder)
    assert len(given) == 40 and all(one.seconds is not None for one in given)
    labels = human_labels(tasks, given)
    by_rater = [labels.filter(pl.col("rater_id") == rater) for rater in sorted(set(labels["rater_id"]))]
    pairs = list(zip(*(part.sort("response_id", "constraint_id")["outcome"] for part in by_rater), strict=True))
    assert len(pairs) == 20 and sum(a != b for a, b in pairs) == 2
    assert 0.6 < kappa(pairs) < 0.8
    assert edges(made, frame_of(Labels, [])) == set()
    # Of town 3 they differ on both constraints of the first way: nothing is decided there.
    found = edges(made, labels)
    assert found == {(f"res_{hexed(10 * at)}", f"res_{hexed(10 * at + 1)}") for at in (0, 1, 2, 4)}


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
