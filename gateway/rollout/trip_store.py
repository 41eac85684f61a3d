"""The trip alone, on the store of the whole state: for who knows of nothing but trips yet."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gateway.rollout.state import RolloutEvent, Trip

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gateway.rollout.state import RolloutState
    from gateway.rollout.store import RolloutStore


@dataclass(frozen=True, slots=True)
class TripState:
    """Whether a rollback stands, for all instances at once."""

    tripped: bool = False
    reason: str | None = None
    figures: Mapping[str, float | None] = field(default_factory=dict)
    at: datetime | None = None
    by: str | None = None
    version: int = 0


class TripStore:
    """Trips and acknowledgements by compare-and-set on the whole state."""

    def __init__(self, store: RolloutStore) -> None:
        self._store = store

    async def load(self) -> TripState:
        """The state that stands."""
        return _trip_state(await self._store.load())

    async def version(self) -> int:
        """The state's version."""
        return await self._store.version()

    async def trip(
        self, reason: str, figures: Mapping[str, float | None], by: str, at: datetime
    ) -> TripState:
        """Let a trip stand, unless one does."""
        while not (before := await self._store.load()).tripped:
            trip = Trip(reason, figures, by, at)
            after = replace(before, version=before.version + 1, trip=trip)
            event = RolloutEvent(after.version, at, "trip", by, reason, figures, nonce=_nonce())
            await self._store.change(before, after, event)
        return _trip_state(before)

    async def acknowledge(self, by: str, at: datetime) -> TripState:
        """End the standing trip."""
        before = await self._store.load()
        if before.trip is not None:
            after = replace(before, version=before.version + 1, trip=None, since=at)
            event = RolloutEvent(
                after.version, at, "acknowledge", by, before.trip.reason, nonce=_nonce()
            )
            await self._store.change(before, after, event)
        return await self.load()

    async def history(self, limit: int) -> list[RolloutEvent]:
        """The latest changes, newest first."""
        return await self._store.history(limit)


def _nonce() -> str:
    return secrets.token_hex(16)


def _trip_state(state: RolloutState) -> TripState:
    trip = state.trip
    if trip is None:
        return TripState(version=state.version)
    figures: Mapping[str, float | None] = trip.figures  # type: ignore[assignment]  # as they came
    return TripState(True, trip.reason, figures, trip.at, trip.by, state.version)
