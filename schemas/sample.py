"""A small, valid and consistent set of all tables, for tests and examples."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import dataframely as dy
import polars as pl

from .canonical import canonical_json
from .constraint import Constraints, constraint_id
from .drop import Drops
from .edge import Edges, Graphs, PairChecks
from .instruction import CATEGORIES, INSTRUCTION_TYPES, instruction_id
from .instructions import Instructions
from .label import Labels, Verdicts
from .messages import Message
from .principle import Principles
from .response import Published, Responses, response_id
from .tables import frame_of

__all__ = ["TABLES", "sample_records"]

TABLES: dict[str, type[dy.Schema]] = {
    "instructions": Instructions,
    "constraints": Constraints,
    "responses": Responses,
    "principles": Principles,
    "published": Published,
    "labels": Labels,
    "verdicts": Verdicts,
    "graphs": Graphs,
    "edges": Edges,
    "pair_checks": PairChecks,
    "drops": Drops,
}
"""Every table of the flow by the name its files and keys use."""

_WORDS = (
    "amber basin cedar delta ember fjord grove harbour inlet jetty kelp lagoon meadow north orchard pebble quarry "
    "ridge shore tundra upland valley willow yarrow zenith café straße señal пример 天气 数据"
).split()
_LANGUAGES = ("en", "zh", "es", None)
_OUTCOMES = ("satisfied", "satisfied", "violated", "violated", "unknown")
_REVISION = "sha256:" + "5a" * 32
_KEY = ("instruction_id", "response_id", "constraint_id")
Row = dict[str, Any]


def _text(rng: Random, least: int, most: int) -> str:
    return " ".join(rng.choices(_WORDS, k=rng.randint(least, most)))


def _messages(rng: Random, kind: str) -> tuple[Message, ...]:
    user: Message = {"role": "user", "content": _text(rng, 6, 20)}
    if kind == "multi_turn":
        return {"role": "user", "content": _text(rng, 3, 9)}, {"role": "assistant", "content": _text(rng, 3, 9)}, user
    if kind == "system_prompt":
        return {"role": "system", "content": _text(rng, 3, 9)}, user
    return (user,)


def _instruction(rng: Random, index: int) -> Row:
    kind = INSTRUCTION_TYPES[index % len(INSTRUCTION_TYPES)]
    source = _messages(rng, kind)
    final: Message = {"role": "user", "content": f"{source[-1]['content']}\n\n{_text(rng, 3, 6)}"}
    given = {
        "text": _text(rng, 3, 6),
        "kind": "soft",
        "checker": None,
        "kwargs": None,
        "categories": ["Content"],
        "compositions": ["Single"],
        "origin": "checklist",
    }
    return {
        "id": instruction_id("sample", _REVISION, f"row:{index}", source),
        "scenario": kind,
        "instruction_type": kind,
        "language": rng.choice(_LANGUAGES),
        "source_messages": list(source),
        "messages": [*source[:-1], final],
        "source": "sample",
        "source_revision": _REVISION,
        "source_row": f"row:{index}",
        "source_license": rng.choice(("Apache-2.0", None)),
        "conversation": f"conversation-{index}",
        "user": f"user-{index}",
        "toxic": rng.choice((False, None)),
        "redacted": None,
        "given": [given] if index % 2 else [],
        "tags": rng.sample(("short", "long", "code"), k=rng.randint(0, 2)),
    }


def _constraint(rng: Random, instruction: str, position: int) -> Row:
    soft = position % 3 == 2
    text, checker = _text(rng, 3, 6), None if soft else rng.choice(("sample.words", "sample.commas"))
    kwargs = None if soft else canonical_json({"count": rng.randint(1, 9)})
    kind = "soft" if soft else "verifiable"
    return {
        "id": constraint_id(instruction, position, kind, checker, kwargs, text),
        "instruction_id": instruction,
        "position": position,
        "text": text,
        "kind": kind,
        "checker": checker,
        "version": None if soft else 1,
        "kwargs": kwargs,
        "categories": rng.sample(CATEGORIES, k=rng.randint(1, 2)),
        "compositions": ["Single"],
        "origin": "checklist" if soft else "attached",
        "span": {"message": 0, "start": 0, "end": 4} if soft else None,
        "generator": "source:sample" if soft else "attach@1",
    }


def _response(rng: Random, instruction: Row, index: int) -> Row:
    model, revision = ("sample/small", "5b" * 32) if index % 2 else ("sample/large", "unpinned")
    parameters = canonical_json({"temperature": 0.8, "max_tokens": 64, "seed": index})
    return {
        "id": response_id(instruction["id"], instruction["messages"], model, revision, parameters, index),
        "instruction_id": instruction["id"],
        "parent_id": None,
        "model": model,
        "revision": revision,
        "parameters": parameters,
        "sample_index": index,
        "text": f"{_text(rng, 2, 20)} {index}",
        "thinking": rng.choice((None, "first the shore, then the ridge")),
        "finish_reason": rng.choice(("stop", "length", None)),
        "prompt_tokens": rng.randint(5, 50),
        "completion_tokens": rng.randint(1, 64),
        "cost": rng.choice((None, 0.0, 0.001)),
        "served_model": model.split("/")[1],
        "system_fingerprint": None,
        "status": "ok",
        "error": None,
    }


def _label(rng: Random, response: str, constraint: Row) -> Row:
    soft, outcome = constraint["kind"] == "soft", rng.choice(_OUTCOMES)
    return {
        "instruction_id": constraint["instruction_id"],
        "response_id": response,
        "constraint_id": constraint["id"],
        "rater_id": "published:sample" if soft else f"code:{constraint['checker']}",
        "rater_kind": "published" if soft else "code",
        "outcome": outcome,
        "probability": None,
        "reason": None if soft else "counted",
        "evidence": None if soft else canonical_json({"measured": 3, "spans": [[0, 1]]}),
        "raw_reply": None,
        "order": [0, 1] if soft else None,
        "version": None if soft else "1",
    }


def _edges(constraints: Sequence[Row], responses: Sequence[Row], outcome: dict[tuple[str, str], str]) -> list[Row]:
    """Derives the certain edges by their definition, over all positions."""
    rows = []
    for better in responses:
        for worse in responses:
            pairs = [(outcome[better["id"], row["id"]], outcome[worse["id"], row["id"]]) for row in constraints]
            if not all(u == "satisfied" or v == "violated" for u, v in pairs):
                continue
            if deciding := [k for k, pair in enumerate(pairs) if pair == ("satisfied", "violated")]:
                rows.append(
                    {
                        "instruction_id": better["instruction_id"],
                        "better": better["id"],
                        "worse": worse["id"],
                        "constraints": deciding,
                        "basis": "certain",
                        "confidence": 1.0,
                        "confirmed": None,
                        "margin": len(deciding),
                    }
                )
    return rows


def _pair_checks(responses: Sequence[Row]) -> list[Row]:
    """Gives what two people said of the two responses with the least ids: one sees a difference, one does not."""
    pair = sorted(row["id"] for row in responses)[:2]
    if len(pair) < 2:
        return []
    shown = {"instruction_id": responses[0]["instruction_id"], "first": pair[0], "second": pair[1]}
    return [{**shown, "rater_id": f"human:{name}", "answer": said} for name, said in (("a", "better"), ("b", "same"))]


def sample_records(
    seed: int, instructions: int = 4, responses: int = 4, constraints: int = 3
) -> dict[str, pl.DataFrame]:
    """Draws a valid, consistent set of all tables; equal for equal arguments.

    Every third constraint is soft and labelled by a source (``published``), the others by code; each has one label, so
    verdicts repeat labels. About a fifth of the outcomes are unknown. The texts of an instruction's responses differ.
    The checks named (``sample.words``) do not exist: an audit calls their labels not derivable.

    Args:
        responses: per instruction.
        constraints: per instruction, at least 1; all are rated.

    Returns:
        A frame by table name, as in ``TABLES``.
    """
    rng = Random(seed)
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    for index in range(instructions):
        instruction = _instruction(rng, index)
        asked = [_constraint(rng, instruction["id"], position) for position in range(constraints)]
        answers = [_response(rng, instruction, number) for number in range(responses)]
        labels = [_label(rng, answer["id"], constraint) for answer in answers for constraint in asked]
        outcome = {(row["response_id"], row["constraint_id"]): row["outcome"] for row in labels}
        position = {row["id"]: row["position"] for row in asked}
        rows["instructions"].append(instruction)
        rows["constraints"] += asked
        rows["responses"] += answers
        rows["labels"] += labels
        rows["published"] += [
            {
                "response_id": row["response_id"],
                "position": position[row["constraint_id"]],
                "label": {"satisfied": 1, "violated": 0}.get(row["outcome"]),
                "reason": None,
                "rater": row["rater_id"],
            }
            for row in labels
            if row["rater_kind"] == "published"
        ]
        rows["verdicts"] += [
            {**{name: row[name] for name in (*_KEY, "outcome")}, "posterior": None, "method": "majority", "raters": 1}
            for row in labels
        ]
        ordered = sorted(answers, key=lambda row: (row["model"], row["sample_index"], row["id"]))
        rows["graphs"].append(
            {
                "instruction_id": instruction["id"],
                "rated_positions": list(range(constraints)),
                "responses": [row["id"] for row in ordered],
            }
        )
        rows["edges"] += _edges(asked, answers, outcome)
        rows["pair_checks"] += _pair_checks(answers)
        rows["principles"].append(
            {
                "instruction_id": instruction["id"],
                "constraint_id": asked[0]["id"],
                "response": answers[0]["text"] if answers else "",
                "outcome": "satisfied",
                "annotators": 2,
                "quotes": ["it names the shore"],
            }
        )
        rows["drops"].append(
            {"stage": "filter", "record": f"row:{index}b", "reason": "length:too_short", "detail": _text(rng, 1, 3)}
        )
    return {name: frame_of(table, rows[name]) for name, table in TABLES.items()}
