"""The contract: every verifiable constraint that the registry finds keeps it, without being asked.

Its fixtures are ``tests/fixtures/<family>.jsonl``, one object a line: ``id``, ``kwargs``, ``text``, ``outcome``,
``kind`` (``pass``, ``fail`` or ``adversarial``: what a careless check gets wrong), where needed ``messages``, ``cut``.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from benchwright.constraints.constraint import CONSTRAINTS, ConstraintParams, VerifiableConstraint, families
from benchwright.constraints.document import Document
from benchwright.constraints.verifiable._parts import Part
from benchwright.constraints.verifiable._wording import LANGUAGES
from benchwright.schemas.instruction import CATEGORIES, COMPOSITIONS
from benchwright.schemas.outcome import Outcome

from .constraint_runs import distinct, instructions

FIXTURES = Path(__file__).parent / "fixtures"
LEAST = {"pass": 5, "fail": 5, "adversarial": 3}
IDS = CONSTRAINTS.ids()


def constraint_and_params(id: str) -> tuple[VerifiableConstraint, tuple[Any, ...]]:
    return CONSTRAINTS.get(id), distinct(id)


@cache
def fixtures() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(FIXTURES.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line:
                row = json.loads(line)
                found.setdefault(row["id"], []).append(row)
    return found


@pytest.mark.parametrize("id", IDS)
def test_it_declares_itself(id: str) -> None:
    constraint = CONSTRAINTS.get(id)
    module = type(constraint).__module__.rpartition(".")[2]
    assert constraint.id == id
    if ":" in id:
        group = id.rpartition(":")[0]
        group = group.partition(":")[2] if ":" in group else group
        assert module.partition("_")[2] == group, "the file is not named <suite>_<group>"
    else:
        family, dot, name = id.partition(".")
        assert dot and name.isidentifier()
        assert family == module, "the family is not the file's name"
    assert type(constraint).__doc__ and constraint.version >= 1
    assert constraint.categories and set(constraint.categories) <= set(CATEGORIES)
    assert constraint.compositions and set(constraint.compositions) <= set(COMPOSITIONS)
    slots = {slot for other in IDS for slot in CONSTRAINTS.get(other).slots}
    allowed = {*IDS, *families(IDS), *slots}
    assert constraint.conflicts <= allowed, f"conflicts with what does not exist: {constraint.conflicts - allowed}"


@pytest.mark.parametrize("id", IDS)
def test_params_are_closed_and_required(id: str) -> None:
    constraint, drawn = constraint_and_params(id)
    assert issubclass(constraint.Params, ConstraintParams)
    for params in drawn:
        kwargs = json.loads(json.dumps(params.model_dump(mode="json")))
        assert constraint.Params.model_validate(kwargs) == params, "parameters do not survive JSON"
        with pytest.raises(ValidationError, match="extra_forbidden"):
            constraint.Params.model_validate(kwargs | {"surplus": 1})
        for key in kwargs:
            with pytest.raises(ValidationError, match="missing"):
                constraint.Params.model_validate({name: value for name, value in kwargs.items() if name != key})


@pytest.mark.parametrize("id", IDS)
def test_witnesses(id: str) -> None:
    constraint, drawn = constraint_and_params(id)
    rng = Random(id)
    for params in drawn:
        witness = constraint.witness(params, rng)
        good = constraint.check(params, Document(witness.satisfies, messages=witness.messages))
        bad = constraint.check(params, Document(witness.violates, messages=witness.messages))
        assert good.outcome is Outcome.SATISFIED, f"{params!r} on {witness.satisfies!r}: {good}"
        assert bad.outcome is Outcome.VIOLATED, f"{params!r} on {witness.violates!r}: {bad}"


def _said(constraint: VerifiableConstraint, params: Any) -> list[str]:
    """Gives the parameters that must be read in a wording: numbers and texts, not names of choices."""
    if isinstance(params, Part):
        return _said(*params.read())
    values: list[str] = []
    for name, field in constraint.Params.model_fields.items():
        value = getattr(params, name)
        if get_origin(field.annotation) is not None and "Literal" in str(field.annotation) and isinstance(value, str):
            continue
        if name in ("relation", "language") or isinstance(value, bool | dict):
            continue
        for item in value if isinstance(value, list | tuple) else [value]:
            values += _said(*item.read()) if isinstance(item, Part) else [str(item)]
    return [value for value in values if not value.startswith("{")]


@pytest.mark.parametrize("id", IDS)
def test_wordings(id: str) -> None:
    constraint, drawn = constraint_and_params(id)
    for params in drawn:
        said = _said(constraint, params)
        for variant in range(6):
            worded = {language: constraint.render(params, language, variant) for language in LANGUAGES}
            assert all(text.strip() == text and text for text in worded.values())
            assert len(set(worded.values())) == len(LANGUAGES), f"two languages share a wording: {worded}"
            assert worded == {language: constraint.render(params, language, variant) for language in LANGUAGES}
            for language, text in worded.items():
                unsaid = [value for value in said if value.strip() not in text]
                assert not unsaid, f"{language}, variant {variant} does not say {unsaid}: {text!r}"
    for language in LANGUAGES:
        variants = {constraint.render(drawn[0], language, variant) for variant in range(12)}
        assert len(variants) > 1, f"one wording only in {language}"
    assert constraint.render(drawn[0], "sv") == constraint.render(drawn[0], "en"), "another language gets English"


@pytest.mark.parametrize("id", IDS)
def test_draws_depend_on_the_rng_alone(id: str) -> None:
    constraint = CONSTRAINTS.get(id)
    for instruction in instructions()[::9]:
        assert constraint.sample(instruction, Random(7)) == constraint.sample(instruction, Random(7))


@pytest.mark.parametrize("id", IDS)
def test_nothing_satisfies_nothing(id: str) -> None:
    constraint, drawn = constraint_and_params(id)
    for params in drawn:
        messages = constraint.witness(params, Random(0)).messages
        for text in ("", " \n", "\u200b"):
            assert constraint.check(params, Document(text, messages=messages)).outcome is not Outcome.SATISFIED
        # A word that is in no wording and no parameter.
        if not constraint.one_word:
            found = constraint.check(params, Document("Zyxquv", messages=messages))
            assert found.outcome is not Outcome.SATISFIED, f"one word satisfies {params!r}: {found}"


@pytest.mark.parametrize("id", IDS)
def test_fixtures(id: str) -> None:
    constraint = CONSTRAINTS.get(id)
    rows = fixtures().get(id, [])
    wrong = []
    for row in rows:
        assert set(row) <= {"id", "kwargs", "text", "outcome", "kind", "messages", "cut"}, f"unknown keys: {row}"
        params = constraint.Params.model_validate(row["kwargs"])
        document = Document(row["text"], cut=row.get("cut", False), messages=tuple(row.get("messages", ())))
        found = constraint.check(params, document)
        if row["kind"] in ("pass", "fail"):
            assert row["outcome"] == {"pass": "satisfied", "fail": "violated"}[row["kind"]]
        if found.outcome.value != row["outcome"]:
            wrong.append((row["kwargs"], row["text"][:200], row["outcome"], found.outcome.value, found.reason))
    assert not wrong, wrong
    kinds = Counter(row["kind"] for row in rows)
    assert all(kinds[kind] >= least for kind, least in LEAST.items()), f"fixtures: {dict(kinds)}, wanted {LEAST}"
    given = {json.dumps([row["kwargs"], row["text"], row.get("messages"), row.get("cut")]) for row in rows}
    assert len(given) == len(rows), "a fixture twice"


PIECES = st.sampled_from(
    [
        *(
            "```\n",
            "- ",
            "* ",
            "# ",
            "\n\n",
            '"',
            "{",
            "}",
            "[x]",
            "1,000",
            "3.14",
            "。",
            "！",
            "«",
            "¿",
            "**b**",
            "é",
            "İ",
        ),
        *(
            "\x00",
            "\ud800",
            "\u202e",
            "\u0301",
            "9" * 100,
            "[" * 50,
            "<a>",
            "</a>",
            "|",
            "P.S.",
            "<<",
            ">>",
            "******",
            "1. ",
        ),
        *("क्षि", "ไทย", "日本", "🇺🇸", "👩‍👩‍👧", "’", "\r\n", "\u2028", "---", "***", "yes", "My answer is"),
    ]
)
TEXTS = st.one_of(
    st.text(alphabet=st.characters(), max_size=200),
    st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=20).map("".join),
)


@pytest.mark.parametrize("id", IDS)
def test_check_is_total_and_stable(id: str) -> None:
    constraint, drawn = constraint_and_params(id)
    asked = {params: constraint.witness(params, Random(0)).messages for params in drawn[:20]}

    @settings(max_examples=40, deadline=None)
    @given(params=st.sampled_from(list(asked)), text=TEXTS, cut=st.booleans(), known=st.booleans())
    def verdicts(params: Any, text: str, cut: bool, known: bool) -> None:
        messages = asked[params] if known else ()
        first = constraint.check(params, Document(text, cut=cut, messages=messages))
        assert first == constraint.check(params, Document(text, cut=cut, messages=messages))
        assert isinstance(first.outcome, Outcome) and first.reason
        assert all(0 <= start <= end <= len(text) for start, end in first.spans)

    verdicts()


HOSTILE = {
    "digits": "9" * 100_000,
    "a fraction": f"-0.{'1' * 100_000}e{'9' * 400}",
    "arrays": "[" * 100_000,
    "objects": '{"a":' * 20_000,
    "closed": "[" * 50_000 + "]" * 50_000,
    "tags": "<a>" * 30_000,
    "calls": "f(" * 50_000,
    "bullets": "- " * 50_000,
    "stars": "**a" * 30_000,
    "fenced": f"```json\n{'[' * 50_000}\n```\n```python\n{'(' * 50_000}\n```",
    "one line": "word " * 200_000,
    "one word": "a" * 1_000_000,
    "nothing": "\x00" * 1000 + "a\x00b",
    "both ways": "\u202e\u0645\u0631\u062d\u0628\u0627 12\u202c \u2067" * 2000,
    "surrogates": "\ud800 \udfff\udc00. " * 5000,
    "joined": "a" + "\u0301" * 50_000,
}


@pytest.mark.parametrize("id", IDS)
def test_check_is_total_on_hostile_texts(id: str) -> None:
    constraint, drawn = constraint_and_params(id)
    for params in drawn[:2]:
        messages = constraint.witness(params, Random(0)).messages
        for name, text in HOSTILE.items():
            found = constraint.check(params, Document(text, messages=messages))
            assert isinstance(found.outcome, Outcome) and found.reason, name
            assert all(0 <= start <= end <= len(text) for start, end in found.spans), name
