"""Showing a judge what it judges: constant text first, so that prompts that begin alike share what was read of them."""

from __future__ import annotations

from collections.abc import Iterable

from ...schemas.messages import Messages, transcript
from ...schemas.wording import fence, prompt
from .labeller import Case

__all__ = ["numbered", "shown", "wording"]


def wording(name: str, **values: str) -> str:
    """Gives one of this folder's texts with its places filled."""
    return prompt(__package__, name, **values)


def numbered(texts: Iterable[str]) -> str:
    """Lists texts by number, from 1."""
    return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))


def shown(rules: str, name: str, case: Case, fenced: dict[str, str], **plain: str) -> Messages:
    """Gives the conversation that asks: rules as the system message, then the material and the question.

    Args:
        rules: the name of the system message's text.
        name: the name of the question's text.
        fenced: what stands between fences beside the conversation.
        plain: what else its places are filled with.
    """
    parts = {"conversation": transcript(case.messages), **fenced}
    question = wording(name, fence=fence(*parts.values()), **parts, **plain)
    return {"role": "system", "content": wording(rules)}, {"role": "user", "content": question}
