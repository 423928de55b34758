"""Principles that people's remarks on responses bear witness to (RLBFF, arXiv 2509.21319).

From the paper: for each remark a list of principles with a verdict, and words of the remark quoted before the verdict.
The paper does not print its prompt; this wording is ours. What stays of the statements, ``principles`` decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from ...schemas.drop import Drop
from ...schemas.instruction import Instruction
from ...schemas.messages import transcript
from ...schemas.text import normalise
from .asking import Asker, Steps, ask_list, directed, language_rule
from .item import Line, Listed, marked_lines, notes_of, read_line
from .rows import read_each

__all__ = ["VERSION", "Remark", "Remarks", "Statement", "draft", "read", "read_remarks"]

VERSION = 1
"""Of the prompts, for the generator of what comes from them."""

_VERDICTS = {"yes": "yes", "no": "no", "partially": "partially", "partly": "partially"}


@dataclass(frozen=True)
class Remark:
    """What one person wrote on one response."""

    instruction_id: str
    response: str
    annotator: str
    text: str


class Remarks(NamedTuple):
    """The remarks of a file."""

    remarks: list[Remark]
    drops: list[Drop]
    """Rows on instructions that are not among ours."""


@dataclass(frozen=True)
class Statement:
    """One line of what a model found in a remark."""

    remark: Remark
    principle: str
    """Blank where the line cannot be read."""
    verdict: str
    """``yes``, ``no``, ``partially``; blank where the line cannot be read."""
    quote: str
    """Words of the remark, as the model copied them."""
    categories: tuple[str, ...] = ()
    compositions: tuple[str, ...] = ("Single",)


def draft(asker: Asker, instruction: Instruction, remark: Remark, most: int) -> Steps[Statement]:
    """Asks what principles a remark shows."""
    values = {"most": str(most), "language": language_rule(instruction, "principles")}
    shown = {"answer": remark.response, "remark": remark.text}
    messages = directed("feedback_v1", "with_remark_v1", instruction, values, **shown)
    return (yield from ask_list(asker, messages, partial(read, remark=remark)))


def _statement(line: str, remark: Remark) -> tuple[Statement, Line | None]:
    """Reads a line; the quote may hold bars, principle and verdict may not."""
    parts = [part.strip() for part in line.strip().strip("|").rsplit("|", 2)]
    verdict = _VERDICTS.get(parts[-1].strip("*_. \t\"'").casefold(), "")
    if len(parts) < 3 or not verdict:
        return Statement(remark, "", "", line.strip()), None
    principle = read_line(parts[1])
    quote = read_line(parts[0]).text.strip("\"'“”«»「」 ")
    if not principle.text or not quote:
        return Statement(remark, "", "", line.strip()), None
    return Statement(remark, principle.text, verdict, quote, principle.categories, principle.compositions), principle


def read(text: str, remark: Remark) -> Listed[Statement]:
    """Reads a reply; every line below the mark becomes a statement, readable or not.

    Nothing below the mark is a problem, as is no readable line; the one word ``None`` says that there is no principle.
    """
    lines = marked_lines(text, "principles")
    if lines is None:
        return Listed(problem='there is no line "Principles:"')
    if len(lines) == 1 and normalise(lines[0]).strip("*-. ") == "none":
        return Listed()
    read_ = [_statement(line, remark) for line in lines]
    known = [line for _, line in read_ if line is not None]
    if not known:
        return Listed(problem="no line below it has words of the remark, a principle and Yes, No or Partially")
    return Listed(tuple(statement for statement, _ in read_), (), notes_of(known))


def _key(instruction: Instruction) -> str:
    return normalise(transcript(instruction.source_messages))


def _found(values: Mapping[str, Any], by: Mapping[str, Instruction]) -> tuple[str | None, str | None]:
    """Gives the instruction id a row names and null, or nulls where it is none of ours; or what is wrong with it."""
    for name in ("instruction_id", "source_row"):
        if isinstance(given := values.get(name), str | int) and str(given).strip():
            found = by.get(f"{name}:{given}")
            return (found.id if found else None), None
    given = values.get("messages") or values.get("prompt")
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    try:
        text = transcript([{"role": turn["role"], "content": turn["content"]} for turn in given or ()])
    except (IndexError, KeyError, TypeError):
        text = ""
    if not text.strip():
        return None, "names no instruction: one of instruction_id, source_row, messages or prompt does"
    found = by.get(f"messages:{normalise(text)}")
    return (found.id if found else None), None


def _texts(values: Mapping[str, Any]) -> list[tuple[str, str]] | str:
    """Gives a row's annotators and remarks, or what is wrong; a list of remarks is by people 1, 2 and so on."""
    if not isinstance(values.get("response"), str) or not values["response"].strip():
        return "response is no text"
    given = values.get("feedback")
    if isinstance(given, str) and given.strip():
        annotator = values.get("annotator")
        if not isinstance(annotator, str | int) or not str(annotator).strip():
            return "annotator names nobody: who wrote the remark has to be told from others"
        return [(str(annotator), given)]
    if isinstance(given, list) and given and all(isinstance(one, str) and one.strip() for one in given):
        return [(str(number), one) for number, one in enumerate(given, 1)]
    return "feedback is neither a text nor a list of texts"


def read_remarks(rows: Iterable[Any], where: str, instructions: Sequence[Instruction]) -> Remarks:
    """Reads a file of remarks.

    A row has ``instruction_id``, ``source_row``, ``messages`` or ``prompt``; ``response``; ``feedback`` and its
    ``annotator``, or a list of remarks in ``feedback``, one each of several people.

    Args:
        rows: of ``store.rows.read_rows``: each has a number and values, or a number, a reason and a detail.
        where: the file's name, for messages.

    Raises:
        InputError: when rows cannot be read, with file and line of each.
    """
    by = {f"messages:{_key(one)}": one for one in reversed(instructions)}
    by |= {f"source_row:{one.source_row}": one for one in reversed(instructions)}
    by |= {f"instruction_id:{one.id}": one for one in instructions}
    remarks: list[Remark] = []
    drops: list[Drop] = []

    def read(values: Mapping[str, Any], place: str) -> list[str]:
        texts = _texts(values)
        id, problem = _found(values, by)
        if problem is not None or isinstance(texts, str):
            return [said for said in (problem, texts) if isinstance(said, str)]
        if id is None:
            drops.append(Drop("checklist", place, "no_such_instruction", "a remark on none of the instructions here"))
        else:
            remarks.extend(Remark(id, values["response"], annotator, text) for annotator, text in texts)
        return []

    read_each(rows, where, "remarks", read)
    return Remarks(remarks, drops)
