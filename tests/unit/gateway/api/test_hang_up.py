"""A block that ends when the caller hangs up, and only then."""

import asyncio

import pytest

from gateway.api.hang_up import WhileThere
from gateway.errors import CallerGoneError
from tests.support.virtual_time import in_virtual_time


def leaving_after(seconds):
    async def receive():
        await asyncio.sleep(seconds)
        return {"type": "http.disconnect"}

    return receive


async def staying():
    await asyncio.Event().wait()


@in_virtual_time
async def test_a_caller_who_stays_gets_the_result():
    async with WhileThere(leaving_after(5)):
        await asyncio.sleep(1)
    assert asyncio.current_task().cancelling() == 0
    await asyncio.sleep(10)  # nothing cancels what comes after


@in_virtual_time
async def test_a_caller_who_leaves_cancels_what_runs_and_that_alone():
    ended = []
    with pytest.raises(CallerGoneError):
        async with WhileThere(leaving_after(5)):
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(asyncio.get_running_loop().time())
    assert ended == [5]
    assert asyncio.current_task().cancelling() == 0
    await asyncio.sleep(1)


@in_virtual_time
async def test_others_cancelling_stays_others():
    async def block():
        async with WhileThere(staying):
            await asyncio.Event().wait()

    task = asyncio.create_task(block())
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()
    await asyncio.sleep(0)


@in_virtual_time
async def test_an_error_within_passes_through():
    with pytest.raises(KeyError):
        async with WhileThere(staying):
            raise KeyError
    await asyncio.sleep(0)


@in_virtual_time
async def test_a_time_out_within_is_no_hanging_up():
    with pytest.raises(TimeoutError):
        async with WhileThere(leaving_after(9)), asyncio.timeout(3):
            await asyncio.Event().wait()
    await asyncio.sleep(0)


@in_virtual_time
async def test_work_that_ends_although_it_is_cancelled_keeps_its_result():
    async with WhileThere(leaving_after(1)):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            result = "saved"
    assert result == "saved"
    await asyncio.sleep(1)
