"""The published verdict of a published id, strict or loose.

Each suite's module has a table ``VERDICTS`` of functions from parameters and text to a verdict. The versions copied:
google-research/instruction_following_eval of 2025, allenai/IFBench db69a6f, IFEvalG of allenai/open-instruct e6c3044,
M-IFEval 06f08ff (Spanish, as far as it needs no spaCy); all Apache-2.0. Where those draw a missing parameter at random
there is no verdict to reproduce: a missing parameter is an error here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module

from ..loose import loose_texts
from .parameter import Params, Verdict
from .text import OfficialText

__all__ = ["OfficialResponse", "official_ids", "official_version", "published_verdict"]

VERSIONS = {
    "ifeval": "ifeval-2025",
    "ifbench_count": "ifbench-db69a6f",
    "ifbench_words": "ifbench-db69a6f",
    "ifbench_format": "ifbench-db69a6f",
    "ifbench_custom": "ifbench-db69a6f",
    "ifevalg": "ifevalg-e6c3044",
    "m_ifeval_es": "m_ifeval-06f08ff",
}
"""The version that each module copies."""


@cache
def _table() -> dict[str, tuple[str, Verdict]]:
    """Gives version and function by id."""
    return {
        id: (version, verdict)
        for module, version in VERSIONS.items()
        for id, verdict in import_module(f"{__package__}.{module}").VERDICTS.items()
    }


@dataclass(frozen=True)
class OfficialResponse:
    """A response and the variants that loose mode tries."""

    text: str

    @cached_property
    def strict(self) -> OfficialText:
        """The response as it is."""
        return OfficialText(self.text)

    @cached_property
    def loose(self) -> list[OfficialText]:
        """The variants of ``loose_texts``."""
        return [self.strict if text == self.text else OfficialText(text) for text in loose_texts(self.text)]


def official_ids() -> tuple[str, ...]:
    """Gives the ids whose published verdict is reproduced, sorted."""
    return tuple(sorted(_table()))


def official_version(id: str) -> str | None:
    """Gives the version whose verdict is reproduced for an id, such as ``ifbench-db69a6f``; null where none is."""
    found = _table().get(id.removeprefix("en:"))
    return None if found is None else found[0]


def published_verdict(id: str, params: Params, response: OfficialResponse, loose: bool = False) -> bool:
    """Gives the verdict that the published code gives.

    Args:
        id: a published id that has a version.
        params: as published, without nulls.
        loose: whether one of the variants has to follow, or the response itself.

    Raises:
        KeyError: when a parameter is missing or no version has the id.
        Exception: whatever the published code raises on this response.
    """
    verdict = _table()[id.removeprefix("en:")][1]
    if not loose:
        return bool(response.text.strip()) and verdict(params, response.strict)
    return any(verdict(params, variant) for variant in response.loose)
