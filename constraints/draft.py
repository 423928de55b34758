"""Drafting checklists: a model draws soft constraints out of each instruction, by the ways that a recipe names.

All requests of a round go to the models together, then all that follow from their answers. A way that fails for an
instruction leaves it without the items of that way; the instruction stays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

from ..errors import UsageError, nearest
from ..schemas.constraint import Constraints
from ..schemas.drop import Drop
from ..schemas.instruction import Instruction
from ..schemas.model import Failure, Model, Request
from ..schemas.outcome import Outcome
from ..schemas.recipe import ChecklistUse, ModelUse
from ..schemas.tables import frame_of
from .checklists import feedback as by_remark
from .checklists import instruction, reference, spans
from .checklists.asking import Asker, Steps
from .checklists.feedback import Remark, Statement, read_remarks
from .checklists.item import Item, Listed
from .checklists.principles import Embed, Kept, PrincipleVerdict, embedder, gate, partial_ratio
from .checklists.review import DecisionLike
from .checklists.same import Known, Vector, plain
from .soft import numbered, review, soft_row

__all__ = ["VERSIONS", "Drafted", "draft_checklists", "owed_calls"]

VERSIONS: Mapping[str, int] = {
    "instruction": instruction.VERSION,
    "reference": reference.VERSION,
    "spans": spans.VERSION,
    "feedback": by_remark.VERSION,
}
"""Versions of the prompts by way."""

Row = dict[str, Any]
_PLACE = "place"
"""Where a row stood among those drawn, while it is on its way."""

Files = Mapping[str, Sequence[Any]]
"""Rows of ``store.rows.read_rows``, by the name that ``ChecklistUse.feedback`` has for their file."""
Remarks = Mapping[str, Sequence[Remark]]
Result = Listed[Any] | Failure


class Owed(NamedTuple):
    """How often a model is asked at least; repair turns and reference answers that fail make it more or less."""

    model: str
    calls: int


@dataclass(frozen=True)
class Drafted:
    """Constraints with those that were drawn, and what became of the rest."""

    constraints: pl.DataFrame
    """Table ``Constraints``: of each instruction those given, in their positions, then those drawn."""
    drops: list[Drop]
    """Of stage ``checklist``: items left out, and instructions whose items could not be had. The record is the
    instruction, or the constraint that people rejected. No instruction leaves the flow."""
    failures: Counter[str]
    """Requests without an answer, by reason."""
    retryable: int
    """Those among them that may have one when they are asked again."""
    notes: Counter[str]
    """What happened: ``written`` (items read or left out), ``drawn`` (those that became constraints), ``repaired``,
    ``unknown_type:NAME``, ``overlap:FIRST:SECOND`` (a way wrote what an earlier one has), ``feedback:GATE``, and what
    the review came to."""
    verdicts: list[PrincipleVerdict] = field(default_factory=list)
    """Of checklist ``feedback``: what annotators agree on, of the responses they saw."""


@dataclass
class _Account:
    """What a draft is charged with as it goes."""

    drops: list[Drop] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)

    def leave(self, record: str, reason: str, detail: str) -> None:
        self.drops.append(Drop("checklist", record, reason, detail))


class _Candidate(NamedTuple):
    """An item that may become a constraint."""

    instruction_id: str
    item: Item
    witness: Kept | None = None


def owed_calls(
    uses: Sequence[ChecklistUse], instructions: Sequence[Instruction], feedback: Files | None = None
) -> list[Owed]:
    """Gives how often each model is asked, repair turns left out: these are at most as many as the lists asked for.

    Raises:
        InputError: when rows of feedback cannot be read.
    """
    calls: Counter[str] = Counter()
    remarks = _remarks(uses, instructions, feedback or {}, _Account())
    for use in uses:
        lists = len(remarks[use.feedback or ""]) if use.id == "feedback" else len(instructions)
        calls[use.model.id] += lists
        if use.id == "reference":
            calls[(use.answers or use.model).id] += lists
    return [Owed(model, count) for model, count in calls.items()]


def _remarks(
    uses: Sequence[ChecklistUse], instructions: Sequence[Instruction], feedback: Files, account: _Account
) -> Remarks:
    """Gives the remarks on these instructions by file; those on others are charged."""
    found: dict[str, Sequence[Remark]] = {}
    for name in dict.fromkeys(use.feedback for use in uses if use.feedback is not None):
        if name not in feedback:
            raise UsageError(f"the rows of {name} were not handed in: {nearest(name, list(feedback))}")
        read = read_remarks(feedback[name], name, instructions)
        found[name] = read.remarks
        account.drops += read.drops
    return found


def _steps(
    use: ChecklistUse, asker: Callable[[ModelUse], Asker], instructions: Sequence[Instruction], remarks: Remarks
) -> Iterator[tuple[str, Steps[Any]]]:
    """Yields for each list that is wanted its instruction's id and the steps that lead to it."""
    ask = asker(use.model)
    if use.id == "feedback":
        by = {one.id: one for one in instructions}
        for remark in remarks[use.feedback or ""]:
            yield remark.instruction_id, by_remark.draft(ask, by[remark.instruction_id], remark, use.most)
        return
    for one in instructions:
        if use.id == "reference":
            yield one.id, reference.draft(ask, asker(use.answers or use.model), one, use.most)
        else:
            yield one.id, (instruction if use.id == "instruction" else spans).draft(ask, one, use.most)


