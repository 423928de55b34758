"""The whole answer, or the one code fence it consists of, is data in a format: JSON, YAML, TOML, CSV, XML, HTML."""

from __future__ import annotations

import json
import re
import unicodedata
from abc import abstractmethod
from collections.abc import Callable
from random import Random
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field, field_validator

from ...schemas.instruction import Instruction
from ...schemas.outcome import Outcome
from ..constraint import Check, ConstraintParams, Witness, blank_check
from ..document import Document
from ..fences import payload
from ._columns import Columns, draw_columns
from ._fit import wants_code, wants_data
from ._html import check_html
from ._judged import Unjudged, Wrong, part_check
from ._parsing import check_toml, check_xml, check_yaml, json_value
from ._published import NoParams
from ._schema import read_schema
from ._schema_check import fault
from ._schema_example import example
from ._separated import csv_rows
from ._worded import Worded
from ._wording import listed

__all__ = ["Csv", "Html", "JsonSchema", "Toml", "Xml", "Yaml"]

PROSE = "Zero to three, as was said above."
"""What is no data in any of the formats."""


class Data(Worded):
    """The answer, space and one code fence around it aside, is data in a format."""

    Params: ClassVar[type[ConstraintParams]] = NoParams
    categories = ("Format",)
    slots = frozenset(
        {"whole_form", "start", "end", "title", "bullets", "highlights", "placeholders", "sentences", "paragraphs"}
    )
    conflicts = frozenset(
        {"case", "punctuation", "start_end", "language", "keywords.frequency", "pattern", "table", "code"}
    )
    begins: ClassVar[re.Pattern[str] | None] = None
    """How such data begins; null where almost any text might begin it."""
    good: ClassVar[str]

    @abstractmethod
    def read(self, params: Any, text: str) -> str:
        """Reads the data and says what it is.

        Raises:
            Wrong: when it is not what was asked for.
            Unjudged: when that cannot be told.
        """

    def sample(self, instruction: Instruction, rng: Random) -> Any | None:
        """Fits requests whose answer could be data."""
        return self.draw(instruction, rng) if wants_data(instruction) and not wants_code(instruction) else None

    def draw(self, instruction: Instruction, rng: Random) -> Any:
        """Draws parameters."""
        return NoParams()

    def check(self, params: Any, document: Document) -> Check:
        """Reads the data; of a cut response only how it begins can be told."""
        if document.blank:
            return blank_check(document)
        text, start = payload(document)
        if document.cut:
            wrong = self.begins is not None and not self.begins.match(document.text.lstrip(), 0)
            return Check(Outcome.of(False if wrong else None), "begins otherwise" if wrong else "the reply was cut")
        try:
            found = self.read(params, text)
        except (Wrong, Unjudged) as error:
            return part_check(error, start, len(document.text))
        return Check(Outcome.SATISFIED, found, None, ((start, start + len(text)),))

    def witness(self, params: Any, rng: Random) -> Witness:
        """Gives such data, and prose."""
        return Witness(self.good, PROSE)


class SchemaParams(ConstraintParams):
    """A JSON Schema, written as JSON."""

    # ``schema`` is the name of a method of pydantic's models.
    model_config = ConfigDict(serialize_by_alias=True)

    schema_text: Annotated[str, Field(min_length=2, max_length=20_000, alias="schema")]

    @field_validator("schema_text")
    @classmethod
    def _readable(cls, text: str) -> str:
        read_schema(text)
        return text


_PROPERTIES: dict[str, dict[str, Any]] = {
    "title": {"type": "string", "minLength": 1},
    "summary": {"type": "string", "minLength": 1},
    "points": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    "count": {"type": "integer", "minimum": 0},
    "confidence": {"type": "number", "minimum": 0, "maximum": 1},
    "complete": {"type": "boolean"},
}


