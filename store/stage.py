"""The stage engine: a stage's fingerprint, its folder, and when it counts as done.

A stage's folder ``stages/NAME/<first 12 hex of the fingerprint>/`` holds its tables as Parquet, its drops, and
``record.json``, which is written last and by rename: no record, not done. A folder whose files are not those the record
names is not done either.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import pyarrow.parquet as pq

from ..errors import WorkspaceError
from ..schemas.canonical import canonical_json, digest
from ..schemas.drop import Drop, Drops, drops_frame
from ..schemas.tables import from_arrow, to_arrow, validate
from .workspace import Workspace, explain_os_errors, write_json

__all__ = ["Output", "Stage", "StageStore"]

Table = type[dy.Schema]


@dataclass(frozen=True)
class Stage:
    """What a stage is before it runs; building one runs nothing."""

    name: str
    version: int
    """Bumped by hand when the stage's code changes what it gives."""
    config: Any
    """All of the recipe that bears on it, as JSON types or pydantic models."""
    inputs: tuple[str, ...]
    """Fingerprints of the stages it reads, or content hashes of sources."""
    tables: Mapping[str, Table]
    """The tables it writes, by name."""

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over name, version, config and inputs; 64 hex digits."""
        return digest({"name": self.name, "version": self.version, "config": self.config, "inputs": self.inputs})


@dataclass(frozen=True)
class Output:
    """What a stage gives."""

    tables: dict[str, pl.DataFrame]
    drops: list[Drop] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    """Counts and statistics as JSON types; a pure function of the stage's inputs."""
    final: bool = True
    """Whether the stage is done with it; one that is not is used once and worked again by the next build."""
    digest: str | None = None
    """sha256 over its files; null while it is not kept."""


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    """Makes a file's or folder's content survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class StageStore:
    """Keeps finished stages in a workspace."""

    workspace: Workspace

    def folder(self, stage: Stage) -> Path:
        """Gives a stage's folder, whether it exists or not."""
        return self.workspace.stages / stage.name / stage.fingerprint[:12]

    def record(self, stage: Stage, read: Sequence[str | None]) -> dict[str, Any] | None:
        """Gives a finished stage's record, or null where it is not done.

        Args:
            read: digests of the outputs it reads. Fingerprints name what a stage is, not what models answered: a stage
                that was worked from other answers is not done.
        """
        folder = self.folder(stage)
        try:
            record: Any = json.loads((folder / "record.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        if (
            not isinstance(record, dict)
            or record.get("fingerprint") != stage.fingerprint
            or record.get("read") != list(read)
        ):
            return None
        whole = all(
            (folder / name).is_file() and _sha256(folder / name) == sha for name, sha in record["files"].items()
        )
        return record if whole else None

    def load(self, stage: Stage, read: Sequence[str | None]) -> Output | None:
        """Reads a finished stage back, or gives null where it is not done."""
        record = self.record(stage, read)
        if record is None:
            return None
        folder = self.folder(stage)
        tables = {
            name: from_arrow(table, pq.read_table(folder / f"{name}.parquet")) for name, table in stage.tables.items()
        }
        drops = from_arrow(Drops, pq.read_table(folder / "drops.parquet"))
        gone = [Drop(**row) for row in drops.iter_rows(named=True)]
        return Output(tables, gone, record["notes"], digest=digest(record["files"]))

    def save(self, stage: Stage, output: Output, read: Sequence[str | None]) -> Output:
        """Writes a stage's tables and drops, then its record; gives the output with its digest.

        Raises:
            NoSpace: when the disk is full; nothing that was done before is touched.
            ReleaseError: when a table breaks its rules, before anything is written.
        """
        frames = {name: to_arrow(table, validate(table, output.tables[name])) for name, table in stage.tables.items()}
        frames["drops"] = to_arrow(Drops, drops_frame(output.drops))
        folder = self.folder(stage)
        with explain_os_errors(str(folder)):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            files = {}
            for name, data in frames.items():
                path = folder / f"{name}.parquet"
                pq.write_table(data, path, compression="zstd")
                _sync(path)
                files[path.name] = _sha256(path)
            record = {
                "name": stage.name,
                "version": stage.version,
                "fingerprint": stage.fingerprint,
                "config": json.loads(canonical_json(stage.config)),
                "inputs": list(stage.inputs),
                "read": list(read),
                "counts": {name: data.num_rows for name, data in frames.items()},
                "notes": output.notes,
                "files": files,
            }
            _sync(folder)
            write_json(folder / "record.json", record)
            _sync(folder)
        return replace(output, digest=digest(files))

    def run(
        self,
        stage: Stage,
        work: Callable[[], Output],
        reads: Sequence[Output] = (),
        usable: Callable[[Mapping[str, Any]], bool] | None = None,
    ) -> tuple[Output, bool]:
        """Gives a stage's output, working only where it is not done; the flag says whether it was.

        Args:
            reads: the outputs it reads; where one of them is not kept, neither is this one.
            usable: looks at a finished stage's notes and says whether its output may be used; null always uses it.
        """
        read = [output.digest for output in reads]
        done = None if None in read else self.load(stage, read)
        if done is not None and (usable is None or usable(done.notes)):
            return done, True
        output = work()
        if output.final and None not in read:
            output = self.save(stage, output, read)
        return output, False

    def finished(self) -> list[dict[str, Any]]:
        """Lists the records of all finished stages, by stage and fingerprint."""
        records = []
        for path in sorted(self.workspace.stages.glob("*/*/record.json")):
            try:
                records.append(json.loads(path.read_text(encoding="utf-8")))
            except (OSError, ValueError) as error:
                raise WorkspaceError(
                    f"cannot read {str(path)!r}: {error}; delete its folder to work it again"
                ) from None
        return records
