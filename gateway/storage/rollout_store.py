"""The trip all instances share: a protocol, in the database, and in memory for a process of its own.

Each change is a compare-and-set, so of instances that decide the same at once exactly one makes the
transition, and all get the state that stands afterwards.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import insert, select, update

from gateway.storage.rollout_records import EventKind, RolloutEvent, TripState
from gateway.storage.schema import rollout_events, rollout_state

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gateway.storage.sql import Database

Figures = dict[str, float | None]


class RolloutStore(Protocol):
    """Where the trip is kept. Every method may raise `gateway.storage.errors.DatabaseAwayError`."""

    async def load(self) -> TripState:
        """The state that stands."""
        ...

    async def version(self) -> int:
        """The state's version alone: cheap enough for every process to ask four times a second."""
        ...

    async def trip(
        self, reason: str, figures: Mapping[str, float | None], by: str, at: datetime
    ) -> TripState:
        """Let a trip stand; one that stands already is left as it is. Returns the one that stands."""
        ...

    async def acknowledge(self, by: str, at: datetime) -> TripState:
        """End the standing trip; without one nothing changes. Returns the state that stands."""
        ...

    async def history(self, limit: int) -> list[RolloutEvent]:
        """The latest changes, newest first."""
        ...


class InMemoryRolloutStore:
    """The trip of one process; gone when it ends. Instances share it by sharing the object."""

    def __init__(self) -> None:
        self._state = TripState()
        self._events: list[RolloutEvent] = []

    async def load(self) -> TripState:
        """The state that stands."""
        return self._state

    async def version(self) -> int:
        """The state's version."""
        return self._state.version

    async def trip(
        self, reason: str, figures: Mapping[str, float | None], by: str, at: datetime
    ) -> TripState:
        """Let a trip stand, unless one does."""
        if not self._state.tripped:
            version = self._state.version + 1
            self._keep("trip", TripState(True, reason, dict(figures), at, by, version))
        return self._state

    async def acknowledge(self, by: str, at: datetime) -> TripState:
        """End the standing trip."""
        if self._state.tripped:
            version = self._state.version + 1
            state = replace(self._state, tripped=False, at=at, by=by, version=version)
            self._keep("acknowledge", state)
        return self._state

    async def history(self, limit: int) -> list[RolloutEvent]:
        """The latest changes, newest first."""
        return self._events[::-1][:limit]

    def _keep(self, kind: EventKind, state: TripState) -> None:
        self._state = state
        self._events.append(_event(kind, state))


class SqlRolloutStore:
    """The trip in the database: shared by all processes that use it, and kept over restarts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> TripState:
        """The state that stands."""
        async with self._database.read() as connection:
            return await _load(connection)

    async def version(self) -> int:
        """The state's version."""
        async with self._database.read() as connection:
            found = await connection.execute(select(rollout_state.c.version))
            version: int = found.scalar_one()
            return version

    async def trip(
        self, reason: str, figures: Mapping[str, float | None], by: str, at: datetime
    ) -> TripState:
        """Let a trip stand, unless one does."""
        change = {"tripped": True, "reason": reason, "figures": figures, "at": at, "by": by}
        async with self._database.write() as connection:
            # Again when an earlier trip came and was acknowledged meanwhile: this one must stand.
            while not (before := await _load(connection)).tripped:
                await self._change(connection, before, "trip", **change)
            return before

    async def acknowledge(self, by: str, at: datetime) -> TripState:
        """End the standing trip."""
        async with self._database.write() as connection:
            before = await _load(connection)
            if before.tripped:
                # Not again when it changed meanwhile: a later trip is not the one that was seen.
                await self._change(connection, before, "acknowledge", tripped=False, at=at, by=by)
            return await _load(connection)

    async def history(self, limit: int) -> list[RolloutEvent]:
        """The latest changes, newest first."""
        latest = select(rollout_events).order_by(rollout_events.c.version.desc()).limit(limit)
        async with self._database.read() as connection:
            return [RolloutEvent(**row) for row in (await connection.execute(latest)).mappings()]

    async def _change(
        self, connection: AsyncConnection, before: TripState, kind: EventKind, **change: Any
    ) -> bool:
        """Set the state if it still is ``before``, and say whether it was."""
        changed = await connection.execute(
            update(rollout_state)
            .where(rollout_state.c.version == before.version)
            .values(**change, version=before.version + 1)
        )
        if changed.rowcount == 0:
            return False
        row = _row(kind, await _load(connection))
        await connection.execute(insert(rollout_events).values(**row))
        return True


async def _load(connection: AsyncConnection) -> TripState:
    columns = [column for column in rollout_state.c if column.name != "id"]
    row = (await connection.execute(select(*columns))).mappings().one()
    return TripState(**row)


def _event(kind: EventKind, state: TripState) -> RolloutEvent:
    if state.at is None or state.by is None:
        raise ValueError("a change has a time and an author")
    return RolloutEvent(state.at, kind, state.by, state.reason, state.figures, state.version)


def _row(kind: EventKind, state: TripState) -> dict[str, Any]:
    event = _event(kind, state)
    return {name: getattr(event, name) for name in RolloutEvent.__slots__}