def _run(steps: Sequence[Steps[Any]], model: Model) -> tuple[list[Result], dict[str, Failure]]:
    """Takes all steps, a round at a time; gives what each ended with, and the failures by request."""
    results: dict[int, Result] = {}
    failures: dict[str, Failure] = {}
    waiting: dict[int, Request] = {at: next(one) for at, one in enumerate(steps)}
    while waiting:
        requests = {request.key: request for request in waiting.values()}
        answers = model.answer(list(requests.values()))
        following: dict[int, Request] = {}
        for at, request in waiting.items():
            answer = answers.get(request.key) or Failure("missing", "no answer was given", permanent=False)
            if isinstance(answer, Failure):
                failures[request.key] = answer
            try:
                following[at] = steps[at].send(answer)
            except StopIteration as end:
                results[at] = end.value
        waiting = following
    return [results[at] for at in range(len(steps))], failures


def _read(id: str, way: str, result: Result, account: _Account) -> tuple[Any, ...]:
    """Gives what a list holds; what it lacks and leaves out is charged."""
    if isinstance(result, Failure):
        account.leave(id, "no_answer", f"{way}: {result.reason}: {result.detail}")
        return ()
    account.notes.update(result.notes)
    if result.problem is not None:
        account.leave(id, "unparsed", f"{way}: {result.problem}, twice")
        return ()
    for one in result.left:
        account.leave(id, one.reason, f"{way}: {one.text[:200]}")
    account.notes["written"] += len(result.items) + len(result.left)
    return result.items


def _principles(
    use: ChecklistUse, found: Sequence[Statement], embed: Embed, remarks: Remarks, account: _Account
) -> list[_Candidate]:
    """Gives the principles that pass the gates, of each instruction as many as it may get."""
    gated = gate(found, embed, remarks=remarks[use.feedback or ""])
    account.notes.update({f"feedback:{name}": count for name, count in gated.counts.items() if count})
    for refused in gated.refused:
        account.leave(refused.statement.remark.instruction_id, f"principle:{refused.gate}", refused.detail)
    candidates = []
    texts: dict[str, set[str]] = defaultdict(set)
    for kept in gated.kept:
        said = kept.statement
        id, known = said.remark.instruction_id, texts[said.remark.instruction_id]
        if plain(said.principle) not in known and len(known) == use.most:
            account.leave(id, "too_many", f"feedback: {said.principle[:200]}")
            continue
        known.add(plain(said.principle))
        candidates.append(_Candidate(id, Item(said.principle, said.categories, said.compositions), kept))
    return candidates


