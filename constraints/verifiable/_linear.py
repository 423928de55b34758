"""A user's regular expressions, run by RE2: linear in the text, whatever the pattern. It comes with an extra."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ._judged import Unjudged, optional

__all__ = ["compiled", "matches_all", "matches_some"]

_MEMORY = 1 << 18
"""Bytes for a pattern and its automaton; larger patterns are refused."""
_WORK = 40_000_000
"""Instructions of the pattern times bytes of the text, at most: some 40 ms."""
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


def _re2_form(pattern: str) -> str:
    r"""Writes ``\u00e9``, which JSON Schema and JavaScript know, as RE2 does."""
    return _ESCAPE.sub(lambda found: rf"\x{{{found[1]}}}" if found[1] else found[0], pattern)


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """Compiles a pattern.

    Raises:
        Unjudged: where RE2 is not installed.
        ValueError: when RE2 cannot read the pattern: look-around and back-references are what it leaves out.
    """
    re2 = optional("re2", "google-re2")
    options = re2.Options()
    options.max_mem, options.log_errors, options.never_capture = _MEMORY, False, True
    if _SURROGATE.search(pattern):
        raise ValueError(f"the pattern holds half a character: {pattern!r:.80}")
    try:
        return re2.compile(_re2_form(pattern), options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        said = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise ValueError(
            f"no regular expression that RE2 runs (no look-around, no back-references): {said}: {pattern!r:.80}"
        ) from None


def _readable(pattern: Any, text: str) -> str:
    if (
        len(text) * 3 * pattern.programsize > _WORK
        and len(text.encode("utf-8", "replace")) * pattern.programsize > _WORK
    ):
        raise Unjudged("the text is too long for so large a pattern")
    return _SURROGATE.sub("\ufffd", text)


def matches_all(pattern: Any, text: str) -> bool:
    """Tells whether a compiled pattern matches the whole text.

    Raises:
        Unjudged: when it would take too long.
    """
    return pattern.fullmatch(_readable(pattern, text)) is not None


def matches_some(pattern: Any, text: str) -> bool:
    """Tells whether a compiled pattern matches a part of the text.

    Raises:
        Unjudged: when it would take too long.
    """
    return pattern.search(_readable(pattern, text)) is not None
