"""Words as readers take them: one with a sign inside (*U.S.*, *e.g.*, *10:30*, *1/2*), one in any case and form."""

from __future__ import annotations

import re
import unicodedata

from ..document import Document

__all__ = ["joined", "one_form"]

_SIGN = re.compile(r"[.:/](?:(?<=\d[:/])(?=\d)|(?<=[^\W\d_]\.)(?<![^\W_]{2}\.)(?=[^\W\d_](?![^\W_])))")


def joined(document: Document) -> Document:
    """Gives the document with an apostrophe for each such sign, at the same offsets, so that its words are whole."""
    if not _SIGN.search(document.text):
        return document
    return Document(_SIGN.sub("'", document.text), document.cut, document.messages)


def one_form(word: str) -> str:
    """Gives the form in which two words are one: composed small letters, straight apostrophes."""
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFC", word).casefold().replace("’", "'")
