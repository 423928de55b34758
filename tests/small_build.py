"""A small build in a process of its own, and what must hold however it ends: for the tests of bad input."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from types import SimpleNamespace

import pytest

from benchwright.release.audit import audit
from benchwright.release.read import read_release
from benchwright.release.validate import validate

from .servers import reply_body, reply_text
from .test_cli import last_json, write_lines

__all__ = [
    "ANSWERS",
    "BUILD",
    "RECIPE",
    "ROWS",
    "answer",
    "build",
    "built",
    "command",
    "ended",
    "environment",
    "proven",
    "refused",
    "small_disk",
    "start",
    "write_small",
]

ROWS = [{"prompt": f"Tell me about river number {n}, please."} for n in range(4)]
RECIPE = """\
name: small
scenarios:
  - id: single_turn
    sources: [{id: messages, files: rows.jsonl}]
constraints:
  attach: {min: 1, max: 1, use: [punctuation.no_comma]}
sampling:
  models: [{id: openai/fake}]
  responses: 3
"""
ANSWERS = 12
"""Requests of the four rows."""


def answer(body, more=""):
    """Answers with a comma for the first seed and without one for the others: every instruction gets an edge."""
    comma = "," if body["seed"] == 0 else ""
    return reply_body(f"So{comma} here it is: {reply_text(body)}{more}")


def write_small(folder):
    """Writes the small recipe and its four rows."""
    write_lines(folder / "rows.jsonl", ROWS)
    (folder / "small.yaml").write_text(RECIPE, encoding="utf-8")
    return folder


def environment(server, **more):
    return {**os.environ, "OPENAI_BASE_URL": server if isinstance(server, str) else server.base_url, **more}


def command(*arguments):
    return [sys.executable, "-m", "benchwright", *map(str, arguments)]


BUILD = ("build", "small.yaml", "-o", "out", "--json", "-q")


def build(folder, server, *arguments, **more):
    """Builds in a process of its own."""
    env = environment(server, **more)
    done = subprocess.run(command(*BUILD, *arguments), cwd=folder, env=env, capture_output=True, text=True, timeout=60)
    return SimpleNamespace(code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def start(folder, server, *arguments):
    env = environment(server)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command(*BUILD, *arguments), cwd=folder, env=env, **pipes)


def ended(process):
    stdout, stderr = process.communicate(timeout=60)
    return SimpleNamespace(code=process.returncode, stdout=stdout, stderr=stderr)


def refused(done, code, *said):
    """Asserts one clear message with its exit code, on the screen and as JSON."""
    assert getattr(done, "code", code) == code, (done.code, done.stdout[-500:], done.stderr[-2000:])
    first, *problems = done.stderr.splitlines()
    assert first.startswith("error: ")
    assert all(line.startswith("  - ") for line in problems), done.stderr
    for part in said:
        assert part in done.stderr
    told = last_json(done)
    assert told["exit_code"] == code
    assert len(told["problems"]) == len(problems)


def built(done):
    """Asserts a release and that no row is lost from its counts; gives the figures."""
    assert (done.code, done.stderr) == (0, ""), done.stderr[-2000:]
    figures = last_json(done)
    for row in figures["funnel"]:
        assert row["given"] == row["kept"] + sum(row["dropped"].values()), row
    rows = [row for row in figures["funnel"] if row["noun"] == "instructions"]
    assert [row["given"] for row in rows[1:]] == [row["kept"] for row in rows[:-1]]
    assert rows[-1]["kept"] == figures["counts"]["instructions"]
    dropped = sum((Counter(reasons) for reasons in figures["dropped"].values()), Counter())
    assert dropped == sum((Counter(row["dropped"]) for row in figures["funnel"]), Counter())
    return figures


def proven(release):
    """Asserts that a release is valid and derived again from itself; gives it."""
    assert validate(release).problems == ()
    assert audit(release).differences == ()
    return read_release(release)


def may_mount():
    probe = ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return shutil.which("unshare") and subprocess.run(probe, capture_output=True, check=False).returncode == 0


small_disk = pytest.mark.skipif(not may_mount(), reason="needs the right to mount a small file system")
