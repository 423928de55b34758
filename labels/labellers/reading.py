"""Reading judges' replies: verdicts by line, JSON taken strictly."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

__all__ = ["claims", "json_object", "line_verdicts", "yes_or_no"]

_LINE = re.compile(r"[\W_]*verdict[\W_]*?(\d{1,4})[\W_]*(yes|no)[\W_]*", re.IGNORECASE)
_WORDS = {"yes": True, "no": False}
_FENCED = re.compile(r"^[ \t]*(`{3,})[^`\n]*\n(.*?)^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)
_GAP = r"[^\w\n.!?]"
_CLAIM = re.compile(rf"verdict\b{_GAP}*(?:(\d{{1,4}})\b)?{_GAP}*(?:\w+{_GAP}+){{0,2}}?(yes|no)\b", re.IGNORECASE)
_NO_OBJECT = "it is not one JSON object"


def yes_or_no(word: Any) -> bool | None:
    """Reads a word: true for yes, false for no, in any case, with white space around it; null for any other."""
    return _WORDS.get(word.strip().casefold()) if isinstance(word, str) else None


def line_verdicts(text: str, cut: bool) -> Iterator[tuple[int, bool]]:
    """Yields the verdicts of lines of the form ``Verdict 3: YES``, in any case, with marks around it.

    Args:
        cut: whether the token limit cut the text: a last line without a line end may lack more than that, and is none.
    """
    lines = text.splitlines()
    for line in lines[:-1] if cut and not text.endswith("\n") else lines:
        if match := _LINE.fullmatch(line.strip()):
            yield int(match[1]), _WORDS[match[2].casefold()]


def claims(text: str) -> Iterator[tuple[int | None, bool]]:
    """Yields all that a text says of verdicts, in whatever sentence: ``so verdict 3 is NO``.

    None of it is a verdict, but it may contradict one. The number is null where none is named.
    """
    for match in _CLAIM.finditer(text):
        yield int(match[1]) if match[1] else None, _WORDS[match[2].casefold()]


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name!r} is there twice")
        found[name] = value
    return found


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number")


def json_object(text: str) -> tuple[Mapping[str, Any], None] | tuple[None, str]:
    """Reads a text that is one JSON object, or holds it in its only fenced block.

    Returns:
        The object and null, or null and what is wrong: no object, a name that is there twice, a number that is none.
    """
    blocks = _FENCED.findall(text)
    body = blocks[0][1] if len(blocks) == 1 else text
    try:
        found = json.loads(body, object_pairs_hook=_once, parse_constant=_refuse)
    except json.JSONDecodeError:
        return None, _NO_OBJECT
    except (ValueError, RecursionError) as error:
        return None, f"{_NO_OBJECT}: {error}"
    return (found, None) if isinstance(found, dict) else (None, _NO_OBJECT)
