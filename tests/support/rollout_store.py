"""The shipped rollout store in memory, shared by the controllers of one test, that can be away."""

from __future__ import annotations

from gateway.rollout.store import InMemoryRolloutStore
from gateway.rollout.trip_store import TripStore, _trip_state
from gateway.storage.errors import DatabaseAwayError, DataRefusedError


class SharedStore(TripStore):
    """``away``: every call fails, as without a network."""

    def __init__(self):
        self._inner = InMemoryRolloutStore()
        super().__init__(self._inner)
        self.away = False

    @property
    def state(self):
        return _trip_state(self._inner._state)

    @property
    def events(self):
        return self._inner._events

    async def load(self):
        self._reach()
        return await super().load()

    async def version(self):
        self._reach()
        return await super().version()

    async def history(self, limit):
        self._reach()
        return await super().history(limit)

    async def trip(self, reason, figures, by, at):
        self._reach()
        if "\0" in reason:
            raise DataRefusedError("a text holds a NUL")
        return await super().trip(reason, figures, by, at)

    async def acknowledge(self, by, at):
        self._reach()
        return await super().acknowledge(by, at)

    def _reach(self):
        if self.away:
            raise DatabaseAwayError("the database is away")
