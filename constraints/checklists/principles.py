"""Which principles stay (RLBFF, arXiv 2509.21319, section 3): gates in a fixed order, each counted.

1. ``unreadable``: the line has no quote, principle and verdict.
2. ``evidence``: the partial ratio between quote and remark is not above 60: the model made it up.
3. ``partially``: the verdict is not binary.
4. ``global``: the principle is helpfulness itself, which says nothing of its own.
5. ``consensus``: it stays only if each other annotator of the same response has a principle with a cosine strictly
   above 0.8 to it and the same verdict.

The paper leaves open whether verdicts have to agree and who stands for those that match: here they have to, and of the
principles that stay and match each other, directly or by way of others, the medoid is kept, the one with the greatest
sum of cosines to the rest (the first where several have it); the others are ``represented`` by it. A response with one
annotator has nobody who could agree: nothing of it stays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ...errors import MissingExtra
from ...schemas.outcome import Outcome
from ...schemas.text import normalise, words
from .feedback import Remark, Statement
from .same import Vector, cosine

__all__ = [
    "ALIKE",
    "EVIDENCE",
    "GATES",
    "Embed",
    "Gated",
    "Kept",
    "PrincipleVerdict",
    "Refused",
    "embedder",
    "gate",
    "partial_ratio",
]

EVIDENCE = 60.0
"""The partial ratio, of 100, that a quote has to exceed."""
ALIKE = 0.8
"""The cosine that principles of two annotators have to exceed."""
GATES = ("unreadable", "evidence", "partially", "global", "consensus", "represented")

Embed = Callable[[Sequence[str]], Sequence[Vector]]
"""Gives a vector for each text."""
Ratio = Callable[[str, str], float]
Place = tuple[str, str]
"""Of a remark: instruction and response."""

_GLOBAL = frozenset({"helpful", "helpfulness", "helpfully", "useful", "usefulness"})
_EMPTY = frozenset(
    "a an the this that is was be being should to of it its response answer reply assistant ai model overall general "
    "generally in and as very user users for how degree level quality".split()
)


class PrincipleVerdict(NamedTuple):
    """What the annotators of one response agree on; it says nothing of other responses."""

    instruction_id: str
    constraint_id: str
    response: str
    """The response's text."""
    outcome: Outcome
    """Satisfied or violated; unknown where two principles that became one constraint say different things of it."""
    annotators: tuple[str, ...]
    """Who agrees, sorted."""
    quotes: tuple[str, ...]
    """Words of the remarks that bear witness, one of each principle that became the constraint."""


class Refused(NamedTuple):
    """A statement that does not stay by itself."""

    gate: str
    statement: Statement
    detail: str


@dataclass(frozen=True)
class Kept:
    """A principle that stays."""

    statement: Statement
    annotators: tuple[str, ...]
    """All of the response's, sorted: each bears witness to it."""


