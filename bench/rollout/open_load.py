"""Requests at a steady rate to several gateways, sent whether or not the ones before were answered."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from ulid import ULID

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aiohttp

UNANSWERED = 2_000
"""Requests under way from which no more are sent: the machine cannot keep up, and the figures would
be those of its queue."""


class OverloadedError(Exception):
    """The gateways cannot answer at the rate asked for."""


class Seen(NamedTuple):
    """One answered request.

    ``gateway``: its number. ``began``: when the gateway took it up, as it wrote into the request's id
    (a ULID), in seconds of Unix time to the millisecond. ``new``: whether it took the new path; a
    request that failed did, as the legacy path's vendor never fails. ``failed``: its status was not 200.
    """

    gateway: int
    began: float
    new: bool
    failed: bool


class OpenLoad:
    """Sends until it is cancelled; callers have no id, so that each is placed anew.

    Args:
        session: The client.
        gateways: Their addresses; they take turns.
        rate: Requests a second to all together.
    """

    def __init__(
        self, session: aiohttp.ClientSession, gateways: Sequence[str], rate: float
    ) -> None:
        self.seen: list[Seen] = []
        self.sent = 0
        self._sent_at: dict[int, float] = {}
        self._session = session
        self._gateways = gateways
        self._rate = rate

    def all_answered_until(self, moment: float) -> bool:
        """Whether no request sent before ``moment`` (Unix time) waits for its answer still."""
        return min(self._sent_at.values(), default=moment) >= moment

    async def run(self) -> None:
        """Send.

        Raises:
            OverloadedError: `UNANSWERED` requests wait for their answers.
        """
        try:
            async with asyncio.TaskGroup() as requests:
                await self._send(requests)
        except* OverloadedError as errors:
            raise errors.exceptions[0] from None

    async def _send(self, requests: asyncio.TaskGroup) -> None:
        began = time.monotonic()
        for number in count():
            wait = began + number / self._rate - time.monotonic()
            # Even where it lags behind, the answers have to be read.
            await asyncio.sleep(max(0.0, wait))
            if len(self._sent_at) >= UNANSWERED:
                raise OverloadedError(f"{UNANSWERED} requests wait for their answers")
            requests.create_task(self._ask(number))

    async def _ask(self, number: int) -> None:
        gateway = number % len(self._gateways)
        self.sent += 1
        self._sent_at[number] = time.time()
        try:
            async with self._session.post(
                self._gateways[gateway] + "/api/v1/generate", json=_body(number)
            ) as answer:
                body = json.loads(await answer.read())
                began = ULID.from_str(answer.headers["x-request-id"]).timestamp
        finally:
            del self._sent_at[number]
        failed = answer.status != 200
        self.seen.append(Seen(gateway, began, failed or body["path"] != "legacy", failed))


def _body(number: int) -> dict[str, Any]:
    return {
        "prompt": f"Please add {1000 + number} and 5, and explain how you got there.",
        "max_providers": 2,
        "cache": "off",
    }


async def ended(load: asyncio.Task[None]) -> None:
    """Cancel a load and wait for its end."""
    load.cancel()
    with suppress(asyncio.CancelledError):
        await load
