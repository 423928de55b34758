"""WildChat: a million conversations of real users with hosted chat models (Zhao et al. 2024, arXiv 2405.01470; ODC-BY).

Two layouts are read. The full one (allenai/WildChat-1M): ``conversation`` with role, content and flags a turn,
``conversation_hash``, ``language``, ``toxic``, ``redacted``. The prompt-only one (WildChat-IF): ``prompt``, a list of
messages, and ``extra_info`` with split and index.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ...errors import InputError, nearest
from ...schemas.drop import Drop
from ...schemas.language import language_code
from ...store.fetch import Fetch
from ..files import FileRow, conversation, file_rows, files_revision
from ..source import Candidate, Source, SourceParams

__all__ = ["WildChat", "WildChatParams"]


class WildChatParams(SourceParams):
    """Where the rows are, and where a conversation is cut."""

    files: str | None = None
    """Parquet or JSONL files, relative to the data folder; may hold ``*``. In place of ``dataset``."""
    dataset: str | None = None
    """A dataset on the Hub, streamed."""
    revision: str = "main"
    """Its commit, tag or branch; what it means when the build starts is what is recorded."""
    split: str = "train"
    config: str | None = None
    """Its configuration, where it has several."""
    rows: Annotated[int, Field(ge=1)] | None = None
    """How many rows are read, from the first; null reads all."""
    license: str | None = "ODC-BY-1.0"
    turn: Literal["first", "last"] = "last"
    """The user turn to answer; what comes after it is left out."""

    @model_validator(mode="after")
    def _one_place(self) -> WildChatParams:
        if (self.files is None) == (self.dataset is None):
            raise ValueError("give either files or dataset")
        if self.files is not None and (extra := {"revision", "split", "config"} & self.model_fields_set):
            raise ValueError(f"{', '.join(sorted(extra))} belong to dataset, not to files")
        return self


class WildChat(Source):
    """Conversations in WildChat's layout, from local files or from the Hub."""

    id = "wildchat"
    Params = WildChatParams

    def read(self, params: WildChatParams, fetch: Fetch) -> Iterator[Candidate | Drop]:
        """Yields every row, as a candidate cut to end at a user turn or as a drop.

        Raises:
            InputError: when the files or the dataset cannot be read, or the rows have neither layout.
        """
        rows = _hub(params, fetch) if params.files is None else file_rows(fetch, params.files)
        checked = False
        for read, row in enumerate(rows):
            if params.rows is not None and read >= params.rows:
                return
            if isinstance(row, Drop):
                yield row
                continue
            if not checked:
                _check_layout(row.values, params.files or str(params.dataset))
                checked = True
            yield _candidate(row, params)

    def revision(self, params: WildChatParams, fetch: Fetch) -> str:
        """Gives the files' hash, or the commit that the dataset's revision means.

        Raises:
            InputError: when there is no such file, or the Hub does not tell.
        """
        if params.files is not None:
            return files_revision(fetch, params.files)
        return fetch.hub_revision(str(params.dataset), params.revision)


def _hub(params: WildChatParams, fetch: Fetch) -> Iterator[FileRow]:
    dataset = str(params.dataset)
    commit = fetch.hub_revision(dataset, params.revision)
    for row in fetch.hub_rows(dataset, revision=commit, split=params.split, config=params.config):
        yield FileRow(f"{dataset}/{params.split}:{row.number}", commit, row.values)


def _check_layout(values: dict[str, Any], where: str) -> None:
    if not {"conversation", "prompt"} & values.keys():
        columns = nearest("conversation", list(values)).replace("allowed:", "its columns:")
        raise InputError(f"{where}: not in a WildChat layout, no column 'conversation' or 'prompt'; {columns}")


def _candidate(row: FileRow, params: WildChatParams) -> Candidate | Drop:
    full = "conversation" in row.values
    turns = row.values["conversation"] if full else row.values.get("prompt")
    turns = _cut(turns, params.turn)
    own = _text(row.values.get("conversation_hash")) if full else _prompt_id(row.values.get("extra_info"))
    messages = conversation(turns, own or row.place)
    if isinstance(messages, Drop):
        return messages
    language = row.values.get("language")
    users = [turn for turn in turns if turn["role"] == "user"]
    return Candidate(
        messages=messages,
        row=own or row.place,
        revision=row.revision,
        license=params.license,
        language=language_code(language) if isinstance(language, str) else None,
        conversation=own if full else None,
        user=_text(users[0].get("hashed_ip")),
        toxic=_flag("toxic", row.values, turns),
        redacted=_flag("redacted", row.values, turns),
    )


def _cut(turns: Any, turn: Literal["first", "last"]) -> Any:
    """Ends a conversation at its first or last user turn; what is no conversation with one is left as it is."""
    if not isinstance(turns, Sequence) or isinstance(turns, str):
        return turns
    asked = [i for i, item in enumerate(turns) if isinstance(item, dict) and item.get("role") == "user"]
    return turns[: asked[0 if turn == "first" else -1] + 1] if asked else turns


def _prompt_id(info: Any) -> str | None:
    """Gives a prompt-only row's id, ``split/index``."""
    if not isinstance(info, dict) or info.get("index") is None:
        return None
    return f"{info.get('split') or 'all'}/{info['index']}"


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _flag(name: str, values: dict[str, Any], turns: Sequence[dict[str, Any]]) -> bool | None:
    """Gives whether the row or a turn that is kept bears a flag; null where neither says."""
    said = [flag for flag in (values.get(name), *(turn.get(name) for turn in turns)) if isinstance(flag, bool)]
    return any(said) if said else None
