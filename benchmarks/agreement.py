"""Compares our checks with the verdicts that M-IFEval published for the same recorded responses."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchwright.constraints.document import Document
from benchwright.constraints.run import run_check

from .proof import Proof, Skipped, data_folder
from .recorded import read_rows

__all__ = ["prove", "verdicts"]

PARTS = frozenset(
    {
        "combination:repeat_prompt",
        "combination:two_responses",
        "detectable_content:postscript",
        "detectable_format:multiple_sections",
        "length_constraints:nth_paragraph_first_word",
        "length_constraints:number_paragraphs",
    }
)
"""Ids about the parts of a response, which the published checks find by splitting at a mark wherever it stands."""
FLOORS = {"en": (0.96, 0.97), "es": (0.94, 0.94)}
"""Least share of equal verdicts by language: over all published ids, and over those that are not about parts. The rest
are mistakes of the published checks: the last section of docs/constraints.md."""


def verdicts(folder: Path, language: str, every: int = 1) -> Iterator[tuple[str, int | None, bool]]:
    """Yields published id, our label (1, 0, null unknown) and the published strict verdict.

    Args:
        folder: holds ``LANGUAGE_input_data.jsonl`` and ``LANGUAGE__MODEL__strict.jsonl``.
        every: takes every so many prompts, with the responses of all models.
    """
    prompts = {row["prompt"]: row for row in read_rows(folder / f"{language}_input_data.jsonl")[::every]}
    for path in sorted(folder.glob(f"{language}__*__strict.jsonl")):
        for row in read_rows(path):
            if (prompt := prompts.get(row["prompt"])) is None:
                continue
            document = Document(row["response"], messages=({"role": "user", "content": row["prompt"]},))
            asked = zip(prompt["instruction_id_list"], prompt["kwargs"], row["follow_instruction_list"], strict=True)
            for id, kwargs, followed in asked:
                ran = run_check(id, json.dumps(kwargs), document)
                yield id.removeprefix("en:"), ran.outcome.label, bool(followed)


def _figures(folder: Path, language: str, every: int) -> dict[str, Any]:
    """Gives, by published id: verdicts compared, equal ones in per cent, and how many of ours are unknown."""
    compared: Counter[str] = Counter()
    equal: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for id, label, followed in verdicts(folder, language, every):
        compared[id] += 1
        equal[id] += label == int(followed)
        unknown[id] += label is None
    by_id = {
        id: {
            "n": n,
            "agreement_percent": round(100 * equal[id] / n, 1),
            "unknown": unknown[id],
        }
        for id, n in sorted(compared.items())
    }
    others = [id for id in compared if id.removeprefix(f"{language}:") not in PARTS]
    return {
        "n": compared.total(),
        "agreement": round(equal.total() / compared.total(), 4),
        "agreement_but_for_parts": round(sum(equal[id] for id in others) / sum(compared[id] for id in others), 4),
        "by_id": by_id,
    }


def prove(small: bool) -> Proof:
    """English and Spanish responses of all recorded models; small: those of every fifth prompt."""
    folder = data_folder() / "m_ifeval"
    if not folder.is_dir():
        raise Skipped("needs m_ifeval in the folder of real data: set BENCHWRIGHT_DATA")
    figures = {language: _figures(folder, language, 5 if small else 1) for language in FLOORS}
    for language, floors in FLOORS.items():
        for name, floor in zip(("agreement", "agreement_but_for_parts"), floors, strict=True):
            found = figures[language][name]
            assert found >= floor, f"{language}, {name}: {found} of the verdicts; at least {floor} must"
    return Proof("agreement with published checks", "python -m benchmarks.run agreement", figures)
