"""The response beside the conversation: its length, its lines, what it quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Annotated, Any, Literal

from pydantic import Field

from ...schemas.instruction import Instruction
from ...schemas.messages import Messages
from ...schemas.outcome import Outcome
from ...schemas.text import words
from ..constraint import Check, ConstraintParams, Witness, blank_check, compare
from ..document import Document, Span
from ._dialogue import NOT_KNOWN, Passages, earlier_answers, last_turn, word_list
from ._fit import free_length, request, wants_code
from ._published import NoParams
from ._translation import asks_to_translate, stanzas, text_to_translate
from ._worded import Worded

__all__ = ["AnswerLength", "InputLength", "QuotesInput", "TranslationLines"]

_MANY = 100
"""Words of the turn in witnesses of shares: a percent is a word."""


class Share(ConstraintParams):
    """A share of the words of the user's last turn, and whether it is the least or the most."""

    relation: Literal["at_least", "at_most"]
    percent: Annotated[int, Field(ge=1, le=10_000)]


_SHARES = {
    "at_least": {"en": "at least", "zh": "至少", "es": "al menos", "fr": "au moins", "ja": "以上"},
    "at_most": {"en": "at most", "zh": "最多", "es": "como máximo", "fr": "au plus", "ja": "以下"},
}


def _turn_of(count: int, tail: Messages = ()) -> Messages:
    return ({"role": "user", "content": " ".join(["word"] * count)}, *tail)


class BesideLength(Worded):
    """Compares the number of words with that of another text."""

    categories = ("Numerical",)
    one_word = True
    slots = frozenset({"words"})
    conflicts = frozenset({"length", "relative", "format.bullets", "compose"})


class InputLength(BesideLength):
    """The answer's words are at least or at most so many per cent of those in the user's last turn."""

    id = "relative.input_length"
    Params = Share

    def sample(self, instruction: Instruction, rng: Random) -> Share | None:
        """Draws less for a long turn, more for a short one."""
        if wants_code(instruction) or not free_length(instruction):
            return None
        count = len(words(request(instruction)))
        if count >= 60:
            return Share(relation="at_most", percent=rng.choice((40, 50, 60, 75)))
        if count < 5:
            return None
        if count >= 15 and rng.random() < 0.5:
            return Share(relation="at_most", percent=rng.choice((150, 200, 300)))
        return Share(relation="at_least", percent=rng.choice((150, 200, 250, 300)))

    def values(self, params: Share, language: str, variant: int) -> dict[str, Any]:
        """Words the relation."""
        return super().values(params, language, variant) | {"how": _SHARES[params.relation][language]}

    def check(self, params: Share, document: Document) -> Check:
        """Compares the numbers of words."""
        if document.blank:
            return blank_check(document)
        turn = last_turn(document)
        if turn is None or not turn.words:
            return Check(Outcome.UNKNOWN, NOT_KNOWN if turn is None else "the message has no words")
        own, given = len(document.words), len(turn.words)
        outcome = compare(100 * own, params.relation, params.percent * given, document.cut)
        relation = params.relation.replace("_", " ")
        reason = f"{own} words for {given} of the message; asked: {relation} {params.percent} %"
        return Check(outcome, reason, own)

    def witness(self, params: Share, rng: Random) -> Witness:
        """Gives texts of the right number of words, and one off."""
        right = params.percent
        wrong = right - 1 if params.relation == "at_least" else right + 1
        return Witness(" ".join(["so"] * right), " ".join(["so"] * wrong) or "…", _turn_of(_MANY))


class Comparison(ConstraintParams):
    """Shorter or longer."""

    relation: Literal["shorter", "longer"]


_COMPARED = {
    "shorter": {"en": "shorter", "zh": "短", "es": "más corta", "fr": "plus courte", "ja": "短く"},
    "longer": {"en": "longer", "zh": "长", "es": "más larga", "fr": "plus longue", "ja": "長く"},
}


class AnswerLength(BesideLength):
    """The answer has fewer, or more, words than the assistant's last answer in the conversation."""

    id = "relative.answer_length"
    Params = Comparison

    def sample(self, instruction: Instruction, rng: Random) -> Comparison | None:
        """Draws where there is an earlier answer; shorter where that leaves room for one."""
        earlier = earlier_answers(instruction.source_messages)
        if not earlier or wants_code(instruction) or not free_length(instruction):
            return None
        room = len(words(earlier[-1])) >= 15
        return Comparison(relation=rng.choice(("shorter", "longer")) if room else "longer")

    def values(self, params: Comparison, language: str, variant: int) -> dict[str, Any]:
        """Words the relation."""
        return {"how": _COMPARED[params.relation][language]}

    def check(self, params: Comparison, document: Document) -> Check:
        """Compares the numbers of words."""
        if document.blank:
            return blank_check(document)
        earlier = earlier_answers(document.messages)
        if not earlier:
            return Check(Outcome.UNKNOWN, "there is no earlier answer" if document.messages else NOT_KNOWN)
        own, given = len(document.words), len(words(earlier[-1]))
        relation: Literal["less_than", "more_than"] = "less_than" if params.relation == "shorter" else "more_than"
        outcome = compare(own, relation, given, document.cut)
        return Check(outcome, f"{own} words after {given}; asked: {params.relation}", own)

    def witness(self, params: Comparison, rng: Random) -> Witness:
        """Gives texts on both sides of an earlier answer's length."""
        answer: Messages = ({"role": "assistant", "content": " ".join(["so"] * 40)},)
        messages = _turn_of(5, (*answer, {"role": "user", "content": "Go on."}))
        short, long = " ".join(["so"] * 39), " ".join(["so"] * 41)
        return Witness(short, long, messages) if params.relation == "shorter" else Witness(long, short, messages)


