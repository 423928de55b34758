"""What each screen of the annotation page consists of, drawn with NiceGUI elements.

Data reaches the page as text nodes and nothing else: no element here takes markup.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ...errors import MissingExtra
from .session import Marked, Screen
from .shown import blocks, highlighted, shown, span_in
from .task import Settings, Task

__all__ = ["CHOICES", "draw", "draw_frame", "element", "import_nicegui", "log_in_form"]


class Choice(NamedTuple):
    """An answer's button."""

    answer: str
    label: str
    keys: str
    """Names of the keys that press it, with a blank between; the first one is shown."""
    tone: str


CHOICES: dict[str, tuple[Choice, ...]] = {
    "label": (
        Choice("yes", "Yes", "Y 1", "good"),
        Choice("no", "No", "N 2", "bad"),
        Choice("unsure", "Can't tell", "U 3", "plain"),
    ),
    "pair": (
        Choice("a", "A", "A 1", "choice"),
        Choice("b", "B", "B 2", "choice"),
        Choice("same", "No difference", "S 3", "plain"),
        Choice("unsure", "Can't tell", "U 4", "plain"),
    ),
    "item": (
        Choice("approve", "Approve", "Y 1", "good"),
        Choice("reject", "Reject", "N 2", "bad"),
        Choice("edit", "Edit", "E 3", "plain"),
    ),
}
_QUESTIONS = {
    "label": "Does the response satisfy this?",
    "pair": "Which response meets these better?",
    "item": "Is this a fair check on any answer to the instruction?",
}
_ROLES = {"system": "System", "user": "User", "assistant": "Assistant"}
_HELP = (
    ("Y N U, or 1 2 3", "yes, no, can't tell"),
    ("A B S U, or 1 2 3 4", "of two responses: A, B, no difference, can't tell"),
    ("Y N E, or 1 2 3", "of an item: approve, reject, edit"),
    ("/ or T", "write a note; Escape leaves it"),
    ("Ctrl+Enter", "save the new wording of an item"),
    ("Backspace or ←", "back to your earlier answers"),
    ("→", "forward again"),
    ("G", "guidelines on or off"),
    ("?", "this help on or off"),
)


def import_nicegui() -> Any:
    """Gives NiceGUI.

    Raises:
        MissingExtra: when it is not installed.
    """
    try:
        import nicegui
    except ImportError:
        raise MissingExtra("nicegui", "annotate") from None
    return nicegui


def element(tag: str, text: str = "", classes: str = "", **props: Any) -> Any:
    """Adds an element whose content is a text node; ``data_x`` becomes the attribute ``data-x``."""
    from nicegui.elements.mixins.text_element import TextElement

    made = TextElement(tag=tag, text=text).classes(classes)
    for name, value in props.items():
        made.props[name.strip("_").replace("_", "-")] = value
    return made


def _data(tag: str, text: str, classes: str = "") -> Any:
    """Adds a text of the data: safe to show, with a direction of its own."""
    return element(tag, shown(text), f"data {classes}", dir="auto")


def _button(label: str, keys: str, classes: str, **props: Any) -> None:
    first = {"ArrowRight": "→", "Backspace": "←"}.get(keys.split(" ")[0], keys.split(" ")[0])
    with element("button", "", classes, type="button", data_keys=keys, aria_label=label, **props):
        element("span", label)
        if first != "Enter":
            element("kbd", first, aria_hidden="true")


def log_in_form(settings: Settings) -> None:
    """Draws the first screen."""
    with element("section", classes="card narrow"):
        element("h1", "Your name")
        element(
            "p", "You go on where you stopped. Other annotators are shown neither your name nor your answers.", "hint"
        )
        element("p", "A name is no password: who types yours goes on as you, and sees what you answered.", "hint")
        element("input", id="name", maxlength=100, autocomplete="off", autocapitalize="off", aria_label="Your name")
        _button("Start", "Enter", "main", data_act="login")
        element("p", "", "problem", id="problem", role="alert")
    _draw_guidelines(settings)


def draw_frame() -> None:
    """Draws what is above every screen: the banner of a lost connection, and the keys' help."""
    element("div", "", "", id="banner", role="alert", hidden=True)
    with element("section", classes="help card", id="help", hidden=True):
        element("h2", "Keys")
        with element("dl"):
            for keys, meaning in _HELP:
                element("dt", keys)
                element("dd", meaning)


def draw(screen: Screen, name: str, settings: Settings) -> None:
    """Draws one screen of a session."""
    _draw_bar(screen, name)
    with element("div", classes="columns"):
        with element("div", "", "screen", data_screen=str(screen.serial)):
            if screen.task is not None:
                _draw_task(screen, screen.task)
            elif screen.stage == "result":
                _draw_result(screen, settings)
            else:
                _draw_done(screen)
        _draw_guidelines(settings)


def _draw_bar(screen: Screen, name: str) -> None:
    with element("header"):
        testing = screen.stage in {"test", "result"}
        what = "Test" if testing else "Earlier answer" if screen.back else "Done"
        about = "of" if testing else "of about"
        with element("div", classes="progress"):
            element("span", f"{what}: {screen.done:,} {about} {screen.total:,}", id="progress")
            element("progress", max=max(1, screen.total), value=screen.done, aria_label="progress")
        _data("span", name, "who")
        _button("Guidelines", "G", "small", data_act="guidelines")
        _button("Keys", "? H", "small wide", data_act="help")
        element("button", "Log out", "small", type="button", data_act="logout")


