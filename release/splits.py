"""Splits: which instruction goes where, whole clusters at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import polars as pl

from ..errors import UsageError
from ..schemas.canonical import digest
from ..schemas.recipe import Splits
from .clusters import Keys, cluster_ids

__all__ = ["assign_splits", "check_split_names"]

_NAME = re.compile(r"\w+")


def check_split_names(names: Sequence[str]) -> None:
    """Raises for names that ``datasets`` takes for something else.

    Raises:
        UsageError: for ``all``, and for names with other characters than letters, digits and underscores.
    """
    if bad := [name for name in names if name == "all" or not _NAME.fullmatch(name)]:
        raise UsageError(
            f"datasets cannot load a split named {bad[0]!r}: use letters, digits and underscores, and not 'all'"
        )


def _fill(clusters: Sequence[Sequence[str]], shares: Mapping[str, float], seed: int) -> dict[str, str]:
    """Puts cluster after cluster where the largest part of the share is still missing; ties go by the split's name."""
    total, weight = sum(map(len, clusters)), sum(shares.values())
    target = {name: total * shares[name] / weight for name in sorted(shares)}
    held = dict.fromkeys(target, 0)
    placed: dict[str, str] = {}
    for cluster in sorted(clusters, key=lambda ids: digest([seed, ids[0]])):
        name = min(target, key=lambda split: held[split] / target[split])
        held[name] += len(cluster)
        placed.update(dict.fromkeys(cluster, name))
    return placed


def assign_splits(items: pl.DataFrame, splits: Splits, seed: int, keys: Keys | None = None) -> dict[str, str]:
    """Assigns each instruction to a split. No cluster straddles two; the order of rows does not matter.

    Clusters come in an order drawn from the seed, each where most of the share is missing. A split may stay empty when
    there are fewer clusters than splits.

    Args:
        items: table ``Items``.
        keys: conversation and user of each instruction, as far as their sources say.

    Returns:
        The split's name by instruction id, ids ascending.

    Raises:
        UsageError: when a split's name cannot be loaded by ``datasets``.
    """
    check_split_names(sorted(splits.shares))
    if len(splits.shares) == 1:
        (only,) = splits.shares
        return dict.fromkeys(items["id"].sort().to_list(), only)
    placed = _fill(cluster_ids(items, splits.near_copy, keys or {}), splits.shares, seed)
    return {id: placed[id] for id in sorted(placed)}
