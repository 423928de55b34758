"""The three outcomes of a rated constraint. *Unrated* is the absence of a label and has no value here."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Outcome"]


class Outcome(StrEnum):
    """What is known of one (response, constraint)."""

    SATISFIED = "satisfied"
    """The response does what the constraint asks."""

    VIOLATED = "violated"
    """The response does not."""

    UNKNOWN = "unknown"
    """It was asked and cannot be told: a crash, a missing reply, an unparsed verdict, a text cut too early."""

    @classmethod
    def of(cls, holds: bool | None) -> Outcome:
        """Gives the outcome of a condition; null is unknown."""
        return cls.UNKNOWN if holds is None else cls.SATISFIED if holds else cls.VIOLATED

    @property
    def label(self) -> int | None:
        """The released form: 1 satisfied, 0 violated, null unknown."""
        return {"satisfied": 1, "violated": 0}.get(self.value)