class TranslationLines(Worded):
    """The answer has a line for each line of the text to translate, and blank lines at the same places; nothing else.

    Which text of the user's last turn is to be translated has to be plain, or it is unknown. Several blank lines count
    as one, and a fence around the whole answer is no line of it.
    """

    id = "relative.translation_lines"
    Params = NoParams
    categories = ("Format", "Content")
    slots = frozenset({"whole_form", "lines", "sentences", "paragraphs", "words", "bullets", "title", "start", "end"})
    conflicts = frozenset({"length", "format", "start_end", "keywords", "language", "relative", "count", "compose"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits where a text is to be translated."""
        asked = request(instruction)
        return NoParams() if asks_to_translate(asked) and text_to_translate(asked) else None

    def check(self, params: NoParams, document: Document) -> Check:
        """Compares the lines from blank line to blank line."""
        if document.blank:
            return blank_check(document)
        turn = last_turn(document)
        text = None if turn is None else text_to_translate(turn.text)
        if text is None:
            reason = NOT_KNOWN if turn is None else "which text is to be translated cannot be told"
            return Check(Outcome.UNKNOWN, reason)
        wanted, found = stanzas(text), stanzas(document.text)
        reason = f"lines between blank lines: {_shown(found)}; the text's: {_shown(wanted)}"
        if not document.cut:
            return Check(Outcome.of(found == wanted), reason, sum(found))
        last = len(found) - 1
        fits = found[:last] == wanted[:last] and last < len(wanted) and (last < 0 or found[last] <= wanted[last])
        return Check(Outcome.of(None if fits else False), f"the reply was cut; {reason}", sum(found))

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Gives a translation line by line, and one on a single line."""
        text = "Translate this into Spanish:\n\nThe moon is late\nand so am I.\n\nGood night."
        messages: Messages = ({"role": "user", "content": text},)
        lines = "La luna llega tarde\ny yo también.\n\nBuenas noches."
        return Witness(lines, lines.replace("\n", " "), messages)


def _shown(counts: list[int]) -> str:
    shown = ", ".join(map(str, counts[:12]))
    return f"{shown} …" if len(counts) > 12 else shown


class Passage(ConstraintParams):
    """How many words a passage has at least."""

    n: Annotated[int, Field(ge=2, le=100)]


_QUOTE = re.compile(
    r'(?<![\w"])"(?=[^\s"])([^"\r\n]{1,5000})"(?![\w"])|“([^“”]{1,5000})[“”]|„([^„“”]{1,5000})[“”]|«([^«»]{1,5000})»'
    r"|「([^「」]{1,5000})」|『([^『』]{1,5000})』|(?<!\w)‘([^‘\r\n]{1,5000}?)’(?!\w)|(?<!\w)'(?=[^\s'])([^'\r\n]{1,5000})'(?!\w)"
    r"|^[ \t]{0,3}>[ \t]?([^\r\n]+)",
    re.MULTILINE,
)
_GAP = re.compile(r"\[?(?:\.{3,}|…+)\]?|\[[^\]\r\n]{0,40}\]")


class QuotesInput(Worded):
    """What stands between one pair of quotation marks, or in a quoted line, is word for word in the user's last turn.

    It has at least n words; dots leave words out and part a quotation in two. Case and marks make no difference.
    """

    id = "relative.quotes_input"
    Params = Passage
    categories = ("Content",)
    slots = frozenset({"quotes"})
    conflicts = frozenset(
        {"case.upper", "case.lower", "language", "format.json", "start_end.quotation", "data", "compose"}
    )

    def sample(self, instruction: Instruction, rng: Random) -> Passage | None:
        """Draws a number of words of which the turn has several times as many."""
        fits = not wants_code(instruction) and free_length(instruction)
        n = rng.choice((3, 4, 5, 6))
        return Passage(n=n) if fits and len(words(request(instruction))) >= 3 * n else None

    def check(self, params: Passage, document: Document) -> Check:
        """Looks for each quotation in the turn."""
        if document.blank:
            return blank_check(document)
        turn = last_turn(document)
        if turn is None:
            return Check(Outcome.UNKNOWN, NOT_KNOWN)
        passages = Passages(turn)
        for start, end in _quotations(document):
            quoted = word_list(document.text[start:end])
            if len(quoted) >= params.n and next(passages.places(quoted), None) is not None:
                return Check(Outcome.SATISFIED, f"quotes {len(quoted)} words", len(quoted), ((start, end),))
        outcome = Outcome.of(None if document.cut or passages.exhausted else False)
        return Check(outcome, f"no quotation of at least {params.n} words from the message")

    def witness(self, params: Passage, rng: Random) -> Witness:
        """Quotes so many words, and none."""
        said = "the quick old ferry leaves at dawn while nobody on the quiet shore wakes up".split()
        passage = " ".join(said[at % len(said)] for at in range(params.n))
        messages: Messages = ({"role": "user", "content": f"I wrote that {passage} again. Is it any good?"},)
        return Witness(f'You say "{passage}".', "You say a ferry leaves.", messages)


def _quotations(document: Document) -> Iterator[Span]:
    """Yields the quotations, parted where dots or brackets leave something out."""
    for match in _QUOTE.finditer(document.text):
        group = match.lastindex or 0
        start, end = match.span(group)
        for gap in _GAP.finditer(document.text, start, end):
            yield start, gap.start()
            start = gap.end()
        yield start, end
