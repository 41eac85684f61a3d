"""What SIGTERM and SIGINT start, before the server does what it does at them."""

import asyncio
import os
import signal
from types import SimpleNamespace

import pytest

from gateway.draining import draining_on_exit
from gateway.errors import ShuttingDownError
from gateway.guard.admission import Admission
from gateway.readiness import readiness


@pytest.fixture
def heard():
    """Stands for the server: the signals that it gets to hear."""
    numbers = []
    before = {
        number: signal.signal(number, lambda got, _: numbers.append(got))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    yield numbers
    for number, handler in before.items():
        signal.signal(number, handler)


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - a signal's effect comes without an event
            await asyncio.sleep(0)


def ready(door):
    journal = SimpleNamespace(stats=SimpleNamespace(healthy=True, pending=0))
    return readiness(journal, SimpleNamespace(store_reachable=True), door, ("gpt",))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_signal_closes_the_door_and_the_server_hears_it_too(heard, number):
    door = Admission(1)
    with draining_on_exit(door, 60):
        assert ready(door).ready
        os.kill(os.getpid(), number)
        await until(lambda: door.draining)
        assert heard == [number]
        assert not ready(door).ready
        assert ready(door).dependencies["admission"].detail == "shutting down"


async def test_a_second_signal_does_not_start_the_time_anew(heard):
    door = Admission(1)
    inside = asyncio.Event()

    async def visit():
        async with door.enter():
            inside.set()
            await asyncio.Event().wait()

    visitor = asyncio.create_task(visit())
    await inside.wait()
    with draining_on_exit(door, 0):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(ShuttingDownError):
            await asyncio.wait_for(visitor, 10)
    assert heard == [signal.SIGTERM] * 2


async def test_afterwards_the_signals_are_the_server_s_alone(heard):
    door = Admission(1)
    with draining_on_exit(door, 60):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    await until(lambda: heard == [signal.SIGTERM])
    assert not door.draining
