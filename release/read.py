"""Reading a release back, from its files alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ..errors import ReleaseError
from ..schemas.drop import Drops
from ..schemas.tables import empty
from .manifest import Manifest, read_manifest
from .parquet import CONFIGS, DROPS, read_file_name, read_table

__all__ = ["Release", "read_release"]


@dataclass(frozen=True)
class Release:
    """A release in memory."""

    directory: Path
    manifest: Manifest
    splits: Mapping[str, Mapping[str, pl.DataFrame]]
    """Frames by config and split; configs and splits without rows are not there."""
    drops: pl.DataFrame

    def table(self, config: str) -> pl.DataFrame:
        """Gives a config's rows of all splits, one split after the other in alphabetical order."""
        frames = [frame for _, frame in sorted(self.splits.get(config, {}).items())]
        return pl.concat(frames) if frames else empty(CONFIGS[config])

    def split_names(self) -> list[str]:
        """Gives the names of the splits, sorted."""
        return sorted({split for found in self.splits.values() for split in found})


def read_release(directory: Path) -> Release:
    """Reads every table that the manifest lists. Hashes are not compared: ``validate`` does that.

    Raises:
        ReleaseError: when the directory is no release, or tables are missing, damaged or have other columns; with all
            of them.
    """
    manifest = read_manifest(directory)
    splits: dict[str, dict[str, pl.DataFrame]] = {}
    drops = empty(Drops)
    lines: list[str] = []
    for path in sorted(manifest.files):
        if (name := read_file_name(path)) is None:
            continue
        try:
            frame = read_table(name.config, directory / path, path)
        except ReleaseError as error:
            lines += [error.message, *error.problems]
            continue
        if name.config == DROPS:
            drops = frame
        elif name.split in splits.setdefault(name.config, {}):
            lines.append(f"{path}: {name.config} has a second file for split {name.split!r}")
        else:
            splits[name.config][name.split] = frame
    if "items" not in splits and not lines:
        lines.append("the manifest lists no file of the config items")
    if lines:
        raise ReleaseError(f"the release in {directory} cannot be read", lines)
    return Release(directory, manifest, splits, drops)
