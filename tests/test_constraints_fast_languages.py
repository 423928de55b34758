"""Languages that are told without detection are those that detection tells; no check takes the square of the length."""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchwright.constraints import language
from benchwright.constraints.common_words import by_common_words, by_script, reads_as
from benchwright.constraints.document import Document
from benchwright.constraints.run import run_check
from benchwright.constraints.verifiable import ifeval_change_case
from benchwright.constraints.verifiable.language import _SHOWN
from benchwright.schemas.language import detect_language, likely_language
from benchwright.schemas.text import words

# --- Languages -----------------------------------------------------------------------------------------------------


def plain_language_of(prose: str, told: Callable[[str], str | None] = likely_language) -> str | None:
    text = re.sub(r"https?://\S+", " ", prose)
    letters = sum(unicodedata.category(one)[0] in "LM" for one in text)
    han, kana, hangul = (len(script.findall(text)) for script in (language._HAN, language._KANA, language._HANGUL))
    if 2 * (han + kana + hangul) > letters:
        if letters < language.ENOUGH // 4:
            return None
        return "ko" if hangul > han + kana else "ja" if 10 * kana > han + kana else "zh"
    enough = language.ENOUGH if 2 * len(language._SHARED.findall(text)) > letters else language.ENOUGH // 4
    return told(text.lower()) if letters >= enough else None


SAID = [
    "the ",
    "and ",
    "of ",
    "this ",
    "que ",
    "não ",
    "und ",
    "nicht ",
    "ist ",
    "है ",
    "में ",
    "好",
    "。",
    "カ",
    "한",
    "ಕನ್ನಡ ",
]


@settings(max_examples=150)
@given(st.lists(st.sampled_from([*SAID, "river ", "Haus ", "rio ", "http://a.org ", "é", "สวัสดี", "1 "]), max_size=30))
def test_language_without_a_shortcut(pieces: list[str]) -> None:
    text = "".join(pieces)
    if by_common_words(text) is None and by_script(text) is None:
        assert language.language_of(text) == plain_language_of(text)
    elif plain_language_of(text) in ("zh", "ja", "ko"):
        assert language.language_of(text) == plain_language_of(text)


def test_languages_are_told_by_their_words_and_scripts() -> None:
    shown = {code: text for code, text in _SHOWN.items() if code not in ("zh", "ja", "ko")}
    for code, text in shown.items():
        assert by_common_words(text * 3) in (code, None)
        assert not any(reads_as(text * 3, other) for other in shown if other != code)
    assert by_common_words("This is what they have, and it is all of that which you should see with your eyes.") == "en"
    assert (
        by_common_words("Das ist nicht der Weg, und ich bin auch nicht mit dem Zug gekommen, aber das ist gut.") == "de"
    )
    assert by_common_words("the the the the the the the the the the the the") is None
    assert by_script("ಇದು ಕನ್ನಡ ಭಾಷೆಯ ಒಂದು ಸಣ್ಣ ಉತ್ತರ.") == "kn"
    assert by_script("ಇದು and this is all in English, but for one word.") is None


ENGLISH = st.sampled_from(
    ["the", "and", "of", "that", "this", "you", "river", "stone-cold", "x", "é", "好", "1.5", "you,"]
)


@given(st.lists(ENGLISH, max_size=40).map(" ".join))
def test_plain_english_is_english_by_its_words(text: str) -> None:
    if ifeval_change_case._plainly_english(text):
        said = [word for word in words(text) if len(word) > 1]
        share, kinds = ifeval_change_case._hits(said, ifeval_change_case._ENGLISH)
        assert share >= ifeval_change_case.SHARE and kinds >= ifeval_change_case.KINDS
        letters = sum(unicodedata.category(one)[0] in "LM" for one in text)
        assert 2 * len(ifeval_change_case._LATIN.findall(text)) >= letters


GUESSED_WRONG = {("en", "it")}
"""What is told, and what detection says of a text that is plainly English."""


def test_real_answers_are_told_as_detected(data_dir: Any) -> None:
    folder = data_dir / "m_ifeval"
    if not folder.is_dir():
        pytest.skip("needs m_ifeval in the folder of real data")
    told = 0
    for path in sorted(folder.glob("*__strict.jsonl")):
        for line in path.read_text("utf-8").split("\n")[:-1:5]:
            prose = Document(json.loads(line)["response"]).prose
            quick = by_common_words(prose) or by_script(prose)
            if quick is not None and not language._EAST.search(prose):
                told += 1
                detected = plain_language_of(prose, detect_language)
                assert quick == detected or (quick, detected) in GUESSED_WRONG
    assert told > 400


# --- Growth --------------------------------------------------------------------------------------------------------

HOSTILE: dict[str, tuple[str, str, Any]] = {
    "near words": ("keywords.frequency", "artart", {"keyword": "art", "relation": "at_least", "n": 1}),
    "numbers": ("count.numbers", "11,", {"relation": "at_least", "n": 1}),
    "capitals": ("case.capital_words", "1,,A-", {"relation": "at_least", "n": 1}),
    "sentences": ("length.sentences", "A. ", {"relation": "at_least", "n": 1}),
    "quotes": ("start_end.quotation", '"a', {}),
    "brackets": ("format.json", "[]", {}),
    "paragraphs": ("length.paragraphs", "a\n\n", {"relation": "at_least", "n": 1}),
    "highlights": ("format.highlights", "`*a* ", {"relation": "at_least", "n": 1}),
    "letters": ("count.letter", "e\u0323\u0302", {"letter": "ệ", "relation": "at_least", "n": 1}),
    "language": ("language.response", "हि the ", {"language": "en"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_takes_no_more_than_its_length(name: str) -> None:
    """What takes the square of the length takes minutes here."""
    id, piece, params = HOSTILE[name]
    text = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
    began = time.process_time()
    ran = run_check(id, json.dumps(params), Document(text))
    assert time.process_time() - began < 5
    assert ran.check is not None, ran.reason
