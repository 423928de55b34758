"""The source that comes with the package: requests written for Benchwright, so that a first build needs no network.

``starter.jsonl`` holds one request a line: ``id``, ``language`` (ISO 639-1), ``domain``, ``tags`` (the first is the
instruction type), ``messages``, and in about a third of the lines ``checklist``, soft requirements as yes/no questions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from ...errors import InputError
from ...schemas.drop import Drop
from ...schemas.instruction import Given
from ...schemas.messages import check_messages
from ...store.fetch import Fetch
from ..source import Candidate, Source, SourceParams

__all__ = ["Starter"]


class Starter(Source):
    """Packaged requests as different as what people ask of assistants: 9 languages, some 30 domains. Apache-2.0."""

    id = "starter"

    def read(self, params: SourceParams, fetch: Fetch) -> Iterator[Candidate | Drop]:
        """Yields the packaged rows in their order.

        Raises:
            InputError: when the packaged file is missing or a line of it is not JSON: the installation is damaged.
        """
        data = _packaged()
        revision = _revision(data)
        for number, line in enumerate(data.splitlines(), start=1):
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise InputError(f"starter.jsonl:{number} is not JSON ({error}): reinstall benchwright") from None
            yield _candidate(row, revision)

    def revision(self, params: SourceParams, fetch: Fetch) -> str:
        """Gives the sha256 of the packaged file."""
        return _revision(_packaged())


def _packaged() -> bytes:
    try:
        return files(str(__package__)).joinpath("starter.jsonl").read_bytes()
    except OSError as error:
        raise InputError(f"the packaged starter.jsonl cannot be read ({error}): reinstall benchwright") from None


def _revision(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _candidate(row: dict[str, Any], revision: str) -> Candidate | Drop:
    messages, problem = check_messages(row["messages"])
    if messages is None:
        reason, detail = problem or ("not_messages", "")
        return Drop("collect", row["id"], reason, detail)
    return Candidate(
        messages=messages,
        row=row["id"],
        revision=revision,
        license="Apache-2.0",
        language=row["language"],
        given=tuple(
            Given(item["text"], kind="soft", categories=(item["category"],), origin="checklist")
            for item in row.get("checklist", ())
        ),
        tags=(row["domain"], *row["tags"]),
    )
