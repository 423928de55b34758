"""Yes/no questions with an answer at hand (RocketEval, arXiv 2503.05142, section 3.1).

From the paper: the questions carry the key content, hold for any response, and graders never see the answer. Its code
sorts items by their number as text, so that the tenth comes before the second; here numbers are numbers. It asks for
no least number of questions; here one is needed. The answer comes from a request of its own. The wording is ours.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from ...schemas.instruction import Instruction
from ...schemas.model import Failure
from ...schemas.thought import visible
from .asking import Asker, Steps, ask_list, directed, language_rule
from .instruction import questions
from .item import Item, LeftOut, Line, Listed, marked_lines, read_line

__all__ = ["VERSION", "draft", "read"]

VERSION = 1
"""Of the prompts, for the generator of what comes from them."""

_REFERENCE = re.compile(r"\b(?:reference|given|shown) (?:answer|response)\b", re.IGNORECASE)


def draft(asker: Asker, answering: Asker, instruction: Instruction, most: int) -> Steps[Item]:
    """Asks for an answer, then for the questions with that answer at hand; without an answer nothing is asked.

    Thought is no part of the answer: of one that is thought alone, or blank, nothing is at hand.
    """
    answer = yield answering.request(instruction.source_messages)
    if isinstance(answer, Failure):
        return answer
    said = (visible(answer.text) or "").strip()
    if not said:
        return Failure("blank", "the answer at hand has no words", permanent=True)
    values = {"most": str(most), "language": language_rule(instruction, "questions")}
    messages = directed("reference_v1", "with_answer_v1", instruction, values, answer=said)
    listed = yield from ask_list(asker, messages, partial(read, most=most))
    if isinstance(listed, Failure) or not answer.truncated:
        return listed
    return replace(listed, notes=(*listed.notes, "reference_cut"))


def _ordered(lines: list[Line]) -> list[Line]:
    """Sorts lines by number; one without stays behind the line that it follows."""
    keyed, number = [], 0
    for place, line in enumerate(lines):
        number = number if line.number is None else line.number
        keyed.append((number, place, line))
    return [line for _, _, line in sorted(keyed, key=lambda one: one[:2])]


def read(text: str, most: int) -> Listed[Item]:
    """Reads a reply: no question at all is a problem; of more than ``most`` the first stay.

    A question that speaks of the answer shown is left out (``names_reference``): who grades does not see it.
    """
    lines = marked_lines(text, "questions")
    if lines is None:
        return Listed(problem='there is no line "Questions:"')
    listed = questions(_ordered([read_line(line) for line in lines]))
    named = [item for item in listed.items if _REFERENCE.search(item.text)]
    items = [item for item in listed.items if item not in named]
    if not items:
        return Listed(problem="no question stands below the line that could be used without the answer shown")
    left = [LeftOut("names_reference", item.text) for item in named]
    left += [LeftOut("too_many", item.text) for item in items[most:]]
    return replace(listed, items=tuple(items[:most]), left=(*listed.left, *left))
