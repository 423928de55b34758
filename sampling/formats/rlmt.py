"""The format of RLMT (arXiv 2509.20357, section 2): a thought between tags, then the answer.

The published code has three stripping rules, one for each program (first delimiter, last delimiter, drop). Here is one:

- Spaces, tabs and line ends around the text, the thought and the answer go.
- The first closing tag ends the thought; all that follows is the answer. Neither loses a word.
- Where the answer stands in a wrapper, ``<response>…</response>``, the wrapper goes.
- A text without the closing tag is an answer as a whole, unless it begins with the opening tag: that thought never
  ended, and there is no answer.
- A blank answer is none.

``strict`` wants more: the text begins with the opening tag (or has no tag at all, and the server gave the thought
apart), the thought is closed and not blank, and none of the tags is left inside thought or answer. Otherwise one half
of a wrapper at its own end of the answer goes too, and tags elsewhere stay as text.
"""

from __future__ import annotations

from random import Random
from typing import Annotated

from pydantic import Field, model_validator

from ...schemas.messages import Messages
from ...schemas.wording import prompt
from .format import Format, FormatParams, Parsed, Unparsed, bare, joined, with_directions

__all__ = ["Rlmt", "RlmtParams"]

PROMPT = "rlmt_v1"
Tag = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_\-]*$")]


class RlmtParams(FormatParams):
    """Names of tags, without their brackets, and how much is forgiven."""

    strict: bool = True
    """Whether only a reply that follows the format to the letter has an answer."""
    think_tag: Tag = "think"
    answer_tag: Tag | None = "response"
    """A wrapper that is not asked for and that some models put around the answer; null takes it for text."""

    @model_validator(mode="after")
    def _two_tags(self) -> RlmtParams:
        if self.think_tag == self.answer_tag:
            raise ValueError(f"think_tag and answer_tag are both {self.think_tag!r}: give two names, or no answer_tag")
        return self


class Rlmt(Format):
    """A thought between tags, then the answer; the directions stand in the system message."""

    id = "rlmt"
    Params = RlmtParams

    def render(self, messages: Messages, rng: Random) -> Messages:
        """Adds the directions; nothing is drawn."""
        opening, closing = _tags(self.params.think_tag)
        return with_directions(messages, prompt(__package__, PROMPT, opening=opening, closing=closing))

    def parse(self, text: str, thinking: str | None = None) -> Parsed | Unparsed:
        """Takes the thought off by the one rule of this module."""
        whole = bare(text)
        opening, closing = _tags(self.params.think_tag)
        before, tag, after = whole.partition(closing)
        opens = before.startswith(opening)
        if not tag and opens:
            return Unparsed(f"{opening} is never closed: the thought did not end")
        thought = bare(before.removeprefix(opening)) if tag else None
        answer = self._unwrap(bare(after if tag else whole))
        if self.params.strict:
            if not opens and (tag or not joined(thinking)):
                return Unparsed(f"the text does not begin with {opening}")
            if problem := self._breach(thought, answer):
                return Unparsed(problem)
        if not answer.strip():
            return Unparsed("the answer is blank")
        return Parsed(joined(thinking, thought), answer)

    def _unwrap(self, answer: str) -> str:
        """Takes the wrapper off an answer."""
        if self.params.answer_tag is None:
            return answer
        opening, closing = _tags(self.params.answer_tag)
        inner = answer.removeprefix(opening).removesuffix(closing)
        if self.params.strict and len(answer) - len(inner) not in (0, len(opening) + len(closing)):
            # Half a wrapper stays, and is found as the tag that is left.
            return answer
        return bare(inner)

    def _breach(self, thought: str | None, answer: str) -> str | None:
        """Says what is left that strictness does not allow; a null thought was given apart by the server."""
        if thought is not None and not thought.strip():
            return "the thought is blank"
        names = (self.params.think_tag, self.params.answer_tag)
        tags = [tag for name in names if name is not None for tag in _tags(name)]
        for place, part in (("thought", thought or ""), ("answer", answer)):
            if left := [tag for tag in tags if tag in part]:
                return f"{left[0]} stands inside the {place}"
        return None


def _tags(name: str) -> tuple[str, str]:
    return f"<{name}>", f"</{name}>"
