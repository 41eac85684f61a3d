"""The shipped rollout store in memory, shared by the controllers of one test, that can be away."""

from __future__ import annotations

from gateway.rollout.store import InMemoryRolloutStore
from gateway.storage_errors import DatabaseAwayError, DataRefusedError


class SharedStore(InMemoryRolloutStore):
    """``away``: every call fails, as without a network."""

    def __init__(self):
        super().__init__()
        self.away = False

    @property
    def state(self):
        return self._state

    @property
    def events(self):
        return self._events

    async def load(self):
        self._reach()
        return await super().load()

    async def version(self):
        self._reach()
        return await super().version()

    async def history(self, limit, before=None):
        self._reach()
        return await super().history(limit, before)

    async def change(self, before, after, event):
        self._reach()
        if "\0" in (event.reason or ""):
            raise DataRefusedError("a text holds a NUL")
        return await super().change(before, after, event)

    def _reach(self):
        if self.away:
            raise DatabaseAwayError("the database is away")
