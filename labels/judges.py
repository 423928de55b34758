"""Judges as a recipe names them: checked, named as raters, and made ready to ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError
from ..sampling.chat import RESERVED
from ..schemas.canonical import canonical_json, digest
from ..schemas.messages import Messages, as_prompt
from ..schemas.model import Request
from ..schemas.parameters import over_defaults
from ..schemas.recipe import JudgeUse
from .labellers.labeller import Labeller, Question, make_labeller

__all__ = ["Judge", "check_judge", "check_judges", "judge_identities", "judge_raters", "make_judges"]


@dataclass(frozen=True)
class Judge:
    """A judge, ready to ask."""

    use: JudgeUse
    labeller: Labeller
    rater: str
    """Its rater id: ``judge:MODEL:LABELLER``."""
    revision: str

    def request(self, question: Question, messages: Messages) -> Request:
        """Gives the request that asks a question.

        Args:
            messages: the question's, or those that ask it again.
        """
        model, protocol = self.use.model, self.use.model.protocol
        parameters = self.parameters(question.parameters)
        if protocol == "completions":
            messages = as_prompt(messages)
            if "top_logprobs" in parameters:
                # Completions name by one number what chat names by two keys.
                parameters["logprobs"] = parameters.pop("top_logprobs")
        return Request(
            model.id,
            self.revision,
            messages,
            parameters,
            question.place.turn,
            question.response_schema,
            protocol=protocol,
        )

    def parameters(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """Gives sampling parameters: the labeller's, over them the question's own, over them the recipe's."""
        return over_defaults({**self.labeller.parameters(), **own}, self.use.model.parameters)


def make_judges(uses: Sequence[JudgeUse], revisions: Mapping[str, str]) -> list[Judge]:
    """Makes judges ready.

    Two that differ in parameters alone get a digest of these behind their names.

    Args:
        revisions: by model id.

    Raises:
        UsageError: with every problem.
    """
    check_judges(uses)
    return [
        Judge(use, labeller, rater, revisions[use.model.id])
        for use, (rater, labeller) in zip(uses, judge_raters(uses).items(), strict=True)
    ]


def judge_raters(uses: Sequence[JudgeUse]) -> dict[str, Labeller]:
    """Gives the labeller of each judge by its rater id, in the order given; uses are checked."""
    labellers = [make_labeller(use.id, use.params) for use in uses]
    names = [f"judge:{use.model.id}:{use.id}" for use in uses]
    times = Counter(names)
    return {
        name if times[name] == 1 else f"{name}:{_identity(use, labeller)[:8]}": labeller
        for use, labeller, name in zip(uses, labellers, names, strict=True)
    }


def judge_identities(uses: Sequence[JudgeUse]) -> list[tuple[JudgeUse, str]]:
    """Gives each judge with the version of its labeller: all that its labels depend on, but for what they are of."""
    return [(use, make_labeller(use.id, use.params).stamp) for use in uses]


def check_judges(uses: Sequence[JudgeUse]) -> None:
    """Checks that judges can be used as given.

    Raises:
        UsageError: with every problem: labellers that do not exist, parameters that do not fit, judges listed twice.
    """
    problems: list[str] = []
    for place, use in enumerate(uses):
        try:
            check_judge(use, uses[:place])
        except UsageError as error:
            problems += [f"labels.judges[{place}]: {problem}" for problem in error.problems or (error.message,)]
    if problems:
        raise UsageError("the judges cannot be used as given", problems)


def check_judge(use: JudgeUse, before: Sequence[JudgeUse] = ()) -> None:
    """Checks one judge, beside those that are listed before it.

    Raises:
        UsageError: with every problem.
    """
    problems = list(_parameter_problems(use, make_labeller(use.id, use.params)))
    if _alike(use) in map(_alike, before):
        problems.append(f"{use.model.id} with labeller {use.id!r} is listed twice alike: name it once")
    if problems:
        raise UsageError("the judge cannot be used as given", problems)


def _alike(use: JudgeUse) -> str | None:
    """Gives what two judges are alike by; null for one that has problems of its own."""
    try:
        return _identity(use, make_labeller(use.id, use.params))
    except UsageError:
        return None


def _parameter_problems(use: JudgeUse, labeller: Labeller) -> Iterator[str]:
    given = use.model.parameters
    for name in sorted(given):
        if name in RESERVED:
            yield f"{name!r} is no sampling parameter of {use.model.id}"
        elif name in labeller.fixed() and given[name] is not None:
            yield f"labeller {use.id!r} sets {name!r} itself: leave it out of the parameters of {use.model.id}"
    yield from labeller.problems(given)


def _identity(use: JudgeUse, labeller: Labeller) -> str:
    """Gives a digest of what a judge asks; which constraints it is to label is no part of it."""
    return digest([use.id, canonical_json(labeller.params), canonical_json(use.model)])
