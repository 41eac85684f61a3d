"""Keeps the patterns within their bound: now and then those go whose time is over, and those beyond it.

Every process does so. They look at the same database and decide alike, so who comes second finds nothing
left to do.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from gateway.storage.pattern_care import last_use, oldest_member, uses
from learning.lifetime import Census

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.monitoring.engine_metrics import EngineMetrics
    from gateway.storage.pattern_store import SqlPatternStore
    from gateway.storage.sql import Database

_log = structlog.get_logger(__name__)

INTERVAL_S = 3_600.0
"""Between two looks: reading a million patterns' uses takes some seconds of a thread."""

REMOVED_AT_ONCE = 500
"""Patterns a transaction: other writes wait for some 10 ms."""

IDLE = timedelta(days=1)
"""How far time goes on without requests: neither a clock that is ahead nor a gateway that rests for a
season may cost what was learned."""

MEMBERS_KEPT = timedelta(days=90)
"""How long it is known which requests a pattern stands for; a label that comes later counts for nobody."""

FORGOTTEN_AT_ONCE = timedelta(minutes=5)
"""Of such requests a transaction: 30,000 where 100 come in a second."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many patterns went, by why."""

    expired: int
    crowded: int


class Pruning:
    """The pruning of one process.

    Args:
        database: Where the patterns' uses are read.
        store: Where patterns are removed.
        at_most: LEARNING_MAX_PATTERNS.
        metrics: Told of what went.
        clock: The time, in UTC.
        pause: Waits so many seconds.
    """

    def __init__(  # noqa: PLR0913 - what a thin shell joins it is given, all by keyword but two
        self,
        database: Database,
        store: SqlPatternStore,
        *,
        at_most: int,
        metrics: EngineMetrics,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._store = store
        self._at_most = at_most
        self._metrics = metrics
        self._clock = clock
        self._pause = pause
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look, the first time after the interval."""
        self._task = asyncio.create_task(self._look(), name="pattern-pruning")

    async def aclose(self) -> None:
        """Stop, between two removals."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def prune(self) -> Pruned:
        """Remove what is to go now.

        Raises:
            gateway.storage.errors.StorageError: The database is away; what was removed by then is gone.
        """
        last = await last_use(self._database)
        if last is None:
            return Pruned(0, 0)
        now = min(self._clock(), last + IDLE)
        census = Census(now, at_most=self._at_most)
        async for page in uses(self._database):
            await asyncio.to_thread(census.add, page)
        gone = await asyncio.to_thread(census.doomed)
        for cause, ids in (("expired", gone.expired), ("crowded", gone.crowded)):
            for start in range(0, len(ids), REMOVED_AT_ONCE):
                removed = await self._store.remove(ids[start : start + REMOVED_AT_ONCE])
                self._metrics.observe_removed(cause, len(removed))
        await self._forget_members(now - MEMBERS_KEPT)
        return Pruned(len(gone.expired), len(gone.crowded))

    async def _forget_members(self, before: datetime) -> None:
        """A little at once: on SQLite nobody else can write meanwhile."""
        while (oldest := await oldest_member(self._database)) is not None and oldest < before:
            await self._store.forget_members(min(before, oldest + FORGOTTEN_AT_ONCE))

    async def _look(self) -> None:
        while True:
            await self._pause(INTERVAL_S)
            try:
                pruned = await self.prune()
            except Exception as error:  # noqa: BLE001 - too many patterns harm less than a dead loop
                self._metrics.observe_error("prune")
                _log.warning("patterns_not_pruned", error=type(error).__name__)
                continue
            if pruned.expired or pruned.crowded:
                _log.info("patterns_pruned", expired=pruned.expired, crowded=pruned.crowded)
