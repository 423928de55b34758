"""One word a call, its probability read from the first token (RocketEval, arXiv 2503.05142): p(yes) among yes and no.

The rule, from the paper's code: a token counts as yes or no when it is that word, in any case, with white space around
it; marks around it do not matter here, either. Of several variants the likeliest counts; p = e^yes / (e^yes + e^no).
Where one of the two is not among the tokens that the server lists, p is 0 or 1. Where neither is, and where p is within
0.001 of a half, the label is unknown; the code takes the former for 0.5, which nobody said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ...schemas.outcome import Outcome
from ..scores import yes_probability
from .labeller import Case, Cell, Labeller, LabellerParams, Question, Read, Said, last_word
from .raw import Place, RawQuestion, RawReply
from .reading import yes_or_no
from .showing import shown, wording

__all__ = ["Token", "TokenParams"]

_AROUND = re.compile(r"^[\W_ĠĊ]+|[\W_Ċ]+$")
UNDECIDED = 1e-3
"""Distance from a half below which nothing is said."""


class TokenParams(LabellerParams):
    """How many tokens the server lists."""

    top_logprobs: Annotated[int, Field(ge=2, le=100)] = 20
    """OpenAI lists 20 at most, and 5 for completions."""


class WordLogprobs(Labeller):
    """One requirement of one response in each call, answered by one token."""

    id: ClassVar[str] = ""
    Params = TokenParams
    logprobs = True
    rules: ClassVar[str]
    """The name of the system message's text."""
    question: ClassVar[str]
    """The name of the question's text."""

    def parameters(self) -> dict[str, Any]:
        """One token, greedy, with its alternatives."""
        return {"temperature": 0, "max_tokens": 1, "logprobs": True, "top_logprobs": self.params.top_logprobs}

    def fixed(self) -> frozenset[str]:
        """The whole of it is the method."""
        return frozenset({*self.parameters(), "max_completion_tokens"})

    def calls(self, constraints: int, responses: int) -> int:
        """One a constraint and response."""
        return constraints * responses

    def together(self, constraints: int, responses: int) -> int:
        """Each by itself."""
        return 1

    def questions(self, case: Case, seed: int) -> Iterator[Question]:
        """Yields them response by response, the constraint last in each, so that those that begin alike follow."""
        for response in case.responses:
            for constraint in case.constraints:
                texts = {"response": response.text, "constraint": constraint.text}
                messages = shown(self.rules, self.question, case, texts)
                yield Question(Place((response.id,), (constraint.id,)), messages)

    def form(self, place: Place) -> str:
        """One word."""
        return wording("word_form_v1")

    def parse(self, place: Place, reply: RawReply) -> Read:
        """Reads the log-probabilities of yes and no; each is null where it is not listed."""
        if reply.top is None:
            return Read({}, "the server gave no log-probabilities", mend=False)
        yes, no = (_best(reply.top, word) for word in (True, False))
        if yes is None and no is None:
            return Read({}, f"neither yes nor no is among the {len(reply.top)} likeliest first tokens")
        return Read({place.constraints[0]: (yes, no)}, notes={"likeliest": max(value for _, value in reply.top)})

    def read(self, asked: Sequence[RawQuestion]) -> dict[Cell, Said]:
        """Turns them into a label."""
        (question,) = asked
        cell = question.responses[0], question.constraints[0]
        read = last_word(self, question)
        if cell[1] not in read.values:
            return {cell: Said(Outcome.UNKNOWN, read.problem or "unparsed: no verdict")}
        yes, no = read.values[cell[1]]
        return {cell: self.said(yes, no, read.notes["likeliest"])}

    def said(self, yes: float | None, no: float | None, likeliest: float) -> Said:
        """Gives the label that log-probabilities make.

        Args:
            yes, no: not both null.
            likeliest: the highest log-probability listed.
        """
        p = yes_probability(yes, no)
        assert p is not None
        evidence = {"yes": yes, "no": no}
        if abs(p - 0.5) < UNDECIDED:
            return Said(Outcome.UNKNOWN, f"undecided: p(yes) is {p:.4f}", p, evidence)
        return Said(Outcome.of(p > 0.5), f"p(yes) is {p:.4f}", p, evidence)


def _best(top: Sequence[tuple[str, float]], word: bool) -> float | None:
    return max((value for token, value in top if _word(token) is word), default=None)


def _word(token: str) -> bool | None:
    """Reads a token; some servers give it as the tokenizer writes it, with a letter for white space."""
    return yes_or_no(_AROUND.sub("", token))


class Token(WordLogprobs):
    """Yes or no to a requirement."""

    id = "token"
    rules = "rules_v1"
    question = "token_v1"
