"""A call in its caller's task and, if it lasts, a second one beside it: the first success wins."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from providers.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from providers.messages import Completion

CLOSING_S = 0.05
"""Longest wait for a second call that lost to close its connection; it goes on closing by itself."""


class Race:
    """Runs the first call where it is awaited: no task is made unless the second is.

    ``second`` is called after ``delay_s``, and gives the second call or None for none.
    """

    __slots__ = (
        "_before",
        "_loop",
        "_main",
        "_over",
        "_second",
        "_task",
        "_timer",
        "failure",
        "won",
    )

    def __init__(
        self, second: Callable[[], Coroutine[None, None, Completion] | None], delay_s: float
    ) -> None:
        main = asyncio.current_task()
        if main is None:
            raise RuntimeError("a race runs in a task")
        self._main = main
        self._before = main.cancelling()
        self._loop = asyncio.get_running_loop()
        self._second = second
        self._task: asyncio.Task[Completion] | None = None
        self._over = False
        self.won = False
        """The second call has won; the first is cancelled, or has failed."""
        self.failure: ProviderError | None = None
        """What the first call failed with."""
        self._timer = self._loop.call_later(delay_s, self._begin)

    async def run(self, first: Awaitable[Completion]) -> Completion:
        """The answer of the call that has one first.

        Raises:
            ProviderError: both failed; the first call's.
        """
        try:
            return await first
        except asyncio.CancelledError:
            # As `asyncio.timeout` tells its own cancelling from another's.
            if self.won and self._main.uncancel() <= self._before and self._task is not None:
                return self._task.result()
            raise
        except ProviderError as failure:
            self._over = True
            self.failure = failure
            if (answer := await self._others_answer()) is not None:
                return answer
            raise
        finally:
            await self._close()

    async def _others_answer(self) -> Completion | None:
        """What the second call answers, None if there is none or it fails too."""
        if self._task is None:
            return None
        try:
            answer = await self._task
        except ProviderError:
            return None  # the first call's error is told
        self.won = True
        return answer

    def _begin(self) -> None:
        call = self._second()
        if call is not None:
            self._task = self._loop.create_task(call)
            self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Completion]) -> None:
        if task.cancelled():
            return
        crash = task.exception()
        if crash is not None and not isinstance(crash, ProviderError):
            # The first call may answer all the same, but a bug is not to go unseen.
            message = "the second call of a race crashed"
            self._loop.call_exception_handler({"message": message, "exception": crash})
        if crash is None and not self._over:
            self.won = True
            self._main.cancel()

    async def _close(self) -> None:
        self._over = True
        self._timer.cancel()
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task], timeout=CLOSING_S)
