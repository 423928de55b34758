"""Labels by judges: what is asked of which model, asked again where a reply cannot be read, and read into labels."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

from ..sampling.judging import by_code
from ..schemas.canonical import canonical_json
from ..schemas.instruction import Instruction
from ..schemas.label import Labels
from ..schemas.messages import Messages
from ..schemas.model import Answer, Failure, Model, OnAnswer, Request
from ..schemas.recipe import JudgeUse
from ..schemas.tables import frame_of
from .judges import Judge, make_judges
from .labellers.labeller import Case, Cell, Question, Said, Text, make_labeller
from .labellers.raw import Raw, RawQuestion, RawReply, kept
from .labellers.repair import asked_again
from .rereading import MISSING, NotDerivable, ReadAgain, first_order, read_again

__all__ = [
    "Calls",
    "Judged",
    "NotDerivable",
    "ReadAgain",
    "estimate_calls",
    "is_over",
    "judge_labels",
    "read_again",
]

WINDOW = 20_000
"""Questions asked together: their prompts and replies are held at once."""

Row = dict[str, Any]


class Judged(NamedTuple):
    """What judging came to."""

    labels: pl.DataFrame
    """Table ``Labels``, sorted by instruction, response, constraint's position and rater."""
    failures: Counter[str]
    """Requests without a reply, by reason; equal requests are one."""
    retryable: int
    """Those of them that may succeed when they are asked again."""
    unparsed: int
    """Questions whose replies say nothing, or not all they were asked, to the last."""


class Calls(NamedTuple):
    """Requests that one judge leads to."""

    model: str
    labeller: str
    calls: int
    """Without asking again."""
    most: int
    """Where every reply has to be asked again as often as allowed."""


@dataclass(eq=False)
class _Open:
    """A question under way."""

    judge: Judge
    instruction: str
    question: Question
    messages: Messages
    """Those of the next request."""
    replies: list[RawReply] = field(default_factory=list)
    failure: str | None = None
    settled: bool = False
    """Whether a reply says all it was asked."""

    def request(self) -> Request:
        return self.judge.request(self.question, self.messages)

    def take(self, answer: Answer | None) -> bool:
        """Takes the answer to the request; tells whether to ask again."""
        if answer is None or isinstance(answer, Failure):
            self.failure = "missing" if answer is None else answer.reason
            return False
        labeller, place = self.judge.labeller, self.question.place
        reply = kept(answer, labeller.logprobs)
        self.replies.append(reply)
        read = labeller.parse(place, reply)
        self.settled = self.settled or read.problem is None
        if read.problem is None or not read.mend or len(self.replies) > labeller.params.retries:
            return False
        self.messages = asked_again(self.messages, reply.text, read.problem, labeller.form(place))
        return True

    def raw(self) -> RawQuestion:
        place = self.question.place
        return RawQuestion(**place._asdict(), replies=tuple(self.replies), failure=self.failure)


class _Tables:
    """What is judged, by instruction."""

    def __init__(
        self, instructions: pl.DataFrame | Sequence[Instruction], constraints: pl.DataFrame, responses: pl.DataFrame
    ) -> None:
        asked: Iterable[tuple[str, Any]]
        if isinstance(instructions, pl.DataFrame):
            asked = instructions.select("id", "messages").iter_rows()
        else:
            asked = ((instruction.id, instruction.messages) for instruction in instructions)
        self.messages: dict[str, Messages] = {id: tuple(messages) for id, messages in asked}
        self.constraints: dict[str, list[Row]] = defaultdict(list)
        self.positions: dict[str, int] = {}
        for row in constraints.sort("instruction_id", "position").iter_rows(named=True):
            self.constraints[row["instruction_id"]].append(row)
            self.positions[row["id"]] = row["position"]
        self.texts: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
        for instruction, id, text in responses.select("instruction_id", "id", "text").sort("id").iter_rows():
            self.texts[instruction].append((id, text))

    def case(self, instruction: str, judge: Judge) -> Case:
        """Gives what one judge is shown of an instruction."""
        rows = [row for row in self.constraints[instruction] if is_over(judge.use, row)]
        return Case(
            instruction,
            self.messages[instruction],
            tuple(Text(row["id"], row["text"]) for row in rows),
            tuple(Text(id, text) for id, text in self.texts[instruction] if text is not None),
        )

    def place(self, row: Row) -> tuple[str, str, int, str]:
        """Gives what labels are sorted by."""
        return row["instruction_id"], row["response_id"], self.positions[row["constraint_id"]], row["rater_id"]


def judge_labels(
    instructions: pl.DataFrame | Sequence[Instruction],
    constraints: pl.DataFrame,
    responses: pl.DataFrame,
    uses: Sequence[JudgeUse],
    model: Model,
    revisions: Mapping[str, str],
    seed: int,
    on_answer: OnAnswer | None = None,
    window: int = WINDOW,
) -> Judged:
    """Gives a label per (response, constraint, judge) for the constraints that each judge is to label.

    A response without a text is unknown, and is shown to nobody. The labels do not hang on the order of any rows.

    Args:
        instructions: table ``Instructions`` (``id`` and ``messages`` are read), or its records.
        constraints: table ``Constraints``.
        responses: table ``Responses``.
        uses: the judges.
        model: answers the requests of all of them.
        revisions: by model id.
        seed: the recipe's: draws the orders of joint judging, and seeds votes.
        on_answer: called for each request.
        window: questions asked together at least; all judges are asked at once.

    Raises:
        UsageError: when judges cannot be used as given, with every problem.
        ModelError: when a model cannot be asked at all.
    """
    judges, tally = make_judges(uses, revisions), _Tally()
    tables = _Tables(instructions, constraints, responses)
    rows: list[Row] = []
    for missing, questions in _windows(judges, tables, seed, window):
        rows += missing
        rows += _settle(questions, model, on_answer, tally)
    rows.sort(key=tables.place)
    return Judged(frame_of(Labels, rows), tally.failures, tally.retryable, tally.unparsed)


