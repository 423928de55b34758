"""M-IFEval's Japanese formats: lists, 体言止め, fixed answers, 《emphasis》, 『titles』, sections such as 第1章."""

from __future__ import annotations

import re
import unicodedata
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from functools import lru_cache
from random import Random
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Relation, Witness, blank_check, compare
from ..document import RULE, Document, Span
from ._japanese import LANGUAGE_CONFLICTS, Japanese, asks_japanese, core_end, units
from ._nominal import ends_with_noun
from ._options import OneOption
from ._published import NoParams, Published
from ._wording import asked
from .ifeval_detectable_format import IfevalMultipleSections, SectionsParams, filled

__all__ = [
    "JapaneseConstrainedResponse",
    "JapaneseMultipleSections",
    "JapaneseNumberBulletLists",
    "JapaneseNumberHighlightedSections",
    "JapaneseTitle",
    "NominalEnding",
    "NumberNumberedLists",
]

Number = Annotated[int, Field(ge=1, le=10_000)]
_JSON = frozenset({"format.json", "detectable_format:json_format"})


def _settled(document: Document) -> int:
    """Gives how far lines are final: of a cut text the last one may go on."""
    return document.lines[-1][0] if document.cut else len(document.text) + 1


class Placed(Published):
    """Counts places line by line."""

    categories = ("Format", "Numerical")
    relation: ClassVar[Relation]
    number: ClassVar[str]
    """The parameter that says how many."""
    noun: ClassVar[str]
    draws: ClassVar[tuple[int, ...]] = (2, 3, 4, 5)

    @abstractmethod
    def find(self, text: str, start: int, end: int) -> Sequence[Span]:
        """Gives the places on a line outside code."""

    @abstractmethod
    def written(self, count: int) -> str:
        """Gives a text with so many places."""

    def sample(self, instruction: Instruction, rng: Random) -> Any | None:
        """Draws a number for Japanese requests, not code."""
        return self.Params.model_validate({self.number: rng.choice(self.draws)}) if asks_japanese(instruction) else None

    def check(self, params: Any, document: Document) -> Check:
        """Compares the count; of a cut text without its last line."""
        if document.blank:
            return blank_check(document)
        settled = _settled(document)
        lines = [line for line in document.prose_lines if line[0] < settled]
        spans = tuple(span for line in lines for span in self.find(document.text, *line))
        n = getattr(params, self.number)
        outcome = compare(len(spans), self.relation, n, document.cut)
        return Check(outcome, f"{len(spans)} {self.noun}; asked: {asked(self.relation, n)}", len(spans), spans)

    def witness(self, params: Any, rng: Random) -> Witness:
        """Gives a text with the number, and one with one fewer."""
        n = getattr(params, self.number)
        return Witness(self.written(n), self.written(n - 1))


class ItemsParams(ConstraintParams):
    """How many items."""

    num_items: Number


_NUMBERED = re.compile(
    r"[ \t\u3000>]*(?:#{1,6}[ \t]+)?[*_]{0,3}(?:[(（]?\d{1,3}[.)）．、](?!\d)|[①-⑳])[*_]{0,3}(?P<text>[^\r\n]*)"
)
_READS = re.compile(r"[^\W_]")


class NumberNumberedLists(Placed):
    """Exactly so many numbered items: lines outside code that begin with ``1.``, ``1)``, ``１．`` or ``①`` and text.

    Nested ones count. The published check wants a space after ``1.``, knows no other form, and counts in code.
    """

    id = "ja:detectable_format:number_numbered_lists"
    Params = ItemsParams
    slots = frozenset({"numbered_list"})
    conflicts = _JSON | {"numbers", "ja:letters:kansuuji"}
    relation = "exactly"
    number = "num_items"
    noun = "numbered items"

    def find(self, text: str, start: int, end: int) -> Sequence[Span]:
        """Gives the line if it is a numbered item."""
        match = _NUMBERED.match(text, start, end)
        return [(start, end)] if match and _READS.search(match["text"]) else []

    def written(self, count: int) -> str:
        """Numbers some lines."""
        return "\n".join(f"{at}. 短い説明" for at in range(1, count + 1)) or "短い説明です。"


class BulletsParams(ConstraintParams):
    """How many bullets."""

    num_bullets: Number


_BULLETED = re.compile(r"[ \t\u3000]*(?:[・•●○■□◆◇▪◦‣](?![・･])|[-*+](?=[ \t\u3000]))[ \t\u3000]*(?P<text>[^\r\n]*)")


