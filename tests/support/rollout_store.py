"""A rollout store in memory, shared by the controllers of one test, that can be away."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class State:
    """The fields of a stored trip state."""

    tripped: bool = False
    reason: str | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    by: str | None = None
    version: int = 0


class SharedStore:
    """Keeps what the database would keep. ``away``: every call fails, as without a network."""

    def __init__(self):
        self.state = State()
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
        self.state = State(True, reason, figures, at, by, self.state.version + 1)
        self.events.append(("trip", reason, by))
        return self.state

    async def acknowledge(self, by, at):
        self._reach()
        version = self.state.version + 1
        self.state = replace(self.state, tripped=False, by=by, at=at, version=version)
        self.events.append(("acknowledge", None, by))
        return self.state

    def _reach(self):
        if self.away:
            raise ConnectionError("the database is away")
