"""M-IFEval's Japanese scripts: hiragana, katakana, kanji, readings of kanji, numbers in kanji."""

from __future__ import annotations

import re
import unicodedata
from abc import abstractmethod
from collections.abc import Sequence
from random import Random
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check, compare
from ..document import Document, Span
from ._japanese import KANJI, LANGUAGE_CONFLICTS, Japanese, JapaneseRelation, asks_japanese, ours_relation
from ._published import NoParams, Published
from ._worded import Amount
from ._wording import asked

__all__ = ["Furigana", "HiraganaOnly", "Kanji", "Kansuuji", "KatakanaOnly", "NoHiragana", "NoKatakana"]

_HIRAGANA = "\u3041-\u3096\u309d-\u309f\U0001b001-\U0001b11f\U0001b132\U0001b150-\U0001b152"
_KATAKANA = (
    "\u30a1-\u30fa\u30fd-\u30ff\u31f0-\u31ff\uff66-\uff6f\uff71-\uff9d\U0001aff0-\U0001affe\U0001b000"
    "\U0001b120-\U0001b122\U0001b155\U0001b164-\U0001b167"
)
_SQUARED = "\u32d0-\u32fe\u3300-\u3357"
"""Katakana in a circle or a square: ㋐, ㌔."""
_LONG = "\u30fc\uff70"
"""The mark of a long vowel stands in both scripts."""


_PHRASES = frozenset({"start_end.start_phrase", "start_end.end_phrase", "startend:end_checker", "option"})
"""What prescribes words, which may be in another script."""


class Written(Japanese):
    """Something is or is not written in a script; a cut response is judged as it stands."""

    categories = ("Linguistic",)
    slots = frozenset({"script"})
    conflicts = LANGUAGE_CONFLICTS
    noun: ClassVar[str]
    examples: ClassVar[Witness]

    @abstractmethod
    def offending(self, text: str) -> Sequence[Span]:
        """Gives the places that are not as asked."""

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for what is not as asked."""
        if document.blank:
            return blank_check(document)
        spans = tuple(self.offending(document.text))
        return Check(Outcome.of(not spans), f"{len(spans)} places with {self.noun}", len(spans), spans)

    def witness(self, params: Any, rng: Random) -> Witness:
        """Gives a text that is as asked, and one that is not."""
        return self.examples


class Banned(Written):
    """Characters that stand nowhere."""

    conflicts = LANGUAGE_CONFLICTS | _PHRASES
    one_word = True
    banned: ClassVar[re.Pattern[str]]

    def offending(self, text: str) -> Sequence[Span]:
        """Gives the runs of these characters."""
        return [match.span() for match in self.banned.finditer(text)]


class NoHiragana(Banned):
    """No hiragana, iteration marks (ゝ) included, which the published check does not see."""

    id = "ja:letters:no_hiragana"
    banned = re.compile(f"[{_HIRAGANA}]+")
    noun = "hiragana"
    examples = Witness("東京駅集合、午後三時。", "東京駅に集合。")


class NoKatakana(Banned):
    """No katakana, half-width, circled and squared ones (ｱ, ㋐, ㌔) included; ー after hiragana may stand.

    The published check does not see ヽ, ㇰ, ㋐ or ㌔.
    """

    id = "ja:letters:no_katakana"
    banned = re.compile(f"[{_KATAKANA}{_SQUARED}]+")
    noun = "katakana"
    examples = Witness("らーめんを食べました。", "ラーメンを食べました。")


class Only(Written):
    """Every letter is of one script, and there is at least one; digits, marks and emoji may stand."""

    conflicts = LANGUAGE_CONFLICTS | _PHRASES
    own: ClassVar[re.Pattern[str]]

    def offending(self, text: str) -> Sequence[Span]:
        """Gives the letters of other scripts, one after the other as one place."""
        found: list[Span] = []
        for match in _LETTERS.finditer(self.own.sub(_blanked, text)):
            found += [match.span()] if match.group().isalpha() else _letters(text, *match.span())
        return found

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for other letters, and whether there are any at all."""
        found = super().check(params, document)
        if found.outcome is Outcome.SATISFIED and not self.own.search(document.text):
            return Check(Outcome.of(None if document.cut else False), "no letter of the script", 0)
        return found


_LETTERS = re.compile(r"[^\W\d_]+")


