"""Guided answers (DRIFT, arXiv 2510.02341): what users disliked is the rejected side, a new answer is the chosen one.

From the paper: the model sees the conversation, the disliked answer and the user's feedback when it writes the new
answer, while the pair shows neither of the last two. The published code writes the conversation into one string, where
an answer that holds a speaker's name is cut; here turns stay turns. It checks no answer; ``problem`` does.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from ...schemas.messages import Message, Messages
from ...schemas.text import words
from ...schemas.wording import prompt

__all__ = ["Feedback", "feedback_turn", "pair_prompt", "problem", "render"]

PROMPT = "guided_v1"

_QUOTE = 6
"""Words in a row that are a quotation."""
_SHORTEST = 3
"""Words of a shorter feedback that is quoted as a whole; fewer are found anywhere."""


@dataclass(frozen=True)
class Feedback:
    """What a user said of an answer."""

    history: Messages
    """The conversation that was answered, ending with the user."""
    disliked: str
    """The answer, without its thought."""
    feedback: str


def feedback_turn(messages: Messages) -> Feedback | None:
    """Finds the last user turn that follows an answer; whether it is a complaint, another step tells.

    Returns:
        Null where there is none, where it or the answer is blank, where no user turn was answered, and where the
        conversation before holds the feedback's text already: a pair's prompt would show it.
    """
    for index in range(len(messages) - 1, 1, -1):
        turn, before = messages[index], messages[index - 1]
        if turn["role"] == "user" and before["role"] == "assistant":
            found = Feedback(messages[: index - 1], before["content"], turn["content"])
            return found if _usable(found) else None
    return None


def _usable(found: Feedback) -> bool:
    text = found.feedback.strip()
    asked = found.history[-1]["role"] == "user" and bool(found.history[-1]["content"].strip())
    shown = any(text in message["content"] for message in found.history)
    return bool(text and found.disliked.strip() and asked and not shown)


def render(feedback: Feedback) -> Messages:
    """Gives the conversation that asks for a better answer: all its turns, the directions behind the last."""
    disliked: Message = {"role": "assistant", "content": feedback.disliked}
    last: Message = {"role": "user", "content": f"{feedback.feedback}\n\n{prompt(__package__, PROMPT)}"}
    return (*feedback.history, disliked, last)


def pair_prompt(feedback: Feedback) -> Messages:
    """Gives the prompt that a pair shows: the conversation before the disliked answer."""
    return feedback.history


def problem(answer: str, feedback: Feedback) -> str | None:
    """Says why an answer cannot be the chosen side, or null.

    Args:
        answer: without its thought.

    Returns:
        ``blank_answer``; ``same_answer``: the disliked text (NFC, stripped); ``quotes_feedback``: it has six words in a
        row of the feedback, or the whole of one with three to five, that neither the conversation nor the disliked
        answer has, in any case.
    """
    if not answer.strip():
        return "blank_answer"
    if _same(answer) == _same(feedback.disliked):
        return "same_answer"
    said = _words(feedback.feedback)
    if len(said) < _SHORTEST:
        return None
    size = min(_QUOTE, len(said))
    known = [*(message["content"] for message in feedback.history), feedback.disliked]
    own = _runs(said, size).difference(*(_runs(_words(text), size) for text in known))
    return "quotes_feedback" if own & _runs(_words(answer), size) else None


def _same(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _words(text: str) -> list[str]:
    return [word.casefold() for word in words(unicodedata.normalize("NFC", text))]


def _runs(said: list[str], size: int) -> set[tuple[str, ...]]:
    return {tuple(said[i : i + size]) for i in range(len(said) - size + 1)}
