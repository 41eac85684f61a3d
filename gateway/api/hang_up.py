"""Work for a caller ends when the caller hangs up, down to the vendors' sockets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from gateway.errors import CallerGoneError

if TYPE_CHECKING:
    from types import TracebackType

    from starlette.types import Receive


class WhileThere:
    """A block that is cancelled when the caller hangs up, and then raises `CallerGoneError`.

    ``receive`` is the request's own, its body read to the end. One task watches it, and the block runs
    where it stands: a task for each, waited for together, costs twice as much. Like `asyncio.timeout`
    it tells its own cancelling from others', and belongs to the task that enters it.
    """

    __slots__ = ("_cancelling", "_gone", "_receive", "_task", "_watcher")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._gone = False

    async def __aenter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a block is cancelled by its task, and this runs in none")
        self._task = task
        self._cancelling = task.cancelling()
        self._watcher = asyncio.get_running_loop().create_task(self._watch())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._watcher.cancel()
        if not self._gone:
            return
        ours = self._task.uncancel() <= self._cancelling
        if ours and kind is not None and issubclass(kind, asyncio.CancelledError):
            raise CallerGoneError("the caller hung up before the answer was there") from error

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        self._task.cancel()
