"""How many requests are answered at once."""

import asyncio

import pytest

from gateway.errors import OverloadedError, ShuttingDownError
from gateway.guard.admission import Admission


class Visitor:
    """A request that stays inside until it is told to leave."""

    def __init__(self, door):
        self.inside = asyncio.Event()
        self.may_leave = asyncio.Event()
        self.task = asyncio.create_task(self._visit(door))

    async def _visit(self, door):
        async with door.enter():
            self.inside.set()
            await self.may_leave.wait()

    async def leave(self):
        self.may_leave.set()
        await self.task


async def settled():
    """Let all that can run now run."""
    for _ in range(10):
        await asyncio.sleep(0)


async def entered(door, count):
    visitors = [Visitor(door) for _ in range(count)]
    await settled()
    return visitors


async def test_a_request_beyond_the_limit_is_refused_at_once_with_a_time_to_come_back():
    door = Admission(2, retry_after_s=3.0)
    inside = await entered(door, 2)
    assert door.in_flight == 2
    with pytest.raises(OverloadedError) as refused:
        async with door.enter():
            pass
    assert refused.value.retry_after_s == 3.0
    for visitor in inside:
        await visitor.leave()
    assert door.in_flight == 0


async def test_a_place_is_free_again_after_an_error_and_after_a_cancellation():
    door = Admission(1)
    with pytest.raises(ZeroDivisionError):
        async with door.enter():
            _ = 1 / 0
    (visitor,) = await entered(door, 1)
    visitor.task.cancel()
    await settled()
    async with door.enter():
        assert door.in_flight == 1


async def test_the_queue_is_served_in_order_and_refuses_when_full():
    door = Admission(1, queue=2, patience_s=60)
    first, second, third = await entered(door, 3)
    assert (door.in_flight, door.waiting) == (1, 2)
    with pytest.raises(OverloadedError):
        async with door.enter():
            pass
    await first.leave()
    await settled()
    assert (second.inside.is_set(), third.inside.is_set()) == (True, False)
    assert door.in_flight == 1
    await second.leave()
    await third.leave()
    assert (door.in_flight, door.waiting) == (0, 0)


async def test_patience_in_the_queue_ends():
    door = Admission(1, queue=1, patience_s=0)
    (first,) = await entered(door, 1)
    with pytest.raises(OverloadedError):
        async with door.enter():
            pass
    assert door.waiting == 0
    await first.leave()
    assert door.in_flight == 0


async def test_a_caller_who_leaves_the_queue_takes_no_place():
    door = Admission(1, queue=2, patience_s=60)
    first, second, third = await entered(door, 3)
    second.task.cancel()
    await first.leave()
    await settled()
    assert third.inside.is_set()
    await third.leave()
    assert (door.in_flight, door.waiting) == (0, 0)


async def test_a_caller_who_leaves_in_the_moment_its_turn_comes_passes_the_place_on():
    door = Admission(1, queue=2, patience_s=60)
    async with door.enter():
        second, third = await entered(door, 2)
    second.task.cancel()
    await settled()
    assert second.task.cancelled()
    assert third.inside.is_set()
    await third.leave()
    assert (door.in_flight, door.waiting) == (0, 0)


async def test_draining_refuses_newcomers_and_those_who_wait_and_lets_the_others_finish():
    door = Admission(1, queue=1, patience_s=60)
    inside, waiting = await entered(door, 2)
    drained = asyncio.create_task(door.drain(60))
    await settled()
    assert door.draining
    with pytest.raises(OverloadedError, match="shutting down"):
        await waiting.task
    with pytest.raises(OverloadedError, match="shutting down"):
        async with door.enter():
            pass
    assert not drained.done()
    await inside.leave()
    assert await drained is True


async def test_draining_gives_up_at_its_limit_and_says_so():
    door = Admission(1)
    (inside,) = await entered(door, 1)
    assert await door.drain(0) is False
    await inside.leave()
    assert await door.drain(0) is True


async def test_who_is_put_out_is_cancelled_and_told_why_and_a_caller_who_leaves_is_not():
    door = Admission(3, retry_after_s=2.0)
    leaving, *staying = await entered(door, 3)
    leaving.task.cancel()
    await settled()
    assert leaving.task.cancelled()
    assert door.put_out() == 2
    for visitor in staying:
        with pytest.raises(ShuttingDownError, match="shutting down") as told:
            await visitor.task
        assert told.value.retry_after_s == 2.0
    assert door.in_flight == 0
    assert await door.drain(0) is True


async def test_a_time_out_of_the_request_s_own_is_no_shutdown():
    door = Admission(1)
    with pytest.raises(TimeoutError):
        async with door.enter():
            raise TimeoutError
    assert door.in_flight == 0


def test_a_door_that_lets_nobody_in_is_refused():
    with pytest.raises(ValueError, match="no door"):
        Admission(0)
