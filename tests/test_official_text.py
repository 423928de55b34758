"""What nltk, langdetect, syllapy and emoji read off a text, without them: what they say, and slower ways to say it."""

import json
import os
import re
import subprocess
import sys
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchwright.constraints.official import treebank
from benchwright.constraints.official.package_data import read_data
from benchwright.constraints.official.tagger import NEEDED, tag_first
from benchwright.constraints.official.text import (
    STOP_WORDS,
    OfficialText,
    is_emoji,
    split_sentences,
    syllable_count,
    tokenize,
)
from benchwright.schemas import trials
from benchwright.schemas.language import detect_code, detect_code_plain
from benchwright.schemas.profiles import loaded, read_features

# Own texts, and what nltk 3.9.2 and syllapy 0.7.2 made of them.
SENTENCES = [
    (
        "Dr. Ames met Mr. Boyle at 5 p.m. on Jan. 3. They talked.",
        ["Dr. Ames met Mr. Boyle at 5 p.m. on Jan. 3.", "They talked."],
    ),
    ("We waited... Nothing came. Then... silence", ["We waited...", "Nothing came.", "Then... silence"]),
    ("He left (at last!) She stayed.", ["He left (at last!)", "She stayed."]),
    ('"Is it done?" she asked. "It is." He nodded.', ['"Is it done?"', "she asked.", '"It is."', "He nodded."]),
    ("“Quite so.” He bowed. ‘Never.’ They left.", ["“Quite so.” He bowed.", "‘Never.’ They left."]),
    (
        "Prices rose 3.5 percent. 12 firms closed. See no. 7 for more.",
        ["Prices rose 3.5 percent.", "12 firms closed.", "See no.", "7 for more."],
    ),
    (
        "J. Marsh and K. L. Webb wrote it. I. Newton did not.",
        ["J. Marsh and K. L. Webb wrote it.", "I. Newton did not."],
    ),
    ("What?! No way!!! Really.", ["What?!", "No way!!!", "Really."]),
    ("First line\nsecond line. Third.\n\nFourth", ["First line\nsecond line.", "Third.", "Fourth"]),
    ("1. Milk\n2. Eggs\n3. Bread and butter. Fresh.", ["1.", "Milk\n2.", "Eggs\n3.", "Bread and butter.", "Fresh."]),
    (
        "E.g. apples, i.e. fruit, etc. And pears, vs. plums. U.S. ships sail. The U.S. is large.",
        ["E.g.", "apples, i.e.", "fruit, etc.", "And pears, vs. plums.", "U.S. ships sail.", "The U.S. is large."],
    ),
    ("今天很好。我们走吧!好的? 再见.", ["今天很好。我们走吧!好的?", "再见."]),
    ("  Leading space. Trailing space.   ", ["  Leading space.", "Trailing space."]),
    ("No end", ["No end"]),
    ("End.)\" Next [one.] Last.'", ['End.)"', "Next [one.]", "Last.'"]),
    ("a.b.c d. e . f ... g .. h", ["a.b.c d. e .", "f ... g .. h"]),
    ("Yes.No.Maybe. So", ["Yes.No.Maybe.", "So"]),
    ("Visit www.site.org. Or mail me@site.org! Thanks.", ["Visit www.site.org.", "Or mail me@site.org!", "Thanks."]),
    (
        "The firm, Bolt Inc., grew. Its rival Nut Co. Shrank fast. Both are on Main St. today.",
        ["The firm, Bolt Inc., grew.", "Its rival Nut Co.", "Shrank fast.", "Both are on Main St. today."],
    ),
    ("He said no.-- She said yes.) ok", ["He said no.-- She said yes.)", "ok"]),
    ("One.\xa0Two.\u2003Three.\tFour.", ["One.\xa0Two.\u2003Three.", "Four."]),
    ("The cost was 5. The gain was 6. that was all.", ["The cost was 5.", "The gain was 6. that was all."]),
    ("Is it? it is. ! odd . . . spaced", ["Is it?", "it is.", "!", "odd .", ".", ".", "spaced"]),
    ("", []),
    (" \n ", []),
    (".", ["."]),
]
TOKENS = [
    (
        "Don't they've I'm she'll we'd he's John's dogs' can't cannot won't",
        [
            "Do",
            "n't",
            "they",
            "'ve",
            "I",
            "'m",
            "she",
            "'ll",
            "we",
            "'d",
            "he",
            "'s",
            "John",
            "'s",
            "dogs",
            "'",
            "ca",
            "n't",
            "can",
            "not",
            "wo",
            "n't",
        ],
    ),
    (
        "\"Quoted,\" he said: 'single' and ''double'' `tick` ``two``.",
        [
            "``",
            "Quoted",
            ",",
            "''",
            "he",
            "said",
            ":",
            "'single",
            "'",
            "and",
            "``",
            "double",
            "''",
            "`",
            "tick",
            "`",
            "``",
            "two",
            "``",
            ".",
        ],
    ),
    (
        "It cost $3,000.50 (about €2,800) - 5% off; a 50/50 deal & more @home #tag.",
        [
            "It",
            "cost",
            "$",
            "3,000.50",
            "(",
            "about",
            "€2,800",
            ")",
            "-",
            "5",
            "%",
            "off",
            ";",
            "a",
            "50/50",
            "deal",
            "&",
            "more",
            "@",
            "home",
            "#",
            "tag",
            ".",
        ],
    ),
    (
        "gonna wanna gotta gimme lemme d'ye more'n 'tis 'twas whaddya",
        [
            "gon",
            "na",
            "wan",
            "na",
            "got",
            "ta",
            "gim",
            "me",
            "lem",
            "me",
            "d",
            "'ye",
            "more",
            "'n",
            "'t",
            "is",
            "'t",
            "was",
            "whaddya",
        ],
    ),
    (
        "Wait... what?! A--b — c – d … e",
        ["Wait", "...", "what", "?", "!", "A", "--", "b", "—", "c", "–", "d", "…", "e"],
    ),
    (
        "«Bon» “curly” ‘single’ „low“ it’s",
        ["«", "Bon", "»", "“", "curly", "”", "‘", "single", "’", "„", "low", "“", "it", "’", "s"],
    ),
    (
        "**Bold** *it* _under_ [link](http://a.org/b?c=d) <tag> {x}",
        [
            "*",
            "*",
            "Bold",
            "*",
            "*",
            "*",
            "it",
            "*",
            "_under_",
            "[",
            "link",
            "]",
            "(",
            "http",
            ":",
            "//a.org/b",
            "?",
            "c=d",
            ")",
            "<",
            "tag",
            ">",
            "{",
            "x",
            "}",
        ],
    ),
    (
        "e.g. this, i.e. that, U.S. and a.m. etc.",
        ["e.g", ".", "this", ",", "i.e", ".", "that", ",", "U.S.", "and", "a.m.", "etc", "."],
    ),
    ("3:45 1,2 x:y a, b ,c ;d", ["3:45", "1,2", "x", ":", "y", "a", ",", "b", ",", "c", ";", "d"]),
    (
        "line one\nline 'two'\n\"three\"\ttabs 'n rock 'n' roll",
        ["line", "one", "line", "'two", "'", "''", "three", "''", "tabs", "'n", "rock", "'n", "'", "roll"],
    ),
    (
        "The end.\" The end.) The end.' ] done.",
        ["The", "end", ".", "''", "The", "end", ".", ")", "The", "end", ".", "'", "]", "done", "."],
    ),
    (
        "word , ' ' \" '' x' 'y z's s' 'S 'll n't N'T",
        ["word", ",", "'", "'", "``", "``", "x", "'", "'", "y", "z", "'s", "s", "'", "'S", "'ll", "n't", "N'T"],
    ),
    ("naïve café İstanbul GÖNNA gımme Ünlü", ["naïve", "café", "İstanbul", "GÖNNA", "gım", "me", "Ünlü"]),
    ("说“你好”。 hello", ["说", "“", "你好", "”", "。", "hello"]),
    (
        "cats' \"O'Neil\" ('90s) rock'n'roll l'eau",
        ["cats", "'", "``", "O'Neil", "''", "(", "'90s", ")", "rock'n'roll", "l'eau"],
    ),
    ("...", ["..."]),
    ("'", ["'"]),
    ('"', ["``"]),
    ("' \"", ["'", "``"]),
    ("a.", ["a", "."]),
    ("a. )", ["a", ".", ")"]),
    ("(.", ["(", "."]),
    ("can not cannot. wanna. wanna", ["can", "not", "can", "not", ".", "wan", "na", ".", "wan", "na"]),
]
TAGS = [
    ("Explore the sea.", "IN"),
    ("Run!", "NN"),
    ("Running is fun.", "VBG"),
    ("The cat sat.", "DT"),
    ("I went home.", "PRP"),
    ("Write a poem about rain", "VB"),
    ("Please write a poem", "NNP"),
    ("Consider this: it works.", "VB"),
    ("2024 was good.", "CD"),
    ("1999", "CD"),
    ("well-known fact", "JJ"),
    ("-5 degrees", "NN"),
    ("Was it you?", "IN"),
    ("Eat more fruit, they say.", "NNP"),
    ("**Bold** start", "NN"),
    ("日本語", "NN"),
    ("Go", "VB"),
    ("Gone are the days", "NN"),
    ("Be kind.", "NNP"),
    ("Let us go", "VB"),
    ("Taking a walk helps", "VBG"),
    ("Walked home alone", "VBD"),
    ("Create", "NN"),
    ("make it so", "VB"),
    ("Given the data, we act.", "VBN"),
    ("", None),
    ("  ", None),
]
SYLLABLES = [
    ("banana", 3),
    ("the", 1),
    ("table", 2),
    ("cafe", 2),
    ("self-care", 2),
    ("well-being", 2),
    ("don't", 1),
    ("e", 1),
    ("le", 1),
    ("ale", 1),
    ("rhythm", 1),
    ("3rd", 0),
    ("", 0),
    ("...", 0),
    ("Beautiful,", 3),
    ("creation", 3),
    ("strengths", 1),
    ("queue", 1),
    ("-", 0),
    ("a-", 1),
    ("x-1", 0),
    ("naïve", 1),
    ("IDEA", 3),
    ("cooperate", 4),
    ("science", 2),
    ("people's", 2),
]


