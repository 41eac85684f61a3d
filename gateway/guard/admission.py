"""Bounded concurrency: as many requests at once as the process bears, a refusal for the rest.

A request beyond the limit waits in a short queue, if there is one, and is otherwise refused at
once: a caller who is told to come back is better off than one who times out. Draining refuses all
newcomers, the queue included, and waits for those who are in; who is still in when the time is up
is put out with an error of its own, so that it reads neither as a crash nor as a caller who left.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from gateway.errors import OverloadedError, ShuttingDownError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Admission:
    """The door of one process, on one event loop.

    Args:
        limit: Requests in flight at most, at least 1.
        queue: Requests waiting at most; 0 refuses at once.
        patience_s: How long one waits in the queue.
        retry_after_s: What a refused caller is told to wait.
    """

    def __init__(
        self, limit: int, *, queue: int = 0, patience_s: float = 1.0, retry_after_s: float = 1.0
    ) -> None:
        if limit < 1 or queue < 0:
            raise ValueError(f"no door lets {limit} in and {queue} wait")
        self._limit = limit
        self._queue_limit = queue
        self._patience_s = patience_s
        self._retry_after_s = retry_after_s
        self._in_flight = 0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._draining = False
        self._inside: set[asyncio.Timeout] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def in_flight(self) -> int:
        """Requests inside now."""
        return self._in_flight

    @property
    def waiting(self) -> int:
        """Requests in the queue now."""
        return len(self._waiters)

    @property
    def draining(self) -> bool:
        """Whether newcomers are refused for good."""
        return self._draining

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Hold a place for as long as the block runs.

        Raises:
            OverloadedError: No place, or none within the patience; or the process is shutting down.
            ShuttingDownError: `put_out` came while the block ran; what ran in it was cancelled.
        """
        await self._acquire()
        # A time-out without a time: `put_out` sets it. It alone tells our cancelling from others'.
        stay = asyncio.timeout(None)
        try:
            async with stay:
                self._inside.add(stay)
                yield
        except TimeoutError as end:
            if not stay.expired():
                raise
            raise ShuttingDownError(
                "the server is shutting down", retry_after_s=self._retry_after_s
            ) from end
        finally:
            self._inside.discard(stay)
            self._release()

    def start_draining(self) -> None:
        """Refuse all newcomers from now on, and those who wait."""
        self._draining = True
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_exception(self._refusal())

    async def drain(self, limit_s: float) -> bool:
        """Start draining and wait for those inside.

        Returns:
            Whether all were out within ``limit_s`` seconds.
        """
        self.start_draining()
        try:
            async with asyncio.timeout(limit_s):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def put_out(self) -> int:
        """End those still inside, now. Returns how many."""
        now = asyncio.get_running_loop().time()
        for stay in self._inside:
            stay.reschedule(now)
        return len(self._inside)

    async def _acquire(self) -> None:
        if self._draining:
            raise self._refusal()
        if self._in_flight < self._limit:
            self._occupy()
            return
        if len(self._waiters) >= self._queue_limit:
            raise self._refusal()
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(self._patience_s):
                await waiter  # whoever leaves hands its place over: it stays occupied
        except BaseException as failure:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._release()  # the place came in the same moment as the end of the wait
            elif waiter in self._waiters:
                self._waiters.remove(waiter)
            if isinstance(failure, TimeoutError):
                raise self._refusal() from None
            raise

    def _occupy(self) -> None:
        self._in_flight += 1
        self._idle.clear()

    def _release(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._in_flight -= 1
        if self._in_flight == 0:
            self._idle.set()

    def _refusal(self) -> OverloadedError:
        reason = (
            "the server is shutting down; another instance will answer"
            if self._draining
            else f"the server is answering {self._limit} requests, as many as it takes at once"
        )
        return OverloadedError(reason, retry_after_s=self._retry_after_s)
