"""Fast ways of the published constraints against plain ones that say the same in one obvious line or loop."""

from __future__ import annotations

import json
import re
from itertools import groupby, pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from benchwright.constraints.document import EVIDENCE, Document, Span
from benchwright.constraints.verifiable import _ifbench_format_nesting as nesting
from benchwright.constraints.verifiable import _ifbench_words_text as text_of
from benchwright.constraints.verifiable import _ifevalg_palindromes as palindromes
from benchwright.constraints.verifiable import ifbench_ratio as ratio
from benchwright.constraints.verifiable._ifbench_format_emoji import _EMOJI, emoji
from benchwright.constraints.verifiable._ifbench_japanese import _READS, is_japanese, spaced_words
from benchwright.constraints.verifiable._ifbench_keywords import keyword_at, keyword_places
from benchwright.constraints.verifiable._ifbench_lists import OTHER_FUNCTION_WORDS, PERSON_NAMES, PRONOUNS, STOP_WORDS
from benchwright.constraints.verifiable._ifbench_names import names_in
from benchwright.constraints.verifiable._ifbench_pronouns import pronouns
from benchwright.constraints.verifiable._ifbench_text import composed, first_places, folded
from benchwright.constraints.verifiable._ifbench_words_rules import shared_initials
from benchwright.constraints.verifiable._literal import places, starts_with
from benchwright.constraints.verifiable.ifbench_sentence import _first_letter, _longest_run
from benchwright.constraints.verifiable.ifevalg_keywords import _ALPHABETS
from benchwright.schemas.text import words

from .published_plain import check, deepest_plain, many, settled_plain, spoken_plain, texts, within_plain

# Words and where they stand.


@many
@given(texts, st.booleans())
def test_words_without_numerals(text: str, cut: bool) -> None:
    document = Document(text, cut)
    expected = settled_plain(document, spoken_plain(document))
    found, spans = text_of.told(document)
    assert (document.word_spans if spans is None else spans) == expected
    assert found == [text[a:b] for a, b in expected]
    assert list(text_of.spoken_one_by_one(document)) == expected


@many
@given(texts, st.integers(0, 40))
def test_first_and_last_words_of_parts(text: str, padding: int) -> None:
    # Padding makes parts long, which are read another way than many short ones.
    document = Document(text + "\n" + "so " * padding)
    for parts in (document.prose_lines, document.paragraphs, text_of.prose_sentences(document)):
        expected = [(found[0], found[-1]) for found in within_plain(spoken_plain(document), parts)]
        assert list(text_of.ends_of(document, parts)) == expected
        for part in parts:
            skipped = text_of.numerals(document)
            ends = text_of._ends_in(document.text, part, skipped)
            held = within_plain(spoken_plain(document), [part])
            assert ends == ((held[0][0], held[0][-1]) if held else None)
            assert text_of.words_in(document.text, part, skipped) == (held[0] if held else [])


@many
@given(texts, st.sets(st.integers(0, 40)))
def test_places_of_words_by_their_numbers(text: str, numbers: set[int]) -> None:
    document = Document(text)
    wanted = sorted(at for at in numbers if at < len(document.words))
    assert first_places(document, wanted) == tuple([document.word_spans[at] for at in wanted][:EVIDENCE])


@many
@given(texts)
def test_folded_words(text: str) -> None:
    found = words(text)
    assert folded(found, text.isascii()) == [word.casefold() for word in composed(found)]


@many
@given(texts)
def test_initials(text: str) -> None:
    document = Document(text)
    spans = spoken_plain(document)
    firsts = [text_of.plain(text[a:b])[0] for a, b in spans]
    expected = [
        span
        for (a, b), span in zip(pairwise(firsts), spans[1:], strict=True)
        if a == b and a.isalpha() and not text_of.is_unspaced(a)
    ]
    assert shared_initials(document) == (len(expected), tuple(expected[:EVIDENCE]))
    own = words(text)
    if own:
        runs = (len(list(run)) if letter else 1 for letter, run in groupby(own, key=_first_letter))
        assert _longest_run(own) == max(runs)


UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


JAPANESE = re.compile(
    "[\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f]"
)


def test_japanese_characters() -> None:
    for code in range(0x2FF0, 0x10000):
        assert is_japanese(f"a{chr(code)}") == (JAPANESE.search(chr(code)) is not None)


def test_scripts_without_spaces() -> None:
    for code in (*range(0x110000)[::7], 0xE00, 0xEFF, 0xF00, 0x109F, 0x10A0, 0x3040, 0x30FF, 0x20000, 0x3FFFF):
        assert text_of.is_unspaced(chr(code) + "a") == (UNSPACED.match(chr(code)) is not None)


