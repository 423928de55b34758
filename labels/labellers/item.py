"""One requirement a call, reasons before the verdict, and the majority of k votes.

From TICK (arXiv 2410.03608, section 3.2), which takes 5 and 15 votes.

The rule: the reply's last line that is not blank is the verdict and nothing else, with or without a label; no other
line gives the other verdict (``sampling.strategies.critique``), and no sentence says that the verdict is the other. A
reply that was cut has no last line of its own. Most votes win; a tie of those that can be read is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, field_validator

from ...sampling.strategies.critique import parse as last_line
from ...schemas.outcome import Outcome
from ...schemas.thought import visible
from .labeller import Case, Cell, Labeller, LabellerParams, Question, Read, Said, last_word
from .raw import Place, RawQuestion, RawReply
from .reading import claims
from .showing import shown, wording

__all__ = ["Item", "ItemParams"]


class ItemParams(LabellerParams):
    """How many votes."""

    votes: Annotated[int, Field(ge=1, le=31)] = 1
    """Odd. With more than one the judge draws: temperature 0.7 unless the recipe names one above 0."""

    @field_validator("votes")
    @classmethod
    def _odd(cls, votes: int) -> int:
        if votes % 2 == 0:
            raise ValueError("an even number of votes can tie: give an odd one")
        return votes


class Item(Labeller):
    """One requirement of one response in each call."""

    id = "item"
    Params = ItemParams

    def parameters(self) -> dict[str, Any]:
        """One vote is greedy, several are drawn."""
        return {"temperature": 0 if self.params.votes == 1 else 0.7, "max_tokens": 1024}

    def fixed(self) -> frozenset[str]:
        """Votes under one seed would be the same vote."""
        return frozenset({"seed"}) if self.params.votes > 1 else frozenset()

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        """Votes at temperature 0 are the same vote."""
        if self.params.votes > 1 and parameters.get("temperature", 0.7) == 0:
            return [f"{self.params.votes} votes at temperature 0 are one vote: raise the temperature, or votes: 1"]
        return []

    def calls(self, constraints: int, responses: int) -> int:
        """One a constraint, response and vote."""
        return constraints * responses * self.together(1, 1)

    def together(self, constraints: int, responses: int) -> int:
        """The votes."""
        return int(self.params.votes)

    def questions(self, case: Case, seed: int) -> Iterator[Question]:
        """Yields them response by response, so that those that begin alike follow each other."""
        for response in case.responses:
            for constraint in case.constraints:
                texts = {"response": response.text, "constraint": constraint.text}
                messages = shown("rules_v1", "item_v1", case, texts)
                for vote in range(self.params.votes):
                    drawn = {"seed": seed + vote} if self.params.votes > 1 else {}
                    yield Question(Place((response.id,), (constraint.id,), vote), messages, drawn)

    def form(self, place: Place) -> str:
        """Reasons, then one word."""
        return wording("item_form_v1")

    def parse(self, place: Place, reply: RawReply) -> Read:
        """Reads the last line."""
        text = visible(reply.text)
        if text is None:
            return Read({}, "its thought never ends")
        if reply.cut:
            return Read({}, "it was cut before its verdict")
        outcome = last_line(text)
        if any(Outcome.of(says) is not outcome for _, says in claims(text)):
            outcome = Outcome.UNKNOWN
        if outcome is Outcome.UNKNOWN:
            return Read({}, "its last line is not YES or NO alone, or it says the other, too")
        return Read({place.constraints[0]: outcome is Outcome.SATISFIED})

    def read(self, asked: Sequence[RawQuestion]) -> dict[Cell, Said]:
        """Counts the votes."""
        place = asked[0].place
        reads = [last_word(self, question) for question in asked]
        yes = sum(True in read.values.values() for read in reads)
        no = sum(False in read.values.values() for read in reads)
        return {(place.responses[0], place.constraints[0]): _majority(yes, no, reads)}


def _majority(yes: int, no: int, reads: Sequence[Read]) -> Said:
    counts = {"yes": yes, "no": no, "unread": len(reads) - yes - no}
    if not yes + no:
        return Said(Outcome.UNKNOWN, next(read.problem for read in reads if read.problem), None, counts)
    share = yes / (yes + no) if len(reads) > 1 else None
    told = f"{yes} yes, {no} no, {counts['unread']} unread"
    if yes == no:
        return Said(Outcome.UNKNOWN, f"votes_tied: {told}", share, counts)
    return Said(Outcome.of(yes > no), told, share, counts)
