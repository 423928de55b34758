"""Every constraint, as itself: witnesses, wording, purity; and the cases the published checks get wrong."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from benchwright.constraints.constraint import CONSTRAINTS, check_ids, compare
from benchwright.constraints.document import Document
from benchwright.constraints.run import evidence_of
from benchwright.constraints.verifiable import _wording
from benchwright.constraints.verifiable._wording import LANGUAGES
from benchwright.constraints.verifiable.language import NAMES
from benchwright.errors import UsageError
from benchwright.schemas.instruction import CATEGORIES, COMPOSITIONS
from benchwright.schemas.outcome import Outcome

from .constraint_instructions import CODE, DATA, REQUESTS, instruction
from .constraint_runs import ran

IDS = check_ids(("case", "count", "format", "keywords", "language", "length", "punctuation", "start_end"))
S, V, U = Outcome.SATISFIED, Outcome.VIOLATED, Outcome.UNKNOWN


def sampled(id: str, count: int = 30) -> list[tuple[str, Any]]:
    """Gives (language, parameters) that attachment could draw."""
    found = []
    for language in ("en", "zh", "es"):
        for text in (REQUESTS[language], DATA[language]):
            rng = Random(f"{id}{text}")
            draws = (CONSTRAINTS.get(id).sample(instruction(text, language), rng) for _ in range(count))
            found += [(language, params) for params in draws if params is not None]
    return found


def outcome(checker: str, params: dict[str, Any], text: str, finish: str = "stop") -> Outcome:
    found = ran(checker, params, text, finish)
    assert not found.reason.startswith(("check_crashed", "bad_params")), found.reason
    return found.outcome


def n(relation: str, count: int, **more: Any) -> dict[str, Any]:
    return {"relation": relation, "n": count, **more}


@pytest.mark.parametrize("id", IDS)
def test_sampled_parameters_hold_together(id: str) -> None:
    constraint = CONSTRAINTS.get(id)
    assert set(constraint.categories) <= set(CATEGORIES) and constraint.categories
    assert set(constraint.compositions) <= set(COMPOSITIONS)
    drawn = sampled(id)
    assert drawn
    for language, params in drawn:
        plain = params.model_dump(mode="json")
        assert constraint.Params.model_validate_json(json.dumps(plain)) == params
        witness = constraint.witness(params, Random(0))
        good = ran(id, plain, witness.satisfies)
        bad = ran(id, plain, witness.violates)
        assert good[0] is S, (params, witness, good)
        assert bad[0] is V, (params, witness, bad)
        for variant in range(12):
            text = constraint.render(params, language, variant)
            assert "{" not in text.replace("{}", "")
            for value in shown(plain, language):
                assert value in text, (text, value)
            assert relation_in(plain, text, language)


def shown(plain: dict[str, Any], language: str) -> list[str]:
    """Gives what must be read in the wording: every parameter but the relation."""
    values: list[str] = []
    for name, value in plain.items():
        if name == "language":
            values.append(NAMES[value][language])
        elif name == "words":
            values += value
        elif name != "relation":
            values.append(str(value))
    return values


def relation_in(plain: dict[str, Any], text: str, language: str) -> bool:
    if "relation" not in plain:
        return True
    forms = {
        form.format(q=plain["n"]): relation
        for relation, forms in _wording._RELATIONS[language].items()
        for form in forms
    }
    # *No fewer than 3* holds *fewer than 3*: the longest counts.
    said = max((wording for wording in forms if wording in text), key=len, default="")
    return forms.get(said) == plain["relation"]


@pytest.mark.parametrize("id", IDS)
def test_wordings_differ_and_other_languages_get_english(id: str) -> None:
    language, params = sampled(id)[0]
    render = CONSTRAINTS.get(id).render
    for language in LANGUAGES:
        assert len({render(params, language, variant) for variant in range(12)}) >= 3
    assert {render(params, "sv", variant) for variant in range(12)} == {
        render(params, "en", variant) for variant in range(12)
    }


@pytest.mark.parametrize("id", IDS)
def test_parameters_are_required_and_closed(id: str) -> None:
    constraint = CONSTRAINTS.get(id)
    params = sampled(id)[0][1].model_dump(mode="json")
    schema = constraint.Params.model_json_schema()
    assert schema["additionalProperties"] is False
    assert set(schema.get("required", [])) == set(params)
    with pytest.raises(ValidationError):
        constraint.Params.model_validate({**params, "another": 1})
    for name in params:
        with pytest.raises(ValidationError):
            constraint.Params.model_validate({**params, name: None})


@pytest.mark.parametrize(
    ("id", "params"),
    [
        ("length.words", n("at_least", 0)),
        ("length.words", n("around", 5)),
        ("keywords.include", {"words": []}),
        ("keywords.include", {"words": [" "]}),
        ("keywords.frequency", n("at_least", 1, keyword="")),
        ("count.letter", n("at_least", 1, letter="ab")),
        ("count.letter", n("at_least", 1, letter=" ")),
        ("language.response", {"language": "english"}),
        ("start_end.end_phrase", {"phrase": "..."}),
    ],
)
def test_senseless_parameters_are_refused(id: str, params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CONSTRAINTS.get(id).Params.model_validate(params)


@pytest.mark.parametrize("id", IDS)
@pytest.mark.parametrize("text", ["", "  \n", "\u200b"])
def test_a_blank_reply_satisfies_nothing(id: str, text: str) -> None:
    for _, params in sampled(id, 4):
        check = CONSTRAINTS.get(id).check
        assert check(params, Document(text)).outcome is V
        assert check(params, Document(text, cut=True)).outcome is U


ANY = st.one_of(
    st.text(max_size=60),
    st.text(st.sampled_from('aA.,!?"“”*-#`<>[]{}():;1 \n\t好é\ud800\u0301'), max_size=60),
)


@given(text=ANY, cut=st.booleans(), seed=st.integers(0, 3))
def test_no_check_ever_raises_and_each_is_pure(text: str, cut: bool, seed: int) -> None:
    for id in IDS:
        for _, params in sampled(id, 1)[seed::4]:
            check = CONSTRAINTS.get(id).check
            first = check(params, Document(text, cut))
            assert first == check(params, Document(text, cut))
            assert all(0 <= start < end <= len(text) for start, end in first.spans)


@given(text=ANY)
def test_what_a_cut_text_satisfies_or_violates_the_whole_one_does_too(text: str) -> None:
    """A cut text and the same text ended by itself: they differ only where the cut one is unknown."""
    for id in IDS:
        params = sampled(id, 1)[0][1]
        check = CONSTRAINTS.get(id).check
        cut, whole = check(params, Document(text, True)).outcome, check(params, Document(text)).outcome
        assert cut in (whole, U)


def test_sixteen_threads_agree() -> None:
    texts = ["The tide comes in, slowly. It goes out!", "全部都是中文的一句话，没有别的。", "**A** <<T>> [x] 7"]
    jobs = [(id, params, text) for id in IDS for _, params in sampled(id, 1) for text in texts]

    def run(job: tuple[str, Any, str]) -> Any:
        id, params, text = job
        return CONSTRAINTS.get(id).check(params, Document(text))

    alone = [run(job) for job in jobs]
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(run, jobs * 4)) == alone * 4


@pytest.mark.parametrize(
    ("count", "relation", "wanted", "cut", "expected"),
    [
        (2, "at_least", 2, True, S), (1, "at_least", 2, True, U), (1, "at_least", 2, False, V),
        (3, "at_most", 2, True, V), (2, "at_most", 2, True, U), (2, "at_most", 2, False, S),
        (3, "exactly", 2, True, V), (2, "exactly", 2, True, U), (2, "exactly", 2, False, S),
        (1, "exactly", 2, False, V),
    ],
)  # fmt: skip
def test_compare(count: int, relation: Any, wanted: int, cut: bool, expected: Outcome) -> None:
    assert compare(count, relation, wanted, cut) is expected


CASES: list[tuple[str, dict[str, Any], str, Outcome]] = [
    ("length.words", n("at_most", 2), "Don't worry", S),
    ("length.words", n("at_least", 3), "हिन्दी भाषा", V),
    ("length.words", n("exactly", 7), "我们今天去公园", S),
    ("length.words", n("exactly", 2), "well-known 3.14", S),
    ("length.sentences", n("at_most", 2), "1. Sow beans.\n2. Water them.", S),
    ("length.sentences", n("at_most", 1), "<<Beans>>\n\nSow them in May.", S),
    ("length.paragraphs", n("exactly", 2), "One.\n\n\n***\n\nTwo.", S),
    ("keywords.include", {"words": ["art"]}, "We had a party.", V),
    ("keywords.include", {"words": ["art"]}, "ART, of course.", S),
    ("keywords.include", {"words": ["C++"]}, "I like cats.", V),
    ("keywords.include", {"words": ["C++"]}, "Use C++!", S),
    ("keywords.include", {"words": ["公园"]}, "我们去公园散步", S),
    ("keywords.include", {"words": ["AI"]}, "这是AI模型", S),
    ("keywords.include", {"words": ["हिन"]}, "हिन्दी भाषा", V),
    ("keywords.include", {"words": ["it's fine"]}, "Well, it’s\nfine.", S),
    ("keywords.include", {"words": ["café"]}, "Un cafe\u0301 solo.", S),
    ("keywords.exclude", {"words": ["cat"]}, "Concatenate.", S),
    ("keywords.exclude", {"words": ["cat", "dog"]}, "A Dog.", V),
    ("keywords.frequency", n("at_least", 2, keyword="cat"), "cat, category", V),
    ("keywords.frequency", n("at_most", 1, keyword="_x_"), "_x_ and _x_", V),
    ("format.bullets", n("exactly", 2), "* one\n+ two\n\n---\nBye", S),
    ("format.highlights", n("at_least", 2), "* **Title**: some text", V),
    ("format.title", {}, "**<<Winter>>**\nIt snows.", S),
    ("format.title", {}, "cout << x; cin >> y;", V),
    ("format.title", {}, "<<  >> and <<\n>>", V),
    ("format.title", {}, "```\n<<Winter>>\n```", V),
    ("format.json", {}, '{"a": [1, 2.5e3, null]}', S),
    ("format.json", {}, "```json\n[1]\n```", S),
    ("format.json", {}, 'Here it is:\n```json\n{"a": 1}\n```', V),
    ("format.json", {}, "[NaN]", V),
    ("format.json", {}, '{"a": Infinity}', V),
    ("format.json", {}, "42", V),
    ("format.json", {}, "[" * 200_000, V),
    ("format.json", {}, "[" * 200 + "]" * 200, S),
    ("format.json", {}, "[" * 201 + "]" * 201, V),
    ("format.json", {}, "[" + "9" * 10_000 + "]", S),
    ("format.json", {}, "{'a': 1}", V),
    ("case.lower", {}, "all small, 42 — ª", S),
    ("case.lower", {}, "One capital", V),
    ("case.lower", {}, "全部中文。42", U),
    ("case.upper", {}, "ALL LARGE 42", S),
    ("case.upper", {}, "GROß", V),
    ("case.upper", {}, "42!", U),
    ("case.capital_words", n("at_least", 2), "I think A plan is OK", V),
    ("case.capital_words", n("exactly", 2), "NASA’S plan, COVID-19, Ok, B2", S),
    ("punctuation.no_comma", {}, "你好，世界", V),
    ("punctuation.no_comma", {}, "你好、世界", V),
    ("punctuation.no_comma", {}, "مرحبا، عالم", V),
    ("punctuation.no_comma", {}, "No mark; none.", S),
    ("punctuation.no_exclamation", {}, "¡Hola", V),
    ("punctuation.no_exclamation", {}, "好！", V),
    ("start_end.start_phrase", {"phrase": "In short"}, '"**In short**, yes."', S),
    ("start_end.start_phrase", {"phrase": "In short"}, "in  short: yes", S),
    ("start_end.start_phrase", {"phrase": "In short"}, "In shorts, yes.", V),
    ("start_end.end_phrase", {"phrase": "end"}, "This is a weekend", V),
    ("start_end.end_phrase", {"phrase": "Any questions?"}, "Hi. **any questions?**\n", S),
    ("start_end.end_phrase", {"phrase": "Call me at 5"}, "Please call me at 5.", S),
    ("start_end.end_phrase", {"phrase": "Call me at 5"}, "Call me at 5, not 6.", V),
    ("start_end.end_phrase", {"phrase": "a a"}, "x a a a", S),
    ("start_end.end_phrase", {"phrase": "谢谢"}, "就这样。谢谢。", S),
    ("start_end.quotation", {}, '"He said "yes" twice."', S),
    ("start_end.quotation", {}, '"A" comes before "B"', V),
    ("start_end.quotation", {}, '"One."\n\n"Two."', V),
    ("start_end.quotation", {}, "“Good.”", S),
    ("start_end.quotation", {}, "「好。」", S),
    ("start_end.quotation", {}, '""', V),
    ("start_end.quotation", {}, '"', V),
    ("start_end.quotation", {}, "'Single.'", V),
    ("count.placeholders", n("at_least", 1), "See [the page](https://example.org), [] and\n- [ ] and [x]", V),
    ("count.placeholders", n("exactly", 2), "Dear [name], [your city]!", S),
    ("count.placeholders", n("at_least", 1), "As shown [1], [^2] \\[x y\\]", V),
    ("count.placeholders", n("at_least", 1), "```\nrow[index]\n```", V),
    ("count.placeholders", n("exactly", 1), "你好[姓名]", S),
    ("count.letter", n("exactly", 2, letter="n"), "Nin\u0303o n", S),
    ("count.letter", n("exactly", 1, letter="ñ"), "Nin\u0303o", S),
    ("count.letter", n("exactly", 2, letter="#"), "#a #b", S),
    ("count.numbers", n("exactly", 3), "Scores were 1,2,3 today.", S),
    ("count.numbers", n("exactly", 2), "From 2023-2024.", S),
    ("count.numbers", n("exactly", 2), "1,000 and 3.14", S),
    ("language.response", {"language": "zh"}, "今天天气很好，我们去公园散步吧。", S),
    ("language.response", {"language": "ja"}, "今日は天気がいいので公園を散歩しましょう。", S),
    ("language.response", {"language": "en"}, "THE LIGHTHOUSE STANDS ALONE ON THE ROCK AND NOBODY COMES.", S),
    ("language.response", {"language": "en"}, "Hello", U),
    ("language.response", {"language": "en"}, "El faro está solo sobre la roca y nadie viene a verlo.", V),
    ("language.response", {"language": "la"}, "Gallia est omnis divisa in partes tres, quarum unam.", U),
    ("language.response", {"language": "es"}, "```\nfor each of the items in this list\n```\nSí.", U),
]  # fmt: skip


@pytest.mark.parametrize(("id", "params", "text", "expected"), CASES)
def test_semantics(id: str, params: dict[str, Any], text: str, expected: Outcome) -> None:
    assert outcome(id, params, text) is expected


CUT: list[tuple[str, dict[str, Any], str, Outcome]] = [
    ("length.words", n("at_least", 2), "two words", S),
    ("length.words", n("at_least", 3), "two words", U),
    ("length.words", n("at_most", 1), "two words", V),
    ("length.words", n("at_most", 9), "two words", U),
    ("keywords.include", {"words": ["two"]}, "two words", S),
    ("keywords.include", {"words": ["three"]}, "two words", U),
    ("keywords.exclude", {"words": ["three"]}, "two words", S),
    ("keywords.exclude", {"words": ["two"]}, "two words", V),
    ("punctuation.no_comma", {}, "one two", S),
    ("punctuation.no_comma", {}, "one, two", V),
    ("case.lower", {}, "small so far", S),
    ("case.lower", {}, "Not small", V),
    ("format.title", {}, "<<Here>> it", S),
    ("format.title", {}, "None yet", U),
    ("format.json", {}, '{"a": [1, 2', U),
    ("format.json", {}, '```json\n{"a": [1, 2', U),
    ("format.json", {}, "Sure, here is", V),
    ("start_end.start_phrase", {"phrase": "In short"}, "In short yes", S),
    ("start_end.start_phrase", {"phrase": "In short"}, "In sh", U),
    ("start_end.start_phrase", {"phrase": "In short"}, "At length", V),
    ("start_end.end_phrase", {"phrase": "The end."}, "And so. The end.", U),
    ("start_end.quotation", {}, '"It began', U),
    ("start_end.quotation", {}, "It began", V),
    ("language.response", {"language": "en"}, "The lighthouse stands alone on the rock and nobody", S),
]


@pytest.mark.parametrize(("id", "params", "text", "expected"), CUT)
def test_a_text_cut_by_the_token_limit(id: str, params: dict[str, Any], text: str, expected: Outcome) -> None:
    assert outcome(id, params, text, "length") is expected


def test_code_gets_no_constraint_that_would_break_it() -> None:
    asked = instruction(CODE)
    drawn = {id for id in IDS if CONSTRAINTS.get(id).sample(asked, Random(1)) is not None}
    assert drawn <= {"length.words", "keywords.include", "keywords.exclude", "keywords.frequency"}


def test_scripts_without_case_get_no_case() -> None:
    asked = instruction(REQUESTS["zh"], "zh")
    for id in (*(id for id in IDS if id.startswith("case.")), "count.letter"):
        assert CONSTRAINTS.get(id).sample(asked, Random(1)) is None


def test_json_is_for_data_only() -> None:
    json_form = CONSTRAINTS.get("format.json")
    assert json_form.sample(instruction(DATA["en"]), Random(1)) is not None
    assert json_form.sample(instruction("Write a poem about the sea."), Random(1)) is None


def test_keywords_come_from_the_request() -> None:
    for _, params in sampled("keywords.include"):
        text = " ".join([*REQUESTS.values(), *DATA.values()])
        known = ("importan", "result", "ejemplo", "ex", "sim", "peop", "wor", "cha", "reas", "mom", "val")
        for word in params.words:
            assert word in text or word.startswith(known) or len(word) == 2, word


class TestRunCheck:
    def test_evidence_is_canonical_and_capped(self) -> None:
        text = "2024 " * 30
        found = ran("count.numbers", n("at_most", 5), text)
        assert found.outcome is V and found.version == "fixed@1"
        evidence = json.loads(str(evidence_of(found.check)))
        assert evidence["measured"] == 30
        assert evidence["spans"] == [[5 * i, 5 * i + 4] for i in range(20)]

    def test_a_missing_response_is_unknown(self) -> None:
        assert ran("format.title", None, None) == (U, "missing_response", "fixed@1", None)

    def test_bad_parameters_are_unknown(self) -> None:
        for kwargs in ('{"n": 5}', '{"n": 5, "relation": "less than"}', "not json", "[]", None):
            found = ran("length.words", kwargs, "some text")
            assert found[0] is U
            assert found[1].startswith("bad_params: "), found

    def test_a_crash_is_unknown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def crash(params: Any, document: Document) -> None:
            raise ZeroDivisionError("once")

        monkeypatch.setattr(CONSTRAINTS.get("format.title"), "check", crash)
        found = ran("format.title", "{}", "text")
        assert (found.outcome, found.reason, found.check) == (U, "check_crashed: ZeroDivisionError: once", None)

    def test_an_unknown_id_is_an_error_that_names_the_nearest(self) -> None:
        with pytest.raises(UsageError, match=r"length\.words"):
            ran("length.word", "{}", "text")


def test_ids_and_families_expand() -> None:
    ids = ("format.title", "punctuation.no_comma", "punctuation.no_exclamation")
    assert check_ids(["punctuation", "format.title"]) == ids
    with pytest.raises(UsageError) as raised:
        check_ids(["punctuatoin", "length.words", "nothing"])
    assert len(raised.value.problems) == 2
    assert "did you mean 'punctuation'" in raised.value.problems[0]