@pytest.mark.parametrize(("text", "expected"), SENTENCES)
def test_sentences_are_nltks(text, expected):
    assert split_sentences(text) == OfficialText(text).sentences == expected


@pytest.mark.parametrize(("text", "expected"), TOKENS)
def test_tokens_are_nltks(text, expected):
    assert tokenize(text) == OfficialText(text).tokens == expected


@pytest.mark.parametrize(("text", "expected"), TAGS)
def test_the_first_tag_is_nltks(text, expected):
    assert OfficialText(text).first_tag == expected
    read = OfficialText(text)
    assert read.tokens is not None and read.first_tag == expected


@pytest.mark.parametrize(("word", "expected"), SYLLABLES)
def test_syllables_are_syllapys(word, expected):
    assert syllable_count(word) == expected


def test_words_stop_words_and_emoji():
    assert OfficialText("It's 3.5_x, naïve: हिन्दी").words == re.findall(r"\w+", "It's 3.5_x, naïve: हिन्दी")
    assert len(STOP_WORDS) == 198 and {"the", "not", "s", "don't"} <= STOP_WORDS and "The" not in STOP_WORDS
    assert all(map(is_emoji, "😀©™▶🦊🫠")) and not any(map(is_emoji, ["a", "1", "", "é", "👍🏽", "\u200d", "\ufe0f"]))


