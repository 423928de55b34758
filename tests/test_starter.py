"""The packaged starter source: as many and as different requests as promised, read without loss."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import pytest

from benchwright.builders.scenario import SCENARIOS
from benchwright.builders.source import SOURCES, Candidate, SourceParams
from benchwright.errors import InputError
from benchwright.schemas.drop import Drop
from benchwright.schemas.instruction import CATEGORIES
from benchwright.schemas.text import grams, jaccard, normalise, words
from benchwright.store.fetch import Fetch

FILE = files("benchwright.builders.sources").joinpath("starter.jsonl")


@cache
def candidates() -> tuple[Candidate, ...]:
    rows = list(SOURCES.get("starter").read(SourceParams(), Fetch()))
    assert not [row for row in rows if isinstance(row, Drop)]
    return tuple(row for row in rows if isinstance(row, Candidate))


def contents(candidate: Candidate) -> str:
    return "\n".join(message["content"] for message in candidate.messages)


def word_grams(text: str, n: int = 5) -> frozenset[str]:
    found = words(normalise(text))
    return frozenset(" ".join(found[i : i + n]) for i in range(max(1, len(found) - n + 1)))


def test_every_line_becomes_a_candidate() -> None:
    lines = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in lines] == [candidate.row for candidate in candidates()]
    assert [row["messages"] for row in lines] == [list(candidate.messages) for candidate in candidates()]
    assert len({candidate.row for candidate in candidates()}) == len(lines) >= 100


def test_revision_is_the_hash_of_the_file() -> None:
    wanted = f"sha256:{hashlib.sha256(FILE.read_bytes()).hexdigest()}"
    assert SOURCES.get("starter").revision(SourceParams(), Fetch()) == wanted
    assert {candidate.revision for candidate in candidates()} == {wanted}
    assert {candidate.license for candidate in candidates()} == {"Apache-2.0"}


def test_spread() -> None:
    types = Counter(candidate.tags[1] for candidate in candidates())
    assert types["single_turn"] >= 44 and types["multi_turn"] >= 26 and types["system_prompt"] >= 30
    assert sum(types.values()) == len(candidates())
    languages = Counter(candidate.language for candidate in candidates())
    assert set(languages) >= {"en", "zh", "es", "fr", "de", "ja", "pt", "hi", "ar"}
    assert 0.4 <= languages["en"] / len(candidates()) <= 0.6
    assert languages["zh"] >= 12 and languages["es"] >= 12
    domains = Counter(candidate.tags[0] for candidate in candidates())
    assert len(domains) >= 12 and max(domains.values()) <= 10
    lengths = [len(words(contents(candidate))) for candidate in candidates()]
    assert sum(length >= 150 for length in lengths) >= 6
    assert sum(length <= 25 for length in lengths) >= 20


def test_each_scenario_takes_what_is_tagged_for_it() -> None:
    for candidate in candidates():
        takers = [id for id in SCENARIOS.ids() if SCENARIOS.get(id).select(candidate)]
        assert candidate.tags[1] in takers, candidate.row
        others = {SCENARIOS.get(id).instruction_type for id in takers} - {candidate.tags[1]}
        assert not others, f"{candidate.row} is also taken as {others}"


def test_conversations() -> None:
    for candidate in candidates():
        roles = [message["role"] for message in candidate.messages]
        turns = roles[1:] if candidate.tags[1] == "system_prompt" else roles
        assert turns == [("user", "assistant")[i % 2] for i in range(len(turns))], candidate.row
        assert len(roles) in {"single_turn": (1,), "multi_turn": (3, 5), "system_prompt": (2, 4, 6)}[candidate.tags[1]]
        assert all(message["content"] == message["content"].strip() != "" for message in candidate.messages)
    lengths = {len(candidate.messages) for candidate in candidates()}
    assert lengths == {1, 2, 3, 4, 5, 6}
    systems = [c.messages[0]["content"] for c in candidates() if c.messages[0]["role"] == "system"]
    assert len(set(systems)) == len(systems)


def test_checklists() -> None:
    given = [candidate.given for candidate in candidates() if candidate.given]
    assert 0.25 <= len(given) / len(candidates()) <= 0.45
    for items in given:
        assert 1 <= len(items) <= 3
        for item in items:
            assert item.kind == "soft" and item.origin == "checklist" and item.checker is None
            assert item.text.rstrip().endswith(("?", "？", "؟"))
            assert len(item.categories) == 1 and set(item.categories) <= set(CATEGORIES)


@pytest.mark.parametrize("shingles", [grams, word_grams], ids=["characters", "words"])
def test_no_two_are_alike(shingles: Callable[[str], frozenset[str]]) -> None:
    sets = [(candidate.row, shingles(contents(candidate))) for candidate in candidates()]
    alike = [(a, b, jaccard(x, y)) for (a, x), (b, y) in combinations(sets, 2) if jaccard(x, y) > 0.3]
    assert not alike


def test_a_damaged_installation_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module = type(SOURCES.get("starter")).__module__
    monkeypatch.setattr(f"{module}.files", lambda package: tmp_path)
    with pytest.raises(InputError, match="reinstall"):
        SOURCES.get("starter").revision(SourceParams(), Fetch())
    (tmp_path / "starter.jsonl").write_text('{"id": "a", "messa', encoding="utf-8")
    with pytest.raises(InputError, match=r"starter\.jsonl:1"):
        list(SOURCES.get("starter").read(SourceParams(), Fetch()))
    row = {"id": "a", "language": "en", "domain": "d", "tags": [], "messages": [{"role": "wizard", "content": "x"}]}
    (tmp_path / "starter.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (drop,) = SOURCES.get("starter").read(SourceParams(), Fetch())
    assert isinstance(drop, Drop) and (drop.stage, drop.record, drop.reason) == ("collect", "a", "unknown_role")
