"""IFEvalG's formats: every word in brackets, every two words in angles, sentences joined by hyphens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, Witness, blank_check
from ..document import Document, Span
from ._fit import free_length, has_case, wants_code, wants_data
from ._published import NoParams, Published

__all__ = ["BigramWrapping", "SentenceHyphens", "SquareBrackets"]

_BRACKETS = re.compile(r"\[([^\[\]\r\n]*)\]")
_ANGLES = re.compile(r"<<([^<>]*)>>")
_NUMERAL = re.compile(r"^[ \t]*\d{1,3}[.)]", re.MULTILINE)
_HYPHENS = "-‐‑－"
_JOIN = re.compile(
    r"(?P<mark>(?<![.!?…؟۔])[.!?…؟۔]++|(?<![。！？｡।॥])[。！？｡।॥]++)[\"'”’»)\]*_」』）]*+"
    rf"(?P<hyphens>[{_HYPHENS}]++)(?P<space>[^\S\r\n]*+)(?=(?P<next>\S)?)"
)
_TOKEN = re.compile(r"[^\s\"'“‘«(\[*_]*\Z")
_ABBREVIATIONS = frozenset("dr mr mrs ms prof st vs etc no jr sr approx fig e.g i.e".split())
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_PHRASE = 4
"""Characters in one bracket from which a script without spaces has more than one word for sure."""


def _fits(instruction: Instruction) -> bool:
    """Tells whether words may be wrapped: in scripts with spaces, where neither code nor data is asked for."""
    return has_case(instruction.language) and not wants_code(instruction) and not wants_data(instruction)


def _outside(document: Document, groups: list[tuple[Span, str]]) -> list[Span]:
    """Gives the words that stand in no group; the numerals of a list (``1.``) are none."""
    text = document.text
    numerals = {match.end() - 1 for match in _NUMERAL.finditer(text)}
    spans: list[Span] = []
    at = 0
    for start, end in document.word_spans:
        while at < len(groups) and groups[at][0][1] <= start:
            at += 1
        inside = at < len(groups) and groups[at][0][0] < start and end < groups[at][0][1]
        if not inside and end not in numerals:
            spans.append((start, end))
    return spans


def _bare(document: Document, groups: list[tuple[Span, str]], opener: str, closer: str) -> list[Span]:
    """Gives the words in no group that no more text puts into one: of a cut text the last may go on, or be closed."""
    bare, text = _outside(document, groups), document.text
    if not document.cut:
        return bare
    opened = text.rfind(opener)
    end = opened if opened > text.rfind(closer) else len(text)
    return [span for span in bare if span[1] < end]


class SquareBrackets(Published):
    """Every word stands in square brackets of its own; a sign may stand in them or outside, the published one says not.

    What has no space inside is one word (``[well-known]``, ``[and/or]``). More than four characters of a script without
    spaces in one pair cannot be told.
    """

    id = "detectable_format:square_brackets"
    Params = NoParams
    categories = ("Format",)
    slots = frozenset({"whole_form", "placeholders", "start", "end", "title", "bullets", "highlights"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits prose in scripts with spaces."""
        return NoParams() if _fits(instruction) else None

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for words outside brackets and for brackets of several words."""
        if document.blank:
            return blank_check(document)
        groups = [(match.span(), match.group(1)) for match in _BRACKETS.finditer(document.text)]
        bare = _bare(document, groups, "[", "]")
        crowded = [span for span, inside in groups if len(inside.split()) > 1]
        wrong = tuple(sorted(bare + crowded))
        filled = sum(any(map(str.isalnum, inside)) for _, inside in groups)
        if wrong:
            return Check(Outcome.VIOLATED, f"{len(wrong)} words or groups are not one word in brackets", filled, wrong)
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut", filled)
        if not filled:
            return Check(Outcome.VIOLATED, "no word in brackets", 0)
        if any(len(_UNSPACED.findall(inside)) > _PHRASE for _, inside in groups):
            return Check(Outcome.UNKNOWN, "several words without a space may share a bracket", filled)
        return Check(Outcome.SATISFIED, f"all {filled} words in brackets", filled, tuple(span for span, _ in groups))

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Wraps each word, and one of two."""
        return Witness("[The] [sea] [is] [blue].", "[The] [sea] is blue.")


