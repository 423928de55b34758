"""Constraints as parts of others: ``{"checker": id, "kwargs": {...}}``, read when the whole's parameters are read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from ...errors import UsageError, nearest
from ...schemas.canonical import canonical_json
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, VerifiableConstraint
from ..document import Document, Span
from ..joint import joint_witness
from ..run import read_params

__all__ = ["NESTING", "Part", "all_of", "check_size", "holds", "met", "nested", "together"]

DEPTH = 4
"""Compositions inside each other."""
LEAVES = 8
"""Parts that are no compositions, in all."""
_JSON_DEPTH = 40
_JSON_VALUES = 20_000
NESTING: dict[str, tuple[str, ...]] = {
    "compose.and": ("parts",),
    "compose.chain": ("steps",),
    "compose.selection": ("condition", "then", "otherwise"),
    "turns.keeps_rule": (),
}
"""Constraints whose parameters hold parts, and where; one without names is itself a part with more around it."""
_TRIES = 60


class Part(ConstraintParams):
    """A constraint of any id and its parameters, kept as plain JSON."""

    checker: Annotated[str, Field(min_length=1, max_length=100)]
    kwargs: dict[str, Any]

    @field_validator("kwargs")
    @classmethod
    def _json(cls, kwargs: dict[str, Any]) -> dict[str, Any]:
        _check_json(kwargs)
        return {name: value for name, value in kwargs.items() if value is not None}

    @model_validator(mode="after")
    def _readable(self) -> Self:
        check_size([self])
        try:
            self.read()
        except UsageError as error:
            raise ValueError(str(error)) from None
        except ValidationError as error:
            raise ValueError(f"{self.checker}: {_first(error, self)}") from None
        return self

    # Plain JSON has no hash of its own.
    def __hash__(self) -> int:
        return hash((self.checker, canonical_json(self.kwargs)))

    def read(self) -> tuple[VerifiableConstraint, Any]:
        """Gives the constraint and its own parameters."""
        return read_params(self.checker, canonical_json(self.kwargs))

    def check(self, document: Document) -> Check:
        """Checks a text."""
        constraint, params = self.read()
        return constraint.check(params, document)


def _check_json(kwargs: dict[str, Any]) -> None:
    """Lets plain JSON pass, no deeper than anything here needs.

    Raises:
        ValueError: for anything else.
    """
    waiting: list[tuple[Any, int]] = [(kwargs, 0)]
    seen = 0
    while waiting:
        value, depth = waiting.pop()
        seen += 1
        if depth > _JSON_DEPTH or seen > _JSON_VALUES:
            raise ValueError(f"parameters of more than {_JSON_DEPTH} levels or {_JSON_VALUES} values")
        if isinstance(value, dict):
            if not all(isinstance(name, str) for name in value):
                raise ValueError("names of parameters are strings")
            waiting += [(item, depth + 1) for item in value.values()]
        elif isinstance(value, list | tuple):
            waiting += [(item, depth + 1) for item in value]
        elif not (value is None or isinstance(value, bool | int | str)) and not (
            isinstance(value, float) and math.isfinite(value)
        ):
            raise ValueError(f"parameters are plain JSON, not {value!r:.60}")


def _first(error: ValidationError, part: Part) -> str:
    """Words what is wrong first; a parameter that does not exist with the nearest that does."""
    one = error.errors(include_url=False)[0]
    where = ".".join(map(str, one["loc"]))
    if one["type"] == "extra_forbidden" and len(one["loc"]) == 1:
        return f"no parameter is called {where!r}: {nearest(where, _names(part))}"
    return f"{where}: {one['msg']}" if where else str(one["msg"])


def _names(part: Part) -> list[str]:
    from ..constraint import CONSTRAINTS
    from ..published import checker_of

    return list(CONSTRAINTS.get(checker_of(part.checker)).Params.model_fields)


def nested(checker: str, kwargs: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the parts right inside a constraint, as far as its parameters are formed like parts."""
    names = NESTING.get(checker)
    if names is None:
        return
    held = [kwargs.get(name) for name in names] if names else [kwargs]
    for value in held:
        for one in value if isinstance(value, list | tuple) else [value]:
            if isinstance(one, dict) and isinstance(one.get("checker"), str) and isinstance(one.get("kwargs"), dict):
                yield one["checker"], one["kwargs"]


def _size(checker: str, kwargs: dict[str, Any]) -> tuple[int, int]:
    """Gives how deep compositions are nested, and how many leaves they have."""
    if checker not in NESTING:
        return 0, 1
    sizes = [_size(*one) for one in nested(checker, kwargs)]
    return 1 + max((depth for depth, _ in sizes), default=0), sum(leaves for _, leaves in sizes)


def check_size(parts: Sequence[Part], around: int = 0) -> None:
    """Lets compositions pass that a person can still read.

    Args:
        around: compositions that hold them.

    Raises:
        ValueError: where they are nested too deep or have too many leaves.
    """
    sizes = [_size(part.checker, part.kwargs) for part in parts]
    depth, leaves = around + max(depth for depth, _ in sizes), sum(leaves for _, leaves in sizes)
    if depth > DEPTH:
        raise ValueError(f"compositions are nested at most {DEPTH} deep, not {depth}")
    if leaves > LEAVES:
        raise ValueError(f"a composition has at most {LEAVES} parts in all, not {leaves}")


def holds(part: Part, id: str) -> bool:
    """Tells whether a part is a constraint of this id, or has one inside."""
    waiting = [(part.checker, part.kwargs)]
    while waiting:
        checker, kwargs = waiting.pop()
        if checker == id:
            return True
        waiting += nested(checker, kwargs)
    return False


def all_of(outcomes: Iterable[Outcome]) -> Outcome:
    """Gives the conjunction: one violated is enough, then one unknown (Kleene's strong logic)."""
    known = set(outcomes)
    for outcome in (Outcome.VIOLATED, Outcome.UNKNOWN):
        if outcome in known:
            return outcome
    return Outcome.SATISFIED


def together(parts: Sequence[Part], found: Sequence[Check], noun: str = "part") -> Check:
    """Gives the verdict on parts that must all hold: the places of those that decide it, the first one's reason."""
    outcome = all_of(one.outcome for one in found)
    deciding = [at for at, one in enumerate(found) if one.outcome is outcome]
    first = deciding[0] if deciding else 0
    held = sum(one.outcome is Outcome.SATISFIED for one in found)
    reason = f"all {len(found)} {noun}s hold"
    if outcome is not Outcome.SATISFIED:
        reason = f"{noun} {first + 1} ({parts[first].checker}): {found[first].reason}"
    spans: set[Span] = {span for at in deciding for span in found[at].spans}
    return Check(outcome, reason, held, tuple(sorted(spans)))


@lru_cache(maxsize=4096)
def met(parts: tuple[Part, ...]) -> str | None:
    """Gives a text that satisfies all the parts; null where none was found."""
    return joint_witness([(part.checker, part.kwargs) for part in parts], "en", _TRIES)
