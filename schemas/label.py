"""A label: what one rater says of one (response, constraint); and the verdict drawn from all its labels."""

from __future__ import annotations

import dataframely as dy

from .outcome import Outcome

__all__ = ["RATER_KINDS", "Labels", "Verdicts"]

RATER_KINDS = ("code", "judge", "human", "published")
_OUTCOMES = tuple(outcome.value for outcome in Outcome)


class Labels(dy.Schema):
    """Labels, one row a rater. Also the release's ``labels`` config."""

    instruction_id = dy.String(regex=r"^ins_[0-9a-f]{16}$")
    response_id = dy.String(primary_key=True, regex=r"^res_[0-9a-f]{16}$")
    constraint_id = dy.String(primary_key=True, regex=r"^con_[0-9a-f]{16}$")
    rater_id = dy.String(primary_key=True, min_length=1)
    """``code:length.words``, a judge's model id, an annotator, ``published:ifeval-strict``."""
    rater_kind = dy.String(check=lambda c: c.is_in(RATER_KINDS))
    outcome = dy.String(check=lambda c: c.is_in(_OUTCOMES))
    probability = dy.Float64(nullable=True, min=0, max=1)
    """Probability that the constraint is satisfied, where the rater gives one."""
    reason = dy.String(nullable=True)
    """Why: what was measured, or why it is unknown."""
    evidence = dy.String(nullable=True)
    """JSON: what was measured and the [start, end) character spans in the response's text."""
    raw_reply = dy.String(nullable=True)
    """The judge's reply as it came; null for other raters."""
    order = dy.List(dy.Int32(), nullable=True)
    """The order in which responses were shown to the rater; null where one was shown alone."""
    version = dy.String(nullable=True)
    """Version of the check or prompt."""


class Verdicts(dy.Schema):
    """Verdicts, one row for each rated (response, constraint); no row means nobody was asked: *unrated*."""

    instruction_id = dy.String(regex=r"^ins_[0-9a-f]{16}$")
    response_id = dy.String(primary_key=True, regex=r"^res_[0-9a-f]{16}$")
    constraint_id = dy.String(primary_key=True, regex=r"^con_[0-9a-f]{16}$")
    outcome = dy.String(check=lambda c: c.is_in(_OUTCOMES))
    posterior = dy.Float64(nullable=True, min=0, max=1)
    """Probability of *satisfied* under the method's model; null where the method gives none."""
    method = dy.String(min_length=1)
    raters = dy.Int32(min=1)
    """Labels counted, unknown ones among them."""