class JapaneseNumberBulletLists(Placed):
    """Exactly so many items: lines outside code that begin with ・ or another bullet (``-``, ``*``, •, ●) and text.

    Nested ones count. The published check knows ・ alone.
    """

    id = "ja:detectable_format:number_bullet_lists"
    Params = BulletsParams
    slots = frozenset({"bullets"})
    conflicts = _JSON
    relation = "exactly"
    number = "num_bullets"
    noun = "bullets"

    def find(self, text: str, start: int, end: int) -> Sequence[Span]:
        """Gives the line if it is an item."""
        match = _BULLETED.match(text, start, end)
        item = match and _READS.search(match["text"]) and not RULE.fullmatch(text, start, end)
        return [(start, end)] if item else []

    def written(self, count: int) -> str:
        """Writes some items."""
        return "\n".join(["・短い説明"] * count) or "短い説明です。"


class HighlightsParams(ConstraintParams):
    """How many emphasised parts."""

    num_highlights: Number


_HIGHLIGHT = re.compile(r"《([^《》\r\n]+)》")


class JapaneseNumberHighlightedSections(Placed):
    """At least so many parts between 《 and 》 on one line outside code, with a letter or digit in them.

    The published check takes marks alone (《…》), and counts in code.
    """

    id = "ja:detectable_format:number_highlighted_sections"
    Params = HighlightsParams
    slots = frozenset({"highlights"})
    conflicts = _JSON
    relation = "at_least"
    number = "num_highlights"
    noun = "parts between 《 and 》"

    def find(self, text: str, start: int, end: int) -> Sequence[Span]:
        """Gives the parts."""
        return [match.span() for match in _HIGHLIGHT.finditer(text, start, end) if _READS.search(match[1])]

    def written(self, count: int) -> str:
        """Emphasises a word so often."""
        return "".join(["《海》は広い。"] * count) or "海は広い。"


_TITLE = re.compile(
    r"[ \t\u3000]*(?:#{1,6}[ \t]*)?「?[*_]{0,3}(?:(?:タイトル|題名?|表題)[*_]{0,3}[ \t]*[:：][ \t\u3000]*[*_]{0,3})?"
    r"『(?P<title>[^『』\r\n]+)』[*_]{0,3}[ \t\u3000]*"
)


class JapaneseTitle(Japanese):
    """A title between 『 and 』, with a letter in it: alone on a line outside code, or at the very beginning.

    At the beginning no letter may follow at once, as in 『山月記』は. The published check takes any work that is named.
    """

    id = "ja:detectable_format:title"
    categories = ("Format", "Content")
    slots = frozenset({"title"})
    conflicts = _JSON

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks at the lines; the last one of a cut text may go on."""
        if document.blank:
            return blank_check(document)
        text, settled, first = document.text, _settled(document), True
        spans: list[Span] = []
        for start, end in document.prose_lines:
            match = _TITLE.match(text, start, end)
            if match and start < settled and _READS.search(match["title"]):
                after = text[match.end() : match.end() + 1] if match.end() < end else ""
                apart = text[match.end() - 1] in " \t\u3000" or not (after.isalnum() or after in "、。，,・「『（(")
                if not after or (first and apart):
                    spans.append((match.start("title") - 1, match.end("title") + 1))
            first = first and not _READS.search(text, start, end)
        outcome = compare(len(spans), "at_least", 1, document.cut)
        return Check(outcome, f"{len(spans)} titles between 『 and 』", len(spans), tuple(spans))

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a title, and a book that is named."""
        return Witness("『港の朝』\n\n海は静かです。", "昨日『港の朝』を読みました。")


class JapaneseConstrainedResponse(OneOption):
    """One of *はい、そうです。*, *いいえ、違います。* and *どちらとも言えません。* stands as a sentence, and no other.

    The published check finds them inside other sentences, and takes several for one.
    """

    id = "ja:detectable_format:constrained_response"
    language = "ja"
    options = ("はい、そうです。", "いいえ、違います。", "どちらとも言えません。")
    asked = re.compile(r"(?:ます|です|ません|ました|でした|でしょう)か(?=[？?。\s]|\Z)")
    examples = Witness("はい、そうです。", "はい。")


@lru_cache(maxsize=64)
def _section(word: str) -> re.Pattern[str]:
    """Compiles a heading: perhaps decoration, 第, a number, the word as given."""
    return re.compile(
        r"(?P<before>[ \t\u3000>#*_「『【\[（(〈《]*)第[ \u3000]?(?P<label>\d{1,4}|[一二三四五六七八九十百〇零]{1,5})"
        rf"[ \u3000]?(?P<word>{re.escape(word)})[」』】\]）)〉》*_]*(?P<next>[^\r\n]?)"
    )


_PARTICLES = frozenset("はがをにでのともへやか、")
_STOP = re.compile("[。！？]")


