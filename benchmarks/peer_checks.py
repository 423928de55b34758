"""Times the published checkers in their own environment: ``peer_checks.py ifeval|ifbench ROWS ROUNDS``.

Runs as a script without Benchwright. Each check builds its instruction anew from the parameters, as the published
evaluators do.
"""

import importlib
import importlib.util
import json
import resource
import sys
import time
import types
from pathlib import Path


def registry(suite: str) -> dict:
    """Imports a suite's registry without the rest of the package that carries it, and without a spaCy model.

    IFBench's checkers download that model when they are imported, and never use it.
    """
    sys.modules["spacy"] = types.ModuleType("spacy")
    sys.modules["spacy.cli"] = types.ModuleType("spacy.cli")
    sys.modules["spacy.cli"].download = lambda name: None
    package = {"ifeval": "lm_eval.tasks.ifeval", "ifbench": "ifbench"}[suite]
    parts = package.split(".")
    folder = Path(importlib.util.find_spec(parts[0]).submodule_search_locations[0])
    for depth in range(len(parts)):
        name = ".".join(parts[: depth + 1])
        module = types.ModuleType(name)
        module.__path__ = [str(folder.joinpath(*parts[1 : depth + 1]))]
        sys.modules[name] = module
    return importlib.import_module(f"{package}.instructions_registry").INSTRUCTION_DICT


def timed_download(spent: list) -> None:
    """Adds up what ``nltk.download`` takes: IFBench's checkers call it in each check that needs nltk's data."""
    import nltk

    download = nltk.download

    def timed(*arguments: object, **options: object) -> bool:
        began = time.perf_counter()
        found = download(*arguments, **options)
        spent[-1] += time.perf_counter() - began
        return found

    nltk.download = timed


def one_round(known: dict, rows: list) -> tuple[int, int]:
    """Checks every row once; gives checks and how many follow."""
    checks = followed = 0
    for row in rows:
        for id, kwargs in zip(row["instruction_id_list"], row["kwargs"], strict=True):
            instruction = known[id](id)
            instruction.build_description(**{name: value for name, value in kwargs.items() if value is not None})
            names = instruction.get_instruction_args()
            if names and "prompt" in names:
                instruction.build_description(prompt=row["prompt"])
            checks += 1
            if row["response"].strip() and instruction.check_following(row["response"]):
                followed += 1
    return checks, followed


def peak_mb() -> float:
    """Gives the most memory this process had; getrusage would count what its parent had when it forked."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(status.read_text("utf-8").partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    """Prints one JSON object."""
    suite, path, rounds = sys.argv[1:4]
    began = time.perf_counter()
    known = registry(suite)
    import_seconds = time.perf_counter() - began
    rows = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
    seconds, downloads = [], []
    timed_download(downloads)
    for _ in range(int(rounds)):
        downloads.append(0.0)
        began = time.perf_counter()
        checks, followed = one_round(known, rows)
        seconds.append(time.perf_counter() - began)
    found = {"checks": checks, "seconds": seconds, "download_seconds": downloads, "followed": followed}
    found["import_seconds"] = import_seconds
    print(json.dumps({**found, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
