"""A response of server-sent events: begun with its first event, kept alive while there is none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from gateway.errors import CallerGoneError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Send

KEEP_ALIVE_S: Final = 15.0
"""Silence after which a comment is sent (the advice of the WHATWG standard, server-sent events)."""

KEEP_ALIVE: Final = b": keep-alive\n\n"
"""A comment: clients pass over it."""

READER_S: Final = 120.0
"""A caller who takes nothing for so long, with more to write than its connection buffers, is given up."""

END: Final = b"data: [DONE]\n\n"
"""The end marker of OpenAI's streams: without it a stream was cut."""


class EventWriter:
    """Writes events to ``send``; ``head`` gives the headers, asked once when the first is written.

    Until then an error can still be answered with its own status: a caller whose vendor fails before
    its first word is told so as if it had not streamed. Only where that takes longer than
    `KEEP_ALIVE_S` the response begins with a comment, so that nothing between us cuts the silence.
    Nothing piles up here: each write waits until the connection takes it.
    """

    def __init__(
        self,
        send: Send,
        head: Callable[[], list[tuple[bytes, bytes]]],
        *,
        keep_alive_s: float = KEEP_ALIVE_S,
    ) -> None:
        self._send = send
        self._head = head
        self._keep_alive_s = keep_alive_s
        self._loop = asyncio.get_running_loop()
        self._lock = asyncio.Lock()  # a comment may come between, but not into a write
        self._wrote_at = self._loop.time()
        self._timer = self._loop.call_later(keep_alive_s, self._tick)
        self._comment: asyncio.Task[None] | None = None
        self._ended = False
        self.begun = False
        """Whether the response has begun: from here on errors are events."""

    async def write(self, data: bytes, *, more: bool = True) -> None:
        """Send ``data``, whole events, to the caller.

        Raises:
            CallerGoneError: It does not read.
        """
        try:
            async with asyncio.timeout(READER_S), self._lock:
                self._ended = not more
                await self._put(data, more=more)
        except TimeoutError:
            raise CallerGoneError(f"the caller took nothing for {READER_S:g} s") from None

    async def end(self, data: bytes) -> None:
        """Send the last events and end the response; raises as `write`."""
        self._timer.cancel()
        await self.write(data, more=False)

    def close(self) -> None:
        """Keep nothing alive any more. Call it however the response ends."""
        self._timer.cancel()
        if self._comment is not None:
            self._comment.cancel()

    async def _put(self, data: bytes, *, more: bool) -> None:
        if not self.begun:
            self.begun = True
            head = [
                (b"content-type", b"text/event-stream; charset=utf-8"),
                (b"cache-control", b"no-store"),
                (b"x-accel-buffering", b"no"),
                *self._head(),
            ]
            await self._send({"type": "http.response.start", "status": 200, "headers": head})
        self._wrote_at = self._loop.time()
        await self._send({"type": "http.response.body", "body": data, "more_body": more})

    async def _keep_alive(self) -> None:
        async with self._lock:
            if not self._ended:
                await self._put(KEEP_ALIVE, more=True)

    def _tick(self) -> None:
        """Rearmed once a silence, not once a write: pieces come by the thousand."""
        due = self._wrote_at + self._keep_alive_s
        now = self._loop.time()
        if due <= now:
            if not self._lock.locked():
                self._comment = self._loop.create_task(self._keep_alive())
            due = now + self._keep_alive_s
        self._timer = self._loop.call_at(due, self._tick)
