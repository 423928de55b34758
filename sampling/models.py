"""Models behind one ledger: requests in, answers out, each stored before it is handed back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from ..errors import UsageError, WorkspaceError, nearest
from ..schemas.canonical import digest
from ..schemas.model import UNPINNED, Answer, Failure, OnAnswer, Reply, Request
from ..store.ledger import Entry, Ledger
from .client import Client, Clock
from .providers import Endpoint
from .settings import Settings, Statistics
from .writer import Writer

__all__ = ["Models", "OnDemand"]

_CHUNK = 500
"""Requests whose answers are looked up together."""


@dataclass(frozen=True)
class OnDemand:
    """An endpoint that is only opened when something has to be asked, and closed with the models."""

    origin: str
    open: Callable[[], AbstractContextManager[Endpoint]]


Group = list[Request]
"""Equal requests: one is asked, all get its answer."""
HandBack = Callable[[Group, Answer, bool], None]


class Models:
    """Answers requests for several models; implements the ``Model`` protocol of ``schemas``.

    Use as a context manager where endpoints are opened on demand.

    Attributes:
        statistics: what asking has come to, over all calls.
    """

    def __init__(
        self,
        endpoints: Mapping[str, Endpoint | OnDemand],
        ledger: Ledger,
        settings: Settings = Settings(),  # noqa: B008 (frozen)
        *,
        fleet: bool = False,
        rng: random.Random | None = None,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        """Takes what is needed and asks nothing yet.

        Args:
            endpoints: where each ``provider/name`` is asked.
            fleet: whether an unpinned model's answers count for all of its endpoints.
            rng: jitters waits; null takes one with a fixed seed. No answer depends on it.
            clock: tells the time, for ``Retry-After`` dates.
        """
        self.statistics = Statistics()
        self._endpoints = dict(endpoints)
        self._ledger = ledger
        self._settings = settings
        self._fleet = fleet
        self._rng = rng or random.Random(0)
        self._clock = clock
        self._opened = ExitStack()
        self._taken: set[str] = set()
        """Keys under which the answer of another origin is stored."""

    def __enter__(self) -> Models:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes what was opened on demand."""
        self._opened.close()

    def unanswered(self, requests: Sequence[Request]) -> list[Request]:
        """Gives the requests that the ledger has no answer of, of equal ones the first; asks nothing."""
        groups = [group for groups in self._grouped(requests).values() for group in groups]
        left = []
        for chunk in _chunks(groups):
            stored = self._stored(chunk)
            left += [group[0] for group in chunk if group[0].key not in stored]
        return left

    def answer(self, requests: Sequence[Request], on_answer: OnAnswer | None = None) -> dict[str, Answer]:
        """Answers every request: from the ledger, or by asking, as many at once as each endpoint bears.

        Args:
            on_answer: called for each request, after its answer is committed; of equal requests all
                but the first count as cached.

        Returns:
            Answers by request key.

        Raises:
            UsageError: when no endpoint is known for a model; nothing has been asked then.
            ModelError: when a model cannot be asked at all. What was answered until then is stored, as it is on
                Ctrl-C and on any other error.
            WorkspaceError: when answers cannot be stored.
        """
        answers: dict[str, Answer] = {}

        def hand_back(group: Group, answer: Answer, cached: bool) -> None:
            answers[group[0].key] = answer
            self.statistics.cached += len(group) - (0 if cached else 1)
            for i, request in enumerate(group):
                if on_answer is not None:
                    on_answer(request, answer, cached or i > 0)

        asked: dict[str, list[Group]] = {}
        for model, groups in self._grouped(requests).items():
            for chunk in _chunks(groups):
                stored = self._stored(chunk)
                for group in chunk:
                    if (answer := stored.get(group[0].key)) is not None:
                        hand_back(group, answer, True)
                    else:
                        asked.setdefault(model, []).append(group)
        if asked:
            work = [(self._open(model), groups) for model, groups in asked.items()]
            with Writer(self._ledger) as writer:
                _run(self._ask_all(work, writer, hand_back))
        return answers

    def _grouped(self, requests: Sequence[Request]) -> dict[str, list[Group]]:
        """Gives groups of equal requests by model, in their order."""
        works: dict[str, dict[str, Group]] = {}
        for request in requests:
            works.setdefault(request.model, {}).setdefault(request.key, []).append(request)
        if unknown := [model for model in works if model not in self._endpoints]:
            raise UsageError(
                "no endpoint is known for some models",
                [f"{model!r}: {nearest(model, list(self._endpoints))}" for model in unknown],
            )
        return {model: list(groups.values()) for model, groups in works.items()}

    def _open(self, model: str) -> Endpoint:
        endpoint = self._endpoints[model]
        if isinstance(endpoint, OnDemand):
            endpoint = self._endpoints[model] = self._opened.enter_context(endpoint.open())
        return endpoint

    def _stored(self, groups: list[Group]) -> dict[str, Answer]:
        """Gives the stored answers that may be used, by request key."""
        found: dict[str, Answer] = {}
        own = {group[0].key: self._own_key(group[0]) for group in groups}
        rows = self._ledger.get_many([*own, *own.values()])
        for request in (group[0] for group in groups):
            for key in (request.key, own[request.key]):
                if key in rows and self._usable(request, rows[key]):
                    found[request.key] = _read(rows[key], key, self._ledger)
                    break
            else:
                if request.key in rows:
                    self._taken.add(request.key)
        return found

    def _own_key(self, request: Request) -> str:
        """Gives where an answer goes when another origin's has the request's own key: that one is never changed."""
        if request.revision != UNPINNED:
            return request.key
        return digest([request.key, self._endpoints[request.model].origin])

    def _usable(self, request: Request, row: dict[str, Any]) -> bool:
        if request.revision != UNPINNED or self._fleet:
            return True
        return bool(row.get("origin") == self._endpoints[request.model].origin)

    async def _ask_all(
        self,
        work: list[tuple[Endpoint, list[Group]]],
        writer: Writer,
        hand_back: HandBack,
    ) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                for endpoint, groups in work:
                    tasks.create_task(self._ask_one_model(endpoint, groups, writer, hand_back))
        except BaseExceptionGroup as caught:
            raise _first(caught) from None

    async def _ask_one_model(
        self,
        endpoint: Endpoint,
        groups: list[Group],
        writer: Writer,
        hand_back: HandBack,
    ) -> None:
        waiting = iter(groups)
        client = Client(endpoint, self._settings, self.statistics, rng=self._rng, clock=self._clock)

        async def worker() -> None:
            # The workers share one iterator: as many requests are alive as there are workers, however many are owed.
            for group in waiting:
                request = group[0]
                self.statistics.calls += 1
                answer = await client.ask(request)
                self._count(answer)
                await self._keep(request, answer, endpoint, writer)
                hand_back(group, answer, False)

        async with client, asyncio.TaskGroup() as tasks:
            for _ in range(min(client.gate.most, len(groups))):
                tasks.create_task(worker())

    def _count(self, answer: Answer) -> None:
        if isinstance(answer, Failure):
            self.statistics.failed += 1
        else:
            self.statistics.prompt_tokens += answer.prompt_tokens or 0
            self.statistics.completion_tokens += answer.completion_tokens or 0

    async def _keep(self, request: Request, answer: Answer, endpoint: Endpoint, writer: Writer) -> None:
        """Stores replies and permanent failures, and returns when they are committed."""
        if isinstance(answer, Failure) and not answer.permanent:
            return
        kind = "reply" if isinstance(answer, Reply) else "failure"
        row = {"kind": kind, **asdict(answer), "origin": endpoint.origin}
        key = self._own_key(request) if request.key in self._taken else request.key
        await writer.submit(Entry(key, request.record(), row))


def _chunks(groups: list[Group]) -> Iterator[list[Group]]:
    return (groups[start : start + _CHUNK] for start in range(0, len(groups), _CHUNK))


def _read(row: dict[str, Any], key: str, ledger: Ledger) -> Answer:
    """Reads a stored answer back."""
    fields = dict(row)
    kind = fields.pop("kind", None)
    try:
        if kind == "reply":
            return Reply(**fields)
        if kind == "failure":
            fields.pop("origin", None)
            return Failure(**fields)
    except TypeError:
        pass
    raise WorkspaceError(f"the ledger {str(ledger.path)!r} holds no answer that can be read under {key}: {row!r:.200}")


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Gives the first error of a group of groups: the one that ended the work."""
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Runs a coroutine to its end in a loop of its own; where one is running, as in a notebook, in a thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(work)
        return
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()