class BigramWrapping(Published):
    """Every two words stand in double angles; of an odd number the last may stand bare or alone in them.

    There is one pair at least. The published check looks at tokens between spaces, and takes one word for a pass.
    """

    id = "detectable_format:bigram_wrapping"
    Params = NoParams
    categories = ("Format",)
    slots = frozenset({"whole_form", "title", "start", "end", "bullets", "highlights"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits prose in scripts with spaces."""
        return NoParams() if _fits(instruction) else None

    def check(self, params: NoParams, document: Document) -> Check:
        """Looks for words outside angles and for angles that do not hold two."""
        if document.blank:
            return blank_check(document)
        groups = [(match.span(), match.group(1)) for match in _ANGLES.finditer(document.text)]
        pairs = [span for span, inside in groups if _is_pair(inside)]
        wrong = sorted(_bare(document, groups, "<<", ">>") + [span for span, inside in groups if not _is_pair(inside)])
        # The odd word at the end, bare or in angles.
        if wrong and (not pairs or wrong[-1][0] > pairs[-1][0]) and len(document.text[slice(*wrong[-1])].split()) == 1:
            wrong = wrong[:-1]
        if wrong:
            return Check(Outcome.VIOLATED, f"{len(wrong)} places that are no pair", len(pairs), tuple(wrong))
        if document.cut:
            return Check(Outcome.UNKNOWN, "the reply was cut", len(pairs))
        return Check(Outcome.of(bool(pairs)), f"{len(pairs)} pairs in double angles", len(pairs), tuple(pairs))

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Wraps two and two words, and three."""
        return Witness("<<The sea>> <<is blue>>", "<<The sea is>> <<blue>>")


def _is_pair(inside: str) -> bool:
    """Tells whether there are two words: between spaces, or in a script without spaces two characters."""
    tokens = [token for token in inside.split() if any(map(str.isalnum, token))]
    return len(tokens) == 2 or (len(tokens) == 1 and len(_UNSPACED.findall(tokens[0])) == 2 == len(tokens[0]))


class SentenceHyphens(Published):
    """At least two sentences, each joined to the next by one hyphen without a space (``It rains.-We stay in``).

    A hyphen inside a word joins none. The published check is content with one sentence, and fails on *well-known*.
    """

    id = "detectable_format:sentence_hyphens"
    Params = NoParams
    categories = ("Format",)
    slots = frozenset({"whole_form", "paragraphs", "bullets", "title"})

    def sample(self, instruction: Instruction, rng: Random) -> NoParams | None:
        """Fits prose, where sentences can be told."""
        fits = free_length(instruction) and not wants_code(instruction) and not wants_data(instruction)
        return NoParams() if fits else None

    def check(self, params: NoParams, document: Document) -> Check:
        """Compares the places where sentences meet."""
        if document.blank:
            return blank_check(document)
        text, joined, apart = document.text, list[Span](), list[Span]()
        for place, good in _joins(text):
            (joined if good else apart).append(place)
        if not joined and not document.cut:
            return Check(Outcome.VIOLATED, "no sentence is joined to the next by a hyphen", 0, tuple(apart))
        starts = {place[0] for place in joined}
        for (_, end), (start, _) in zip(document.sentences, document.sentences[1:], strict=False):
            # Wide marks end a sentence without a space: 一。-二。
            if end != start or not any(at in starts for at in range(end - 3, end)):
                apart.append((end, max(start, end + 1)))
        if document.cut:
            # More text may still close what seems to end a sentence near the end.
            outcome = Outcome.of(False if len(apart) > 1 else None)
        else:
            outcome = Outcome.of(bool(joined) and not apart)
        reason = f"{len(joined)} sentences joined by a hyphen, {len(apart)} not"
        return Check(outcome, reason, len(joined), tuple(sorted(apart or joined)))

    def witness(self, params: NoParams, rng: Random) -> Witness:
        """Joins two sentences, and leaves a space."""
        return Witness("It rains.-We stay in.", "It rains. We stay in.")


def _joins(text: str) -> Iterator[tuple[Span, bool]]:
    """Finds hyphens right after the end of a sentence, and tells whether they join it as asked."""
    for match in _JOIN.finditer(text):
        if match["mark"] == ".":
            before = _TOKEN.search(text, max(0, match.start() - 24), match.start())
            token = before.group() if before else ""
            # U.S.-based, J.-P. Sartre, Dr.-Ing. are words.
            initials = "." in token and not token[-1].isdigit()
            if (len(token) == 1 and token.isalpha()) or initials or token.lower() in _ABBREVIATIONS:
                continue
        follows = match["next"]
        if follows is None:
            # Nothing but space may follow the last hyphen.
            if text[match.end() :].strip():
                yield match.span(), False
            continue
        yield match.span(), len(match["hyphens"]) == 1 and not match["space"]
