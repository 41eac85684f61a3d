"""Waiting for the next of several tasks."""

import asyncio

from consensus.arrivals import Arrivals


async def _ended(answered: asyncio.Event) -> None:
    await answered.wait()


async def test_whoever_waits_is_woken_by_each_task_that_ends():
    events = [asyncio.Event() for _ in range(3)]
    tasks = [asyncio.create_task(_ended(event)) for event in events]
    far = asyncio.get_running_loop().time() + 3600
    seen = []
    with Arrivals(tasks) as arrivals:
        for event in events:
            event.set()
            await arrivals.next(far)
            seen.append(sum(task.done() for task in tasks))
    assert seen == [1, 2, 3]


async def test_the_wait_ends_at_its_time_and_again_at_the_same_time():
    never = asyncio.create_task(_ended(asyncio.Event()))
    now = asyncio.get_running_loop().time()
    with Arrivals([never]) as arrivals:
        await arrivals.next(now)
        await arrivals.next(now)
    assert not never.done()
    never.cancel()


async def test_nothing_is_left_on_the_tasks_and_no_timer_runs_on():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(_ended(asyncio.Event()))
    with Arrivals([task]) as arrivals:
        waiting = asyncio.create_task(arrivals.next(loop.time() + 3600))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
    assert waiting.cancelled()
    assert task.remove_done_callback(arrivals._wake) == 0
    task.cancel()
