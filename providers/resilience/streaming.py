"""How long a stream is waited for: for its first piece, and between two."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from providers.errors import CutReplyError, EmptyReplyError, TimedOutError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from providers.messages import Completion, Piece


class SlowBeginningError(TimedOutError):
    """A stream was given up before its first piece, for another endpoint to begin it."""

    retryable = True


async def first_within(
    provider: str,
    source: AsyncGenerator[Piece | Completion, None],
    seconds: float | None,
) -> Piece | Completion:
    """The first piece of a stream.

    Raises:
        SlowBeginningError: it did not come within so many seconds; None waits as long as the adapter.
        EmptyReplyError: the stream ended without a piece, which its adapter must not let it.
    """
    try:
        async with asyncio.timeout(seconds):
            return await anext(source)
    except TimeoutError:
        raise SlowBeginningError(provider, "the stream did not begin in time") from None
    except StopAsyncIteration:
        raise EmptyReplyError(provider, "the stream ended before it began") from None


class Silence:
    """Ends a stream that stays silent for too long between two pieces.

    One timer a stream: it looks from time to time since when the next piece is waited for, so that a piece costs no
    timer. What the reader takes between two pieces does not count.
    """

    __slots__ = ("_before", "_fired", "_limit_s", "_loop", "_main", "_provider", "_since", "_timer")

    def __init__(self, provider: str, limit_s: float | None) -> None:
        self._provider = provider
        self._limit_s = limit_s
        self._loop = asyncio.get_running_loop()
        self._main: asyncio.Task[object] | None = None
        self._before = 0
        self._since: float | None = None
        self._fired = False
        self._timer: asyncio.TimerHandle | None = None
        if limit_s is not None:
            self._timer = self._loop.call_later(limit_s, self._look, limit_s)

    @property
    def too_long(self) -> bool:
        """It has ended the stream."""
        return self._fired

    async def next_of(
        self, source: AsyncGenerator[Piece | Completion, None]
    ) -> Piece | Completion | None:
        """The next piece, None at the end.

        Raises:
            CutReplyError: the silence was too long.
        """
        if self._timer is None:
            return await anext(source, None)
        self._main = main = asyncio.current_task()
        self._before = main.cancelling() if main is not None else 0
        self._since = self._loop.time()
        try:
            return await anext(source, None)
        except asyncio.CancelledError:
            if self._fired and main is not None and main.uncancel() <= self._before:
                message = f"the stream was silent for {self._limit_s:g} s"
                raise CutReplyError(self._provider, message) from None
            raise
        finally:
            self._since = None

    def close(self) -> None:
        """The stream is over."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self, limit_s: float) -> None:
        silent_s = 0.0 if self._since is None else self._loop.time() - self._since
        if self._main is not None and silent_s >= limit_s:
            self._fired = True
            self._main.cancel()
        else:
            self._timer = self._loop.call_later(limit_s - silent_s, self._look, limit_s)
