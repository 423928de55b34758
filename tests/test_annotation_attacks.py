"""The annotation page in a real browser under attack: full disks, odd browsers, hostile texts, curious people."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from benchwright.labels.annotation.shown import shown
from benchwright.labels.annotation.task import Settings, Task

from .annotation_browser import Person, answers, browser, persons
from .annotation_server import AnnotationServer, item, label, make_project, pair
from .small_build import small_disk

pytest.importorskip("nicegui", reason="needs the extra annotate")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.fixture
def person(chromium: Any) -> Iterator[Any]:
    with persons(chromium) as make:
        yield make


def said(who: Person, words: str) -> None:
    """Waits until the line beside the note says so."""
    who.page.wait_for_function("w => document.querySelector('#state').textContent === w", arg=words, polling=20)


# --- lost answers -----------------------------------------------------------------------------------------------------

SMALL = (
    'cp -r "$0" "$0.kept" && mount -t tmpfs -o size=256k tmpfs "$0" && cp -r "$0.kept/." "$0" && cd "$0" && exec "$@"'
)


def fill(folder: Path) -> None:
    """Leaves no room where a folder lies."""
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 1024)
        except OSError:
            pass


@small_disk
def test_a_full_disk_is_told_and_costs_no_answer(tmp_path: Path, person: Any) -> None:
    folder = make_project(tmp_path / "project", [label(at) for at in range(3)])
    within = ("unshare", "-m", "sh", "-c", SMALL, str(folder))
    ada = person()
    with AnnotationServer(folder, within=within) as server:
        # The file system is seen by the server alone, and by who looks through its eyes.
        mounted = Path(f"/proc/{server.process.pid}/root{folder}")
        ada.log_in(server.url, "Ada")
        ada.press("y")
        fill(mounted)
        ada.page.fill("#note", "much to say " * 500)
        said(ada, "not saved")
        ada.page.keyboard.press("Escape")
        ada.page.keyboard.press("n")
        ada.page.wait_for_selector("#banner:visible")
        told = ada.text("#banner")
        assert "disk is full" in told and "What was saved before is kept." in told
        assert str(folder) not in "".join(ada.frames), "where the project lies is nobody's business"
        assert ada.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        header = ada.page.query_selector("header").bounding_box()
        assert header["y"] >= ada.page.query_selector("#banner").bounding_box()["height"], "the banner covers nothing"
        (mounted / "filler").unlink()
        assert ada.text(".constraint").endswith("number 1."), "the task is still there"
        ada.press("n")
        assert not ada.page.is_visible("#banner")
        kept = shutil.copytree(mounted, tmp_path / "kept")
    assert [(one.task_id, one.answer, len(one.note or "")) for one in answers(kept)] == [
        ("task-0000", "yes", 0),
        ("task-0001", "no", 12 * 500 - 1),
    ]


def test_two_tabs_keep_what_each_types(tmp_path: Path, person: Any) -> None:
    folder = make_project(tmp_path / "project", [label(1), label(2)])
    ada = person()
    with AnnotationServer(folder) as server:
        ada.log_in(server.url, "Ada")
        other = ada.context.new_page()
        other.goto(server.url)
        other.wait_for_function("window.did_handshake")
        other.fill("#name", "ADA")
        other.keyboard.press("Enter")
        other.wait_for_function("document.body.dataset.shown", polling=20)
        ada.page.fill("#note", "first tab")
        said(ada, "draft saved")
        other.fill("#note", "second tab")
        other.wait_for_function("document.querySelector('#state').textContent === 'draft saved'", polling=20)
        ada.page.evaluate("document.activeElement.blur()")
        ada.press("y")
        other.evaluate("document.activeElement.blur()")
        other.keyboard.press("n")
        other.wait_for_function("document.querySelector('#state').textContent === 'saved'", polling=20)
        assert "number 2" in other.inner_text(".constraint")
    given = answers(folder)
    assert [(one.task_id, one.answer, one.note) for one in given] == [("task-0001", "no", "second tab")]


@pytest.mark.parametrize(
    "broken",
    [
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }",
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })",
        "const get = Storage.prototype.getItem; Storage.prototype.getItem = function (key) "
        "{ return key.startsWith('benchwright:') ? '{\"bases\": 3' : get.call(this, key) }",
    ],
    ids=["full", "denied", "another's"],
)
def test_a_browser_that_keeps_nothing_still_saves(tmp_path: Path, person: Any, broken: str) -> None:
    folder = make_project(tmp_path / "project", [label(1), label(2)])
    ada = person()
    ada.page.add_init_script(broken)
    with AnnotationServer(folder) as server:
        ada.log_in(server.url, "Ada")
        ada.page.fill("#note", "typed here")
        said(ada, "draft saved")
        ada.page.evaluate("document.activeElement.blur()")
        ada.press("y")
        ada.press("Backspace")
        ada.page.fill("#note", "typed at the last moment")
        ada.page.evaluate("document.activeElement.blur()")
        ada.press("ArrowRight")
        ada.press("Backspace")
        assert ada.page.input_value("#note") == "typed at the last moment"
    assert [(one.answer, one.note) for one in answers(folder)] == [("yes", "typed here")]


def test_half_a_character_costs_no_answer(tmp_path: Path, person: Any) -> None:
    folder = make_project(tmp_path / "project", [label(1), item(2, constraint="Is it \ud83d short?")])
    ada = person()
    with AnnotationServer(folder) as server:
        ada.log_in(server.url, "Ada")
        ada.page.evaluate(
            "() => { const note = document.querySelector('#note'); note.value = 'so \\ud83d'; "
            "note.dispatchEvent(new Event('input', { bubbles: true })) }"
        )
        said(ada, "draft saved")
        ada.press("y")
        ada.page.keyboard.press("e")
        ada.page.wait_for_selector("#edit:visible")
        ada.press("Control+Enter")
    assert [(one.note, one.text) for one in answers(folder)] == [("so \ufffd", None), (None, "Is it \ufffd short?")]


def test_a_double_click_answers_one_task(tmp_path: Path, person: Any) -> None:
    folder = make_project(tmp_path / "project", [label(at) for at in range(4)])
    ada = person()
    with AnnotationServer(folder) as server:
        ada.log_in(server.url, "Ada")
        box = ada.page.query_selector("[data-answer=yes]").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        ada.page.mouse.move(x, y)
        ada.page.mouse.down(click_count=1)
        ada.page.mouse.up(click_count=1)
        ada.wait("1")
        ada.page.mouse.down(click_count=2)
        ada.page.mouse.up(click_count=2)
        ada.page.mouse.click(x, y)
        ada.page.wait_for_function("document.querySelector('#progress').innerText.startsWith('Done: 2')")
    assert len(answers(folder)) == 2


# --- who sees what ----------------------------------------------------------------------------------------------------


def test_the_address_may_be_followed_from_another_site(tmp_path: Path, person: Any) -> None:
    folder = make_project(tmp_path / "project", [label(1)])
    with AnnotationServer(folder, "--token", "a-token-of-our-own") as server:

        class Mail(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = f'<a href="{server.url}">annotate</a>'.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Mail) as mail:
            threading.Thread(target=mail.serve_forever, args=(0.02,), daemon=True).start()
            ada = person()
            ada.page.goto(f"http://localhost:{mail.server_port}/")
            ada.page.click("a")
            ada.page.wait_for_selector("#name")
            assert "token" not in ada.page.url
            ada.page.goto(server.url)
            ada.page.wait_for_selector("#name")
            assert "token" not in ada.page.url, "it leaves the address the second time, too"
            ada.hosts.discard("localhost")
            mail.shutdown()


def test_the_test_tells_nothing_before_its_end(tmp_path: Path, person: Any) -> None:
    why = "Because of a remark."
    gold = [label(1, gold="yes", why=why), pair(2), label(3, gold="no", why=why)]
    gold[1] = Task("pair-gold", "pair", gold[1].instruction_id, 2, {**gold[1].body, "why": why}, "a")
    folder = make_project(tmp_path / "project", gold, Settings(pass_share=1))
    ada, bo = person(), person()
    with AnnotationServer(folder) as server:
        bo.log_in(server.url, "Bo Secret")
        bo.page.fill("#note", "private remark")
        bo.page.evaluate("document.activeElement.blur()")
        bo.press("n")
        ada.log_in(server.url, "Ada")
        for key in "na":
            ada.press(key)
        dom = str(ada.page.evaluate("document.documentElement.outerHTML + JSON.stringify({...localStorage})"))
        told = "\n".join(ada.frames) + dom
        for secret in (why, '"gold"', "Expected", '"better"', "Bo Secret", "private remark", str(tmp_path), "a_id"):
            assert secret not in told, secret
        ada.press("n")
        assert ada.text("#progress") == "Test: 3 of 3" and ada.text("#result") == "Test not passed"
        assert why in ada.text(".missed")
        ada.page.keyboard.press("Enter")
        ada.page.reload()
        ada.page.wait_for_selector("#result")
        assert not ada.page.query_selector("[data-answer]"), "the tasks stay closed"


# --- what is shown ----------------------------------------------------------------------------------------------------

HOSTILE = {
    "markup": "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>{{ 1 }}</textarea></div>",
    "turned": "pay \u202eevil\u202c \u2066x\u2069 \u200b \u3164 \u0000 \x1b[31m \ud800 \udc00",
    "a long line": "x" * 100_000,
    "a megabyte": "many words and no line end " * 42_000,
    "several scripts": "Zeile mit ü und 漢字. " * 5_000,
    "no blank": "漢字و\u0301é👩\u200d🚀" * 2_000,
    "many lines": "line\n" * 20_000,
    "emoji": "👩\u200d🚀🏳️\u200d🌈👍🏽 e\u0301 " * 200,
}


def press_until(who: Person, key: str, done: int) -> None:
    """Presses a key until so many are done: a browser that was busy for long is taken for gone, and says so."""
    for _ in range(5):
        who.page.keyboard.press(key)
        try:
            who.page.wait_for_function(
                "done => document.querySelector('#progress').innerText.startsWith(`Done: ${done} `)",
                arg=done,
                polling=20,
                timeout=5_000,
            )
            return
        except Exception as error:
            assert "Timeout" in str(error)
            assert len(who.page.query_selector_all("[data-answer]")) > 0
    raise AssertionError(f"{done} are not done")


def hostile(kind: str, at: int, text: str) -> Task:
    """A task that holds a text wherever one may be."""
    talk = [{"role": "user", "content": text}, {"role": text[:50], "content": text[:200]}]
    short = text[:5_000]
    if kind == "label":
        return label(at, messages=talk, response=text, constraint=short)
    if kind == "pair":
        return pair(at, messages=talk, a=text, b=f"B {text}", constraints=[short, short[:99]])
    return item(at, messages=talk, constraint=short, span=None, categories=[text[:50]])


@pytest.mark.parametrize("kind", ["label", "pair", "item"])
def test_hostile_texts_on_every_page(tmp_path: Path, person: Any, kind: str) -> None:
    tasks = [hostile(kind, at, text) for at, text in enumerate(HOSTILE.values())]
    folder = make_project(tmp_path / "project", tasks)
    ada = person(width=390, height=844)
    with AnnotationServer(folder) as server:
        ada.log_in(server.url, "Ada")
        for done, text in enumerate(HOSTILE.values(), start=1):
            assert ada.page.evaluate("document.querySelector('.message .words').textContent") == shown(text)
            if kind != "item":
                assert ada.page.evaluate("document.querySelector('.response .words').textContent") == shown(text)
            assert ada.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
            for button in ada.page.query_selector_all("[data-answer]"):
                box = button.bounding_box()
                assert box["y"] >= 0 and box["y"] + box["height"] <= 844, "the answers stay at hand"
            if kind == "item":
                ada.page.keyboard.press("e")
                ada.page.wait_for_selector("#edit:visible")
                # A text area holds what it can; nothing of it is markup.
                assert ada.page.evaluate("document.querySelector('#edit').value.length") > 100 or len(text) < 200
                ada.page.evaluate("document.activeElement.blur()")
            press_until(ada, "1", done)
        assert ada.page.evaluate("window.hacked") is None and not ada.page.query_selector("#app script, #app img")
    assert len(answers(folder)) == len(HOSTILE)


@pytest.mark.parametrize("name", ["A\u200bda", "\u202eadA", "\u3164", "a\x00b"])
def test_a_name_that_cannot_be_seen_is_refused(tmp_path: Path, person: Any, name: str) -> None:
    folder = make_project(tmp_path / "project", [label(1)])
    ada = person()
    with AnnotationServer(folder) as server:
        ada.page.goto(server.url)
        ada.page.wait_for_function("window.did_handshake")
        ada.page.evaluate("name => emitEvent('hello', { name })", name)
        ada.page.wait_for_function("document.querySelector('#problem').textContent.includes('is no name')")
        ada.page.evaluate("emitEvent('hello', { name: '<b onclick=x>Ada</b>' })")
        ada.wait()
        assert ada.text(".who") == "<b onclick=x>Ada</b>"


@pytest.mark.parametrize(("width", "height"), [(844, 390), (320, 568), (1280, 500)])
@pytest.mark.parametrize("kind", [label, pair, item])
def test_small_windows(tmp_path: Path, person: Any, kind: Any, width: int, height: int) -> None:
    words = "It names the day, the hour, the place, and who brings what. " * 6
    over = {"constraints": [words, words]} if kind is pair else {"constraint": words}
    folder = make_project(tmp_path / "project", [kind(1, **over)])
    ada = person(width=width, height=height)
    with AnnotationServer(folder) as server:
        ada.log_in(server.url, "Ada")
        assert ada.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        for button in ada.page.query_selector_all("[data-answer], header button"):
            if not button.is_visible():
                continue
            box = button.bounding_box()
            assert box["height"] >= (44 if width < 761 or button.get_attribute("data-answer") else 40)
            assert box["y"] >= 0 and box["y"] + box["height"] <= height and box["x"] + box["width"] <= width


CONTRAST = """() => {
  const channel = (c) => ((c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = (rgb) => 0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2]);
  const read = (text) => text.match(/[\\d.]+/g).map(Number);
  const under = (el) => {
    for (; el; el = el.parentElement) {
      const [r, g, b, a = 1] = read(getComputedStyle(el).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const el of document.querySelectorAll('.nicegui-content *')) {
    const own = [...el.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !el.checkVisibility()) continue;
    const style = getComputedStyle(el), back = under(el), alpha = Number(style.opacity);
    const ink = read(style.color).slice(0, 3).map((c, i) => c * alpha + back[i] * (1 - alpha));
    const [a, b] = [light(ink), light(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push([el.className, el.textContent.slice(0, 20), ratio]);
  }
  return found;
}"""
"""Texts whose contrast is below 4.5 to 1 (WCAG 2.2, 1.4.3)."""


def test_everything_can_be_read_reached_and_is_named(tmp_path: Path, person: Any) -> None:
    tasks = [label(1), item(2), Task("pair-0000", "pair", "ins_x", 0, pair(3).body)]
    folder = make_project(tmp_path / "project", tasks)
    ada = person()
    with AnnotationServer(folder) as server:
        ada.page.goto(server.url)
        ada.page.wait_for_function("window.did_handshake")
        assert ada.page.evaluate(CONTRAST) == []
        ada.log_in(server.url, "Ada")
        for key in ("a", "y", "n"):
            assert ada.page.evaluate(CONTRAST) == []
            nameless = ada.page.evaluate(
                "[...document.querySelectorAll('button, input, textarea, progress')].filter(e => e.checkVisibility() "
                "&& !(e.getAttribute('aria-label') || e.innerText).trim()).map(e => e.outerHTML)"
            )
            assert nameless == []
            reached = set()
            for _ in range(20):
                ada.page.keyboard.press("Tab")
                reached.add(ada.page.evaluate("document.activeElement.dataset.answer || document.activeElement.id"))
            shown_answers = {one.get_attribute("data-answer") for one in ada.page.query_selector_all("[data-answer]")}
            assert shown_answers | {"note"} <= reached
            ada.page.evaluate("document.activeElement.blur()")
            ada.press(key)
        assert ada.page.query_selector("#done") and ada.page.evaluate(CONTRAST) == []
    assert len(answers(folder)) == 3
