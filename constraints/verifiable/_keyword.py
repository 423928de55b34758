"""A keyword as a parameter."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

__all__ = ["Keyword", "Readable", "Written"]

Keyword = Annotated[str, Field(min_length=1, max_length=200)]


def _not_blank(keyword: str) -> str:
    if not keyword.strip():
        raise ValueError("a keyword is blank")
    return keyword.strip()


def _readable(text: str) -> str:
    if not any(map(str.isalnum, text)):
        raise ValueError(f"{text!r} holds no letter or digit")
    return text.strip()


Written = Annotated[Keyword, AfterValidator(_not_blank)]
"""A keyword that is not blank; space around it is left out."""
Readable = AfterValidator(_readable)
"""Marks a parameter that holds a letter or digit; space around it is left out."""