class JsonSchema(Data):
    """JSON that validates against the schema; formats are checked, of a repeated key the last counts."""

    id = "data.json_schema"
    Params = SchemaParams
    begins = re.compile(r"""[\[{"\-0-9tfn`~]""")

    def values(self, params: SchemaParams, language: str, variant: int) -> dict[str, Any]:
        """Names the schema."""
        return {"schema": params.schema_text}

    def draw(self, instruction: Instruction, rng: Random) -> SchemaParams:
        """Draws an object of two to four required properties."""
        names = rng.sample(sorted(_PROPERTIES), rng.randint(2, 4))
        schema = {
            "type": "object",
            "properties": {name: _PROPERTIES[name] for name in names},
            "required": names,
            "additionalProperties": False,
        }
        return SchemaParams.model_validate({"schema": json.dumps(schema)})

    def read(self, params: SchemaParams, text: str) -> str:
        """Validates."""
        found = fault(read_schema(params.schema_text), json_value(text))
        if found is not None:
            raise Wrong(f"valid JSON, but {found.removeprefix(': ')}")
        return "valid under the schema"

    def witness(self, params: SchemaParams, rng: Random) -> Witness:
        """Gives a small example, and prose."""
        return Witness(json.dumps(example(read_schema(params.schema_text)), ensure_ascii=False), PROSE)


class Parsed(Data):
    """Data that a parser alone judges."""

    parse: ClassVar[Callable[[str], None]]
    said: ClassVar[str]
    """What is said of a text that it reads."""

    def read(self, params: NoParams, text: str) -> str:
        """Parses."""
        type(self).parse(text)
        return self.said


class Yaml(Parsed):
    """One YAML document that is a mapping or list; a repeated key and an alias without its anchor are errors."""

    id = "data.yaml"
    parse, said = check_yaml, "valid YAML"
    good = "answer: yes\nreasons:\n  - short\n  - clear\n"


class Toml(Parsed):
    """TOML with at least one key."""

    id = "data.toml"
    parse, said = check_toml, "valid TOML"
    good = 'answer = "yes"\n\n[details]\nreasons = ["short", "clear"]\n'


class Xml(Parsed):
    """Well-formed XML without a DOCTYPE, hence without entities of its own."""

    id = "data.xml"
    parse, said = check_xml, "well-formed XML"
    begins = re.compile(r"[<`~]")
    good = "<answer><reason>short</reason><reason>clear</reason></answer>"


class Html(Parsed):
    """HTML whose elements are known, nest and are closed (void ones need not be), with all text inside them."""

    id = "data.html"
    parse, said = check_html, "its tags nest and close"
    begins = re.compile(r"[<`~]")
    good = "<p>Yes, for <em>two</em> reasons:<br>short and clear.</p>"


class Csv(Data):
    """Comma-separated values as RFC 4180: the header has these names in this order, each row as many fields."""

    id = "data.csv"
    Params = Columns

    def draw(self, instruction: Instruction, rng: Random) -> Columns:
        """Draws columns."""
        return draw_columns(instruction, rng)

    def values(self, params: Columns, language: str, variant: int) -> dict[str, Any]:
        """Lists the columns."""
        return {"columns": listed(params.columns, language)}

    def read(self, params: Columns, text: str) -> str:
        """Compares the header, then counts the fields of each row."""
        rows = csv_rows(text)
        at, names = next(rows, (None, []))
        header = [unicodedata.normalize("NFC", name.strip()) for name in names]
        if header != [unicodedata.normalize("NFC", name) for name in params.columns]:
            raise Wrong(f"the header is {', '.join(header)!r:.100}", at)
        number = 0
        for number, (start, fields) in enumerate(rows, 1):
            if len(fields) != len(header):
                raise Wrong(f"row {number} has {len(fields)} fields, the header {len(header)}", start)
        if not number:
            raise Wrong("no row below the header")
        return f"{number} rows of {len(header)} fields"

    def witness(self, params: Columns, rng: Random) -> Witness:
        """Gives one row, and one with a field too many."""
        header = ",".join(
            '"' + name.replace('"', '""') + '"' if set(name) & set('",') else name for name in params.columns
        )
        row = ",".join(["x"] * len(params.columns))
        return Witness(f"{header}\n{row}\n", f"{header}\n{row},x\n")
