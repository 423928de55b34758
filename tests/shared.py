"""Where the shared data lies: ``BENCHWRIGHT_DATA``, or ``../shared/data`` beside the checkout.

The variable is read once, before any test, and taken away: builds that tests start read from the folders they name.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["DATA", "GOLDEN", "NEEDED"]

DATA = Path(os.environ.pop("BENCHWRIGHT_DATA", "") or Path(__file__).resolve().parents[2] / "shared" / "data")
GOLDEN = DATA.parent / "golden" / "verifiers"
NEEDED = "needs the shared data folder, golden verdicts beside it: set BENCHWRIGHT_DATA"
