"""The door to models: one request over HTTP, with all the patience it needs, ends in an answer or in an error."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType

import httpx2

from ..errors import ModelRefused, ModelUnreachable, nearest
from ..schemas.messages import check_messages
from ..schemas.model import Answer, Failure, Reply, Request
from .chat import Again, Outcome, Refusal, Throttled, read_response, render
from .gate import Gate
from .providers import Endpoint
from .settings import Settings, Statistics

__all__ = ["Client", "Clock", "retry_after"]

Clock = Callable[[], datetime]
"""Gives the time, with its zone; read only to understand a ``Retry-After`` that is a date."""

_LONGEST_BACKOFF = 60.0
_NETWORK = (httpx2.NetworkError, httpx2.RemoteProtocolError)


class Client:
    """Asks one endpoint. Use as an async context manager, inside one event loop."""

    def __init__(
        self,
        endpoint: Endpoint,
        settings: Settings,
        statistics: Statistics,
        *,
        rng: random.Random,
        clock: Clock,
    ) -> None:
        self.endpoint = endpoint
        self.gate = Gate(min(endpoint.concurrency or settings.concurrency, settings.concurrency))
        self._settings = settings
        self._statistics = statistics
        self._rng = rng
        self._clock = clock
        self._busy = dict.fromkeys((endpoint.base_url, *endpoint.peers), 0)
        headers = {"Content-Type": "application/json"}
        if endpoint.api_key:
            headers["Authorization"] = f"Bearer {endpoint.api_key}"
        self._http = httpx2.AsyncClient(
            headers=headers,
            timeout=httpx2.Timeout(settings.timeout, connect=min(10.0, settings.timeout)),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=self.gate.most),
            trust_env=not endpoint.loopback,
        )

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def ask(self, request: Request) -> Answer:
        """Asks until there is an answer or patience is used up.

        Raises:
            ModelRefused: when the endpoint refuses us, whatever we ask, or throttles us without end.
            ModelUnreachable: when nothing accepts a connection.
        """
        _, problem = check_messages(request.messages)
        if problem:
            return Failure("bad_request", f"{problem[0]}: {problem[1]}", permanent=True)
        body = render(request, self.endpoint)
        patience = _Patience(self._settings, self._rng, self.gate.answered)
        while True:
            async with self.gate.passing() as epoch:
                outcome, after = await self._send(body)
                if isinstance(outcome, Throttled):
                    wait = patience.throttled(after)
                    self.gate.throttle(epoch, wait or 0.0)
                elif isinstance(outcome, Reply | Failure):
                    self.gate.succeed()
                    return outcome
            if isinstance(outcome, Refusal):
                raise await self._refused(outcome)
            if isinstance(outcome, _Unreachable):
                wait = patience.unreachable()
                if wait is None:
                    raise self._unreachable(outcome)
            elif isinstance(outcome, Again):
                wait = patience.again()
                if wait is None:
                    return Failure(outcome.reason, f"{outcome.detail} ({patience.tries} tries)", permanent=False)
            elif wait is None:
                return self._throttled_out(outcome, patience)
            self._statistics.retries += 1
            await asyncio.sleep(wait)

    async def _send(self, body: bytes) -> tuple[Outcome | _Unreachable, float | None]:
        """Sends once; gives the outcome and the seconds of ``Retry-After``, null where there is none."""
        server = min(self._busy, key=self._busy.__getitem__)
        self._busy[server] += 1
        try:
            async with asyncio.timeout(self._settings.timeout):
                response = await self._http.post(f"{server}/chat/completions", content=body)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            return _Unreachable(str(error) or type(error).__name__), None
        except (TimeoutError, httpx2.TimeoutException):
            return Again("timeout", f"no answer within {self._settings.timeout:g} s"), None
        except httpx2.DecodingError as error:
            return Again("parse", f"the body cannot be decompressed: {error}"), None
        except _NETWORK as error:
            return Again("server", f"the connection broke: {error or type(error).__name__}"), None
        except httpx2.TransportError as error:
            return _Unreachable(str(error) or type(error).__name__), None
        finally:
            self._busy[server] -= 1
        outcome = read_response(response.status_code, response.content, self.endpoint)
        return outcome, retry_after(response.headers.get("retry-after"), self._clock())

    async def _refused(self, refusal: Refusal) -> ModelRefused:
        endpoint = self.endpoint
        if not refusal.unknown_model:
            return ModelRefused(
                f"{endpoint.base_url} refuses requests for {endpoint.name!r} ({refusal.detail}): "
                "check the key, its rights and credit, and the URL; what was answered is kept"
            )
        offered = await self._offered()
        hint = nearest(endpoint.name, offered) if offered else "it does not list what it offers; check the URL too"
        return ModelRefused(f"{endpoint.base_url} serves no model {endpoint.name!r} ({refusal.detail}): {hint}")

    async def _offered(self) -> list[str]:
        """Lists the models the endpoint offers, the first 50; empty when it does not say."""
        try:
            response = await self._http.get(f"{self.endpoint.base_url}/models", timeout=5.0)
            return [str(model["id"]) for model in response.json()["data"]][:50]
        except (httpx2.HTTPError, ValueError, KeyError, TypeError):
            return []

    def _unreachable(self, outcome: _Unreachable) -> ModelUnreachable:
        if self.endpoint.label:
            return ModelUnreachable(
                f"the {self.endpoint.label} model {self.endpoint.name!r} has ended ({outcome.detail}): "
                "what was answered is kept, the same command goes on from there"
            )
        return ModelUnreachable(
            f"nothing answers at {self.endpoint.base_url} ({outcome.detail}): start the server, or set the provider's "
            "_BASE_URL variable to where it listens; what was answered is kept, the same command goes on from there"
        )

    def _throttled_out(self, outcome: Throttled, patience: _Patience) -> Failure:
        waited = f"throttled for more than {self._settings.throttle_wait:g} s ({outcome.detail})"
        if self.gate.answered == patience.answered_before:
            raise ModelRefused(
                f"{self.endpoint.base_url} answers nothing: {waited}; a rate limit or quota is used up. "
                "What was answered is kept: run the same command again later"
            )
        return Failure("server", waited, permanent=False)


class _Unreachable:
    """Nothing accepts the connection."""

    def __init__(self, detail: str) -> None:
        self.detail = detail


class _Patience:
    """How long one request has waited, and how long it will; each method gives the next wait, or null for no more."""

    def __init__(self, settings: Settings, rng: random.Random, answered: int) -> None:
        self.tries = 1
        self.answered_before = answered
        self._settings = settings
        self._rng = rng
        self._throttles = 0
        self._throttle_wait = 0.0
        self._connects = 0
        self._connect_wait = 0.0

    def again(self) -> float | None:
        if self.tries > self._settings.retries:
            return None
        self.tries += 1
        return self._backoff(self.tries - 2)

    def throttled(self, after: float | None) -> float | None:
        left = self._settings.throttle_wait - self._throttle_wait
        # A server that asks for more than is left would be asked too early, and in vain.
        if left <= 0 or (after or 0.0) > left:
            return None
        wait = self._backoff(self._throttles) if after is None else after + 0.1 * self._rng.random()
        self._throttles += 1
        wait = min(max(wait, 0.05), left)
        self._throttle_wait += wait
        return wait

    def unreachable(self) -> float | None:
        left = self._settings.connect_wait - self._connect_wait
        if left <= 0:
            return None
        wait = min(0.5 * 2.0 ** min(self._connects, 3), left)
        self._connects += 1
        self._connect_wait += wait
        return wait

    def _backoff(self, n: int) -> float:
        """Full jitter over the upper half of an exponential: never less than half of it."""
        longest = min(self._settings.backoff * 2.0 ** min(n, 16), _LONGEST_BACKOFF)
        return longest * (0.5 + 0.5 * self._rng.random())


def retry_after(header: str | None, now: datetime) -> float | None:
    """Reads a ``Retry-After`` header (RFC 9110, section 10.2.3): seconds, or a date.

    Returns:
        Seconds to wait from ``now``, at least 0; null where there is no header or it cannot be read.
    """
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            date = parsedate_to_datetime(header)
        except ValueError:
            return None
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        seconds = (date - now).total_seconds()
    return max(0.0, seconds) if seconds == seconds and seconds < float("inf") else None
