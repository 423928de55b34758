"""The door to sources: local files and Hub datasets, read row by row."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError
from .rows import BadRow, Row, read_rows

__all__ = ["BadRow", "Fetch", "Row"]

_OFFLINE = "is the network there? A local file works too: give files in place of dataset"


@dataclass(frozen=True)
class Fetch:
    """Reads what recipes name."""

    data: Path | None = None
    """The folder relative paths of recipes start from (``--data``, ``BENCHWRIGHT_DATA``); null is the current one."""
    _hashes: dict[tuple[Path, int, int], str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _revisions: dict[tuple[str, str], str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def place(self, named: str) -> Path:
        """Gives where a recipe's path lies, a file or folder that may not be there yet."""
        return (self.data or Path()) / Path(named).expanduser()

    def resolve(self, pattern: str) -> list[Path]:
        """Gives the files a recipe's path names, sorted; it may hold ``*``, ``?``, ``[…]`` and ``**``.

        Raises:
            InputError: when there is none, saying where it was looked for.
        """
        named = Path(pattern).expanduser()
        base = self.data or Path()
        full = base / named
        try:
            if full.is_file():
                return [full]
            if full.is_dir():
                raise InputError(f"{full} is a folder: name its files, such as {str(named / '*.jsonl')!r}")
            found = sorted(base / name for name in glob.glob(str(named), root_dir=base, recursive=True))
            if files := [path for path in found if path.is_file()]:
                return files
        except OSError as error:
            raise InputError(f"{full} cannot be read: {error.strerror or error}") from None
        looked = f"no file {pattern!r}: looked for {full.absolute()}"
        if named.is_absolute():
            raise InputError(looked)
        advice = "" if self.data else "no data folder is set: "
        raise InputError(f"{looked}; {advice}name the folder it lies in with --data DIR or BENCHWRIGHT_DATA")

    def sha256(self, path: Path) -> str:
        """Gives the sha256 of a file's content, 64 hex digits; read once as long as size and time stay.

        Raises:
            InputError: when the file cannot be read.
        """
        try:
            stat = path.stat()
            key = (path.absolute(), stat.st_size, stat.st_mtime_ns)
            if key not in self._hashes:
                with path.open("rb") as file:
                    self._hashes[key] = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
        return self._hashes[key]

    def rows(self, path: Path, at: str | None = None) -> Iterator[Row | BadRow]:
        """Yields a file's rows, as ``store.rows.read_rows`` says.

        Raises:
            InputError: when the file as a whole cannot be read.
        """
        return read_rows(path, at)

    def hub_revision(self, dataset: str, revision: str) -> str:
        """Gives the commit that a Hub dataset's branch, tag or short sha means now; asked once.

        Raises:
            InputError: when the Hub cannot be reached or does not give the dataset.
        """
        if (dataset, revision) not in self._revisions:
            with _hub_errors(dataset, revision):
                from huggingface_hub import HfApi

                sha = HfApi().dataset_info(dataset, revision=revision).sha
            if sha is None:
                raise InputError(f"the Hub names no commit for dataset {dataset!r} at {revision!r}")
            self._revisions[dataset, revision] = sha
        return self._revisions[dataset, revision]

    def hub_rows(self, dataset: str, *, revision: str, split: str, config: str | None = None) -> Iterator[Row]:
        """Yields a Hub dataset's rows by streaming, at the commit that ``revision`` means; numbers count from 1.

        Raises:
            InputError: when the Hub cannot be reached or does not give the dataset, configuration or split.
        """
        # Asked first: it fails at once where load_dataset tries for half a minute.
        commit = self.hub_revision(dataset, revision)
        with _hub_errors(dataset, revision):
            from datasets import load_dataset
            from datasets.exceptions import DatasetsError

            try:
                stream: Any = load_dataset(dataset, config, split=split, revision=commit, streaming=True)
                for number, values in enumerate(stream, 1):
                    yield Row(number, values)
            except DatasetsError as error:
                raise ValueError(str(error)) from error


@contextmanager
def _hub_errors(dataset: str, revision: str) -> Iterator[None]:
    """Turns what the Hub libraries raise into one line for the user."""
    import httpx2
    from huggingface_hub import errors

    name = f"Hub dataset {dataset!r} at {revision!r}"
    try:
        yield
    except errors.GatedRepoError:
        raise InputError(f"{name} is gated: accept its terms on its page, then log in with `hf auth login`") from None
    except errors.RevisionNotFoundError:
        raise InputError(f"{name}: there is no such branch, tag or commit") from None
    except errors.RepositoryNotFoundError:
        raise InputError(f"{name}: there is no such dataset, or it is private: log in with `hf auth login`") from None
    except errors.OfflineModeIsEnabled:
        raise InputError(f"{name} cannot be fetched: HF_HUB_OFFLINE is set") from None
    except errors.HFValidationError as error:
        raise InputError(f"{name}: {_line(error)}") from None
    except errors.LocalEntryNotFoundError as error:
        raise InputError(f"{name} cannot be reached: {_line(error)}; {_OFFLINE}") from None
    except FileNotFoundError as error:  # datasets: the repository holds no data
        raise InputError(f"{name}: {_line(error)}") from None
    except errors.HfHubHTTPError as error:
        raise InputError(f"{name}: the Hub refuses: {_line(error)}") from None
    except (httpx2.HTTPError, OSError) as error:
        raise InputError(f"{name} cannot be reached: {_line(error)}; {_OFFLINE}") from None
    except ValueError as error:  # datasets: no such configuration or split, a file that does not parse
        raise InputError(f"{name}: {_line(error)}") from None


def _line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
