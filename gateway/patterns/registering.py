"""Writes what was prepared, however long that takes; gives up only what the database refuses."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import structlog

from gateway.storage_errors import DatabaseAwayError, one_line, root_cause

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from gateway.storage.pattern_store import SqlPatternStore
    from learning.patterns.changes import Change
    from learning.patterns.contribution import NewPattern

_log = structlog.get_logger(__name__)

WRITE_PATIENCE_S = 10.0
"""A write that takes longer is given up and done again: to register twice does no harm."""

BACKOFF_S = (0.1, 2.0)
"""First and longest pause between two tries; each is twice the one before."""


class Registrar:
    """Registers batches one at a time.

    Args:
        store: Where to.
        on_refused: Told of a request whose pattern the database takes neither now nor later.
        on_away: Told of each try that failed because the database is away.
        pause: Waits so many seconds.
    """

    def __init__(
        self,
        store: SqlPatternStore,
        *,
        on_refused: Callable[[], None],
        on_away: Callable[[], None],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._on_refused = on_refused
        self._on_away = on_away
        self._pause = pause
        self.healthy = True

    async def register(self, batch: Sequence[NewPattern]) -> list[Change]:
        """What changed, ascending by number; returns once it is committed."""
        changes: list[Change] = []
        parts = [list(batch)] if batch else []  # the next one last
        while parts:
            part = parts[-1]
            try:
                changes += await self.patiently(partial(self._store.register, part))
            except Exception as error:  # noqa: BLE001 - whatever a request does, the next are written
                parts.pop()
                if len(part) > 1:
                    # One bad request must not take the others with it: halve until it stands alone.
                    middle = len(part) // 2
                    parts += [part[middle:], part[:middle]]
                else:
                    self._on_refused()
                    _log.error(
                        "pattern_refused", request_id=part[0].request_id, error=one_line(error)
                    )
            else:
                parts.pop()
        return changes

    async def patiently(self, write: Callable[[], Awaitable[list[Change]]]) -> list[Change]:
        """What ``write`` gives, tried until the database is there.

        Raises:
            Exception: What it raises besides being away.
        """
        pause_s, longest_s = BACKOFF_S
        while True:
            try:
                async with asyncio.timeout(WRITE_PATIENCE_S):
                    done = await write()
            except (DatabaseAwayError, TimeoutError) as error:
                self._on_away()
                if self.healthy:
                    _log.warning("patterns_wait", error=type(root_cause(error)).__name__)
                self.healthy = False
                await self._pause(pause_s)
                pause_s = min(2 * pause_s, longest_s)
                continue
            if not self.healthy:
                _log.warning("patterns_written_again")
            self.healthy = True
            return done
