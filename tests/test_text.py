"""Words, normal form, n-grams, and which language a text is in."""

import json
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchwright.schemas import language
from benchwright.schemas.language import LANGUAGES, detect_language, detect_plain, language_code, likely_language
from benchwright.schemas.likelihood import UNIT, lead, lead_plain
from benchwright.schemas.profiles import read_words, word_features
from benchwright.schemas.text import grams, jaccard, normalise, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't count 3.14 twice, or 1,000!", ["Don't", "count", "3.14", "twice", "or", "1,000"]),
        ("well-known e.g. this,that", ["well-known", "e", "g", "this", "that"]),
        ("snake_case and 'quoted'", ["snake", "case", "and", "quoted"]),
        ("天气 hello 世界。", ["天", "气", "hello", "世", "界"]),
        ("カタカナ", list("カタカナ")),
        ("हिन्दी में বাংলা শব্দ", ["हिन्दी", "में", "বাংলা", "শব্দ"]),
        ("안녕하세요 세계", ["안녕하세요", "세계"]),
        ("cafe\u0301 olé", ["cafe\u0301", "olé"]),
        ("— … 😀 _", []),
        ("", []),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


@given(st.text())
def test_words_lie_in_the_text_in_order_and_keep_every_letter(text):
    end = 0
    for word in words(text):
        end = text.index(word, end) + len(word)
    kept = sum(unicodedata.category(c)[0] == "L" for c in "".join(words(text)))
    assert kept == sum(unicodedata.category(c)[0] == "L" for c in text)


@given(st.text())
@example("ŉ ǰ ΐ ẖ")
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)
    assert "  " not in normalise(text)


def test_case_space_and_composition_make_no_difference():
    assert normalise(" STRASSE\n\tcafe\u0301 ") == normalise("straße CAFÉ")


@given(st.text(), st.text())
def test_gram_similarity(a, b):
    x, y = grams(a), grams(b)
    assert jaccard(x, y) == jaccard(y, x)
    assert 0 <= jaccard(x, y) <= 1
    assert jaccard(x, x) == bool(normalise(a))
    assert all(len(gram) <= 5 for gram in x)


SENTENCES = {
    "ar": "كيف يمكنني إصلاح الدراجة التي تصدر ضجيجا؟",
    "de": "Wie repariere ich ein Fahrrad, das beim Treten klappert?",
    "el": "Πώς μπορώ να επισκευάσω το ποδήλατό μου;",
    "en": "How do I mend a bicycle that rattles when I pedal?",
    "es": "¿Cómo arreglo una bicicleta que hace ruido cuando pedaleo?",
    "fr": "Comment réparer un vélo qui fait du bruit quand je pédale ?",
    "he": "איך מתקנים אופניים שמרעישים?",
    "hi": "मैं अपनी साइकिल की मरम्मत कैसे करूँ?",
    "ja": "じてんしゃを なおしたい のですが どうすれば いいですか",
    "ko": "자전거를 어떻게 고치나요? 소리가 납니다.",
    "ru": "Как починить велосипед, который гремит при езде?",
    "ta": "என் மிதிவண்டியை எப்படி சரிசெய்வது?",
    "th": "ฉันจะซ่อมจักรยานที่มีเสียงดังได้อย่างไร",
    "zh": "我的自行车骑起来有响声，应该怎么修理？",
}


@pytest.mark.parametrize("code", SENTENCES)
def test_clear_sentences_are_told(code):
    assert detect_language(SENTENCES[code]) == detect_plain(SENTENCES[code]) == code


@pytest.mark.parametrize("text", ["", "   ", "12 + 30", "😀😀", "https://example.org/a?b=c", "```\n```"])
def test_what_has_no_words_is_unknown(text):
    assert detect_language(text) is None
    assert detect_plain(text) is None


_MIXED = st.lists(
    st.one_of(
        st.sampled_from([word for sentence in SENTENCES.values() for word in sentence.split()]),
        st.text(max_size=8),
        st.text(st.characters(categories=["L", "M"]), max_size=8),
        st.sampled_from([" ", "\n", "  ", "ABC DEF", "a@b.org", "http://x.org/y", "e\u0301", "İ", "ŉ", "_", "[]"]),
    ),
    max_size=40,
).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(_MIXED)
@example("I HAVE A DREAM")
@example("ÀÉ Éa aÉ")
@example("は ABCDEFGHIJ")
@example("שלום hello")
@example("ฺ")
def test_the_fast_detection_equals_the_plain_one(text):
    assert detect_language(text) == detect_plain(text)