def _blanked(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _letters(text: str, start: int, end: int) -> list[Span]:
    """Gives the runs of letters, where numbers that are no digits (〇, ①, ½) part them."""
    found: list[Span] = []
    for at in range(start, end):
        if unicodedata.category(text[at])[0] != "L":
            continue
        if found and found[-1][1] == at:
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
    return found


class HiraganaOnly(Only):
    """Every letter is hiragana, ゔ, ゝ and ー included; the published check rejects ゔ and ゝ, and passes ``123``."""

    id = "ja:letters:hiragana_only"
    own = re.compile(f"[{_HIRAGANA}\u3099\u309a{_LONG}]+")
    noun = "other letters"
    examples = Witness("きょうは いい てんき です。", "今日はいい天気です。")


class KatakanaOnly(Only):
    """Every letter is katakana, ヴ, ヽ, ー and half-width ones included.

    The published check rejects ヴ, and passes ``123``.
    """

    id = "ja:letters:katakana_only"
    own = re.compile(f"[{_KATAKANA}\u3099\u309a\uff9e\uff9f{_LONG}]+")
    noun = "other letters"
    examples = Witness("キョウハ イイ テンキ デス。", "今日ハイイ天気デス。")


class Kansuuji(Banned):
    """No number in digits, in list numerals, dates and code neither, nor ①, ², ½ or Ⅳ: numbers stand in kanji.

    The published check sees plain digits alone.
    """

    id = "ja:letters:kansuuji"
    slots = frozenset({"numbers"})
    conflicts = LANGUAGE_CONFLICTS | {"ja:letters:katakana_only", "ja:letters:hiragana_only"}
    banned = re.compile(
        "[\\d\u00b2\u00b3\u00b9\u00bc-\u00be\u2070\u2074-\u2079\u2080-\u2089\u2150-\u2188\u2460-\u249b\u24ea-\u24ff"
        "\u2776-\u2793\u3251-\u325f\u32b1-\u32bf\u33e0-\u33fe\u3358-\u3370\u32c0-\u32cb]+"
    )
    noun = "numbers not in kanji"
    examples = Witness("猫が三匹います。", "猫が3匹います。")


class KanjiParams(ConstraintParams):
    """A number of kanji; *at least* and *less than* in Japanese or English."""

    kanji_limit: Annotated[int, Field(ge=1, le=100_000)]
    relation: JapaneseRelation


_KANJI = re.compile(f"[{KANJI}]+")


class Kanji(Published):
    """At least or fewer than so many kanji, each time it stands; 々 and 〇 are none.

    The published check does not see the rarer ones of the extensions.
    """

    id = "ja:letters:kanji"
    Params = KanjiParams
    categories = ("Numerical", "Linguistic")
    slots = frozenset({"script"})
    conflicts = LANGUAGE_CONFLICTS
    one_word = True

    def sample(self, instruction: Instruction, rng: Random) -> KanjiParams | None:
        """Draws numbers of short answers."""
        if not asks_japanese(instruction):
            return None
        relation: JapaneseRelation = rng.choice(("以上", "未満"))
        return KanjiParams(kanji_limit=rng.choice((10, 20, 30, 40)), relation=relation)

    def values(self, params: KanjiParams, language: str, variant: int) -> dict[str, Any]:
        """Gives the number with its relation."""
        return {"q": Amount(ours_relation(params.relation), params.kanji_limit, language, variant)}

    def check(self, params: KanjiParams, document: Document) -> Check:
        """Counts."""
        if document.blank:
            return blank_check(document)
        spans = tuple(match.span() for match in _KANJI.finditer(document.text))
        count = sum(end - start for start, end in spans)
        relation = ours_relation(params.relation)
        outcome = compare(count, relation, params.kanji_limit, document.cut)
        return Check(outcome, f"{count} kanji; asked: {asked(relation, params.kanji_limit)}", count, spans)

    def witness(self, params: KanjiParams, rng: Random) -> Witness:
        """Gives a text with just enough kanji, and one with one too few or too many."""
        enough, short = (
            f"これは{'漢字' * (n // 2)}{'字' * (n % 2)}です。" for n in (params.kanji_limit, params.kanji_limit - 1)
        )
        return Witness(enough, short) if ours_relation(params.relation) == "at_least" else Witness(short, enough)


_WORD = re.compile(f"[{KANJI}々〆〇仝](?:[{KANJI}々〆〇仝]|[ヵヶケカ](?=[{KANJI}]))*")
_KANA = re.compile(f"[{_HIRAGANA}{_KATAKANA}]")
_READING = re.compile(rf"（[ \u3000]*[{_HIRAGANA}][{_HIRAGANA}{_LONG}・･ \u3000]*）")


class Furigana(Japanese):
    """Every run of kanji is followed at once by its reading in hiragana in full-width brackets: 漢字（かんじ）.

    々 and the ヶ of 三ヶ月 belong to the run, which the published check does not know. A text without kanji is unknown
    where it is Japanese, and violates it where not; the published check passes both.
    """

    id = "ja:letters:furigana"
    categories = ("Linguistic", "Format")
    slots = frozenset({"script"})
    conflicts = LANGUAGE_CONFLICTS

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for kanji without a reading; more of a cut text may bring some."""
        if document.blank:
            return blank_check(document)
        text = document.text
        words = [match.span() for match in _WORD.finditer(text)]
        bare = tuple(span for span in words if not _READING.match(text, span[1]))
        # The brackets of the last word may be what is missing of a cut text.
        sure = bare if not document.cut else tuple(span for span in bare if not _may_follow(text, span[1]))
        reason = f"{len(bare)} of {len(words)} words in kanji without a reading"
        if sure:
            return Check(Outcome.VIOLATED, reason, len(bare), bare)
        if document.cut:
            return Check(Outcome.UNKNOWN, f"the reply was cut; {reason}", len(bare), bare)
        if not words:
            return Check(Outcome.of(None if _KANA.search(text) else False), "no kanji", 0)
        return Check(Outcome.SATISFIED, reason, 0, tuple(words))

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives kanji with their readings, and without."""
        return Witness("山（やま）に登（のぼ）る。", "山に登（のぼ）る。")


_BEGUN = re.compile(rf"（[{_HIRAGANA}{_LONG}・･ \u3000]*\Z")


def _may_follow(text: str, at: int) -> bool:
    """Tells whether a reading may still come: the text ends here, or inside the brackets."""
    left = len(text) - at
    return left == 0 or (left == 1 and text[at] in "ヵヶケカ") or _BEGUN.match(text, at) is not None
