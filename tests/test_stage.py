"""The stage engine: fingerprints, done or not, the lock, a full disk."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.errors import ReleaseError, WorkspaceError, WorkspaceLocked
from benchwright.schemas.canonical import canonical_json, digest
from benchwright.schemas.drop import Drop, Drops
from benchwright.store.stage import Output, Stage, StageStore
from benchwright.store.workspace import Workspace

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), json_values))
def test_key_order_does_not_move_a_digest(value):
    assert digest(value) == digest(dict(reversed(list(value.items()))))


@pytest.mark.parametrize("value", [{1: 2}, {"a": {2, 3}}, [lambda: 0], {"x": float("nan")}, b"x", {"p": Path("x")}])
def test_what_has_no_stable_form_is_refused(value):
    with pytest.raises(TypeError, match=r"\$"):
        canonical_json(value)


def test_canonical_json_is_plain():
    assert canonical_json({"b": (1, 2.0), "a": "é"}) == '{"a":"é","b":[1,2]}'


def make(config=None, inputs=(), version=1):
    return Stage("toy", version, config or {}, inputs, {"rows": Drops})


ROWS = pl.DataFrame([Drop("s", "r", "why", "d")._asdict()])


@pytest.fixture
def store(tmp_path):
    return StageStore(Workspace(tmp_path / "ws"))


def test_a_second_run_works_nothing(store):
    calls = []

    def work():
        calls.append(1)
        return Output({"rows": ROWS}, [Drop("toy", "x", "gone", "")], {"n": 1})

    first, reused = store.run(make(), work)
    assert not reused
    second, reused = store.run(make(), work)
    assert reused
    assert calls == [1]
    assert second.tables["rows"].equals(first.tables["rows"])
    assert second.drops == first.drops
    assert second.notes == {"n": 1}


@pytest.mark.parametrize("other", [make({"a": 1}), make(inputs=("x",)), make(version=2)])
def test_config_inputs_and_version_move_the_fingerprint(other):
    assert other.fingerprint != make().fingerprint


def test_no_record_is_not_done(store):
    store.save(make(), Output({"rows": ROWS}), [])
    (store.folder(make()) / "record.json").unlink()
    assert store.load(make(), []) is None


def test_a_damaged_table_is_not_done(store):
    store.save(make(), Output({"rows": ROWS}), [])
    path = store.folder(make()) / "rows.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    assert store.load(make(), []) is None


def test_a_table_that_breaks_its_rules_is_never_written(store):
    with pytest.raises(ReleaseError, match="reason"):
        store.save(make(), Output({"rows": ROWS.with_columns(reason=pl.lit("Not A Code"))}), [])
    assert not store.folder(make()).exists()


def test_notes_may_refuse_a_finished_stage(store):
    store.save(make(), Output({"rows": ROWS}, notes={"origin": "a"}), [])
    _, reused = store.run(make(), lambda: Output({"rows": ROWS}), usable=lambda notes: notes["origin"] == "b")
    assert not reused


def test_an_output_that_is_not_final_is_worked_again(store):
    for _ in range(2):
        output, reused = store.run(make(), lambda: Output({"rows": ROWS}, final=False))
        assert not reused
        assert output.tables["rows"].height == 1


def test_a_stage_that_read_other_answers_is_not_done(store):
    below = Stage("below", 1, {}, (make().fingerprint,), {"rows": Drops})
    empty = ROWS.clear()

    def flow(rows, final=True):
        upper, _ = store.run(make(), lambda: Output({"rows": rows}, final=final), usable=lambda notes: False)
        return store.run(below, lambda: Output({"rows": upper.tables["rows"]}), [upper])

    assert flow(ROWS)[0].tables["rows"].height == 1
    assert flow(ROWS)[1]
    output, reused = flow(empty)
    assert (output.tables["rows"].height, reused) == (0, False)
    output, reused = flow(ROWS, final=False)
    assert (output.tables["rows"].height, output.digest, reused) == (1, None, False)


HOLDER = """
import sys
from pathlib import Path
from benchwright.store.workspace import Workspace
with Workspace(Path(sys.argv[1])).locked():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_builds_do_not_share_a_workspace(tmp_path):
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(WorkspaceLocked, match=f"process {other.pid}"), Workspace(tmp_path).locked():
            pass
        other.kill()
    with Workspace(tmp_path).locked():
        pass  # the kernel freed it


def test_a_workspace_that_is_a_file_is_one_clear_error(tmp_path):
    (tmp_path / "ws").write_text("", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="is a file: give a folder"), Workspace(tmp_path / "ws").locked():
        pass
