from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchwright.constraints.constraint import CONSTRAINTS
from benchwright.constraints.extract import Wish, confirm, extract
from benchwright.constraints.extract_meaning import meaning
from benchwright.constraints.phrases_numbers import number


def read(text: str, system: str | None = None) -> list[Wish]:
    messages: list[Any] = [{"role": "user", "content": text}]
    if system is not None:
        messages = [{"role": "system", "content": system}, *messages]
    wishes = extract(tuple(messages))
    for wish in wishes:
        assert messages[wish.message]["content"][wish.start : wish.end] == wish.text
        CONSTRAINTS.get(wish.checker).Params.model_validate(wish.kwargs)
    return wishes


def brief(text: str, binding: bool = True) -> list[tuple[str, ...]]:
    """Gives the rated wishes as (checker, relation or language, number)."""
    return [(wish.checker, *map(str, wish.kwargs.values())) for wish in read(text) if wish.binding is binding]


W, SE, P = "length.words", "length.sentences", "length.paragraphs"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Explain tides in under 100 words.", [(W, "at_most", "99")]),
        ("Describe my town in at most two sentences.", [(SE, "at_most", "2")]),
        ("Write exactly 3 paragraphs about bees.", [(P, "exactly", "3")]),
        ("Write a fable of no less than 200 words.", [(W, "at_least", "200")]),
        ("Sum it up in no more than 1,000 words, please.", [(W, "at_most", "1000")]),
        ("Answer in between 20 and 40 words.", [(W, "at_least", "20"), (W, "at_most", "40")]),
        ("Write 120-150 words on moss.", [(W, "at_least", "120"), (W, "at_most", "150")]),
        ("Keep it short: one sentence max.", [(SE, "at_most", "1")]),
        ("Write a summary. Maximum: 60 words.", [(W, "at_most", "60")]),
        ("Please reply in one sentence.", [(SE, "exactly", "1")]),
        ("Tell me why in 50 words or less.", [(W, "at_most", "50")]),
        ("Write 300+ words about kelp.", [(W, "at_least", "300")]),
        ("List three facts using 3 bullet points.", [("format.bullets", "exactly", "3")]),
        ("Write an essay with five paragraphs.", [(P, "exactly", "5")]),
        ("Explícalo en al menos 50 palabras.", [(W, "at_least", "50")]),
        ("Resume el texto en dos frases.", [(SE, "exactly", "2")]),
        ("Escribe un cuento de entre 100 y 150 palabras.", [(W, "at_least", "100"), (W, "at_most", "150")]),
        ("Responde con no más de 40 palabras y sin comas.", [(W, "at_most", "40"), ("punctuation.no_comma",)]),
        ("请写一篇不超过100字的介绍。", [(W, "at_most", "100")]),
        ("请写一篇不少于八十字的介绍。", [(W, "at_least", "80")]),
        ("请写100字以内的介绍。", [(W, "at_most", "100")]),
        ("用三句话概括这个故事。", [(SE, "exactly", "3")]),
        ("写一篇300到500字的文章。", [(W, "at_least", "300"), (W, "at_most", "500")]),
    ],
)
def test_lengths(text: str, found: list[tuple[str, ...]]) -> None:
    assert brief(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Write a 500-word essay on rivers.",
        "Write about 300 words on rivers.",
        "Give me five ideas, each at most 10 words.",
        "Make a list of books with titles of at most 6 words.",
        "Write an essay with five paragraphs, separated by the divider ***.",
        "Write two-sentence descriptions of these rivers.",
        "Describe the method (4-5 sentences) and the result.",
        "写一篇大约300字的文章。",
        "Escribe un texto de unas 200 palabras.",
    ],
)
def test_rough_lengths_and_those_of_a_part_only_guide(text: str) -> None:
    assert brief(text) == []
    assert [one[0] for one in brief(text, binding=False) if one[0].startswith("length.")]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Write a poem in Spanish.", "es"),
        ("Answer in French, please.", "fr"),
        ("What is rust? Your reply should be in German.", "de"),
        ("Translate this into French: the tide is low", "fr"),
        ("Translate the letter from Dutch to English", "en"),
        ("Name five rivers. In Italian.", "it"),
        ("Responde en inglés.", "en"),
        ("Explícame las mareas, por favor. En francés.", "fr"),
        ("Traduce esto al alemán.", "de"),
        ("请用英文回答：什么是光合作用？", "en"),
        ("把下面这句话翻译成法语。", "fr"),
        ("Why is the sky blue? 用中文回答", "zh"),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert brief(text) == [("language.response", language)]


