"""What a source is: it reads rows and yields candidates, or drops with a reason."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict

from ..errors import nearest
from ..schemas.drop import Drop
from ..schemas.instruction import Given
from ..schemas.language import LANGUAGES
from ..schemas.messages import Messages
from ..schemas.plugin import Registry
from ..store.fetch import Fetch

__all__ = ["SOURCES", "Candidate", "LanguageCode", "Source", "SourceParams"]


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise ValueError(f"is no ISO 639-1 code we know; {nearest(language, list(LANGUAGES))}")
    return language


LanguageCode = Annotated[str, AfterValidator(_known)]
"""A language that a user names."""


class SourceParams(BaseModel):
    """Parameters of a source; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Candidate:
    """A conversation as a source has it, before a scenario takes it."""

    messages: Messages
    """Checked by ``schemas.messages.check_messages``: ends with the user turn to answer."""
    row: str
    """The row's id in its source: its own id where it has one, else ``file:line``."""
    revision: str
    """``sha256:<64 hex>`` of the file, or the pinned revision of a Hub dataset."""
    license: str | None
    language: str | None = None
    """As the source says; null lets the builder detect it."""
    conversation: str | None = None
    user: str | None = None
    toxic: bool | None = None
    redacted: bool | None = None
    given: tuple[Given, ...] = ()
    tags: tuple[str, ...] = ()


class Source(ABC):
    """A place real instructions come from. One class a file; the file's name is the id.

    A source loses nothing: each row it reads becomes a candidate or a drop.
    """

    id: ClassVar[str]
    version: ClassVar[int] = 1
    Params: ClassVar[type[SourceParams]] = SourceParams

    @abstractmethod
    def read(self, params: Any, fetch: Fetch) -> Iterator[Candidate | Drop]:
        """Yields every row, as a candidate or as a drop of stage ``collect``.

        Raises:
            InputError: when the source as a whole cannot be read.
        """

    @abstractmethod
    def revision(self, params: Any, fetch: Fetch) -> str:
        """Gives what identifies the content that ``read`` will give: file hashes or a pinned revision.

        Raises:
            InputError: when the source as a whole cannot be read.
        """


SOURCES: Registry[Source] = Registry(
    "source",
    "benchwright.builders.sources",
    Source,
    "benchwright.sources",
)
