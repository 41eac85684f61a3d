"""The rollout's own channel and key of one Redis."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from gateway.redis.connection import ANSWER_S
from gateway.rollout.wire import state_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis.asyncio import Redis
    from redis.asyncio.client import PubSub

    from gateway.rollout.state import RolloutState

_RAISE = """
local known = tonumber(redis.call('HGET', KEYS[1], 'version') or '')
local ours = tonumber(ARGV[1])
if known == nil or ours > known then
  if ours > 0 then
    redis.call('HSET', KEYS[1], 'version', ARGV[1], 'state', ARGV[2])
    redis.call('PUBLISH', ARGV[3], ARGV[4])
  end
  return false
elseif known > ours then
  return redis.call('HGET', KEYS[1], 'state')
end
return false
"""
"""Set the key and tell everybody if our version is higher; give back what is there if that is higher."""


class Place:
    """Where the processes of one rollout meet. ``namespace`` keeps it apart from other rollouts."""

    def __init__(self, redis: Redis, namespace: str) -> None:
        self._redis = redis
        self._key = f"wallbounce:{namespace}:state"
        # Channels know no database numbers, by which staging may be kept apart from production.
        number = redis.connection_pool.connection_kwargs.get("db") or 0
        self._channel = f"wallbounce:{number}:{namespace}:rollout"

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[PubSub]:
        """Subscribed: what is told from now on is heard."""
        async with self._redis.pubsub() as pubsub:
            await pubsub.subscribe(self._channel)
            async with asyncio.timeout(ANSWER_S):
                await pubsub.get_message(timeout=None)
            yield pubsub

    async def tell(self, message: bytes) -> None:
        """Tell everybody who listens."""
        await self._redis.publish(self._channel, message)

    async def version(self) -> int | None:
        """The version of the state that is kept; None without one, or one nobody can read."""
        found = await self._redis.hget(self._key, "version")
        return int(found) if found is not None and found.isdigit() else None

    async def compare(self, known: RolloutState, message: bytes) -> bytes | None:
        """Keep what is known, and tell it, if it is newer than what is kept; else what is kept, if newer."""
        newer: bytes | None = await self._redis.eval(
            _RAISE, 1, self._key, known.version, state_text(known), self._channel, message
        )
        return newer

    async def put(self, known: RolloutState) -> None:
        """Keep this, whatever is kept."""
        kept: list[bytes | int | str] = ["version", known.version, "state", state_text(known)]
        await self._redis.hset(self._key, items=kept)
