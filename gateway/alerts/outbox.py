"""Sends one channel's messages, one after the other, where nobody waits for it.

A channel that hangs or fails harms nobody: its queue is bounded, each try has an end, and the other
channels have outboxes of their own.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from gateway.alerts.channels import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.alerts.channels import Channel
    from gateway.alerts.levels import Level
    from gateway.alerts.messages import Message

_log = structlog.get_logger(__name__)

WAITING = 100
"""Messages that may wait: more are news of yesterday; the new one is dropped."""

TRIES = 4
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 15.0

TRY_S = 20.0
"""Apprise gives a web server 4 s to connect and 4 s for each reading, a mail server 15 s."""


@dataclass(slots=True)
class Deliveries:
    """Messages of one channel since the start; ``last_failure`` stays when the channel is well again."""

    sent: int = 0
    failed: int = 0
    dropped: int = 0
    last_failure: str | None = None


class Outbox:
    """One channel with its queue and its task.

    Args:
        name: What the channel is called in logs and metrics; holds no secret.
        level: The least loud message it is told.
        open_channel: Opens the channel at the first message, in a thread: that imports much.
        on_end: Told the channel's name and ``sent``, ``failed`` or ``dropped`` of each message.
        sleep: Waits between two tries.
        try_s: Seconds after which a try counts as failed.
    """

    def __init__(  # noqa: PLR0913 - the last two are the tests' clocks
        self,
        name: str,
        level: Level,
        open_channel: Callable[[], Channel],
        on_end: Callable[[str, str], None] = lambda _name, _outcome: None,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        try_s: float = TRY_S,
    ) -> None:
        self.name = name
        self.level = level
        self.deliveries = Deliveries()
        self._open = open_channel
        self._on_end = on_end
        self._sleep = sleep
        self._try_s = try_s
        self._queue: asyncio.Queue[Message] = asyncio.Queue(WAITING)
        self._channel: Channel | None = None
        self._hanging: threading.Thread | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.create_task(self._run(), name=f"alerts-{self.name}")

    def put(self, message: Message) -> None:
        """Take a message, if it is loud enough for this channel; never waits, never raises."""
        if message.level.loudness < self.level.loudness:
            return
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self.deliveries.dropped += 1
            self._end("dropped", message, "too many are waiting")

    async def deliver(self, message: Message, tries: int = TRIES) -> None:
        """Send one now, however quiet it is.

        Raises:
            Refused: it did not arrive; what the last try met.
        """
        async for attempt in AsyncRetrying(
            stop=stop_after_attempt(tries),
            wait=wait_exponential_jitter(initial=FIRST_PAUSE_S, max=LONGEST_PAUSE_S),
            retry=retry_if_exception_type(Refused),
            sleep=self._sleep,
            reraise=True,
        ):
            with attempt:
                await self._try(message)

    async def aclose(self, patience_s: float) -> None:
        """Send what waits, for at most ``patience_s``, and stop."""
        if self._task is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._queue.join()
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._task = None

    async def _run(self) -> None:
        while True:
            message = await self._queue.get()
            try:
                await self.deliver(message)
            except Refused as refused:
                self.deliveries.failed += 1
                self.deliveries.last_failure = str(refused)
                self._end("failed", message, str(refused))
            else:
                self.deliveries.sent += 1
                self._on_end(self.name, "sent")
            finally:
                self._queue.task_done()

    async def _try(self, message: Message) -> None:
        if self._hanging is not None and self._hanging.is_alive():
            raise Refused("still busy with the try before")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def settle(error: Exception | None) -> None:
            if done.done():
                return
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        def work() -> None:
            error: Exception | None = None
            try:
                if self._channel is None:
                    self._channel = self._open()
                self._channel.send(message)
            except Refused as refused:
                error = refused
            except Exception as crash:  # noqa: BLE001 - a channel's mistake ends here, and is told
                error = Refused(type(crash).__name__)
            with suppress(RuntimeError):  # the loop is gone: nobody waits any more
                loop.call_soon_threadsafe(settle, error)

        # A daemon: a server that answers a byte a minute must not keep the process from ending.
        thread = threading.Thread(target=work, name=f"alerts-{self.name}", daemon=True)
        thread.start()
        try:
            async with asyncio.timeout(self._try_s):
                await done
        except TimeoutError:
            self._hanging = thread
            raise Refused("no answer in time") from None

    def _end(self, outcome: str, message: Message, why: str) -> None:
        _log.warning(
            "alert_not_delivered",
            channel=self.name,
            outcome=outcome,
            level=message.level,
            title=message.title,
            why=why,
        )
        self._on_end(self.name, outcome)
