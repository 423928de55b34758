"""Self-refinement (STICK, arXiv 2410.03608, section 4.1): failed checklist items are the feedback for a revision.

The rule: a response that fails no item is not asked again and stays what it is, byte for byte. Otherwise the model sees
the conversation, its answer and the failed items. An unknown item did not fail. The paper does not give its wording;
this one is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ...schemas.messages import Message, Messages
from ...schemas.outcome import Outcome
from ...schemas.wording import prompt

__all__ = ["PROMPT", "Item", "failed_items", "needs_refining", "refined", "render"]

PROMPT = "self_refine_v1"
"""The wording; bears the identity of responses that it asks for."""

Item = tuple[str, Outcome]
"""A constraint in words, and whether the response does it."""


def failed_items(items: Iterable[Item]) -> tuple[str, ...]:
    """Gives the constraints that are violated, in their order."""
    return tuple(text for text, outcome in items if outcome is Outcome.VIOLATED)


def needs_refining(items: Iterable[Item]) -> bool:
    """Tells whether any item failed."""
    return bool(failed_items(items))


def refined(previous: str, items: Iterable[Item], ask: Callable[[tuple[str, ...]], str]) -> str:
    """Takes one step: the very answer before where nothing failed, without asking, else the revision.

    Args:
        ask: gives the revision for the failed items.
    """
    failed = failed_items(items)
    return ask(failed) if failed else previous


def render(messages: Messages, answer: str, failed: Sequence[str]) -> Messages:
    """Gives the conversation that asks for a revision: the one before, the answer, the failed items.

    Args:
        messages: the conversation that was answered, ending with the user.
        answer: without its thought.
        failed: constraints in words, at least one.
    """
    if not failed:
        raise ValueError("nothing failed: a response that fails no item is not asked again")
    points = "\n".join(f"{number}. {text}" for number, text in enumerate(failed, start=1))
    given: Message = {"role": "assistant", "content": answer}
    feedback: Message = {"role": "user", "content": prompt(__package__, PROMPT, failed=points)}
    return (*messages, given, feedback)
