"""From SIGTERM to the last answer: newcomers refused at once, the others given their time, then ended."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from gateway.guard.admission import Admission

log = structlog.get_logger(__name__)

ENDINGS = (signal.SIGTERM, signal.SIGINT)

FAREWELL_S = 5
"""What the server waits beyond the drain: those put out at its end are answered, their calls closed.

In whole seconds, as uvicorn counts. Within the 45 s that docker-compose.yml leaves for a drain of 30.
"""


@contextmanager
def draining_on_exit(admission: Admission, limit_s: float) -> Iterator[None]:
    """While the block runs, SIGTERM and SIGINT start the drain, then do what they did before.

    Enter it on the running loop, after the server has installed its own handlers: uvicorn stops
    listening a tick later, and by itself would cancel what is left as if each caller had gone.
    """
    loop = asyncio.get_running_loop()
    drain: asyncio.Task[None] | None = None

    def begin() -> None:
        nonlocal drain
        if drain is None:
            drain = loop.create_task(_drain(admission, limit_s))

    def handle(number: int, frame: FrameType | None) -> None:
        # Runs between any two bytecodes: what touches the loop's objects is left to the loop.
        loop.call_soon_threadsafe(begin)
        before = previous[signal.Signals(number)]
        if callable(before):
            before(number, frame)

    previous = {number: signal.signal(number, handle) for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        if drain is not None:
            drain.cancel()


async def _drain(admission: Admission, limit_s: float) -> None:
    if not await admission.drain(limit_s):
        log.warning("drain_ran_out", ended=admission.put_out(), after_s=limit_s)
