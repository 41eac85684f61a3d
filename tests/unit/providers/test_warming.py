"""Connections that are open before they are needed."""

import asyncio

from providers.errors import ConnectionFailedError
from providers.warming import EVERY_S, RESTING_S, keep_warm
from tests.support.providers import ScriptedProvider, says
from tests.support.resilience import endpoint_of
from tests.support.virtual_time import in_virtual_time


class Warm(ScriptedProvider):
    """Counts the connections it is to open; fails while ``down``."""

    down = False
    opened = 0

    async def warm(self):
        self.opened += 1
        if self.down:
            raise ConnectionFailedError(self.name, "nobody there")


async def kept_warm(endpoints, seconds, failures=None):
    def fail(endpoint, error):
        (failures if failures is not None else []).append((endpoint.name, error.code))

    task = asyncio.create_task(keep_warm(endpoints, fail))
    await asyncio.sleep(seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@in_virtual_time
async def test_each_endpoint_gets_a_connection_at_once_and_again_before_it_grows_old():
    a, b = Warm("gpt", ()), Warm("gpt", ())
    await kept_warm([endpoint_of("a", a), endpoint_of("b", b)], 0.1)
    assert (a.opened, b.opened) == (1, 1)
    await kept_warm([endpoint_of("a", a)], 2.5 * EVERY_S)
    assert a.opened == 1 + 3


@in_virtual_time
async def test_an_endpoint_nobody_asks_is_left_in_peace_until_it_is_asked_again():
    provider = Warm("gpt", ())
    endpoint = endpoint_of("a", provider)
    task = asyncio.create_task(keep_warm([endpoint], lambda endpoint, error: None))
    await asyncio.sleep(RESTING_S + EVERY_S)
    rested = provider.opened
    await asyncio.sleep(10 * EVERY_S)
    assert provider.opened == rested
    endpoint.asked += 1
    await asyncio.sleep(1.5 * EVERY_S)
    assert provider.opened > rested
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@in_virtual_time
async def test_a_vendor_that_is_away_is_told_of_and_keeps_nobody_else_cold():
    a, b, failures = Warm("gpt", ()), Warm("claude", ()), []
    a.down = True
    await kept_warm([endpoint_of("a", a), endpoint_of("b", b)], 1.5 * EVERY_S, failures)
    assert failures == [("a", "connection_failed")] * 2
    assert b.opened == 2


@in_virtual_time
async def test_an_adapter_that_cannot_be_warmed_is_left_as_it_is():
    await kept_warm([endpoint_of("a", says("local", "x"))], 3 * EVERY_S)