@many
@given(texts)
def test_rules_for_single_words(text: str) -> None:
    for word in words(text):
        letters = "".join(filter(str.isalnum, text_of.plain(word)))
        prime = len(letters) > 1 and all(len(letters) % divisor for divisor in range(2, len(letters)))
        assert text_of.prime_length(word) == (None if text_of.is_unspaced(word) else prime)


@many
@given(texts)
def test_vowels(text: str) -> None:
    expected: dict[str, Span] = {}
    for at, character in enumerate(text):
        letter = text_of.base_letter(character)
        if character.isalpha() and letter in text_of.VOWELS:
            expected.setdefault(letter, (at, at + 1))
    assert text_of.vowel_places(text) == expected


@many
@given(texts)
def test_palindromes_among_words(text: str) -> None:
    document = Document(text)
    expected = [span for span in spoken_plain(document) if text_of._reads_backwards(text_of.plain(text[slice(*span)]))]
    assert text_of.palindromes(document) == tuple(expected)


def test_many_different_palindromes() -> None:
    made = [f"{a}{b}x{b}{a}" for a in "abcdef" for b in "ghijkl"]
    text = " ".join(made) + " level-headed 12321 o'level"
    assert len(text_of.palindromes(Document(text))) == len(made)


# Palindromes of IFEvalG.


@many
@given(texts)
def test_middles_of_palindromes(text: str) -> None:
    letters = "".join(letter for letter in text.lower() if letter.isalnum() or letter in "\r\n")
    plain = re.compile(r"(?=([^\r\n])(?:(?!\1)([^\r\n])(?:\2\1|[^\r\n]\2\1)|\1(?!\1)[^\r\n]\1\1))")
    expected = [match.start() for match in plain.finditer(letters)]
    assert list(palindromes._any_middles(letters)) == expected
    if letters.isascii():
        assert list(palindromes._ascii_middles(letters)) == expected


@many
@given(texts, st.booleans())
def test_palindromes_of_words_and_phrases(text: str, cut: bool) -> None:
    document = Document(text, cut)
    assert palindromes.word_palindrome(document) == next(palindromes._words(document), None)
    place = palindromes.phrase_palindrome(document)
    if place is not None:
        kept = "".join(c for c in palindromes.folded(text[slice(*place)]) if c.isalnum() or c in palindromes._KEPT)
        assert kept == kept[::-1] and len(kept) >= palindromes.IDEOGRAPHS


# Counting.


def stop_words_plain(found: list[str]) -> tuple[str | None, int, int]:
    if 2 * sum(word >= "\u0250" for word in found) > len(found):
        return None, 0, len(found)
    counts: dict[str, tuple[int, int]] = {}
    for language, listed in STOP_WORDS.items():
        own = ratio._ELIDED.sub(r"\1 ", " ".join(found)).split() if language == "French" else found
        count = sum(word in listed for word in own)
        for word in own if language == "English" else ():
            head, mark, tail = word.partition("'")
            count += bool(mark) and word not in listed and head in listed and tail in ratio._CONTRACTIONS
        counts[language] = count, len(own)
    language = max(counts, key=lambda name: counts[name][0])
    if any(sum(word in others for word in found) > counts[language][0] for others in OTHER_FUNCTION_WORDS):
        return None, 0, counts[language][1]
    return language, *counts[language]


small_words = st.sampled_from(
    [
        "the",
        "it's",
        "don't",
        "l'eau",
        "d'l'été",
        "qu'il",
        "rock'n'roll",
        "de",
        "la",
        "der",
        "und",
        "het",
        "x",
        "今",
        "é",
    ]
)


@many
@given(st.lists(small_words, min_size=1, max_size=20))
def test_stop_words(found: list[str]) -> None:
    ascii_ = "".join(found).isascii()
    assert ratio._stop_words(found, ascii_) == stop_words_plain(found)


NO_PRONOUN = re.compile(
    r"\b([Ii])(?=\.\s?[Ee]\b)|(?<=\()([Ii])(?=\))|^[ \t#*>(]*([Ii])[.)](?=\s)|(?<=[_^{$\\])([Ii])\b", re.MULTILINE
)


