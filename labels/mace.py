"""Each rater's confusion under MACE, as crowd-kit fits it.

D. Hovy, T. Berg-Kirkpatrick, A. Vaswani and E. Hovy, *Learning Whom to Trust with MACE*, NAACL-HLT 2013: a rater who
knows says what is true; one who does not says what his habit is, whatever is true. Both outcomes are as likely before
anybody has spoken, and no rater is worse than chance.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import MissingExtra
from .dawid_skene import START
from .votes import Votes

__all__ = ["mace_rates"]

STATE = 0
"""The start that is drawn. One is enough: on simulated raters others end within 0.005 of it, and crowd-kit
1.4.2 draws the same start again for every restart."""


def mace_rates(votes: Votes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gives sensitivity and specificity of each rater, in the order of ``votes.raters``.

    A rater without a vote has the rates that Dawid-Skene starts from, and so have all where only one outcome occurs:
    nothing tells who knows.

    Raises:
        MissingExtra: when crowd-kit is not installed.
    """
    model_class = _model_class()
    sensitivity, specificity = np.full(len(votes.raters), START), np.full(len(votes.raters), START)
    raters, says = np.divmod(votes.voices, 2)
    if not says.any() or says.all():
        return sensitivity, specificity
    knows, habits = _fitted(model_class, votes.cells, raters, says)
    seen = np.unique(raters)
    # A rater who knows says what is true; else the habit decides, whatever is true.
    sensitivity[seen] = knows + (1.0 - knows) * habits
    specificity[seen] = knows + (1.0 - knows) * (1.0 - habits)
    return sensitivity, specificity


def _model_class() -> Any:
    try:
        from crowdkit.aggregation import MACE
    except ImportError:
        raise MissingExtra("crowd-kit", "labels") from None
    return MACE


def _fitted(
    model_class: Any, cells: NDArray[np.int64], raters: NDArray[np.int64], says: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gives, for each rater with a vote, the probability of knowing, and of saying *satisfied* where he does not.

    crowd-kit numbers raters and labels as they appear, and after its first round as they sort: so the rows are sorted,
    and 0 is the label of the first row, whichever it is.
    """
    import pandas as pd

    order = np.lexsort((cells, says, raters))
    first = says[order[0]]
    rows = pd.DataFrame({"task": cells[order], "worker": raters[order], "label": says[order] ^ first})
    model = model_class(n_restarts=1, random_state=STATE)
    with warnings.catch_warnings():
        # It asks pandas in ways that pandas 4 will no longer take.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        model.fit(rows)
    # Variational weights do not add up to one.
    knows = model.spamming_[:, 1] / model.spamming_.sum(axis=1)
    habits = model.thetas_[:, 1 - first] / model.thetas_.sum(axis=1)
    return np.asarray(knows), np.asarray(habits)
