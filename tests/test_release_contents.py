"""Contents of a release are checked before anything is written; and the contents the other tests release."""

from dataclasses import replace

import polars as pl
import pytest

from benchwright.errors import ReleaseError
from benchwright.graph.derive import derive_graphs
from benchwright.labels.aggregate import aggregate
from benchwright.labels.code import code_labels
from benchwright.labels.published import published_labels
from benchwright.release.contents import Contents, FunnelRow, check_contents
from benchwright.schemas.canonical import canonical_json
from benchwright.schemas.constraint import Constraints, constraint_id
from benchwright.schemas.drop import drops_frame
from benchwright.schemas.recipe import Recipe
from benchwright.schemas.sample import sample_records
from benchwright.schemas.tables import frame_of

CHECKS = (
    ("length.words", {"relation": "at_least", "n": 10}),
    ("keywords.include", None),
    ("punctuation.no_comma", {}),
)


def recipe_of(**changes) -> Recipe:
    given = {
        "name": "demo",
        "card": {"title": "A | demo", "summary": "For tests: costs $5."},
        "scenarios": [{"id": "single_turn"}],
        "sampling": {"models": [{"id": "sample/small"}]},
        "labels": {"raters": ["code", "published"]},
        "splits": {"shares": {"test": 0.6, "train": 0.4}},
    }
    return Recipe.model_validate({**given, **changes})


def _constraint(instruction: str, position: int, checker: str | None, kwargs: str | None) -> dict:
    kind = "soft" if checker is None else "verifiable"
    text = f"Constraint {position}."
    return {
        "id": constraint_id(instruction, position, kind, checker, kwargs, text),
        "instruction_id": instruction,
        "position": position,
        "text": text,
        "kind": kind,
        "checker": checker,
        "version": None if checker is None else 1,
        "kwargs": kwargs,
        "categories": ["Format"],
        "compositions": ["Single"],
        "origin": "checklist" if checker is None else "attached",
        "span": None,
        "generator": "test",
    }


def _constraints(instructions: pl.DataFrame, checks) -> pl.DataFrame:
    words = canonical_json({"words": ["meadow"]})
    rows = []
    for instruction in instructions["id"]:
        for position, (checker, kwargs) in enumerate(checks):
            rows.append(
                _constraint(instruction, position, checker, canonical_json(kwargs) if kwargs is not None else words)
            )
        rows.append(_constraint(instruction, len(checks), None, None))
    return frame_of(Constraints, rows)


def contents_of(seed: int = 3, instructions: int = 14, responses: int = 6, **recipe) -> Contents:
    """Gives contents made as a build makes them: real checks on drawn texts, soft labels by a source, derived graphs.

    Soft constraints are rated (``published``) in every second instruction; the others leave theirs unrated.
    """
    drawn = sample_records(seed, instructions, responses)
    asked, answers = drawn["instructions"], drawn["responses"]
    constraints = _constraints(asked, CHECKS)
    soft = answers.filter(pl.col("instruction_id").is_in(asked["id"][::2].implode()))
    published = soft.select(
        pl.col("id").alias("response_id"),
        pl.lit(len(CHECKS), dtype=pl.Int32).alias("position"),
        (pl.col("completion_tokens") % 2).cast(pl.Int8).alias("label"),
        pl.lit("published:test").alias("rater"),
    )
    checked = code_labels(asked, constraints, answers, "fixed")
    labels = pl.concat([checked, published_labels(constraints, answers, published)])
    verdicts = aggregate(labels)
    made = recipe_of(**recipe)
    derived = derive_graphs(asked["id"].to_list(), constraints, answers, verdicts, made.graph, recorded=False)
    kept = derived.graphs["instruction_id"].implode()
    released = derived.graphs["responses"].explode().implode()
    drops = derived.drops
    counts: dict[tuple[str, str], int] = {}
    for drop in drops:
        noun = "instructions" if drop.record.startswith("ins_") else "responses"
        counts[noun, drop.reason] = counts.get((noun, drop.reason), 0) + 1
    funnel = []
    for noun, given in (("instructions", len(asked)), ("responses", len(answers))):
        dropped = {reason: number for (of, reason), number in counts.items() if of == noun}
        funnel.append(FunnelRow("graph", noun, given, given - sum(dropped.values()), dropped))
    ours = pl.col("instruction_id").is_in(kept)
    return Contents(
        recipe=made,
        name="demo-1",
        date=None,
        instructions=asked.filter(pl.col("id").is_in(kept)),
        constraints=constraints.filter(ours),
        responses=answers.filter(pl.col("id").is_in(released)),
        labels=labels.filter(pl.col("response_id").is_in(released)),
        verdicts=verdicts.filter(pl.col("response_id").is_in(released)),
        edges=derived.edges,
        rated=dict(derived.graphs.select("instruction_id", "rated_positions").iter_rows()),
        drops=drops_frame(drops),
        funnel=funnel,
        compared=derived.stats,
        fingerprints={"collect": "ab" * 32, "graph": "cd" * 32},
        commit="0" * 40,
    )


def test_contents_of_a_build_pass():
    contents = contents_of()
    check_contents(contents)
    assert len(contents.edges) > 20 and len(contents.drops) > 5
    assert set(contents.verdicts["outcome"]) == {"satisfied", "violated", "unknown"}


def refused(contents: Contents) -> str:
    with pytest.raises(ReleaseError) as caught:
        check_contents(contents)
    return str(caught.value)


def test_a_response_without_text_is_refused():
    contents = contents_of(instructions=4)
    first = contents.responses["id"][0]
    blank = pl.when(pl.col("id") == first).then(None).otherwise(pl.col("text")).alias("text")
    assert f"{first} has no text" in refused(replace(contents, responses=contents.responses.with_columns(blank)))


def test_rows_that_hang_in_the_air_are_refused():
    contents = contents_of(instructions=4)
    gone = contents.responses["id"][0]
    message = refused(replace(contents, responses=contents.responses.filter(pl.col("id") != gone)))
    assert f"labels.response_id {gone} is not in responses" in message


def test_broken_rows_are_refused():
    contents = contents_of(instructions=4)
    labels = contents.labels.with_columns(pl.lit("perhaps").alias("outcome"))
    assert "outcome" in refused(replace(contents, labels=labels))


def test_a_funnel_that_loses_rows_is_refused():
    contents = contents_of(instructions=4)
    row = contents.funnel[0]
    short = replace(row, kept=row.kept - 1)
    message = refused(replace(contents, funnel=[short, *contents.funnel[1:]]))
    assert f"graph: 1 of {row.given} instructions are neither kept nor dropped" in message


def test_drops_that_the_funnel_does_not_count_are_refused():
    contents = contents_of()
    row = contents.funnel[1]
    silent = replace(row, kept=row.given, dropped={})
    assert "the funnel counts 0" in refused(replace(contents, funnel=[contents.funnel[0], silent]))


def test_nothing_to_release_is_refused():
    contents = contents_of(instructions=4)
    empty = {
        name: getattr(contents, name).clear()
        for name in ("instructions", "constraints", "responses", "labels", "verdicts", "edges")
    }
    assert "no instruction is left" in refused(replace(contents, **empty))
