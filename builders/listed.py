"""Constraints that a file lists beside its prompts (``constraints.layout``), as given with an instruction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..constraints.layout import Listed
from ..constraints.published import is_checked, known_ids
from ..errors import nearest
from ..schemas.canonical import canonical_json
from ..schemas.instruction import Given

__all__ = ["given_constraints", "unknown_constraints"]

_CATEGORIES = {
    "change_case": "Linguistic",
    "combination": "Action",
    "copy": "Action",
    "count": "Numerical",
    "custom": "Action",
    "detectable_content": "Content",
    "detectable_format": "Format",
    "first_word": "Content",
    "format": "Format",
    "keywords": "Content",
    "language": "Linguistic",
    "last_word": "Content",
    "length_constraints": "Numerical",
    "letters": "Linguistic",
    "new": "Action",
    "paragraphs": "Format",
    "punctuation": "Format",
    "ratio": "Numerical",
    "repeat": "Action",
    "sentence": "Linguistic",
    "special_character": "Linguistic",
    "startend": "Content",
    "words": "Linguistic",
}


def given_constraints(listed: Sequence[Listed]) -> tuple[Given, ...]:
    """Gives the listed constraints, in order."""
    return tuple(_given(id, kwargs) for id, kwargs in listed)


def unknown_constraints(listed: Sequence[Listed]) -> str | None:
    """Names the listed ids that no constraint checks, each with the nearest that is one; null where there are none."""
    unknown = [id for id, _ in listed if not is_checked(id)]
    return "; ".join(f"{id!r}: {nearest(id, known_ids())}" for id in dict.fromkeys(unknown)) or None


def _given(published: str, kwargs: dict[str, Any]) -> Given:
    id = published.removeprefix("en:")
    group = id.split(":")[-2] if ":" in id else ""
    return Given(
        text=_words(id, kwargs),
        kind="verifiable",
        checker=id,
        kwargs=canonical_json(kwargs),
        categories=(_CATEGORIES[group],) if group in _CATEGORIES else (),
        origin="attached",
    )


def _words(id: str, kwargs: dict[str, Any]) -> str:
    """Writes a constraint as its id and its parameters in their order: ``group:name (relation at least, n 3)``."""
    said = [f"{name} {value if isinstance(value, str) else canonical_json(value)}" for name, value in kwargs.items()]
    return f"{id} ({', '.join(said)})" if said else id
