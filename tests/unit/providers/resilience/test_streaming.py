"""Streams: begun elsewhere before their first piece, never after; and never silent for ever."""

import asyncio
from contextlib import aclosing

import pytest

from providers import errors
from providers.messages import Completion, FinishReason, Prompt, TextDelta
from providers.provider import Deadline
from providers.resilience.terms import Terms
from tests.support.resilience import resilient
from tests.support.virtual_time import in_virtual_time

PROMPT = Prompt.of("?")
TERMS = Terms(stall_s=30.0)


class Streaming:
    """Plays pieces: texts, seconds to wait, errors to raise. Whole when all were played."""

    name, vendor, model = "p", "scripted", "m"

    def __init__(self, *play):
        self.play = play
        self.begun = self.closed = 0

    async def complete(self, prompt, deadline, *, repeat_billed=True):
        raise NotImplementedError

    async def stream(self, prompt, deadline, *, repeat_billed=False):
        self.begun += 1
        said = []
        try:
            for step in self.play:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, str):
                    said.append(step)
                    yield TextDelta(step)
                else:
                    await asyncio.sleep(step)
            yield Completion("".join(said), "m", FinishReason.STOP)
        finally:
            self.closed += 1


def now():
    return asyncio.get_running_loop().time()


async def said(provider, reading_s=0.0, **terms):
    texts = []
    async with aclosing(provider.stream(PROMPT, Deadline(now() + 1_000), **terms)) as items:
        async for item in items:
            await asyncio.sleep(reading_s)
            if isinstance(item, TextDelta):
                texts.append(item.text)
    return texts


async def knowing(*places, first_s=0.5):
    provider = resilient(*places, terms=TERMS)
    for endpoint in provider.endpoints:
        for n in range(20):
            endpoint.first.learn(first_s, float(n))
    return provider


@in_virtual_time
async def test_a_stream_silent_in_the_middle_is_a_cut_one_after_thirty_seconds():
    a = Streaming("one", 100.0, "two")
    provider = resilient(a, terms=TERMS)
    source = provider.stream(PROMPT, Deadline(1_000))
    assert await anext(source) == TextDelta("one")
    with pytest.raises(errors.CutReplyError, match="silent for 30 s"):
        await anext(source)
    assert 30.0 <= now() <= 60.0
    assert (a.begun, a.closed) == (1, 1)
    endpoint = provider.endpoints[0]
    assert (endpoint.under_way, endpoint.gate.limiter.in_flight) == (0, 0)


@in_virtual_time
async def test_pieces_that_come_now_and_then_are_no_silence():
    a = Streaming(*["x", 29.0] * 10)
    assert await said(resilient(a, terms=TERMS)) == ["x"] * 10


@in_virtual_time
async def test_a_reader_who_takes_long_is_no_silence_of_the_vendor():
    a = Streaming("one", 1.0, "two")
    assert await said(resilient(a, terms=TERMS), reading_s=100.0) == ["one", "two"]


@in_virtual_time
async def test_without_a_limit_a_silence_lasts_as_long_as_it_lasts():
    a = Streaming("one", 300.0, "two")
    assert await said(resilient(a, terms=Terms(stall_s=None))) == ["one", "two"]


@in_virtual_time
async def test_a_callers_own_cancelling_is_no_silence():
    a = Streaming("one", 100.0)
    task = asyncio.create_task(said(resilient(a, terms=TERMS)))
    await asyncio.sleep(10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert a.closed == 1


@in_virtual_time
async def test_five_streams_that_fall_silent_open_the_circuit():
    a = Streaming("one", 100.0)
    provider = resilient(a, terms=TERMS)
    ended = await asyncio.gather(*(said(provider) for _ in range(5)), return_exceptions=True)
    assert [type(error) for error in ended] == [errors.CutReplyError] * 5
    assert not provider.available(now())


@in_virtual_time
async def test_a_stream_that_fails_before_its_first_piece_is_begun_at_another_endpoint():
    a, b = Streaming(errors.ServerError("p", "")), Streaming("b")
    assert await said(resilient(a, b, terms=TERMS)) == ["b"]
    assert (a.closed, b.closed) == (1, 1)


@in_virtual_time
async def test_a_stream_that_does_not_begin_is_begun_elsewhere_after_three_times_the_usual():
    a, b = Streaming(100.0, "late"), Streaming(0.1, "b")
    provider = await knowing(a, b)
    assert await said(provider, repeat_billed=True) == ["b"]
    assert now() == pytest.approx(1.5 + 0.1, rel=0.05)
    assert a.closed == 1
    assert [e.under_way for e in provider.endpoints] == [0, 0]


@in_virtual_time
async def test_at_an_endpoint_nobody_knows_it_is_three_times_what_the_others_take():
    a, b = Streaming(100.0, "late"), Streaming(0.1, "b")
    provider = resilient(a, b, terms=TERMS)
    for n in range(20):
        provider.endpoints[1].first.learn(0.5, float(n))
    provider.endpoints[1].under_way = 1  # so that the first is asked
    assert await said(provider, repeat_billed=True) == ["b"]
    assert now() == pytest.approx(1.5 + 0.1, rel=0.05)


@in_virtual_time
async def test_an_endpoint_whose_streams_begin_slower_than_its_siblings_becomes_known():
    a, b = Streaming(2.0, "far"), Streaming(0.1, "near")
    provider = resilient(a, b, terms=TERMS)
    for n in range(20):
        provider.endpoints[1].first.learn(0.1, float(n))
    provider.endpoints[1].under_way = 30  # so that the first is asked
    ends = [await said(provider, repeat_billed=True) for _ in range(20)]
    assert ends.count(["near"]) <= 4
    assert ends[-10:] == [["far"]] * 10
    assert provider.endpoints[0].circuit.opens == 0


@pytest.mark.parametrize("alone", [True, False], ids=["nowhere else to go", "it may be billed"])
def test_a_stream_that_does_not_begin_is_waited_for_where_it_may_not_be_repeated(alone):
    @in_virtual_time
    async def scenario():
        a, b = Streaming(20.0, "late"), Streaming("b")
        provider = await knowing(*([a] if alone else [a, b]))
        assert await said(provider, repeat_billed=alone) == ["late"]
        assert b.begun == 0

    scenario()


@in_virtual_time
async def test_after_its_first_piece_a_stream_is_never_begun_again():
    a, b = Streaming("one", errors.ServerError("p", "")), Streaming("b")
    with pytest.raises(errors.ServerError):
        await said(resilient(a, b, terms=TERMS), repeat_billed=True)
    assert b.begun == 0


@in_virtual_time
async def test_a_stream_holds_its_place_until_it_ends():
    a = Streaming("one", 10.0, "two")
    provider = resilient(a, terms=TERMS)
    task = asyncio.create_task(said(provider))
    await asyncio.sleep(5)
    assert provider.endpoints[0].gate.limiter.in_flight == 1
    await task
    assert provider.endpoints[0].gate.limiter.in_flight == 0


@in_virtual_time
async def test_an_adapter_that_ends_without_a_word_is_an_empty_reply():
    class Mute(Streaming):
        async def stream(self, prompt, deadline, *, repeat_billed=False):
            return
            yield

    with pytest.raises(errors.EmptyReplyError):
        await said(resilient(Mute(), terms=TERMS))
