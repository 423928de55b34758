"""The public names: few, loadable, and those that are announced."""

import ast
from pathlib import Path

import pytest

import benchwright

ROOT = Path(__file__).resolve().parents[1]


def lazy_names():
    """Gives the names that the root file's table of homes holds, read from its source."""
    for node in ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_HOMES":
            return set(ast.literal_eval(node.value))
    raise AssertionError("the root file has no _HOMES")


def typed_names():
    """Gives the names that type checkers see."""
    tree = ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If)]
    return {alias.asname for block in blocks for node in block.body for alias in node.names}


def test_announced_are_the_lazy_names():
    assert set(benchwright.__all__) == lazy_names() | {"__version__"} == typed_names() | {"__version__"}
    assert len(benchwright.__all__) == len(set(benchwright.__all__)) <= 25
    assert dir(benchwright) == sorted(benchwright.__all__)


@pytest.mark.parametrize("name", benchwright.__all__)
def test_every_name_loads(name):
    value = getattr(benchwright, name)
    assert getattr(value, "__name__", name) == name


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="no attribute 'bild'"):
        _ = benchwright.bild
    assert not hasattr(benchwright, "schemas_")


def test_version_is_the_installed_one():
    from importlib.metadata import version

    assert benchwright.__version__ == version("benchwright")
