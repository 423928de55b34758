"""The models of one recipe: what pins them, where they are asked, what is owed of them, and the asking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import fields
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from ..errors import UsageError
from ..schemas.model import UNPINNED, Answer, Failure, Request
from ..schemas.recipe import ModelUse, Strategy
from ..schemas.response import Responses
from ..schemas.runtime import Runtime
from ..schemas.tables import empty, frame_of
from ..store.ledger import Ledger, Spent
from .by_batch import ask_by_batch, refuse_under_way
from .connect import connect, revisions
from .counting import counting
from .endpoints import Endpoints, load_endpoints
from .estimate import Estimate, Range, estimate, measure
from .formats.format import Format, read_answer
from .meter import Limits
from .models import Models, OnDemand
from .outlook import beyond
from .prices import Prices, load_prices, require_prices
from .providers import Endpoint
from .requests import Owed, Owing, response_row
from .settings import Settings, Statistics
from .spending import Spending
from .tell import Tell

__all__ = ["Asked", "Session", "by_model"]

ASKING = ("checklist", "sample", "label")
"""The stages that ask; their progress is finished by whoever runs them."""
T = TypeVar("T")
Work = Mapping[str, Callable[[], Iterator[Request]]]
"""What each model is asked, made anew each time it is called."""

_CHUNK = 5000
"""Rows that are made together: a table takes less room than its rows do."""


class Asked:
    """What was asked came to: the rows, and which requests have no answer.

    Attributes:
        responses: table ``Responses``, a row for each response owed.
        failures: requests without an answer by reason.
        retryable: those among them that may have one when they are asked again.
    """

    def __init__(self, responses: pl.DataFrame, failures: Counter[str], retryable: int) -> None:
        self.responses, self.failures, self.retryable = responses, failures, retryable


class Session:
    """Nothing is fetched, started or asked before ``ask``.

    Attributes:
        revisions: what pins each model, by id.
        usage: what asking has come to.
        expected: what was owed before anything was asked, a row per task and model.
    """

    def __init__(self, uses: Sequence[ModelUse], ledger: Path, runtime: Runtime, *, fleet: bool = False) -> None:
        """Looks up what pins the models.

        Args:
            uses: every model that a stage asks.
            ledger: the ledger's file; made when something is asked.
            fleet: whether an unpinned model's answers count wherever they come from.
        """
        self.endpoint_uses: Endpoints = load_endpoints(runtime.endpoints) if runtime.endpoints else {}
        self.revisions = revisions(uses, runtime.environ)
        self.usage = Statistics()
        self.expected: list[tuple[str, Estimate]] = []
        self._uses, self._fleet, self._ledger, self._runtime = uses, fleet, ledger, runtime
        self._settings = Settings(concurrency=runtime.concurrency)

    @cached_property
    def prices(self) -> Prices:
        """The price list."""
        return load_prices(self._runtime.prices)

    @cached_property
    def _endpoints(self) -> dict[str, Endpoint | OnDemand]:
        """Where models are asked, with all that asking needs."""
        return connect(self._uses, self._runtime.environ, self.endpoint_uses, self._runtime.progress)

    @cached_property
    def _known(self) -> dict[str, Endpoint | OnDemand]:
        """The same without keys or engines, for those who ask nothing."""
        return connect(self._uses, self._runtime.environ, self.endpoint_uses, ready=False)

    def origins(self, uses: Sequence[ModelUse]) -> dict[str, list[str]]:
        """Says where the answers of unpinned models come from; empty where all endpoints are one fleet."""
        unpinned = sorted({use.id for use in uses if self.revisions[use.id] == UNPINNED})
        return {} if self._fleet else {id: sorted(self._known[id].origins) for id in unpinned}

    def check(self) -> None:
        """Raises what would keep models from being asked: a missing key, a URL that is none, a missing engine or price.

        Raises:
            UsageError: with every problem.
            MissingExtra: when the embedded model's engine is not installed.
        """
        if self._runtime.max_cost is not None:
            require_prices(self._known, self.prices)
        _ = self._endpoints

    def spent(self, build: str) -> Spent:
        """Says what a build has paid for, over all of its runs."""
        if not self._ledger.exists():
            return Spent(0, 0, 0, 0.0, 0)
        with Ledger.read(self._ledger) as ledger:
            return ledger.spent(build)

    def unanswered(self, requests: Iterable[Request]) -> Iterator[Request]:
        """Gives the requests that the ledger has no answer of, of equal ones nearby the first; writes nothing."""
        with self._reading() as models:
            for chunk in _chunks(requests):
                stored = {} if models is None else models.stored(chunk)
                yield from {request.key: request for request in chunk if request.key not in stored}.values()

    def owed(self, owing: Owing) -> tuple[dict[str, Iterator[Request]], dict[str, Endpoint]]:
        """Gives what is owed of each model and where it is asked, for those who ask in another way; needs no key.

        Raises:
            UsageError: for embedded models, which answer nobody else.
        """
        endpoints = {id: endpoint for id, endpoint in self._known.items() if isinstance(endpoint, Endpoint)}
        if embedded := sorted(set(self._known) - set(endpoints)):
            raise UsageError(f"embedded models have no batches: benchwright build asks them ({', '.join(embedded)})")
        work = {id: self.unanswered(item.request for item in owing.of(id)) for id in endpoints}
        return work, endpoints

    def estimate(self, requests: Iterable[Request], *, count: bool = False) -> list[Estimate]:
        """Says what is owed of each model, in requests, tokens and dollars; asks nothing.

        Args:
            count: whether prompts are counted by the models' tokenizers, where they are at hand.
        """
        measured = {}
        if self._ledger.exists():
            with Ledger.read(self._ledger) as ledger:
                measured = {id: measure(ledger.samples(id)) for id in self.revisions}
        with counting(self._known, self._runtime.environ) if count else nullcontext() as counter:
            return estimate(self.unanswered(requests), self.prices, measured, counter, self._runtime.batch)

    def answers(self, requests: Iterable[Request]) -> dict[str, Answer]:
        """Gives the stored answers of requests, by key."""
        with Ledger.read(self._ledger) as ledger:
            models = self._models(ledger)
            return {key: answer for chunk in _chunks(requests) for key, answer in models.stored(chunk).items()}

    def ask(self, work: Work, build: str, task: str, total: int) -> None:
        """Answers what is owed, from the ledger or, each once, from its model; says first what that takes.

        Args:
            work: what each model is asked, made anew each time it is called.
            build: who pays, as the ledger notes it.
            task: what the progress is called; all but the stages' own are finished here.
            total: requests in all.

        Raises:
            ModelError: when a model cannot be asked, or a limit is reached; what was answered until then is kept.
        """
        expected = self.estimate(request for one in work.values() for request in one())
        self.expected += [(task, one) for one in expected]
        runtime, spent = self._runtime, self.spent(build)
        tell = Tell(runtime.progress, task, total, expected, self.usage, runtime.clock)
        spending = Spending(
            self.prices,
            Limits(runtime.max_cost, runtime.max_tokens),
            spent.cost,
            spent.prompt_tokens + spent.completion_tokens,
            runtime.batch,
        )
        with Ledger(self._ledger) as ledger:
            online = work
            if runtime.batch:
                online = self._by_batch(work, expected, ledger, build, spending)
            else:
                refuse_under_way(self.unanswered(r for one in work.values() for r in one()), ledger)
            with self._models(ledger, spending, build, runtime.retry_failed and not runtime.batch) as models:
                # Later rounds add to what the first came to.
                models.statistics = self.usage
                try:
                    models.stream({model: one() for model, one in online.items()}, lambda *_: tell.one())
                finally:
                    tell.end()
                if task not in ASKING:
                    runtime.progress.finish(task)

    def _by_batch(
        self, work: Work, expected: Sequence[Estimate], ledger: Ledger, build: str, spending: Spending
    ) -> Work:
        """Asks hosted models by batches; gives what is left to ask one by one: of embedded models."""
        hosted = {id: end for id in work if isinstance(end := self._endpoints[id], Endpoint)}
        already = ledger.spent(build)
        self.usage.calls += ask_by_batch(
            hosted, lambda id: self.unanswered(work[id]()), expected, ledger, build, spending, self._runtime
        )
        spent, usage = ledger.spent(build), self.usage
        usage.prompt_tokens += spent.prompt_tokens - already.prompt_tokens
        usage.completion_tokens += spent.completion_tokens - already.completion_tokens
        usage.cost += spent.cost - already.cost
        usage.unpriced += spent.unpriced - already.unpriced
        return {id: one for id, one in work.items() if id not in hosted}

    def collect(self, owing: Iterable[Owed], format: Format) -> Asked:
        """Makes the rows of what was asked, out of the ledger."""
        frames, failures, retryable = [empty(Responses)], Counter[str](), 0
        with Ledger.read(self._ledger) as ledger:
            models = self._models(ledger)
            for chunk in _chunks(owing):
                stored = models.stored([item.request for item in chunk])
                rows = []
                for item in chunk:
                    answer = _read(stored.get(item.request.key), format)
                    if isinstance(answer, Failure):
                        failures[answer.reason] += 1
                        retryable += not answer.permanent
                    rows.append(response_row(item, answer))
                frames.append(frame_of(Responses, rows))
        return Asked(pl.concat(frames), failures, retryable)

    def report(self, build: str) -> dict[str, Any]:
        """Says what asking came to, as ``run.json`` has it: this run's calls, all the build spent, the forecast."""
        usage, spent = self.usage, self.spent(build)
        report: dict[str, Any] = {
            "model_calls": usage.calls,
            "cached": usage.cached,
            "retries": usage.retries,
            "tokens": {"prompt": usage.prompt_tokens, "completion": usage.completion_tokens},
            "cost": None if usage.unpriced else usage.cost,
            "spent": _spent(spent),
        }
        if usage.calls:
            report |= {"expected": _rows(self.expected), "prices": self._price_list()}
        return report

    def beyond(self, strategy: Strategy | None, owing: Owing, constraints: pl.DataFrame) -> list[tuple[str, Estimate]]:
        """Gives what a strategy may ask beyond first answers, each with what it is called."""
        if strategy is None:
            return []
        first = estimate((item.request for item in owing), self.prices, batch=self._runtime.batch)
        more = beyond(strategy, first, constraints, self.prices, self._runtime.batch)
        return [(f"sample: {name}", one) for name, one in more]

    def outlook(
        self, expected: Sequence[tuple[str, Estimate]], rest: Sequence[tuple[str, Estimate]], build: str
    ) -> dict[str, Any]:
        """Says what asking would come to, as ``Plan`` has it.

        Args:
            expected: what is owed, each with the stage that asks.
            rest: what may be asked beyond it, likewise.
        """
        prompt = sum(round(one.prompt_tokens.likely) for _, one in expected)
        completion = sum(round(one.completion_tokens.high) for _, one in expected)
        return {
            "tokens": {"prompt": prompt, "completion": completion},
            "models": _rows([*expected, *rest]),
            "spent": _spent(self.spent(build)),
            "prices": self._price_list(),
        }

    def _price_list(self) -> dict[str, str]:
        return {"name": self.prices.name, "date": self.prices.date, "sha256": self.prices.digest}

    @contextmanager
    def _reading(self) -> Iterator[Models | None]:
        """Gives the models over a ledger that is only read; null where there is none yet."""
        if not self._ledger.exists():
            yield None
            return
        with Ledger.read(self._ledger) as ledger:
            yield self._models(ledger, retry_failed=self._runtime.retry_failed)

    def _models(
        self,
        ledger: Ledger,
        spending: Spending = Spending(),  # noqa: B008 (frozen)
        build: str = "",
        retry_failed: bool = False,
    ) -> Models:
        """Gives the models; those of no build are only looked up."""
        return Models(
            self._endpoints if build else self._known,
            ledger,
            self._settings,
            fleet=self._fleet,
            spending=spending,
            build=build,
            retry_failed=retry_failed,
        )


def _spent(spent: Spent) -> dict[str, Any]:
    tokens = {"prompt": spent.prompt_tokens, "completion": spent.completion_tokens}
    return {"answers": spent.answers, "tokens": tokens, "cost": spent.cost, "unpriced": spent.unpriced}


def _rows(expected: Sequence[tuple[str, Estimate]]) -> list[dict[str, Any]]:
    return [_row(stage, one) for stage, one in expected]


def _row(stage: str, one: Estimate) -> dict[str, Any]:
    """Gives an estimate as JSON types, ranges by the names of their ends."""
    values = {field.name: getattr(one, field.name) for field in fields(one)}
    plain = {name: value._asdict() if isinstance(value, Range) else value for name, value in values.items()}
    return {"stage": stage, **plain}


def by_model(requests: Iterable[Request]) -> dict[str, Callable[[], Iterator[Request]]]:
    """Gives requests as what each model is asked."""
    work: dict[str, list[Request]] = {}
    for request in requests:
        work.setdefault(request.model, []).append(request)
    return {model: partial(iter, ones) for model, ones in work.items()}


def _read(answer: Answer | None, format: Format) -> Answer:
    if answer is None:
        return Failure("missing", "nobody has answered yet", permanent=False)
    return read_answer(answer, format)


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
