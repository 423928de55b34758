"""Reading a recipe: a packaged one by name or a file by path, with overrides; every problem at once, with its line."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from ..errors import RecipeError, nearest
from ..schemas.recipe import Recipe
from .document import Document, Key, key_text, parse_document, short

__all__ = ["load_recipe", "load_with_places", "packaged_recipes"]

_MOST_BYTES = 1_000_000
"""Recipes have some hundred lines; more is a data file given by mistake."""

_SCALARS = "expected a number, text, true, false, or a list of texts, got {}"


def packaged_recipes() -> tuple[str, ...]:
    """Names the recipes that come with the package, sorted."""
    return tuple(sorted(item.name[:-5] for item in files(__package__).iterdir() if item.name.endswith(".yaml")))


def load_recipe(name_or_path: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Reads a recipe and checks its shape; ``pipeline.check_recipe`` checks the plug-ins it names.

    Args:
        name_or_path: the name of a packaged recipe, or the path of a YAML file.
        overrides: ``key.key=value`` each, values in YAML; list items by index.

    Raises:
        RecipeError: with every problem as ``file:line: key: what``.
    """
    return load_with_places(name_or_path, overrides)[0]


def load_with_places(name_or_path: str | Path, overrides: Sequence[str] = ()) -> tuple[Recipe, Document]:
    """Reads a recipe as ``load_recipe`` does and gives the document too, whose ``where`` tells each key's line."""
    raw, name = _read(name_or_path)
    document = parse_document(raw, name)
    for given in overrides:
        document.set(given)
    problems = list(document.problems)
    recipe: Recipe | None = None
    try:
        recipe = Recipe.model_validate(document.data)
    except ValidationError as error:
        problems += _problems(document, error.errors())
    if problems or recipe is None:
        raise RecipeError(f"the recipe {name} is not valid:", problems)
    return recipe, document


def _read(name_or_path: str | Path) -> tuple[bytes, str]:
    """Gives a recipe's bytes and what it is called in messages."""
    packaged = packaged_recipes()
    if isinstance(name_or_path, str) and name_or_path in packaged:
        return files(__package__).joinpath(f"{name_or_path}.yaml").read_bytes(), f"{name_or_path}.yaml"
    path = Path(name_or_path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise RecipeError(
                f"{str(path)!r} is too large for a recipe ({path.stat().st_size:,} bytes). If it holds your logs, "
                f"write a recipe for it: benchwright new recipe --from {path}"
            )
        return path.read_bytes(), str(path)
    except (FileNotFoundError, NotADirectoryError):
        hint = nearest(path.name.removesuffix(".yaml"), packaged)
        raise RecipeError(
            f"there is no recipe {str(name_or_path)!r}, neither packaged nor as a file. Packaged recipes: {hint}"
        ) from None
    except IsADirectoryError:
        raise RecipeError(
            f"{str(path)!r} is a folder; give a recipe's YAML file or the name of a packaged one"
        ) from None
    except OSError as error:
        raise RecipeError(f"{short(str(path))} cannot be read: {error.strerror or error}") from None


def _problems(document: Document, errors: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Words pydantic's errors, one a place, in the order of the file."""
    by_place: dict[Key, list[Mapping[str, Any]]] = {}
    for error in errors:
        if error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]:
            continue  # what fell short are its items, and they are reported
        by_place.setdefault(_place(document.data, error), []).append(error)
    for key, found in sorted(by_place.items(), key=lambda item: document.line(item[0])):
        at = f"{key_text(key)}: " if key else ""
        whats = dict.fromkeys(_what(key, error) for error in found)
        # A value that fits no member of a union has an error for each of them.
        what = next(iter(whats)) if len(whats) == 1 else _SCALARS.format(short(_value(document.data, key)))
        yield f"{document.where(key)}: {at}{what}"


def _value(data: Any, key: Key) -> Any:
    for part in key:
        data = data[part]
    return data


def _place(data: Any, error: Mapping[str, Any]) -> Key:
    """Cuts pydantic's location down to keys of the file: it also names union members and validators."""
    key: list[str | int] = []
    here = data
    for part in error["loc"]:
        if (isinstance(here, dict) and part in here) or (isinstance(here, list) and isinstance(part, int)):
            key.append(part)
            here = here[part]
        else:
            if error["type"] == "missing":
                key.append(part)
            break
    return tuple(key)


def _what(key: Key, error: Mapping[str, Any]) -> str:
    """Says what is wrong with a value, and what to write instead."""
    kind, value = error["type"], error["input"]
    context = error.get("ctx", {})
    if kind == "extra_forbidden":
        return f"unknown key; {nearest(str(key[-1]), _fields(key[:-1]))}"
    if kind == "missing":
        return "missing, and required"
    if error["loc"] and error["loc"][-1] == "[key]":
        return "a name has lower-case letters, digits, - and _, and begins with a letter or digit"
    if kind == "value_error":
        return str(context["error"])
    if value is None:
        return "has no value: give one, or leave the key out"
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", context["expected"])
        return f"cannot be {value!r}; {nearest(str(value), allowed)}"
    if kind == "string_type" and isinstance(value, bool):
        return f"{str(value).lower()} reads as a boolean where text is wanted: put it in quotes"
    if kind == "string_type" and isinstance(value, int | float):
        return f"{value!r} reads as a number where text is wanted: put it in quotes"
    if kind in ("model_type", "dict_type"):
        example = f"; did you mean 'id: {value}'?" if isinstance(value, str) and "id" in _fields(key) else ""
        return f"expected keys with values, got {short(value)}{example}"
    if kind in ("tuple_type", "list_type"):
        return f"expected a list, got {short(value)}: put each item on a line of its own that begins with '- '"
    if kind == "string_pattern_mismatch":
        return f"{value!r}: only lower-case letters, digits, - and _, beginning with a letter or digit"
    if kind == "too_short":
        return "needs at least one item"
    message = error["msg"].removeprefix("Input ")
    return f"{message[0].lower()}{message[1:]}, got {short(value)}"


def _fields(key: Key) -> tuple[str, ...]:
    """Gives the keys that a recipe may have at a place."""
    annotation: Any = Recipe
    for part in key:
        annotation = next((found for found in _inside(annotation, part)), None)
    return tuple(name for model in _members(annotation) if _is_model(model) for name in model.model_fields)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _members(annotation: Any) -> Iterator[Any]:
    """Yields what a union or an annotated type consists of."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from _members(member)
    elif origin is Annotated:
        yield from _members(get_args(annotation)[0])
    else:
        yield annotation


def _inside(annotation: Any, part: str | int) -> Iterator[Any]:
    """Yields the types of what lies under a key or index."""
    for member in _members(annotation):
        if _is_model(member):
            if part in member.model_fields:
                yield member.model_fields[part].annotation
        elif get_origin(member) is tuple and isinstance(part, int):
            yield get_args(member)[0]
        elif get_origin(member) is dict and isinstance(part, str):
            yield get_args(member)[1]
