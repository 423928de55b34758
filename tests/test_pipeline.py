"""The flow as a whole, through the real pipeline and a model server on loopback."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from benchwright.builders.new_scenario import write_scenario
from benchwright.errors import InputError, UsageError
from benchwright.pipeline import build, plan, status
from benchwright.recipes.load import load_recipe
from benchwright.release.audit import audit
from benchwright.release.validate import validate
from benchwright.schemas.recipe import Recipe
from benchwright.schemas.runtime import Runtime

from .servers import FakeServer, Fault, reply_body, varied_text

RECIPE = {
    "name": "small",
    "seed": 3,
    "scenarios": [{"id": "single_turn", "quota": 8}, {"id": "multi_turn", "quota": 4}],
    "filters": [{"id": "duplicate"}],
    "constraints": {
        "attach": {"min": 2, "max": 3, "use": ["punctuation.no_comma", "keywords.exclude", "length.words"]}
    },
    "sampling": {"models": [{"id": "openai/fake"}], "responses": 4, "parameters": {"max_tokens": 64}},
    "splits": {"shares": {"validation": 0.3, "test": 0.7}},
}

CALLS = 12 * 4


def recipe(**changes):
    return Recipe.model_validate({**RECIPE, **changes})


@pytest.fixture
def server():
    with FakeServer(answer=lambda body: reply_body(varied_text(body))) as running:
        yield running


@pytest.fixture
def runtime(tmp_path, server):
    environ = {"OPENAI_BASE_URL": server.base_url}
    return Runtime(workspace=tmp_path / "ws", out=tmp_path / "out", environ=environ)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_release_is_valid_and_derived_again_away_from_its_workspace(runtime, tmp_path):
    built = build(recipe(), runtime)
    away = built.release.rename(tmp_path / "away")
    assert validate(away).ok
    assert audit(away).ok
    assert built.run["model_calls"] == CALLS


def test_counts_add_up_from_source_rows_to_the_release(runtime):
    run = build(recipe(), runtime).run
    rows = {(row["stage"], row["noun"]): row for row in run["funnel"]}
    assert all(row["given"] == row["kept"] + sum(row["dropped"].values()) for row in run["funnel"])
    assert rows["collect", "instructions"]["given"] == 108
    assert rows["graph", "instructions"]["kept"] == run["counts"]["instructions"]
    assert rows["graph", "responses"]["kept"] == run["counts"]["responses"]
    assert sum(n for reasons in run["dropped"].values() for n in reasons.values()) == sum(
        sum(row["dropped"].values()) for row in run["funnel"]
    )


def test_a_second_run_asks_nothing_and_writes_the_same_bytes(runtime, server):
    first = tree(build(recipe(), runtime).release)
    asked = server.requests
    again = build(recipe(), runtime)
    assert (again.run["model_calls"], server.requests) == (0, asked)
    assert tree(again.release) == first
    assert all(stage["reused"] for stage in again.run["stages"])


def test_another_workspace_gives_the_same_bytes(runtime, tmp_path):
    first = tree(build(recipe(), runtime).release)
    other = replace(runtime, workspace=tmp_path / "ws2", out=tmp_path / "out2", concurrency=1)
    assert tree(build(recipe(), other).release) == first


def test_a_changed_recipe_asks_only_what_renders_anew(runtime, server):
    build(recipe(), runtime)
    asked = server.requests
    built = build(recipe(graph={"isolated_responses": "keep"}, splits={"shares": {"test": 1}}), runtime)
    assert built.run["model_calls"] == 0
    more = build(recipe(sampling={**RECIPE["sampling"], "responses": 5}), runtime)
    assert more.run["model_calls"] == 12
    assert server.requests == asked + 12


def test_an_unpinned_answer_of_another_origin_is_not_reused(runtime, server):
    build(recipe(), runtime)
    with FakeServer(answer=lambda body: reply_body(varied_text(body))) as other:
        moved = replace(runtime, environ={"OPENAI_BASE_URL": other.base_url})
        assert build(recipe(), moved).run["model_calls"] == CALLS
        pinned = {**RECIPE["sampling"], "models": [{"id": "openai/fake", "revision": "2026-01-01"}]}
        assert build(recipe(sampling=pinned), runtime).run["model_calls"] == CALLS
        assert build(recipe(sampling=pinned), moved).run["model_calls"] == 0
        fleet = {**RECIPE["sampling"], "fleet": True}
        assert build(recipe(sampling=fleet), moved).run["model_calls"] == 0


def test_a_failure_that_may_pass_is_dropped_with_its_reason_and_asked_again_when_told(runtime, server):
    broken = []

    def faults(body, seen):
        if not broken or broken == [body]:
            broken[:] = [body]
            return Fault(body=b"no JSON")
        return None

    server.faults = faults
    first = build(recipe(), runtime)
    assert first.run["dropped"]["graph"]["missing_response"] == 1
    assert (first.run["failed"], first.run["retryable"]) == ({"parse": 1}, 1)
    assert audit(first.release).ok
    server.faults = None
    same = build(recipe(), runtime)
    assert (same.run["model_calls"], same.run["retryable"]) == (0, 1)
    told = replace(runtime, retry_failed=True)
    assert sum(model["requests"] for model in plan(recipe(), told).models) == 1
    again = build(recipe(), told)
    assert (again.run["model_calls"], again.run["failed"], again.run["retryable"]) == (1, {}, 0)
    assert build(recipe(), told).run["model_calls"] == 0
    assert "missing_response" not in again.run["dropped"]["graph"]


def test_until_stops_after_a_stage_and_the_next_build_goes_on(runtime, server):
    part = build(recipe(), replace(runtime, until="constrain"))
    assert part.release is None
    assert [stage["name"] for stage in part.run["stages"]] == ["collect", "filter", "constrain"]
    assert server.requests == 0
    whole = build(recipe(), runtime)
    assert [stage["reused"] for stage in whole.run["stages"][:3]] == [True, True, True]
    with pytest.raises(UsageError, match="did you mean 'graph'"):
        build(recipe(), replace(runtime, until="grph"))


def test_plan_writes_and_asks_nothing(runtime, server):
    owed = plan(recipe(), runtime)
    assert [row["owed"] for row in owed.stages if row["name"] == "sample"] == [CALLS]
    assert owed.tokens["prompt"] > 0
    assert not runtime.workspace.exists()
    assert server.requests == 0
    build(recipe(), runtime)
    after = plan(recipe(), runtime)
    assert all(row["done"] for row in after.stages)
    assert [row["owed"] for row in after.stages if row["name"] == "sample"] == [0]
    found = status(runtime.workspace)
    assert found["answers"] == CALLS
    assert {stage["name"] for stage in found["stages"]} == {row["name"] for row in after.stages}


def test_a_judge_named_later_moves_no_response(runtime, server):
    build(recipe(), runtime)
    judged = {"raters": ["code", "judge"], "judges": [{"id": "token", "model": "openai/other", "over": "all"}]}
    made = plan(recipe(labels=judged), runtime)
    done = {row["name"]: row["done"] for row in made.stages}
    assert done["sample"] and not done["label"]
    assert {row["stage"] for row in made.models if row["requests"]} == {"label"}


def test_a_limit_is_spread_over_scenarios(runtime):
    build(recipe(limit=2), replace(runtime, until="filter"))
    (folder,) = (runtime.workspace / "stages" / "filter").iterdir()
    assert sorted(pl.read_parquet(folder / "instructions.parquet")["scenario"]) == ["multi_turn", "single_turn"]


def test_one_sided_checks_are_left_out_with_their_instructions(runtime):
    built = build(recipe(graph={"one_sided_checks": "drop"}), runtime)
    assert all(
        share["satisfied"] and share["violated"] for id, share in built.run["constraints"].items() if id != "soft"
    )
    assert audit(built.release).ok


def test_nothing_left_says_what_dropped_it(runtime):
    with pytest.raises(InputError, match="no instruction is left after filter") as caught:
        build(recipe(filters=[{"id": "language", "allow": ["eo"]}]), runtime)
    assert any("language:not_allowed" in problem for problem in caught.value.problems)


def test_an_unknown_plugin_is_named_before_anything_runs(runtime):
    wrong = recipe(
        filters=[{"id": "lenght"}],
        constraints={"attach": {"use": ["keyword"]}},
        sampling={"models": [{"id": "opnai/x"}]},
    )
    with pytest.raises(UsageError) as caught:
        build(wrong, runtime)
    assert len(caught.value.problems) == 3
    assert not runtime.workspace.exists()


def test_rotated_models_each_answer_their_instructions(runtime):
    models = [{"id": "openai/a"}, {"id": "openai/b"}]
    built = build(
        recipe(sampling={**RECIPE["sampling"], "models": models}, graph={"isolated_responses": "keep"}), runtime
    )
    items = pl.concat(pl.read_parquet(path) for path in (built.release / "items").glob("*.parquet"))
    per_item = [{row["model"] for row in responses} for responses in items["responses"].to_list()]
    assert all(len(models) == 1 for models in per_item)
    assert len(set.union(*per_item)) == 2


BUILD = """
import sys
from pathlib import Path
import benchwright.builders.scenarios as scenarios
scenarios.__path__.append(sys.argv[1])
from benchwright.pipeline import build
from benchwright.recipes.load import load_recipe
from benchwright.schemas.runtime import Runtime
runtime = Runtime(workspace=Path(sys.argv[3]), out=Path(sys.argv[4]), environ={"OPENAI_BASE_URL": sys.argv[5]})
print(build(load_recipe(sys.argv[2]), runtime).release)
"""


def test_a_new_scenario_appears_in_a_build_without_another_edit(tmp_path, server):
    folder = tmp_path / "scenarios"
    folder.mkdir()
    write_scenario("short_requests", folder)
    (tmp_path / "r.yaml").write_text(
        json.dumps({**RECIPE, "scenarios": [{"id": "short_requests", "quota": 4}]}), encoding="utf-8"
    )
    arguments = [str(folder), str(tmp_path / "r.yaml"), str(tmp_path / "ws"), str(tmp_path / "out"), server.base_url]
    done = subprocess.run(
        [sys.executable, "-c", BUILD, *arguments], capture_output=True, text=True, env=dict(os.environ), check=False
    )
    assert done.returncode == 0, done.stderr
    items = pl.concat(pl.read_parquet(path) for path in (tmp_path / "out" / "release" / "items").glob("*.parquet"))
    assert set(items["scenario"]) == {"short_requests"}


def test_packaged_recipes_load():
    for name in ("starter", "wildchat", "ifeval_published", "ifeval_recorded"):
        assert load_recipe(name).name == name
