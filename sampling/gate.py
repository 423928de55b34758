"""The gate: how many requests an endpoint gets at once, learnt from how it answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["Gate"]


class Gate:
    """Lets requests through: one more after as many answers as are allowed, half as many after a wish for fewer.

    Additive increase, multiplicative decrease, as TCP has it (RFC 5681, section 3.1). Refusals of requests that were
    under way together halve it once.
    """

    def __init__(self, most: int) -> None:
        """Opens the gate.

        Args:
            most: requests in flight at most; it begins there.
        """
        self.most = most
        self.allowed = float(most)
        self.answered = 0
        """Answers since it opened: tells a throttled endpoint from one that answers nobody."""
        self._inside = 0
        self._epoch = 0
        self._held_until = 0.0
        self._waiting: list[asyncio.Future[None]] = []

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[int]:
        """Waits for room, holds it and gives the epoch to hand to ``throttle``."""
        loop = asyncio.get_running_loop()
        while True:
            wait = self._held_until - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            elif self._inside >= int(self.allowed):
                turn: asyncio.Future[None] = loop.create_future()
                self._waiting.append(turn)
                await turn
            else:
                break
        self._inside += 1
        try:
            yield self._epoch
        finally:
            self._inside -= 1
            self._wake()

    def succeed(self) -> None:
        """Notes an answer."""
        self.answered += 1
        self.allowed = min(float(self.most), self.allowed + 1.0 / self.allowed)

    def throttle(self, epoch: int, seconds: float) -> None:
        """Notes a wish for fewer requests and lets none through for a while.

        Args:
            epoch: what ``passing`` gave; an older one than now's does not halve again.
            seconds: how long to hold everybody.
        """
        self._held_until = max(self._held_until, asyncio.get_running_loop().time() + seconds)
        if epoch == self._epoch:
            self._epoch += 1
            self.allowed = max(1.0, self.allowed / 2)

    def _wake(self) -> None:
        """Lets all who wait look again; at most a few hundred do."""
        waiting, self._waiting = self._waiting, []
        for turn in waiting:
            if not turn.done():
                turn.set_result(None)