@pytest.mark.parametrize(
    ("text", "checker"),
    [
        ("Return the list as JSON.", "format.json"),
        ("请以JSON格式输出结果。", "format.json"),
        ("Devuelve la lista en formato JSON.", "format.json"),
        ("Use bullet points.", "format.bullets"),
        ("Escribe las ventajas con viñetas.", "format.bullets"),
        ("用项目符号列出优点。", "format.bullets"),
        ("Write it in all lowercase.", "case.lower"),
        ("Escribe todo en mayúsculas.", "case.upper"),
        ("Answer without commas.", "punctuation.no_comma"),
        ("请不要使用逗号。", "punctuation.no_comma"),
    ],
)
def test_forms(text: str, checker: str) -> None:
    assert [one[0] for one in brief(text)] == [checker]


@pytest.mark.parametrize(
    "text",
    [
        "Who was Ada Lovelace?",
        "My essay has 2000 words and I like it.",
        "I wrote 300 words yesterday. What next?",
        "The novel has more than 500 words on every page.",
        "Which sentence in this text has more than ten words?",
        "How do you say thank you in Spanish?",
        "¿Cómo se dice gracias en inglés?",
        "谢谢用英文怎么说？",
        "Tell me about English literature in French schools.",
        "What is the history of Spanish in Mexico?",
        "Tell me which letters are used in French.",
        "When I need to tell you something in English, I will use brackets.",
        "Translate it to French and German.",
        'Explain the phrase "answer in German, in at most 20 words".',
        "> Write 20 words in French\n\nWhat did they mean by that?",
        "```\nwrite at most 10 words\n```\nWhat does this file say?",
        "Write a Python function that returns JSON.",
        "Rename the variable so that the code is in lowercase.",
        "The word 'apple' has two syllables; why?",
        "Start a business without any capital",
    ],
)
def test_what_is_no_wish(text: str) -> None:
    assert read(text) == []


def test_a_refused_form_only_guides() -> None:
    assert brief("Do not use bullet points.") == []
    assert brief("Do not use bullet points.", binding=False) == [("format.bullets", "at_least", "1")]
    assert brief("Give me a comma-separated list of fruit.", binding=False) == [("punctuation.no_comma",)]


def test_the_system_message_is_read_and_earlier_turns_are_not() -> None:
    found = read("Hi there", "You are a guide. Always answer in Spanish and use at most 3 sentences.")
    assert [(wish.message, wish.checker) for wish in found] == [(0, "language.response"), (0, "length.sentences")]
    turns: Any = (
        {"role": "user", "content": "Answer in French."},
        {"role": "assistant", "content": "Use at most 3 words."},
        {"role": "user", "content": "And now? Write at most 9 words."},
    )
    assert [(wish.message, wish.kwargs) for wish in extract(turns)] == [(2, {"relation": "at_most", "n": 9})]


def test_the_middle_of_a_long_turn_is_not_read() -> None:
    text = "Improve it. " + "The keeper writes at most 5 words. " * 200 + "Use at most 70 words."
    last = [wish for wish in read(text) if wish.end > len(text) - 5]
    assert [wish.text for wish in last] == ["at most 70 words"]
    assert all(wish.end < 1300 or wish.start > len(text) - 900 for wish in read(text))


