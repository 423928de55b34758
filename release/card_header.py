"""The YAML header of a dataset card: what the Hub and ``datasets`` read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import yaml

from ..errors import ReleaseError
from ..schemas.tables import arrow_schema
from .contents import Contents
from .parquet import CONFIGS, DataFile, read_file_name

__all__ = ["TAGS", "card_header", "features_yaml", "read_header", "render_header", "table_entries"]

TAGS = ("benchwright", "instruction-following", "preference", "reward-model", "judge")
_CREATORS = {"code": "machine-generated", "judge": "machine-generated", "published": "found", "human": "other"}
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def _kind(kind: pa.DataType) -> dict[str, Any]:
    """Gives a type as ``datasets`` writes it in a card: ``dtype``, ``list`` or ``struct``."""
    if pa.types.is_struct(kind):
        return {"struct": [{"name": field.name, **_kind(field.type)} for field in kind]}
    if pa.types.is_list(kind):
        inner = _kind(kind.value_type)
        return {"list": next(iter(inner.values())) if len(inner) == 1 and "list" not in inner else inner}
    return {"dtype": "float64" if pa.types.is_float64(kind) else str(kind)}


def features_yaml(config: str) -> list[dict[str, Any]]:
    """Gives a config's features in the form the card bears, equal to ``datasets``' own."""
    return [{"name": field.name, **_kind(field.type)} for field in arrow_schema(CONFIGS[config])]


def table_entries(sizes: Mapping[str, Sequence[tuple[str, str, int, int, int]]]) -> dict[str, list[dict[str, Any]]]:
    """Gives the header's ``configs`` and ``dataset_info``.

    Args:
        sizes: by config, for each split (name, path, rows, Arrow size, file size); empty configs are left out.
    """
    configs: list[dict[str, Any]] = []
    infos: list[dict[str, Any]] = []
    for config in CONFIGS:
        if not (splits := sorted(sizes.get(config, ()))):
            continue
        entry: dict[str, Any] = {
            "config_name": config,
            "data_files": [{"split": split, "path": path} for split, path, *_ in splits],
        }
        configs.append({**entry, "default": True} if config == "items" else entry)
        infos.append(
            {
                "config_name": config,
                "features": features_yaml(config),
                "splits": [
                    {"name": split, "num_bytes": size, "num_examples": rows} for split, _, rows, size, _ in splits
                ],
                "download_size": sum(on_disk for *_, on_disk in splits),
                "dataset_size": sum(size for *_, size, _ in splits),
            }
        )
    return {"configs": configs, "dataset_info": infos}


def _sizes(files: Sequence[DataFile]) -> dict[str, list[tuple[str, str, int, int, int]]]:
    sizes: dict[str, list[tuple[str, str, int, int, int]]] = {}
    for file in files:
        name = read_file_name(file.path)
        assert name is not None
        sizes.setdefault(name.config, []).append((name.split, file.path, file.rows, file.num_bytes, len(file.data)))
    return sizes


def card_header(contents: Contents, files: Sequence[DataFile]) -> dict[str, Any]:
    """Gives the header's entries, in the order they are written."""
    count = len(contents.instructions)
    license = contents.recipe.card.license
    languages = contents.instructions["language"].drop_nulls().unique().sort().to_list()
    kinds = contents.labels["rater_kind"].unique().to_list()
    header: dict[str, Any] = {"pretty_name": contents.recipe.card.title or contents.name}
    if license is not None:
        header["license"] = license
    if languages:
        header["language"] = languages
    header |= {
        "annotations_creators": sorted({_CREATORS[kind] for kind in kinds}) or ["no-annotation"],
        "size_categories": [next((name for most, name in _SIZES if count < most), "n>1M")],
        "task_categories": ["text-generation", "text-ranking"],
        "tags": list(TAGS),
    }
    return header | table_entries(_sizes(files))


def render_header(header: Mapping[str, Any]) -> str:
    """Gives the header as YAML, without the lines of dashes."""
    return yaml.safe_dump(dict(header), sort_keys=False, allow_unicode=True, width=1000).rstrip("\n")


def read_header(card: str) -> dict[str, Any]:
    """Reads the header of a card back.

    Raises:
        ReleaseError: when the card has none or it is no YAML mapping.
    """
    parts = card.split("\n---\n", 1)
    if not card.startswith("---\n") or len(parts) != 2:
        raise ReleaseError("README.md has no YAML header between two lines of dashes")
    try:
        header = yaml.safe_load(parts[0].removeprefix("---\n"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date that is none
        raise ReleaseError(f"README.md: its header is no YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(header, dict):
        raise ReleaseError("README.md: its header is no mapping")
    return header
