"""Yes/no questions from the instruction alone (TICK, arXiv 2410.03608, section 3.1).

From the paper: only the instruction is shown, an analysis comes first, yes means met, two to eight questions, one a
line. The paper reads whatever ends in a question mark; here the reply must hold from two to ``most`` questions of its
own in the marked part, or it is asked for once more. The wording is ours.
"""

from __future__ import annotations

from functools import partial

from ...schemas.instruction import Instruction
from .asking import Asker, Steps, ask_list, directed, language_rule
from .item import LONGEST, Item, LeftOut, Line, Listed, is_question, marked_lines, notes_of, read_line
from .same import plain

__all__ = ["LEAST", "VERSION", "draft", "questions", "read"]

VERSION = 1
"""Of the prompts, for the generator of what comes from them."""
LEAST = 2


def draft(asker: Asker, instruction: Instruction, most: int) -> Steps[Item]:
    """Asks for an instruction's questions."""
    values = {"most": str(most), "language": language_rule(instruction, "questions")}
    messages = directed("instruction_v1", "conversation_v1", instruction, values)
    return (yield from ask_list(asker, messages, partial(read, most=most)))


def questions(lines: list[Line]) -> Listed[Item]:
    """Gives the questions among lines, each once, and what else there is."""
    items: list[Item] = []
    left: list[LeftOut] = []
    seen: set[str] = set()
    for line in lines:
        text = line.text.strip("* \t")
        reason = (
            "not_a_question"
            if not is_question(text) or not plain(text)
            else "too_long"
            if len(text) > LONGEST
            else "duplicate_item"
            if plain(text) in seen
            else None
        )
        if reason:
            left.append(LeftOut(reason, line.text))
            continue
        seen.add(plain(text))
        items.append(Item(text, line.categories, line.compositions))
    return Listed(tuple(items), tuple(left), notes_of(lines))


def read(text: str, most: int) -> Listed[Item]:
    """Reads a reply: fewer than two questions or more than ``most`` are a problem."""
    lines = marked_lines(text, "questions")
    if lines is None:
        return Listed(problem='there is no line "Questions:"')
    listed = questions([read_line(line) for line in lines])
    if not LEAST <= len(listed.items) <= most:
        count = len(listed.items)
        return Listed(problem=f"{count} different questions stand below the line, from {LEAST} to {most} are wanted")
    return listed
