"""Moves the traffic: assigns requests, watches their records, and keeps all instances in step.

A trip takes effect in this process within the call that saw the harm. It is stored at once, and the
other processes, polling four times a second, follow within half a second.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

import structlog

from gateway.errors import OverloadedError
from gateway.rollout.buckets import bucket
from gateway.rollout.plan import WHOLE, TrafficPlan, effect
from gateway.rollout.spread import AnonymousSpread
from gateway.rollout.status import Assignment, RolloutStatus, Standing
from gateway.rollout.trips import SharedTrips, Trip
from gateway.rollout.watcher import WATCHED_ARM, Limits, Verdict, Watcher
from gateway.rollout.window import Window
from gateway.storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from random import Random

    from gateway.rollout.status import Arm
    from gateway.rollout.window import Figures
    from gateway.storage.rollout_records import RolloutEvent
    from gateway.storage.rollout_store import RolloutStore
    from learning.records import RequestRecord

_log = structlog.get_logger(__name__)

POLL_INTERVAL_S = 0.25
"""Four looks a second leave room for a slow read within the second a rollback may take."""

STORE_PATIENCE_S = 5.0
"""How long one exchange with the store may take before it is given up and tried anew."""

CLOSING_PATIENCE_S = 2.0
"""How long a process that ends may take to store what it decided."""


class RolloutController:
    """The rollout of one process; everything runs on its event loop.

    Args:
        store: The trip state shared by all instances.
        limits: What the wall-bounce arm is held to.
        plan: What the environment asks for.
        clock: The time in UTC, for what is written down.
        monotonic: Seconds that never jump, for the window.
        rng: Spreads callers without an id.
        instance: Names this process in trips.
        experiment: Salt of the sticky buckets.
        on_change: Told what is in force after each change; must not raise.
    """

    def __init__(  # noqa: PLR0913 - what a thin shell joins it is given, all by keyword but the store
        self,
        store: RolloutStore,
        *,
        limits: Limits,
        plan: TrafficPlan,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        rng: Random,
        instance: str,
        experiment: str,
        on_change: Callable[[Standing], None] | None = None,
    ) -> None:
        self._trips = SharedTrips(store)
        self._limits = limits
        self._plan = plan
        self._clock = clock
        self._monotonic = monotonic
        self._spread = AnonymousSpread(rng)
        self._instance = instance
        self._experiment = experiment
        self._on_change = on_change
        self._watcher = Watcher(limits)
        self._legacy = Window(limits.window.total_seconds(), limits.latency_ms)
        self._standing = self._stand()
        self._version = self._trips.version
        self._store_reachable = True
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def standing(self) -> Standing:
        """What is in force now; reads no store."""
        return self._standing

    @property
    def store_reachable(self) -> bool:
        """Whether the last exchange with the store succeeded; four a second tell."""
        return self._store_reachable

    async def start(self) -> None:
        """Read the stored state, so that a trip survives a restart, and begin to follow it."""
        await self.refresh()
        self._task = asyncio.create_task(self._follow(), name="rollout-follow")

    async def aclose(self) -> None:
        """Stop following; store what was decided and is not stored yet, if that goes quickly."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        if not self._trips.delivered:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSING_PATIENCE_S):
                    await self.refresh()

    def assign(self, caller_id: str | None) -> Assignment:
        """Give a request its arm: sticky for a caller with an id, spread evenly without."""
        share = self._standing.share
        if caller_id is None:
            place = self._spread.draw(share)
        else:
            place = bucket(self._experiment, caller_id)
        arm: Arm = "wall_bounce" if place < share else "legacy"
        return Assignment(arm, place, share, self._standing.stage)

    def observe(self, record: RequestRecord) -> None:
        """Take in a finished request; roll back at once if it shows that harm is being done."""
        now = self._monotonic()
        if record.arm != WATCHED_ARM:
            if record.arm is not None:
                self._legacy.add(record, now)
            return
        verdict = self._watcher.observe(record, now)
        # Nothing to take away, nothing to trip: requests in flight end after a trip as well.
        if verdict is not None and self._standing.share > 0:
            self._trip("; ".join(verdict.reasons), f"watcher@{self._instance}", verdict)

    async def rollback(self, by: str, reason: str) -> Standing:
        """Send all traffic to the legacy path because an operator says so.

        It is in effect when this returns, also if the store is away (``delivered`` is False then).
        """
        self._trip(reason, by, self._watcher.verdict(self._monotonic()))
        await self.refresh()
        return self._standing

    async def acknowledge(self, by: str) -> Standing:
        """Let the environment's share apply again; what was seen before no longer counts.

        Raises:
            ConflictError: No rollback stands.
            OverloadedError: The store is away, so the others could not be told; try again.
        """
        try:
            async with asyncio.timeout(STORE_PATIENCE_S):
                await self._trips.acknowledge(by, self._clock())
        except (StorageError, TimeoutError) as failure:
            _log.warning("rollout_store_failed", error=type(failure).__name__)
            raise OverloadedError(
                "the rollout state cannot be stored now, the rollback still stands",
                retry_after_s=1.0,
            ) from failure
        finally:
            self._settle()
        return self._standing

    def reconfigure(self, plan: TrafficPlan, limits: Limits) -> None:
        """Apply what the environment asks for now; a standing trip stands on."""
        self._plan = plan
        self._limits = limits
        self._watcher.adjust(limits)
        self._legacy.adjust(limits.window.total_seconds(), limits.latency_ms)
        self._settle()

    async def refresh(self) -> None:
        """Deliver and read once. A store that is away leaves everything as it stands."""
        try:
            async with asyncio.timeout(STORE_PATIENCE_S):
                await self._trips.sync()
        except Exception as failure:  # noqa: BLE001 - following must outlive any failure
            if self._store_reachable:
                _log.warning("rollout_store_failed", error=type(failure).__name__)
            self._store_reachable = False
        else:
            self._store_reachable = True
        self._settle()

    async def status(self, history_limit: int = 20) -> RolloutStatus:
        """What operators read: what is in force, both arms in figures, the verdict, the history."""
        now = self._monotonic()
        verdict = self._watcher.verdict(now)
        history: tuple[RolloutEvent, ...] | None
        try:
            async with asyncio.timeout(STORE_PATIENCE_S):
                history = await self._trips.history(history_limit)
        except (StorageError, TimeoutError) as failure:  # the rest is worth having alone
            _log.warning("rollout_store_failed", error=type(failure).__name__)
            history = None
        arms: Mapping[Arm, Figures] = {
            "wall_bounce": verdict.figures,
            "legacy": self._legacy.figures(now),
        }
        return RolloutStatus(self._instance, self._standing, arms, verdict, self._limits, history)

    def _trip(self, reason: str, by: str, verdict: Verdict) -> None:
        self._trips.trip(Trip(reason, asdict(verdict.figures), by, self._clock()))
        self._settle()
        self._due.set()

    async def _follow(self) -> None:
        while True:
            self._due.clear()
            await self.refresh()
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_INTERVAL_S):
                    await self._due.wait()

    def _settle(self) -> None:
        """Put in force what follows from plan and trips, and say so if it differs."""
        if self._trips.version != self._version and not self._trips.tripped:
            # Somebody acknowledged, here or elsewhere, perhaps a trip that came and went unseen.
            self._watcher.restart(self._clock())
        self._version = self._trips.version
        standing = self._stand()
        if standing == self._standing:
            return
        changed = standing.share != self._standing.share or standing.trip != self._standing.trip
        self._standing = standing
        if changed:
            trip = standing.trip
            _log.warning(
                "rollout_changed",
                stage=standing.stage,
                tripped=standing.tripped,
                reason=trip.reason if trip else None,
                by=trip.by if trip else None,
            )
        if self._on_change is not None:
            self._on_change(standing)

    def _stand(self) -> Standing:
        trips, plan = self._trips, self._plan
        now = effect(plan, tripped=trips.tripped, known=trips.known)
        return Standing(
            share=now.share,
            stage=now.stage,
            ceiling=plan.percentage / WHOLE,
            enabled=plan.enabled,
            known=trips.known,
            trip=trips.standing,
            delivered=trips.delivered,
        )
