"""What can be done with a recipe: building it, planning it, handing out what it asks, reading what is labelled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from .constraints.draft import owed_calls
from .errors import UsageError, nearest
from .flow import STAGES, Flow
from .labels.outlook import checklists_ask, judges_ask, sizes_of
from .recipes.check import check_recipe
from .release.account import figures_of
from .release.manifest import read_manifest
from .release.write import check_target
from .sampling.batch_lines import OwedWork
from .sampling.estimate import Estimate
from .schemas.recipe import Recipe
from .schemas.runtime import Built, Plan, Runtime
from .store.ledger import Ledger
from .store.stage import StageStore
from .store.workspace import Workspace, machine, write_json

__all__ = ["STAGES", "Built", "Plan", "Runtime", "build", "check_recipe", "labelled", "owed_requests", "plan", "status"]


def build(recipe: Recipe, runtime: Runtime) -> Built:
    """Builds a release, or as much of it as ``runtime.until`` asks for; picks up whatever is done already.

    Raises:
        UsageError: when the recipe names what does not exist.
        InputError: when a source cannot be read or nothing is left.
        ModelError: when a model cannot be asked; what was answered is kept.
        WorkspaceError: when another build uses the workspace, or the disk is full.
    """
    began = runtime.clock()
    if runtime.out is not None:
        check_target(runtime.out)
    flow = Flow(recipe, runtime)
    if runtime.until is not None and runtime.until not in STAGES:
        raise UsageError(f"no stage is called {runtime.until!r}: {nearest(runtime.until, STAGES)}")
    with flow.store.workspace.locked():
        stages = flow.run()
        release = None
        if runtime.out is not None and runtime.until in (None, "release"):
            release = flow.release(runtime.out)
    where = None if release is None else str(release)
    run = {
        "name": recipe.name,
        "release": where,
        **figures_of(flow.outputs),
        **flow.session.report(flow.payer),
        "stages": stages,
    }
    run["seconds"] = round(runtime.clock() - began, 3)
    if release is not None:
        run["rows"] = read_manifest(release).counts.rows
        write_json(release.with_name("run.json"), {**run, "argv": list(runtime.argv), "machine": machine()})
    return Built(release, run)


def plan(recipe: Recipe, runtime: Runtime) -> Plan:
    """Says what a build would do: which stages are done, how many requests are owed. Writes and asks nothing."""
    flow = Flow(recipe, runtime)
    done = flow.outline()
    instructions = flow.table("constrain", "instructions").height
    asks = recipe.sampling.recorded is None
    found = flow.session.estimate((item.request for item in flow.owing()), count=True) if asks else []
    further = _further(flow, done)
    owed = Counter({stage: one.requests for stage, one in further})
    owed.update({"sample": sum(one.requests for one in found)} if asks else {})
    rows = [
        {"name": name, "fingerprint": stage.fingerprint, "done": name in done, "owed": owed.get(name)}
        for name, stage in flow.stages.items()
    ]
    constraints = flow.constraints()
    rest = flow.session.beyond(recipe.sampling.strategy, flow.owing(), constraints) if asks else []
    return Plan(rows, instructions, **flow.session.outlook(found, rest + further, flow.payer))


def _further(flow: Flow, done: set[str]) -> list[tuple[str, Estimate]]:
    """Guesses what stages other than sampling will ask that are not done."""
    recipe, prices, batch = flow.recipe, flow.session.prices, flow.runtime.batch
    instructions = flow.instructions("constrain")
    answers = flow.table("sample", "responses") if "sample" in flow.outputs else None
    sizes = sizes_of(instructions, answers, recipe.sampling)
    found: list[tuple[str, Estimate]] = []
    if "checklist" not in done and (uses := recipe.constraints.checklists):
        calls = {owed.model: owed.calls for owed in owed_calls(uses, instructions, flow.remarks())}
        found += [("checklist", one) for one in checklists_ask(calls, sizes, prices, batch)]
    if "label" not in done and (judges := recipe.labels.judges):
        each = flow.responses if recipe.sampling.models else {}
        responses = {one.id: each.get(one.scenario, 1) for one in instructions}
        if answers is not None:
            responses = Counter(answers["instruction_id"].to_list())
        found += [("label", one) for one in judges_ask(judges, flow.constraints(), responses, sizes, prices, batch)]
    return found


def owed_requests(recipe: Recipe, runtime: Runtime) -> OwedWork:
    """Gives the requests that a build would ask, for those who ask in another way. Asks nothing; needs no key.

    Raises:
        UsageError: when the recipe asks no model, or one that is embedded.
    """
    flow = Flow(recipe, runtime)
    flow.outline()
    if recipe.sampling.recorded is not None:
        raise UsageError(f"{recipe.name!r} asks no model: its responses are recorded")
    ledger = flow.store.workspace.ledger_path
    return OwedWork(*flow.session.owed(flow.owing()), flow.payer, ledger)


def status(workspace: Path) -> dict[str, Any]:
    """Says what a workspace holds: ``stages`` (finished, with their counts) and ``answers`` (stored)."""
    store = StageStore(Workspace(workspace))
    answers = 0
    if store.workspace.ledger_path.exists():
        with Ledger.read(store.workspace.ledger_path) as ledger:
            answers = ledger.count()
    return {"workspace": str(workspace), "stages": store.finished(), "answers": answers}


def labelled(recipe: Recipe, runtime: Runtime) -> Mapping[str, pl.DataFrame]:
    """Gives the tables of a build's finished stages: what people are to be asked about. Asks nobody, builds nothing.

    Returns:
        ``instructions, constraints, responses, labels, verdicts`` and, once there is a graph, ``edges``.

    Raises:
        UsageError: when the build has not got as far as verdicts.
    """
    flow = Flow(recipe, runtime)
    done = flow.outline()
    if absent := [name for name in STAGES[: STAGES.index("aggregate") + 1] if name not in done]:
        raise UsageError(
            f"{recipe.name!r} is not labelled yet: {', '.join(absent)} not done in {runtime.workspace}: "
            "benchwright build it first (--until aggregate will do)"
        )
    tables = {name: frame for output in flow.outputs.values() for name, frame in output.tables.items()}
    names = ("instructions", "constraints", "responses", "labels", "verdicts", "edges")
    return {name: tables[name] for name in names if name in tables}
