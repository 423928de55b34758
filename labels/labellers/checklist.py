"""All requirements of a response in one call, with an analysis and a verdict of each, in both orders.

IF-RewardBench (arXiv 2603.04738) judges so, in one order; its code takes a verdict that cannot be read for a met
requirement. What a judge says of an item may hang on what stands before it: hence both orders.

The rule: a line ``Verdict 3: YES`` is the verdict on the third requirement shown; of a reply that was cut
the last line is none. With ``json_schema`` the reply is a JSON object instead. A requirement without a verdict, or with
both, has none: nothing is padded; nor has one whose verdict another sentence takes back. Numbers that were not shown
are passed over and told. Verdicts that differ between
the orders are unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ...schemas.outcome import Outcome
from ...schemas.thought import visible
from .labeller import Case, Cell, Labeller, LabellerParams, Question, Read, Said, Text, last_word
from .raw import Place, RawQuestion, RawReply
from .reading import claims, json_object, line_verdicts, yes_or_no
from .showing import numbered, shown, wording

__all__ = ["Checklist", "ChecklistParams", "schema_of"]

_ORDERS = ("given", "reversed")


class ChecklistParams(LabellerParams):
    """Which orders, and what form."""

    both_orders: bool = True
    """Whether the requirements are also shown last to first."""
    json_schema: bool = False
    """Whether replies are JSON and a schema is sent that holds the server to it; else they are lines."""


class Checklist(Labeller):
    """All requirements of one response in each call."""

    id = "checklist"
    Params = ChecklistParams

    def parameters(self) -> dict[str, Any]:
        """A long checklist takes a long reply."""
        return {"temperature": 0, "max_tokens": 4096}

    def calls(self, constraints: int, responses: int) -> int:
        """One a response and order; of a single requirement there is one order."""
        return responses * self.together(constraints, 1)

    def together(self, constraints: int, responses: int) -> int:
        """The orders."""
        return len(self._orders(tuple(range(constraints))))

    def questions(self, case: Case, seed: int) -> Iterator[Question]:
        """Yields them response by response."""
        for response in case.responses:
            for index, order in enumerate(self._orders(case.constraints)):
                yield self._question(case, response, order, index)

    def _orders(self, given: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        both = self.params.both_orders and len(given) > 1
        return [given, given[::-1]] if both else [given][: len(given)]

    def _question(self, case: Case, response: Text, order: Sequence[Text], index: int) -> Question:
        place = Place((response.id,), tuple(constraint.id for constraint in order), index)
        texts = {"response": response.text, "constraints": numbered(constraint.text for constraint in order)}
        messages = shown("rules_v1", "checklist_v1", case, texts, count=str(len(order)), form=self.form(place))
        schema = schema_of(len(order)) if self.params.json_schema else None
        return Question(place, messages, response_schema=schema)

    def form(self, place: Place) -> str:
        """Two lines a requirement, or one JSON object."""
        name = "checklist_json_v1" if self.params.json_schema else "checklist_lines_v1"
        return wording(name, count=str(len(place.constraints)))

    def parse(self, place: Place, reply: RawReply) -> Read:
        """Reads the verdicts by number."""
        text = visible(reply.text)
        if text is None:
            return Read({}, "its thought never ends")
        if not self.params.json_schema:
            return _by_number(place, line_verdicts(text, reply.cut), claims(text))
        found, problem = json_object(text)
        if found is None:
            return Read({}, problem)
        listed = found.get("verdicts")
        if not isinstance(listed, list):
            return Read({}, "no list of verdicts")
        entries = list(_entries(listed))
        clear = [(number, says) for number, says in entries if says is not None]
        return _by_number(place, clear, entries)

    def read(self, asked: Sequence[RawQuestion]) -> dict[Cell, Said]:
        """Holds the orders against each other."""
        reads = [last_word(self, question) for question in sorted(asked, key=lambda question: question.turn)]
        (response,) = asked[0].responses
        return {(response, id): _agreed(id, reads) for id in asked[0].constraints}


def schema_of(count: int) -> dict[str, Any]:
    """Gives the JSON Schema of a reply on so many requirements."""
    entry = {
        "type": "object",
        "properties": {
            "number": {"type": "integer", "minimum": 1, "maximum": count},
            "analysis": {"type": "string"},
            "verdict": {"type": "string", "enum": ["YES", "NO"]},
        },
        "required": ["number", "analysis", "verdict"],
        "additionalProperties": False,
    }
    listed = {"type": "array", "items": entry, "minItems": count, "maxItems": count}
    return {
        "type": "object",
        "properties": {"verdicts": listed},
        "required": ["verdicts"],
        "additionalProperties": False,
    }


def _entries(listed: Iterable[Any]) -> Iterator[tuple[int, bool | None]]:
    for entry in listed:
        number = entry.get("number") if isinstance(entry, dict) else None
        verdict = yes_or_no(entry.get("verdict")) if isinstance(entry, dict) else None
        if isinstance(number, int) and not isinstance(number, bool):
            yield number, verdict


def _by_number(
    place: Place, verdicts: Iterable[tuple[int, bool]], claims: Iterable[tuple[int | None, bool | None]]
) -> Read:
    """Gives the verdicts by constraint id: one for each number that has exactly one.

    Args:
        claims: what else is said of numbers: it makes no verdict, but it may be against one.
    """
    clear: dict[int, bool] = dict(verdicts := list(verdicts))
    found: dict[int, set[bool | None]] = {number: set() for number in clear}
    for number, says in (*verdicts, *claims):
        if number in found:
            found[number].add(says)
    numbers = range(1, len(place.constraints) + 1)
    values = {place.constraints[n - 1]: clear[n] for n in numbers if len(found.get(n, ())) == 1}
    problems = [f"no verdict on {_listed(missing)}"] if (missing := [n for n in numbers if n not in found]) else []
    problems += (
        [f"two verdicts on {_listed(two)}"] if (two := [n for n in numbers if len(found.get(n, ())) > 1]) else []
    )
    extra = sorted(set(found).difference(numbers))
    return Read(values, "; ".join(problems) or None, notes={"passed_over": extra} if extra else {})


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _agreed(id: str, reads: Sequence[Read]) -> Said:
    """Gives one requirement's label: what all orders say."""
    said = [read.values.get(id) for read in reads]
    evidence: dict[str, Any] = {
        name: None if one is None else "yes" if one else "no" for name, one in zip(_ORDERS, said, strict=False)
    }
    if extra := {name: dict(read.notes) for name, read in zip(_ORDERS, reads, strict=False) if read.notes}:
        evidence["notes"] = extra
    for read, one in zip(reads, said, strict=True):
        if one is None:
            return Said(Outcome.UNKNOWN, read.problem or "unparsed: no verdict", None, evidence)
    told = ", ".join(f"{name}: {evidence[name]}" for name in _ORDERS[: len(reads)])
    if len(set(said)) > 1:
        return Said(Outcome.UNKNOWN, f"orders_differ: {told}", None, evidence)
    return Said(Outcome.of(said[0]), told, None, evidence)
