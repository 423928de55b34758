"""What may end a build midway: one clear message, the right exit code, and the same command goes on from there."""

import os
import shutil
import signal
import subprocess
import time
from types import SimpleNamespace

import pytest

from benchwright.cli.app import _was_interrupted
from benchwright.sampling.weights import EMBEDDED, default_cache, find_weights

from .servers import FakeServer
from .small_build import (
    ANSWERS,
    BUILD,
    RECIPE,
    answer,
    build,
    built,
    command,
    ended,
    environment,
    proven,
    refused,
    small_disk,
    start,
    write_small,
)
from .test_cli import last_json, run


@pytest.fixture(scope="module")
def server():
    with FakeServer(answer=answer) as running:
        yield running


@pytest.fixture
def folder(tmp_path):
    return write_small(tmp_path)


def answers_in(workspace):
    return last_json(run("status", "--workspace", workspace, "--json", cwd=workspace))["answers"]


def goes_on(folder, server, committed, asked, in_flight):
    """Asserts that the same command asks only what was not committed, and ends with a release."""
    figures = built(build(folder, server))
    assert (figures["model_calls"], figures["cached"]) == (ANSWERS - committed, committed)
    assert server.requests == asked + ANSWERS - committed
    assert asked - committed <= in_flight
    proven(folder / "out" / "release")


def wait_for(condition, process):
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.01)
    assert condition(), process.poll()


def test_a_model_server_that_is_not_there_or_goes_away(folder, tmp_path_factory):
    """The two run side by side: each waits ten seconds for its server to come back."""
    other = tmp_path_factory.mktemp("other")
    for name in ("rows.jsonl", "small.yaml"):
        shutil.copy(folder / name, other)
    with FakeServer() as never:
        pass
    absent = start(other, never)
    with FakeServer(answer=answer, latency=0.1) as first:
        going = start(folder, first, "--concurrency", 2)
        wait_for(lambda: first.requests >= 6, going)
    refused(ended(going), 4, f"nothing answers at {first.base_url}", "start the server", "goes on from there")
    refused(ended(absent), 4, f"nothing answers at {never.base_url}")
    committed = answers_in(folder / ".benchwright")
    assert 4 <= committed < ANSWERS
    with FakeServer(answer=answer, port=first.port) as again:
        goes_on(folder, again, committed, 0, 0)


def test_ctrl_c_while_sampling(folder):
    with FakeServer(answer=answer, latency=0.1) as server:
        going = start(folder, server, "--concurrency", 2)
        wait_for(lambda: server.requests >= 6, going)
        going.send_signal(signal.SIGINT)
        done = ended(going)
        asked = server.requests
        assert done.code == 130
        assert done.stderr == "interrupted: what was committed is kept; the same command goes on from there\n"
        assert last_json(done)["exit_code"] == 130
        committed = answers_in(folder / ".benchwright")
        assert committed >= 4
        server.latency = 0
        goes_on(folder, server, committed, asked, 2)


def test_ctrl_c_that_a_library_caught():
    """As langdetect does it, which catches whatever comes while it loads, and polars, which panics on import."""
    with pytest.raises(RuntimeError) as caught:
        try:
            raise KeyboardInterrupt
        except BaseException:
            raise RuntimeError("Profile format error.")  # noqa: B904
    assert _was_interrupted(caught.value)
    assert _was_interrupted(RuntimeError("called `Result::unwrap()` on PyErr { type: <class 'KeyboardInterrupt'> }"))
    assert not _was_interrupted(RuntimeError("Profile format error."))


def test_two_builds_on_one_workspace(folder):
    with FakeServer(answer=answer, latency=0.3) as server:
        going = start(folder, server, "--concurrency", 2)
        wait_for(lambda: server.requests >= 1, going)
        second = build(folder, server)
        refused(second, 5, f"another build (process {going.pid}) is using the workspace", "--workspace DIR")
        built(ended(going))
        assert server.requests == ANSWERS


