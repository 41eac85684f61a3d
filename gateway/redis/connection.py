"""The one door to `redis`: connections that never wait long, and what their failures are called."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ANSWER_S = 1.0
"""How long Redis may take to answer a command, or to take a connection; usual is a millisecond."""

FAILURES = (RedisError, OSError, TimeoutError)
"""What is raised by a Redis that is away, overloaded, or not the one that was meant."""


class UnreadableUrlError(ValueError):
    """The URL names no Redis. The message does not quote it: it may hold a password."""


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Redis]:
    """Connections to one Redis, made when they are used; all closed at the end.

    Nothing is tried twice: after a failure it is for the caller to know what it missed.

    Raises:
        UnreadableUrlError: The URL names none.
    """
    try:
        redis = Redis.from_url(
            url,
            protocol=2,
            socket_timeout=ANSWER_S,
            socket_connect_timeout=ANSWER_S,
            retry=Retry(NoBackoff(), 0),
            client_name="wallbounce",
        )
    except (ValueError, TypeError):
        raise UnreadableUrlError(
            "REDIS_URL cannot be read; expected for example redis://:password@host:6379/0, "
            "special characters in the password percent-encoded"
        ) from None
    try:
        yield redis
    finally:
        try:
            async with asyncio.timeout(ANSWER_S):
                await redis.aclose()
        except FAILURES:
            pass  # it was away already, or is now


def words_for(failure: BaseException) -> str:
    """What went wrong, without address and password."""
    match failure:
        case AuthenticationError() | NoPermissionError():
            return f"Redis refuses us ({type(failure).__name__})"
        case ResponseError():
            return "Redis answers that it cannot do what it was asked"
        case _:
            return f"Redis does not answer ({type(failure).__name__})"
