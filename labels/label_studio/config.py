"""The labelling configuration: what a Label Studio project of each kind of task shows and asks. Pure.

Everything that comes from data is shown by ``Text`` and ``Paragraphs``, which take it as text; ``HyperText`` and
``Markdown`` would read a response as markup. Reference: https://labelstud.io/tags/text and
https://labelstud.io/tags/paragraphs.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from ...errors import UsageError, nearest
from ..annotation.task import ANSWERS, KINDS

__all__ = ["ANSWER", "NOTE", "TARGET", "WORDING", "checked_kind", "labelling_config"]

ANSWER, NOTE, WORDING = "answer", "note", "wording"
"""Names of the controls, by which results come back."""
TARGET = {"label": "response", "pair": "constraints", "item": "constraint"}
"""The text that each kind's controls belong to."""

_STYLE = ".benchwright { white-space: pre-wrap; overflow-wrap: anywhere; }"
"""Lines, indents and blanks are part of what is judged; browsers would fold them."""
_QUESTIONS = {
    "label": "Does the response meet the constraint?",
    "pair": "Which response follows the instruction and these constraints better?",
    "item": "Is this a constraint that the conversation asks for, worded rightly?",
}


def checked_kind(kind: str) -> str:
    """Gives a kind of task that there is.

    Raises:
        UsageError: for any other.
    """
    if kind not in KINDS:
        raise UsageError(f"no kind of task is called {kind!r}: {nearest(kind, KINDS)}")
    return kind


def labelling_config(kind: str) -> str:
    """Gives the XML of a kind's project.

    Args:
        kind: ``label``, ``pair`` or ``item``.
    """
    lines = [
        '<View className="benchwright">',
        f"  <Style>{_STYLE}</Style>",
        *_heading("Conversation"),
        '  <Paragraphs name="conversation" value="$conversation" layout="dialogue" nameKey="role" textKey="text"/>',
        *_SHOWN[kind](),
        *_heading(_QUESTIONS[kind]),
        *_choices(kind),
        *(_wording() if kind == "item" else ()),
        *_area(NOTE, TARGET[kind], "Why, if it is not plain"),
        "</View>",
    ]
    return "\n".join(lines) + "\n"


def _heading(words: str) -> list[str]:
    return [f"  <Header value={quoteattr(words)} size={quoteattr('5')}/>"]


def _text(name: str) -> str:
    return f'  <Text name="{name}" value="${name}" valueType="text"/>'


def _label() -> list[str]:
    return [*_heading("Response"), _text("response"), *_heading("Constraint"), _text("constraint")]


def _pair() -> list[str]:
    sides = []
    for side in ("a", "b"):
        inner = [*_heading(f"Response {side}"), _text(side)]
        sides += ['  <View style="flex: 1 1 0; min-width: 18em;">', *(f"  {line}" for line in inner), "  </View>"]
    return [
        '  <View style="display: flex; flex-wrap: wrap; gap: 1.5em;">',
        *(f"  {line}" for line in sides),
        "  </View>",
        *_heading("Constraints"),
        _text("constraints"),
    ]


def _item() -> list[str]:
    return [
        *_heading("Constraint"),
        _text("constraint"),
        *_heading("What it is drawn from"),
        _text("span"),
        *_heading("Types"),
        _text("types"),
    ]


_SHOWN = {"label": _label, "pair": _pair, "item": _item}


def _choices(kind: str) -> list[str]:
    answers = [
        f'    <Choice value="{answer}" hotkey="{number}"/>' for number, answer in enumerate(ANSWERS[kind], start=1)
    ]
    head = f'  <Choices name="{ANSWER}" toName="{TARGET[kind]}" choice="single" required="true" showInline="true">'
    return [head, *answers, "  </Choices>"]


def _wording() -> list[str]:
    """The new wording, asked for where the answer is ``edit``."""
    when = f'visibleWhen="choice-selected" whenTagName="{ANSWER}" whenChoiceValue="edit"'
    area = _area(WORDING, TARGET["item"], "The constraint as it should be worded", required=True)
    return [f"  <View {when}>", *(f"  {line}" for line in area), "  </View>"]


def _area(name: str, target: str, words: str, required: bool = False) -> list[str]:
    must = ' required="true"' if required else ""
    fixed = f'name="{name}" toName="{target}" rows="2" editable="true" maxSubmissions="1"{must}'
    return [f"  <TextArea {fixed} placeholder={quoteattr(words)}/>"]
