"""Constraints made of others: all of them, one after the other, one of two by a condition."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from ...schemas.instruction import Instruction
from ...schemas.messages import Messages
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import Document
from ._dialogue import NOT_KNOWN
from ._drawn import CONFLICTS, SLOTS, draw_condition, draw_steps, draw_together, other_rule
from ._fit import wants_code
from ._joined import clauses, closed, condition_clause, first_clause, otherwise_clause, steps_clause
from ._parted import parts_of
from ._parts import Part, all_of, check_size, holds, met, together
from ._worded import Worded

__all__ = ["All", "Chain", "Selection"]

Parts = Annotated[tuple[Part, ...], Field(min_length=2, max_length=8)]
_ANY_WORD = "Zyxquv"
_DRAWS = 4


class AllParams(ConstraintParams):
    """Parts that must all hold."""

    parts: Parts

    @model_validator(mode="after")
    def _readable(self) -> Self:
        check_size(self.parts, 1)
        return self


class Joined(Worded):
    """A constraint whose sentence is made of others'."""

    def render(self, params: Any, language: str, variant: int = 0) -> str:
        """Words it, with one mark at the end."""
        return closed(super().render(params, language, variant))


class All(Joined):
    """Every part holds; parts are constraints of any id, compositions too."""

    id = "compose.and"
    Params = AllParams
    categories = ("Content", "Format")
    compositions = ("And",)
    one_word = True
    slots = SLOTS
    conflicts = CONFLICTS

    def sample(self, instruction: Instruction, rng: Random) -> AllParams | None:
        """Draws two or three parts that one text satisfies."""
        for _ in range(_DRAWS):
            parts = draw_together(instruction, rng, rng.choice((2, 3)))
            if parts and met(parts) is not None:
                return AllParams(parts=parts)
        return None

    def values(self, params: AllParams, language: str, variant: int) -> dict[str, Any]:
        """Joins the parts' wordings."""
        return {
            "rules": clauses(params.parts, language, variant),
            "first": first_clause(params.parts[0], language, variant),
            "more": clauses(params.parts[1:], language, variant, linked=True),
        }

    def check(self, params: AllParams, document: Document) -> Check:
        """Checks every part on the whole text."""
        if document.blank:
            return blank_check(document)
        return together(params.parts, [part.check(document) for part in params.parts])

    def witness(self, params: AllParams, rng: Random) -> Witness:
        """Gives a text for all, and one that breaks a part.

        Raises:
            ValueError: where no text is found.
        """
        joint = met(params.parts)
        return _witness(self, params, [joint] if joint else [], params.parts)


class ChainParams(ConstraintParams):
    """What each part of the answer must do, in order."""

    steps: Parts

    @model_validator(mode="after")
    def _readable(self) -> Self:
        check_size(self.steps, 1)
        if any(holds(step, Chain.id) for step in self.steps):
            raise ValueError("a chain inside a chain: their parts could not be told apart")
        return self


