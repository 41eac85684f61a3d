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
be told, so that somebody else can answer. Where nobody else is asked, the share alone bounds it."""

HOPELESS = 2.0
"""Who would wait so many times longer than it may, by what calls took lately, is told at once: the estimate is
rough, and a place that comes all the same is worth more than being told soon."""

LONGEST_LINE = 1_024
"""Calls in line at most, whatever they have to expect."""

NEWEST = 0.1
"""Weight of the newest call in what calls take."""


class Gate:
    """Lets calls in up to the limit of ``limiter``, the others in the order they came."""

    __slots__ = ("_held_s", "_line", "_wake", "limiter")

    def __init__(self, limiter: Limiter) -> None:
        self.limiter = limiter
        self._line: deque[asyncio.Future[None]] = deque()
        self._wake: asyncio.TimerHandle | None = None
        self._held_s = 0.0  # a mean of how long the last calls held their places

    @property
    def waiting(self) -> int:
        """Calls in line."""
        return len(self._line)

    def crowded(self, now: float) -> bool:
        """Whether calls wait, or may soon have to: what nobody waits for had better not be asked here."""
        limiter = self.limiter
        return bool(self._line) or 2 * limiter.in_flight > limiter.limit or limiter.pause_s(now) > 0

    def enter_at_once(self, now: float) -> bool:
        """Take a place without waiting, if nobody waits and there is one."""
        return not self._line and self.limiter.enter(now)

    async def enter(self, provider: str, deadline: Deadline, *, alone: bool = False) -> None:
        """Wait for a place, longer if ``alone``: nobody else is asked. Cancelling leaves the line.

        Raises:
            RateLimitedError: the vendor asked to be left alone for longer than a call waits.
            ConcurrencyLimitedError: the line is too long, or no place came in time.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        patience_s = SHARE_OF_TIME * deadline.remaining(now)
        if not alone:
            patience_s = min(LONGEST_WAIT_S, patience_s)
        until = now + patience_s
        while (pause := self.limiter.pause_s(now)) > 0:
            if now + pause > until:
                message = "the vendor asked to wait; nothing was sent"
                raise RateLimitedError(provider, message, retry_after_s=pause)
            await asyncio.sleep(pause)
            now = loop.time()
        if self.enter_at_once(now):
            return
        ahead = len(self._line) + 1
        expected_s = self._held_s * ahead / self.limiter.limit
        if ahead > LONGEST_LINE or expected_s > HOPELESS * (until - now):
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

    def leave(self, held_s: float | None = None) -> None:
        """Give the place back, after so many seconds if it was used, and those who wait what there is."""
        if held_s is not None:
            self._held_s += NEWEST * (held_s - self._held_s)
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
