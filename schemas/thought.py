"""Thought that a model writes into its reply, for those who read verdicts and lists: no part of what it says."""

from __future__ import annotations

import re

__all__ = ["visible"]

_TAGS = "think|thinking|thought|seed:think"
_OPEN = re.compile(
    # The first sign stands alone, so that it is found fast; one that is quoted is spoken of.
    rf"""[<◁\[](?<![`"'“‘«].)(?:(?<=<)(?:(?:{_TAGS})>|\|channel\|>analysis)|(?<=◁)think▷|(?<=\[)think\])""",
    re.IGNORECASE,
)
_CLOSED = re.compile(
    rf"[<◁\[](?:(?<=<)(?:/(?:{_TAGS})>|\|channel\|>final<\|message\|>)|(?<=◁)/think▷|(?<=\[)/think\])", re.IGNORECASE
)


def visible(text: str) -> str | None:
    """Gives a reply without the thought that stands in its text.

    All up to the last closing tag is thought, whether or not it was opened in sight. Null where a thought
    that is opened after it never ends, wherever it begins: nothing of the text is said.
    """
    ends = [match.end() for match in _CLOSED.finditer(text)]
    rest = text[ends[-1] :] if ends else text
    return None if _OPEN.search(rest) else rest
