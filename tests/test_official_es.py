"""The Spanish verdicts: every recorded one that needs no spaCy, and own examples for what the records do not show."""

import json
from collections import Counter

import pytest

from benchwright.constraints.official.m_ifeval_es import VERDICTS
from benchwright.constraints.official.text import OfficialText
from benchwright.constraints.official.verdict import OfficialResponse, official_version, published_verdict

SPACY = {
    "es:change_case:capital_word_frequency",
    "es:length_constraints:number_sentences",
    "es:length_constraints:number_words",
    "es:special_character:dieresis",
    "es:special_character:enie",
    "es:special_character:tildes",
}
"""Ids whose published check asks a spaCy model for words or sentences."""


def _lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_recorded_verdict_is_reproduced(data_dir):
    folder = data_dir / "m_ifeval"
    asked = {row["prompt"]: row for row in _lines(folder / "es_input_data.jsonl")}
    seen, wrong = Counter(), []
    for path in sorted(folder.glob("es__*.jsonl")):
        mode = path.stem.rsplit("__", 1)[1]
        for row in _lines(path):
            response = OfficialResponse(row["response"])
            given = zip(row["instruction_id_list"], asked[row["prompt"]]["kwargs"], strict=True)
            for (id, params), recorded in zip(given, row["follow_instruction_list"], strict=True):
                seen[mode, id in VERDICTS] += 1
                if id not in VERDICTS:
                    assert id in SPACY and official_version(id) is None
                elif published_verdict(id, params, response, loose=mode == "loose") != recorded:
                    wrong.append((path.name, id, params, row["response"][:80]))
    assert not wrong
    assert seen == {("strict", True): 576, ("strict", False): 246, ("loose", True): 96, ("loose", False): 41}


# Id: parameters, a text that follows, one that does not.
EXAMPLES = {
    "es:change_case:spanish_capital": ({}, "EL NIÑO COMIÓ EN LA CASA DE SU ABUELA.", "EL NIÑO COMIó EN LA CASA."),
    "es:change_case:spanish_lowercase": ({}, "el niño comió en la casa de su abuela.", "El niño comió en la casa."),
    "es:combination:repeat_prompt": ({"prompt_to_repeat": "¿Qué hora es?"}, " ¿qué hora es? Las dos.", "Las dos."),
    "es:combination:two_responses": ({}, "uno******dos", "uno******uno"),
    "es:detectable_content:number_placeholders": ({"num_placeholders": 2, "relation": "al menos"}, "[a] [b]", "[a]"),
    "es:detectable_content:postscript": ({"postscript_marker": "P.D."}, "Adiós. P. D. Gracias", "Adiós. PD Gracias"),
    "es:detectable_format:constrained_response": ({}, "Quizás.", "Quizá."),
    "es:detectable_format:json_format": ({}, '```json\n{"a": 1}\n```', "{a: 1}"),
    "es:detectable_format:multiple_sections": (
        {"section_spliter": "Sección", "num_sections": 2, "relation": "al menos"},
        "Sección 1\na\nSección 2\nb",
        "Sección 1\na",
    ),
    "es:detectable_format:number_bullet_lists": ({"num_bullets": 2}, "* a\n* b\n- c", "* a\n- b"),
    "es:detectable_format:number_highlighted_sections": (
        {"num_highlights": 1, "relation": "al menos"},
        "muy *bien*",
        "muy * bien",
    ),
    "es:detectable_format:title": ({}, "<<alegría>>", "<< >>"),
    "es:keywords:existence": ({"keywords": ["río", "mar"]}, "El Río y el mar", "El mar"),
    "es:keywords:forbidden_words": ({"forbidden_words": ["río"]}, "los ríos", "El Río"),
    "es:keywords:frequency": ({"keyword": "mar", "frequency": 1, "relation": "como máximo"}, "mar", "mar y mar"),
    "es:keywords:letter_frequency": (
        {"letter": "a", "let_frequency": 2, "let_relation": "como máximo"},
        "Ala",
        "Alas altas",
    ),
    "es:language:response_language": ({"language": "es"}, "Mañana vamos todos al mercado.", "We go there tomorrow."),
    "es:length_constraints:nth_paragraph_first_word": (
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "En mi opinión"},
        "Uno.\n\n«En mi opinión, no.".replace("«", '"'),
        "Uno.\n\nEn mi casa, no.",
    ),
    "es:length_constraints:number_paragraphs": ({"num_paragraphs": 2}, "a\n***\nb", "a\n\nb"),
    "es:punctuation:exclamation_marks": ({}, "¡Ven!", "¡ !"),
    "es:punctuation:no_comma": ({}, "uno y dos", "uno, dos"),
    "es:punctuation:question_marks": ({}, "Di: ¿vienes\nhoy?", "vienes?"),
    "es:startend:end_checker": ({"end_phrase": "Un saludo"}, 'Adiós. "Un saludo."', "Un saludo.."),
    "es:startend:quotation": ({}, ' "sí" ', '"'),
}


def test_every_id_has_an_example():
    assert EXAMPLES.keys() == VERDICTS.keys()
    assert all(str(official_version(id)).startswith("m_ifeval") for id in VERDICTS)


@pytest.mark.parametrize("id", EXAMPLES)
def test_examples(id):
    params, right, wrong = EXAMPLES[id]
    assert published_verdict(id, params, OfficialResponse(right)) is True
    assert published_verdict(id, params, OfficialResponse(wrong)) is False


@pytest.mark.parametrize(
    ("id", "params"),
    [
        ("es:keywords:frequency", {"keyword": "mar", "frequency": 1, "relation": "at least"}),
        ("es:keywords:letter_frequency", {"letter": "a", "let_frequency": 1, "let_relation": "less than"}),
        ("es:keywords:letter_frequency", {"letter": "ñ", "let_frequency": 1, "let_relation": "al menos"}),
        ("es:detectable_content:number_placeholders", {"num_placeholders": 1, "relation": "menos de"}),
        (
            "es:length_constraints:nth_paragraph_first_word",
            {"num_paragraphs": 1, "nth_paragraph": 2, "first_word": "a"},
        ),
    ],
)
def test_what_the_published_code_refuses_or_draws_at_random_has_no_verdict(id, params):
    with pytest.raises(ValueError, match=r"is '|is \d"):
        VERDICTS[id](params, OfficialText("mar"))


def test_the_most_is_included_and_a_relation_of_a_least_is_not_read():
    frequency = VERDICTS["es:keywords:letter_frequency"]
    params = {"letter": "A", "let_frequency": 2}
    assert [frequency({**params, "let_relation": "como máximo"}, OfficialText("a" * n)) for n in (1, 2, 3)] == [
        True,
        True,
        False,
    ]
    assert [frequency({**params, "let_relation": "al menos"}, OfficialText("a" * n)) for n in (1, 2, 3)] == [
        False,
        True,
        True,
    ]
    placeholders = VERDICTS["es:detectable_content:number_placeholders"]
    assert placeholders({"num_placeholders": 1, "relation": "como máximo"}, OfficialText("[a] [b]"))
