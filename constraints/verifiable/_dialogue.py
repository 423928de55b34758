"""The conversation that a response answers: its last turn, earlier answers, and passages that stand in both."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate

from ...schemas.messages import Messages
from ...schemas.text import word_spans
from ..document import Document, Span

__all__ = ["NOT_KNOWN", "Passages", "earlier_answers", "folded", "last_turn", "word_list"]

NOT_KNOWN = "the conversation is not known"
"""The reason where a check needs the conversation and has none."""
_BUDGET = 50_000_000
"""Characters that are read in search of passages whose words are all in the text."""


def last_turn(document: Document) -> Document | None:
    """Gives the user's last turn; null where the conversation is not known."""
    return Document(document.messages[-1]["content"]) if document.messages else None


def earlier_answers(messages: Messages) -> list[str]:
    """Gives what the assistant said before."""
    return [message["content"] for message in messages if message["role"] == "assistant"]


def folded(text: str) -> str:
    """Gives a text in one form of letters, small, with one kind of apostrophe."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).replace("’", "'")


def _in_place(text: str) -> str | None:
    """Gives the folded text if its characters stand where they stood; null where they do not."""
    if text.isascii():
        return text.lower()
    if not unicodedata.is_normalized("NFC", text):
        return None
    # Folding never takes a character away: of the same length it has one for each.
    small = text.casefold()
    same = len(small) == len(text) and unicodedata.is_normalized("NFC", small)
    return small.replace("’", "'") if same else None


def word_list(text: str, spans: Sequence[Span] | None = None) -> list[str]:
    """Gives a text's words, folded.

    Args:
        spans: where they stand, if that is known.
    """
    spans = word_spans(text) if spans is None else spans
    small = _in_place(text)
    if small is not None:
        return [small[start:end] for start, end in spans]
    return [folded(text[start:end]) for start, end in spans]


class Passages:
    """A text to find runs of words in."""

    def __init__(self, document: Document) -> None:
        self._spans = document.word_spans
        self._words = word_list(document.text, self._spans)
        self._known = frozenset(self._words)
        self._joined = "\n" + "".join([f"{word}\n" for word in self._words])
        self._spent = 0

    @property
    def exhausted(self) -> bool:
        """Whether so much was searched that no more is."""
        return self._spent > _BUDGET

    @cached_property
    def _starts(self) -> list[int]:
        """Where each word begins in the joined text."""
        return list(accumulate((len(word) + 1 for word in self._words), initial=1))

    def places(self, words: Sequence[str]) -> Iterator[Span]:
        """Yields where these folded words stand one after the other, from the first to the end of the last."""
        if not words or not self._known.issuperset(words):
            return
        needle = "\n" + "\n".join(words) + "\n"
        at = 0
        while not self.exhausted:
            found = self._joined.find(needle, at)
            self._spent += (len(self._joined) if found < 0 else found + len(needle)) - at
            if found < 0:
                return
            first = bisect_right(self._starts, found + 1) - 1
            yield self._spans[first][0], self._spans[first + len(words) - 1][1]
            at = found + len(needle) - 1
