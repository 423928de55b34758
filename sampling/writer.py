"""The thread that commits answers: whatever is queued, as soon as the last commit ends."""

from __future__ import annotations

import asyncio
from queue import SimpleQueue
from threading import Thread
from types import TracebackType

from ..store.ledger import Entry, Ledger

__all__ = ["Writer"]

_MOST = 1000
"""Entries of one transaction at most."""

_Queued = tuple[Entry, asyncio.AbstractEventLoop, "asyncio.Future[None]"]


class Writer:
    """Commits entries in the background. Use as a context manager: leaving it commits what is queued."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._queue: SimpleQueue[_Queued | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="ledger-writer", daemon=True)
        self._error: BaseException | None = None

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._queue.put(None)
        self._thread.join()
        if error is None and self._error is not None:
            raise self._error

    def submit(self, entry: Entry) -> asyncio.Future[None]:
        """Queues an entry at once; the future is done when it is committed, or holds why it was not."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._queue.put((entry, loop, done))
        return done

    def _run(self) -> None:
        going = True
        while going:
            batch: list[_Queued] = []
            item = self._queue.get()
            while item is not None:
                batch.append(item)
                if len(batch) == _MOST or self._queue.empty():
                    break
                item = self._queue.get()
            going = item is not None
            if batch:
                self._commit(batch)

    def _commit(self, batch: list[_Queued]) -> None:
        error: BaseException | None = None
        try:
            self._ledger.put_many(entry for entry, _, _ in batch)
        except BaseException as caught:  # handed to everybody who waits
            error = self._error = caught
        loop = batch[0][1]
        try:
            loop.call_soon_threadsafe(_settle, [done for _, _, done in batch], error)
        except RuntimeError:
            # The loop is closed: the run was cancelled, and nobody waits for these any more.
            pass


def _settle(waiting: list[asyncio.Future[None]], error: BaseException | None) -> None:
    for done in waiting:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
