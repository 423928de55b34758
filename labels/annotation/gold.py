"""Gold tasks: questions whose answer is known, for the qualification of annotators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...builders.scenario import SCENARIOS, Gold
from ...constraints.document import Document
from ...constraints.run import read_params, run_check
from ...constraints.verifiable._wording import LANGUAGES
from ...errors import InputError, UsageError, nearest
from ...schemas.canonical import canonical_json, content_id
from ...schemas.language import likely_language
from ...schemas.messages import Message, Messages, check_messages
from ...schemas.outcome import Outcome
from ...store.rows import BadRow, read_rows
from .task import Task

__all__ = ["gold_tasks"]

_KEYS = ("messages", "instruction", "constraint", "response", "answer", "why", "language")
_ANSWERS = ("yes", "no")
_LISTED = 20
"""Problems that a message lists."""


def gold_tasks(source: Path | Sequence[str]) -> list[Task]:
    """Gives gold tasks from the gold pairs of scenarios, or from a file.

    Those of scenarios are mixed, always in the same way; those of a file stay in its order.

    Args:
        source: ids of scenarios; or a JSONL file of ``messages`` or ``instruction``, ``constraint``, ``response``,
            ``answer`` (``yes`` or ``no``) and, if you like, ``why`` and ``language``.

    Raises:
        UsageError: when there is no such scenario, or its gold pairs are none.
        InputError: when the file cannot be read or a line of it is no gold task; names every such line.
    """
    if isinstance(source, Path):
        return _of_file(source)
    if isinstance(source, str):
        raise UsageError(f"{source!r} is one text: give a list of scenario ids, or a Path")
    found = {task.id: task for id in source for task in _of_scenario(id)}
    # By hash: pairs in their order would be all yes, then all no.
    return [_placed(task, at) for at, (_, task) in enumerate(sorted(found.items()))]


def _placed(task: Task, priority: int) -> Task:
    return Task(task.id, task.kind, task.instruction_id, priority, task.body, task.gold)


def _task(
    messages: Messages, language: str | None, constraint: str, response: str, answer: str, why: str | None
) -> Task:
    plain = [dict(message) for message in messages]
    instruction = content_id("ins", "gold", plain)
    body = {
        "messages": plain,
        "language": language,
        "constraint_id": content_id("con", "gold", instruction, constraint),
        "constraint": constraint,
        "response_id": content_id("res", "gold", instruction, response),
        "response": response,
        "why": why,
    }
    return Task(content_id("tsk", "gold", instruction, constraint, response), "label", instruction, 0, body, answer)


def _of_scenario(id: str) -> Iterator[Task]:
    problems: list[str] = []
    for gold in SCENARIOS.get(id).gold:
        language = _language(gold)
        for wanted in gold.constraints:
            kwargs = canonical_json(wanted.kwargs)
            constraint, params = read_params(wanted.checker, kwargs)
            text = constraint.render(params, language if language in LANGUAGES else "en")
            for response, answer, outcome in (
                (gold.satisfies, "yes", Outcome.SATISFIED),
                (gold.violates, "no", Outcome.VIOLATED),
            ):
                ran = run_check(wanted.checker, kwargs, Document(response, messages=gold.messages))
                if ran.outcome is not outcome:
                    problems.append(f"{wanted.checker} {kwargs}: {ran.outcome.value} where it is to be {outcome.value}")
                yield _task(gold.messages, language, text, response, answer, ran.reason)
    if problems:
        raise UsageError(f"scenario {id!r}: its gold pairs are not what they are to be", problems)


def _language(gold: Gold) -> str | None:
    return likely_language("\n".join(message["content"] for message in gold.messages if message["role"] == "user"))


def _of_file(path: Path) -> list[Task]:
    tasks: dict[str, tuple[int, Task]] = {}
    problems: list[str] = []
    for row in read_rows(path):
        if isinstance(row, BadRow):
            problems.append(f"line {row.number}: {row.reason}: {row.detail}")
            continue
        task, wrong = _read(row.values)
        problems += [f"line {row.number}: {problem}" for problem in wrong]
        if task is None:
            continue
        line, first = tasks.setdefault(task.id, (row.number, task))
        if first.gold != task.gold:
            problems.append(f"line {row.number}: answers {task.gold!r} where line {line} answers {first.gold!r}")
    if problems:
        more = [f"and {len(problems) - _LISTED} more"] if len(problems) > _LISTED else []
        raise InputError(f"{path}: not a file of gold tasks", [*problems[:_LISTED], *more])
    if not tasks:
        raise InputError(f"{path}: there is no gold task in it: a line has {', '.join(_KEYS[:6])}")
    return [_placed(task, at) for at, (_, task) in enumerate(tasks.values())]


def _read(values: Mapping[str, Any]) -> tuple[Task | None, list[str]]:
    """Reads a line, or says what is wrong with it."""
    problems = [f"{key!r} is no key of a gold task: {nearest(key, _KEYS)}" for key in values if key not in _KEYS]
    messages = _messages(values, problems)
    for key in ("constraint", "response"):
        if not isinstance(values.get(key), str):
            problems.append(f"{key} is to be a text, not {values.get(key)!r:.80}")
    if isinstance(values.get("constraint"), str) and not values["constraint"].strip():
        problems.append("constraint is blank")
    if values.get("answer") not in _ANSWERS:
        problems.append(f"answer is {values.get('answer')!r:.80}; allowed: yes, no")
    for key in ("why", "language"):
        if not isinstance(values.get(key), str | None):
            problems.append(f"{key} is to be a text or absent, not {values[key]!r:.80}")
    if problems or messages is None:
        return None, problems
    return (
        _task(
            messages,
            values.get("language"),
            values["constraint"],
            values["response"],
            values["answer"],
            values.get("why"),
        ),
        [],
    )


def _messages(values: Mapping[str, Any], problems: list[str]) -> Messages | None:
    given = values.get("messages"), values.get("instruction")
    if (given[0] is None) == (given[1] is None):
        problems.append("give messages (a list of role and content) or instruction (a text), one of them")
        return None
    if given[1] is not None and not isinstance(given[1], str):
        problems.append(f"instruction is to be a text, not {given[1]!r:.80}")
        return None
    alone: list[Message] = [{"role": "user", "content": given[1]}] if isinstance(given[1], str) else []
    messages, wrong = check_messages(alone or given[0])
    if wrong is not None:
        problems.append(f"{wrong[0]}: {wrong[1]}")
    return messages
