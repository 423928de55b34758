"""``write_scenario``: the file it writes is a scenario at once, inside the package and outside."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import benchwright.builders.scenarios
from benchwright.builders.new_scenario import write_scenario
from benchwright.builders.scenario import SCENARIOS, Scenario
from benchwright.builders.source import SOURCES, Candidate, SourceParams
from benchwright.errors import UsageError
from benchwright.schemas import plugin
from benchwright.store.fetch import Fetch

from .test_contract import check_scenario


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which the registry looks for scenarios."""
    before = set(sys.modules)
    monkeypatch.setattr(
        benchwright.builders.scenarios, "__path__", [*benchwright.builders.scenarios.__path__, str(tmp_path)]
    )
    clear()
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("benchwright.builders.scenarios."):
            del sys.modules[name]
            delattr(benchwright.builders.scenarios, name.rpartition(".")[2])
    clear()


def clear() -> None:
    for remembered in (plugin._found, plugin._find, plugin._names):
        remembered.cache_clear()


def rescan() -> None:
    importlib.invalidate_caches()
    clear()


# The last ones would clash with names that the template imports, or with keywords, as class names.
@pytest.mark.parametrize("name", ["short_requests", "x", "part_2", "gold", "scenario", "none"])
def test_a_new_scenario_keeps_the_contract_at_once(folder: Path, name: str) -> None:
    path = write_scenario(name, folder)
    assert path == folder / f"{name}.py"
    rescan()
    assert name in SCENARIOS.ids()
    check_scenario(SCENARIOS.get(name))


def test_a_new_scenario_selects_some_and_not_all(folder: Path) -> None:
    write_scenario("short_requests", folder)
    rescan()
    rows = [row for row in SOURCES.get("starter").read(SourceParams(), Fetch()) if isinstance(row, Candidate)]
    taken = [row for row in rows if SCENARIOS.get("short_requests").select(row)]
    assert 20 <= len(taken) < len(rows)
    assert {len(row.messages) for row in taken} == {1}


def test_outside_the_package_it_imports_by_full_name(tmp_path: Path) -> None:
    path = write_scenario("my_shop", tmp_path)
    spec = importlib.util.spec_from_file_location("my_shop", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["my_shop"] = module
    try:
        spec.loader.exec_module(module)
        (exported,) = (getattr(module, name) for name in module.__all__)
        assert issubclass(exported, Scenario)
        check_scenario(exported())
    finally:
        del sys.modules["my_shop"]


def test_what_it_writes_is_clean(folder: Path) -> None:
    path = write_scenario("short_requests", folder)
    text = path.read_text(encoding="utf-8")
    assert "@" not in text
    config = Path(__file__).parents[1] / "pyproject.toml"
    ruff = [sys.executable, "-m", "ruff"]
    for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        done = subprocess.run([*ruff, *command, "--config", str(config), str(path)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "suggested"),
    [
        ("My Scenario-2", "my_scenario_2"),
        ("customerChats", "customer_chats"),
        ("2fast", "scenario_2fast"),
        ("class", "scenario_class"),
        ("_hidden", "hidden"),
        ("", "my_scenario"),
        ("../up", "up"),
        ("数据", "my_scenario"),
        ("Single-Turn", "single_turn_2"),
        ("a\n", "a"),
    ],
)
def test_names_that_are_refused(tmp_path: Path, name: str, suggested: str) -> None:
    with pytest.raises(UsageError) as caught:
        write_scenario(name, tmp_path)
    assert repr(name) in caught.value.message
    assert caught.value.message.endswith(repr(suggested))
    assert not list(tmp_path.iterdir())
    assert write_scenario(suggested, tmp_path).exists()


def test_a_taken_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="already called 'multi_turn'"):
        write_scenario("multi_turn", tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(UsageError, match="exists already"):
        write_scenario("mine", tmp_path)
    assert path.read_text(encoding="utf-8") == "precious"


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        write_scenario("mine", tmp_path / "absent")