class Chain(Joined):
    """The answer has one part a step, between lines with *** alone, and each part does what its step asks.

    An empty part before the first such line or after the last is none; dividers in code separate nothing.
    """

    id = "compose.chain"
    Params = ChainParams
    categories = ("Format", "Content")
    compositions = ("Chain",)
    slots = SLOTS | {"lines"}
    conflicts = CONFLICTS

    def sample(self, instruction: Instruction, rng: Random) -> ChainParams | None:
        """Draws two or three steps."""
        if wants_code(instruction):
            return None
        steps = draw_steps(instruction, rng, rng.choice((2, 2, 3)))
        return ChainParams(steps=steps) if steps and all(met((step,)) is not None for step in steps) else None

    def values(self, params: ChainParams, language: str, variant: int) -> dict[str, Any]:
        """Puts the steps in order."""
        return {"count": len(params.steps), "steps": steps_clause(params.steps, language, variant)}

    def check(self, params: ChainParams, document: Document) -> Check:
        """Checks each part by its step; of a cut answer the last part is open and others may follow."""
        if document.blank:
            return blank_check(document)
        spans = parts_of(document)
        count = len(spans)
        if count > len(params.steps) or (count < len(params.steps) and not document.cut):
            reason = f"{count} parts between lines with ***; asked: {len(params.steps)}"
            return Check(Outcome.VIOLATED, reason, count, tuple(spans))
        found: list[Check] = []
        for at, (start, end) in enumerate(spans):
            open_ = document.cut and at == count - 1
            part = Document(document.text[start:end], cut=open_, messages=document.messages)
            one = params.steps[at].check(part)
            shifted = tuple((start + a, start + b) for a, b in one.spans)
            found.append(Check(one.outcome, one.reason, one.measured, shifted))
        if document.cut and all_of(one.outcome for one in found) is not Outcome.VIOLATED:
            return Check(Outcome.UNKNOWN, f"the reply was cut in part {count}", count)
        return together(params.steps, found)

    def witness(self, params: ChainParams, rng: Random) -> Witness:
        """Gives the steps' own texts, and the first of them alone.

        Raises:
            ValueError: where no text is found.
        """
        texts = [met((step,)) or _own(step).satisfies for step in params.steps]
        return _witness(self, params, ["\n***\n".join(texts)], params.steps)


class Condition(Part):
    """A constraint, and what it is said of."""

    on: Literal["response", "input"]
    """``input``: the user's last turn."""

    # A class with fields of its own gets another hash.
    def __hash__(self) -> int:
        return hash((super().__hash__(), self.on))


class SelectionParams(ConstraintParams):
    """A condition, what holds under it, and what holds otherwise: one part, or none."""

    condition: Condition
    then: Part
    otherwise: Annotated[tuple[Part, ...], Field(max_length=1)]

    @field_validator("otherwise", mode="before")
    @classmethod
    def _listed(cls, otherwise: Any) -> Any:
        return [otherwise] if isinstance(otherwise, dict) else otherwise

    @model_validator(mode="after")
    def _readable(self) -> Self:
        check_size([self.condition, self.then, *self.otherwise], 1)
        return self


