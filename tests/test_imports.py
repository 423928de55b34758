"""Importing and asking for help are cheap: each in a process of its own."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("polars", "pyarrow", "datasets", "torch", "pandas", "numpy", "huggingface_hub", "xllamacpp")
PROBE = f"""
import sys
sys.argv = ["benchwright", *sys.argv[1:]]
if sys.argv[1:]:
    from benchwright.cli.app import main
    try:
        main()
    except SystemExit as end:
        assert not end.code, end.code
else:
    import benchwright
print("loaded:", *[name for name in {HEAVY!r} if name in sys.modules])
"""


def loaded(cwd, *arguments):
    """Gives the heavy libraries that a process has loaded after ``import benchwright`` or a command."""
    command = [sys.executable, "-c", PROBE, *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1].split()[1:]


@pytest.mark.parametrize(
    "arguments", [(), ("--help",), ("--version",), ("build", "--help"), ("new", "--help")], ids=str
)
def test_nothing_heavy_is_loaded(tmp_path, arguments):
    assert loaded(tmp_path, *arguments) == []


def test_the_probe_sees_what_is_loaded(tmp_path):
    """A probe that could not see polars would prove nothing."""
    code = f"import polars, sys; print('loaded:', *[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "polars" in done.stdout


def best_time(cwd, *arguments):
    """Gives the processor seconds of the cheapest of several runs: wall time says what else the machine does."""
    script = Path(sys.executable).with_name("benchwright")
    times = []
    for _ in range(8):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([script, *arguments], cwd=cwd, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def test_help_is_quick(tmp_path):
    assert best_time(tmp_path, "--help") < 0.150


@pytest.mark.parametrize("verb", ["build", "audit", "show"])
def test_help_of_a_verb_is_quick(tmp_path, verb):
    assert best_time(tmp_path, verb, "--help") < 0.300
