"""Waiting for the next of several tasks: `asyncio.wait` for whoever waits again and again.

`asyncio.wait` hangs a callback on every task and sets a timer for each wait, and takes all of them back
after it; a round waits once for every vendor. Here each task gets one callback, and the timer stays as
long as the time does.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self


class Arrivals:
    """Tells when one more of some tasks has ended. A context: leave it, and nothing of it stays behind.

    Args:
        tasks: All of the running event loop.
    """

    def __init__(self, tasks: Iterable[asyncio.Task[Any]]) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks = tuple(tasks)
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        for task in self._tasks:
            task.add_done_callback(self._wake)
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.remove_done_callback(self._wake)

    async def next(self, until: float) -> None:
        """Wait until a task ends that had not when this was called, or until ``until`` on the loop's clock.

        Who waits again looks first whether a task has ended meanwhile: nothing is told twice.
        """
        if self._timer is None or self._timer.when() != until:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(until, self._expire)
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _expire(self) -> None:
        self._timer = (
            None  # Fired: event loops do so up to their clock's grain early, and are asked again.
        )
        self._wake()

    def _wake(self, _: object = None) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
