"""One of several processes tells: claims in a real Redis."""

import asyncio

import pytest

from gateway.redis.claims import RedisClaims
from gateway.redis.connection import FAILURES, opened
from tests.support.redis import redis_server, redis_url, shared_redis_server

__all__ = ["redis_server", "redis_url", "shared_redis_server"]


@pytest.fixture
async def two(redis_url):
    """The claims of two processes."""
    async with opened(redis_url) as first, opened(redis_url) as second:
        yield RedisClaims(first, "rollout"), RedisClaims(second, "rollout")


async def test_of_many_who_claim_at_once_one_gets_it(two):
    a, b = two
    got = await asyncio.gather(*(claims.claim("alert/x", 60) for claims in (a, b) * 10))
    assert got.count(True) == 1


async def test_what_its_owner_releases_another_gets(two):
    a, b = two
    assert await a.claim("alert/x", 60)
    assert not await b.claim("alert/x", 60)
    await a.release("alert/x")
    assert await b.claim("alert/x", 60)


async def test_nobody_releases_what_is_anothers(two):
    a, b = two
    await a.claim("alert/x", 60)
    await b.release("alert/x")
    assert not await b.claim("alert/x", 60)


async def test_a_claim_runs_out(two):
    a, b = two
    await a.claim("alert/x", 0.05)
    async with asyncio.timeout(20):
        while not await b.claim("alert/x", 60):  # noqa: ASYNC110 - Redis sets no event
            await asyncio.sleep(0.01)
    await a.release("alert/x")  # it is no longer a's to release
    assert not await a.claim("alert/x", 60)


async def test_rollouts_that_share_a_redis_do_not_hear_of_each_other(redis_url):
    async with opened(redis_url) as redis:
        assert await RedisClaims(redis, "staging").claim("alert/x", 60)
        assert await RedisClaims(redis, "production").claim("alert/x", 60)


async def test_a_redis_that_is_gone_is_a_failure_that_is_raised(redis_server):
    async with opened(redis_server.url) as redis:
        claims = RedisClaims(redis, "rollout")
        assert await claims.claim("alert/x", 60)
        redis_server.kill()
        with pytest.raises(FAILURES):
            await claims.claim("alert/y", 60)