def _windows(
    judges: Sequence[Judge], tables: _Tables, seed: int, window: int
) -> Iterator[tuple[list[Row], list[_Open]]]:
    """Yields the labels that nobody is asked for, and the questions that are asked together."""
    rows: list[Row] = []
    waiting: list[_Open] = []
    for instruction in sorted(tables.messages):
        for judge in judges:
            case = tables.case(instruction, judge)
            rows += _missing(judge, case, tables.texts[instruction])
            waiting += [_Open(judge, instruction, one, one.messages) for one in judge.labeller.questions(case, seed)]
        if len(waiting) >= window:
            yield rows, waiting
            rows, waiting = [], []
    yield rows, waiting


def is_over(use: JudgeUse, row: Mapping[str, Any]) -> bool:
    """Tells whether a judge labels a constraint: ``kind`` and ``checker`` of a row are read."""
    soft: bool = row["kind"] == "soft"
    return {"soft": soft, "unchecked": not by_code(row), "all": True}[use.over]


def _missing(judge: Judge, case: Case, texts: Iterable[tuple[str, str | None]]) -> Iterator[Row]:
    for id, text in texts:
        if text is None:
            for constraint in case.constraints:
                yield _row(judge, case.instruction_id, (id, constraint.id), MISSING, None, None)


class _Tally:
    """Counts what went wrong."""

    def __init__(self) -> None:
        self.failures: Counter[str] = Counter()
        self.retryable = 0
        self.unparsed = 0
        self._failed: set[str] = set()

    def count(self, key: str, answer: Answer | None) -> None:
        """Counts a request's failure once."""
        if (answer is None or isinstance(answer, Failure)) and key not in self._failed:
            self._failed.add(key)
            self.failures["missing" if answer is None else answer.reason] += 1
            self.retryable += answer is None or not answer.permanent


def _settle(questions: Sequence[_Open], model: Model, on_answer: OnAnswer | None, tally: _Tally) -> list[Row]:
    """Asks, asks again what cannot be read, and gives the labels."""
    left = list(questions)
    while left:
        requests = [(one, one.request()) for one in left]
        answers = model.answer(list({request.key: request for _, request in requests}.values()), on_answer)
        left = []
        for one, request in requests:
            answer = answers.get(request.key)
            tally.count(request.key, answer)
            if one.take(answer):
                left.append(one)
    tally.unparsed += sum(bool(one.replies) and not one.settled for one in questions)
    together: dict[tuple[str, str, tuple[Cell, ...]], list[_Open]] = defaultdict(list)
    for one in questions:
        together[one.judge.rater, one.instruction, one.question.cells].append(one)
    return [row for group in together.values() for row in _rows(group)]


def _rows(group: Sequence[_Open]) -> Iterator[Row]:
    """Yields the labels that questions settle together. They are read from what is stored, as an audit reads them."""
    judge, labeller = group[0].judge, group[0].judge.labeller
    raw = Raw(
        labeller=labeller.id,
        version=labeller.version,
        params=labeller.params.model_dump(mode="json"),
        asked=[one.raw() for one in group],
    )
    stored = canonical_json(raw)
    read = Raw.model_validate_json(stored)
    order = first_order(read)
    for cell, said in labeller.read(read.asked).items():
        yield _row(judge, group[0].instruction, cell, said, stored, order)


def _row(
    judge: Judge, instruction: str, cell: Cell, said: Said, stored: str | None, order: list[int] | None
) -> dict[str, Any]:
    return {
        "instruction_id": instruction,
        "response_id": cell[0],
        "constraint_id": cell[1],
        "rater_id": judge.rater,
        "rater_kind": "judge",
        "outcome": said.outcome.value,
        "probability": said.probability,
        "reason": said.reason,
        "evidence": None if said.evidence is None else canonical_json(said.evidence),
        "raw_reply": stored,
        "order": order,
        "version": judge.labeller.stamp,
    }


def estimate_calls(uses: Sequence[JudgeUse], constraints: pl.DataFrame, responses: Mapping[str, int]) -> list[Calls]:
    """Gives what judges will ask, before there are responses. Equal texts are asked once, and so fewer.

    Args:
        uses: the judges, checked.
        constraints: table ``Constraints``; ``instruction_id``, ``kind`` and ``checker`` are read.
        responses: responses by instruction id.
    """
    rows = constraints.select("instruction_id", "kind", "checker").to_dicts()
    found = []
    for use in uses:
        labeller = make_labeller(use.id, use.params)
        each = Counter(row["instruction_id"] for row in rows if is_over(use, row))
        calls = sum(labeller.calls(count, responses.get(id, 0)) for id, count in each.items())
        found.append(Calls(use.model.id, use.id, calls, calls * (1 + int(labeller.params.retries))))
    return found
