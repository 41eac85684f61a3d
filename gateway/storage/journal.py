"""Keeps every request's record: taken in at once, written in batches off the hot path.

A record appended is written about 80 ms later, so a process that is killed loses no more than its
last 200 ms. While the database is away records wait, in order and bounded, and requests go on.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from gateway.errors import OverloadedError
from gateway.storage.backlog import Backlog
from gateway.storage.errors import DatabaseAwayError, one_line, root_cause
from gateway.storage.journal_tables import JournalTables

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from gateway.storage.sql import Database
    from learning.records import Feedback, RequestRecord

_log = structlog.get_logger(__name__)

WRITE_INTERVAL_S = 0.08
"""How long records are gathered. With a write of up to 60 ms under way before and one after, a
record is on disk 200 ms after it came, which is what a kill may cost; a write takes some 10 ms."""

BATCH = 500
"""Records a transaction; as many waiting are written without gathering further."""

CAPACITY = 20_000
"""Records that may wait: some 30 MB, and minutes of traffic at the rate one process serves."""

WRITE_PATIENCE_S = 10.0
"""A write that takes longer is given up and done again."""

BACKOFF_S = (0.1, 1.0)
"""First and longest pause between two tries to write; each is twice the one before."""

FIND_PAUSES_S = (0.0, 0.05, 0.1, 0.15)
"""Before each look for a record: together 300 ms, in which another worker has written what it has."""

READ_PATIENCE_S = 5.0
"""How long a caller waits for the database."""


@dataclass(frozen=True, slots=True)
class JournalStats:
    """The journal's figures: records waiting now; written and given up since the start.

    ``last_error`` names the kind of the last failure to write, and stays after the database is back;
    ``healthy`` says whether the last try succeeded. Neither tells addresses or names.
    """

    pending: int
    written: int
    dropped: int
    last_error: str | None
    healthy: bool


class Journal:
    """The records of one process. Everything but the reading of ``stats`` belongs to its event loop.

    Args:
        database: Where records are kept; stays the caller's to close, after the journal.
        interval_s: How long records are gathered before they are written.
        batch: Records a transaction at most.
        capacity: Records that may wait; beyond, the oldest are given up.
    """

    def __init__(
        self,
        database: Database,
        *,
        interval_s: float = WRITE_INTERVAL_S,
        batch: int = BATCH,
        capacity: int = CAPACITY,
    ) -> None:
        self._tables = JournalTables(database)
        self._interval_s = interval_s
        self._batch = batch
        self._backlog = Backlog(capacity)
        self._subscribers: list[Callable[[RequestRecord], None]] = []
        self._something = asyncio.Event()
        self._hurry = asyncio.Event()
        self._progress = asyncio.Event()
        self._flushes = 0
        self._closed = False
        self._task: asyncio.Task[None] | None = None
        self._written = 0
        self._dropped = 0
        self._dropped_before = 0
        self._last_error: str | None = None
        self._healthy = True

    @property
    def stats(self) -> JournalStats:
        """The figures now."""
        return JournalStats(
            pending=len(self._backlog),
            written=self._written,
            dropped=self._dropped,
            last_error=self._last_error,
            healthy=self._healthy,
        )

    async def start(self) -> None:
        """Begin to write. What was appended before is written too."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="journal-write")

    def subscribe(self, callback: Callable[[RequestRecord], None]) -> None:
        """Have ``callback`` called with each record, within `append`, in the order of subscription."""
        self._subscribers.append(callback)

    def append(self, record: RequestRecord) -> None:
        """Take a record in. Never waits, never raises, whatever the database or a subscriber does."""
        if self._closed:
            self._drop("closed")
        else:
            if self._backlog.add(record) is not None:
                self._drop("full")
            self._something.set()
            if self._backlog.waiting >= self._batch:
                self._hurry.set()
        for callback in self._subscribers:
            try:
                callback(record)
            except Exception:  # noqa: BLE001 - a reader's failure is not the request's
                _log.exception("journal_subscriber_failed", request_id=record.request_id)

    async def find(self, request_id: str) -> RequestRecord | None:
        """The record of that id, written or not; another process's is waited for up to 300 ms.

        Raises:
            OverloadedError: The database is away, so nobody can tell.
        """
        for pause_s in FIND_PAUSES_S:
            await asyncio.sleep(pause_s)
            record = self._backlog.get(request_id)
            if record is None:
                async with _within_patience():
                    record = await self._tables.find(request_id)
            if record is not None:
                return record
        return None

    async def feedback(self, feedback: Feedback) -> int:
        """Keep what a caller said; it is stored when this returns its number.

        Raises:
            OverloadedError: The database is away, so nothing was stored.
        """
        async with _within_patience():
            return await self._tables.add_feedback(feedback)

    async def recent(self, since: datetime, arm: str | None = None) -> list[RequestRecord]:
        """The records from ``since`` on of all processes, of one arm or of all, oldest first.

        Of other processes' records those of the last instant may be missing.

        Raises:
            OverloadedError: The database is away.
        """
        async with _within_patience():
            records = {r.request_id: r for r in await self._tables.since(since, arm)}
        for record in self._backlog:
            if record.at >= since and arm in {None, record.arm}:
                records.setdefault(record.request_id, record)
        return sorted(records.values(), key=lambda record: (record.at, record.request_id))

    async def flush(self) -> None:
        """Wait until everything appended so far is written, or given up. Bound the wait yourself."""
        last = self._backlog.last
        self._flushes += 1
        self._hurry.set()
        try:
            while (oldest := self._backlog.oldest) is not None and oldest <= last:
                await self._progress.wait()
        finally:
            self._flushes -= 1

    async def aclose(self, timeout_s: float = 5.0) -> None:
        """Write what is left, for at most ``timeout_s`` seconds, and stop. Later records are dropped."""
        self._closed = True
        if self._task is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self.flush()
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        if self._backlog:
            _log.error("journal_closed_with_records_unwritten", records=len(self._backlog))

    async def _run(self) -> None:
        while True:
            await self._something.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._interval_s):
                    await self._hurry.wait()
            await self._write(self._backlog.take(self._batch))
            if not self._backlog:
                self._something.clear()
            if not self._flushes and self._backlog.waiting < self._batch:
                self._hurry.clear()

    async def _write(self, batch: list[RequestRecord]) -> None:
        """Write a batch, however long it takes; give up only records the database refuses."""
        parts = [batch] if batch else []  # the next one last
        pause_s, longest_s = BACKOFF_S
        while parts:
            part = parts[-1]
            try:
                async with asyncio.timeout(WRITE_PATIENCE_S):
                    await self._tables.add(part)
            except (DatabaseAwayError, TimeoutError) as error:
                self._away(error)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, longest_s)
                continue
            except Exception as error:  # noqa: BLE001 - whatever a record does, the next are written
                parts.pop()
                if len(part) > 1:
                    # One bad record must not take the others with it: halve until it stands alone.
                    middle = len(part) // 2
                    parts += [part[middle:], part[:middle]]
                    continue
                self._refused(part[0], error)
            else:
                parts.pop()
                self._written += len(part)
                self._back()
            self._backlog.settle(part)
            self._progress.set()
            self._progress = asyncio.Event()

    def _drop(self, why: str) -> None:
        self._dropped += 1
        if self._dropped == self._dropped_before + 1:
            _log.error("journal_dropping", why=why, pending=len(self._backlog))

    def _refused(self, record: RequestRecord, error: Exception) -> None:
        self._dropped += 1
        self._dropped_before += 1
        self._last_error = type(root_cause(error)).__name__
        _log.error("journal_record_refused", request_id=record.request_id, error=one_line(error))

    def _away(self, error: Exception) -> None:
        self._last_error = type(root_cause(error)).__name__
        if self._healthy:
            _log.warning("journal_database_away", error=one_line(error))
        self._healthy = False

    def _back(self) -> None:
        if not self._healthy:
            lost = self._dropped - self._dropped_before
            _log.warning("journal_database_back", pending=len(self._backlog), dropped=lost)
        self._healthy = True
        self._dropped_before = self._dropped


@asynccontextmanager
async def _within_patience() -> AsyncIterator[None]:
    """Bounds a caller's wait, and says to it in the gateway's words that the database is away."""
    try:
        async with asyncio.timeout(READ_PATIENCE_S):
            yield
    except (DatabaseAwayError, TimeoutError) as error:
        raise OverloadedError(
            "records cannot be read or written now, try again", retry_after_s=1.0
        ) from error
