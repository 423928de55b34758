"""``write_constraint``: what it writes is a constraint at once, inside the package and outside."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchwright.builders.new_constraint import write_constraint
from benchwright.errors import UsageError

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["tone", "x", "part_2", "document", "counted"])
def test_a_new_constraint_keeps_the_contract_at_once(tmp_path: Path, name: str) -> None:
    """In a copy of the package, as in a checkout: nothing is registered but the file's being there."""
    copy = tmp_path / "benchwright"
    skipped = shutil.ignore_patterns(".git", "tests", "docs", "benchmarks", "work", "build", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=skipped)
    (copy / "tests" / "fixtures").mkdir(parents=True)
    for file in ("test_contract_constraints.py", "constraint_runs.py"):
        shutil.copy(ROOT / "tests" / file, copy / "tests")
    command = (
        "import sys; from benchwright.cli.app import main; sys.argv[1:] = ['new', 'constraint', sys.argv[1]]; main()"
    )
    options = {"cwd": tmp_path, "capture_output": True, "text": True, "check": False}
    done = subprocess.run([sys.executable, "-c", command, name], env={"PYTHONPATH": str(tmp_path)}, **options)
    assert done.returncode == 0, done.stderr
    assert (copy / "tests" / "fixtures" / f"{name}.jsonl").is_file()
    # The configuration of the checkout stays out: its rules are for the installed package.
    (copy / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = ['--import-mode=importlib']\n", "utf-8")
    test = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={copy}"]
    chosen = ["-k", f"{name}.questions", str(copy / "tests")]
    tested = subprocess.run([*test, *chosen], env={"PYTHONPATH": str(tmp_path)}, **options)
    every = (ROOT / "tests" / "test_contract_constraints.py").read_text("utf-8").count('parametrize("id", IDS)')
    assert tested.returncode == 0 and f"{every} passed" in tested.stdout, tested.stdout[-3000:]


def test_outside_the_package_it_imports_by_full_name(tmp_path: Path) -> None:
    written = write_constraint("tone", tmp_path)
    assert written.fixtures == tmp_path / "tone.jsonl"
    assert "from benchwright.constraints.document import Document" in written.path.read_text("utf-8")
    code = "import tone; from benchwright.constraints.document import Document as D; t = tone.Tone();"
    code += "print(t.check(t.Params(relation='exactly', n=1), D('Why?')).outcome)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "satisfied", done.stderr


@pytest.mark.parametrize(("name", "said"), [("Tone", "'tone'"), ("class", "keyword"), ("length", "already called")])
def test_names_that_are_none(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        write_constraint(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_over(tmp_path: Path) -> None:
    write_constraint("tone", tmp_path)
    with pytest.raises(UsageError, match="exists already"):
        write_constraint("tone", tmp_path)
    with pytest.raises(UsageError, match="no folder"):
        write_constraint("tone", tmp_path / "none")
