"""Keeps one process in step with the store: delivers, reads, adopts the environment's plan, tries anew."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, TypeAlias

import structlog

from gateway.errors import OverloadedError
from gateway.rollout.commands import Adopt, Drop
from gateway.rollout.moves import RefusedMoveError
from gateway.rollout.plan import NO_PLAN
from gateway.storage_errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gateway.rollout.commands import Command
    from gateway.rollout.plan import RolloutPlan
    from gateway.rollout.shared import SharedState
    from gateway.rollout.state import RolloutEvent

Wish: TypeAlias = "RolloutPlan | Literal['none'] | None"
"""A plan to follow, ``none`` for no plan, or None to leave the one that stands."""

_log = structlog.get_logger(__name__)

POLL_INTERVAL_S = 0.25
"""Four looks a second leave room for a slow read within the second a rollback may take."""

STORE_PATIENCE_S = 5.0
"""How long one exchange with the store may take before it is given up and tried anew."""

CLOSING_PATIENCE_S = 2.0
"""How long a process that ends may take to store what it decided."""


class Following:
    """Follows the shared state.

    Args:
        shared: What is followed.
        clock: The time in UTC.
        by: Who adopts a plan, for the history.
        on_look: Called after every exchange with the store, also one that failed.
    """

    def __init__(
        self,
        shared: SharedState,
        *,
        clock: Callable[[], datetime],
        by: str,
        on_look: Callable[[], None],
    ) -> None:
        self._shared = shared
        self._wish: Wish = None
        self._clock = clock
        self._by = by
        self._on_look = on_look
        self._due = asyncio.Event()
        self.reachable = True
        """Whether the last exchange with the store succeeded; four a second tell."""

    def want(self, wish: Wish) -> None:
        """The environment asks for this now; the next exchange that succeeds makes it so."""
        self._wish = wish
        self.hurry()

    def hurry(self) -> None:
        """Something waits to be stored: do not wait for the next look."""
        self._due.set()

    async def refresh(self) -> None:
        """Deliver and read once. A store that is away leaves everything as it stands."""
        try:
            async with asyncio.timeout(STORE_PATIENCE_S):
                await self._shared.sync()
                if self._wish is not None:
                    await self._adopt(self._wish)
        except Exception as failure:  # noqa: BLE001 - following must outlive any failure
            if self.reachable:
                _log.warning("rollout_store_failed", error=type(failure).__name__)
            self.reachable = False
        else:
            self.reachable = True
        self._on_look()

    async def change(self, command: Command) -> None:
        """Make a move for all instances.

        Raises:
            RefusedMoveError: It does not fit what stands.
            OverloadedError: The store is away.
        """
        try:
            async with asyncio.timeout(STORE_PATIENCE_S):
                await self._shared.change(command, self._clock())
        except (StorageError, TimeoutError) as failure:
            _log.warning("rollout_store_failed", error=type(failure).__name__)
            raise OverloadedError(
                "the rollout state cannot be stored now: what stood stands", retry_after_s=1.0
            ) from failure
        finally:
            self._on_look()

    async def history(self, limit: int) -> tuple[RolloutEvent, ...] | None:
        """The latest changes, newest first; None while the store is away."""
        try:
            async with asyncio.timeout(STORE_PATIENCE_S):
                return await self._shared.history(limit)
        except (StorageError, TimeoutError) as failure:
            _log.warning("rollout_store_failed", error=type(failure).__name__)
            return None

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            self._due.clear()
            try:
                await self.refresh()
            except Exception:  # noqa: BLE001 - following must outlive all, and is tried again
                _log.exception("rollout_follow_failed")
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_INTERVAL_S):
                    await self._due.wait()

    async def finish(self) -> None:
        """Store what was decided and is not stored yet, if that goes quickly."""
        if not self._shared.delivered:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSING_PATIENCE_S):
                    await self.refresh()

    async def _adopt(self, wish: RolloutPlan | Literal["none"]) -> None:
        try:
            await self._shared.change(adoption(wish, self._by), self._clock())
        except RefusedMoveError as refusal:
            _log.warning("rollout_plan_refused", why=refusal.why, detail=str(refusal))
        if self._wish is wish:  # the environment may have asked for another meanwhile
            self._wish = None


def adoption(wish: RolloutPlan | Literal["none"], by: str) -> Adopt | Drop:
    """The move that makes it so."""
    return Drop(by=by) if wish == NO_PLAN else Adopt(by=by, plan=wish)
