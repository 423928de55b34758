"""``new scenario``, ``new constraint`` and ``new recipe``: files to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import AsJson, Data

__all__ = ["new"]

new = typer.Typer(
    help="Write a new scenario, a new constraint, or a recipe for your own file.",
    rich_markup_mode=None,
    add_completion=False,
)


@new.command()
def scenario(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The scenario's id, in snake_case.")],
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="DIR", help="The folder (default: where the installed package looks)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a scenario file that passes the contract test at once."""
    from ..builders.new_scenario import write_scenario
    from .output import print_json, say

    path = write_scenario(name, to or _scenario_folder())
    following = ["benchwright build starter " + f"--set 'scenarios=[{{id: {name}}}]' --limit 4 -o work/{name}"]
    if as_json:
        print_json({"path": str(path), "next": following})
        return
    say(f"wrote {path}", "edit what it selects and its gold pairs, then")
    say(*(f"  {command}" for command in following))
    if to is not None:
        say("benchwright finds it when it lies in builders/scenarios, or through the entry point benchwright.scenarios")


def _scenario_folder() -> Path:
    from ..builders import scenarios

    return Path(next(iter(scenarios.__path__)))


@new.command()
def constraint(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The constraint's family, in snake_case.")],
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="DIR", help="The folder (default: where the installed package looks)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a constraint and its fixtures that pass the contract test at once."""
    from ..builders.new_constraint import write_constraint
    from .output import print_json, say

    written = write_constraint(name, to or _constraint_folder())
    following = [
        f"benchwright constraints show {name}.questions",
        f"pytest tests/test_contract_constraints.py -k {name}",
    ]
    if as_json:
        print_json({"path": str(written.path), "fixtures": str(written.fixtures), "next": following})
        return
    say(f"wrote {written.path}", f"wrote {written.fixtures}", "edit what it finds, its wordings and its fixtures, then")
    say(*(f"  {command}" for command in following))
    if to is not None:
        say("benchwright finds it in constraints/verifiable, or through the entry point benchwright.constraints")


def _constraint_folder() -> Path:
    from ..constraints import verifiable

    return Path(next(iter(verifiable.__path__)))


@new.command()
def recipe(
    source: Annotated[Path, typer.Option("--from", metavar="FILE", help="Your rows: JSONL, Parquet, CSV, JSON, text.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The recipe (default: FILE's name, .yaml).")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write a recipe that builds from your own file."""
    from ..recipes.new_recipe import write_recipe
    from .options import data_folder
    from .output import print_json, say

    written = write_recipe(source, output, data_folder(data))
    following = [f"benchwright plan {written.path}", f"benchwright build {written.path} --limit 8"]
    if as_json:
        print_json({"path": str(written.path), "columns": written.columns, "next": following})
        return
    say(f"wrote {written.path}", *(f"  {line}" for line in written.columns), "next")
    say(*(f"  {command}" for command in following))
