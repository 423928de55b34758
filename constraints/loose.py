"""Loose mode: the variants of a response of which one has to follow (Zhou et al. 2023, arXiv 2311.07911)."""

from __future__ import annotations

__all__ = ["loose_texts"]


def loose_texts(text: str) -> list[str]:
    """Gives the response, and it without its first line, last line, both; each also without asterisks.

    Each text once, blank ones not at all. It makes checks laxer than their words: a text without asterisks has no
    bullets left, one without its last line no words too many. For comparison with published figures only.
    """
    lines = text.split("\n")
    cuts = [text, *("\n".join(part).strip() for part in (lines[1:], lines[:-1], lines[1:-1]))]
    forms = (form for cut in cuts for form in (cut, cut.replace("*", "")))
    return [form for form in dict.fromkeys(forms) if form.strip()]