@dataclass(frozen=True)
class Gated:
    """Statements by what became of them: ``kept`` and ``refused`` together are what was given."""

    kept: tuple[Kept, ...]
    refused: tuple[Refused, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many each gate took, and ``kept``; their sum is what was given."""
        taken = Counter(one.gate for one in self.refused)
        return {**{gate: taken[gate] for gate in GATES}, "kept": len(self.kept)}


def partial_ratio(quote: str, remark: str) -> float:
    """Gives how well the shorter text fits into the best place of the longer, 0 to 100.

    Raises:
        MissingExtra: without rapidfuzz.
    """
    try:
        from rapidfuzz import fuzz
    except ImportError:
        raise MissingExtra("rapidfuzz", "labels") from None
    return float(fuzz.partial_ratio(quote, remark))


def embedder(name: str) -> Embed:
    """Gives the vectors of a sentence-transformers model, loaded when it is first needed.

    Args:
        name: of the model, or its folder.

    Raises:
        MissingExtra: without sentence-transformers.
    """
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise MissingExtra("sentence-transformers", "semantic") from None
    model = SentenceTransformer(name)

    def embed(texts: Sequence[str]) -> Sequence[Vector]:
        vectors: Sequence[Vector] = model.encode(list(texts), show_progress_bar=False).tolist()
        return vectors

    return embed


def _is_global(principle: str) -> bool:
    """Tells whether a principle asks for helpfulness and nothing else, in English."""
    left = [word for word in words(normalise(principle)) if word not in _EMPTY]
    return bool(left) and all(word in _GLOBAL for word in left)


def _alone(statement: Statement, ratio: Ratio) -> Refused | None:
    """Applies the gates that need nothing but the statement."""
    if not (statement.principle and statement.verdict and statement.quote):
        return Refused("unreadable", statement, f"no quote, principle and verdict: {statement.quote[:120]!r}")
    fits = ratio(statement.quote, statement.remark.text)
    if not fits > EVIDENCE:
        detail = f"{statement.quote[:120]!r} is not in the remark (partial ratio {fits:.1f}, above {EVIDENCE:g} wanted)"
        return Refused("evidence", statement, detail)
    if statement.verdict == "partially":
        return Refused("partially", statement, f"partly done: {statement.principle[:120]!r}")
    if _is_global(statement.principle):
        return Refused("global", statement, f"helpfulness itself: {statement.principle[:120]!r}")
    return None


def _components(matches: Mapping[int, set[int]]) -> Iterator[list[int]]:
    """Yields what hangs together, each part sorted, by first member."""
    seen: set[int] = set()
    for start in sorted(matches):
        if start in seen:
            continue
        part, todo = {start}, [start]
        while todo:
            fresh = (matches[todo.pop()] & set(matches)) - part
            part |= fresh
            todo += fresh
        seen |= part
        yield sorted(part)


def _agree(group: Sequence[Statement], annotators: Sequence[str], vector: Mapping[str, Vector]) -> Gated:
    """Applies the gate of consensus to the statements on one response."""
    near: dict[int, dict[int, float]] = defaultdict(dict)
    for i, one in enumerate(group):
        for j, other in enumerate(group[:i]):
            if one.remark.annotator != other.remark.annotator and one.verdict == other.verdict:
                likeness = cosine(vector[one.principle], vector[other.principle])
                if likeness > ALIKE:
                    near[i][j] = near[j][i] = likeness
    refused: list[Refused] = []
    matches: dict[int, set[int]] = {}
    for i, one in enumerate(group):
        agreeing = {group[j].remark.annotator for j in near[i]}
        missing = [name for name in annotators if name != one.remark.annotator and name not in agreeing]
        if len(annotators) < 2 or missing:
            who = (
                f"{len(missing)} of {len(annotators) - 1} others do not say so" if missing else "nobody else was asked"
            )
            refused.append(Refused("consensus", one, f"{who}: {one.principle[:120]!r}"))
        else:
            matches[i] = set(near[i])
    kept: list[Kept] = []
    for part in _components(matches):
        sums = {i: sum(near[i].get(j, _between(group, i, j, vector)) for j in part if j != i) for i in part}
        medoid = max(part, key=lambda i: sums[i])
        kept.append(Kept(group[medoid], tuple(annotators)))
        for i in part:
            if i != medoid:
                detail = f"{group[i].principle[:120]!r} is said by {group[medoid].principle[:120]!r}"
                refused.append(Refused("represented", group[i], detail))
    return Gated(tuple(kept), tuple(refused))


def _between(group: Sequence[Statement], i: int, j: int, vector: Mapping[str, Vector]) -> float:
    return cosine(vector[group[i].principle], vector[group[j].principle])


def gate(
    statements: Sequence[Statement], embed: Embed, ratio: Ratio = partial_ratio, remarks: Sequence[Remark] = ()
) -> Gated:
    """Sorts statements into those that stay and those that do not, with the gate that took each.

    Args:
        embed: asked once, for the principles that come to the last gate, each text once.
        ratio: how well a quote fits a remark, 0 to 100.
        remarks: all that were made, so that an annotator in whose remark nothing was found counts as one who does not
            agree.
    """
    annotators: dict[Place, set[str]] = defaultdict(set)
    for remark in [*remarks, *(statement.remark for statement in statements)]:
        annotators[remark.instruction_id, remark.response].add(remark.annotator)
    refused: list[Refused] = []
    groups: dict[Place, list[Statement]] = defaultdict(list)
    for statement in statements:
        taken = _alone(statement, ratio)
        if taken is not None:
            refused.append(taken)
        else:
            groups[statement.remark.instruction_id, statement.remark.response].append(statement)
    texts = list(dict.fromkeys(one.principle for group in groups.values() for one in group))
    vector = dict(zip(texts, embed(texts), strict=True)) if texts else {}
    kept: list[Kept] = []
    for place, group in groups.items():
        agreed = _agree(group, sorted(annotators[place]), vector)
        kept += agreed.kept
        refused += agreed.refused
    return Gated(tuple(kept), tuple(refused))
