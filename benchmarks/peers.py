"""The published checkers, installed for the benchmark alone: an environment of their own, kept in the user's cache.

lm-eval carries IFEval's checkers, if-verifiable IFBench's; both are installed without their dependencies (torch
among them), which these files do not import. nltk's data comes from llama-index-core; the tagger's weights are
those of ``constraints/official/data``, which hold what a first token needs: with all of them, five times as many, the
published ``words:start_verb`` is slower than here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from .proof import Skipped

__all__ = ["run_peer"]

PACKAGES = (
    "lm-eval==0.4.13",
    "if-verifiable==0.1.2",
    "llama-index-core==0.14.25",
)
NEEDED = ("nltk==3.9.2", "langdetect==1.0.9", "emoji==2.15.0", "syllapy==0.7.2", "immutabledict", "packaging")


def _folder() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "benchwright" / "peers-1"


def _pip(python: Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise Skipped(f"the published checkers cannot be installed: {last}")


def _data(python: Path, folder: Path) -> None:
    """Lays nltk's data out as nltk looks for it."""
    code = "import importlib.util as u; print(u.find_spec('llama_index.core').submodule_search_locations[0])"
    found = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    cache = Path(found.stdout.strip()) / "_static" / "nltk_cache"
    for kind, name in (("tokenizers", "punkt_tab"), ("corpora", "stopwords")):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        (folder / kind / name).symlink_to(cache / kind / name)
    tagger = folder / "taggers" / "averaged_perceptron_tagger_eng"
    tagger.mkdir(parents=True)
    for part, value in _tagger().items():
        (tagger / f"averaged_perceptron_tagger_eng.{part}.json").write_text(json.dumps(value), "utf-8")


def _tagger() -> dict[str, Any]:
    """Gives the tagger's model as nltk reads it: ours has what a first token needs, and no check looks at others."""
    from benchwright.constraints.official.package_data import read_data

    tags, known, *features = read_data("tagger.txt.xz").split("\n")
    names = tags.split(" ")
    weights: dict[str, dict[str, float]] = {}
    for feature in features:
        name, packed = feature.split("\t")
        numbers = packed.split()
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        weights[name] = {names[int(tag)]: int(weight) / 1000 for tag, weight in pairs}
    tagdict = dict(word.rsplit(" ", 1) for word in known.split("\t"))
    return {"weights": weights, "tagdict": tagdict, "classes": names}


def _python() -> Path:
    folder = _folder()
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        _pip(python, "--no-deps", *PACKAGES)
        _pip(python, *NEEDED)
        _data(python, folder / "nltk_data")
        (folder / "ready").touch()
    return python


def run_peer(suite: str, rows: Path, rounds: int) -> dict[str, Any]:
    """Runs the published checkers of a suite on one thread.

    Args:
        suite: ``ifeval`` or ``ifbench``.
        rows: JSONL with ``prompt, response, instruction_id_list, kwargs``.
        rounds: how often; the best counts.

    Returns:
        ``checks``, ``seconds`` (of the best round), ``followed``, ``import_seconds`` and ``peak_mb``.

    Raises:
        Skipped: when they cannot be installed here.
    """
    script = Path(__file__).with_name("peer_checks.py")
    env = {**os.environ, "NLTK_DATA": str(_folder() / "nltk_data"), "PYTHONHASHSEED": "0"}
    command = [str(_python()), str(script), suite, str(rows), str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=_folder())
    if done.returncode:
        raise AssertionError(f"the published checkers failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    print(json.dumps(run_peer(sys.argv[1], Path(sys.argv[2]), 1)))
