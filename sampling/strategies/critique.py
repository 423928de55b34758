"""A critique (TICK, arXiv 2410.03608, section 3.2): a model judges one checklist question about one answer.

From the paper: each question in a prompt of its own, the reason before the verdict, YES only where the answer does all
that is asked. The rule for reading: the last line that is not blank is the verdict and nothing else, with or without a
label (``Verdict:``), marks and a full stop, in any case. No such line, both words on it, or another line that gives the
other verdict: unknown.
"""

from __future__ import annotations

import re

from ...schemas.messages import Messages, transcript
from ...schemas.outcome import Outcome
from ...schemas.wording import fence, prompt

__all__ = ["PROMPT", "parse", "render"]

PROMPT = "critique_v1"
"""The wording, for the version of labels that come from it."""

_VERDICT = re.compile(r"[\W_]*(?:(?:final[ \t]+)?(?:verdict|answer)[\W_]*)?(yes|no)[\W_]*", re.IGNORECASE)


def render(messages: Messages, answer: str, question: str) -> Messages:
    """Gives the conversation that asks a model for a verdict.

    Args:
        messages: the conversation that was answered; its turns and its system prompt are shown, not followed.
        answer: without its thought.
        question: to be answered by yes where the requirement is met.
    """
    parts = {"conversation": transcript(messages), "answer": answer, "question": question}
    between = fence(*parts.values())
    return (
        {"role": "system", "content": prompt(__package__, "critique_system_v1")},
        {"role": "user", "content": prompt(__package__, PROMPT, fence=between, **parts)},
    )


def parse(text: str) -> Outcome:
    """Reads a verdict: satisfied for YES, violated for NO, else unknown.

    A reply that the token limit cut has no last line of its own: its caller takes it for unknown.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    found = [match and match.group(1).casefold() for match in map(_VERDICT.fullmatch, lines)]
    if not found or found[-1] is None or len(set(found) - {None}) > 1:
        return Outcome.UNKNOWN
    return Outcome.of(found[-1] == "yes")
