"""Our tasks as Label Studio's: texts to show, our ids to come back by, predictions where they are asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..annotation.shown import shown, span_in
from ..annotation.task import Task
from .config import ANSWER, TARGET

__all__ = ["MODEL_VERSION", "Verdict", "export_tasks"]

MODEL_VERSION = "benchwright verdicts"
"""What predictions are called on the server: it names no model of anybody's."""

Row = dict[str, Any]


class Verdict(NamedTuple):
    """What is held of one (response, constraint) so far."""

    satisfied: bool
    posterior: float | None
    """Probability of satisfied; null where the method of aggregation gives none."""


Verdicts = Mapping[tuple[str, str], Verdict]
"""By response id and constraint id; a pair without a verdict is not there."""


def export_tasks(tasks: Iterable[Task], project: str, verdicts: Verdicts | None = None) -> Iterator[Row]:
    """Yields tasks as Label Studio imports them, in their order; tasks of the qualification test stay here.

    Args:
        tasks: of one kind.
        project: what our project is called, for those who read the file.
        verdicts: makes predictions of the ``label`` tasks that have one; null makes none. Pairs and items get none: to
            show what the graph says of a pair would ask people to repeat it.
    """
    for task in tasks:
        if task.gold is not None:
            continue
        row: Row = {
            # Both places come back in exports; the second can be listed without the texts.
            "data": {"task_id": task.id, "project": project, **_SHOWN[task.kind](task)},
            "meta": {"task_id": task.id},
        }
        if verdicts is not None and task.kind == "label":
            verdict = verdicts.get((task.body["response_id"], task.body["constraint_id"]))
            row["predictions"] = [] if verdict is None else [_prediction(verdict)]
        yield row


def _conversation(task: Task) -> list[Row]:
    return [{"role": one["role"], "text": shown(one["content"])} for one in task.body["messages"]]


def _label(task: Task) -> Row:
    body = task.body
    return {
        "conversation": _conversation(task),
        "response": shown(body["response"]),
        "constraint": shown(body["constraint"]),
    }


def _pair(task: Task) -> Row:
    body = task.body
    return {
        "conversation": _conversation(task),
        "a": shown(body["a"]),
        "b": shown(body["b"]),
        "constraints": "\n".join(
            f"{number}. {shown(text)}" for number, text in enumerate(body["constraints"], start=1)
        ),
    }


def _item(task: Task) -> Row:
    body = task.body
    types = [*body["categories"], *body["compositions"]]
    return {
        "conversation": _conversation(task),
        "constraint": shown(body["constraint"]),
        "span": _quoted(task),
        "types": ", ".join(types),
    }


_SHOWN = {"label": _label, "pair": _pair, "item": _item}


def _quoted(task: Task) -> str:
    """Gives the words of the conversation that an item is drawn from; empty where it names none."""
    for number, message in enumerate(task.body["messages"]):
        if place := span_in(task.body["span"], number):
            return shown(message["content"][place[0] : place[1]])
    return ""


def _prediction(verdict: Verdict) -> Row:
    """Gives a verdict as a prediction; its score is the probability of the answer it proposes."""
    result = {
        "id": "verdict",
        "from_name": ANSWER,
        "to_name": TARGET["label"],
        "type": "choices",
        "value": {"choices": ["yes" if verdict.satisfied else "no"]},
    }
    row: Row = {"model_version": MODEL_VERSION, "result": [result]}
    if verdict.posterior is not None:
        row["score"] = verdict.posterior if verdict.satisfied else 1 - verdict.posterior
    return row
