"""Emoji as a reader sees them: flags, keycaps, skin tones and joined sequences are one each."""

from __future__ import annotations

import re

from ..document import RULE, Document, Span
from ..sentences import sentence_spans
from ._ifbench_format_lists import HEADING

__all__ = ["emoji", "ends_with_emoji", "sentences_of"]

# Pictures that show as such by themselves, or nearly always do (☺, ❤).
_SHOWN = (
    "⌚⌛⌨⏏⏩-⏳⏸-⏺◾◽"
    "☀-☄☎☑☔☕☘☝☠☢☣☦☪☮☯☸-☺♀♂♈-♓♟♠♣♥♦♨♻♾♿⚒-⚗⚙⚛⚜⚠⚡⚧⚪⚫⚰⚱⚽⚾⛄⛅⛈⛎⛏⛑⛓⛔⛩⛪⛰-⛵⛷-⛺⛽"
    "✂✅✈-✍✏✒✔✖✝✡✨✳✴❄❇❌❎❓-❕❗❣❤➕-➗➡➰➿⬛⬜⭐⭕"
    "\U0001f004\U0001f0cf\U0001f18e\U0001f191-\U0001f19a\U0001f201\U0001f21a\U0001f22f\U0001f232-\U0001f236"
    "\U0001f238-\U0001f23a\U0001f250\U0001f251\U0001f300-\U0001f3fa\U0001f400-\U0001f64f\U0001f680-\U0001f6ff"
    "\U0001f7e0-\U0001f7eb\U0001f7f0\U0001f90c-\U0001f9ff\U0001fa70-\U0001faff"
)
# Signs that are pictures only where the variation selector says so.
_ASKED = "©®‼⁉™ℹ↔-↙↩↪Ⓜ▪▫▶◀◻◼⤴⤵⬅-⬇〰〽㊗㊙\U0001f170\U0001f171\U0001f17e\U0001f17f\U0001f202\U0001f237"
_TONE = "[\U0001f3fb-\U0001f3ff]"
_ONE = rf"(?:[{_SHOWN}](?:\ufe0f|(?!\ufe0e)){_TONE}?|[{_ASKED}]\ufe0f)"
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"
    "|[0-9#*]\ufe0f?\u20e3"
    "|\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f"
    rf"|{_ONE}(?:\u200d{_ONE})*"
)
# What may stand between the end of a sentence and its emoji on the same line.
_CLOSING = re.compile(r"[ \t\u00a0\u3000\u200b*_~\"'”’»)\]」』]*")


# All characters of an emoji but the digit or sign that a keycap begins with.
_FOREIGN = re.compile("[^\x00-\x7f]+")


def emoji(text: str) -> list[Span]:
    """Finds the emoji."""
    if text.isascii():
        return []
    found: list[Span] = []
    for run in _FOREIGN.finditer(text):
        start, end = run.span()
        keycap = start > 0 and text[start - 1] in "0123456789#*"
        found += [match.span() for match in _EMOJI.finditer(text, start - keycap, end)]
    return found


def sentences_of(document: Document) -> list[Span]:
    """Gives the sentences of the text without its headings; of a text that is all heading, the document's."""
    text = document.text
    if "#" not in text:
        return document.sentences
    lines = [line for line in document.prose_lines if not HEADING.match(text, *line)]
    if len(lines) == len(document.prose_lines):
        return document.sentences
    lines = [line for line in lines if line[0] < line[1] and not RULE.fullmatch(text, *line)]
    return sentence_spans(text, lines) or document.sentences


def _last(text: str, start: int, end: int, ends: set[int]) -> bool:
    """Tells whether an emoji stands last, but for punctuation and space."""
    while end > start:
        if end in ends:
            return True
        if text[end - 1].isalnum():
            return False
        end -= 1
    return False


def ends_with_emoji(document: Document) -> list[tuple[Span, bool]]:
    """Gives each sentence with whether an emoji ends it: before its end mark, or after it on the same line."""
    text = document.text
    found = emoji(text)
    if not found:
        return [(span, False) for span in sentences_of(document)]
    starts, ends = {start for start, _ in found}, {end for _, end in found}
    verdicts: list[tuple[Span, bool]] = []
    for start, end in sentences_of(document):
        closing = _CLOSING.match(text, end)
        follows = closing is not None and closing.end() in starts
        verdicts.append(((start, end), follows or _last(text, start, end, ends)))
    return verdicts
