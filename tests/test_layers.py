"""Imports point one way only, are relative inside the package, and never name a sub-package without the package."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = (
    {"errors"},
    {"schemas"},
    {"store", "filters", "constraints", "graph"},
    {"builders"},
    {"sampling"},
    {"labels"},
    {"release"},
    {"recipes"},
    {"flow"},
    {"pipeline"},
    {"cli"},
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
DATA_ONLY = {"cards"}
"""Packages that hold text files: anybody may read them."""
OUTSIDE = {"tests", "docs", "benchmarks"}
FREE = {"__init__.py", "__main__.py"}
"""The two root files that name the package: they lie above every layer."""
SOURCES = sorted(
    path.relative_to(ROOT)
    for name in sorted(LEVEL)
    for path in [ROOT / f"{name}.py", *(ROOT / name).rglob("*.py")]
    if path.exists()
)
EVERYTHING = [
    *SOURCES,
    *sorted(p.relative_to(ROOT) for top in ("tests", "benchmarks") for p in (ROOT / top).rglob("*.py")),
]


def imports(path: Path):
    """Yields (level, dotted name, line) of each import: level 0 is absolute."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield 0, alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.level, ".".join(part for part in (node.module, alias.name) if part), node.lineno


def reached(path: Path, level: int, name: str) -> str:
    """Gives the top-level component that a relative import reaches."""
    package = path.parent.parts
    base = package[: len(package) - (level - 1)]
    return [*base, *name.split(".")][0]


def test_every_component_has_a_layer():
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    modules = {path.stem for path in ROOT.glob("*.py") if path.name not in FREE}
    assert (folders - OUTSIDE) | modules == set(LEVEL) | DATA_ONLY


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_imports_point_down(path):
    own = path.parts[0].removesuffix(".py")
    for level, name, line in imports(path):
        if level == 0:
            assert not name.startswith("benchwright"), f"{path}:{line}: import {name} relatively"
            continue
        other = reached(path, level, name)
        if other in DATA_ONLY or other == "__version__":
            continue
        assert other in LEVEL, f"{path}:{line}: {name} is in no layer"
        below = other == own or LEVEL[other] < LEVEL[own]
        assert below, f"{path}:{line}: {own} imports {other}, which is beside or above it"


@pytest.mark.parametrize("path", EVERYTHING, ids=str)
def test_no_bare_names(path):
    """With the checkout as working directory ``import schemas`` would work by accident, and load everything twice."""
    for level, name, line in imports(path):
        assert level or name.split(".")[0] not in {*LEVEL, *DATA_ONLY}, f"{path}:{line}: import benchwright.{name}"


@pytest.mark.parametrize("path", [p for p in SOURCES if p.name == "__init__.py"], ids=str)
def test_package_files_hold_only_their_docstring(path):
    body = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    assert len(body) == 1 and isinstance(body[0], ast.Expr), f"{path} holds more than a docstring"


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_modules_name_what_they_export(path):
    if path.name == "__init__.py":
        return
    names = {
        target.id
        for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert "__all__" in names, f"{path} has no __all__"


def test_files_stay_small():
    lengths = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {path: lines for path, lines in lengths.items() if lines > 600} == {}