class JapaneseMultipleSections(Published):
    """Exactly so many sections, each begun at a line's beginning by 第, a number of its own and the word as given.

    Digits and kanji numerals will do, markdown and brackets around them too; a section that holds nothing is none. The
    published check knows digits alone, finds them inside sentences and takes more for enough.
    """

    id = "ja:detectable_format:multiple_sections"
    Params = SectionsParams
    categories = IfevalMultipleSections.categories
    slots = frozenset({"sections"})
    conflicts = _JSON | LANGUAGE_CONFLICTS | {"script", "numbers"}

    def sample(self, instruction: Instruction, rng: Random) -> SectionsParams | None:
        """Draws a word and a few sections for prose."""
        if not asks_japanese(instruction):
            return None
        return SectionsParams(section_spliter=rng.choice("章節項"), num_sections=rng.randint(2, 5))

    def check(self, params: SectionsParams, document: Document) -> Check:
        """Counts the sections by their numbers; of a cut text more than enough stay too many."""
        if document.blank:
            return blank_check(document)
        sections = filled(_headings(params.section_spliter, document), document.text)
        count, n = len(sections), params.num_sections
        outcome = compare(count, "exactly", n, document.cut)
        return Check(outcome, f"{count} sections; asked: {n}", count, sections)

    def witness(self, params: SectionsParams, rng: Random) -> Witness:
        """Gives so many sections, and one more."""
        texts = [f"第{at}{params.section_spliter}\n短い説明です。" for at in range(1, params.num_sections + 2)]
        return Witness("\n\n".join(texts[:-1]), "\n\n".join(texts))


def _headings(word: str, document: Document) -> list[tuple[str, Span]]:
    """Gives the label and the place of each heading; 第1章では、… is a sentence."""
    pattern, text, settled = _section(word), document.text, _settled(document)
    found: list[tuple[str, Span]] = []
    for start, end in document.prose_lines:
        match = pattern.match(text, start, end) if start < settled else None
        if match is None:
            continue
        sentence = match["next"] in _PARTICLES and _STOP.search(text, match.end(), end)
        if not sentence or set(match["before"]) & set("#*"):
            found.append((unicodedata.normalize("NFKC", match["label"]), (match.start("label") - 1, match.end("word"))))
    return found


_HIRAGANA = re.compile("[\u3041-\u3096]")


class CountParams(ConstraintParams):
    """How many endings."""

    count: Annotated[int, Field(ge=1, le=1_000)]


class NominalEnding(Published):
    """At least so many sentences end with a noun (体言止め), as far as their last characters tell.

    Sentences end with 。！？; an item of a list that holds hiragana is one without. What may be a noun or not (走れ),
    and what may be a title, is unknown where it decides. The published check asks a tagger, and does not look at items.
    """

    id = "ja:detectable_format:nominal_ending"
    Params = CountParams
    categories = ("Linguistic", "Style")
    slots = frozenset({"sentence_ends"})
    conflicts = LANGUAGE_CONFLICTS | {"script"}

    def sample(self, instruction: Instruction, rng: Random) -> CountParams | None:
        """Draws a small number."""
        return CountParams(count=rng.choice((1, 2, 3))) if asks_japanese(instruction) else None

    def check(self, params: CountParams, document: Document) -> Check:
        """Counts the sure and the possible ones; of a cut text without its last line."""
        if document.blank:
            return blank_check(document)
        sure: list[Span] = []
        possible = 0
        for start, end, noun in _endings(document):
            if noun is None:
                possible += 1
                continue
            sure.append((max(start, end - 4), end))
            if len(sure) == params.count:
                break
        count = len(sure)
        reason = f"{count} sentences end with a noun, {possible} more perhaps; asked: at least {params.count}"
        if count >= params.count:
            outcome = Outcome.SATISFIED
        else:
            outcome = Outcome.of(None if document.cut or count + possible >= params.count else False)
        return Check(outcome, reason, count, tuple(sure))

    def witness(self, params: CountParams, rng: Random) -> Witness:
        """Gives so many sentences, and one fewer."""
        nominal, other = "窓の外に広がる静かな海。", "今日は晴れています。"
        return Witness(nominal * params.count, nominal * (params.count - 1) + other)


def _endings(document: Document) -> Iterator[tuple[int, int, bool | None]]:
    """Yields beginning and end of each sentence that ends with a noun, and true; null where that cannot be told."""
    text, settled = document.text, _settled(document)
    for start, until, ended, item, label, quoted in units(document):
        if label or until >= settled or (quoted and not item):
            continue
        end = core_end(text, start, until)
        noun = ends_with_noun(text, start, end)
        if noun is False:
            continue
        if not ended:
            if not _HIRAGANA.search(text, start, end):
                continue
            # A line of its own may be a title.
            noun = noun if item else None
        yield start, end, noun