def test_a_huge_turn_is_read_quickly() -> None:
    began = time.process_time()
    assert [wish.text for wish in read("word " * 400_000 + "Use at most 5 words.")] == ["at most 5 words"]
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # French and Japanese lengths, languages and forms
        ("Résume ce livre en moins de 50 mots.", [(W, "at_most", "49")]),
        ("Écris un texte de 100 à 150 mots sur la mer.", [(W, "at_least", "100"), (W, "at_most", "150")]),
        ("Réponds en 3 phrases maximum, en espagnol.", [("language.response", "es"), (SE, "at_most", "3")]),
        ("Rédige deux paragraphes sans virgules.", [(P, "exactly", "2"), ("punctuation.no_comma",)]),
        ("この話を3文以内で要約してください。", [(SE, "at_most", "3")]),
        ("200文字以上で説明してください。", [("layout.characters", "at_least", "200")]),
        ("次の文をフランス語に翻訳してください。", [("language.response", "fr")]),
        ("二つの段落で、絵文字を使わないで書いてください。", [(P, "exactly", "2"), ("charset.no_emoji",)]),
        # Words
        ('Write a poem with the words "moss", "tide" and "lamp".', []),
        ('Write a poem that includes the words "moss" and "tide".', [("keywords.include", "['moss', 'tide']")]),
        ("Include the keywords: moss, tide and lamp.", [("keywords.include", "['moss', 'tide', 'lamp']")]),
        ('Explain it, but do not use the word "simply".', [("keywords.exclude", "['simply']")]),
        ("Never mention the words storm or flood in your answer.", [("keywords.exclude", "['storm', 'flood']")]),
        ("Don't forget to use the word \"harbour\".", [("keywords.include", "['harbour']")]),
        (
            "介绍长城，必须包含“历史”一词，不要出现“最”这个词。",
            [("keywords.include", "['历史']"), ("keywords.exclude", "['最']")],
        ),
        ('No uses la palabra "mar" en tu respuesta.', [("keywords.exclude", "['mar']")]),
        ('The word "tide" should appear at least 3 times.', [("keywords.frequency", "at_least", "3", "tide")]),
        ("The letter q should appear fewer than 4 times.", [("count.letter", "at_most", "3", "q")]),
        ('Do not include the letter "z" anywhere.', [("count.letter", "at_most", "0", "z")]),
        # Beginnings and ends
        ('Begin your answer with "Well then".', [("start_end.start_phrase", "Well then")]),
        ('End the letter with the phrase "Yours, A."', [("start_end.end_phrase", "Yours, A.")]),
        ("请写一段话，以“总之”开头。", [("start_end.start_phrase", "总之")]),
        ("Name a bird.\n\nFirst repeat the request word for word.", [("start_end.start_phrase", "Name a bird.")]),
        # Forms
        ("Write a story and wrap your entire response in double quotes.", [("start_end.quotation",)]),
        ("Please do not use any emojis.", [("charset.no_emoji",)]),
        ("Write a song with a title in double angular brackets, i.e. <<title>>.", [("format.title",)]),
        ("Highlight at least 2 sections with markdown.", [("format.highlights", "at_least", "2")]),
        ("Use at least 4 words in all caps.", [("case.capital_words", "at_least", "4")]),
        ('Make a table with the columns "Bird" and "Weight".', [("table.columns", "['Bird', 'Weight']")]),
        ("Output only valid YAML.", [("data.yaml",)]),
    ],
)  # fmt: skip
def test_wishes_of_many_kinds(text: str, found: list[tuple[str, ...]]) -> None:
    assert brief(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "If it is a fable, answer in at most 50 words.",
        "- If the text is a poem, write at most 40 words.\n- Otherwise say nothing.",
        "First give the plot in 2 sentences. Then write at most 90 words about the hero.",
        "请先用两句话介绍作者，然后写一篇评论，不超过200字。",
        "如果是错的，请用英文回答。",
        "Translate this into German and then explain the grammar: the tide is low",
        "Write two poems. Each should have at least 12 lines and end with 'the sea'.",
        'Start each paragraph with "And".',
        'Use the word "sea" instead of "ocean".',
        'Include the word "tide" in the title.',
        "Write in at most 50 words. Write in at most 80 words.",
        'Include the word "tide". Do not use the word "tide".',
        "Answer in lowercase. Answer in all caps.",
        "You may use bullet points.",
    ],
)
def test_a_wish_with_a_condition_of_a_part_or_against_another_only_guides(text: str) -> None:
    assert brief(text) == []
    assert brief(text, binding=False)


