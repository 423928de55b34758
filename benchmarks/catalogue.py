"""Writes docs/catalogue.md, the list of all constraints: ``python -m benchmarks.catalogue``; a test compares."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

from benchwright.constraints.catalogue import example_of
from benchwright.constraints.constraint import CONSTRAINTS, VerifiableConstraint, family_of
from benchwright.constraints.official.verdict import official_version

__all__ = ["page"]

PAGE = Path(__file__).parents[1] / "docs" / "catalogue.md"
SUITES = {
    "ifeval": "IFEval (Zhou et al. 2023, arXiv 2311.07911)",
    "ifbench": "IFBench (Pyatkin et al. 2025, arXiv 2507.02833)",
    "ifevalg": "IFEvalG (allenai/open-instruct)",
    "es": "M-IFEval, Spanish (arXiv 2502.04688)",
    "fr": "M-IFEval, French",
    "ja": "M-IFEval, Japanese",
}


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "¦")


def _row(constraint: VerifiableConstraint) -> str:
    about = _cell(inspect.getdoc(type(constraint)) or "")
    example = example_of(constraint)
    wording = example["wordings"]["en"]
    kwargs = json.dumps(example["kwargs"], ensure_ascii=False) if example["kwargs"] else ""
    shown = f"`{_cell(kwargs)}`" if kwargs else "none"
    cut = wording if len(wording) <= 200 else f"{wording[:190]}…"
    slots = ", ".join(sorted(constraint.slots))
    return f"| `{constraint.id}` | {about} | {shown} | {_cell(cut)} | {', '.join(constraint.categories)} | {slots} |"


def _heading(family: str) -> str:
    suite, _, group = family.partition("_")
    return f"{SUITES[suite]}: `{group}`" if group and suite in SUITES else f"`{family}`"


def page() -> str:
    """Gives the whole page."""
    ids = CONSTRAINTS.ids()
    families: dict[str, list[str]] = {}
    for id in ids:
        families.setdefault(family_of(id), []).append(id)
    published = [family for family in families if family.partition("_")[0] in SUITES and "_" in family]
    own = [family for family in families if family not in published]
    reproduced = sum(official_version(id) is not None for id in ids)
    parts = [
        "# All constraints\n",
        f"Written by `python -m benchmarks.catalogue`: {len(ids)} constraints in {len(families)} families, "
        f"{reproduced} of them with the published verdict in the `official` dialect. Parameters and wording are an "
        "example; `benchwright constraints show ID` gives all wordings, the parameters' rules and witnesses. What the "
        "checks count is in [constraints.md](constraints.md), where they differ from the published ones in "
        "its last section. Two constraints that share a slot are never attached together.\n",
    ]
    for title, group in (("Our own", sorted(own)), ("Published", _by_suite(published))):
        parts.append(f"## {title}\n")
        for family in group:
            parts.append(f"### {_heading(family)}\n")
            parts.append(
                "| id | what is checked | parameters | wording | categories | slots |\n|---|---|---|---|---|---|"
            )
            parts += [_row(CONSTRAINTS.get(id)) for id in families[family]]
            parts.append("")
    return "\n".join(parts)


def _by_suite(families: list[str]) -> list[str]:
    order = list(SUITES)
    return sorted(families, key=lambda family: (order.index(family.partition("_")[0]), family))


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    print(f"wrote {PAGE}")
