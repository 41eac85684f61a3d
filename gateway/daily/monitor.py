"""Rolls up every few minutes for as long as the gateway runs; of all processes one at a time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from gateway.daily.rollup import Rollup
from learning.monitor.vendors import Vendors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from gateway.monitoring.drift_metrics import DriftMetrics
    from gateway.storage.daily_store import DailyStore
    from gateway.storage.vendor_store import VendorStore
    from learning.monitor.drift import Change

_log = structlog.get_logger(__name__)

INTERVAL = timedelta(minutes=5)
"""Between two runs, whichever process holds them."""

HELD = timedelta(minutes=2)
"""How long a claim lasts beyond the last slice: after it another process takes over from one that died."""

SHOWN = timedelta(days=30)
"""How long a found change is shown in the metrics."""


class Monitor:
    """The performance monitor of one process.

    Args:
        figures: Where traffic is read and figures are kept.
        vendors: Where the vendors' state is kept.
        metrics: Where it is shown.
        clock: The time, UTC.
        pause: Waits so many seconds.
    """

    def __init__(
        self,
        figures: DailyStore,
        vendors: VendorStore,
        metrics: DriftMetrics,
        *,
        clock: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._vendors = vendors
        self._metrics = metrics
        self._clock = clock
        self._pause = pause
        self._healthy = True
        self._rollup = Rollup(figures, vendors, clock=clock, pause=pause, on_slice=self._go_on)

    async def run(self) -> None:
        """Roll up whenever it is due, until cancelled. Outlives every failure."""
        while True:
            await self.turn()
            await self._pause(INTERVAL.total_seconds())

    async def turn(self) -> bool:
        """Roll up, if it is this process's turn and due; show what is known. Whether it did roll up."""
        try:
            done = await self._roll_up()
            await self._show()
        except Exception as failure:  # noqa: BLE001 - monitoring must outlive any failure
            if self._healthy:
                _log.warning("daily_figures_failed", error=f"{type(failure).__name__}: {failure}")
            self._healthy = False
            return False
        self._healthy = True
        return done

    async def _roll_up(self) -> bool:
        now = self._clock()
        if not await self._vendors.claim(now, now + HELD):
            return False
        done = await self._rollup.run()
        # From the run's beginning on: this process's own next turn finds it free.
        await self._vendors.hold(now + INTERVAL)
        for change in done.changes:
            _log.warning("vendor_changed", **described(change))
        return True

    async def _go_on(self) -> None:
        await self._vendors.hold(self._clock() + HELD)

    async def _show(self) -> None:
        kept = await self._vendors.kept()
        changes = await self._vendors.changes(self._clock() - SHOWN)
        known = kept.document.get("vendors", {})
        vendors = await asyncio.to_thread(Vendors.from_json, known)
        self._metrics.show(vendors.standing(), changes, kept.rolled_up_at)


def described(change: Change) -> dict[str, object]:
    """A change in the fields of a log line."""
    return {
        "provider": change.provider,
        "measure": change.measure.value,
        "direction": change.direction.value,
        "before": round(change.before, 4),
        "after": round(change.after, 4),
        "since": change.since.isoformat(),
    }
