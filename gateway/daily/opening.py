"""Opens the performance monitor of one process."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.daily.monitor import Monitor
from gateway.storage.daily_store import DailyStore
from gateway.storage.vendor_store import VendorStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.monitoring.drift_metrics import DriftMetrics
    from gateway.storage.sql import Database

FIRST_AFTER_S = 30.0
"""A start has better uses for the processor and the database."""


@asynccontextmanager
async def open_monitor(database: Database, metrics: DriftMetrics) -> AsyncIterator[Monitor]:
    """Roll up in the background for as long as the block runs."""
    monitor = Monitor(
        DailyStore(database),
        VendorStore(database),
        metrics,
        clock=lambda: datetime.now(UTC),
    )

    async def later() -> None:
        await asyncio.sleep(FIRST_AFTER_S)
        await monitor.run()

    task = asyncio.create_task(later(), name="daily-figures")
    try:
        yield monitor
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
