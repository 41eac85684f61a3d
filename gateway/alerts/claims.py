"""Which of several processes tells a thing they all see: whoever claims it first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Claims(Protocol):
    """Claims shared by all processes; in Redis, ``SET key NX EX ttl`` and ``DEL key``.

    Both raise what they like when the shared place is away: then everybody tells.
    """

    async def claim(self, key: str, ttl_s: float) -> bool:
        """Whether the key was free; it is taken then, until released or ``ttl_s`` later."""
        ...

    async def release(self, key: str) -> None:
        """Free a key that this process has claimed."""
        ...


class OwnClaims:
    """The claims of a process that is alone."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._until: dict[str, float] = {}

    async def claim(self, key: str, ttl_s: float) -> bool:
        """Whether the key was free."""
        now = self._monotonic()
        self._until = {k: until for k, until in self._until.items() if until > now}
        if key in self._until:
            return False
        self._until[key] = now + ttl_s
        return True

    async def release(self, key: str) -> None:
        """Free it."""
        self._until.pop(key, None)
