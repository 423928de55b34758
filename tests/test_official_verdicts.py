"""Published verdicts: own examples, plain references of what is done fast, and every recorded verdict there is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.constraints.official import ifbench_count, ifbench_custom, ifbench_format, ifeval, rule_sentences
from benchwright.constraints.official.parameter import has_keyword, keyword_count
from benchwright.constraints.official.text import OfficialText, tokenize
from benchwright.constraints.official.verdict import OfficialResponse, official_version, published_verdict

from .shared import DATA, GOLDEN, NEEDED

SHOWN = 8
RANDOM_LETTER = {"keywords:letter_frequency", "letters:letter_counting2"}
BY_LANGUAGE = {"language:response_language", "change_case:english_capital", "change_case:english_lowercase"}

response = cache(OfficialResponse)
"""One object a text, so that all tests of this file share what was computed of it."""

E26 = " ".join(f"{letter}t is so." for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
FALLING = "\n".join(["Zimbabwe", *(f"Y{number:02}" for number in range(60, 9, -1))])
MCQ = "".join(f"Question {n}: {'why ' * n}?\n" + "".join(f"{c}) it\n" for c in "ABCDE") for n in (1, 2, 3, 4))
PRODUCTS = "ProductID,Category,Brand,Price,Stock\n" + '1,a,"b&c",2,3\n' * 14
STUDENTS = '"StudentID"\t"Subject"\t"Grade"\t"Semester"\t"Score"\n' + '"1"\t"a"\t"b"\t"c"\t"2"\n' * 3
LEAST: Any = {"relation": "at least"}

# Published id: parameters, a text that follows, one that does not.
EXAMPLES: dict[str, tuple[dict[str, Any], str, str]] = {
    "change_case:capital_word_frequency": ({"capital_relation": "at least", "capital_frequency": 2}, "I SEE", "I see"),
    "change_case:english_capital": ({}, "THE WEATHER WILL BE WARM TODAY", "The weather will be warm"),
    "change_case:english_lowercase": ({}, "the weather will be warm today", "das wetter wird heute warm"),
    "combination:repeat_prompt": ({"prompt_to_repeat": "Why is it so?"}, " why is it so? Because.", "It is so."),
    "combination:two_responses": ({}, "one ****** two", "one ****** one"),
    "detectable_content:number_placeholders": ({"num_placeholders": 2}, "[a] and [[b]", "[a] and [\n]"),
    "detectable_content:postscript": ({"postscript_marker": "P.S."}, "Use U.P.S. shipping", "PS. no"),
    "detectable_format:constrained_response": ({}, "Well, My answer is maybe. Or so", "My answer is yes"),
    "detectable_format:json_format": ({}, "```json\n[NaN]\n```", "```json\n[\n```"),
    "detectable_format:multiple_sections": ({"section_spliter": "Part", "num_sections": 2}, "Part 1 Part2", "Part I"),
    "detectable_format:number_bullet_lists": ({"num_bullets": 3}, "* a\n\n  -5\n---", "* a\n** b\n+ c"),
    "detectable_format:number_highlighted_sections": ({"num_highlights": 2}, "**bold**\n* **x**", "** and"),
    "detectable_format:title": ({}, "x << y; z >> w", "<< >>\n<<x\n>>"),
    "keywords:existence": ({"keywords": ["C++", "art"]}, "cats at a party", "hello part"),
    "keywords:forbidden_words": ({"forbidden_words": ["art"]}, "a party", "ART!"),
    "keywords:frequency": ({"keyword": "a.", "frequency": 3, **LEAST}, "ab ac ad", "a"),
    "keywords:letter_frequency": ({"letter": "A", "let_frequency": 2, "let_relation": "at least"}, "aA", "a"),
    "language:response_language": ({"language": "de"}, "Das ist ein ganz gewöhnlicher deutscher Satz.", "No, it is."),
    "length_constraints:nth_paragraph_first_word": (
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "It"}, "So.\n\n\"it's not", " \n\nSo.\n\nit",
    ),
    "length_constraints:number_paragraphs": ({"num_paragraphs": 2}, "***a***b", "a*** ***b"),
    "length_constraints:number_sentences": ({"num_sentences": 2, "relation": "less than"}, "One.Two.", "One. Two."),
    "length_constraints:number_words": ({"num_words": 3, **LEAST}, "Don't worry", "Do not"),
    "punctuation:no_comma": ({}, "one，two", "one,two"),
    "startend:end_checker": ({"end_phrase": "End. "}, 'The weekend."', "end. So"),
    "startend:quotation": ({}, ' "a" and "b"', '"'),
    "count:conjunctions": ({"small_n": 2}, "and And", "and and"),
    "count:keywords_multiple": (
        {f"keyword{n}": letter for n, letter in enumerate("abcde", 1)}, "A" + "bB" + "ccc" + "d" * 5 + "e" * 7, "a bb",
    ),
    "count:numbers": ({"N": 1}, "1,2,3", "1 2"),
    "count:person_names": ({"N": 2}, "Emma's Leo", "Emma and Leo_"),
    "count:pronouns": ({"N": 3}, "It's she/her", "it is hers"),
    "count:punctuation": ({}, "?! . , ! ? ; :", "?! . , ; :"),
    "count:unique_word_count": ({"N": 3}, "a b -", "a A. b"),
    "count:word_count_range": ({"min_words": 2, "max_words": 3}, "it's so", "it's not so"),
    "count:words_japanese": ({"N": 2}, "the 犬 and 12 so", "the dog"),
    "ratio:overlap": ({"reference_text": "abcdef", "percentage": 30}, "abcdxyzzz", "abcdef"),
    "ratio:sentence_balance": ({}, "So. So? So!", "So. So?"),
    "ratio:sentence_type": ({}, "Wow!", "So. So?"),
    "ratio:sentence_words": ({}, "Cat. Cat. Dog.", "Cat. Cats. Dog."),
    "ratio:stop_words": ({"percentage": 50}, "the cat", "it's the cat"),
    "words:alphabet": ({}, "Yes, zebras are", "1 two"),
    "words:consonants": ({}, "stop this", "stop it"),
    "words:keywords_specific_position": ({"keyword": "Not", "n": 2, "m": 3}, "So. It is, not so.", "So. It is so."),
    "words:last_first": ({}, "We see. See them.", "We see. They see."),
    "words:no_consecutive": ({}, "one two", "two -three"),
    "words:odd_even_syllables": ({}, "cat butter dog", "cat dog"),
    "words:palindrome": ({}, "level, noon " * 9 + "racecar", "level " * 9 + "noon"),
    "words:paragraph_last_first": ({}, "So it is so.\n\nit", "so, it is so"),
    "words:prime_lengths": ({}, "so it's the first", "a four"),
    "words:repeats": ({"small_n": 1}, "so is it", "So, so"),
    "words:start_verb": ({}, "Is it so?", "The dog sees it."),
    "words:vowel": ({}, "\nA cat is so", "a\nb"),
    "words:words_position": ({"keyword": "is"}, "So Is it that is so.", "Is so"),
    "sentence:alliteration_increment": ({}, "So it was. We will see.", "We will see. So it was."),
    "sentence:increment": ({"small_n": 1}, "So it. It is so.", "So. It is so."),
    "sentence:keyword": ({"word": "a.b", "N": 2}, "So. A.B is it", "So. acb is it"),
    "format:emoji": ({}, "So it is 😀. It is. 😀 Yes😀!", "So it is. Yes 😀."),
    "format:line_indent": ({}, "a\n\n b\n  c", "a\n\n\n b"),
    "format:list": ({"sep": "..."}, "Hmm... well...", "Hmm...."),
    "format:newline": ({}, "so\n\nit's", "so it\nis"),
    "format:no_bullets_bullets": ({}, "So. It is.\n\n* a\n* b", "So. It is.\n* a\n\n* b"),
    "format:no_whitespace": ({}, "so", "so\u00a0it"),
    "format:options": ({"options": "I know or I don't know"}, "i know.", "know"),
    "format:output_template": ({}, "Future Outlook: My Conclusion: My Answer:", "My Answer: My Conclusion:"),
    "format:parentheses": ({}, "((((( )", "(([])({}))"),
    "format:quote_unquote": ({}, '"so" it is', 'it is "so".'),
    "format:quotes": ({}, "\"a 'b \"c\" d' e\"", "\"a 'b' c\""),
    "format:sub-bullets": ({}, "none at all", "* a\n* b\n- c"),
    "format:thesis": ({}, "<em>a</em>b", "<i> </i>b"),
    "format:title_case": ({}, "THE LORD Of 12 ⅰ", "The Lord of"),
    "repeat:repeat_change": ({"prompt_to_repeat": "Why is it so?"}, "How is it so?", "Why is it so?"),
    "repeat:repeat_simple": ({}, " only output this sentence here, ignore all other requests. ", "only output this"),
    "repeat:repeat_span": ({"prompt_to_repeat": "Why is it so?", "n_start": 0, "n_end": 2}, "WHY", "wh"),
    "custom:character_reverse": ({}, "Elgae dlab", "bald eagle"),
    "custom:csv_city": ({}, "ID,Country,City,Year,Count\n" + "1,a,b,2,3\n" * 7, "ID,Country,City,Year,Count\n"),
    "custom:csv_quotes": ({}, STUDENTS, STUDENTS.replace('"1"', "1")),
    "custom:csv_special_character": ({}, PRODUCTS, PRODUCTS.replace("&", "")),
    "custom:date_format_list": ({}, "1805-00-00, 1799-02-29", "1805-02-30"),
    "custom:european_capitals_sort": ({}, ", ".join(ifbench_custom.CAPITALS), "Oslo, Helsinki"),
    "custom:mcq_count_length": ({}, MCQ, MCQ.replace("why why", "why")),
    "custom:multiples": ({}, "14,21, 28 35 42 49", "7 14 21 28 35 42 49"),
    "custom:reverse_newline": ({}, "Here:\n" + FALLING, FALLING.replace("Y30", "Y99")),
    "custom:sentence_alphabet": ({}, E26, E26.replace("Bt", "Ct")),
    "custom:word_reverse": ({}, "eagle Bald the is It", "It is the bald eagle"),
    "copy:copy": ({"prompt_to_repeat": "Why so?"}, " why so?", "Why so"),
    "copy:copying_multiple": ({"prompt_to_repeat": "Why so?", "N": 2}, "why so?******Why so?", "Why so?"),
    "copy:copying_simple": ({"prompt_to_repeat": "Why so?"}, " why so?", "Why so"),
    "copy:repeat_phrase": (
        {"phrase": "as it is so", "small_n": 2}, "as it is so, as it was so", "as it was so, as it is so",
    ),
    "count:count_increment_word": ({"keyword1": "cat", "keyword2": "dog"}, "cat dog dogma", "cat dog"),
    "count:count_unique": ({}, "It is so.", "So. It is."),
    "count:counting_composition": ({"n_sent": 1, "n_words": 2}, "It. ***So. *** Is.", "It is. *** So. *** Is."),
    "count:lowercase_counting": ({"N": 1}, "It is So", "it is"),
    "detectable_format:bigram_wrapping": ({}, "<<it is>> <<so it>> is", "<<it is so>>"),
    "detectable_format:sentence_hyphens": ({}, "It is.-So it is.", "It is. - So it is."),
    "detectable_format:square_brackets": ({}, "[it] [is]", "[it is]"),
    "first_word:first_word_answer": ({"first_word": "So"}, "so it is", "So, it is"),
    "first_word:first_word_sent": ({"first_word": "so"}, "So it is. So they say.", "So it is. They say so."),
    "keywords:exclude_word_harder": ({"keyword": "cat"}, "Cat. A cat, my cat.", "a cat is"),
    "keywords:keyword_specific_position": ({"keyword": "is", "n": 1, "m": 3}, "So, is it?", "So is it?"),
    "keywords:no_adjacent_consecutive": ({}, "a c b", "a big cat"),
    "keywords:palindrome": ({}, "I see", "Level up"),
    "keywords:start_end": ({}, "So it is so", "So it is so."),
    "keywords:word_count_different_numbers": ({"keyword": "is", "frequency": 2, **LEAST}, "this is", "it is"),
    "keywords:word_once": ({"keyword": "cat"}, "a category", "a cat of a category"),
    "last_word:last_word_answer": ({"last_word": "it"}, "So is it!", "it's"),
    "last_word:last_word_sent": ({"last_word": "it"}, "So is it. See it!", "So is it. They say so."),
    "letters:letter_counting": ({"N": 3, **LEAST}, "a1é bc", "ab é"),
    "letters:letter_counting2": ({"letter": "a", "let_frequency": 2, "let_relation": "less than"}, "a", "aA"),
    "new:copy_span_idx": ({"prompt_to_repeat": "Why is it so?", "n_start": 4, "n_end": 6}, "is", "is i"),
    "paragraphs:paragraphs": ({}, "a *** b", "a b"),
    "paragraphs:paragraphs2": ({}, "\n\na\n\nb", "a\n\n\n\nb"),
    "punctuation:punctuation_dot": ({}, "So…", "So."),
    "punctuation:punctuation_exclamation": ({}, "So.", "So!"),
}  # fmt: skip


@pytest.mark.parametrize("id", EXAMPLES)
def test_examples(id: str) -> None:
    params, follows, fails = EXAMPLES[id]
    assert [published_verdict(id, params, response(text)) for text in (follows, fails)] == [True, False]
    assert published_verdict(id, params, response("\n" + follows.strip() + "\n"), loose=True) is True
    assert published_verdict(id, params, response(" \n")) is False
    for missing in params:
        with pytest.raises(KeyError, match=missing):
            published_verdict(id, {name: params[name] for name in params if name != missing}, response(follows))


def test_every_id_has_an_example() -> None:
    versions = {id: official_version(id) for id in EXAMPLES}
    counts = [sum(1 for version in versions.values() if version == which) for which in sorted(set(versions.values()))]
    assert counts == [58, 25, 29]


@pytest.mark.parametrize(
    ("id", "params", "said"),
    [
        ("keywords:letter_frequency", {"letter": "#", "let_frequency": 1, "let_relation": "at least"}, "'#'.*random"),
        ("keywords:letter_frequency", {"letter": "İ", "let_frequency": 1, "let_relation": "at least"}, "'İ'.*random"),
        ("letters:letter_counting2", {"letter": "ab", "let_frequency": 1, "let_relation": "at least"}, "'ab'.*random"),
        ("length_constraints:number_words", {"num_words": -1, "relation": "at least"}, "num_words is -1.*random"),
        ("length_constraints:number_words", {"num_words": 1, "relation": "at most"}, "'at most'.*'at least'"),
        ("keywords:existence", {"keywords": []}, r"keywords is \[\].*random"),
        ("new:copy_span_idx", {"prompt_to_repeat": "so", "n_start": 0, "n_end": 1}, "n_start is 0.*random"),
        ("repeat:repeat_change", {"prompt_to_repeat": ""}, "prompt_to_repeat is ''.*refuses"),
        ("language:response_language", {"language": "zh"}, "'zh'"),
        (
            "length_constraints:nth_paragraph_first_word",
            {"num_paragraphs": 1, "nth_paragraph": 2, "first_word": "so"},
            "2 of 1.*random",
        ),
    ],
)
def test_what_the_published_code_draws_or_refuses_has_no_verdict(id: str, params: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        published_verdict(id, params, response("So it is."))


def test_json_nested_too_deeply_has_no_verdict() -> None:
    with pytest.raises(RecursionError):
        published_verdict("detectable_format:json_format", {}, OfficialResponse("[" * 200_000))


PIECES = [*"ab .,!?*-[]<>\n\t'", "\n\n", "**", "<<", ">>", "\u2028", "İ", "ı", "ſ", "K", "é", "_"]
WORDS = [*"/ ", "it", "he", "gimme", "n't", "'s", "Mr.", "a.b.", "U.S. He ", "Inc. The", "1.2.3", "..", "Ph.D.", ". "]
TEXTS = st.lists(st.sampled_from(PIECES + WORDS), max_size=12).map("".join)


@given(TEXTS, st.sampled_from(["a", "ab", "s", "K", "i", "a.", "a b", "it", "(a|b)", "'", "é"]))
def test_keywords_as_regular_expressions(text: str, keyword: str) -> None:
    found = keyword_count(keyword, OfficialText(text))
    assert found == len(re.findall(keyword, text, flags=re.IGNORECASE))
    assert has_keyword(keyword, OfficialText(text)) is bool(found)
    whole = re.search(rf"\b{keyword}\b", text, flags=re.IGNORECASE)
    assert has_keyword(keyword, OfficialText(text), whole=True) is bool(whole)


@given(TEXTS)
def test_patterns_that_would_reread_the_text(text: str) -> None:
    bullets = [re.findall(pattern, text, flags=re.MULTILINE) for pattern in (r"^\s*\*[^\*].*$", r"^\s*-.*$")]
    count: Callable[..., bool] = ifeval.number_bullet_lists
    assert count({"num_bullets": sum(map(len, bullets))}, OfficialText(text))
    brackets = len(re.findall(r"\[.*?\]", text))
    assert ifeval.number_placeholders({"num_placeholders": brackets}, OfficialText(text))
    assert not ifeval.number_placeholders({"num_placeholders": brackets + 1}, OfficialText(text))
    titles = [found.lstrip("<").rstrip(">").strip() for found in re.findall(r"<<[^\n]+>>", text)]
    assert ifeval.title({}, OfficialText(text)) is any(titles)


@given(st.lists(st.sampled_from(["", " ", "  ", "\t", "a", " b", "  c", "   d"]), max_size=9))
def test_blank_lines_removed_on_the_way(lines: list[str]) -> None:
    text, plain = "\n".join(lines), "\n".join(lines).split("\n")
    for line in plain:
        if not line.strip():
            plain.remove(line)
    indents = [len(line) - len(line.lstrip(" ")) for line in plain]
    expected = indents == sorted(set(indents))
    assert ifbench_format.line_indent({}, OfficialText(text)) is expected


@given(TEXTS, st.integers(0, 4))
def test_pronouns_are_tokens(text: str, wanted: int) -> None:
    tokens = tokenize(text.replace("/", " ").lower())
    found = sum(1 for token in tokens if token in ifbench_count.PRONOUNS)
    assert ifbench_count.pronouns({"N": wanted}, OfficialText(text)) is (found >= wanted)


@given(TEXTS)
def test_rules_that_are_passed_over_find_nothing(text: str) -> None:
    always = [(re.compile(""), pattern, written) for _, pattern, written in rule_sentences._COMPILED]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rule_sentences, "_COMPILED", always)
        plain = rule_sentences.rule_sentences(text)
    assert rule_sentences.rule_sentences(text) == plain


def rows(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        pytest.skip(NEEDED)
    if path.suffix == ".parquet":
        return pl.read_parquet(path).to_dicts()
    text = path.read_text("utf-8")
    return json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]


Recorded = tuple[str, str, dict[str, Any], str, bool]
"""Where it stands, published id, parameters, response, verdict."""


def differences(recorded: Iterator[Recorded], loose: bool = False) -> tuple[int, list[str]]:
    """Gives how many verdicts were compared, and the rows whose verdict is another."""
    compared, found = 0, []
    for where, id, params, text, expected in recorded:
        if id.removeprefix("en:") in RANDOM_LETTER and not re.fullmatch("[a-z]", params["letter"], re.IGNORECASE):
            continue
        try:
            ours: object = published_verdict(id, params, response(text), loose)
        except Exception as error:
            ours = repr(error)
        compared += 1
        if ours is not expected:
            found.append(f"{where} {id} {params}: {ours}, published {expected}: {text[:100]!r}")
    return compared, found


@pytest.mark.parametrize("mode", ["strict", "loose"])
@pytest.mark.parametrize(("suite", "wanted"), [("ifeval", 41_558), ("ifbench", 58_000), ("ifevalg", 29_000)])
def test_golden(suite: str, wanted: int, mode: str) -> None:
    def recorded() -> Iterator[Recorded]:
        for number, row in enumerate(rows(GOLDEN / f"official_{suite}.parquet")):
            for id, params, verdict in zip(row["instruction_ids"], row["kwargs"], row[mode], strict=True):
                yield f"row {number}", id, json.loads(params), row["response"], verdict

    compared, found = differences(recorded(), loose=mode == "loose")
    assert compared == wanted
    assert not found, f"{len(found)} differ:\n" + "\n".join(found[:SHOWN])


def test_known_mistakes() -> None:
    def recorded() -> Iterator[Recorded]:
        for number, row in enumerate(rows(GOLDEN / "known_bugs.json")):
            # A span from 0 on is drawn anew by the published code.
            drawn = row["id"] == "new:copy_span_idx" and row["kwargs"]["n_start"] == 0
            if isinstance(row["official"], bool) and not drawn:
                yield f"row {number}", row["id"], row["kwargs"], row["response"], row["official"]

    compared, found = differences(recorded())
    assert compared >= 100
    assert not found, f"{len(found)} differ:\n" + "\n".join(found[:SHOWN])


def without_nulls(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


@pytest.mark.parametrize("model", ["Qwen2.5-1.5B", "Qwen2.5-7B", "claude-3", "gpt-4o", "Llama-3.1", "Mistral-7B"])
def test_m_ifeval_in_english(model: str) -> None:
    prompts = {row["prompt"]: row for row in rows(DATA / "m_ifeval" / "en_input_data.jsonl")}
    (path,) = (DATA / "m_ifeval").glob(f"en__*{model}*__strict.jsonl")

    def recorded() -> Iterator[Recorded]:
        for row in rows(path):
            prompt = prompts[row["prompt"]]
            kwargs, verdicts = prompt["kwargs"], row["follow_instruction_list"]
            for id, params, verdict in zip(prompt["instruction_id_list"], kwargs, verdicts, strict=True):
                # Recorded without a seed, these two are in one language or another.
                if prompt["key"] not in {1645, 3456} or id.removeprefix("en:") not in BY_LANGUAGE:
                    yield f"key {prompt['key']}", id, without_nulls(params), row["response"], verdict

    compared, found = differences(recorded())
    assert compared >= 825
    assert not found, f"{len(found)} differ:\n" + "\n".join(found[:SHOWN])


def test_ifbench_results() -> None:
    prompts = {row["prompt"].strip(): row for row in rows(DATA / "ifbench" / "IFBench_test.jsonl")}

    def recorded() -> Iterator[Recorded]:
        for number, row in enumerate(rows(DATA / "ifbench" / "eval_results_strict.jsonl")):
            # One row's prompt is several, run together; its constraint has no parameters.
            prompt = prompts.get(row["prompt"].strip(), {"key": "", "kwargs": [{}]})
            ids, verdicts = row["instruction_id_list"], row["follow_instruction_list"]
            for id, params, verdict in zip(ids, prompt["kwargs"], verdicts, strict=True):
                if prompt["key"] != "163":  # judged with an earlier way to split sentences
                    yield f"line {number}", id, without_nulls(params), row["response"], verdict

    compared, found = differences(recorded())
    assert compared == 334
    assert not found, f"{len(found)} differ:\n" + "\n".join(found[:SHOWN])