_TEXTS = st.lists(
    st.one_of(
        st.sampled_from([piece for text, _ in SENTENCES + TOKENS for piece in text.split()]),
        st.sampled_from([".", "'", '"', "''", "``", ")", "]", "...", ",", ":", "!", "?", "--", "'s", "n't", "\n", ""]),
        st.text("aB1.,'\"“”()-!? \n\t", max_size=6),
        st.text(max_size=4),
    ),
    max_size=12,
).flatmap(lambda pieces: st.sampled_from([" ", "", "\n", "  "]).map(lambda between: between.join(pieces)))


def _all_rules(sentence):
    """Applies every rule to a whole sentence, whatever occurs in it."""
    for _, pattern, replacement in treebank._OPENING:
        sentence = pattern.sub(replacement, sentence)
    sentence = f" {sentence} "
    for _, pattern, replacement in treebank._CLOSING:
        sentence = pattern.sub(replacement, sentence)
    for pattern, replacement in treebank._TWO_WORDS:
        sentence = pattern.sub(replacement, sentence)
    return sentence.split()


@settings(max_examples=400)
@given(_TEXTS)
@example("\"a \"b ''c")
@example("x ' ' y. ) ''")
@example("Cannot wanna. WANNA gonna, can't")
@example("' 'tis 'Twas\n'tis")
def test_tokens_of_pieces_are_those_of_the_whole_sentence(text):
    sentences = split_sentences(text)
    assert OfficialText(text).tokens == [token for sentence in sentences for token in _all_rules(sentence)]
    assert treebank.apply_rules(text) == _all_rules(text)


@given(_TEXTS)
def test_sentences_keep_all_but_white_space_and_the_first_are_found_first(text):
    sentences = split_sentences(text)
    assert "".join("".join(sentences).split()) == "".join(text.split())
    assert OfficialText(text).first_tag == tag_first(tokenize(text))