@many
@given(texts)
def test_pronouns(text: str) -> None:
    document = Document(text)
    found = folded(document.words)
    numerals = {match.start(match.lastindex or 0) for match in NO_PRONOUN.finditer(text)}
    before_one = "War Part Chapter Type Phase Section Act Scene Volume Book Class Stage Level Article".split()

    def counts(at: int) -> bool:
        word, said = found[at], document.words[at]
        around = [document.words[other] for other in (at - 1, at + 1) if 0 <= other < len(found)]
        if said in ("IT", "US", "WHO"):
            return any(len(other) > 1 and other.isupper() for other in around)
        if said in ("I", "i"):
            return document.word_spans[at][0] not in numerals and (at == 0 or document.words[at - 1] not in before_one)
        listed = word in PRONOUNS or ("'" in word and word.partition("'")[0] in PRONOUNS)
        return listed or (word == "one" and at > 0 and found[at - 1] == "no")

    assert pronouns(document.words, document) == [at for at in range(len(found)) if counts(at)]


@many
@given(texts, st.booleans())
def test_person_names(text: str, cut: bool) -> None:
    known = {form: name for name in PERSON_NAMES for form in (name, name.upper())}
    found: dict[str, Span] = {}
    for match in re.finditer(r"[A-Za-z\u00c0-\u024f\u0300-\u036f]+", text):
        if match.group() in known and not (cut and match.end() == len(text)):
            found.setdefault(known[match.group()], match.span())
    assert names_in(text, cut) == tuple(found.values())


@many
@given(texts)
def test_words_between_spaces(text: str) -> None:
    assert spaced_words(Document(text)) == [word for word in text.split() if _READS.search(word)]


@many
@given(texts.filter(lambda text: not Document(text).blank))
def test_marks_blanks_and_letters(text: str) -> None:
    dots = [(at, at + 1) for at, letter in enumerate(text) if letter in ".．。｡…‥․﹒︒۔"]
    assert check("punctuation:punctuation_dot", text)[1:] == (len(dots), tuple(dots[:EVIDENCE]))
    blanks = [match.span() for match in re.finditer("[\\s\u115f\u1160\u2800\u3164\uffa0]", text)]
    assert check("format:no_whitespace", text)[1:] == (len(blanks), tuple(blanks[:EVIDENCE]))
    both = re.search(r"[?？؟][!！]|[!！][?？؟]|[‽⁈⁉]", text)
    spans = check("count:punctuation", text)[2]
    assert (both is None) == (not any(span == (both and both.span()) for span in spans))
    if text.isascii():
        assert check("letters:letter_counting", text, N=1, relation="at least")[1] == sum(map(str.isalpha, text))
    small = [
        span
        for word, span in zip(Document(text).words, Document(text).word_spans, strict=True)
        if word == word.lower() and word != word.upper()
    ]
    assert check("count:lowercase_counting", text, N=3)[1:] == (len(small), tuple(small[:EVIDENCE]))


@many
@given(texts.filter(lambda text: not Document(text).blank))
def test_letters_next_in_the_alphabet(text: str) -> None:
    ranks = {letter: (n, at) for n, letters in enumerate(_ALPHABETS) for at, letter in enumerate(letters)}
    document = Document(text)
    firsts = [ranks.get(palindromes.folded(word[0])) for word in document.words]
    wrong = [
        (document.word_spans[at][0], document.word_spans[at + 1][1])
        for at, (one, other) in enumerate(pairwise(firsts))
        if one and other and one[0] == other[0] and one[1] + 1 == other[1]
    ]
    assert check("keywords:no_adjacent_consecutive", text)[1:] == (len(wrong), tuple(wrong[:EVIDENCE]))


# Keywords.


@many
@given(st.sampled_from(["level", "I", "b1", "a-b", "été", "it's", "LEVEL"]), texts)
def test_keywords(keyword: str, text: str) -> None:
    assert list(keyword_places(keyword, text)) == list(places(keyword, text))
    for at in range(len(text)):
        assert keyword_at(keyword, text, at) == starts_with(keyword, text, at)


# Real responses.


def test_real_responses(data_dir: Path) -> None:
    file = data_dir / "ifbench" / "eval_results_strict.jsonl"
    for line in file.read_text("utf-8").splitlines()[::4]:
        text = json.loads(line)["response"]
        document = Document(text)
        assert nesting.deepest_brackets(text) == deepest_plain(text)
        assert emoji(text) == [match.span() for match in _EMOJI.finditer(text)]
        ends = [(found[0], found[-1]) for found in within_plain(spoken_plain(document), document.sentences)]
        assert list(text_of.ends_of(document, document.sentences)) == ends
        found = folded(document.words)
        if found:
            assert ratio._stop_words(found, text.isascii()) == stop_words_plain(found)
        assert palindromes.word_palindrome(document) == next(palindromes._words(document), None)
