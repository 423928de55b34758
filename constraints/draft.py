"""Drafting checklists: a model draws soft constraints out of each instruction, by the ways that a recipe names.

All requests of a round go to the models together, then all that follow from their answers. A way that fails for an
instruction leaves it without the items of that way; the instruction stays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ..errors import UsageError, nearest
from ..schemas.drop import Drop
from ..schemas.instruction import Instruction
from ..schemas.model import Failure, Model
from ..schemas.principle import Principles
from ..schemas.recipe import ChecklistUse, ModelUse
from ..schemas.tables import frame_of
from .checklists import feedback as by_remark
from .checklists import instruction, reference, spans
from .checklists.asking import MISSING, Asker, Result, Steps, ask_all
from .checklists.feedback import Remark, Statement, read_remarks
from .checklists.item import Item
from .checklists.principles import Embed, PrincipleVerdict, embedder, gate, partial_ratio
from .checklists.review import DecisionLike
from .checklists.same import Vector, plain
from .gathering import Account, Candidate, Gathering, joined, placed, principle_verdicts
from .soft import numbered, review

__all__ = ["VERSIONS", "Drafted", "draft_checklists", "lists_to_come"]

VERSIONS: Mapping[str, int] = {
    "instruction": instruction.VERSION,
    "reference": reference.VERSION,
    "spans": spans.VERSION,
    "feedback": by_remark.VERSION,
}
"""Versions of the prompts by way."""

Files = Mapping[str, Sequence[Any]]
"""Rows of ``store.rows.read_rows``, by the name that ``ChecklistUse.feedback`` has for their file."""
Remarks = Mapping[str, Sequence[Remark]]


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

    def principles(self) -> pl.DataFrame:
        """Gives the verdicts as table ``Principles``, sorted by its key."""
        rows = [
            {**one._asdict(), "outcome": one.outcome.value, "annotators": len(one.annotators), "quotes": [*one.quotes]}
            for one in self.verdicts
        ]
        return frame_of(Principles, rows).sort("constraint_id", "response")


def _remarks(
    uses: Sequence[ChecklistUse], instructions: Sequence[Instruction], feedback: Files, account: Account
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


def _read(id: str, way: str, result: Result, account: Account) -> tuple[Any, ...]:
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
    use: ChecklistUse, found: Sequence[Statement], embed: Embed, remarks: Remarks, account: Account
) -> list[Candidate]:
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
        candidates.append(
            Candidate(id, Item(said.principle, said.categories, said.compositions), VERSIONS[use.id], kept)
        )
    return candidates


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


def lists_to_come(
    uses: Sequence[ChecklistUse],
    instructions: Sequence[Instruction],
    stored: Model,
    revisions: Mapping[str, str],
    seed: int,
    feedback: Files | None = None,
) -> Counter[str]:
    """Goes as far as stored answers lead; gives how many lists wait for an answer at hand, by the model that is asked.

    Args:
        stored: gives stored answers, and notes the requests that have none.
    """
    asker = _askers(revisions, seed)
    remarks = _remarks(uses, instructions, feedback or {}, Account())
    steps = [one for use in uses for _, one in _steps(use, asker, instructions, remarks)]
    lacking = {key for key, failure in ask_all(steps, stored).failures.items() if failure.reason == MISSING}
    return Counter(
        use.model.id
        for use in uses
        if use.id == "reference"
        for one in instructions
        if asker(use.answers or use.model).request(one.source_messages).key in lacking
    )


def _askers(revisions: Mapping[str, str], seed: int) -> Callable[[ModelUse], Asker]:
    return lambda use: Asker(use, revisions[use.id], seed)


def _drawn(
    uses: Sequence[ChecklistUse],
    wanted: Sequence[Sequence[str]],
    results: Sequence[Result],
    remarks: Remarks,
    embeds: Sequence[Embed | None],
    account: Account,
) -> list[list[Candidate]]:
    """Gives by use what may become constraints, in the order of the instructions.

    Args:
        wanted: by use the instruction of each list; results: of all of them in order.
    """
    following = iter(results)
    candidates: list[list[Candidate]] = []
    for use, ids, embed in zip(uses, wanted, embeds, strict=True):
        read = [(id, _read(id, use.id, next(following), account)) for id in ids]
        if embed is not None:
            said = [statement for _, found in read for statement in found]
            candidates.append(_principles(use, said, embed, remarks, account))
        else:
            version = VERSIONS[use.id]
            candidates.append([Candidate(id, item, version) for id, items in read for item in items])
    return candidates


def _gathered(
    uses: Sequence[ChecklistUse],
    candidates: Sequence[Sequence[Candidate]],
    constraints: pl.DataFrame,
    embed: Embed | None,
    account: Account,
) -> Gathering:
    """Takes what says something new, use by use; by meaning, too, where there are vectors for all texts."""
    vectors: dict[str, Vector] = {}
    if embed is not None:
        texts = list(dict.fromkeys([*constraints["text"], *(one.item.text for each in candidates for one in each)]))
        vectors = dict(zip(texts, embed(texts), strict=True)) if texts else {}
    gathering = Gathering(constraints, vectors, account)
    for use, each in zip(uses, candidates, strict=True):
        for candidate in each:
            gathering.add(use, candidate)
    return gathering


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
        revisions: what pins each model, by id.
        seed: the recipe's; each request's ``seed``, unless its parameters set one.
        feedback: rows of people's remarks.
        decisions: of people, on items drawn before.
        embed: gives vectors, in place of the embedders that uses name; items are then told alike by meaning, too.

    Raises:
        UsageError, InputError: for ``feedback`` without vectors, or rows that can be read; nothing was asked.
        ModelError: when a model cannot be asked at all; what was answered is kept.
    """
    account = Account()
    remarks = _remarks(uses, instructions, feedback or {}, account)
    embeds = _embedders(uses, embed)
    wanted = [[*_steps(use, _askers(revisions, seed), instructions, remarks)] for use in uses]
    asked = ask_all([steps for each in wanted for _, steps in each], model)
    ids = [[id for id, _ in each] for each in wanted]
    candidates = _drawn(uses, ids, asked.results, remarks, embeds, account)
    gathering = _gathered(uses, candidates, constraints, embed, account)
    return _reviewed(instructions, constraints, gathering, decisions, asked.failures.values(), account)


def _reviewed(
    instructions: Sequence[Instruction],
    constraints: pl.DataFrame,
    gathering: Gathering,
    decisions: Sequence[DecisionLike],
    failures: Collection[Failure],
    account: Account,
) -> Drafted:
    """Applies the decisions and adds up."""
    first = dict(constraints.group_by("instruction_id").agg(pl.col("position").max() + 1).iter_rows())
    reviewed = review(numbered(placed(gathering.rows), first), decisions, first)
    account.notes.update(reviewed.notes)
    account.notes["drawn"] += len(reviewed.rows)
    return Drafted(
        joined(instructions, constraints, reviewed.rows),
        [*account.drops, *reviewed.drops],
        Counter(failure.reason for failure in failures),
        sum(not failure.permanent for failure in failures),
        account.notes,
        principle_verdicts(reviewed.rows, gathering.rows, gathering.witnesses),
    )
