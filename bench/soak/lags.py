"""How late things are during a load: the machine itself, the vendors, the gateway.

An answer that misses its deadline while the machine stands still is the machine's; one that misses it
while all else is on time is the gateway's.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Mapping

_EVERY_S = 0.1
_LONGEST_S = 30.0


@dataclass(slots=True)
class Lags:
    """The longest waits in seconds: a timer beyond its time, and answers to the cheapest question."""

    longest_s: dict[str, float] = field(default_factory=dict)

    def json(self) -> dict[str, float]:
        """In ms, by who was late."""
        return {who: round(seconds * 1e3, 1) for who, seconds in self.longest_s.items()}

    async def watch(self, urls: Mapping[str, str]) -> None:
        """Look until cancelled; ``urls`` name what is cheap to answer, by whose it is."""
        timeout = aiohttp.ClientTimeout(total=_LONGEST_S)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            asyncio.TaskGroup() as watchers,
        ):
            watchers.create_task(self._watch_timer())
            for who, url in urls.items():
                watchers.create_task(self._watch_url(session, who, url))

    async def _watch_timer(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(_EVERY_S)
            self._saw("load's own timer", time.perf_counter() - begun - _EVERY_S)

    async def _watch_url(self, session: aiohttp.ClientSession, who: str, url: str) -> None:
        while True:
            begun = time.perf_counter()
            async with session.get(url) as answer:
                await answer.read()
            self._saw(who, time.perf_counter() - begun)
            await asyncio.sleep(_EVERY_S)

    def _saw(self, who: str, seconds: float) -> None:
        self.longest_s[who] = max(seconds, self.longest_s.get(who, 0.0))