@given(st.lists(st.sampled_from([token for _, tokens in TOKENS for token in tokens]), max_size=6))
def test_the_first_tag_depends_on_the_first_three_tokens(tokens):
    assert tag_first(tokens) == tag_first(tokens[:NEEDED])


FOREIGN = [
    "Ĝis revido, amikoj.", "Nós vamos amanhã à feira.", "Nosotros vamos mañana al mercado.", "今天我们去市场。",
    "今天我們去市場買東西。", "Wir gehen morgen auf den Markt.", "Вчера мы были на рынке.", "Вчора ми були на ринку.",
    "We go to the market tomorrow.", "Vi går på torvet i morgen.", "Vi går til torget i morgon.", "ABC DEF", "你好",
    "きょうは いちばへ いきます", "tại chợ cũ", "see http://a.org/b and x@y.org", "“so”—she said…", "ș ț Ş",
]  # fmt: skip
_MIXED = st.lists(
    st.one_of(
        st.sampled_from([word for text in FOREIGN for word in text.split()]),
        st.sampled_from(FOREIGN),
        st.text(max_size=6),
        st.text("ABCdeéü \n'", max_size=8),
    ),
    max_size=40,
).map(" ".join)


@settings(max_examples=150)
@given(_MIXED)
@example("12 asterisks -> empty middle -> False")
@example("")
@example("?!")
def test_the_language_is_langdetects(text):
    assert OfficialText(text).language == detect_code_plain(text)


def test_the_whole_text_is_read_and_codes_are_langdetects_own():
    german, english = "Das ist ein Haus am See. ", "This is a house by the lake, "
    assert OfficialText("今天我们去市场。").language == "zh-cn"
    for text in (english * 10 + german * 390, english * 350 + german * 390, "x " * 6000 + german * 50, " " * 20_000):
        assert detect_code(text) == detect_code_plain(text)
    assert detect_code(english * 10 + german * 390) == "de"


@pytest.mark.parametrize("seed", range(60))
def test_trials_end_as_langdetects_do_however_close(seed):
    """Features of few words of like languages: many trials, long ones, ties."""
    rng = Random(seed)
    words = "hus er det en og var som ikke med for casa de que los das der die und le la il di the of".split()
    features = read_features(" ".join(rng.choices(words, k=rng.choice([1, 2, 3, 5, 8]))))
    plain = trials._place(trials._Chance(features), trials._exact_trial)
    assert trials.likeliest(features) == (trials.UNKNOWN if plain is None else loaded().langlist[plain])


def test_kept_numbers_are_the_generators():
    features = [chr(0x61 + i) for i in range(23)]
    kept, plain = trials._KeptChance(features), trials._Chance(features)
    for count in (1, 5, 12, 5):
        assert kept.gauss() == plain.gauss()
        assert kept.draw(count) == plain.draw(count)


def test_real_answers_have_langdetects_language(data_dir):
    files = sorted((data_dir / "m_ifeval").glob("e[ns]__*strict.jsonl"))
    rows = [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    texts = [row["response"] for row in rows][::40]
    assert len(texts) > 75
    assert [detect_code(text) for text in texts] == [detect_code_plain(text) for text in texts]


COLD = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from benchwright.constraints.official.text import OfficialText, is_emoji, syllable_count
texts = json.loads(sys.stdin.read())
ready = Barrier(8)
def ask(i):
    ready.wait()
    reads = [OfficialText(text) for text in texts[i:] + texts[:i]]
    answers = [
        [read.first_tag, read.language, read.tokens, read.sentences, [syllable_count(word) for word in read.words],
         [c for c in read.text if is_emoji(c)]]
        for read in reads
    ]
    return answers[len(texts) - i :] + answers[: len(texts) - i]
with ThreadPoolExecutor(8) as pool:
    done = list(pool.map(ask, range(8)))
assert all(each == done[0] for each in done)
print(json.dumps(done[0]))
"""


def test_cold_threads_agree_whatever_the_hash_seed():
    texts = [text for text, _ in SENTENCES + TOKENS] + FOREIGN

    def run(seed):
        done = subprocess.run(
            [sys.executable, "-c", COLD],
            input=json.dumps(texts),
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    first = run("1")
    assert first == run("2")
    assert json.loads(first)[1][2] == tokenize(texts[1])


def test_every_table_is_described():
    readme = read_data("README.md")
    folder = os.path.join(os.path.dirname(treebank.__file__), "data")
    assert {name for name in os.listdir(folder) if name != "README.md"} == set(
        re.findall(r"^\| `([^`]+)`", readme, re.M)
    )
