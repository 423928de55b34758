"""What people answered in annotation folders, as the flow takes it in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import polars as pl

from ..errors import InputError
from ..schemas.canonical import digest
from ..schemas.edge import PairChecks
from ..schemas.label import Labels
from ..schemas.tables import frame_of
from .annotation.records import human_labels, pair_checks
from .annotation.store import ANNOTATIONS, AnnotationStore

__all__ = ["Annotations", "read_annotations"]


class Annotations:
    """Labels and checks of pairs from one or several folders.

    Attributes:
        labels: table ``Labels``; of records that this build may not have, too.
        pair_checks: table ``PairChecks``; likewise.
    """

    def __init__(self, labels: pl.DataFrame, checks: pl.DataFrame) -> None:
        self.labels = labels.sort("response_id", "constraint_id", "rater_id")
        self.pair_checks = checks.sort("first", "second", "rater_id")

    @cached_property
    def labels_digest(self) -> str:
        """What a stage that takes in the labels is fingerprinted by."""
        return digest(self.labels.rows())

    @cached_property
    def pair_checks_digest(self) -> str:
        """What a stage that takes in the checks is fingerprinted by."""
        return digest(self.pair_checks.rows())

    def labels_of(self, responses: pl.DataFrame, constraints: pl.DataFrame) -> pl.DataFrame:
        """Gives the labels of these responses and constraints; people may have answered on others, too."""
        known = responses.select("instruction_id", response_id="id")
        asked = constraints.select("instruction_id", constraint_id="id")
        kept = self.labels.join(known, on=["instruction_id", "response_id"], how="semi")
        return kept.join(asked, on=["instruction_id", "constraint_id"], how="semi")

    def pair_checks_of(self, responses: pl.DataFrame) -> pl.DataFrame:
        """Gives the checks of pairs of these responses."""
        kept = self.pair_checks
        for column in ("first", "second"):
            known = responses.select("instruction_id", pl.col("id").alias(column))
            kept = kept.join(known, on=["instruction_id", column], how="semi")
        return kept


def read_annotations(folders: Sequence[Path]) -> Annotations:
    """Reads annotation folders; writes nothing in them, and another process may be serving them.

    Raises:
        InputError: when a folder holds no annotations, or two name the same project.
    """
    labels, checks = [frame_of(Labels, [])], [frame_of(PairChecks, [])]
    for folder in folders:
        path = folder / ANNOTATIONS
        if not path.is_file():
            raise InputError(
                f"{folder} holds no {ANNOTATIONS}: benchwright annotate DIR makes one; until then build and annotate "
                "without it: --set 'labels={raters: [code]}'"
            )
        with AnnotationStore.read(path) as store:
            tasks, given = store.tasks(), store.given()
        labels.append(human_labels(tasks, given))
        checks.append(pair_checks(tasks, given))
    found = Annotations(pl.concat(labels), pl.concat(checks))
    if found.labels.select("response_id", "constraint_id", "rater_id").is_duplicated().any():
        raise InputError("two of the folders in labels.annotations hold answers of the same project: name it once")
    return found
