"""What waits for a slow reader stays bounded, and nothing of it is lost or moved."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.backlog import Backlog
from gateway.events import Accepted, Delta
from tests.support.virtual_time import in_virtual_time, run_in_virtual_time

VOTE = Accepted("r-1", "legacy", ())


@in_virtual_time
async def test_texts_that_wait_become_one():
    backlog = Backlog()
    for n in range(10_000):
        backlog.put(Delta(str(n % 10)))
    assert len(backlog) == 1
    assert await backlog.take() == [Delta("0123456789" * 1_000)]


@given(st.lists(st.one_of(st.none(), st.text(min_size=1, max_size=3)), max_size=30))
def test_however_it_is_read_the_order_and_the_text_stand(said):
    async def read():
        backlog, taken = Backlog(), []
        for number, text in enumerate(said):
            backlog.put(VOTE if text is None else Delta(text))
            if number % 3 == 0:
                taken += await backlog.take()
        backlog.close()
        while events := await backlog.take():
            taken += events
        return taken

    taken = run_in_virtual_time(read())
    written = [e.text if isinstance(e, Delta) else "|" for e in taken]
    assert "".join(written) == "".join("|" if text is None else text for text in said)


@in_virtual_time
async def test_a_reader_waits_for_what_comes_and_is_told_when_nothing_does():
    backlog = Backlog()
    asyncio.get_running_loop().call_later(5, backlog.put, VOTE)
    with pytest.raises(TimeoutError):
        await backlog.take(4)
    assert await backlog.take(4) == [VOTE]


@in_virtual_time
async def test_the_end_is_nothing_more():
    backlog = Backlog()
    backlog.put(VOTE)
    backlog.close()
    assert [await backlog.take(), await backlog.take(), await backlog.take()] == [[VOTE], [], []]