@pytest.mark.parametrize("code", SENTENCES)
def test_clear_sentences_are_likely(code):
    assert likely_language(SENTENCES[code]) == code


@pytest.mark.parametrize("text", ["", "   ", "12 + 30", "😀😀", "https://example.org/a?b=c", "```\n```", "\ud800"])
def test_nothing_is_likely_of_what_has_no_words(text):
    assert likely_language(text) is None


def test_what_two_languages_share_is_left_open():
    """langdetect names one of them for each."""
    shared = ["casa", "internet", "informal ideal", "hotel bar"]
    assert [likely_language(text) for text in shared] == [None] * 4
    assert None not in map(detect_language, shared)


@settings(max_examples=150, deadline=None)
@given(_MIXED)
@example("x" * 30 + " " + "y" * 24)
def test_likelihoods_in_lanes_equal_the_plain_sums(text):
    language._loaded()
    words, _ = read_words(text)
    found, plain = lead(words), lead_plain(words)
    assert (found is None) == (plain is None)
    if found and plain:
        off = 2 * sum(len(word_features(word)) for word in words) / UNIT
        assert abs(found[1] - plain[1]) <= off
        assert found[0] == plain[0] or plain[1] <= off


@pytest.mark.parametrize("code", language._SCRIPTS)
def test_a_script_of_the_fast_path_has_one_answer_whatever_is_drawn(code):
    """Every feature made of the block and spaces weighs most for its language, and each letter asked for is one."""
    import re

    from langdetect.utils.ngram import NGram

    block, letters = language._SCRIPTS[code]
    factory = language._loaded()
    place = factory.langlist.index(code)
    own = [chr(point) for point in range(0x100, 0x10000) if re.fullmatch(f"[{block}]", chr(point))]
    alphabet = {NGram.normalize(character) for character in own} | {" "}
    shares = {gram: row for gram, row in factory.word_lang_prob_map.items() if set(gram) <= alphabet}
    assert all(row[place] == max(row) and row.count(row[place]) == 1 for row in shares.values())
    asked = [character for character in own if re.fullmatch(f"[{letters}]", character)]
    assert asked and all(NGram.normalize(character) in shares for character in asked)
    assert not any(character.isupper() for character in own)


def test_real_prompts_are_told_as_plainly(data_dir):
    import pyarrow.parquet as pq

    table = pq.read_table(data_dir / "wildchat_if" / "wildchat-if_val.parquet", columns=["prompt"])
    texts = [row["prompt"][-1]["content"] for row in table.to_pylist()]
    with (data_dir / "oasst_model_eval" / "multilingual-60.jsonl").open(encoding="utf-8") as file:
        texts += [json.loads(line) for line in file]
    assert len(texts) == 310
    assert [detect_language(text) for text in texts] == [detect_plain(text) for text in texts]


THREADS = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from benchwright.schemas.language import detect_language
sentences = json.loads(sys.argv[1])
ready = Barrier(16)
def ask(i):
    ready.wait()
    return [detect_language(text) for text in sentences[i % len(sentences):] + sentences[:i % len(sentences)]]
with ThreadPoolExecutor(16) as pool:
    print(json.dumps(list(pool.map(ask, range(16)))))
"""


def test_sixteen_cold_threads_agree():
    texts = list(SENTENCES.values())
    done = subprocess.run(
        [sys.executable, "-c", THREADS, json.dumps(texts)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    codes = list(SENTENCES)
    for i, answer in enumerate(json.loads(done.stdout)):
        shift = i % len(codes)
        assert answer == codes[shift:] + codes[:shift]


def test_every_language_that_is_detected_has_a_name():
    assert {code.split("-")[0] for code in language._loaded().langlist} <= LANGUAGES.keys()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("English", "en"),
        ("chinese", "zh"),
        ("zh-CN", "zh"),
        ("pt_BR", "pt"),
        ("EN", "en"),
        ("Nolang", None),
        ("", None),
    ],
)
def test_names_and_codes(name, code):
    assert language_code(name) == code
