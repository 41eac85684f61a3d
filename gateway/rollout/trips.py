"""The trip all instances share, as one process knows it: in effect here at once, stored when it can be."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from gateway.errors import ConflictError
from gateway.storage_errors import DataRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gateway.rollout.state import RolloutEvent
    from gateway.rollout.trip_store import TripState, TripStore


UNSTORABLE = "rolled back; the reason given cannot be stored"
"""Stands for a reason the database refuses, such as one with a NUL."""


@dataclass(frozen=True, slots=True)
class Trip:
    """A decision to take the traffic away. ``at`` is UTC; ``by`` a watcher or an operator."""

    reason: str
    figures: Mapping[str, float | None]
    by: str
    at: datetime


class SharedTrips:
    """Trips of this process and of all others that share its store.

    A trip decided here stands from that moment, whether the store can be reached or not, and is
    delivered, oldest first, by the next `sync` that can. It is delivered even if a later trip was
    acknowledged elsewhere meanwhile: that operator could not have known of this one.
    """

    def __init__(self, store: TripStore) -> None:
        self._store = store
        self._state: TripState | None = None
        self._undelivered: deque[Trip] = deque()
        self._lock = asyncio.Lock()

    @property
    def known(self) -> bool:
        """Whether the store was ever read: before that, an older trip may stand unseen."""
        return self._state is not None

    @property
    def version(self) -> int | None:
        """The version of the stored state last read."""
        return None if self._state is None else self._state.version

    @property
    def delivered(self) -> bool:
        """Whether every trip decided here is stored."""
        return not self._undelivered

    @property
    def tripped(self) -> bool:
        """Whether a trip stands, stored or not."""
        return bool(self._undelivered) or (self._state is not None and self._state.tripped)

    @property
    def standing(self) -> Trip | None:
        """The trip in effect: the stored one, and before it is stored the first decided here."""
        state = self._state
        if state is not None and state.tripped:
            at = cast("datetime", state.at)  # unset before the first change only
            return Trip(state.reason or "", state.figures, state.by or "", at)
        return self._undelivered[0] if self._undelivered else None

    def trip(self, trip: Trip) -> None:
        """Let a trip stand from now on."""
        self._undelivered.append(trip)

    async def sync(self) -> None:
        """Deliver what is undelivered, then read what others did. Raises what the store raises."""
        async with self._lock:
            await self._sync()

    async def acknowledge(self, by: str, at: datetime) -> None:
        """End the standing trip for all instances.

        Raises:
            ConflictError: No trip stands.
            Exception: What the store raises; the trip then still stands.
        """
        async with self._lock:
            await self._sync()
            if not self.tripped:
                raise ConflictError("there is nothing to acknowledge: no rollback stands")
            self._state = await self._store.acknowledge(by, at)

    async def history(self, limit: int) -> tuple[RolloutEvent, ...]:
        """The latest trips and acknowledgements, newest first. Raises what the store raises."""
        return tuple(await self._store.history(limit))

    async def _sync(self) -> None:
        while self._undelivered:
            trip = self._undelivered[0]
            try:
                self._state = await self._store.trip(trip.reason, trip.figures, trip.by, trip.at)
            except DataRefusedError:
                # It will never take these words; that the traffic is gone matters more than why.
                self._state = await self._store.trip(UNSTORABLE, {}, "unknown", trip.at)
            self._undelivered.popleft()
        if self._state is None or await self._store.version() != self._state.version:
            self._state = await self._store.load()
