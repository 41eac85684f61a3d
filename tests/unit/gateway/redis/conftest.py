"""Fixtures of this folder's tests."""

from tests.support.redis import redis_server, redis_url, shared_redis_server

__all__ = ["redis_server", "redis_url", "shared_redis_server"]
