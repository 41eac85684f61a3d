"""Claims on what is to be told once, shared by all processes (`gateway.alerts.claims.Claims`)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redis.asyncio import Redis

_FREE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"
"""Free a key if it is still ours: it may have run out, and be another's by now."""


class RedisClaims:
    """``SET NX`` with a lifetime. Whatever breaks is raised: the caller tells by itself then.

    Args:
        redis: The connections, opened and closed by the caller.
        namespace: Keeps rollouts apart that share a Redis.
    """

    def __init__(self, redis: Redis, namespace: str) -> None:
        self._redis = redis
        self._prefix = f"wallbounce:{namespace}:alerts:"
        self._owner = secrets.token_hex(8)

    async def claim(self, key: str, ttl_s: float) -> bool:
        """Whether the key was free; it is ours then, until released or ``ttl_s`` later."""
        lifetime_ms = max(1, round(ttl_s * 1000))
        taken = await self._redis.set(self._prefix + key, self._owner, nx=True, px=lifetime_ms)
        return bool(taken)

    async def release(self, key: str) -> None:
        """Free a key that this process has claimed."""
        await self._redis.eval(_FREE, 1, self._prefix + key, self._owner)
