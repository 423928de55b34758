"""Words with a sign inside that readers take for one: *U.S.*, *e.g.*, *10:30*, *1/2*."""

from __future__ import annotations

import re

from ..document import Document

__all__ = ["joined"]

_SIGN = re.compile(r"[.:/](?:(?<=\d[:/])(?=\d)|(?<=[^\W\d_]\.)(?<![^\W_]{2}\.)(?=[^\W\d_](?![^\W_])))")


def joined(document: Document) -> Document:
    """Gives the document with an apostrophe for each such sign, at the same offsets, so that its words are whole."""
    if not _SIGN.search(document.text):
        return document
    return Document(_SIGN.sub("'", document.text), document.cut, document.messages)
