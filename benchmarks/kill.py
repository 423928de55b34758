"""Kills builds with SIGKILL at random instants and resumes them: same bytes, nothing committed is asked again."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.servers import FakeServer, reply_body, varied_text

from .proof import Proof, tree_hashes

__all__ = ["prove"]

CONCURRENCY = 4

RECIPE = """\
name: killed
seed: 11
scenarios:
  - {id: single_turn, quota: 6}
  - {id: multi_turn, quota: 3}
  - {id: system_prompt, quota: 3}
filters:
  - {id: duplicate}
constraints:
  extracted: avoid
  attach: {min: 2, max: 3}
sampling:
  models: [{id: MODEL}]
  responses: 6
  parameters: {temperature: 1.0, max_tokens: 64}
splits: {shares: {validation: 0.3, test: 0.7}}
"""


def _command(recipe: Path, workspace: Path, out: Path) -> list[str]:
    flags = ["--workspace", str(workspace), "-o", str(out), "--json", "--concurrency", str(CONCURRENCY)]
    return [sys.executable, "-m", "benchwright", "build", str(recipe), *flags]


def _run(command: list[str], env: dict[str, str], kill_after: float | None = None) -> tuple[bool, float]:
    """Runs a build, or kills it after some seconds; says whether it ended by itself, and how long it took."""
    began = time.monotonic()
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            _, errors = process.communicate(timeout=kill_after)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return False, time.monotonic() - began
    if process.returncode:
        raise AssertionError(f"the build exited {process.returncode}:\n{errors[-2000:]}")
    return True, time.monotonic() - began


Key = tuple[str, int]
"""What a request is told by: its conversation as JSON, and its seed."""


def _key(messages: list[dict[str, str]], seed: int) -> Key:
    return json.dumps(messages, sort_keys=True), seed


def _asked(server: FakeServer | None) -> Counter[Key]:
    """Counts what the server was asked so far."""
    return Counter(_key(body["messages"], body["seed"]) for body in (server.bodies if server else ()))


def _committed(workspace: Path) -> set[Key]:
    """Reads which requests have a committed answer, as the server counts them."""
    ledger = workspace / "ledger.sqlite"
    if not ledger.exists():
        return set()
    with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as connection:
        try:
            rows = connection.execute("SELECT request FROM answers").fetchall()
        except sqlite3.OperationalError:  # killed before the table was made
            return set()
    requests = [json.loads(request) for (request,) in rows]
    return {_key(request["messages"], request["parameters"]["seed"]) for request in requests}


def _kill_and_resume(
    recipe: Path, folder: Path, env: dict[str, str], instant: float, server: FakeServer | None
) -> dict[str, int]:
    """Kills one build at an instant and lets the same command finish it; counts what was asked twice."""
    command = _command(recipe, folder / "ws", folder / "out")
    if server:
        server.bodies.clear()
    ended, _ = _run(command, env, kill_after=instant)
    committed = _committed(folder / "ws")
    first = _asked(server)
    _run(command, env)
    asked = _asked(server)
    asked_again = sum(asked[key] - first[key] for key in committed)
    resent = sum(count - 1 for count in asked.values())
    return {"killed": int(not ended), "committed_asked_again": asked_again, "resent": resent}


def prove_with(
    model: str, kills: int, env: dict[str, str], server: FakeServer | None, quota: str = ""
) -> dict[str, Any]:
    """Kills ``kills`` builds of one model; gives the figures, or raises where a promise is broken."""
    rng = random.Random(20)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recipe = folder / "killed.yaml"
        text = RECIPE.replace("MODEL", model) + quota
        recipe.write_text(text, encoding="utf-8")
        ended, seconds = _run(_command(recipe, folder / "clean" / "ws", folder / "clean" / "out"), env)
        assert ended
        wanted = tree_hashes(folder / "clean" / "out" / "release")
        killed = resent = asked_again = 0
        for n in range(kills):
            place = folder / str(n)
            place.mkdir()
            figures = _kill_and_resume(recipe, place, env, rng.uniform(0.05, seconds * 0.98), server)
            assert tree_hashes(place / "out" / "release") == wanted, f"kill {n}: other bytes"
            assert figures["committed_asked_again"] == 0, f"kill {n}: {figures}"
            assert figures["resent"] <= CONCURRENCY, f"kill {n}: {figures}"
            killed += figures["killed"]
            asked_again += figures["committed_asked_again"]
            resent = max(resent, figures["resent"])
    return {
        "builds": kills,
        "killed_before_their_end": killed,
        "committed_answers_asked_again": asked_again,
        "most_requests_sent_again_by_one_build": resent,
        "in_flight_at_most": CONCURRENCY,
        "files_compared": len(wanted),
        "seconds_of_a_build": round(seconds, 1),
    }


def prove(small: bool) -> Proof:
    """Kills builds that ask a loopback server, and, at full size, some that run the embedded model."""
    kills = 5 if small else 44
    with FakeServer(latency=0.06, answer=lambda body: reply_body(varied_text(body))) as server:
        env = {**os.environ, "OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "none"}
        figures = {"loopback": prove_with("openai/recorded", kills, env, server)}
    if not small:
        figures["embedded"] = prove_with("embedded/smollm2-135m", 6, dict(os.environ), None, "limit: 4\n")
    return Proof("kill -9 and resume", "make proof", figures)