@pytest.mark.embedded
def test_weights_whose_hash_is_wrong(folder):
    real = find_weights("smollm2-135m", default_cache(os.environ), os.environ)
    cached = folder / "cache" / "benchwright" / "weights" / EMBEDDED["smollm2-135m"].file
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"GGUF" + bytes(1000))
    recipe = RECIPE.replace("[{id: openai/fake}]", "[{id: openai/fake}, {id: embedded/smollm2-135m}]")
    recipe += "  mix: all_models\n  parameters: {max_tokens: 4}\nlimit: 2\n"
    (folder / "small.yaml").write_text(recipe, encoding="utf-8")
    with FakeServer(answer=answer) as server:
        cache = {"XDG_CACHE_HOME": str(folder / "cache")}
        refused(
            build(folder, server, **cache), 4, f"{cached}' is not the weights expected: its sha256 is ", "delete it"
        )
        assert server.requests == 6, "the other model is asked meanwhile, and its answers are kept"
        cached.unlink()
        cached.symlink_to(real)
        figures = built(build(folder, server, **cache))
        assert server.requests == 6
    done_before = [stage["name"] for stage in figures["stages"] if stage["reused"]]
    assert done_before == ["collect", "filter", "constrain", "checklist"]
    assert figures["models"].keys() == {"openai/fake", "embedded/smollm2-135m"}


@pytest.mark.parametrize(
    ("content", "said"), [(None, "No such file"), (b"PK\x03\x04", "is no GGUF file: it begins with b'PK\\x03\\x04'")]
)
def test_weights_that_are_none(folder, content, said):
    if content is not None:
        (folder / "model.gguf").write_bytes(content)
    models = "sampling.models=[{id: embedded/smollm2-135m}]"
    env = {"BENCHWRIGHT_WEIGHTS": str(folder / "model.gguf")}
    refused(run(*BUILD, "--set", models, cwd=folder, code=4, env=env), 4, "BENCHWRIGHT_WEIGHTS is ", said)


def build_on_small_disk(folder, server, size, workspace, out):
    """Builds twice with a small file system at ``mount``, which has room the second time.

    The file system is seen by these processes alone and ends with them.

    Returns:
        Both builds, and the number of answers that the first one left in the workspace.
    """
    (folder / "mount").mkdir()
    script = f"""
    mount -t tmpfs -o size={size} tmpfs mount || exit 99
    "$0" "$@" >first.out 2>first.err
    echo $? >first.code
    cp -r {workspace} left
    mount -o remount,size=50m mount
    "$0" "$@" >second.out 2>second.err
    echo $? >second.code
    cp -r mount kept
    """
    options = ["--json", "-q", "--concurrency", 2, "--workspace", workspace, "-o", out]
    wrapped = ["unshare", "-m", "sh", "-c", script, *command("build", "small.yaml", *options)]
    subprocess.run(wrapped, cwd=folder, env=environment(server), check=True, timeout=60)

    def one(name):
        code, stdout, stderr = ((folder / f"{name}.{end}").read_text("utf-8") for end in ("code", "out", "err"))
        return SimpleNamespace(code=int(code), stdout=stdout, stderr=stderr)

    return one("first"), one("second"), answers_in(folder / "left")


@small_disk
def test_a_full_disk_under_the_workspace(folder, server):
    asked = server.requests
    first, second, committed = build_on_small_disk(folder, server, "16k", "mount/ws", "out")
    refused(first, 5, "no space left while writing mount/ws/stages/", "run the same command again", "is kept")
    assert committed == 0
    built(second)
    assert server.requests == asked + ANSWERS
    proven(folder / "out" / "release")


@small_disk
def test_a_disk_that_fills_up_while_answers_are_stored(folder):
    with FakeServer(answer=lambda body: answer(body, " word" * 4000)) as server:
        first, second, committed = build_on_small_disk(folder, server, "300k", "mount/ws", "out")
        refused(first, 5, "no space left for the request ledger 'mount/ws/ledger.sqlite'", "what was committed is kept")
        assert 2 <= committed < ANSWERS
        figures = built(second)
        assert (figures["model_calls"], figures["cached"]) == (ANSWERS - committed, committed)
        assert server.requests - ANSWERS <= 2, "only what was in flight is asked again"
    proven(folder / "out" / "release")


@small_disk
def test_a_full_disk_under_the_output_folder(folder, server):
    asked = server.requests
    first, second, committed = build_on_small_disk(folder, server, "12k", "ws", "mount/out")
    refused(first, 5, "the disk is full: the release could not be written to mount/out")
    assert committed == ANSWERS
    assert built(second)["model_calls"] == 0
    assert server.requests == asked + ANSWERS
    assert sorted(path.name for path in (folder / "kept" / "out").iterdir()) == ["release", "run.json"]
    proven(folder / "kept" / "out" / "release")
