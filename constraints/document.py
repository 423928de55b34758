"""A response as checks see it: one lazy analysis, shared by all constraints of the response."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Document"]


@dataclass(frozen=True)
class Document:
    """A response's text and what is read off it when first asked for."""

    text: str
    cut: bool = False
    """Whether the token limit cut it: it has no end of its own."""