class Selection(Joined):
    """Where the condition holds, ``then`` must; where it does not, ``otherwise``, if anything is asked then.

    The condition is judged on the answer, or on the user's last turn: unknown where the conversation is not known.
    """

    id = "compose.selection"
    Params = SelectionParams
    categories = ("Content", "Situation")
    compositions = ("Selection",)
    one_word = True
    slots = SLOTS
    conflicts = CONFLICTS

    def sample(self, instruction: Instruction, rng: Random) -> SelectionParams | None:
        """Draws a condition and one or two rules that fit it."""
        for _ in range(_DRAWS):
            drawn = draw_condition(instruction, rng)
            if drawn is None:
                continue
            on, condition, then = drawn
            otherwise = other_rule(instruction, rng, then) if rng.random() < 0.6 else ()
            params = SelectionParams(
                condition=Condition(checker=condition.checker, kwargs=condition.kwargs, on=on),
                then=then,
                otherwise=otherwise,
            )
            if next(self._witnesses(params), None):
                return params
        return None

    def values(self, params: SelectionParams, language: str, variant: int) -> dict[str, Any]:
        """Words the condition and the branches."""
        return {
            "condition": condition_clause(params.condition, params.condition.on, language, variant),
            "then": clauses([params.then], language, variant, linked=True, goes_on=bool(params.otherwise)),
            "otherwise": otherwise_clause(params.otherwise, language, variant),
        }

    def check(self, params: SelectionParams, document: Document) -> Check:
        """Judges the condition, then the branch that it selects; both where it is unknown."""
        if document.blank:
            return blank_check(document)
        condition = self._condition(params.condition, document)
        if condition.outcome is Outcome.SATISFIED:
            return _branch(params.then, document, "the condition holds")
        if condition.outcome is Outcome.VIOLATED and params.otherwise:
            return _branch(params.otherwise[0], document, "the condition does not hold")
        if condition.outcome is Outcome.VIOLATED:
            reason = f"the condition does not hold ({condition.reason}): nothing else is asked"
            on_text = params.condition.on == "response"
            return Check(Outcome.SATISFIED, reason, "otherwise", condition.spans if on_text else ())
        found = [part.check(document) for part in (params.then, *params.otherwise)]
        outcomes = {one.outcome for one in found} | (set() if params.otherwise else {Outcome.SATISFIED})
        outcome = outcomes.pop() if len(outcomes) == 1 else Outcome.UNKNOWN
        reason = f"whether the condition holds is unknown ({condition.reason})"
        if outcome is Outcome.UNKNOWN:
            return Check(outcome, reason)
        spans = tuple(sorted({span for one in found for span in one.spans}))
        return Check(outcome, f"{reason}; either way: {found[0].reason}", None, spans)

    def _condition(self, condition: Condition, document: Document) -> Check:
        """Judges the condition; what more text may still break does not hold for sure in a cut answer."""
        if condition.on == "input":
            if not document.messages:
                return Check(Outcome.UNKNOWN, NOT_KNOWN)
            return condition.check(Document(document.messages[-1]["content"], messages=document.messages))
        found = condition.check(document)
        if document.cut and found.outcome is Outcome.SATISFIED:
            word = Document(_ANY_WORD, cut=True, messages=document.messages)
            if condition.check(word).outcome is Outcome.SATISFIED:
                return Check(Outcome.UNKNOWN, "the reply was cut")
        return found

    def witness(self, params: SelectionParams, rng: Random) -> Witness:
        """Gives a text that does what the selected branch asks, and one that does not.

        Raises:
            ValueError: where no text is found.
        """
        found = next(self._witnesses(params), None)
        if found is None:
            raise ValueError(f"no texts are known that show {params!r:.300}")
        return found

    def _witnesses(self, params: SelectionParams) -> Iterator[Witness]:
        condition, branches = params.condition, (params.then, *params.otherwise)
        own = _own(condition)
        joint = [met((condition, params.then))] if condition.on == "response" else [met((params.then,))]
        texts = [text for text in joint if text]
        for part in branches:
            shown = _own(part)
            texts += [shown.satisfies, shown.violates]
            if condition.on == "response":
                texts += [f"{own.satisfies}\n{shown.violates}", f"{shown.violates}\n{own.satisfies}"]
        texts += [own.satisfies, own.violates]
        if condition.on == "input":
            asked: list[Messages] = [({"role": "user", "content": text},) for text in (own.satisfies, own.violates)]
        else:
            asked = [_messages((condition, *branches))]
        for messages in asked:
            found = {self.check(params, Document(text, messages=messages)).outcome: text for text in reversed(texts)}
            if Outcome.SATISFIED in found and Outcome.VIOLATED in found:
                yield Witness(found[Outcome.SATISFIED], found[Outcome.VIOLATED], messages)


def _branch(part: Part, document: Document, why: str) -> Check:
    found = part.check(document)
    return Check(found.outcome, f"{why}; {part.checker}: {found.reason}", found.measured, found.spans)


def _own(part: Part) -> Witness:
    constraint, params = part.read()
    # The same each time: what was found to show a composition when it was drawn shows it later.
    return constraint.witness(params, Random(0))


def _messages(parts: tuple[Part, ...]) -> Messages:
    """Gives the conversation that the parts' own texts answer."""
    return next((found for part in parts if (found := _own(part).messages)), ())


def _witness(whole: All | Chain, params: Any, good: list[str], parts: tuple[Part, ...]) -> Witness:
    """Tries texts until one satisfies the whole, and one violates it."""
    messages = _messages(parts)
    shown = [_own(part) for part in parts]
    texts = good + [text for one in shown for text in (one.satisfies, one.violates)]
    found = {whole.check(params, Document(text, messages=messages)).outcome: text for text in reversed(texts)}
    if Outcome.SATISFIED not in found or Outcome.VIOLATED not in found:
        raise ValueError(f"no texts are known that show {params!r:.300}")
    return Witness(found[Outcome.SATISFIED], found[Outcome.VIOLATED], messages)