class _Gathering:
    """Items as they become constraints: each that says something new.

    Attributes:
        rows: of ``Constraints`` without id and position.
    """

    def __init__(self, constraints: pl.DataFrame, vectors: Mapping[str, Vector], account: _Account) -> None:
        self.rows: list[Row] = []
        self.witnesses: list[tuple[int, Kept]] = []
        """Places among the rows, with those who bear witness."""
        self._account, self._vectors = account, vectors
        self._known: dict[str, Known] = defaultdict(Known)
        self._spans: dict[tuple[str, Any], str] = {}
        self._at: dict[tuple[str, str], int] = {}
        for row in constraints.iter_rows(named=True):
            self._note(row, "given")

    def _note(self, row: Row, origin: str) -> None:
        self._known[row["instruction_id"]].add(row["text"], origin, self._vectors.get(row["text"]))
        if row["span"] is not None:
            self._spans.setdefault((row["instruction_id"], tuple(row["span"].values())), origin)

    def add(self, use: ChecklistUse, candidate: _Candidate) -> None:
        """Takes an item, or leaves it out as one that is there already."""
        id, item = candidate.instruction_id, candidate.item
        same = self._known[id].same(item.text, self._vectors.get(item.text))
        if same is None and item.span is not None and (id, tuple(item.span)) in self._spans:
            same = "the same words of the user", self._spans[id, tuple(item.span)]
        if same is None:
            row = soft_row(id, item, use.id, VERSIONS[use.id], use.model.id)
            self._at[id, item.text] = len(self.rows)
            self.rows.append(row)
            self._note(row, use.id)
            text = item.text
        else:
            text, origin = same
            self._account.leave(id, "duplicate_item", f"{use.id}: {item.text[:200]} | {origin}: {text[:200]}")
            self._account.notes[f"overlap:{origin}:{use.id}"] += 1
        if candidate.witness is not None and (id, text) in self._at:
            self.witnesses.append((self._at[id, text], candidate.witness))


def _verdicts(
    rows: Sequence[Row], drawn: Sequence[Row], witnesses: Sequence[tuple[int, Kept]]
) -> list[PrincipleVerdict]:
    """Gives what annotators agree on, for the principles that are left as they said them.

    Args:
        rows: after the review, each with its place among those drawn.
    """
    now = {row[_PLACE]: row for row in rows if row["text"] == drawn[row[_PLACE]]["text"]}
    said: dict[tuple[int, str], list[Kept]] = defaultdict(list)
    for at, kept in witnesses:
        if at in now:
            said[at, kept.statement.remark.response].append(kept)
    verdicts = []
    for (at, response), kepts in said.items():
        outcomes = {Outcome.of(kept.statement.verdict == "yes") for kept in kepts}
        outcome = outcomes.pop() if len(outcomes) == 1 else Outcome.UNKNOWN
        row = now[at]
        verdicts.append(PrincipleVerdict(row["instruction_id"], row["id"], response, outcome, kepts[0].annotators))
    return verdicts


def _embedders(uses: Sequence[ChecklistUse], embed: Embed | None) -> list[Embed | None]:
    """Gives by use what makes vectors for principles; what is missing is told before anything is paid for."""
    found: list[Embed | None] = []
    for use in uses:
        if use.id != "feedback":
            found.append(None)
            continue
        partial_ratio("", "")
        if embed is None and use.embedder is None:
            raise UsageError("checklist 'feedback' tells principles alike by vectors: set its key embedder")
        found.append(embed or embedder(use.embedder or ""))
    return found


def _ask(
    uses: Sequence[ChecklistUse],
    asker: Callable[[ModelUse], Asker],
    instructions: Sequence[Instruction],
    remarks: Remarks,
    model: Model,
    embeds: Sequence[Embed | None],
    account: _Account,
) -> tuple[list[list[_Candidate]], dict[str, Failure]]:
    """Gives by use what may become constraints, in the order of the instructions, and the requests that failed."""
    wanted = [[*_steps(use, asker, instructions, remarks)] for use in uses]
    results, failures = _run([steps for each in wanted for _, steps in each], model)
    following = iter(results)
    candidates: list[list[_Candidate]] = []
    for use, each, embed in zip(uses, wanted, embeds, strict=True):
        read = [(id, _read(id, use.id, next(following), account)) for id, _ in each]
        if embed is not None:
            said = [statement for _, found in read for statement in found]
            candidates.append(_principles(use, said, embed, remarks, account))
        else:
            candidates.append([_Candidate(id, item) for id, items in read for item in items])
    return candidates, failures


