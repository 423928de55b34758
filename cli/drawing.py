"""Drawing one instruction as text: conversation, constraints, responses with their labels, and the preference graph."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from textwrap import indent
from typing import Any

__all__ = ["draw_item", "graph_levels", "printable"]

Item = Mapping[str, Any]
_MARKS = {1: "✓", 0: "✗", None: "?"}


def printable(text: str) -> str:
    """Replaces control characters by escapes: what models write must not steer the terminal."""
    return "".join(
        char if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs") else ascii(char)[1:-1]
        for char in text
    )


def draw_item(item: Item) -> str:
    """Gives an item of a release as text."""
    parts = [
        _head(item),
        *(f"[{message['role']}]\n{_block(message['content'])}" for message in item["messages"]),
        _section("Constraints", _constraint_lines(item)),
        _section("Responses", _response_lines(item)),
        _section("Preference graph, best first", _graph_lines(item)),
    ]
    return "\n\n".join(parts)


def _head(item: Item) -> str:
    source = f"{item['source']} {item['source_row']}"
    rights = item["source_license"] or "no licence named"
    kind = f"{item['scenario']} ({item['instruction_type']}), {item['language'] or 'language unknown'}"
    return f"{item['id']}  {kind}\nfrom {printable(source)}, {printable(rights)}"


def _block(text: str) -> str:
    return indent(printable(text), "  ")


def _section(title: str, lines: Iterator[str]) -> str:
    return "\n".join([title, *lines])


def _constraint_lines(item: Item) -> Iterator[str]:
    rated = set(item["rated_positions"])
    for position, (constraint, text) in enumerate(zip(item["constraints"], item["checklist"], strict=True)):
        checked = constraint["checker"] or constraint["kind"]
        unrated = "" if position in rated else ", not compared"
        yield f"  {position}  {printable(text)}  ({checked}, {constraint['origin']}{unrated})"
    if not item["constraints"]:
        yield "  none"


def _response_lines(item: Item) -> Iterator[str]:
    rated = set(item["rated_positions"])
    for response in item["responses"]:
        marks = "".join(
            "·" if label is None and position not in rated else _MARKS[label]
            for position, label in enumerate(response["labels"])
        )
        cut = ", cut by the token limit" if response["finish_reason"] == "length" else ""
        yield f"  {response['response_id']}  {marks}  {printable(response['model'])}{cut}"
        yield indent(printable(response["response"]), "     ")
    yield "  (✓ satisfied, ✗ violated, ? unknown, · not compared, in order of position)"


def _graph_lines(item: Item) -> Iterator[str]:
    edges = item["preference_graph"]
    ids = [response["response_id"] for response in item["responses"]]
    levels, cyclic = graph_levels(ids, [(edge["chosen"], edge["rejected"]) for edge in edges])
    for depth, level in enumerate(levels):
        yield f"  {'' if not depth else '  ' * depth}{'  '.join(map(str, level))}"
    if cyclic:
        yield f"  in or below a cycle: {'  '.join(map(str, cyclic))}"
    for edge in edges:
        by = f"constraint {','.join(map(str, edge['constraints']))}"
        sure = "" if edge["basis"] == "certain" else f", {edge['confidence']:.2f}"
        seen = {True: ", confirmed", False: ", refuted", None: ""}[edge["confirmed"]]
        yield f"  {edge['chosen']} → {edge['rejected']} ({by}{sure}{seen})"
    if not edges:
        yield "  no edge: no response is better than another"


def graph_levels(nodes: Sequence[int], edges: Sequence[tuple[int, int]]) -> tuple[list[list[int]], list[int]]:
    """Layers a graph by dominance: a node lies one level below the lowest of those that beat it.

    Args:
        edges: (better, worse) pairs.

    Returns:
        The levels, best first, each sorted; and the nodes that are in a cycle or below one, which have no level.
    """
    left = set(nodes)
    beaten_by = {node: {better for better, worse in edges if worse == node} for node in nodes}
    levels = []
    while level := sorted(node for node in left if not beaten_by[node] & left):
        levels.append(level)
        left -= set(level)
    return levels, sorted(left)