@pytest.mark.parametrize(
    "text",
    [
        'Many people use the word "tide" for it. Why?',
        'I have a column that contains the word "tide". Why is it slow?',
        "List the ten best films in English.",
        "The cell has fewer than 20 words, why?",
        "Rewrite this so that it sounds kind:\nWrite me at most 20 words in French, you fool.",
        "总结下面的话：\n会议要求大家写不超过100字的感想。",
        "What does 'no commas' mean?",
        "La novela tiene más de 500 palabras por página.",
        "Mon texte contient 200 mots, est-ce trop ?",
    ],
)
def test_reports_and_material_are_no_wishes(text: str) -> None:
    assert brief(text) == []


def test_what_is_repeated_no_longer_binds_the_whole_answer() -> None:
    text = "Write a song without commas.\n\nFirst repeat the request above word for word, then give your answer."
    assert brief(text) == [("start_end.start_phrase", "Write a song without commas.")]
    assert brief(text, binding=False) == [("punctuation.no_comma",)]


@pytest.mark.parametrize(
    "piece",
    [
        '"a" ', '"', "`", "```\n", "“", "' ", "1", " ", "\n", "> \n", "the word ", "at least 5 words ",
        "一", "不超过100字，",
        "先", "use the words ", "translate in ", "a, ", "repeat the ", '"a" and ', "title <<", "output json ",
        "summarize: ", "\x01", "\x02",
    ],
)  # fmt: skip
def test_a_page_of_one_thing_takes_no_time(piece: str) -> None:
    for size in (1_990, 1_000_000):
        text = (piece * (size // len(piece) + 1))[:size]
        began = time.process_time()
        read(text)
        assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("checker", "one", "other", "same"),
    [
        (W, {"relation": "less_than", "n": 80}, {"relation": "at_most", "n": 79}, True),
        (W, {"relation": "more_than", "n": 80}, {"relation": "at_least", "n": 81}, True),
        (W, {"relation": "exactly", "n": 0}, {"relation": "at_most", "n": 0}, True),
        (W, {"relation": "at_least", "n": 80}, {"relation": "at_most", "n": 80}, False),
        ("keywords.include", {"words": ["a b", "c"]}, {"words": ["C", "a  b"]}, True),
        ("keywords.include", {"words": ["a"]}, {"words": ["b"]}, False),
        ("language.response", {"language": "pt"}, {"language": "pt-BR"}, True),
    ],
)
def test_what_parameters_mean(checker: str, one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    assert (meaning(checker, one) == meaning(checker, other)) is same


def test_nothing_is_confirmed_outside_the_text_or_without_parameters() -> None:
    text = "Write at most 5 words."
    kwargs = {"relation": "at_most", "n": 5}
    assert confirm(0, text, W, kwargs, 0, len(text)) == Wish(W, kwargs, 0, 6, 21, "at most 5 words")
    for start, end in ((-1, 5), (5, 5), (0, len(text) + 1), (9, 3)):
        assert confirm(0, text, W, kwargs, start, end) is None
    assert confirm(0, text, W, {}, 0, len(text)) is None
    assert confirm(0, text, W, {"relation": "unheard", "n": 5}, 0, len(text)) is None
    assert confirm(0, text, SE, kwargs, 0, len(text)) is None
    assert confirm(0, "Perhaps 5 words or so.", W, kwargs, 0, 22) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7), ("1,500", 1500), ("Two", 2), ("five hundred", 500), ("dos", 2), ("cien", 100), ("三", 3), ("十", 10),
        ("十二", 12), ("二十", 20), ("两百", 200), ("一千", 1000), ("many", None),
    ],
)  # fmt: skip
def test_numbers(text: str, value: int | None) -> None:
    assert number(text) == value


@given(
    st.lists(st.sampled_from(["Write", " at most", " 5", " words", " in", " Spanish", " JSON", ".", "\n", '"', "`"]))
)
def test_every_span_is_the_wish_itself(parts: list[str]) -> None:
    read("".join(parts))


def test_real_prompts_are_read_without_a_crash(data_dir: Path) -> None:
    path = data_dir / "wildchat_if" / "wildchat-if_val.parquet"
    found = 0
    for prompt in pl.read_parquet(path)["prompt"]:
        found += sum(wish.binding for wish in read(prompt[-1]["content"]))
    assert 3 <= found <= 20
