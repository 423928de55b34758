"""Names of columns: the parameter that CSV and markdown tables share, and what attachment draws for it."""

from __future__ import annotations

import unicodedata
from random import Random
from typing import Annotated

from pydantic import Field, field_validator

from ...schemas.instruction import Instruction
from ..constraint import ConstraintParams

__all__ = ["Columns", "draw_columns", "is_line"]


def is_line(text: str) -> bool:
    """Tells whether a text stands on one line and holds neither controls nor halves of characters."""
    return not any(ord(one) < 32 or unicodedata.category(one) in ("Zl", "Zp", "Cs") for one in text)


_Name = Annotated[str, Field(min_length=1, max_length=100)]


class Columns(ConstraintParams):
    """The columns, in order."""

    columns: Annotated[tuple[_Name, ...], Field(min_length=1, max_length=30)]

    @field_validator("columns")
    @classmethod
    def _names(cls, columns: tuple[str, ...]) -> tuple[str, ...]:
        names = tuple(name.strip() for name in columns)
        for name in names:
            if not any(map(str.isalnum, name)):
                raise ValueError(f"a column's name needs a letter or digit: {name!r}")
            if not is_line(name):
                raise ValueError(f"a column's name is one line of text: {name!r}")
        plain = [unicodedata.normalize("NFC", name).casefold() for name in names]
        if twice := [name for name in names if plain.count(unicodedata.normalize("NFC", name).casefold()) > 1]:
            raise ValueError(f"a column is named twice: {twice[0]!r}")
        return names


_DRAWS: dict[str, tuple[tuple[str, ...], ...]] = {
    "en": (("Name", "Description"), ("Item", "Reason"), ("Option", "Advantage", "Drawback"), ("No", "Item", "Note")),
    "zh": (("名称", "说明"), ("项目", "原因"), ("选项", "优点", "缺点"), ("序号", "项目", "备注")),
    "es": (("Nombre", "Descripción"), ("Elemento", "Motivo"), ("Opción", "Ventaja", "Inconveniente")),
    "fr": (("Nom", "Description"), ("Élément", "Raison"), ("Option", "Avantage", "Inconvénient")),
    "ja": (("名前", "説明"), ("項目", "理由"), ("選択肢", "長所", "短所")),
}


def draw_columns(instruction: Instruction, rng: Random) -> Columns:
    """Draws columns that suit most lists, named in the request's language, in English where it has none here."""
    return Columns(columns=rng.choice(_DRAWS.get(instruction.language or "", _DRAWS["en"])))
