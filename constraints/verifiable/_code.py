"""Whether code parses: by Python's own parser, the readers of data, and sqlglot; under a bound, else not judged."""

from __future__ import annotations

import ast
import re
import threading
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ._html import check_html
from ._judged import Unjudged, Wrong, optional
from ._parsing import check_toml, check_xml, check_yaml, json_value

__all__ = ["PARSERS"]

_TOKEN = re.compile(r"\w+|[^\w\s]|\n")
_PYTHON_TOKENS = 10_000
_SQL_LONGEST = 20_000
_SQL_TOKENS = 1_200
_SQL_STEPS = 5_000
_DEEPEST = 60
_QUIET = threading.Lock()
"""Filters of warnings are one for the whole process."""


def _check_tokens(text: str, most: int) -> None:
    depth = deepest = 0
    for count, match in enumerate(_TOKEN.finditer(text)):
        if count >= most:
            raise Unjudged(f"more than {most} tokens of code")
        mark = match.group()
        if mark in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in ")]}":
            depth -= 1
    if deepest > _DEEPEST:
        raise Unjudged(f"may nest deeper than {_DEEPEST} levels")


def _check_python(text: str) -> None:
    """Parses Python of at least one statement."""
    _check_tokens(text, _PYTHON_TOKENS)
    try:
        with _QUIET, warnings.catch_warnings():
            # An odd escape in a string only warns.
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (RecursionError, MemoryError):
        raise Unjudged("nested too deep") from None
    except SyntaxError as error:
        raise Wrong(f"not Python: {error.msg} at line {error.lineno}") from None
    except ValueError as error:
        raise Wrong(f"not Python: {error}") from None
    if not tree.body:
        raise Wrong("no statement")


_DIALECTS = ("", "postgres", "mysql", "sqlite", "tsql")
_STATEMENTS = (
    "Query DML Create Drop Alter TruncateTable Set Transaction Commit Rollback Use Describe Show Pragma Grant Revoke "
    "Analyze Comment Merge Copy Attach Detach Kill Cache Uncache Refresh LoadData Values Block"
).split()


@lru_cache(maxsize=16)
def _bounded(parser: Any) -> Any:
    """Makes a parser that stops after a number of steps: nested types cost the plain one twice as much a level.

    Raises:
        Unjudged: when its steps cannot be counted.
    """

    def advance(self: Any, *args: Any, **kwargs: Any) -> None:
        steps = self.__dict__.get("steps", 0) + 1
        if steps > _SQL_STEPS:
            raise Unjudged("takes too many steps to parse")
        self.__dict__["steps"] = steps
        parser._advance(self, *args, **kwargs)

    # What it cannot parse it keeps as it is and logs; the check tells that by itself.
    names = {"_advance": advance, "_warn_unsupported": lambda self: None}
    return type(parser)(f"Bounded{parser.__name__}", (parser,), names)


def _parse_sql(sqlglot: Any, text: str, dialect: str) -> list[Any]:
    """Gives the statements."""
    reader = sqlglot.Dialect.get_or_raise(dialect)
    tokens = reader.tokenize(text)
    if len(tokens) > _SQL_TOKENS:
        raise Unjudged(f"more than {_SQL_TOKENS} tokens of SQL")
    parser = _bounded(reader.parser_class)(dialect=reader)
    found = [statement for statement in parser.parse(tokens, text) if statement is not None]
    if tokens and "steps" not in parser.__dict__:
        raise Unjudged("this build of sqlglot does not let its steps be counted")
    return found


def _check_sql(text: str) -> None:
    """Parses SQL of at least one statement, in one of the common dialects."""
    sqlglot = optional("sqlglot", "sqlglot")
    if len(text) > _SQL_LONGEST:
        raise Unjudged(f"more than {_SQL_LONGEST} characters of SQL")
    _check_tokens(text, 4 * _SQL_TOKENS)
    kinds = tuple(kind for name in _STATEMENTS if (kind := getattr(sqlglot.exp, name, None)) is not None)
    first: str | None = None
    read = 0
    for dialect in _DIALECTS:
        try:
            statements = _parse_sql(sqlglot, text, dialect)
        except sqlglot.errors.SqlglotError as error:
            said = getattr(error, "errors", None)
            first = first or (str(said[0].get("description")) if said else str(error).partition("\n")[0])
            read += len(_TOKEN.findall(text))
            if read > _SQL_TOKENS:
                raise Unjudged("does not parse as plain SQL and is too long to try the dialects") from None
            continue
        except RecursionError:
            raise Unjudged("nested too deep") from None
        if not statements:
            raise Wrong("no statement")
        if any(isinstance(statement, sqlglot.exp.Command) for statement in statements):
            raise Unjudged("holds a statement that the SQL parser does not know")
        if all(isinstance(statement, (*kinds, sqlglot.exp.Semicolon)) for statement in statements):
            return
        first = first or "no statement"
    raise Wrong(f"not SQL: {first}")


PARSERS: dict[str, Callable[[str], Any]] = {
    "python": _check_python,
    "json": json_value,
    "yaml": lambda text: check_yaml(text, several=True),
    "toml": check_toml,
    "xml": check_xml,
    "html": lambda text: check_html(text, loose_text=True),
    "sql": _check_sql,
}
"""Each raises ``Wrong`` or ``Unjudged``."""
