"""The format of BOLT (arXiv 2502.03860, section 3.1): internal thoughts, then an external solution, shown by examples.

From the paper: ten examples made by hand, each with analysis, planning, branching and reflection; three of them in
each prompt; replies that are not in the format are dropped. The paper prints neither its headings nor how the three are
drawn: headings are parameters here, and the draw is the caller's generator's.

The rule: a heading is a line of one to six ``#`` and a section's name, in any case, with or without a colon. Both
headings stand there exactly once, thoughts first, with nothing before them, and neither section is blank. Spaces, tabs
and line ends around a section go.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from random import Random
from typing import Annotated, NamedTuple

from pydantic import Field, field_validator, model_validator

from ...schemas.messages import Messages
from ...schemas.wording import prompt
from .format import Format, FormatParams, Parsed, Unparsed, bare, joined, with_directions

__all__ = ["Bolt", "BoltParams", "Example", "examples"]

PROMPT = "bolt_v1"
EXAMPLES = "bolt_examples_v1.yaml"


class Example(NamedTuple):
    """One request with its reply in two parts."""

    question: str
    thoughts: str
    solution: str


@cache
def examples() -> tuple[Example, ...]:
    """Gives the ten examples, in their file's order."""
    # Parsing needs no examples.
    import yaml

    rows = yaml.safe_load(files(__package__).joinpath(EXAMPLES).read_text(encoding="utf-8"))
    return tuple(Example(*(bare(row[name]) for name in Example._fields)) for row in rows)


class BoltParams(FormatParams):
    """How many examples are shown, and what the sections are called."""

    k: Annotated[int, Field(ge=1, le=10)] = 3
    """Examples shown, of ten."""
    thoughts: str = "Internal thoughts"
    solution: str = "External solution"

    @field_validator("thoughts", "solution")
    @classmethod
    def _one_line(cls, name: str) -> str:
        if not name or name != name.strip() or len(name.splitlines()) > 1 or name[0] == "#" or name[-1] == ":":
            raise ValueError("a section's name is one line, not blank, without # before or : behind it")
        return name

    @model_validator(mode="after")
    def _two_names(self) -> BoltParams:
        if self.thoughts.casefold() == self.solution.casefold():
            raise ValueError(f"both sections are called {self.thoughts!r}: give two names")
        return self


class Bolt(Format):
    """Two sections under headings, shown by examples.

    Directions and examples are one block in the system message, behind a given system prompt. As turns of their own the
    examples would become part of the conversation that the model is to answer.
    """

    id = "bolt"
    Params = BoltParams

    def render(self, messages: Messages, rng: Random) -> Messages:
        """Adds the directions and k examples in the order drawn."""
        names = {"thoughts": self.params.thoughts, "solution": self.params.solution}
        shown = [
            f"Example {number}\n\nRequest:\n{example.question}\n\nReply:\n{self._reply(example)}"
            for number, example in enumerate(rng.sample(examples(), self.params.k), start=1)
        ]
        return with_directions(messages, "\n\n".join([prompt(__package__, PROMPT, **names), *shown]))

    def _reply(self, example: Example) -> str:
        return f"## {self.params.thoughts}\n\n{example.thoughts}\n\n## {self.params.solution}\n\n{example.solution}"

    def parse(self, text: str, thinking: str | None = None) -> Parsed | Unparsed:
        """Takes the sections apart; whatever breaks the rule is no reply in this format."""
        names = [self.params.thoughts, self.params.solution]
        found = list(_headings(text, [name.casefold() for name in names]))
        order = [which for which, _, _ in found]
        for which, name in enumerate(names):
            if order.count(which) != 1:
                return Unparsed(f"the section {name!r} is there {order.count(which)} times, not once")
        if order != [0, 1]:
            return Unparsed(f"the section {names[1]!r} comes before {names[0]!r}")
        (_, first, start), (_, end, second) = found
        if text[:first].strip():
            return Unparsed(f"text before the section {names[0]!r}: {bare(text[:first])!r:.60}")
        sections = bare(text[start:end]), bare(text[second:])
        for name, section in zip(names, sections, strict=True):
            if not section.strip():
                return Unparsed(f"the section {name!r} is blank")
        return Parsed(joined(thinking, sections[0]), sections[1])


def _headings(text: str, names: list[str]) -> Iterator[tuple[int, int, int]]:
    """Yields which name each heading bears, and the [start, end) offsets of its line."""
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        marked = bare(line)
        name = marked.lstrip("#")
        if 1 <= len(marked) - len(name) <= 6:
            plain = name.strip().removesuffix(":").rstrip().casefold()
            if plain in names:
                yield names.index(plain), start, end
        start = end + 1
