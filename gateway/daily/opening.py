"""Opens the performance monitor of one process."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.monitoring.drift_metrics import DriftMetrics
    from gateway.storage.sql import Database

FIRST_AFTER_S = 30.0
"""A start has better uses for the processor and the database."""


@asynccontextmanager
async def open_monitor(
    database: Database, metrics: DriftMetrics, *, first_after_s: float = FIRST_AFTER_S
) -> AsyncIterator[None]:
    """Roll up in the background for as long as the block runs."""

    async def later() -> None:
        await asyncio.sleep(first_after_s)
        # Imported here: a start need not pay for what it does not use yet.
        from gateway.daily.monitor import Monitor  # noqa: PLC0415 - see above
        from gateway.storage.daily_store import DailyStore  # noqa: PLC0415
        from gateway.storage.vendor_store import VendorStore  # noqa: PLC0415

        await Monitor(
            DailyStore(database),
            VendorStore(database),
            metrics,
            clock=lambda: datetime.now(UTC),
        ).run()

    task = asyncio.create_task(later(), name="daily-figures")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