def _draw_task(screen: Screen, task: Task) -> None:
    _draw_conversation(task)
    body = task.body
    if task.kind == "label":
        _draw_response("Response", body["response"])
    elif task.kind == "pair":
        with element("div", classes="pair"):
            _draw_response("A", body["a"])
            _draw_response("B", body["b"])
    with element("section", classes="ask"):
        element("h2", _QUESTIONS[task.kind])
        with element("div", classes="constraint box", tabindex=0):
            for text in body["constraints"] if task.kind == "pair" else [body["constraint"]]:
                _data("p", text)
        if task.kind == "item":
            _data("p", ", ".join([*body.get("categories", ()), *body.get("compositions", ())]), "hint")
            with element("div", id="editing", hidden=True):
                element("textarea", id="edit", rows=3, maxlength=20_000, dir="auto", aria_label="New wording")
                element("p", "Save edit, or Ctrl+Enter, saves the new wording.", "hint")
        _draw_answers(screen, task)


def _draw_answers(screen: Screen, task: Task) -> None:
    with element("div", classes="answers"):
        for choice in CHOICES[task.kind]:
            given = screen.earlier is not None and screen.earlier.answer == choice.answer
            state = {"data_answer": choice.answer, "aria_pressed": "true" if given else "false"}
            _button(choice.label, choice.keys, f"answer {choice.tone} {'given' if given else ''}", **state)
    with element("div", classes="below"):
        if not screen.first:
            _button("Previous", "Backspace ArrowLeft", "small", data_act="previous")
        if screen.back:
            _button("Next", "ArrowRight", "small", data_act="following")
        element(
            "textarea",
            "",
            "",
            id="note",
            rows=1,
            maxlength=20_000,
            dir="auto",
            placeholder="Note: why, if you like ( / )",
            aria_label="Note",
        )
        element("span", "", "keyed", data_act="note", data_keys="/ T")
        element("span", "", "state", id="state", role="status")


def _draw_conversation(task: Task) -> None:
    with element("section", classes="conversation box", tabindex=0, aria_label="Conversation"):
        for at, message in enumerate(task.body["messages"]):
            role = message["role"]
            tone = role if role in _ROLES else "other"
            with element("article", classes=f"message {tone}"):
                _data("h3", _ROLES.get(role, role))
                span = span_in(task.body.get("span"), at) if task.kind == "item" else None
                if span is None:
                    _data("div", message["content"], "words")
                else:
                    _draw_marked(message["content"], *span)


def _draw_marked(text: str, start: int, end: int) -> None:
    parts = highlighted(text, start, end)
    with element("div", "", "data words", dir="auto"):
        element("span", parts.before)
        if parts.marked:
            element("mark", parts.marked)
        element("span", parts.after)


def _draw_response(title: str, text: str) -> None:
    with element("section", classes="response"):
        element("h3", title)
        with element(
            "div", classes="box", tabindex=0, aria_label=title if title == "Response" else f"Response {title}"
        ):
            if text.strip():
                _data("div", text, "words")
            else:
                element("p", "The response is empty.", "hint")


def _draw_guidelines(settings: Settings) -> None:
    with element("aside", classes="guidelines", aria_label="Guidelines"):
        element("button", "Close", "small close", type="button", data_act="guidelines")
        tags = {"head": "h2", "point": "li", "text": "p"}
        for block in blocks(settings.guidelines):
            element(tags[block.kind], block.text, "data", dir="auto")


def _draw_result(screen: Screen, settings: Settings) -> None:
    test = screen.test
    assert test is not None
    passed = test.state == "passed"
    with element("section", classes="card"):
        element("h1", "Test passed" if passed else "Test not passed", id="result")
        element("p", f"{test.right} of {test.total} as expected; {settings.pass_share:.0%} are needed.")
        if passed:
            _button("Start", "Enter", "main", data_act="go_on")
        else:
            element("p", "Thank you. Please tell whoever asked you to annotate; the tasks stay closed until then.")
        element("p", "", "problem", id="problem", role="alert")
    for one in screen.results:
        if not one.right:
            _draw_missed(one)


def _draw_missed(one: Marked) -> None:
    labels = {choice.answer: choice.label for choice in CHOICES[one.task.kind]}
    body = one.task.body
    with element("section", classes="card missed"):
        expected = f"Expected: {labels[one.task.gold or '']}. You said: {labels[one.answer]}."
        element("h3", expected)
        for text in body["constraints"] if one.task.kind == "pair" else [body["constraint"]]:
            _data("p", text, "constraint")
        if body.get("why"):
            _data("p", body["why"], "hint")
        for key, title in (("response", "Response"), ("a", "A"), ("b", "B")):
            if key in body:
                _draw_response(title, body[key])


def _draw_done(screen: Screen) -> None:
    with element("section", classes="card"):
        element("h1", "Nothing to do for now", id="done")
        element("p", f"You answered {screen.done:,}. All of it is saved. New tasks can come when others have answered.")
        _button("Look again", "Enter", "main", data_act="go_on")
        if not screen.first:
            _button("Previous", "Backspace ArrowLeft", "small", data_act="previous")
        element("span", "", "state", id="state", role="status")
        element("p", "", "problem", id="problem", role="alert")
