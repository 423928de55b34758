"""Collecting and selecting: every row is accounted for, sources are read once, quotas spread over languages."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.builders.collect import check_scenarios, collect, source_revisions
from benchwright.builders.select import select
from benchwright.builders.source import SOURCES
from benchwright.errors import InputError, UsageError
from benchwright.filters.apply import apply_filters
from benchwright.schemas.canonical import canonical_json
from benchwright.schemas.drop import Drops, drops_frame
from benchwright.schemas.instruction import Instruction
from benchwright.schemas.instructions import Instructions, instructions_frame
from benchwright.schemas.progress import QUIET
from benchwright.schemas.recipe import ScenarioUse, Use
from benchwright.schemas.tables import validate
from benchwright.store.fetch import Fetch


def logs(folder, rows, name="logs.jsonl"):
    text = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)
    (folder / name).write_text(text, encoding="utf-8")
    return Use(id="messages", files=name)


def talk(*turns, system=None):
    messages = [{"role": ("user", "assistant")[i % 2], "content": turn} for i, turn in enumerate(turns)]
    return {"messages": [{"role": "system", "content": system}, *messages] if system else messages}


ROWS = [
    talk("How do I mend a bicycle that rattles?"),
    talk("How do I mend a bicycle?", "Which part?", "The chain is loose."),
    talk("How do I mend a bicycle?", system="You run a repair shop."),
    talk("How do I", "mend"),
    '{"messages": [',
    '{"prompt": "¿Cómo arreglo una bicicleta que hace ruido?"}',
]


def test_every_row_is_an_instruction_or_a_drop(tmp_path):
    source = logs(tmp_path, ROWS)
    uses = [ScenarioUse(id=id, sources=(source,)) for id in ("single_turn", "multi_turn", "system_prompt")]
    found = collect(uses, Fetch(tmp_path), QUIET)
    assert found.read == {"messages": len(ROWS)}
    assert [(one.source_row, one.scenario, one.instruction_type, one.language) for one in found.instructions] == [
        ("logs.jsonl:1", "single_turn", "single_turn", "en"),
        ("logs.jsonl:2", "multi_turn", "multi_turn", "en"),
        ("logs.jsonl:3", "system_prompt", "system_prompt", "en"),
        ("logs.jsonl:6", "single_turn", "single_turn", "es"),
    ]
    assert [(drop.record, drop.reason) for drop in found.drops] == [
        ("logs.jsonl:4", "ends_with_assistant"), ("logs.jsonl:5", "invalid_json")]  # fmt: skip
    validate(Instructions, instructions_frame(found.instructions))
    validate(Drops, drops_frame(found.drops))


def test_a_row_goes_to_the_first_scenario_of_those_that_draw_from_its_source(tmp_path):
    one, other = logs(tmp_path, ROWS[:3], "one.jsonl"), logs(tmp_path, ROWS[:3], "other.jsonl")
    uses = [ScenarioUse(id="multi_turn", sources=(one, other)), ScenarioUse(id="single_turn", sources=(other,))]
    found = collect(uses, Fetch(tmp_path), QUIET)
    assert found.read == {"messages": 6}
    assert [(item.source_row, item.scenario) for item in found.instructions] == [
        ("one.jsonl:2", "multi_turn"), ("other.jsonl:1", "single_turn"), ("other.jsonl:2", "multi_turn")]  # fmt: skip
    assert [(drop.record, drop.reason) for drop in found.drops] == [
        ("one.jsonl:1", "no_scenario"), ("one.jsonl:3", "no_scenario"), ("other.jsonl:3", "no_scenario")]  # fmt: skip


def test_a_second_row_with_the_same_id_is_dropped(tmp_path):
    rows = [{"key": "k", **talk("Mend it.")}, {"key": "k", **talk("Mend it.")}, {"key": "k", **talk("Leave it.")}]
    source = Use(**{**logs(tmp_path, rows).model_dump(), "id_column": "key"})
    found = collect([ScenarioUse(id="single_turn", sources=(source,))], Fetch(tmp_path), QUIET)
    assert len(found.instructions) == 2
    assert [(drop.record, drop.reason) for drop in found.drops] == [("k", "duplicate_id")]


def test_a_source_that_scenarios_share_is_read_once(tmp_path, monkeypatch):
    source, opened = logs(tmp_path, ROWS), []
    kind = type(SOURCES.get("messages"))
    read = kind.read
    monkeypatch.setattr(kind, "read", lambda self, params, fetch: opened.append(params) or read(self, params, fetch))
    same = Use(**{**source.model_dump(), "license": None})
    uses = [ScenarioUse(id="single_turn", sources=(source,)), ScenarioUse(id="multi_turn", sources=(same,))]
    collect(uses, Fetch(tmp_path), QUIET)
    assert len(opened) == 1


def test_progress_hears_of_every_row(tmp_path):
    class Heard:
        def __init__(self):
            self.done = Counter()

        def start(self, task, total, unit):
            self.done[task] = 0

        def advance(self, task, done=1, note=""):
            self.done[task] += done

        def finish(self, task, note=""):
            pass

    heard = Heard()
    collect([ScenarioUse(id="single_turn", sources=(logs(tmp_path, ['"word"'] * 257),))], Fetch(tmp_path), heard)
    assert heard.done == {"collect messages": 257}


def test_revisions_hold_content_parameters_and_order_and_have_a_canonical_form(tmp_path):
    source = logs(tmp_path, ROWS)
    uses = [ScenarioUse(id="single_turn", sources=(source,)), ScenarioUse(id="multi_turn", sources=(source,))]
    rows = source_revisions(uses, Fetch(tmp_path))
    assert [(row["scenario"], row["source"], row["params"]["files"]) for row in rows] == [
        ("single_turn", "messages", "logs.jsonl"), ("multi_turn", "messages", "logs.jsonl")]  # fmt: skip
    assert canonical_json(rows) == canonical_json(source_revisions(uses, Fetch(tmp_path)))
    assert source_revisions(uses[::-1], Fetch(tmp_path)) != rows
    logs(tmp_path, ROWS[:-1])
    assert source_revisions(uses, Fetch(tmp_path)) != rows


def test_all_that_is_wrong_with_scenarios_is_said_at_once():
    uses = [
        ScenarioUse(id="single_tern"),
        ScenarioUse(id="single_turn", sources=(Use(id="wildcat"), Use(id="messages", file="a"))),
        ScenarioUse(id="multi_turn", sources=(Use(id="wildchat", files="a", turn="middle"),)),
    ]
    with pytest.raises(UsageError) as caught:
        check_scenarios(uses)
    problems = caught.value.problems
    assert len(problems) == 5
    for said in ("did you mean 'single_turn'", "did you mean 'wildchat'", "files is missing", "did you mean 'files'",
                 "'first' or 'last' (given 'middle')"):  # fmt: skip
        assert any(said in line for line in problems), said


def test_a_missing_file_is_one_message(tmp_path):
    uses = [ScenarioUse(id="single_turn", sources=(Use(id="messages", files="none.jsonl"),))]
    check_scenarios(uses)
    with pytest.raises(InputError, match=r"none\.jsonl"):
        collect(uses, Fetch(tmp_path), QUIET)


def test_real_prompts_through_collect_and_filters(data_dir):
    source = Use(id="wildchat", files="wildchat_if/wildchat-if_val.parquet")
    found = collect([ScenarioUse(id="single_turn", sources=(source,))], Fetch(data_dir), QUIET)
    assert (len(found.instructions), found.drops, found.read) == (250, [], {"wildchat": 250})
    filters = [Use(id="length"), Use(id="language", allow=["en"]), Use(id="duplicate"), Use(id="flags")]
    kept, drops = apply_filters(filters, found.instructions)
    assert len(kept) + len(drops) == 250
    assert Counter(drop.reason for drop in drops) == {"language:not_allowed": 3}


def made(number, scenario="single_turn", language="en"):
    messages = ({"role": "user", "content": str(number)},)
    return Instruction(
        id=f"ins_{number:016x}", scenario=scenario, instruction_type="single_turn", language=language,
        source_messages=messages, messages=messages, source="s", source_revision="r", source_row=str(number),
        source_license=None,
    )  # fmt: skip


SCENARIOS = ("a", "b", "c")
pools = st.lists(
    st.tuples(st.sampled_from(SCENARIOS), st.sampled_from(["en", "zh", "es", None])), max_size=30
).map(lambda rows: [made(i, *row) for i, row in enumerate(rows)])  # fmt: skip
quotas = st.tuples(*[st.one_of(st.none(), st.integers(1, 8))] * 3)
limits = st.one_of(st.none(), st.integers(1, 20))


def uses(quotas):
    return [ScenarioUse(id=id, quota=quota) for id, quota in zip(SCENARIOS, quotas, strict=True)]


@given(pools, quotas, limits, st.integers(0, 3), st.randoms(use_true_random=False))
def test_selection_is_exact_and_does_not_depend_on_the_order(pool, quotas, limit, seed, rng):
    kept, drops = select(pool, uses(quotas), limit, seed)
    assert sorted([one.id for one in kept] + [drop.record for drop in drops]) == [one.id for one in pool]
    assert [one.id for one in kept] == sorted(one.id for one in kept)
    shuffled = rng.sample(pool, len(pool))
    assert select(shuffled, uses(quotas), limit, seed) == (kept, drops)

    have = Counter(one.scenario for one in pool)
    within = sum(min(have[id], quota or len(pool)) for id, quota in zip(SCENARIOS, quotas, strict=True))
    assert len(kept) == min(within, limit or len(pool))
    assert Counter(drop.reason for drop in drops)["over_quota"] == len(pool) - within
    counts = Counter(one.scenario for one in kept)
    for id, quota in zip(SCENARIOS, quotas, strict=True):
        assert counts[id] <= (quota or len(pool))


@given(pools, quotas, st.integers(1, 20), st.integers(0, 3))
def test_a_larger_limit_or_quota_only_adds(pool, quotas, limit, seed):
    kept = {one.id for one in select(pool, uses(quotas), limit, seed)[0]}
    assert kept <= {one.id for one in select(pool, uses(quotas), limit + 1, seed)[0]}
    under_quota = {one.id for one in select(pool, uses(quotas), None, seed)[0]}
    more = [quota and quota + 1 for quota in quotas]
    assert under_quota <= {one.id for one in select(pool, uses(more), None, seed)[0]}


@given(pools, st.integers(1, 12), st.integers(0, 3))
def test_languages_and_scenarios_take_turns(pool, wanted, seed):
    def fair(kept, pool, group):
        """No group has two fewer than another unless it has no more to give."""
        counts, have = Counter(map(group, kept)), Counter(map(group, pool))
        return all(counts[g] == have[g] or counts[g] >= max(counts.values(), default=0) - 1 for g in have)

    assert fair(select(pool, uses([None] * 3), wanted, seed)[0], pool, lambda one: one.scenario)
    alone = [one for one in pool if one.scenario == "a"]
    assert fair(select(alone, uses([wanted, None, None]), None, seed)[0], alone, lambda one: one.language)


def test_another_seed_draws_others():
    pool = [made(i, "a") for i in range(100)]
    drawn = {tuple(one.id for one in select(pool, uses([5, None, None]), None, seed)[0]) for seed in range(5)}
    assert len(drawn) == 5
