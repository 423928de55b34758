"""What people who read a response agree on of a principle: drawn from their remarks, in their own words."""

from __future__ import annotations

import dataframely as dy

from .outcome import Outcome

__all__ = ["Principles"]


class Principles(dy.Schema):
    """Verdicts on principles, one row a (principle, response text); nothing is said of other responses."""

    instruction_id = dy.String(regex=r"^ins_[0-9a-f]{16}$")
    constraint_id = dy.String(primary_key=True, regex=r"^con_[0-9a-f]{16}$")
    """The principle as a constraint."""
    response = dy.String(primary_key=True)
    """The text that was remarked on."""
    outcome = dy.String(check=lambda c: c.is_in([outcome.value for outcome in Outcome]))
    annotators = dy.Int32(min=1)
    """How many people agree; who they are stays in their file."""
    quotes = dy.List(dy.String(), min_length=1)
    """Words of the remarks that bear witness."""
