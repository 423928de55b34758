"""Asking again: a reply that cannot be read goes back to the judge, with what is wrong and the form it lacks."""

from __future__ import annotations

from ...schemas.messages import Message, Messages
from .reading import visible
from .showing import wording

__all__ = ["PROMPT", "asked_again"]

PROMPT = "repair_v1"


def asked_again(messages: Messages, text: str, problem: str, form: str) -> Messages:
    """Gives the conversation that asks for the form: the one before, the reply without its thought, what is wrong.

    A reply of which nothing is seen is no turn: the words then stand below the question, so that speakers still take
    turns.

    Args:
        messages: the conversation that led to the reply, ending with the user.
        text: the reply's.
        problem: in a few words.
        form: the form it should have had.
    """
    again = wording(PROMPT, problem=problem, form=form)
    said = (visible(text) or "").strip()
    if not said:
        last: Message = {"role": "user", "content": f"{messages[-1]['content']}\n\n{again}"}
        return (*messages[:-1], last)
    reply: Message = {"role": "assistant", "content": said}
    user: Message = {"role": "user", "content": again}
    return (*messages, reply, user)
