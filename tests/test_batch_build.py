"""``build --batch``: the whole way, with a provider's files and batches on loopback."""

import json
from types import SimpleNamespace

import pytest

from . import label_flow_case
from .batch_server import BatchServer
from .servers import FakeServer
from .small_build import ANSWERS, answer, build, built, proven, refused, write_small


@pytest.fixture
def folder(tmp_path):
    return write_small(tmp_path)


def batches(**more):
    server = BatchServer(**more)
    server.answer = answer
    return server


def prices(folder):
    path = folder / "prices.yaml"
    path.write_text(
        "date: 2026-11-01\nmodels:\n  openai/fake: {input: 1.0, output: 10.0, batch: 0.5}\n", encoding="utf-8"
    )
    return path


def test_a_build_by_batches_is_the_build_and_costs_half(folder, tmp_path_factory):
    other = write_small(tmp_path_factory.mktemp("online"))
    with FakeServer(answer=answer) as server:
        online = built(build(other, server, "--prices", prices(other)))
    with batches() as server:
        server_url = SimpleNamespace(base_url=server.base_url)
        figures = built(build(folder, server_url, "--batch", "--prices", prices(folder)))
        again = built(build(folder, server_url, "--batch", "--prices", prices(folder)))
    assert figures["model_calls"] == ANSWERS
    assert again["model_calls"] == 0
    assert figures["cost"] == pytest.approx(online["cost"] / 2)
    assert figures["spent"] == again["spent"]
    proven(folder / "out" / "release")


def test_a_build_that_does_not_wait_goes_on_later(folder):
    with batches(patience=3) as server:
        url = SimpleNamespace(base_url=server.base_url)
        refused(build(folder, url, "--batch", "--batch-wait", 0), 7, f"{ANSWERS} requests are with the providers")
        refused(build(folder, url), 7, f"{ANSWERS} of the requests are in batches", "--batch")
        assert built(build(folder, url, "--batch"))["model_calls"] == 0, "they were handed over before"
        assert server.asked.total() == ANSWERS


def test_a_limit_that_batches_could_pass_keeps_them_from_being_submitted(folder):
    with batches() as server:
        url = SimpleNamespace(base_url=server.base_url)
        done = build(folder, url, "--batch", "--max-tokens", 100)
        refused(done, 4, "over --max-tokens 100", "none is submitted")
        assert not server.batches


def test_a_provider_without_batches_says_what_to_do(folder):
    with FakeServer(answer=answer) as server:
        done = build(folder, server, "--batch")
        refused(done, 4, "export-batch")
        assert json.loads(done.stdout.splitlines()[-1])["exit_code"] == 4


def test_checklists_answers_and_judges_by_batches_give_the_same_release(tmp_path):
    files = []
    for name, kind in (("online", FakeServer), ("batches", BatchServer)):
        folder = label_flow_case.write_recipe(tmp_path / name, ["item", "joint"], ["instruction"])
        server = kind() if kind is BatchServer else kind(answer=label_flow_case.answer)
        server.answer = label_flow_case.answer
        with server:
            url = SimpleNamespace(base_url=server.base_url)
            more = ["--batch"] if kind is BatchServer else []
            made = built(build(folder, url, *more))
            assert built(build(folder, url, *more))["model_calls"] == 0
        files.append({path.name for path in (folder / "out" / "release").rglob("*.parquet")})
        assert made["failed"] == {} and made["unparsed"] == 0
        proven(folder / "out" / "release")
    assert files[0] == files[1], "file names carry a hash of their rows"
