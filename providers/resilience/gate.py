"""The door of one account: calls over its limit wait in line, bounded in number and time."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from providers.errors import ConcurrencyLimitedError, RateLimitedError

if TYPE_CHECKING:
    from providers.provider import Deadline
    from providers.resilience.limiter import Limiter

LONGEST_WAIT_S = 10.0
SHARE_OF_TIME = 0.5
"""A call waits at most so long, and at most for this share of the time it has: who waits longer had better
be told, so that somebody else can answer."""

WAITING_PER_PLACE = 4
"""Calls in line at most for each call the limit allows: those behind would hardly come in in time."""


class Gate:
    """Lets calls in up to the limit of ``limiter``, the others in the order they came."""

    __slots__ = ("_line", "_wake", "limiter")

    def __init__(self, limiter: Limiter) -> None:
        self.limiter = limiter
        self._line: deque[asyncio.Future[None]] = deque()
        self._wake: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """Calls in line."""
        return len(self._line)

    def enter_at_once(self, now: float) -> bool:
        """Take a place without waiting, if nobody waits and there is one."""
        return not self._line and self.limiter.enter(now)

    async def enter(self, provider: str, deadline: Deadline) -> None:
        """Wait for a place. Cancelling leaves the line.

        Raises:
            RateLimitedError: the vendor asked to be left alone for longer than a call waits.
            ConcurrencyLimitedError: the line is too long, or no place came in time.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        until = now + min(LONGEST_WAIT_S, SHARE_OF_TIME * deadline.remaining(now))
        while (pause := self.limiter.pause_s(now)) > 0:
            if now + pause > until:
                message = "the vendor asked to wait; nothing was sent"
                raise RateLimitedError(provider, message, retry_after_s=pause)
            await asyncio.sleep(pause)
            now = loop.time()
        if self.enter_at_once(now):
            return
        if len(self._line) >= WAITING_PER_PLACE * self.limiter.limit:
            raise ConcurrencyLimitedError(provider, "too many calls wait for this vendor")
        place = loop.create_future()
        self._line.append(place)
        try:
            async with asyncio.timeout_at(until):
                await place
        except TimeoutError:
            if not self._given(place):  # else it came at the same moment
                message = "no other call ended in time; nothing was sent"
                raise ConcurrencyLimitedError(provider, message) from None
        except asyncio.CancelledError:
            if self._given(place):
                self.leave()
            raise

    def leave(self) -> None:
        """Give the place back, and those who wait what there is."""
        self.limiter.leave()
        if self._line:
            self._let_in()

    def _given(self, place: asyncio.Future[None]) -> bool:
        """Whether who stops waiting has got the place; else it is out of the line."""
        if place.done() and not place.cancelled():
            return True
        with suppress(ValueError):  # passed over by who let others in
            self._line.remove(place)
        return False

    def _let_in(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._line:
            if self._line[0].done():  # who waited is gone
                del self._line[0]
            elif self.limiter.enter(now):
                self._line.popleft().set_result(None)
            else:
                break
        if self._line and self._wake is None and (pause := self.limiter.pause_s(now)) > 0:
            # After a pause there may be no call under way that ends and lets the next in.
            self._wake = loop.call_later(pause, self._wake_up)

    def _wake_up(self) -> None:
        self._wake = None
        self._let_in()
