"""What a labeller is: the questions that put responses before a judge, and the rule that reads its replies."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, NamedTuple

from pydantic import Field

from ...errors import UsageError
from ...schemas.messages import Messages
from ...schemas.outcome import Outcome
from ...schemas.params import read_params
from ...schemas.plugin import Registry
from ...schemas.recipe import Strict
from .raw import Place, RawQuestion, RawReply

__all__ = [
    "LABELLERS",
    "Case",
    "Cell",
    "Labeller",
    "LabellerParams",
    "Question",
    "Read",
    "Said",
    "Text",
    "last_word",
    "make_labeller",
]

Cell = tuple[str, str]
"""What a label is on: response id, constraint id."""


class Text(NamedTuple):
    """A response or a constraint: its id and its words."""

    id: str
    text: str


@dataclass(frozen=True)
class Case:
    """One instruction with what is to be judged of it."""

    instruction_id: str
    messages: Messages
    """As the models saw them: the last is the turn that was answered."""
    constraints: tuple[Text, ...]
    """By position."""
    responses: tuple[Text, ...]
    """By id, without their thought; those that have no text are none."""


@dataclass(frozen=True)
class Question:
    """One question to the judge."""

    place: Place
    messages: Messages
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Its own, over those of the labeller."""
    response_schema: Mapping[str, Any] | None = None

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The labels it is about, sorted: questions about the same ones settle them together."""
        return tuple(sorted((r, c) for r in self.place.responses for c in self.place.constraints))


class Read(NamedTuple):
    """What one reply says."""

    values: Mapping[str, Any]
    """By id: of responses where several are scored, else of constraints. What is not there was not said."""
    problem: str | None = None
    """What is wrong with its form, where it does not say all it was asked; null for a whole one."""
    mend: bool = True
    """Whether asking again for the form can help."""
    notes: Mapping[str, Any] = {}
    """What else was found."""


class Said(NamedTuple):
    """What a label says."""

    outcome: Outcome
    reason: str
    """Begins with a code where the outcome is unknown: ``unparsed``, ``no_reply``, ``undecided`` …"""
    probability: float | None = None
    evidence: Mapping[str, Any] | None = None


class LabellerParams(Strict):
    """Parameters of a labeller; each has a default."""

    retries: Annotated[int, Field(ge=0, le=3)] = 1
    """How often a reply that cannot be read is asked again, with what is wrong with it."""


class Labeller(ABC):
    """One way of asking a judge and reading it. One class a file; the file's name is the id.

    A labeller is pure: what it asks depends on its parameters and its arguments, what it reads on the replies alone.
    """

    id: ClassVar[str]
    version: ClassVar[int] = 1
    """Bumped by hand when it asks or reads otherwise."""
    Params: ClassVar[type[LabellerParams]] = LabellerParams
    logprobs: ClassVar[bool] = False
    """Whether the verdict is read from the first token's alternatives."""

    def __init__(self, params: LabellerParams | None = None) -> None:
        self.params: Any = params or self.Params()

    @property
    def stamp(self) -> str:
        """The version as labels bear it."""
        return f"{self.id}@{self.version}"

    def parameters(self) -> dict[str, Any]:
        """Gives the sampling parameters that it asks with, under their OpenAI names; the recipe's go over them."""
        return {"temperature": 0, "max_tokens": 1024}

    def fixed(self) -> frozenset[str]:
        """Gives the names of the parameters that the recipe leaves alone; it may take one away by null."""
        return frozenset()

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        """Says what is wrong with the recipe's sampling parameters for this labeller."""
        return []

    @abstractmethod
    def calls(self, constraints: int, responses: int) -> int:
        """Gives how many questions a case of this size leads to."""

    @abstractmethod
    def together(self, constraints: int, responses: int) -> int:
        """Gives how many questions that show so many settle their labels together."""

    @abstractmethod
    def questions(self, case: Case, seed: int) -> Iterator[Question]:
        """Yields the questions of a case.

        Args:
            seed: the recipe's, for what is drawn.
        """

    @abstractmethod
    def form(self, place: Place) -> str:
        """Gives the words that ask for the form of its replies, for asking again."""

    @abstractmethod
    def parse(self, place: Place, reply: RawReply) -> Read:
        """Reads one reply."""

    @abstractmethod
    def read(self, asked: Sequence[RawQuestion]) -> dict[Cell, Said]:
        """Gives the labels that questions about the same cells settle, whatever became of the questions."""


LABELLERS: Registry[Labeller] = Registry("labeller", "benchwright.labels.labellers", Labeller, "benchwright.labellers")


def make_labeller(id: str, params: Mapping[str, Any]) -> Labeller:
    """Gives a labeller with its parameters.

    Raises:
        UsageError: when no labeller has the id, naming the nearest; when parameters do not fit, with every problem.
    """
    cls = type(LABELLERS.get(id))
    read, problems = read_params(cls.Params, params, f"labeller {id!r}")
    if problems is not None:
        raise UsageError(f"the parameters of labeller {id!r} do not fit", problems)
    return cls(read)


def last_word(labeller: Labeller, question: RawQuestion) -> Read:
    """Gives what counts of a question's replies: the one that says most, of equals the latest."""
    reads = [labeller.parse(question.place, reply) for reply in question.replies]
    if not reads:
        return Read({}, f"no_reply: {question.failure or 'missing'}", mend=False)
    best = max(enumerate(reads), key=lambda found: (found[1].problem is None, len(found[1].values), found[0]))[1]
    return best if best.problem is None else best._replace(problem=f"unparsed: {best.problem}")
