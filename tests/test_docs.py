"""The documentation names everything there is, nothing that is not, and links to what exists."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from typer.main import get_command

from benchwright import errors
from benchwright.builders.scenario import SCENARIOS
from benchwright.builders.source import SOURCES
from benchwright.cli.app import app
from benchwright.constraints.constraint import CONSTRAINTS, families
from benchwright.filters.filter import FILTERS
from benchwright.sampling.layouts import LAYOUTS
from benchwright.schemas.recipe import Recipe, Use

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS]
TEXTS = {path: path.read_text("utf-8") for path in PAGES}
ALL = "\n".join(TEXTS.values())


def page(name: str) -> str:
    return TEXTS[ROOT / "docs" / name]


def cells(text: str, head: str) -> list[list[str]]:
    """Gives the rows of the table whose first head cell is ``head``, without the head."""
    lines = text.splitlines()
    at = next(at for at, line in enumerate(lines) if line.startswith(f"| {head} |"))
    rows = []
    for line in lines[at + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def ids(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def written(code: str) -> str:
    """Gives what a piece of code prints that imports the benchmarks, which lie beside the package."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_the_catalogue_is_what_its_command_writes() -> None:
    code = "import sys; from benchmarks.catalogue import page; sys.stdout.buffer.write(page().encode())"
    assert page("catalogue.md") == written(code), "run python -m benchmarks.catalogue"


def test_no_page_names_a_constraint_that_is_not() -> None:
    known = {*CONSTRAINTS.ids(), "keywords.*", "punctuation.*", "start_end.*"}
    named = {word for word in re.findall(r"`([^`\n]+)`", ALL) if word.split(".")[0] in families(CONSTRAINTS.ids())}
    assert {word for word in named if re.fullmatch(r"[a-z_]+\.[a-z_*]+", word)} <= known


def test_every_difference_of_the_dialects_has_its_row() -> None:
    rows = {ids(row[0])[0]: row for row in cells(page("constraints.md"), "id")}
    code = "import json; from benchmarks.divergence import minimal_inputs; print(json.dumps(minimal_inputs()))"
    minimal = json.loads(written(code))
    assert set(minimal) <= set(rows), "run python -m benchmarks.divergence"
    for id, (_, published, ours) in minimal.items():
        assert rows[id][3:5] == [published, ours], f"{id}: run python -m benchmarks.divergence"


@pytest.mark.parametrize(
    ("head", "known"),
    [
        ("scenario", SCENARIOS.ids()),
        ("source", SOURCES.ids()),
        ("filter", FILTERS.ids()),
    ],
)
def test_plug_ins_have_their_tables(head: str, known: tuple[str, ...]) -> None:
    assert sorted(ids(row[0])[0] for row in cells(page("recipes.md"), head)) == sorted(known)


@pytest.mark.parametrize("registry", [SOURCES, FILTERS])
def test_their_parameters_are_named(registry: Any) -> None:
    for row in cells(page("recipes.md"), registry.noun):
        fields = set(registry.get(ids(row[0])[0]).Params.model_fields)
        assert fields <= set(ids(row[2])), (row[0], fields)


def test_recorded_layouts_are_named() -> None:
    line = next(line for line in page("recipes.md").splitlines() if line.startswith("Recorded responses"))
    assert sorted(ids(line)[1:]) == sorted(LAYOUTS)


def models_in(kind: Any) -> Iterator[type[BaseModel]]:
    """Gives the record models a field's type holds."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    elif get_origin(kind) in (tuple, Union, UnionType):
        for inner in get_args(kind):
            yield from models_in(inner)
    elif hasattr(kind, "__metadata__"):
        yield from models_in(get_args(kind)[0])


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Gives the recipe's keys, each with the key above it."""
    for name, field in model.model_fields.items():
        inner = [one for one in models_in(field.annotation) if one is not Use]
        yield prefix, name
        for one in inner:
            yield from keys(one, f"{prefix}.{name}".strip("."))


def test_every_recipe_key_is_in_the_table() -> None:
    rows = cells(page("recipes.md"), "key")
    text = "\n".join("|".join(row) for row in rows)
    paths = {path.replace("[]", "") for row in rows for cell in ids(row[0]) for path in cell.split(", ")}
    for above, name in keys(Recipe):
        path = f"{above}.{name}".strip(".")
        inner = any(known.startswith(f"{path}.") for known in paths)
        listed = path in paths or inner or (above in paths and f"`{name}" in _row(rows, above))
        assert listed, f"{path} is not in docs/recipes.md"
    assert "`id`" in text


def _row(rows: list[list[str]], path: str) -> str:
    return "|".join(next(row for row in rows if path in row[0].replace("[]", "")))


def test_the_table_of_keys_names_none_that_is_not() -> None:
    known = {f"{above}.{name}".strip(".") for above, name in keys(Recipe)}
    for row in cells(page("recipes.md"), "key"):
        for cell in ids(row[0]):
            for path in cell.split(", "):
                assert path.replace("[]", "") in known, path


def test_every_command_is_named_and_no_other() -> None:
    group: Any = get_command(app)
    commands = set()
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        commands |= {f"{name} {one}" for one in inner} if inner else {name}
    said_there = re.findall(r"`benchwright ((?:(?:new|constraints|ledger|label-studio) )?[a-z-]+)", page("commands.md"))
    named = {" ".join(match.split()) for match in said_there}
    assert named == commands
    verbs = {command.split()[0] for command in commands}
    for path, text in TEXTS.items():
        said = re.findall(r"(?:^[$ ]*|`|&& )benchwright ([a-z-]+)\b", text, re.MULTILINE)
        assert set(said) <= verbs, path


def test_every_exit_code_is_in_the_table() -> None:
    classes = [getattr(errors, name) for name in errors.__all__]
    codes = {item.exit_code for item in classes if isinstance(item, type) and issubclass(item, errors.BenchwrightError)}
    documented = {int(row[0]) for row in cells(page("commands.md"), "exit code")}
    assert documented == codes | {0, 130}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", TEXTS[path])):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        place = (path.parent / name).resolve() if name else path
        assert place.exists(), f"{path.name}: {target}"
        if heading:
            heads = re.findall(r"^#+ (.+)$", place.read_text("utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}, target