def draft_checklists(
    instructions: Sequence[Instruction],
    constraints: pl.DataFrame,
    uses: Sequence[ChecklistUse],
    model: Model,
    revisions: Mapping[str, str],
    seed: int,
    feedback: Files | None = None,
    decisions: Sequence[DecisionLike] = (),
    embed: Embed | None = None,
) -> Drafted:
    """Draws soft constraints, leaves out those that are there already, and applies what people decided on them.

    What a model is shown is ``source_messages``: attached constraints are no part of it and need no item.

    Args:
        constraints: table ``Constraints``, as the instructions have them already.
        uses: ways in their order: of items that say the same the first stays.
        model: answers requests for all models named.
        revisions: what pins each model, by id.
        seed: the recipe's; each request's ``seed``, unless its parameters set one.
        feedback: rows of people's remarks, as ``checklists.feedback.read_remarks`` takes them.
        decisions: of people, on items drawn before.
        embed: gives vectors; with it items are also told alike by meaning, and it takes the place of the embedders
            that uses name.

    Raises:
        UsageError: for checklist ``feedback`` without vectors, rows or what they need installed; nothing was asked.
        InputError: when rows of feedback cannot be read; nothing was asked.
        ModelError: when a model cannot be asked at all; what was answered is kept.
    """
    account = _Account()
    remarks = _remarks(uses, instructions, feedback or {}, account)

    def asker(use: ModelUse) -> Asker:
        return Asker(use, revisions[use.id], seed)

    embeds = _embedders(uses, embed)
    candidates, failures = _ask(uses, asker, instructions, remarks, model, embeds, account)
    vectors: dict[str, Vector] = {}
    if embed is not None:
        texts = [*constraints["text"], *(one.item.text for each in candidates for one in each)]
        vectors = dict(zip(dict.fromkeys(texts), embed([*dict.fromkeys(texts)]), strict=True)) if texts else {}
    gathering = _Gathering(constraints, vectors, account)
    for use, each in zip(uses, candidates, strict=True):
        for candidate in each:
            gathering.add(use, candidate)
    first = dict(constraints.group_by("instruction_id").agg(pl.col("position").max() + 1).iter_rows())
    placed = [{**row, _PLACE: at} for at, row in enumerate(gathering.rows)]
    reviewed = review(numbered(placed, first), decisions, first)
    account.notes.update(reviewed.notes)
    account.notes["drawn"] += len(reviewed.rows)
    verdicts = _verdicts(reviewed.rows, gathering.rows, gathering.witnesses)
    return Drafted(
        _joined(instructions, constraints, reviewed.rows),
        [*account.drops, *reviewed.drops],
        Counter(failure.reason for failure in failures.values()),
        sum(not failure.permanent for failure in failures.values()),
        account.notes,
        verdicts,
    )


def _joined(instructions: Sequence[Instruction], constraints: pl.DataFrame, rows: Sequence[Row]) -> pl.DataFrame:
    """Gives all constraints, by instruction in the order of the instructions, then by position."""
    drawn = [{name: value for name, value in row.items() if name != _PLACE} for row in rows]
    names = Constraints.column_names()
    both = pl.concat([constraints.select(names), frame_of(Constraints, drawn).select(names)])
    order = {one.id: at for at, one in enumerate(instructions)}
    place = pl.Series([order.get(id, len(order)) for id in both["instruction_id"]], dtype=pl.Int64)
    sorted_ = both.with_columns(place.alias(_PLACE)).sort(_PLACE, "instruction_id", "position", maintain_order=True)
    return sorted_.drop(_PLACE)
