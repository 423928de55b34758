"""Asking again: a reply that cannot be read goes back to the judge, with what is wrong and the form it lacks."""

from __future__ import annotations

from ...schemas.messages import Messages, said_and_asked
from ...schemas.thought import visible
from .showing import wording

__all__ = ["PROMPT", "asked_again"]

PROMPT = "repair_v1"


def asked_again(messages: Messages, text: str, problem: str, form: str) -> Messages:
    """Gives the conversation that asks for the form: the one before, the reply without its thought, what is wrong.

    Args:
        messages: the conversation that led to the reply, ending with the user.
        text: the reply's.
        problem: in a few words.
        form: the form it should have had.
    """
    return said_and_asked(messages, visible(text) or "", wording(PROMPT, problem=problem, form=form))
