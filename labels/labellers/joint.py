"""All responses of an instruction side by side, scored 0 to 100 on one requirement in one call.

From Giles Thomas, "LLM from scratch", part 30 (January 2026): scores from separate calls cannot be compared. His code
draws one order without a seed, and divides by all items where replies are lost. Here the order is drawn from
seed, instruction and constraint over responses sorted by id, and turned round, so that each response stands once at
each place: what a place is worth then cancels exactly. The mean over the rotations is the score: above 50 satisfied,
below violated, 50 unknown.

The rule: the reply is one JSON object, bare or in its only fenced block, with every number shown as a key and no other,
and numbers from 0 to 100. A rotation whose reply is not is asked again, then left out and counted. Without all the
rotations that were asked for places do not cancel any more: the labels are unknown, unless ``partial`` says otherwise.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Annotated, Any, Literal

from pydantic import Field

from ...schemas.outcome import Outcome
from ...schemas.thought import visible
from ...schemas.wording import fence
from .labeller import Case, Cell, Labeller, LabellerParams, Question, Read, Said, Text, last_word
from .raw import Place, RawQuestion, RawReply
from .reading import json_object
from .showing import shown, wording

__all__ = ["Joint", "JointParams", "mean_scores", "model_means", "orders", "scores_of"]


class JointParams(LabellerParams):
    """How many rotations, and what becomes of lost ones."""

    rotations: Literal["all"] | Annotated[int, Field(ge=1)] = "all"
    """``all``: as many as there are responses. With fewer, places do not cancel."""
    partial: Literal["unknown", "use"] = "unknown"
    """Whether rotations that are left count where some are lost."""


def orders(ids: Sequence[str], draw: str, rotations: int | Literal["all"] = "all") -> list[tuple[str, ...]]:
    """Gives the orders in which responses are shown: one drawn, and turned round by one place each time.

    Args:
        ids: distinct; in which order they are given does not matter.
        draw: seeds the draw.
        rotations: how many, at most one for each id.
    """
    base = sorted(ids)
    Random(draw).shuffle(base)
    count = len(base) if rotations == "all" else min(rotations, len(base))
    return [(*base[turn:], *base[:turn]) for turn in range(count)]


def scores_of(found: Mapping[str, Any], shown: Sequence[str]) -> tuple[dict[str, float], None] | tuple[None, str]:
    """Gives scores by id, from scores by the number shown.

    Returns:
        The scores and null, or null and what is wrong: keys that are not the numbers shown, a value that is no number
        from 0 to 100.
    """
    numbers = [str(number) for number in range(1, len(shown) + 1)]
    if missing := [number for number in numbers if number not in found]:
        return None, f"no score for {', '.join(missing)}"
    if extra := [key for key in found if key not in numbers]:
        return None, f"{len(extra)} keys are none of the numbers shown"
    for number in numbers:
        score = found[number]
        if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 100:
            return None, f"the score for {number} is no number from 0 to 100"
    return {id: found[number] for id, number in zip(shown, numbers, strict=True)}, None


def mean_scores(rotations: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Gives each id's mean over rotations, all of them with the same ids; exactly rounded, in whatever order."""
    return {id: math.fsum(one[id] for one in rotations) / len(rotations) for id in sorted(set().union(*rotations))}


def model_means(means: Mapping[str, float], models: Mapping[str, str]) -> dict[str, float]:
    """Gives each model's mean over its responses.

    Args:
        means: scores by response id.
        models: model by response id; responses without a score are left out.
    """
    scores: dict[str, list[float]] = {}
    for id, model in sorted(models.items()):
        if id in means:
            scores.setdefault(model, []).append(means[id])
    return {model: math.fsum(each) / len(each) for model, each in sorted(scores.items())}


class Joint(Labeller):
    """All responses on one requirement in each call."""

    id = "joint"
    Params = JointParams

    def calls(self, constraints: int, responses: int) -> int:
        """One a constraint and rotation."""
        return constraints * self.together(1, responses)

    def together(self, constraints: int, responses: int) -> int:
        """The rotations."""
        asked = self.params.rotations
        return responses if asked == "all" else min(asked, responses)

    def questions(self, case: Case, seed: int) -> Iterator[Question]:
        """Yields them constraint by constraint."""
        texts = {response.id: response.text for response in case.responses}
        for constraint in case.constraints:
            draw = f"{seed}/{case.instruction_id}/{constraint.id}"
            for index, order in enumerate(orders(list(texts), draw, self.params.rotations)):
                yield self._question(case, constraint, order, texts, index)

    def _question(
        self, case: Case, constraint: Text, order: tuple[str, ...], texts: Mapping[str, str], index: int
    ) -> Question:
        place = Place(order, (constraint.id,), index)
        between = fence(*(texts[id] for id in order))
        replies = "\n\n".join(
            f"Reply {number}:\n\n{between}\n{texts[id]}\n{between}" for number, id in enumerate(order, start=1)
        )
        plain = {"replies": replies, "count": str(len(order)), "form": self.form(place)}
        return Question(place, shown("joint_rules_v1", "joint_v1", case, {"constraint": constraint.text}, **plain))

    def form(self, place: Place) -> str:
        """One JSON object."""
        example = json.dumps({str(number): 0 for number in range(1, min(3, len(place.responses)) + 1)})
        return wording("joint_form_v1", example=example, count=str(len(place.responses)))

    def parse(self, place: Place, reply: RawReply) -> Read:
        """Reads the scores of one rotation, all of them or none."""
        text = visible(reply.text)
        if text is None:
            return Read({}, "its thought never ends")
        found, problem = json_object(text)
        if found is None:
            return Read({}, problem)
        scores, problem = scores_of(found, place.responses)
        return Read({}, problem) if scores is None else Read(scores)

    def read(self, asked: Sequence[RawQuestion]) -> dict[Cell, Said]:
        """Takes the mean over the rotations."""
        reads = [last_word(self, question) for question in sorted(asked, key=lambda question: question.turn)]
        rotations = [read.values for read in reads if read.problem is None]
        (constraint,) = asked[0].constraints
        lost = [read.problem for read in reads if read.problem is not None]
        counts = {"rotations": len(rotations), "lost": len(lost)}
        if not rotations or (lost and self.params.partial == "unknown"):
            reason = lost[0] if not rotations else f"{lost[0]} ({len(lost)} of {len(reads)} rotations)"
            unknown = Said(Outcome.UNKNOWN, reason or "", None, counts)
            return {(id, constraint): unknown for id in sorted(asked[0].responses)}
        return {
            (id, constraint): _said(mean, {"scores": [one[id] for one in rotations], **counts})
            for id, mean in mean_scores(rotations).items()
        }


def _said(mean: float, evidence: Mapping[str, Any]) -> Said:
    reason = f"mean score {mean:.2f} over {evidence['rotations']} orders"
    if mean == 50:
        return Said(Outcome.UNKNOWN, f"undecided: {reason}", 0.5, evidence)
    return Said(Outcome.of(mean > 50), reason, mean / 100, evidence)
