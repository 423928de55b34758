"""Finding scenarios, sources, filters and constraints by id: one folder each, and entry points for other packages."""

from __future__ import annotations

import pkgutil
import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, Generic, TypeVar

from ..errors import UsageError, nearest

__all__ = ["Registry"]

T = TypeVar("T")
_PARTS = re.compile("[.:]")


@dataclass(frozen=True)
class Registry(Generic[T]):
    """All plug-ins of one kind."""

    noun: str
    """What one is called in messages."""
    package: str
    """The package whose modules hold ours."""
    base: type[Any]
    """The class they derive from."""
    group: str
    """The entry-point group of those from outside; an entry loads to a class or a module."""

    def ids(self) -> tuple[str, ...]:
        """Gives every id, sorted."""
        return tuple(sorted(_found(self)))

    def get(self, id: str) -> T:
        """Gives the plug-in of an id; imports the modules named like it first, all of them only where it is in none.

        Raises:
            UsageError: when there is none, naming the nearest.
        """
        plugin: T | None = _find(self, id)
        if plugin is None:
            raise UsageError(f"no {self.noun} is called {id!r}: {nearest(id, self.ids())}")
        return plugin

    def has(self, id: str) -> bool:
        """Tells whether a plug-in has this id."""
        return _find(self, id) is not None


def _classes(module: ModuleType, base: type[Any]) -> list[type[Any]]:
    """Gives the plug-in classes a module exports through ``__all__``."""
    if not hasattr(module, "__all__"):
        raise UsageError(f"{module.__name__} has no __all__: name its {base.__name__} there")
    exported = [getattr(module, name) for name in module.__all__]
    return [item for item in exported if isinstance(item, type) and issubclass(item, base) and item is not base]


@cache
def _names(registry: Registry[Any]) -> tuple[str, ...]:
    """Gives the names of the modules that hold ours."""
    found = pkgutil.iter_modules(import_module(registry.package).__path__)
    return tuple(entry.name for entry in found if not entry.name.startswith("_"))


@cache
def _find(registry: Registry[Any], id: str) -> Any:
    """Gives the plug-in of an id, or null: from the modules named like it, else from all.

    ``length.words`` is in ``length``, ``words:vowel`` in one that ends with ``_words``, ``starter`` in ``starter``.
    """
    stem = "_".join(_PARTS.split(id)[:-1]) or id
    for name in _names(registry):
        if name == stem or name.endswith(f"_{stem}"):
            for cls in _classes(import_module(f"{registry.package}.{name}"), registry.base):
                if cls.id == id:
                    return _instance(cls)
    return _found(registry).get(id)


_INSTANCES: dict[type[Any], Any] = {}


def _instance(cls: type[Any]) -> Any:
    """Gives the one instance of a class; two threads that make it at once keep the first."""
    return _INSTANCES.get(cls) or _INSTANCES.setdefault(cls, cls())


@cache
def _found(registry: Registry[Any]) -> dict[str, Any]:
    """Imports every module of the kind once and gives an instance of each class by id."""
    classes: list[type[Any]] = []
    for name in _names(registry):
        classes += _classes(import_module(f"{registry.package}.{name}"), registry.base)
    # Reading what is installed takes longer than all of ours.
    from importlib.metadata import entry_points

    for point in entry_points(group=registry.group):
        loaded = point.load()
        classes += _classes(loaded, registry.base) if isinstance(loaded, ModuleType) else [loaded]
    found: dict[str, Any] = {}
    for cls in classes:
        if cls.id in found and type(found[cls.id]) is not cls:
            other = type(found[cls.id])
            raise UsageError(f"two {registry.noun}s are called {cls.id!r}: {other.__module__} and {cls.__module__}")
        found[cls.id] = _instance(cls)
    return found
