"""The constraint as a principle, and how far yes is likelier than no: r = log p(yes) - log p(no).

From RLBFF (arXiv 2509.21319). Read as ``token`` is. From the model card of the paper's judge: the highest
log-probability is taken off first, and each of the two is then held at -50 at least. A word that the server does not
list is taken to lie there. The sign of r is the outcome, 0 is unknown; the probability is the logistic function of r.
"""

from __future__ import annotations

from ...schemas.outcome import Outcome
from ..scores import log_ratio, logistic
from .labeller import Said
from .token import WordLogprobs

__all__ = ["Principle"]


class Principle(WordLogprobs):
    """Yes or no to whether a response lives up to a principle."""

    id = "principle"
    rules = "principle_rules_v1"
    question = "principle_v1"

    def said(self, yes: float | None, no: float | None, likeliest: float) -> Said:
        """Gives the label by the sign of the ratio."""
        r = log_ratio(yes, no, likeliest)
        assert r is not None
        evidence = {"r": r, "yes": yes, "no": no}
        reason = f"log p(yes) - log p(no) is {r:.4f}"
        if r == 0:
            return Said(Outcome.UNKNOWN, f"undecided: {reason}", logistic(r), evidence)
        return Said(Outcome.of(r > 0), reason, logistic(r), evidence)
