"""A rollout store in memory, shared by the controllers of one test, that can be away."""

from __future__ import annotations

from dataclasses import replace

from gateway.storage.errors import DatabaseAwayError, DataRefusedError
from gateway.storage.rollout_records import RolloutEvent, TripState


class SharedStore:
    """Keeps what the database would keep. ``away``: every call fails, as without a network."""

    def __init__(self):
        self.state = TripState()
        self.events = []
        self.away = False

    async def load(self):
        self._reach()
        return self.state

    async def version(self):
        self._reach()
        return self.state.version

    async def history(self, limit):
        self._reach()
        return self.events[::-1][:limit]

    async def trip(self, reason, figures, by, at):
        self._reach()
        if "\0" in reason:
            raise DataRefusedError("a text holds a NUL")
        self.state = TripState(True, reason, figures, at, by, self.state.version + 1)
        self.events.append(RolloutEvent(at, "trip", by, reason, figures, self.state.version))
        return self.state

    async def acknowledge(self, by, at):
        self._reach()
        version = self.state.version + 1
        self.state = replace(self.state, tripped=False, by=by, at=at, version=version)
        self.events.append(RolloutEvent(at, "acknowledge", by, None, {}, version))
        return self.state

    def _reach(self):
        if self.away:
            raise DatabaseAwayError("the database is away")
