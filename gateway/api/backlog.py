"""What waits to be written to a caller who streams."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from gateway.events import Delta

if TYPE_CHECKING:
    from gateway.events import Event


class Backlog:
    """The events of one request between who emits them, who never waits, and who writes them.

    A caller who reads slowly gets longer pieces, not more of them: texts that wait one behind the other
    become one. So there are never more entries than votes and rounds, each with a text between, and no more
    text than the answer has, which a vendor's reply bounds (`providers.replies.MAX_REPLY_BYTES`).
    """

    def __init__(self) -> None:
        self._waiting: deque[Event | list[str]] = deque()
        self._some = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, event: Event) -> None:
        """Add the next event."""
        if not isinstance(event, Delta):
            self._waiting.append(event)
        elif self._waiting and isinstance(texts := self._waiting[-1], list):
            texts.append(event.text)
        else:
            self._waiting.append([event.text])
        self._some.set()

    def close(self) -> None:
        """Nothing is added any more."""
        self._closed = True
        self._some.set()

    async def take(self, within_s: float | None = None) -> list[Event]:
        """All that waits, at least one event; none at the end.

        Raises:
            TimeoutError: nothing came for ``within_s`` seconds; None waits for ever.
        """
        if not self._some.is_set():
            async with asyncio.timeout(within_s):
                await self._some.wait()
        taken = [Delta("".join(e)) if isinstance(e, list) else e for e in self._waiting]
        self._waiting.clear()
        if not self._closed:
            self._some.clear()
        return taken
